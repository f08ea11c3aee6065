#include "command/diff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/units.h"
#include "command/text_table.h"
#include "history/diff.h"
#include "history/import.h"
#include "history/sql.h"
#include "summary/query.h"

enum { SAME = 0, DIFFERENT = 1, WRONG_USAGE = 2, FAILED = 3 };

struct compare {
    const struct haul_config *config;
    struct haul_store *store;
    struct haul_text_table out;
    struct haul_buf message;
    uint64_t count[HAUL_CHANGE_COUNT];
    int64_t size[HAUL_CHANGE_COUNT];
    uint64_t changes;
};

static const char *text_of_change(sqlite3_stmt *row, int column)
{
    int kind = sqlite3_column_int(row, column);

    return kind >= 0 && kind < HAUL_CHANGE_COUNT ? haul_change_texts[kind] : "";
}

/* ---- reading both ---- */

static enum haul_err pick_names(struct compare *c, const char *name[2])
{
    size_t count = 0;

    for (size_t i = 0; i < c->config->source_count; i++) {
        if (c->config->source[i].kind != HAUL_SOURCE_URL)
            continue; /* a configuration file's list is for runs */
        if (count < 2)
            name[count] = c->config->source[i].text;
        count++;
    }
    if (count == 2 || (count == 1 && haul_import_is_history(name[0])))
        return HAUL_OK;
    haul_buf_add_str(&c->message, "name two runs: haul diff OLD NEW, each a journal or a run in a "
                                  "history (FILE@5, FILE@-1), or one history");
    return HAUL_ERR_USAGE;
}

/* What is compared with is what was asked for, even if it was not complete. */
static enum haul_err import_old(struct compare *c, const char *name)
{
    enum haul_err err = haul_import_run(c->store, name, &c->message);

    if (!err)
        err = haul_store_note(
            c->store, haul_sql_run(haul_store_db(c->store), "UPDATE main.run SET complete = 1"));
    return err;
}

static enum haul_err import_last_two(struct compare *c, const char *path)
{
    struct haul_buf name;
    enum haul_err err;

    haul_buf_init(&name, 0);
    haul_buf_addf(&name, "%s@-2", path);
    err = name.err ? name.err : import_old(c, haul_buf_str(&name));
    haul_buf_done(&name);
    return err ? err : haul_import_run(c->store, path, &c->message);
}

static enum haul_err import_both(struct compare *c)
{
    const struct haul_store_options options = {.several = true};
    const char *name[2] = {NULL, NULL};
    enum haul_err err = pick_names(c, name);

    if (!err)
        err = haul_store_open(&options, &c->store, &c->message);
    if (err)
        return err;
    if (!name[1])
        return import_last_two(c, name[0]);
    err = import_old(c, name[0]);
    return err ? err : haul_import_run(c->store, name[1], &c->message);
}

/* ---- rows ---- */

static const char change_sql[] =
    "SELECT kind, url, before, after, delta, coalesce(type_before, ''), coalesce(type_after, '')"
    " FROM temp.change ORDER BY abs(delta) DESC, kind, url";

/* Takes: what to group by, three times. A group that is only in one of the two is there, too. */
static const char group_sql[] =
    "WITH n AS (SELECT %s AS name, count(*) AS count, haul_sum(size) AS size FROM temp.now_page p"
    "  WHERE outcome NOT IN ('duplicate', 'invalid') GROUP BY 1),"
    " b AS (SELECT %s AS name, count(*) AS count, haul_sum(size) AS size FROM temp.before_page p"
    "  WHERE outcome NOT IN ('duplicate', 'invalid') GROUP BY 1),"
    " c AS (SELECT %s AS name, count(*) AS count FROM temp.change p GROUP BY 1),"
    " g AS (SELECT name FROM n UNION SELECT name FROM b)"
    " SELECT g.name, coalesce(b.count, 0), coalesce(n.count, 0), coalesce(c.count, 0), b.size,"
    " n.size, coalesce(n.size, 0) - coalesce(b.size, 0) AS delta FROM g LEFT JOIN n USING (name)"
    " LEFT JOIN b USING (name) LEFT JOIN c USING (name) ORDER BY abs(delta) DESC, g.name";

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

static enum haul_err prepare_groups(struct compare *c, sqlite3_stmt **query)
{
    char expression[HAUL_SUMMARY_GROUP_SQL_MAX];
    const char *tag, *what = haul_summary_group_sql(c->config->group_by, expression, &tag);
    char *sql = sqlite3_mprintf(group_sql, what, what, what);
    enum haul_err err =
        sql ? haul_sql_prepare(haul_store_db(c->store), sql, query) : HAUL_ERR_NOMEM;

    sqlite3_free(sql);
    if (!err && tag)
        haul_sql_bind_text(*query, 1, tag);
    return err;
}

/* csv, tsv and jsonl: all rows, of changes or of groups. */
static enum haul_err write_rows(struct compare *c)
{
    bool groups = c->config->group_by != NULL;
    sqlite3_stmt *query = NULL;
    enum haul_err err = groups ? prepare_groups(c, &query)
                               : haul_sql_prepare(haul_store_db(c->store), change_sql, &query);

    if (!err)
        err = haul_text_table_rows(&c->out, groups ? group_columns : change_columns, COLUMNS,
                                   groups ? NULL : haul_change_words, query);
    sqlite3_finalize(query);
    return haul_store_note(c->store, err);
}

/* ---- for people ---- */

static void add_signed(struct haul_buf *buf, int64_t bytes)
{
    haul_buf_add_char(buf, bytes < 0 ? '-' : '+');
    haul_units_add_bytes(buf, bytes == INT64_MIN ? INT64_MAX : bytes < 0 ? -bytes : bytes);
}

static void add_size(struct haul_buf *buf, int64_t bytes)
{
    if (bytes < 0)
        haul_buf_add_char(buf, '-');
    else
        haul_units_add_bytes(buf, bytes);
}

/* "+3.1 %": tenths, cut. From nothing there is no percentage. */
static void add_percent(struct haul_buf *buf, int64_t before, int64_t delta)
{
    double percent = before > 0 ? (double)delta * 100 / (double)before : 0;

    if (before > 0)
        haul_buf_addf(buf, " (%+.1f %%)", percent);
}

struct books {
    int64_t size, count, failed;
};

static enum haul_err read_books(struct compare *c, const char *table, struct books *books)
{
    char *sql = sqlite3_mprintf("SELECT haul_sum(size), count(*),"
                                " coalesce(sum(haul_is_failure(outcome, reason)), 0) FROM temp.%s"
                                " WHERE outcome NOT IN ('duplicate', 'invalid')",
                                table);
    sqlite3_stmt *query = NULL;
    enum haul_err err =
        sql ? haul_sql_prepare(haul_store_db(c->store), sql, &query) : HAUL_ERR_NOMEM;

    if (!err)
        err = haul_sql_step(query);
    if (!err)
        *books = (struct books){.size = sqlite3_column_int64(query, 0),
                                .count = sqlite3_column_int64(query, 1),
                                .failed = sqlite3_column_int64(query, 2)};
    sqlite3_finalize(query);
    sqlite3_free(sql);
    return err;
}

/* "+1.2 MiB (+3.1 %): 12 added, 3 gone" */
static void add_headline(struct compare *c, const struct books *before, const struct books *now)
{
    struct haul_buf *line = &c->out.line;
    const char *comma = ": ", *mark = haul_text_table_is_markdown(&c->out) ? "**" : "";

    if (*mark)
        haul_buf_add_str(line, "## haul: changes\n\n");
    haul_buf_add_str(line, mark);
    if (!c->changes) {
        haul_buf_addf(line, "no difference%s\n%s", mark, *mark ? "\n" : "");
        return;
    }
    add_signed(line, now->size - before->size);
    add_percent(line, before->size, now->size - before->size);
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++)
        if (c->count[i]) {
            haul_buf_add_str(line, comma);
            haul_units_add_grouped(line, (int64_t)c->count[i]);
            haul_buf_addf(line, " %s", haul_change_texts[i]);
            comma = ", ";
        }
    haul_buf_addf(line, "%s\n%s", mark, *mark ? "\n" : "");
}

static void add_books(struct compare *c, const char *name, const struct books *books)
{
    struct haul_buf *line = &c->out.line;

    haul_buf_addf(line, "%s%s: ", haul_text_table_is_markdown(&c->out) ? "- " : "", name);
    haul_units_add_grouped(line, books->count);
    haul_buf_addf(line, " URL%s, ", books->count == 1 ? "" : "s");
    haul_units_add_bytes(line, books->size);
    haul_buf_add_str(line, ", ");
    haul_units_add_grouped(line, books->failed);
    haul_buf_add_str(line, " failed\n");
}

static enum haul_err add_warning(struct compare *c)
{
    int64_t complete;
    enum haul_err err =
        haul_sql_number(haul_store_db(c->store),
                        "SELECT complete FROM main.run ORDER BY id DESC LIMIT 1", &complete);

    if (!err && !complete)
        haul_buf_addf(&c->out.line,
                      "%sthe run is not complete: what is missing from it does not "
                      "count as gone\n",
                      haul_text_table_is_markdown(&c->out) ? "\n" : "");
    return err;
}

static void add_rest(struct compare *c)
{
    uint64_t shown = (uint64_t)c->config->top;

    if (!shown || c->changes <= shown)
        return;
    haul_buf_add_str(&c->out.line, haul_text_table_is_markdown(&c->out) ? "\nand " : "and ");
    haul_units_add_grouped(&c->out.line, (int64_t)(c->changes - shown));
    haul_buf_add_str(&c->out.line, " more (--top)\n");
}

static enum haul_err write_movers(struct compare *c)
{
    sqlite3_stmt *query;
    enum haul_err err = haul_sql_prepare(haul_store_db(c->store), change_sql, &query);

    if (!err && c->changes && c->config->top)
        haul_text_table_begin(&c->out, "Largest changes", "change | bytes | before > now | URL",
                              "---|--:|--:|---");
    for (int i = 0; i < c->config->top && !err; i++) {
        err = haul_sql_step(query);
        if (err)
            break;
        haul_text_table_cell(&c->out, text_of_change(query, 0), 13);
        add_signed(haul_text_table_number(&c->out), sqlite3_column_int64(query, 4));
        haul_text_table_pad(&c->out, 12);
        add_size(haul_text_table_number(&c->out), haul_sql_known(query, 2));
        haul_buf_add_str(haul_text_table_number(&c->out), " > ");
        add_size(haul_text_table_number(&c->out), haul_sql_known(query, 3));
        haul_text_table_pad(&c->out, 24);
        haul_text_table_last(&c->out, haul_sql_text(query, 1));
    }
    sqlite3_finalize(query);
    add_rest(c);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

static enum haul_err write_group_table(struct compare *c)
{
    sqlite3_stmt *query = NULL;
    enum haul_err err;

    if (!c->config->group_by)
        return HAUL_OK;
    haul_text_table_begin(&c->out, "Groups", "URLs | bytes | before > now | group",
                          "--:|--:|--:|---");
    err = prepare_groups(c, &query);
    for (int i = 0; i < c->config->top && !err; i++) {
        err = haul_sql_step(query);
        if (err)
            break;
        haul_units_add_grouped(haul_text_table_number(&c->out), sqlite3_column_int64(query, 3));
        haul_buf_add_str(haul_text_table_number(&c->out), " changed");
        haul_text_table_pad(&c->out, 14);
        add_signed(haul_text_table_number(&c->out), sqlite3_column_int64(query, 6));
        haul_text_table_pad(&c->out, 12);
        add_size(haul_text_table_number(&c->out), haul_sql_known(query, 4));
        haul_buf_add_str(haul_text_table_number(&c->out), " > ");
        add_size(haul_text_table_number(&c->out), haul_sql_known(query, 5));
        haul_text_table_pad(&c->out, 24);
        haul_text_table_last(&c->out,
                             *haul_sql_text(query, 0) ? haul_sql_text(query, 0) : "(none)");
    }
    sqlite3_finalize(query);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

static enum haul_err write_text(struct compare *c)
{
    struct books before, now;
    enum haul_err err = read_books(c, "before_page", &before);

    if (!err)
        err = read_books(c, "now_page", &now);
    if (!err) {
        add_headline(c, &before, &now);
        add_books(c, "before", &before);
        add_books(c, "now", &now);
        err = add_warning(c);
    }
    if (!err)
        err = write_movers(c);
    if (!err)
        err = write_group_table(c);
    return haul_store_note(c->store, err);
}

/* ---- all of it ---- */

static enum haul_err compare(struct compare *c)
{
    enum haul_err err = import_both(c);

    if (!err)
        err = haul_diff_make(c->store);
    if (!err)
        err = haul_diff_count(c->store, c->count, c->size);
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++)
        c->changes += c->count[i];
    if (!err)
        err = haul_text_table_open(&c->out, c->config, &c->message);
    if (!err)
        err = c->config->format == HAUL_FORMAT_TEXT || haul_text_table_is_markdown(&c->out)
                  ? write_text(c)
                  : write_rows(c);
    return err ? err : haul_text_table_publish(&c->out, &c->message);
}

int haul_command_diff(const struct haul_config *config)
{
    struct compare c = {.config = config};
    enum haul_err err;

    haul_buf_init(&c.message, 0);
    haul_text_table_init(&c.out);
    err = compare(&c);
    if (err && !c.message.len)
        haul_buf_add_str(&c.message, c.store && *haul_store_error(c.store)
                                         ? haul_store_error(c.store)
                                         : haul_err_text(err));
    haul_text_table_say(&c.message);
    haul_text_table_done(&c.out);
    haul_store_free(c.store);
    haul_buf_done(&c.message);
    if (err)
        return err == HAUL_ERR_USAGE ? WRONG_USAGE : FAILED;
    return c.changes ? DIFFERENT : SAME;
}
