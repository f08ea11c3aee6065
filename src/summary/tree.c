#include <string.h>

#include "base/saturate.h"
#include "history/sql.h"
#include "summary/query_inside.h"

/*
 * The tree of paths, level by level: at each level only what has a certain share of the whole gets
 * a node, so that a level never has more nodes than that share goes into the whole. What is left of
 * a node besides its children is its child "other".
 */
enum {
    LEVELS = 4,     /* the host, and three parts of the path */
    SHARE_MIN = 128 /* a node has at least the whole divided by this */
};

static const char make_table[] =
    "DROP TABLE IF EXISTS temp.tree;"
    "CREATE TEMP TABLE tree AS SELECT host AS p0, haul_part(url, 1) AS p1, haul_part(url, 2) AS p2,"
    " haul_part(url, 3) AS p3, count(*) AS count, haul_sum(size) AS size FROM temp.now_page"
    " WHERE outcome NOT IN ('duplicate', 'invalid') GROUP BY 1, 2, 3, 4";

/* Takes: the least size. Columns: count, size, and the parts from the level's own to the host. */
static const char *const level_sql[LEVELS] = {
    "SELECT sum(count), haul_sum(size) AS s, p0 FROM temp.tree GROUP BY p0"
    " HAVING s >= %lld ORDER BY s DESC, p0",
    "SELECT sum(count), haul_sum(size) AS s, p1, p0 FROM temp.tree WHERE p1 <> '' GROUP BY p0, p1"
    " HAVING s >= %lld ORDER BY s DESC, p0, p1",
    "SELECT sum(count), haul_sum(size) AS s, p2, p1, p0 FROM temp.tree WHERE p2 <> ''"
    " GROUP BY p0, p1, p2 HAVING s >= %lld ORDER BY s DESC, p0, p1, p2",
    "SELECT sum(count), haul_sum(size) AS s, p3, p2, p1, p0 FROM temp.tree WHERE p3 <> ''"
    " GROUP BY p0, p1, p2, p3 HAVING s >= %lld ORDER BY s DESC, p0, p1, p2, p3"};

/* Whether `node` is the path whose last part stands in `column` and whose host stands last. */
static bool is_path(const struct haul_summary *out, size_t node, sqlite3_stmt *row, int column)
{
    for (; node; node = out->node[node].parent, column++)
        if (column >= sqlite3_column_count(row) ||
            strcmp(out->node[node].name, haul_sql_text(row, column)) != 0)
            return false;
    return column == sqlite3_column_count(row);
}

/* The parent of a row's node: it is larger, and so it is there. */
static size_t find_parent(const struct haul_summary *out, sqlite3_stmt *row)
{
    size_t node = 0;

    while (node < out->node_count && !is_path(out, node, row, 3))
        node++;
    return node < out->node_count ? node : 0;
}

static void take_node(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    struct haul_summary *out = query->out;

    (void)item;
    out->node[out->node_count] = (struct haul_summary_node){.name = haul_query_text(query, row, 2),
                                                            .count = haul_query_count(row, 0),
                                                            .size = sqlite3_column_int64(row, 1),
                                                            .parent = find_parent(out, row),
                                                            .depth = sqlite3_column_count(row) - 2};
    out->node_count++;
}

/* A level for which there is no room, should each node so far need an "other", is left out, and
 * with it those below. */
static void add_level(struct haul_summary_query *query, int level, int64_t least)
{
    struct haul_summary *out = query->out;
    char *sql = sqlite3_mprintf(level_sql[level], (long long)least);
    char *counting = sql ? sqlite3_mprintf("SELECT count(*) FROM (%s)", sql) : NULL;
    size_t count = (size_t)haul_query_number(query, counting);

    if (out->node_count * 2 + count <= HAUL_SUMMARY_NODES_MAX)
        haul_query_rows(query, sql, NULL, take_node, out->node, count, 0);
    sqlite3_free(counting);
    sqlite3_free(sql);
}

/* What its children leave of node `parent`. */
static void add_other(struct haul_summary *out, size_t parent, size_t nodes)
{
    struct haul_summary_node other = {.name = "other",
                                      .parent = parent,
                                      .depth = out->node[parent].depth + 1,
                                      .count = out->node[parent].count,
                                      .size = out->node[parent].size,
                                      .is_other = true};
    bool has_children = false;

    for (size_t i = 1; i < nodes; i++)
        if (out->node[i].parent == parent) {
            has_children = true;
            other.count -= out->node[i].count;
            other.size = haul_saturate_sub(other.size, out->node[i].size);
        }
    if (other.size < 0) /* of a sum that has stopped, more may be left than there was */
        other.size = 0;
    if (has_children && other.count)
        out->node[out->node_count++] = other;
}

static void take_root(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    *(struct haul_summary_node *)item = (struct haul_summary_node){
        .name = "", .count = haul_query_count(row, 0), .size = sqlite3_column_int64(row, 1)};
    query->out->node_count = query->out->node[0].count ? 1 : 0;
}

void haul_query_tree(struct haul_summary_query *query)
{
    struct haul_summary *out = query->out;
    size_t nodes = 0;

    out->node = haul_query_alloc(query, HAUL_SUMMARY_NODES_MAX, sizeof *out->node);
    if (!query->err)
        query->err = haul_sql_run(query->db, make_table);
    haul_query_rows(query, "SELECT sum(count), haul_sum(size) FROM temp.tree", NULL, take_root,
                    out->node, 1, 0);
    for (int level = 0; level < LEVELS && !query->err && nodes < out->node_count; level++) {
        nodes = out->node_count;
        add_level(query, level, out->node[0].size / SHARE_MIN + 1);
    }
    nodes = out->node_count;
    for (size_t i = 0; i < nodes && !query->err; i++)
        add_other(out, i, nodes);
    if (!query->err)
        query->err = haul_sql_run(query->db, "DROP TABLE temp.tree");
}
