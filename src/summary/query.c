#include "summary/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/diff.h"
#include "history/sql.h"
#include "history/sql_record.h"
#include "summary/query_inside.h"

enum {
    BINS_MAX = 33, /* 0, and the powers of four below 2^63 */
    DEPTH_MAX = 100
};

/* ---- helpers ---- */

enum haul_err
haul_query_rows(struct haul_summary_query *fill, const char *sql, const char *text, size_t most,
                enum haul_err (*take)(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n))
{
    sqlite3_stmt *query;
    enum haul_err err = haul_sql_prepare(fill->db, sql, &query);

    if (!err && text)
        haul_sql_bind_text(query, 1, text);
    for (size_t n = 0; n < most && !err; n++) {
        err = haul_sql_step(query);
        if (!err)
            err = take(fill, query, n);
    }
    sqlite3_finalize(query);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

enum haul_err haul_query_text(struct haul_summary_query *fill, sqlite3_stmt *row, int column,
                              const char **text)
{
    *text = haul_summary_keep(fill->out, haul_sql_text(row, column));
    return *text ? HAUL_OK : HAUL_ERR_NOMEM;
}

static uint64_t count_of(sqlite3_stmt *row, int column)
{
    return (uint64_t)sqlite3_column_int64(row, column);
}

/* ---- totals ---- */

static enum haul_err take_run(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    struct haul_summary *out = fill->out;
    static const enum haul_outcome order[] = {
        HAUL_OUTCOME_OK,        HAUL_OUTCOME_FAILED,  HAUL_OUTCOME_UNCHANGED, HAUL_OUTCOME_SKIPPED,
        HAUL_OUTCOME_DUPLICATE, HAUL_OUTCOME_INVALID, HAUL_OUTCOME_PENDING};

    (void)n;
    out->started_us = sqlite3_column_int64(row, 0);
    out->duration_us = sqlite3_column_int64(row, 1);
    out->serial_us = sqlite3_column_int64(row, 2);
    out->complete = sqlite3_column_int(row, 3);
    out->lines = count_of(row, 4);
    out->size = sqlite3_column_int64(row, 5);
    out->wire = sqlite3_column_int64(row, 6);
    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++)
        out->outcome[order[i]] = count_of(row, 7 + i);
    return HAUL_OK;
}

/* URLs of a run: all lines but those that are none and those that were left out. */
#define URLS "ok + failed + unchanged + skipped + pending"

static enum haul_err take_before(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    struct haul_summary *out = fill->out;

    (void)n;
    out->has_before = true;
    out->before_started_us = sqlite3_column_int64(row, 0);
    out->before_size = sqlite3_column_int64(row, 1);
    out->before_count = count_of(row, 2);
    out->before_failed = count_of(row, 3);
    return HAUL_OK;
}

static enum haul_err fill_title(struct haul_summary_query *fill)
{
    int64_t hosts;
    char text[40];
    sqlite3_stmt *query;
    enum haul_err err = haul_sql_number(
        fill->db, "SELECT count(DISTINCT host) FROM temp.now_page WHERE host <> ''", &hosts);

    if (!err)
        err = haul_sql_prepare(fill->db, "SELECT max(host) FROM temp.now_page", &query);
    if (err)
        return err;
    snprintf(text, sizeof text, "%lld hosts", (long long)hosts);
    err = haul_sql_step(query);
    if (!err)
        fill->out->title =
            haul_summary_keep(fill->out, hosts == 1 ? haul_sql_text(query, 0) : text);
    sqlite3_finalize(query);
    return err ? err : fill->out->title ? HAUL_OK : HAUL_ERR_NOMEM;
}

static enum haul_err fill_totals(struct haul_summary_query *fill)
{
    int64_t unknown, given_up;
    enum haul_err err = haul_query_rows(
        fill,
        "SELECT started_us, elapsed_us, time_us, complete, lines, size, wire, ok, failed, "
        "unchanged,"
        " skipped, duplicate, invalid, pending FROM main.run ORDER BY id DESC LIMIT 1",
        NULL, 1, take_run);

    if (!err)
        err = haul_sql_number(fill->db,
                              "SELECT count(*) FROM temp.now_page WHERE size IS NULL"
                              " AND outcome IN ('ok', 'unchanged')",
                              &unknown);
    if (!err)
        err = haul_sql_number(fill->db,
                              "SELECT count(*) FROM temp.now_page"
                              " WHERE haul_is_failure(outcome, reason) AND outcome = 'skipped'",
                              &given_up);
    if (err)
        return err;
    fill->out->size_unknown = (uint64_t)unknown;
    fill->out->given_up = (uint64_t)given_up;
    return fill_title(fill);
}

/* ---- the run before ---- */

static enum haul_err take_mover(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    struct haul_summary_mover *mover = &fill->out->mover[n];
    enum haul_err err = haul_query_text(fill, row, 1, &mover->url);

    mover->change = (enum haul_change)sqlite3_column_int(row, 0);
    mover->before = haul_sql_known(row, 2);
    mover->after = haul_sql_known(row, 3);
    if (!err)
        err = haul_query_text(fill, row, 4, &mover->type_before);
    if (!err)
        err = haul_query_text(fill, row, 5, &mover->type_after);
    fill->out->mover_count = n + 1;
    return err;
}

static enum haul_err fill_changes(struct haul_summary_query *fill)
{
    struct haul_summary *out = fill->out;
    enum haul_err err = haul_diff_make(fill->store);

    if (!err)
        err = haul_diff_count(fill->store, out->change, out->change_size);
    out->mover = haul_summary_alloc(out, HAUL_SUMMARY_MOVERS_MAX * sizeof *out->mover);
    if (!out->mover)
        return HAUL_ERR_NOMEM;
    return err ? err
               : haul_query_rows(fill,
                                 "SELECT kind, url, before, after, type_before, type_after FROM"
                                 " temp.change ORDER BY abs(delta) DESC, kind, url",
                                 NULL, HAUL_SUMMARY_MOVERS_MAX, take_mover);
}

static enum haul_err fill_before(struct haul_summary_query *fill)
{
    char *sql = sqlite3_mprintf("SELECT started_us, size, " URLS ", failed FROM main.run"
                                " WHERE id = %lld",
                                (long long)haul_store_before(fill->store));
    enum haul_err err = sql ? haul_query_rows(fill, sql, NULL, 1, take_before) : HAUL_ERR_NOMEM;

    sqlite3_free(sql);
    return err || !fill->out->has_before ? err : fill_changes(fill);
}

static enum haul_err take_past(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    fill->out->past[n] = (struct haul_summary_past){.run = sqlite3_column_int64(row, 0),
                                                    .started_us = sqlite3_column_int64(row, 1),
                                                    .size = sqlite3_column_int64(row, 2),
                                                    .count = count_of(row, 3),
                                                    .failed = count_of(row, 4)};
    fill->out->past_count = n + 1;
    return HAUL_OK;
}

/*
 * What the ledger of a run calls skipped, and counts as failed: the runs in which a page was so, as
 * history/schema.h keeps them. This run's own are in `given_up`, whether there is a history or not.
 */
static const char given_up_sql[] =
    "SELECT r.id, count(*) FROM (SELECT since AS first, %lld - 1 AS last, outcome, reason"
    "   FROM main.page WHERE since IS NOT NULL"
    "  UNION ALL SELECT first, last, outcome, reason FROM main.past) s"
    " JOIN main.run r ON r.id BETWEEN s.first AND s.last WHERE (s.outcome, s.reason) IN"
    "  (SELECT o.id, w.id FROM main.word o, main.word w"
    "   WHERE o.text = 'skipped' AND haul_is_failure(o.text, w.text)) GROUP BY r.id";

static enum haul_err take_given_up(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    struct haul_summary *out = fill->out;
    int64_t run = sqlite3_column_int64(row, 0);

    (void)n;
    for (size_t i = 0; i < out->past_count; i++)
        if (out->past[i].run == run)
            out->past[i].failed += count_of(row, 1);
    if (run == haul_store_before(fill->store))
        out->before_failed += count_of(row, 1);
    return HAUL_OK;
}

static enum haul_err add_given_up(struct haul_summary_query *fill)
{
    struct haul_summary *out = fill->out;
    char *sql = sqlite3_mprintf(given_up_sql, (long long)haul_store_run(fill->store));
    enum haul_err err =
        sql ? haul_query_rows(fill, sql, NULL, SIZE_MAX, take_given_up) : HAUL_ERR_NOMEM;

    if (out->past_count)
        out->past[out->past_count - 1].failed += out->given_up;
    sqlite3_free(sql);
    return err;
}

static enum haul_err fill_past(struct haul_summary_query *fill)
{
    enum haul_err err;
    struct haul_summary *out = fill->out;

    out->past = haul_summary_alloc(out, HAUL_SUMMARY_PAST_MAX * sizeof *out->past);
    if (!out->past)
        return HAUL_ERR_NOMEM;
    err = haul_query_rows(fill,
                          "SELECT * FROM (SELECT id, started_us, size, " URLS
                          ", failed FROM main.run WHERE complete OR id = (SELECT max(id) FROM"
                          " main.run) ORDER BY id DESC LIMIT 200) ORDER BY id",
                          NULL, HAUL_SUMMARY_PAST_MAX, take_past);
    return err ? err : add_given_up(fill);
}

/* ---- groups ---- */

static enum haul_err add_group(struct haul_summary_query *fill, sqlite3_stmt *row,
                               struct haul_summary_group *group)
{
    group->count = count_of(row, 1);
    group->failed = count_of(row, 2);
    group->size = sqlite3_column_int64(row, 3);
    group->size_before = haul_sql_known(row, 4);
    return haul_query_text(fill, row, 0, &group->name);
}

static enum haul_err take_host(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    fill->out->host_count = n + 1;
    return add_group(fill, row, &fill->out->host[n]);
}

static enum haul_err take_type(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    fill->out->type_count = n + 1;
    return add_group(fill, row, &fill->out->type[n]);
}

static enum haul_err take_group(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    fill->out->group_count = n + 1;
    return add_group(fill, row, &fill->out->group[n]);
}

/* Takes: what to group by, twice. */
static const char group_sql[] =
    "SELECT n.name, n.count, n.failed, n.size, b.size FROM"
    " (SELECT %s AS name, count(*) AS count, haul_sum(size) AS size,"
    "   sum(haul_is_failure(outcome, reason)) AS failed FROM temp.now_page AS p"
    "   WHERE outcome NOT IN ('duplicate', 'invalid') GROUP BY 1) AS n"
    " LEFT JOIN (SELECT %s AS name, haul_sum(size) AS size FROM temp.before_page AS p"
    "   WHERE outcome NOT IN ('duplicate', 'invalid') GROUP BY 1) AS b ON b.name = n.name"
    " ORDER BY n.size DESC, n.count DESC, n.name";

static enum haul_err group_by(struct haul_summary_query *fill, const char *what, const char *tag,
                              enum haul_err (*take)(struct haul_summary_query *fill,
                                                    sqlite3_stmt *row, size_t n))
{
    char *sql = sqlite3_mprintf(group_sql, what, what);
    enum haul_err err =
        sql ? haul_query_rows(fill, sql, tag, HAUL_SUMMARY_GROUPS_MAX, take) : HAUL_ERR_NOMEM;

    sqlite3_free(sql);
    return err;
}

static bool is_depth(const char *text)
{
    size_t len = strspn(text, "0123456789");

    return len && len <= 3 && !text[len] && atoi(text) >= 1 && atoi(text) <= DEPTH_MAX;
}

const char *haul_summary_check_group(const char *text)
{
    if (!strcmp(text, "host") || !strcmp(text, "type"))
        return NULL;
    if (!strncmp(text, "tag:", 4))
        return text[4] ? NULL : "needs the name of what lists attach: tag:NAME";
    if (strncmp(text, "path:", 5) != 0)
        return "must be host, type, path:N or tag:NAME";
    return is_depth(text + 5) ? NULL : "needs a number of directories, 1 to 100: path:N";
}

const char *haul_summary_group_sql(const char *text, char sql[HAUL_SUMMARY_GROUP_SQL_MAX],
                                   const char **tag)
{
    *tag = NULL;
    if (!strncmp(text, "path:", 5)) {
        snprintf(sql, HAUL_SUMMARY_GROUP_SQL_MAX, "haul_prefix(p.url, %d)", atoi(text + 5));
        return sql;
    }
    if (!strncmp(text, "tag:", 4)) {
        *tag = text + 4;
        return "CASE WHEN p.tags <> '' THEN coalesce((SELECT t.value FROM json_each(p.tags) AS t"
               " WHERE t.key = ?1), '') ELSE '' END";
    }
    return !strcmp(text, "host") ? "p.host" : "p.type";
}

static enum haul_err fill_asked_group(struct haul_summary_query *fill)
{
    struct haul_summary *out = fill->out;
    char sql[HAUL_SUMMARY_GROUP_SQL_MAX];
    const char *tag, *what;

    if (!fill->options->group_by)
        return HAUL_OK;
    out->group_by = haul_summary_keep(out, fill->options->group_by);
    if (!out->group_by)
        return HAUL_ERR_NOMEM;
    what = haul_summary_group_sql(out->group_by, sql, &tag);
    return group_by(fill, what, tag, take_group);
}

static enum haul_err fill_groups(struct haul_summary_query *fill)
{
    struct haul_summary *out = fill->out;
    size_t bytes = HAUL_SUMMARY_GROUPS_MAX * sizeof *out->host;
    enum haul_err err;

    out->host = haul_summary_alloc(out, bytes);
    out->type = haul_summary_alloc(out, bytes);
    out->group = haul_summary_alloc(out, bytes);
    if (!out->host || !out->type || !out->group)
        return HAUL_ERR_NOMEM;
    err = group_by(fill, "p.host", NULL, take_host);
    if (!err)
        err = group_by(fill, "p.type", NULL, take_type);
    return err ? err : fill_asked_group(fill);
}

/* ---- pages ---- */

static enum haul_err add_page(struct haul_summary_query *fill, sqlite3_stmt *row,
                              struct haul_summary_page *page)
{
    enum haul_err err = haul_query_text(fill, row, 0, &page->url);

    page->outcome = haul_sql_outcome(haul_sql_text(row, 1));
    if (!err)
        err = haul_query_text(fill, row, 2, &page->reason);
    if (!err)
        err = haul_query_text(fill, row, 3, &page->type);
    page->http_code = sqlite3_column_int(row, 4);
    page->size = haul_sql_known(row, 5);
    page->size_before = haul_sql_known(row, 6);
    page->time_us = haul_sql_known(row, 7);
    page->line = count_of(row, 8);
    return err;
}

static enum haul_err take_page(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    fill->out->page_count = n + 1;
    return add_page(fill, row, &fill->out->page[n]);
}

static enum haul_err take_failed(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    fill->out->failed_count = n + 1;
    return add_page(fill, row, &fill->out->failed[n]);
}

static enum haul_err take_invalid(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    fill->out->invalid_count = n + 1;
    return add_page(fill, row, &fill->out->invalid[n]);
}

#define PAGES                                                                                      \
    "SELECT n.url, n.outcome, n.reason, n.type, n.http_code, n.size, b.size, n.time_total_us,"     \
    " n.line FROM temp.now_page n LEFT JOIN temp.before_page b ON b.id = n.page "

static enum haul_err fill_pages(struct haul_summary_query *fill)
{
    struct haul_summary *out = fill->out;
    enum haul_err err;

    out->page = haul_summary_alloc(out, HAUL_SUMMARY_PAGES_MAX * sizeof *out->page);
    out->failed = haul_summary_alloc(out, HAUL_SUMMARY_PAGES_MAX * sizeof *out->failed);
    out->invalid = haul_summary_alloc(out, HAUL_SUMMARY_PAGES_MAX * sizeof *out->invalid);
    if (!out->page || !out->failed || !out->invalid)
        return HAUL_ERR_NOMEM;
    err = haul_query_rows(fill, PAGES "ORDER BY n.size DESC NULLS LAST, n.url LIMIT 5000", NULL,
                          HAUL_SUMMARY_PAGES_MAX, take_page);
    if (!err)
        err = haul_query_rows(fill,
                              PAGES "WHERE haul_is_failure(n.outcome, n.reason)"
                                    " ORDER BY n.line, n.id LIMIT 5000",
                              NULL, HAUL_SUMMARY_PAGES_MAX, take_failed);
    if (!err)
        err = haul_query_rows(fill,
                              PAGES "WHERE n.outcome = 'invalid' ORDER BY n.line, n.id LIMIT 5000",
                              NULL, HAUL_SUMMARY_PAGES_MAX, take_invalid);
    return err;
}

/* ---- the histogram ---- */

static int64_t end_of(int64_t from)
{
    return !from ? 1 : from > INT64_MAX / 4 ? INT64_MAX : from * 4;
}

static enum haul_err take_bin(struct haul_summary_query *fill, sqlite3_stmt *row, size_t n)
{
    struct haul_summary *out = fill->out;
    int64_t from = sqlite3_column_int64(row, 0);
    int64_t next = n ? out->bin[out->bin_count - 1].to : from;

    for (; next <= from && out->bin_count < BINS_MAX; next = end_of(next))
        out->bin[out->bin_count++] = (struct haul_summary_bin){.from = next, .to = end_of(next)};
    out->bin[out->bin_count - 1].count = count_of(row, 1);
    out->bin[out->bin_count - 1].size = sqlite3_column_int64(row, 2);
    return HAUL_OK;
}

static enum haul_err fill_histogram(struct haul_summary_query *fill)
{
    fill->out->bin = haul_summary_alloc(fill->out, BINS_MAX * sizeof *fill->out->bin);
    if (!fill->out->bin)
        return HAUL_ERR_NOMEM;
    return haul_query_rows(fill,
                           "SELECT haul_bin(size), count(*), haul_sum(size) FROM temp.now_page"
                           " WHERE size IS NOT NULL GROUP BY 1 ORDER BY 1",
                           NULL, BINS_MAX, take_bin);
}

enum haul_err haul_summary_make(struct haul_store *store,
                                const struct haul_summary_options *options,
                                struct haul_summary *out)
{
    static enum haul_err (*const part[])(struct haul_summary_query *) = {
        fill_totals, fill_before,    fill_past,       fill_groups,
        fill_pages,  fill_histogram, haul_query_tree, haul_query_timeline};
    struct haul_summary_query fill = {
        .store = store, .db = haul_store_db(store), .options = options, .out = out};
    enum haul_err err = HAUL_OK;

    haul_summary_init(out);
    out->workers = options->workers;
    out->streams = options->streams;
    out->exit_status = options->exit_status;
    out->version = haul_summary_keep(out, options->version);
    if (!out->version)
        return HAUL_ERR_NOMEM;
    for (size_t i = 0; i < sizeof part / sizeof *part && !err; i++)
        err = part[i](&fill);
    return haul_store_note(store, err);
}
