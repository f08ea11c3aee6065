#include "command/diff_inside.h"

#include <string.h>

#include "base/escape.h"
#include "base/saturate.h"
#include "base/units.h"
#include "history/sql.h"
#include "render/number.h"
#include "render/writer.h"

enum { TITLE_WIDTH = 60, NAME_WIDTH = 100, WORD_WIDTH = 60 };

/* Where the columns of a change are that are told in words. */
enum { TYPE_BEFORE = 5, TYPE_AFTER, REASON_BEFORE, REASON_AFTER, WIRE_BEFORE };

/* A word or a name of others, as it stands in the midst of a line. */
static void add_name(struct haul_diff *d, const char *name, size_t width)
{
    const char *shown = haul_text_table_shown(&d->table, name);

    if (d->table.is_markdown)
        haul_render_add_code(&d->table.line, shown);
    else
        haul_escape_terminal_middle(&d->table.line, shown, strlen(shown), d->table.term.utf8,
                                    width);
}

/* ---- the head ---- */

/* "2 now failing, the rest +1.2 MiB (+3.1 %)": what fails has not made it smaller. */
static void add_gain(struct haul_diff *d)
{
    int64_t gained = haul_saturate_sub(d->gain.after, d->gain.before);
    struct haul_buf *line = &d->table.line;

    haul_render_add_apart(line, d->count);
    haul_buf_add_str(line, haul_render_change(gained).text);
    if (d->gain.before > 0) /* from nothing there is no percentage */
        haul_buf_addf(line, " (%s)",
                      haul_render_signed_share((double)gained, (double)d->gain.before).text);
    haul_render_add_newly_known(line, d->gain.newly_known);
    if (d->count[HAUL_CHANGE_WIRE])
        haul_render_add_wire_gain(line, d->gain.wire_before, d->gain.wire_after);
}

/* "www.example.com: ", or the title of a section. */
static void add_title(struct haul_diff *d)
{
    struct haul_buf *line = &d->table.line;

    haul_buf_add_str(line, d->table.is_markdown ? "## haul: " : "");
    if (d->title.len) {
        add_name(d, haul_buf_str(&d->title), TITLE_WIDTH);
        haul_buf_add_str(line, ": ");
    }
    haul_buf_add_str(line, d->table.is_markdown ? "changes\n\n" : "");
}

static void add_minor(struct haul_diff *d)
{
    if (d->minor)
        haul_buf_addf(&d->table.line, ", %s left out (--change-min, --ignore-change)",
                      haul_render_grouped(d->minor).text);
}

/* "www.example.com: +1.2 MiB (+3.1 %): 12 added, 3 gone" */
static void add_headline(struct haul_diff *d)
{
    struct haul_buf *line = &d->table.line;
    const char *comma = ": ", *mark = d->table.is_markdown ? "**" : "";

    add_title(d);
    haul_buf_add_str(line, mark);
    if (d->hole) {
        haul_buf_addf(line, "%s%s\n%s", d->hole, mark, *mark ? "\n" : "");
        return;
    }
    if (!d->changes) {
        haul_buf_add_str(line, "no difference");
        add_minor(d);
        haul_buf_addf(line, "%s\n%s", mark, *mark ? "\n" : "");
        return;
    }
    add_gain(d);
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++)
        if (d->count[i] && !haul_change_is_apart((enum haul_change)i)) {
            haul_buf_add_str(line, comma);
            haul_units_add_grouped(line, (int64_t)d->count[i]);
            haul_buf_addf(line, " %s", haul_change_texts[i]);
            comma = ", ";
        }
    add_minor(d);
    haul_buf_addf(line, "%s\n%s", mark, *mark ? "\n" : "");
}

/* "before: 10,000 URLs, 38.2 MiB, 3 failed (site.db@12, 2026-11-22 03:00 UTC)" */
static void add_side(struct haul_diff *d, const char *which, const struct haul_diff_side *side)
{
    struct haul_buf *line = &d->table.line;

    haul_buf_addf(line, "%s%s: ", d->table.is_markdown ? "- " : "", which);
    haul_units_add_grouped(line, side->count);
    haul_buf_addf(line, " URL%s, ", side->count == 1 ? "" : "s");
    haul_units_add_bytes(line, side->size);
    haul_buf_add_str(line, ", ");
    if (side->wire >= 0 && side->wire != side->size) {
        haul_units_add_bytes(line, side->wire);
        haul_buf_add_str(line, " on the wire, ");
    }
    haul_units_add_grouped(line, side->failed);
    haul_buf_add_str(line, " failed (");
    add_name(d, haul_buf_str(&side->name), NAME_WIDTH);
    if (side->started_us)
        haul_buf_addf(line, ", %s", haul_render_date(side->started_us).text);
    haul_buf_add_str(line, ")\n");
}

static enum haul_err add_warning(struct haul_diff *d)
{
    int64_t complete;
    enum haul_err err =
        haul_sql_number(haul_store_db(d->store),
                        "SELECT complete FROM main.run ORDER BY id DESC LIMIT 1", &complete);

    if (!err && !complete && !d->hole)
        haul_buf_addf(&d->table.line,
                      "%sthe run is not complete: what is missing from it does not "
                      "count as gone\n",
                      d->table.is_markdown ? "\n" : "");
    return err;
}

static void add_rest(struct haul_diff *d, uint64_t rest)
{
    if (!d->config->top || !rest)
        return;
    haul_buf_addf(&d->table.line, "%sand %s more (--top)\n", d->table.is_markdown ? "\n" : "",
                  haul_render_grouped(rest).text);
}

static const char *text_of_change(int kind)
{
    return kind >= 0 && kind < HAUL_CHANGE_COUNT ? haul_change_texts[kind] : "";
}

/* Of three columns: the sizes before and after, and what they differ by, if that is known: what
 * fails has not become smaller. */
static void add_sizes(struct haul_diff *d, sqlite3_stmt *row, int first, bool is_known)
{
    if (is_known)
        haul_buf_add_str(&d->table.cell,
                         haul_render_change(sqlite3_column_int64(row, first + 2)).text);
    else
        haul_buf_add_char(&d->table.cell, '-');
    haul_text_table_pad(&d->table, 12);
    haul_text_table_add_size(&d->table, haul_sql_known(row, first));
    haul_buf_add_str(&d->table.cell, " > ");
    haul_text_table_add_size(&d->table, haul_sql_known(row, first + 1));
    haul_text_table_pad(&d->table, 24);
}

static bool has_another_type(sqlite3_stmt *row)
{
    const char *before = haul_sql_text(row, TYPE_BEFORE), *after = haul_sql_text(row, TYPE_AFTER);

    return sqlite3_column_int(row, 0) == HAUL_CHANGE_TYPE ||
           (*before && *after && strcmp(before, after) != 0);
}

/* What is said of a change besides its sizes: why the page fails, why it did, what type it was and
 * is. Returns whether there is something. */
static bool add_detail(struct haul_diff *d, sqlite3_stmt *row)
{
    int kind = sqlite3_column_int(row, 0);
    int reason = kind == HAUL_CHANGE_FAILING ? REASON_AFTER : REASON_BEFORE;

    if (kind == HAUL_CHANGE_FAILING || kind == HAUL_CHANGE_RECOVERED) {
        haul_buf_add_str(&d->table.line, kind == HAUL_CHANGE_FAILING ? "" : "from ");
        add_name(d, haul_sql_text(row, reason), WORD_WIDTH);
        return true;
    }
    if (kind == HAUL_CHANGE_ADDED || kind == HAUL_CHANGE_GONE || !has_another_type(row))
        return false;
    for (int i = TYPE_BEFORE; i <= TYPE_AFTER; i++) {
        const char *type = haul_sql_text(row, i);

        haul_buf_add_str(&d->table.line, i == TYPE_AFTER ? " to " : "");
        add_name(d, *type ? type : "(none)", WORD_WIDTH);
    }
    return true;
}

static void add_change(struct haul_diff *d, sqlite3_stmt *row)
{
    haul_text_table_learn(&d->table, haul_sql_text(row, 1));
    haul_text_table_cell(&d->table, text_of_change(sqlite3_column_int(row, 0)), 13);
    if (sqlite3_column_int(row, 0) == HAUL_CHANGE_WIRE)
        add_sizes(d, row, WIRE_BEFORE, true);
    else
        add_sizes(d, row, 2, sqlite3_column_int(row, HAUL_DIFF_CHANGE_COLUMNS));
    haul_buf_add_str(&d->table.line, d->table.is_markdown ? "| " : "");
    if (add_detail(d, row) && !d->table.is_markdown)
        haul_buf_add_str(&d->table.line, ": ");
    haul_buf_add_str(&d->table.line, d->table.is_markdown ? " " : "");
    haul_text_table_last(&d->table, haul_sql_text(row, 1));
}

static void add_group(struct haul_diff *d, sqlite3_stmt *row)
{
    const char *name = haul_sql_text(row, 0);

    haul_units_add_grouped(&d->table.cell, sqlite3_column_int64(row, 3));
    haul_buf_add_str(&d->table.cell, " changed");
    haul_text_table_pad(&d->table, 14);
    add_sizes(d, row, 4, sqlite3_column_int64(row, HAUL_DIFF_GROUP_COLUMNS) > 0);
    haul_text_table_last(&d->table, *name ? name : "(none)");
}

/* The first rows of a query that was prepared with `err`, and how many there are besides. Frees it.
 */
static enum haul_err write_top(struct haul_diff *d, enum haul_err err, sqlite3_stmt *query,
                               void (*add)(struct haul_diff *d, sqlite3_stmt *row))
{
    uint64_t rest = 0;

    for (int64_t i = 0; !err; i++) {
        err = haul_sql_step(query);
        if (!err && i < d->config->top)
            add(d, query);
        else if (!err)
            rest++;
    }
    haul_text_table_learn(&d->table, NULL);
    sqlite3_finalize(query);
    add_rest(d, rest);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

static enum haul_err write_changes(struct haul_diff *d)
{
    sqlite3_stmt *query;
    enum haul_err err = haul_diff_prepare_changes(d, &query);

    if (!err && d->changes && d->config->top)
        haul_text_table_begin(&d->table, "Largest changes",
                              "change | bytes | before > now | why | URL", "---|--:|--:|---|---");
    return write_top(d, err, query, add_change);
}

static enum haul_err write_group_table(struct haul_diff *d)
{
    sqlite3_stmt *query = NULL;
    enum haul_err err;

    if (!d->config->group_by)
        return HAUL_OK;
    haul_text_table_begin(&d->table, "Groups", "URLs | bytes | before > now | group",
                          "--:|--:|--:|---");
    err = haul_diff_prepare_groups(d, &query);
    return write_top(d, err, query, add_group);
}

enum haul_err haul_diff_write_text(struct haul_diff *d)
{
    enum haul_err err;

    add_headline(d);
    add_side(d, "before", &d->before);
    add_side(d, "now", &d->now);
    err = add_warning(d);
    if (!err)
        err = write_changes(d);
    if (!err)
        err = write_group_table(d);
    return haul_store_note(d->store, err);
}
