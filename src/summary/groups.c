#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/sql.h"
#include "summary/query_inside.h"

static enum haul_err add_group(struct haul_summary_query *query, sqlite3_stmt *row,
                               struct haul_summary_group *group)
{
    group->count = (uint64_t)sqlite3_column_int64(row, 1);
    group->failed = (uint64_t)sqlite3_column_int64(row, 2);
    group->size = sqlite3_column_int64(row, 3);
    group->size_before = haul_sql_known(row, 4);
    return haul_query_text(query, row, 0, &group->name);
}

static enum haul_err take_host(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    query->out->host_count = n + 1;
    return add_group(query, row, &query->out->host[n]);
}

static enum haul_err take_type(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    query->out->type_count = n + 1;
    return add_group(query, row, &query->out->type[n]);
}

static enum haul_err take_group(struct haul_summary_query *query, sqlite3_stmt *row, size_t n)
{
    query->out->group_count = n + 1;
    return add_group(query, row, &query->out->group[n]);
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

static enum haul_err group_by(struct haul_summary_query *query, const char *what, const char *tag,
                              enum haul_err (*take)(struct haul_summary_query *query,
                                                    sqlite3_stmt *row, size_t n))
{
    char *sql = sqlite3_mprintf(group_sql, what, what);
    enum haul_err err =
        sql ? haul_query_rows(query, sql, tag, HAUL_SUMMARY_GROUPS_MAX, take) : HAUL_ERR_NOMEM;

    sqlite3_free(sql);
    return err;
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

static enum haul_err query_asked_group(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;
    char sql[HAUL_SUMMARY_GROUP_SQL_MAX];
    const char *tag, *what;

    if (!query->options->group_by)
        return HAUL_OK;
    out->group_by = haul_summary_keep(out, query->options->group_by);
    if (!out->group_by)
        return HAUL_ERR_NOMEM;
    what = haul_summary_group_sql(out->group_by, sql, &tag);
    return group_by(query, what, tag, take_group);
}

enum haul_err haul_query_groups(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;
    size_t bytes = HAUL_SUMMARY_GROUPS_MAX * sizeof *out->host;
    enum haul_err err;

    out->host = haul_summary_alloc(out, bytes);
    out->type = haul_summary_alloc(out, bytes);
    out->group = haul_summary_alloc(out, bytes);
    if (!out->host || !out->type || !out->group)
        return HAUL_ERR_NOMEM;
    err = group_by(query, "p.host", NULL, take_host);
    if (!err)
        err = group_by(query, "p.type", NULL, take_type);
    return err ? err : query_asked_group(query);
}
