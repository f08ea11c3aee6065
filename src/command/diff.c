#include "command/command.h"

#include <assert.h>
#include <string.h>

#include "command/diff_inside.h"
#include "engine/confine.h"
#include "haul/exit.h"
#include "history/import.h"
#include "history/sql.h"
#include "journal/title.h"
#include "model/config_rules.h"
#include "summary/query.h"

/* ---- reading both ---- */

static enum haul_err pick_names(struct haul_diff *d, const char *name[2])
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
                     "history (FILE@5, FILE@-1, FILE@2026-11-01), or one history");
    return HAUL_ERR_USAGE;
}

static enum haul_err import(struct haul_diff *d, const char *name, struct haul_diff_side *side)
{
    struct haul_import_found found;
    enum haul_err err = haul_import_run(d->store, name, &found, &d->table.message);

    if (err)
        return err;
    haul_buf_add(&side->name, name, found.file_len);
    if (found.run)
        haul_buf_addf(&side->name, "@%lld", (long long)found.run);
    return side->name.err;
}

/* What is compared with is what was asked for, even if it was not complete. */
static enum haul_err import_old(struct haul_diff *d, const char *name)
{
    enum haul_err err = import(d, name, &d->before);

    if (!err)
        err = haul_store_note(
            d->store, haul_sql_run(haul_store_db(d->store), "UPDATE main.run SET complete = 1"));
    return err;
}

static enum haul_err import_last_two(struct haul_diff *d, const char *path)
{
    struct haul_buf name;
    enum haul_err err;

    haul_buf_init(&name, 0);
    haul_buf_addf(&name, "%s@-2", path);
    err = name.err ? name.err : import_old(d, haul_buf_str(&name));
    haul_buf_done(&name);
    return err ? err : import(d, path, &d->now);
}

static enum haul_err import_both(struct haul_diff *d)
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
    return err ? err : import(d, name[1], &d->now);
}

/* ---- rows ---- */

static const char change_sql[] =
    "SELECT kind, url, before, after, delta, coalesce(type_before, ''), coalesce(type_after, ''),"
    " coalesce(reason_before, ''), coalesce(reason_after, ''), wire_before, wire_after, wire_delta,"
    " is_counted FROM temp.change ORDER BY " HAUL_DIFF_LARGEST ", kind, url";

/* Of a group of which all have failed, nothing is known. */
#define KNOWN_SIZE                                                                                 \
    "iif(count(size), haul_sum(size), NULL) AS size, haul_sum(counted) AS counted,"                \
    " count(counted) AS known, iif(count(wire), haul_sum(wire), NULL) AS wire,"                    \
    " haul_sum(wire_counted) AS wire_counted, count(wire_counted) AS wire_known"

/* Takes: what to group by, four times. A group that is only in one of the two is there, too; and a
 * page that has gone from one to another has changed both. */
static const char group_sql[] =
    "WITH n AS (SELECT %s AS name, count(*) AS count, " KNOWN_SIZE " FROM " HAUL_DIFF_NOW
    " p GROUP BY 1),"
    " b AS (SELECT %s AS name, count(*) AS count, " KNOWN_SIZE " FROM " HAUL_DIFF_BEFORE
    " p GROUP BY 1),"
    " c AS (SELECT name, count(*) AS count FROM"
    "  (SELECT page, %s AS name FROM " HAUL_DIFF_NOW " p WHERE kind IS NOT NULL"
    "   UNION SELECT page, %s FROM " HAUL_DIFF_BEFORE " p WHERE kind IS NOT NULL) GROUP BY 1),"
    " g AS (SELECT name FROM n UNION SELECT name FROM b)"
    " SELECT g.name, coalesce(b.count, 0), coalesce(n.count, 0), coalesce(c.count, 0), b.size,"
    " n.size, coalesce(n.counted, 0) - coalesce(b.counted, 0) AS delta, b.wire, n.wire,"
    " iif(coalesce(n.wire_known, 0) + coalesce(b.wire_known, 0),"
    "  coalesce(n.wire_counted, 0) - coalesce(b.wire_counted, 0), NULL),"
    " coalesce(n.known, 0) + coalesce(b.known, 0) FROM g"
    " LEFT JOIN n USING (name) LEFT JOIN b USING (name) LEFT JOIN c USING (name)"
    " ORDER BY abs(delta) DESC, g.name";

static const struct haul_text_table_column change_columns[] = {
    {"change", HAUL_TEXT_TABLE_WORD},         {"url", HAUL_TEXT_TABLE_STRING},
    {"before", HAUL_TEXT_TABLE_NUMBER},       {"after", HAUL_TEXT_TABLE_NUMBER},
    {"delta", HAUL_TEXT_TABLE_NUMBER},        {"type_before", HAUL_TEXT_TABLE_STRING},
    {"type_after", HAUL_TEXT_TABLE_STRING},   {"reason_before", HAUL_TEXT_TABLE_STRING},
    {"reason_after", HAUL_TEXT_TABLE_STRING}, {"wire_before", HAUL_TEXT_TABLE_NUMBER},
    {"wire_after", HAUL_TEXT_TABLE_NUMBER},   {"wire_delta", HAUL_TEXT_TABLE_NUMBER},
};
static const struct haul_text_table_column group_columns[] = {
    {"group", HAUL_TEXT_TABLE_STRING},       {"count_before", HAUL_TEXT_TABLE_NUMBER},
    {"count_after", HAUL_TEXT_TABLE_NUMBER}, {"changes", HAUL_TEXT_TABLE_NUMBER},
    {"size_before", HAUL_TEXT_TABLE_NUMBER}, {"size_after", HAUL_TEXT_TABLE_NUMBER},
    {"delta", HAUL_TEXT_TABLE_NUMBER},       {"wire_before", HAUL_TEXT_TABLE_NUMBER},
    {"wire_after", HAUL_TEXT_TABLE_NUMBER},  {"wire_delta", HAUL_TEXT_TABLE_NUMBER},
};
static_assert(sizeof change_columns / sizeof *change_columns == HAUL_DIFF_CHANGE_COLUMNS &&
                  sizeof group_columns / sizeof *group_columns == HAUL_DIFF_GROUP_COLUMNS,
              "and the queries have them");

enum haul_err haul_diff_prepare_changes(struct haul_diff *d, sqlite3_stmt **query)
{
    return haul_sql_prepare(haul_store_db(d->store), change_sql, query);
}

enum haul_err haul_diff_prepare_groups(struct haul_diff *d, sqlite3_stmt **query)
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
static enum haul_err write_rows(struct haul_diff *d)
{
    bool groups = d->config->group_by != NULL;
    sqlite3_stmt *query = NULL;
    enum haul_err err =
        groups ? haul_diff_prepare_groups(d, &query) : haul_diff_prepare_changes(d, &query);

    if (!err && groups)
        err = haul_text_table_rows(&d->table, group_columns, HAUL_DIFF_GROUP_COLUMNS, NULL, query);
    else if (!err)
        err = haul_text_table_rows(&d->table, change_columns, HAUL_DIFF_CHANGE_COLUMNS,
                                   haul_change_words, query);
    sqlite3_finalize(query);
    return haul_store_note(d->store, err);
}

/* ---- what the two are ---- */

/* What the user calls the run, now or when one of the two was made; or what it is of. */
static enum haul_err find_title(struct haul_diff *d, const char *stored)
{
    bool is_before = !d->now.count;

    if (d->config->title || *stored)
        haul_buf_add_str(&d->title, d->config->title ? d->config->title : stored);
    else if (d->before.count || d->now.count)
        return haul_summary_add_site(haul_store_db(d->store), is_before, &d->title);
    return d->title.err;
}

/* The later of two titles that are stored is the one. */
static enum haul_err read_runs(struct haul_diff *d)
{
    struct haul_diff_side *const sides[] = {&d->before, &d->now};
    char stored[HAUL_TITLE_MAX + 1] = "", title[HAUL_TITLE_MAX + 1];
    sqlite3_stmt *query;
    enum haul_err err = haul_sql_prepare(
        haul_store_db(d->store), "SELECT started_us, options FROM main.run ORDER BY id", &query);

    for (size_t i = 0; i < 2 && !err; i++) {
        err = haul_sql_step(query);
        if (err)
            break;
        sides[i]->started_us = haul_sql_time_us(query, 0);
        haul_title_read(haul_sql_text(query, 1), strlen(haul_sql_text(query, 1)), title);
        if (*title)
            memcpy(stored, title, sizeof stored);
    }
    sqlite3_finalize(query);
    if (!err)
        err = find_title(d, stored);
    return haul_store_note(d->store, err);
}

/* ---- whether there is something to compare ---- */

static bool is_for_people(const struct haul_diff *d)
{
    return d->config->format == HAUL_FORMAT_TEXT || d->table.is_markdown;
}

#define TOTALS_SQL(table)                                                                          \
    "SELECT haul_sum(size), count(*), coalesce(sum(haul_is_failure(outcome, reason)), 0),"         \
    " iif(count(wire), haul_sum(wire), NULL)"                                                      \
    " FROM temp." table " WHERE outcome NOT IN ('duplicate', 'invalid')"

static enum haul_err read_totals(struct haul_diff *d, const char *sql, struct haul_diff_side *side)
{
    sqlite3_stmt *query;
    enum haul_err err = haul_sql_prepare(haul_store_db(d->store), sql, &query);

    if (!err)
        err = haul_sql_step(query);
    if (!err) {
        side->size = sqlite3_column_int64(query, 0);
        side->count = sqlite3_column_int64(query, 1);
        side->failed = sqlite3_column_int64(query, 2);
        side->wire = haul_sql_known(query, 3);
    }
    sqlite3_finalize(query);
    return err;
}

/* Where one of the two has no URL there is nothing to compare, whatever the figures say. */
static const char *find_hole(const struct haul_diff *d)
{
    if (!d->now.count)
        return d->before.count ? "no URL was found now, so there is nothing to compare"
                               : "no URL was found, neither before nor now";
    return d->before.count ? NULL : "no URL was found before, so all of it is new";
}

/* It stands in the report, if people read that where they are. */
static enum haul_err look_for_hole(struct haul_diff *d)
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

/* ---- all of it ---- */

static enum haul_err make_diff(struct haul_diff *d)
{
    const struct haul_change_rules rules = haul_change_rules_of(d->config);
    int64_t size[HAUL_CHANGE_COUNT];
    enum haul_err err = haul_config_check(d->config, HAUL_VERB_DIFF, &d->table.message);

    if (!err)
        err = haul_text_table_begin_hiding(&d->table);
    if (!err)
        err = haul_confine_command(d->config, HAUL_VERB_DIFF, NULL, &d->table.message);
    if (!err)
        err = import_both(d);
    if (!err)
        err = haul_diff_make(d->store, &rules, &d->minor);
    if (!err)
        err = haul_diff_count(d->store, d->count, size);
    if (!err)
        err = haul_diff_add_up(d->store, &d->gain);
    if (!err)
        err = look_for_hole(d);
    if (!err)
        err = read_runs(d);
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++)
        d->changes += d->count[i];
    if (!err)
        err = haul_text_table_open(&d->table);
    if (!err)
        err = is_for_people(d) ? haul_diff_write_text(d) : write_rows(d);
    return err ? err : haul_text_table_publish(&d->table);
}

int haul_command_diff(const struct haul_config *config)
{
    struct haul_diff d = {.config = config};
    enum haul_err err;
    bool is_other;
    int status;

    haul_text_table_init(&d.table, config);
    haul_buf_init(&d.title, 0);
    haul_buf_init(&d.before.name, 0);
    haul_buf_init(&d.now.name, 0);
    err = make_diff(&d);
    if (err && !d.table.message.len)
        haul_buf_add_str(&d.table.message, d.store && *haul_store_error(d.store)
                                               ? haul_store_error(d.store)
                                               : haul_err_text(err));
    haul_store_free(d.store);
    status = haul_text_table_end(&d.table, err);
    haul_buf_done(&d.title);
    haul_buf_done(&d.before.name);
    haul_buf_done(&d.now.name);
    is_other = d.changes || !d.before.count != !d.now.count;
    return status == HAUL_EXIT_OK && is_other ? HAUL_EXIT_FAILED : status;
}
