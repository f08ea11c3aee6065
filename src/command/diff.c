#include "command/command.h"

#include "base/saturate.h"
#include "base/units.h"
#include "command/text_table.h"
#include "engine/confine.h"
#include "haul/exit.h"
#include "history/diff.h"
#include "history/import.h"
#include "history/sql.h"
#include "model/config_rules.h"
#include "render/number.h"
#include "summary/query.h"

struct totals {
    int64_t size, count, failed;
};

struct diff {
    const struct haul_config *config;
    struct haul_store *store;
    struct haul_text_table table;
    uint64_t count[HAUL_CHANGE_COUNT];
    uint64_t changes;
    struct haul_diff_totals gain;
    struct totals before, now;
    const char *hole; /* that one of the two has no URL, or NULL */
};

/* ---- reading both ---- */

static enum haul_err pick_names(struct diff *d, const char *name[2])
{
    size_t count = 0;

    for (size_t i = 0; i < d->config->source_count; i++) {
        if (d->config->source[i].kind != HAUL_SOURCE_URL)
            continue; /* a configuration file's list is for runs */
        if (count < 2)
            name[count] = d->config->source[i].text;
        count++;
    }
    if (count == 2 || (count == 1 && haul_import_is_history(name[0])))
        return HAUL_OK;
    haul_buf_add_str(&d->table.message,
                     "name two runs: haul diff OLD NEW, each a journal or a run in a "
                     "history (FILE@5, FILE@-1), or one history");
    return HAUL_ERR_USAGE;
}

/* What is compared with is what was asked for, even if it was not complete. */
static enum haul_err import_old(struct diff *d, const char *name)
{
    enum haul_err err = haul_import_run(d->store, name, &d->table.message);

    if (!err)
        err = haul_store_note(
            d->store, haul_sql_run(haul_store_db(d->store), "UPDATE main.run SET complete = 1"));
    return err;
}

static enum haul_err import_last_two(struct diff *d, const char *path)
{
    struct haul_buf name;
    enum haul_err err;

    haul_buf_init(&name, 0);
    haul_buf_addf(&name, "%s@-2", path);
    err = name.err ? name.err : import_old(d, haul_buf_str(&name));
    haul_buf_done(&name);
    return err ? err : haul_import_run(d->store, path, &d->table.message);
}

static enum haul_err import_both(struct diff *d)
{
    const struct haul_store_options options = {
        .several = true,
        .today = {.ignored = &d->config->ignore_params, .redactor = d->table.redactor}};
    const char *name[2] = {NULL, NULL};
    enum haul_err err = pick_names(d, name);

    if (!err)
        err = haul_store_open(&options, &d->store, &d->table.message);
    if (err)
        return err;
    if (!name[1])
        return import_last_two(d, name[0]);
    err = import_old(d, name[0]);
    return err ? err : haul_import_run(d->store, name[1], &d->table.message);
}

/* ---- rows ---- */

static const char change_sql[] =
    "SELECT kind, url, before, after, delta, coalesce(type_before, ''), coalesce(type_after, ''),"
    " is_counted"
    " FROM temp.change ORDER BY abs(coalesce(delta, after, before, 0)) DESC, kind, url";

/* Of a group of which all have failed, nothing is known. */
#define KNOWN_SIZE "iif(count(size), haul_sum(size), NULL) AS size"

/* Takes: what to group by, four times. A group that is only in one of the two is there, too; and a
 * page that has gone from one to another has changed both. */
static const char group_sql[] =
    "WITH n AS (SELECT %s AS name, count(*) AS count, " KNOWN_SIZE ","
    "  haul_sum(counted) AS counted FROM " HAUL_DIFF_NOW " p GROUP BY 1),"
    " b AS (SELECT %s AS name, count(*) AS count, " KNOWN_SIZE ","
    "  haul_sum(counted) AS counted FROM " HAUL_DIFF_BEFORE " p GROUP BY 1),"
    " c AS (SELECT name, count(*) AS count FROM"
    "  (SELECT page, %s AS name FROM " HAUL_DIFF_NOW " p WHERE kind IS NOT NULL"
    "   UNION SELECT page, %s FROM " HAUL_DIFF_BEFORE " p WHERE kind IS NOT NULL) GROUP BY 1),"
    " g AS (SELECT name FROM n UNION SELECT name FROM b)"
    " SELECT g.name, coalesce(b.count, 0), coalesce(n.count, 0), coalesce(c.count, 0), b.size,"
    " n.size, coalesce(n.counted, 0) - coalesce(b.counted, 0) AS delta FROM g"
    " LEFT JOIN n USING (name) LEFT JOIN b USING (name) LEFT JOIN c USING (name)"
    " ORDER BY abs(delta) DESC, g.name";

static const struct haul_text_table_column change_columns[] = {
    {"change", HAUL_TEXT_TABLE_WORD},       {"url", HAUL_TEXT_TABLE_STRING},
    {"before", HAUL_TEXT_TABLE_NUMBER},     {"after", HAUL_TEXT_TABLE_NUMBER},
    {"delta", HAUL_TEXT_TABLE_NUMBER},      {"type_before", HAUL_TEXT_TABLE_STRING},
    {"type_after", HAUL_TEXT_TABLE_STRING},
};
static const struct haul_text_table_column group_columns[] = {
    {"group", HAUL_TEXT_TABLE_STRING},       {"count_before", HAUL_TEXT_TABLE_NUMBER},
    {"count_after", HAUL_TEXT_TABLE_NUMBER}, {"changes", HAUL_TEXT_TABLE_NUMBER},
    {"size_before", HAUL_TEXT_TABLE_NUMBER}, {"size_after", HAUL_TEXT_TABLE_NUMBER},
    {"delta", HAUL_TEXT_TABLE_NUMBER},
};
enum { COLUMNS = 7 };

static enum haul_err prepare_groups(struct diff *d, sqlite3_stmt **query)
{
    char expression[HAUL_SUMMARY_GROUP_SQL_MAX];
    const char *tag, *what = haul_summary_group_sql(d->config->group_by, expression, &tag);
    char *sql = sqlite3_mprintf(group_sql, what, what, what, what);
    enum haul_err err =
        sql ? haul_sql_prepare(haul_store_db(d->store), sql, query) : HAUL_ERR_NOMEM;

    sqlite3_free(sql);
    if (!err && tag)
        haul_sql_bind_text(*query, 1, tag);
    return err;
}

/* csv, tsv and jsonl: all rows, of changes or of groups. */
static enum haul_err write_rows(struct diff *d)
{
    bool groups = d->config->group_by != NULL;
    sqlite3_stmt *query = NULL;
    enum haul_err err = groups ? prepare_groups(d, &query)
                               : haul_sql_prepare(haul_store_db(d->store), change_sql, &query);

    if (!err)
        err = haul_text_table_rows(&d->table, groups ? group_columns : change_columns, COLUMNS,
                                   groups ? NULL : haul_change_words, query);
    sqlite3_finalize(query);
    return haul_store_note(d->store, err);
}

/* ---- for people ---- */

static bool is_for_people(const struct diff *d)
{
    return d->config->format == HAUL_FORMAT_TEXT || d->table.is_markdown;
}

#define TOTALS_SQL(table)                                                                          \
    "SELECT haul_sum(size), count(*), coalesce(sum(haul_is_failure(outcome, reason)), 0)"          \
    " FROM temp." table " WHERE outcome NOT IN ('duplicate', 'invalid')"

static enum haul_err read_totals(struct diff *d, const char *sql, struct totals *totals)
{
    sqlite3_stmt *query;
    enum haul_err err = haul_sql_prepare(haul_store_db(d->store), sql, &query);

    if (!err)
        err = haul_sql_step(query);
    if (!err)
        *totals = (struct totals){.size = sqlite3_column_int64(query, 0),
                                  .count = sqlite3_column_int64(query, 1),
                                  .failed = sqlite3_column_int64(query, 2)};
    sqlite3_finalize(query);
    return err;
}

/* "2 now failing, the rest +1.2 MiB (+3.1 %)": what fails has not made it smaller. */
static void add_gain(struct diff *d)
{
    int64_t gained = haul_saturate_sub(d->gain.after, d->gain.before);
    struct haul_buf *line = &d->table.line;

    if (d->count[HAUL_CHANGE_FAILING]) {
        haul_units_add_grouped(line, (int64_t)d->count[HAUL_CHANGE_FAILING]);
        haul_buf_addf(line, " %s, the rest ", haul_change_texts[HAUL_CHANGE_FAILING]);
    }
    haul_buf_add_str(line, haul_render_change(gained).text);
    if (d->gain.before > 0) /* from nothing there is no percentage */
        haul_buf_addf(line, " (%s)",
                      haul_render_signed_share((double)gained, (double)d->gain.before).text);
    haul_render_add_newly_known(line, d->gain.newly_known);
}

/* Where one of the two has no URL there is nothing to compare, whatever the figures say. */
static const char *find_hole(const struct diff *d)
{
    if (!d->now.count)
        return d->before.count ? "no URL was found now, so there is nothing to compare"
                               : "no URL was found, neither before nor now";
    return d->before.count ? NULL : "no URL was found before, so all of it is new";
}

/* It stands in the report, if people read that where they are. */
static enum haul_err look_for_hole(struct diff *d)
{
    bool is_told = is_for_people(d) && !d->config->output;
    enum haul_err err = read_totals(d, TOTALS_SQL("before_page"), &d->before);

    if (!err)
        err = read_totals(d, TOTALS_SQL("now_page"), &d->now);
    if (err)
        return haul_store_note(d->store, err);
    d->hole = find_hole(d);
    if (d->hole && !is_told)
        haul_buf_add_str(&d->table.message, d->hole);
    return HAUL_OK;
}

/* "+1.2 MiB (+3.1 %): 12 added, 3 gone" */
static void add_headline(struct diff *d)
{
    struct haul_buf *line = &d->table.line;
    const char *comma = ": ", *mark = d->table.is_markdown ? "**" : "";

    if (*mark)
        haul_buf_add_str(line, "## haul: changes\n\n");
    haul_buf_add_str(line, mark);
    if (d->hole) {
        haul_buf_addf(line, "%s%s\n%s", d->hole, mark, *mark ? "\n" : "");
        return;
    }
    if (!d->changes) {
        haul_buf_addf(line, "no difference%s\n%s", mark, *mark ? "\n" : "");
        return;
    }
    add_gain(d);
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++)
        if (d->count[i] && i != HAUL_CHANGE_FAILING) {
            haul_buf_add_str(line, comma);
            haul_units_add_grouped(line, (int64_t)d->count[i]);
            haul_buf_addf(line, " %s", haul_change_texts[i]);
            comma = ", ";
        }
    haul_buf_addf(line, "%s\n%s", mark, *mark ? "\n" : "");
}

static void add_totals(struct diff *d, const char *name, const struct totals *totals)
{
    struct haul_buf *line = &d->table.line;

    haul_buf_addf(line, "%s%s: ", d->table.is_markdown ? "- " : "", name);
    haul_units_add_grouped(line, totals->count);
    haul_buf_addf(line, " URL%s, ", totals->count == 1 ? "" : "s");
    haul_units_add_bytes(line, totals->size);
    haul_buf_add_str(line, ", ");
    haul_units_add_grouped(line, totals->failed);
    haul_buf_add_str(line, " failed\n");
}

static enum haul_err add_warning(struct diff *d)
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

static void add_rest(struct diff *d, uint64_t rest)
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
static void add_sizes(struct diff *d, sqlite3_stmt *row, int first, bool is_known)
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

static void add_change(struct diff *d, sqlite3_stmt *row)
{
    haul_text_table_cell(&d->table, text_of_change(sqlite3_column_int(row, 0)), 13);
    add_sizes(d, row, 2, sqlite3_column_int(row, COLUMNS));
    haul_text_table_last(&d->table, haul_sql_text(row, 1));
}

static void add_group(struct diff *d, sqlite3_stmt *row)
{
    const char *name = haul_sql_text(row, 0);

    haul_units_add_grouped(&d->table.cell, sqlite3_column_int64(row, 3));
    haul_buf_add_str(&d->table.cell, " changed");
    haul_text_table_pad(&d->table, 14);
    add_sizes(d, row, 4, true);
    haul_text_table_last(&d->table, *name ? name : "(none)");
}

/* The first rows of a query that was prepared with `err`, and how many there are besides. Frees it.
 */
static enum haul_err write_top(struct diff *d, enum haul_err err, sqlite3_stmt *query,
                               void (*add)(struct diff *d, sqlite3_stmt *row))
{
    uint64_t rest = 0;

    for (int64_t i = 0; !err; i++) {
        err = haul_sql_step(query);
        if (!err && i < d->config->top)
            add(d, query);
        else if (!err)
            rest++;
    }
    sqlite3_finalize(query);
    add_rest(d, rest);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

static enum haul_err write_changes(struct diff *d)
{
    sqlite3_stmt *query;
    enum haul_err err = haul_sql_prepare(haul_store_db(d->store), change_sql, &query);

    if (!err && d->changes && d->config->top)
        haul_text_table_begin(&d->table, "Largest changes", "change | bytes | before > now | URL",
                              "---|--:|--:|---");
    return write_top(d, err, query, add_change);
}

static enum haul_err write_group_table(struct diff *d)
{
    sqlite3_stmt *query = NULL;
    enum haul_err err;

    if (!d->config->group_by)
        return HAUL_OK;
    haul_text_table_begin(&d->table, "Groups", "URLs | bytes | before > now | group",
                          "--:|--:|--:|---");
    err = prepare_groups(d, &query);
    return write_top(d, err, query, add_group);
}

static enum haul_err write_text(struct diff *d)
{
    enum haul_err err;

    add_headline(d);
    add_totals(d, "before", &d->before);
    add_totals(d, "now", &d->now);
    err = add_warning(d);
    if (!err)
        err = write_changes(d);
    if (!err)
        err = write_group_table(d);
    return haul_store_note(d->store, err);
}

/* ---- all of it ---- */

static enum haul_err make_diff(struct diff *d)
{
    int64_t size[HAUL_CHANGE_COUNT];
    enum haul_err err = haul_config_check(d->config, HAUL_VERB_DIFF, &d->table.message);

    if (!err)
        err = haul_text_table_begin_hiding(&d->table);
    if (!err)
        err = haul_confine_command(d->config, HAUL_VERB_DIFF, NULL, &d->table.message);
    if (!err)
        err = import_both(d);
    if (!err)
        err = haul_diff_make(d->store);
    if (!err)
        err = haul_diff_count(d->store, d->count, size);
    if (!err)
        err = haul_diff_add_up(d->store, &d->gain);
    if (!err)
        err = look_for_hole(d);
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++)
        d->changes += d->count[i];
    if (!err)
        err = haul_text_table_open(&d->table);
    if (!err)
        err = is_for_people(d) ? write_text(d) : write_rows(d);
    return err ? err : haul_text_table_publish(&d->table);
}

int haul_command_diff(const struct haul_config *config)
{
    struct diff d = {.config = config};
    enum haul_err err;
    bool is_other;
    int status;

    haul_text_table_init(&d.table, config);
    err = make_diff(&d);
    if (err && !d.table.message.len)
        haul_buf_add_str(&d.table.message, d.store && *haul_store_error(d.store)
                                               ? haul_store_error(d.store)
                                               : haul_err_text(err));
    haul_store_free(d.store);
    status = haul_text_table_end(&d.table, err);
    is_other = d.changes || !d.before.count != !d.now.count;
    return status == HAUL_EXIT_OK && is_other ? HAUL_EXIT_FAILED : status;
}
