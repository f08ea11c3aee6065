#include "summary/query.h"

#include "history/diff.h"
#include "history/failing.h"
#include "history/schema.h"
#include "history/sql.h"
#include "summary/query_inside.h"

/* ---- what the parts ask with ---- */

size_t haul_query_rows(struct haul_summary_query *query, const char *sql, const char *text,
                       haul_query_take *take, void *array, size_t most, size_t size)
{
    sqlite3_stmt *statement = NULL;
    size_t n = 0;

    if (!query->err)
        query->err = sql ? haul_sql_prepare(query->db, sql, &statement) : HAUL_ERR_NOMEM;
    if (!query->err && text)
        haul_sql_bind_text(statement, 1, text);
    while (n < most && !query->err) {
        query->err = haul_sql_step(statement);
        if (!query->err)
            take(query, statement, (char *)array + n++ * size);
    }
    sqlite3_finalize(statement);
    if (query->err == HAUL_ERR_END)
        query->err = HAUL_OK;
    return n;
}

void *haul_query_list(struct haul_summary_query *query, const char *sql, const char *text,
                      haul_query_take *take, size_t most, size_t size, size_t *count)
{
    void *array = haul_query_alloc(query, most, size);

    *count = haul_query_rows(query, sql, text, take, array, most, size);
    return array;
}

void *haul_query_alloc(struct haul_summary_query *query, size_t count, size_t size)
{
    void *array = haul_summary_alloc(query->out, count * size);

    if (!array)
        query->err = HAUL_ERR_NOMEM;
    return array;
}

static void take_number(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    (void)query;
    *(int64_t *)item = sqlite3_column_int64(row, 0);
}

int64_t haul_query_number(struct haul_summary_query *query, const char *sql)
{
    int64_t number = 0;

    haul_query_rows(query, sql, NULL, take_number, &number, 1, sizeof number);
    return number;
}

const char *haul_query_text(struct haul_summary_query *query, sqlite3_stmt *row, int column)
{
    const char *text = haul_summary_keep(query->out, haul_sql_text(row, column));

    if (!text)
        query->err = HAUL_ERR_NOMEM;
    return text;
}

struct haul_summary_wire haul_query_wire(sqlite3_stmt *row, int first)
{
    return (struct haul_summary_wire){.known = haul_sql_count(row, first),
                                      .bytes = (int64_t)haul_sql_count(row, first + 1),
                                      .decoded = (int64_t)haul_sql_count(row, first + 2)};
}

uint64_t haul_query_count(sqlite3_stmt *row, int column)
{
    return haul_sql_count(row, column);
}

/* ---- totals ---- */

static void take_run(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    struct haul_summary *out = query->out;

    (void)item;
    out->started_us = haul_sql_time_us(row, 0);
    out->duration_us = (int64_t)haul_sql_count(row, 1);
    out->serial_us = (int64_t)haul_sql_count(row, 2);
    out->complete = sqlite3_column_int(row, 3);
    out->lines = haul_query_count(row, 4);
    out->size = (int64_t)haul_sql_count(row, 5);
    out->wire = (int64_t)haul_sql_count(row, 6);
    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++)
        out->outcome[i] = haul_query_count(row, 7 + i);
}

enum haul_err haul_summary_add_site(sqlite3 *db, bool is_before, struct haul_buf *out)
{
    static const char *const sql[] = {
        "SELECT max(host), count(DISTINCT nullif(host, '')) FROM temp.now_page",
        "SELECT max(host), count(DISTINCT nullif(host, '')) FROM temp.before_page"};
    sqlite3_stmt *query;
    enum haul_err err = haul_sql_prepare(db, sql[is_before], &query);

    if (!err)
        err = haul_sql_step(query);
    if (!err && sqlite3_column_int64(query, 1) == 1)
        haul_buf_add_str(out, haul_sql_text(query, 0));
    else if (!err && sqlite3_column_int64(query, 1))
        haul_buf_addf(out, "%lld hosts", (long long)sqlite3_column_int64(query, 1));
    sqlite3_finalize(query);
    return err ? err : out->err;
}

/* A run that has nothing is about what there was before. */
static void find_title(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;
    struct haul_buf site;

    haul_buf_init(&site, 0);
    out->is_titled = query->options->title != NULL;
    if (!query->err && !out->is_titled)
        query->err = haul_summary_add_site(query->db, haul_summary_is_bare(out), &site);
    out->title =
        haul_summary_keep(out, out->is_titled ? query->options->title : haul_buf_str(&site));
    if (!out->title)
        query->err = HAUL_ERR_NOMEM;
    haul_buf_done(&site);
}

static void take_wire(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    (void)query;
    *(struct haul_summary_wire *)item = haul_query_wire(row, 0);
}

static void query_totals(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;

    haul_query_rows(
        query,
        "SELECT started_us, elapsed_us, time_us, complete, lines, size, wire" HAUL_OUTCOMES(
            HAUL_SCHEMA_OUTCOME) " FROM main.run ORDER BY id DESC LIMIT 1",
        NULL, take_run, out, 1, 0);
    out->size_unknown =
        (uint64_t)haul_query_number(query, "SELECT count(*) FROM temp.now_page WHERE size IS NULL"
                                           " AND outcome IN ('ok', 'unchanged')");
    haul_query_rows(query, "SELECT " HAUL_QUERY_WIRE " FROM temp.now_page", NULL, take_wire,
                    &out->page_wire, 1, 0);
    out->wire_unknown =
        (uint64_t)haul_query_number(query, "SELECT count(*) FROM temp.now_page WHERE wire IS NULL"
                                           " AND outcome IN ('ok', 'unchanged')");
    out->given_up = (uint64_t)haul_query_number(
        query, "SELECT count(*) FROM temp.now_page"
               " WHERE haul_is_failure(outcome, reason) AND outcome = 'skipped'");
    out->disallowed = (uint64_t)haul_query_number(
        query, "SELECT count(*) FROM temp.now_page WHERE haul_is_disallowed(outcome, reason)");
    find_title(query);
}

/* ---- the runs before ---- */

/* URLs of a run: all lines but those that are none and those that were left out. */
#define URLS "ok + failed + unchanged + skipped + pending"

static void take_past(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    (void)query;
    *(struct haul_summary_past *)item =
        (struct haul_summary_past){.run = sqlite3_column_int64(row, 0),
                                   .started_us = haul_sql_time_us(row, 1),
                                   .size = (int64_t)haul_sql_count(row, 2),
                                   .count = haul_query_count(row, 3),
                                   .failed = haul_query_count(row, 4),
                                   .wire = haul_sql_known(row, 5)};
}

static void take_mover(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    *(struct haul_summary_mover *)item =
        (struct haul_summary_mover){.change = (enum haul_change)sqlite3_column_int(row, 0),
                                    .url = haul_query_text(query, row, 1),
                                    .before = haul_sql_known(row, 2),
                                    .after = haul_sql_known(row, 3),
                                    .type_before = haul_query_text(query, row, 4),
                                    .type_after = haul_query_text(query, row, 5),
                                    .gained = sqlite3_column_int64(row, 6),
                                    .is_gain_known = sqlite3_column_int(row, 7),
                                    .is_news = sqlite3_column_int(row, 8)};
}

/* The earlier run beside this one, once they are compared. */
static void query_changes(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;
    struct haul_diff_totals totals = {0};

    if (!query->err)
        query->err = haul_diff_add_up(query->store, &totals);
    if (!query->err)
        query->err = haul_diff_count(query->store, out->change, out->change_size);
    out->compared_before = totals.before;
    out->compared = totals.after;
    out->compared_wire_before = totals.wire_before;
    out->compared_wire = totals.wire_after;
    out->newly_known = totals.newly_known;
    out->mover = haul_query_list(
        query,
        "SELECT kind, url, iif(kind = 7, wire_before, before), iif(kind = 7, wire_after, after),"
        " type_before, type_after, iif(kind = 7, wire_delta, delta), kind = 7 OR is_counted,"
        " kind IN (0, 1, 5, 6, 8) FROM temp.change ORDER BY " HAUL_DIFF_LARGEST ", kind, url",
        NULL, take_mover, HAUL_SUMMARY_MOVERS_MAX, sizeof *out->mover, &out->mover_count);
}

static void query_before(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;
    struct haul_summary_past before = {0};
    char *sql = sqlite3_mprintf("SELECT id, started_us, size, " URLS
                                ", failed, " HAUL_SCHEMA_PAGE_WIRE " FROM main.run"
                                " WHERE id = %lld",
                                (long long)haul_store_before(query->store));

    if (!query->err)
        query->err = haul_diff_make(query->store, query->options->rules, &out->minor);
    if (!query->err)
        query->err = haul_failing_make(query->store);
    out->has_before = haul_query_rows(query, sql, NULL, take_past, &before, 1, sizeof before);
    sqlite3_free(sql);
    if (!out->has_before)
        return;
    out->before_started_us = before.started_us;
    out->before_size = before.size;
    out->before_count = before.count;
    out->before_failed = before.failed;
    query_changes(query);
}

/*
 * What the ledger of a run calls skipped, and counts as failed: the runs in which a page was so, as
 * history/schema.h keeps them. This run's own are in `given_up`, whether there is a history or not.
 */
static const char given_up_sql[] =
    "SELECT r.id, count(*) FROM (SELECT since AS first, (SELECT max(id) FROM main.run) - 1 AS last,"
    "   outcome, reason FROM main.page WHERE since IS NOT NULL"
    "  UNION ALL SELECT first, last, outcome, reason FROM main.past) s"
    " JOIN main.run r ON r.id BETWEEN s.first AND s.last WHERE (s.outcome, s.reason) IN"
    "  (SELECT o.id, w.id FROM main.word o, main.word w"
    "   WHERE o.text = 'skipped' AND haul_is_failure(o.text, w.text)) GROUP BY r.id";

static void take_given_up(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    struct haul_summary *out = query->out;
    int64_t run = sqlite3_column_int64(row, 0);

    (void)item;
    for (size_t i = 0; i < out->past_count; i++)
        if (out->past[i].run == run)
            out->past[i].failed += haul_query_count(row, 1);
    if (run == haul_store_before(query->store))
        out->before_failed += haul_query_count(row, 1);
}

static void query_past(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;

    out->past = haul_query_list(
        query,
        "SELECT * FROM (SELECT id, started_us, size, " URLS ", failed, " HAUL_SCHEMA_PAGE_WIRE
        " FROM main.run WHERE complete OR id = (SELECT max(id) FROM"
        " main.run) ORDER BY id DESC LIMIT 200) ORDER BY id",
        NULL, take_past, HAUL_SUMMARY_PAST_MAX, sizeof *out->past, &out->past_count);
    haul_query_rows(query, given_up_sql, NULL, take_given_up, out, SIZE_MAX, 0);
    if (out->past_count)
        out->past[out->past_count - 1].failed += out->given_up;
}

/* ---- what the workers did ---- */

/* Requests of this run, and what was waited for between two of the same URL. */
#define REQUESTS                                                                                   \
    "(SELECT worker, started_us, coalesce(time_total_us, 0) AS time_us, 0 AS is_wait,"             \
    " haul_is_failure(outcome, reason) AS is_failed FROM temp.now_page"                            \
    " WHERE worker > 0 AND started_us > 0"                                                         \
    " UNION ALL SELECT worker, started_us, time_us, is_wait, is_failed FROM temp.now_tried)"

/* Since the run's start. A clock that was set back must not show. */
#define WORK                                                                                       \
    "(SELECT worker, max(q.started_us - r.started_us, 0) AS from_us, q.time_us, is_wait,"          \
    " is_failed, r.elapsed_us FROM " REQUESTS                                                      \
    " q JOIN main.run r ON r.id = (SELECT max(id) FROM main.run))"

static const char single_sql[] =
    "SELECT worker, from_us, from_us + time_us, 1, is_failed, is_wait FROM " WORK
    " ORDER BY worker, from_us, is_wait";

/* Takes: slices of each kind for each worker, twice. */
static const char joined_sql[] =
    "SELECT worker, min(from_us), max(from_us + time_us), count(*), sum(is_failed), is_wait"
    " FROM " WORK " GROUP BY worker, is_wait, is_failed,"
    " min(from_us * %d / (elapsed_us + 1), %d - 1) ORDER BY worker, 2, is_wait";

enum { KINDS = 3 }; /* that has failed, that has not, and waiting */

static void take_slice(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    (void)query;
    *(struct haul_summary_slice *)item =
        (struct haul_summary_slice){.worker = sqlite3_column_int(row, 0),
                                    .from_us = sqlite3_column_int64(row, 1),
                                    .to_us = sqlite3_column_int64(row, 2),
                                    .count = haul_query_count(row, 3),
                                    .failed = haul_query_count(row, 4),
                                    .is_wait = sqlite3_column_int(row, 5)};
}

static void query_timeline(struct haul_summary_query *query)
{
    int64_t count = haul_query_number(query, "SELECT count(*) FROM " WORK);
    int64_t workers = haul_query_number(query, "SELECT count(DISTINCT worker) FROM " WORK);
    int each = workers ? (int)(HAUL_SUMMARY_SLICES_MAX / KINDS / workers) : 0;
    struct haul_summary *out = query->out;
    char *sql;

    if (!workers)
        return;
    sql = count <= HAUL_SUMMARY_SLICES_MAX ? sqlite3_mprintf("%s", single_sql)
                                           : sqlite3_mprintf(joined_sql, each, each);
    out->slice = haul_query_list(query, sql, NULL, take_slice, HAUL_SUMMARY_SLICES_MAX,
                                 sizeof *out->slice, &out->slice_count);
    sqlite3_free(sql);
}

/* ---- all of it ---- */

enum haul_err haul_summary_make(struct haul_store *store,
                                const struct haul_summary_options *options,
                                struct haul_summary *out)
{
    static void (*const part[])(struct haul_summary_query *) = {
        query_totals,     query_before,         haul_query_news, query_past,    haul_query_groups,
        haul_query_pages, haul_query_histogram, haul_query_tree, query_timeline};
    struct haul_summary_query query = {
        .store = store, .db = haul_store_db(store), .options = options, .out = out};

    haul_summary_init(out);
    out->workers = options->workers;
    out->streams = options->streams;
    out->exit_status = options->exit_status;
    out->inputs = options->inputs;
    out->version = haul_summary_keep(out, options->version);
    if (!out->version)
        return HAUL_ERR_NOMEM;
    for (size_t i = 0; i < sizeof part / sizeof *part && !query.err; i++)
        part[i](&query);
    return haul_store_note(store, query.err);
}
