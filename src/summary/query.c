#include "summary/query.h"

#include <stdio.h>

#include "history/diff.h"
#include "history/sql.h"
#include "summary/query_inside.h"

/* ---- helpers ---- */

enum haul_err haul_query_rows(struct haul_summary_query *query, const char *sql, const char *text,
                              size_t most,
                              enum haul_err (*take)(struct haul_summary_query *query,
                                                    sqlite3_stmt *row, size_t n))
{
    sqlite3_stmt *statement;
    enum haul_err err = haul_sql_prepare(query->db, sql, &statement);

    if (!err && text)
        haul_sql_bind_text(statement, 1, text);
    for (size_t n = 0; n < most && !err; n++) {
        err = haul_sql_step(statement);
        if (!err)
            err = take(query, statement, n);
    }
    sqlite3_finalize(statement);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

enum haul_err haul_query_text(struct haul_summary_query *query, sqlite3_stmt *row, int column,
                              const char **text)
{
    *text = haul_summary_keep(query->out, haul_sql_text(row, column));
    return *text ? HAUL_OK : HAUL_ERR_NOMEM;
}

static uint64_t count_of(sqlite3_stmt *row, int column)
{
    return (uint64_t)sqlite3_column_int64(row, column);
}

/* ---- totals ---- */

static enum haul_err take_run(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    struct haul_summary *out = query->out;
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

static enum haul_err take_before(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    struct haul_summary *out = query->out;

    (void)n;
    out->has_before = true;
    out->before_started_us = sqlite3_column_int64(row, 0);
    out->before_size = sqlite3_column_int64(row, 1);
    out->before_count = count_of(row, 2);
    out->before_failed = count_of(row, 3);
    return HAUL_OK;
}

static enum haul_err query_title(struct haul_summary_query *query)
{
    int64_t hosts;
    char text[40];
    sqlite3_stmt *statement;
    enum haul_err err = haul_sql_number(
        query->db, "SELECT count(DISTINCT host) FROM temp.now_page WHERE host <> ''", &hosts);

    if (!err)
        err = haul_sql_prepare(query->db, "SELECT max(host) FROM temp.now_page", &statement);
    if (err)
        return err;
    snprintf(text, sizeof text, "%lld hosts", (long long)hosts);
    err = haul_sql_step(statement);
    if (!err)
        query->out->title =
            haul_summary_keep(query->out, hosts == 1 ? haul_sql_text(statement, 0) : text);
    sqlite3_finalize(statement);
    return err ? err : query->out->title ? HAUL_OK : HAUL_ERR_NOMEM;
}

static enum haul_err query_totals(struct haul_summary_query *query)
{
    int64_t unknown, given_up;
    enum haul_err err = haul_query_rows(
        query,
        "SELECT started_us, elapsed_us, time_us, complete, lines, size, wire, ok, failed, "
        "unchanged,"
        " skipped, duplicate, invalid, pending FROM main.run ORDER BY id DESC LIMIT 1",
        NULL, 1, take_run);

    if (!err)
        err = haul_sql_number(query->db,
                              "SELECT count(*) FROM temp.now_page WHERE size IS NULL"
                              " AND outcome IN ('ok', 'unchanged')",
                              &unknown);
    if (!err)
        err = haul_sql_number(query->db,
                              "SELECT count(*) FROM temp.now_page"
                              " WHERE haul_is_failure(outcome, reason) AND outcome = 'skipped'",
                              &given_up);
    if (err)
        return err;
    query->out->size_unknown = (uint64_t)unknown;
    query->out->given_up = (uint64_t)given_up;
    return query_title(query);
}

/* ---- the run before ---- */

static enum haul_err take_mover(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    struct haul_summary_mover *mover = &query->out->mover[n];
    enum haul_err err = haul_query_text(query, row, 1, &mover->url);

    mover->change = (enum haul_change)sqlite3_column_int(row, 0);
    mover->before = haul_sql_known(row, 2);
    mover->after = haul_sql_known(row, 3);
    if (!err)
        err = haul_query_text(query, row, 4, &mover->type_before);
    if (!err)
        err = haul_query_text(query, row, 5, &mover->type_after);
    query->out->mover_count = n + 1;
    return err;
}

static enum haul_err query_changes(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;
    enum haul_err err = haul_diff_make(query->store);

    if (!err)
        err = haul_diff_count(query->store, out->change, out->change_size);
    out->mover = haul_summary_alloc(out, HAUL_SUMMARY_MOVERS_MAX * sizeof *out->mover);
    if (!out->mover)
        return HAUL_ERR_NOMEM;
    return err ? err
               : haul_query_rows(query,
                                 "SELECT kind, url, before, after, type_before, type_after FROM"
                                 " temp.change ORDER BY abs(delta) DESC, kind, url",
                                 NULL, HAUL_SUMMARY_MOVERS_MAX, take_mover);
}

static enum haul_err query_before(struct haul_summary_query *query)
{
    char *sql = sqlite3_mprintf("SELECT started_us, size, " URLS ", failed FROM main.run"
                                " WHERE id = %lld",
                                (long long)haul_store_before(query->store));
    enum haul_err err = sql ? haul_query_rows(query, sql, NULL, 1, take_before) : HAUL_ERR_NOMEM;

    sqlite3_free(sql);
    return err || !query->out->has_before ? err : query_changes(query);
}

static enum haul_err take_past(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    query->out->past[n] = (struct haul_summary_past){.run = sqlite3_column_int64(row, 0),
                                                     .started_us = sqlite3_column_int64(row, 1),
                                                     .size = sqlite3_column_int64(row, 2),
                                                     .count = count_of(row, 3),
                                                     .failed = count_of(row, 4)};
    query->out->past_count = n + 1;
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

static enum haul_err take_given_up(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    struct haul_summary *out = query->out;
    int64_t run = sqlite3_column_int64(row, 0);

    (void)n;
    for (size_t i = 0; i < out->past_count; i++)
        if (out->past[i].run == run)
            out->past[i].failed += count_of(row, 1);
    if (run == haul_store_before(query->store))
        out->before_failed += count_of(row, 1);
    return HAUL_OK;
}

static enum haul_err add_given_up(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;
    char *sql = sqlite3_mprintf(given_up_sql, (long long)haul_store_run(query->store));
    enum haul_err err =
        sql ? haul_query_rows(query, sql, NULL, SIZE_MAX, take_given_up) : HAUL_ERR_NOMEM;

    if (out->past_count)
        out->past[out->past_count - 1].failed += out->given_up;
    sqlite3_free(sql);
    return err;
}

static enum haul_err query_past(struct haul_summary_query *query)
{
    enum haul_err err;
    struct haul_summary *out = query->out;

    out->past = haul_summary_alloc(out, HAUL_SUMMARY_PAST_MAX * sizeof *out->past);
    if (!out->past)
        return HAUL_ERR_NOMEM;
    err = haul_query_rows(query,
                          "SELECT * FROM (SELECT id, started_us, size, " URLS
                          ", failed FROM main.run WHERE complete OR id = (SELECT max(id) FROM"
                          " main.run) ORDER BY id DESC LIMIT 200) ORDER BY id",
                          NULL, HAUL_SUMMARY_PAST_MAX, take_past);
    return err ? err : add_given_up(query);
}

/* ---- all of it ---- */

enum haul_err haul_summary_make(struct haul_store *store,
                                const struct haul_summary_options *options,
                                struct haul_summary *out)
{
    static enum haul_err (*const part[])(struct haul_summary_query *) = {
        query_totals,     query_before,         query_past,      haul_query_groups,
        haul_query_pages, haul_query_histogram, haul_query_tree, haul_query_timeline};
    struct haul_summary_query query = {
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
        err = part[i](&query);
    return haul_store_note(store, err);
}
