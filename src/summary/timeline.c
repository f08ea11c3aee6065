#include "history/sql.h"
#include "summary/query_inside.h"

/* clang-format off: the layout is SQL's */

/* What was fetched in this run, since its start. A clock that was set back must not show. */
#define WORK                                                                                       \
    "(SELECT worker, max(p.started_us - r.started_us, 0) AS from_us,"                              \
    " coalesce(p.time_total_us, 0) AS time_us,"                                                    \
    " haul_is_failure(p.outcome, p.reason) AS failed, r.elapsed_us FROM temp.now_page p JOIN "     \
    "main.run r"                                                                                   \
    " ON r.id = (SELECT max(id) FROM main.run) WHERE p.worker > 0 AND p.started_us > 0)"

static const char single_sql[] =
    "SELECT worker, from_us, from_us + time_us, 1, failed FROM " WORK " ORDER BY worker, from_us";

/* Takes: slices for each worker, twice. */
static const char joined_sql[] =
    "SELECT worker, min(from_us), max(from_us + time_us), count(*), sum(failed) FROM " WORK
    " GROUP BY worker, min(from_us * %d / (elapsed_us + 1), %d - 1) ORDER BY worker, 2";
/* clang-format on */

static enum haul_err take_slice(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    query->out->slice[n] =
        (struct haul_summary_slice){.worker = sqlite3_column_int(row, 0),
                                    .from_us = sqlite3_column_int64(row, 1),
                                    .to_us = sqlite3_column_int64(row, 2),
                                    .count = (uint64_t)sqlite3_column_int64(row, 3),
                                    .failed = (uint64_t)sqlite3_column_int64(row, 4)};
    query->out->slice_count = n + 1;
    return HAUL_OK;
}

enum haul_err haul_query_timeline(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;
    int64_t workers, count;
    int each;
    char *sql;
    enum haul_err err = haul_sql_number(query->db, "SELECT count(*) FROM " WORK, &count);

    if (!err)
        err = haul_sql_number(query->db, "SELECT count(DISTINCT worker) FROM " WORK, &workers);
    if (err || !count)
        return err;
    out->slice = haul_summary_alloc(out, HAUL_SUMMARY_SLICES_MAX * sizeof *out->slice);
    if (!out->slice)
        return HAUL_ERR_NOMEM;
    if (count <= HAUL_SUMMARY_SLICES_MAX)
        return haul_query_rows(query, single_sql, NULL, HAUL_SUMMARY_SLICES_MAX, take_slice);
    each = (int)(HAUL_SUMMARY_SLICES_MAX / workers);
    sql = sqlite3_mprintf(joined_sql, each, each);
    err = sql ? haul_query_rows(query, sql, NULL, HAUL_SUMMARY_SLICES_MAX, take_slice)
              : HAUL_ERR_NOMEM;
    sqlite3_free(sql);
    return err;
}
