#include "history/sql.h"
#include "history/sql_record.h"
#include "summary/query_inside.h"

enum { BINS_MAX = 33 }; /* 0, and the powers of four below 2^63 */

/* ---- pages ---- */

static enum haul_err add_page(struct haul_summary_query *query, sqlite3_stmt *row,
                              struct haul_summary_page *page)
{
    enum haul_err err = haul_query_text(query, row, 0, &page->url);

    page->outcome = haul_sql_outcome(haul_sql_text(row, 1));
    if (!err)
        err = haul_query_text(query, row, 2, &page->reason);
    if (!err)
        err = haul_query_text(query, row, 3, &page->type);
    page->http_code = sqlite3_column_int(row, 4);
    page->size = haul_sql_known(row, 5);
    page->size_before = haul_sql_known(row, 6);
    page->time_us = haul_sql_known(row, 7);
    page->line = (uint64_t)sqlite3_column_int64(row, 8);
    return err;
}

static enum haul_err take_page(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    query->out->page_count = n + 1;
    return add_page(query, row, &query->out->page[n]);
}

static enum haul_err take_failed(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    query->out->failed_count = n + 1;
    return add_page(query, row, &query->out->failed[n]);
}

static enum haul_err take_invalid(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    query->out->invalid_count = n + 1;
    return add_page(query, row, &query->out->invalid[n]);
}

#define PAGES                                                                                      \
    "SELECT n.url, n.outcome, n.reason, n.type, n.http_code, n.size, b.size, n.time_total_us,"     \
    " n.line FROM temp.now_page n LEFT JOIN temp.before_page b ON b.id = n.page "

enum haul_err haul_query_pages(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;
    enum haul_err err;

    out->page = haul_summary_alloc(out, HAUL_SUMMARY_PAGES_MAX * sizeof *out->page);
    out->failed = haul_summary_alloc(out, HAUL_SUMMARY_PAGES_MAX * sizeof *out->failed);
    out->invalid = haul_summary_alloc(out, HAUL_SUMMARY_PAGES_MAX * sizeof *out->invalid);
    if (!out->page || !out->failed || !out->invalid)
        return HAUL_ERR_NOMEM;
    err = haul_query_rows(query, PAGES "ORDER BY n.size DESC NULLS LAST, n.url LIMIT 5000", NULL,
                          HAUL_SUMMARY_PAGES_MAX, take_page);
    if (!err)
        err = haul_query_rows(query,
                              PAGES "WHERE haul_is_failure(n.outcome, n.reason)"
                                    " ORDER BY n.line, n.id LIMIT 5000",
                              NULL, HAUL_SUMMARY_PAGES_MAX, take_failed);
    if (!err)
        err = haul_query_rows(query,
                              PAGES "WHERE n.outcome = 'invalid' ORDER BY n.line, n.id LIMIT 5000",
                              NULL, HAUL_SUMMARY_PAGES_MAX, take_invalid);
    return err;
}

/* ---- the histogram ---- */

static int64_t end_of(int64_t from)
{
    return !from ? 1 : from > INT64_MAX / 4 ? INT64_MAX : from * 4;
}

static enum haul_err take_bin(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    struct haul_summary *out = query->out;
    int64_t from = sqlite3_column_int64(row, 0);
    int64_t next = n ? out->bin[out->bin_count - 1].to : from;

    for (; next <= from && out->bin_count < BINS_MAX; next = end_of(next))
        out->bin[out->bin_count++] = (struct haul_summary_bin){.from = next, .to = end_of(next)};
    out->bin[out->bin_count - 1].count = (uint64_t)sqlite3_column_int64(row, 1);
    out->bin[out->bin_count - 1].size = sqlite3_column_int64(row, 2);
    return HAUL_OK;
}

enum haul_err haul_query_histogram(struct haul_summary_query *query)
{
    query->out->bin = haul_summary_alloc(query->out, BINS_MAX * sizeof *query->out->bin);
    if (!query->out->bin)
        return HAUL_ERR_NOMEM;
    return haul_query_rows(query,
                           "SELECT haul_bin(size), count(*), haul_sum(size) FROM temp.now_page"
                           " WHERE size IS NOT NULL GROUP BY 1 ORDER BY 1",
                           NULL, BINS_MAX, take_bin);
}
