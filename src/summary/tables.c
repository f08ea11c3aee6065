#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/diff.h"
#include "history/sql.h"
#include "history/sql_functions.h"
#include "summary/query_inside.h"

enum { BINS_MAX = 33 }; /* 0, and the powers of four below 2^63 */

/* ---- groups ---- */

static void take_group(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    *(struct haul_summary_group *)item =
        (struct haul_summary_group){.name = haul_query_text(query, row, 0),
                                    .count = haul_query_count(row, 1),
                                    .failed = haul_query_count(row, 2),
                                    .size = sqlite3_column_int64(row, 3),
                                    .size_before = haul_sql_known(row, 4),
                                    .change = sqlite3_column_int64(row, 5),
                                    .wire = haul_query_wire(row, 6),
                                    .wire_change = sqlite3_column_int64(row, 9)};
}

/* Takes: what to group by, twice. */
static const char group_sql[] =
    "SELECT n.name, n.count, n.failed, n.size, b.size, n.counted - coalesce(b.counted, 0),"
    "  n.wires, n.wire, n.packed, n.wire_counted - coalesce(b.wire_counted, 0) FROM"
    " (SELECT %s AS name, count(*) AS count, haul_sum(size) AS size, haul_sum(counted) AS counted,"
    "   sum(haul_is_failure(outcome, reason)) AS failed, " HAUL_QUERY_WIRE ","
    "   haul_sum(wire_counted) AS wire_counted FROM " HAUL_DIFF_NOW " AS p GROUP BY 1) n"
    " LEFT JOIN (SELECT %s AS name, haul_sum(size) AS size, haul_sum(counted) AS counted,"
    "   haul_sum(wire_counted) AS wire_counted FROM " HAUL_DIFF_BEFORE " AS p GROUP BY 1) b"
    "  ON b.name = n.name"
    " ORDER BY n.size DESC, n.count DESC, n.name";

static struct haul_summary_group *group_by(struct haul_summary_query *query, const char *what,
                                           const char *tag, size_t *count)
{
    char *sql = sqlite3_mprintf(group_sql, what, what);
    struct haul_summary_group *group =
        haul_query_list(query, sql, tag, take_group, HAUL_SUMMARY_GROUPS_MAX, sizeof *group, count);

    sqlite3_free(sql);
    return group;
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

void haul_query_groups(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;
    char sql[HAUL_SUMMARY_GROUP_SQL_MAX];
    const char *tag, *what;

    out->host = group_by(query, "p.host", NULL, &out->host_count);
    out->type = group_by(query, "p.type", NULL, &out->type_count);
    if (!query->options->group_by)
        return;
    out->group_by = haul_summary_keep(out, query->options->group_by);
    if (!out->group_by) {
        query->err = HAUL_ERR_NOMEM;
        return;
    }
    what = haul_summary_group_sql(out->group_by, sql, &tag);
    out->group = group_by(query, what, tag, &out->group_count);
}

/* ---- pages ---- */

static void take_page(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    *(struct haul_summary_page *)item =
        (struct haul_summary_page){.url = haul_query_text(query, row, 0),
                                   .outcome = haul_sql_outcome(haul_sql_text(row, 1)),
                                   .reason = haul_query_text(query, row, 2),
                                   .type = haul_query_text(query, row, 3),
                                   .http_code = sqlite3_column_int(row, 4),
                                   .size = haul_sql_known(row, 5),
                                   .size_before = haul_sql_known(row, 6),
                                   .time_us = haul_sql_known(row, 7),
                                   .line = haul_query_count(row, 8),
                                   .source = haul_query_text(query, row, 9),
                                   .wire = haul_sql_known(row, 10)};
}

#define PAGES                                                                                      \
    "SELECT n.url, n.outcome, n.reason, n.type, n.http_code, n.size,"                              \
    " coalesce(b.size, b.last_size), n.time_total_us, n.line, n.source, n.wire"                    \
    " FROM temp.now_page n LEFT JOIN temp.before_page b ON b.id = n.page "

static struct haul_summary_page *list_pages(struct haul_summary_query *query, const char *sql,
                                            size_t *count)
{
    return haul_query_list(query, sql, NULL, take_page, HAUL_SUMMARY_PAGES_MAX,
                           sizeof(struct haul_summary_page), count);
}

void haul_query_pages(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;

    out->page = list_pages(query, PAGES "ORDER BY n.size DESC NULLS LAST, n.url LIMIT 5000",
                           &out->page_count);
    out->failed = list_pages(query,
                             PAGES "WHERE haul_is_failure(n.outcome, n.reason)"
                                   " ORDER BY n.line, n.id LIMIT 5000",
                             &out->failed_count);
    out->invalid =
        list_pages(query, PAGES "WHERE n.outcome = 'invalid' ORDER BY n.line, n.id LIMIT 5000",
                   &out->invalid_count);
}

/* ---- the histogram ---- */

static int64_t end_of(int64_t from)
{
    return !from ? 1 : from > INT64_MAX / 4 ? INT64_MAX : from * 4;
}

/* With the empty bins before it, unless it is the first. */
static void take_bin(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    struct haul_summary *out = query->out;
    int64_t from = sqlite3_column_int64(row, 0);
    int64_t next = out->bin_count ? out->bin[out->bin_count - 1].to : from;

    (void)item;
    for (; next <= from && out->bin_count < BINS_MAX; next = end_of(next))
        out->bin[out->bin_count++] = (struct haul_summary_bin){.from = next, .to = end_of(next)};
    out->bin[out->bin_count - 1].count = haul_query_count(row, 1);
    out->bin[out->bin_count - 1].size = sqlite3_column_int64(row, 2);
}

void haul_query_histogram(struct haul_summary_query *query)
{
    query->out->bin = haul_query_alloc(query, BINS_MAX, sizeof *query->out->bin);
    haul_query_rows(query,
                    "SELECT haul_bin(size), count(*), haul_sum(size) FROM temp.now_page"
                    " WHERE size IS NOT NULL GROUP BY 1 ORDER BY 1",
                    NULL, take_bin, query->out->bin, BINS_MAX, 0);
}
