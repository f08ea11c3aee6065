#ifndef HAUL_SUMMARY_QUERY_INSIDE_H
#define HAUL_SUMMARY_QUERY_INSIDE_H

#include "summary/query.h"

/* What the parts of a summary share while it is made (query.c, groups.c, pages.c, tree.c,
 * timeline.c); nobody else's business. */
struct haul_summary_query {
    struct haul_store *store;
    sqlite3 *db;
    const struct haul_summary_options *options;
    struct haul_summary *out;
};

/* Calls `take` for every row of a query with `count` rows at most; the n-th call has n - 1. The
 * query may hold ?1, which is bound to `text` unless that is NULL. */
HAUL_MUST_USE enum haul_err haul_query_rows(struct haul_summary_query *query, const char *sql,
                                            const char *text, size_t most,
                                            enum haul_err (*take)(struct haul_summary_query *query,
                                                                  sqlite3_stmt *row, size_t n));

/* A column as a text of the summary. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_query_text(struct haul_summary_query *query, sqlite3_stmt *row,
                                            int column, const char **text);

/* The tables of hosts, of types, and of what was asked for. */
HAUL_MUST_USE enum haul_err haul_query_groups(struct haul_summary_query *query);

/* The lists of pages, and how their sizes are distributed. */
HAUL_MUST_USE enum haul_err haul_query_pages(struct haul_summary_query *query);
HAUL_MUST_USE enum haul_err haul_query_histogram(struct haul_summary_query *query);

/* The tree of paths. */
HAUL_MUST_USE enum haul_err haul_query_tree(struct haul_summary_query *query);

/* What the workers did. */
HAUL_MUST_USE enum haul_err haul_query_timeline(struct haul_summary_query *query);

#endif
