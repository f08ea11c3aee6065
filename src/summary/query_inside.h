#ifndef HAUL_SUMMARY_QUERY_INSIDE_H
#define HAUL_SUMMARY_QUERY_INSIDE_H

#include "summary/query.h"

/* What the parts of a summary share while it is made (query.c, tables.c, tree.c); nobody else's
 * business. */
struct haul_summary_query {
    struct haul_store *store;
    sqlite3 *db;
    const struct haul_summary_options *options;
    struct haul_summary *out;
    enum haul_err err; /* the first that there was: after it nothing is asked */
};

typedef void haul_query_take(struct haul_summary_query *query, sqlite3_stmt *row, void *item);

/*
 * Calls `take` for every row of a query, `most` at most, with the n-th item of `array`, whose items
 * have `size` bytes. The query may hold ?1, which is bound to `text` unless that is NULL; the query
 * itself is NULL if there was no memory for it. Returns how many rows there were.
 */
size_t haul_query_rows(struct haul_summary_query *query, const char *sql, const char *text,
                       haul_query_take *take, void *array, size_t most, size_t size);

/* The same with an array that is made for it, or NULL. */
void *haul_query_list(struct haul_summary_query *query, const char *sql, const char *text,
                      haul_query_take *take, size_t most, size_t size, size_t *count);

/* Memory of the summary, for an array; NULL: out of memory. */
void *haul_query_alloc(struct haul_summary_query *query, size_t count, size_t size);

/* The number that a query gives. */
int64_t haul_query_number(struct haul_summary_query *query, const char *sql);

/* In a query: three columns about rows that have `size` and `wire`; and what is there from column
 * `first` on. */
#define HAUL_QUERY_WIRE                                                                            \
    "count(wire) AS wires, haul_sum(wire) AS wire, haul_sum(iif(wire IS NULL, NULL, size)) AS "    \
    "packed"
struct haul_summary_wire haul_query_wire(sqlite3_stmt *row, int first);

/* A column as a text of the summary (NULL: out of memory, which is noted); as a count. */
const char *haul_query_text(struct haul_summary_query *query, sqlite3_stmt *row, int column);
uint64_t haul_query_count(sqlite3_stmt *row, int column);

/* The parts: what is new, once the runs are compared; tables of hosts, of types, and of what was
 * asked for; the lists of pages, and how their sizes are distributed; the tree of paths. */
void haul_query_news(struct haul_summary_query *query);
void haul_query_groups(struct haul_summary_query *query);
void haul_query_pages(struct haul_summary_query *query);
void haul_query_histogram(struct haul_summary_query *query);
void haul_query_tree(struct haul_summary_query *query);

#endif
