#include <string.h>

#include "base/saturate.h"
#include "history/sql.h"
#include "summary/query_inside.h"

/*
 * The tree of paths, in one pass over the pages, sorted so that all of a directory stand together.
 * What is open is the directories of the page at hand; each is closed when a page comes that is not
 * in it, and then it is known how large it is. What has the least size (a share of the whole that
 * is still seen in a drawing) is a node. What has not is put together with what is small beside it,
 * in the order of names, until that has the least size: so nothing is lost, and every node can be
 * seen. What is left over at the end of a directory is a node, too, be it smaller.
 */
enum {
    HOST = 1, /* the level of hosts; 0 is all of them */
    OPEN_MAX = HAUL_SUMMARY_TREE_DIRECTORIES + HOST + 1,
    CLASSES = HAUL_SUMMARY_TREE_TYPES + 1
};

/* What some pages add up to. */
struct sum {
    uint64_t count;
    int64_t size;
    int64_t of_type[CLASSES];
    int64_t before, after, added; /* as the node has them */
};

/* A directory that is open, a host, or all of them. */
struct level {
    struct haul_buf name;
    size_t node; /* where its node stands, if it becomes one */
    struct sum sum;

    /* what is too small in it, and not put away yet */
    struct haul_buf first, last; /* names */
    size_t names;
    struct sum small;
};

struct tree {
    struct haul_summary_query *query;
    size_t room;   /* nodes that the summary's array has room for */
    int64_t least; /* the size that a node has */
    int deepest;   /* the level that is open, below all others */
    struct level level[OPEN_MAX];

    /* the pages at hand: several if their paths are the same */
    struct haul_buf page;
    struct sum page_sum;
};

static void add_sum(struct sum *to, const struct sum *more)
{
    to->count += more->count;
    to->size = haul_saturate_add(to->size, more->size);
    to->before = haul_saturate_add(to->before, more->before);
    to->after = haul_saturate_add(to->after, more->after);
    to->added = haul_saturate_add(to->added, more->added);
    for (int i = 0; i < CLASSES; i++)
        to->of_type[i] = haul_saturate_add(to->of_type[i], more->of_type[i]);
}

/* Which type has most of the bytes. */
static size_t most_of(const struct sum *sum)
{
    size_t most = CLASSES - 1;

    for (size_t i = CLASSES; i--;)
        if (sum->of_type[i] >= sum->of_type[most])
            most = i;
    return sum->of_type[most] > 0 ? most : CLASSES - 1;
}

/* ---- nodes ---- */

/* Room for one more; the old array stays until the summary goes. */
static bool has_room(struct tree *tree)
{
    struct haul_summary *out = tree->query->out;
    struct haul_summary_node *more;

    if (out->node_count < tree->room)
        return true;
    more = haul_query_alloc(tree->query, tree->room * 2 + 64, sizeof *more);
    if (!more)
        return false;
    if (out->node_count)
        memcpy(more, out->node, out->node_count * sizeof *more);
    tree->room = tree->room * 2 + 64;
    out->node = more;
    return true;
}

static const char *keep(struct tree *tree, const struct haul_buf *name)
{
    const char *kept = name->err ? NULL : haul_summary_keep(tree->query->out, haul_buf_str(name));

    if (!kept)
        tree->query->err = HAUL_ERR_NOMEM;
    return kept;
}

/* Makes node number `at`, which there is room for, on that level. `last`: NULL, if it is one. */
static void set_node(struct tree *tree, size_t at, int level, const struct haul_buf *name,
                     const struct haul_buf *last, const struct sum *sum)
{
    tree->query->out->node[at] =
        (struct haul_summary_node){.name = keep(tree, name),
                                   .last = last ? keep(tree, last) : NULL,
                                   .parent = level ? tree->level[level - 1].node : 0,
                                   .depth = level,
                                   .count = sum->count,
                                   .size = sum->size,
                                   .type = most_of(sum),
                                   .before = sum->before,
                                   .after = sum->after,
                                   .added = sum->added};
}

/* A leaf below the deepest level. */
static void add_leaf(struct tree *tree, const struct haul_buf *name, const struct haul_buf *last,
                     const struct sum *sum)
{
    if (has_room(tree))
        set_node(tree, tree->query->out->node_count++, tree->deepest + 1, name, last, sum);
}

static void put_small_away(struct tree *tree)
{
    struct level *level = &tree->level[tree->deepest];

    if (level->names)
        add_leaf(tree, &level->first, level->names > 1 ? &level->last : NULL, &level->small);
    level->names = 0;
    level->small = (struct sum){0};
}

static void copy_name(struct haul_buf *to, const char *name, size_t len)
{
    haul_buf_clear(to);
    haul_buf_add(to, name, len);
}

/* What is too small for a node, in the deepest level. */
static void add_small(struct tree *tree, const struct haul_buf *name, const struct sum *sum)
{
    struct level *level = &tree->level[tree->deepest];

    copy_name(level->names++ ? &level->last : &level->first, haul_buf_str(name), name->len);
    add_sum(&level->small, sum);
    if (level->small.size >= tree->least)
        put_small_away(tree);
}

/* ---- what is open ---- */

/* The pages at hand are all that have this path. */
static void close_page(struct tree *tree)
{
    if (!tree->page_sum.count)
        return;
    add_sum(&tree->level[tree->deepest].sum, &tree->page_sum);
    if (tree->page_sum.size >= tree->least)
        add_leaf(tree, &tree->page, NULL, &tree->page_sum);
    else
        add_small(tree, &tree->page, &tree->page_sum);
    tree->page_sum = (struct sum){0};
}

/* What is below one that is too small is too small, too, and no node. */
static void close_level(struct tree *tree)
{
    struct level *level = &tree->level[tree->deepest];
    bool is_node = level->sum.size >= tree->least || !tree->deepest;

    if (is_node)
        put_small_away(tree);
    if (is_node && !tree->query->err)
        set_node(tree, level->node, tree->deepest, &level->name, NULL, &level->sum);
    if (!tree->deepest)
        return;
    tree->deepest--;
    add_sum(&tree->level[tree->deepest].sum, &level->sum);
    if (!is_node) {
        tree->query->out->node_count = level->node;
        add_small(tree, &level->name, &level->sum);
    }
}

static void open_level(struct tree *tree, struct haul_span name)
{
    struct level *level = &tree->level[++tree->deepest];

    copy_name(&level->name, name.at, name.len);
    level->node = has_room(tree) ? tree->query->out->node_count++ : 0;
    level->sum = level->small = (struct sum){0};
    level->names = 0;
}

static bool is_name(const struct haul_buf *name, struct haul_span span)
{
    return name->len == span.len && (!span.len || memcmp(name->data, span.at, span.len) == 0);
}

/* Opens what a page is in, and closes what it is not in; `rest` is what is left of its path. */
static void go_to(struct tree *tree, struct haul_span host, struct haul_span *rest)
{
    struct haul_span name = host;
    int level = HOST;

    do {
        if (tree->deepest >= level && !is_name(&tree->level[level].name, name)) {
            close_page(tree);
            while (tree->deepest >= level)
                close_level(tree);
        }
        if (tree->deepest < level) {
            close_page(tree);
            open_level(tree, name);
        }
    } while (++level < OPEN_MAX && haul_span_take_before(rest, '/', &name) && !tree->query->err);
    if (tree->deepest < level)
        return;
    close_page(tree);
    while (tree->deepest >= level)
        close_level(tree);
}

/* ---- pages ---- */

/* Columns of the query below. */
enum {
    COLUMN_HOST,
    COLUMN_PATH,
    COLUMN_TYPE,
    COLUMN_SIZE,
    COLUMN_BEFORE,
    COLUMN_AFTER,
    COLUMN_NEW
};

static size_t class_of(const struct haul_summary *out, const char *type)
{
    size_t i = 0;

    while (i < out->type_count && i < HAUL_SUMMARY_TREE_TYPES &&
           strcmp(out->type[i].name, type) != 0)
        i++;
    return i < out->type_count ? i : HAUL_SUMMARY_TREE_TYPES;
}

static struct sum sum_of(const struct haul_summary *out, sqlite3_stmt *row)
{
    int64_t size = haul_sql_known(row, COLUMN_SIZE), after = haul_sql_known(row, COLUMN_AFTER);
    struct sum sum = {.count = 1, .size = size > 0 ? size : 0};

    sum.of_type[class_of(out, haul_sql_text(row, COLUMN_TYPE))] = sum.size;
    if (after < 0)
        return sum;
    if (sqlite3_column_int(row, COLUMN_NEW)) {
        sum.added = after;
    } else {
        sum.after = after;
        sum.before = (int64_t)haul_sql_count(row, COLUMN_BEFORE);
    }
    return sum;
}

static void take_page(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    struct tree *tree = item;
    struct haul_span rest = haul_span_of(haul_sql_text(row, COLUMN_PATH));
    struct sum sum = sum_of(query->out, row);

    haul_span_skip(&rest, "/");
    go_to(tree, haul_span_of(haul_sql_text(row, COLUMN_HOST)), &rest);
    if (!rest.len)
        rest = haul_span_of("/"); /* a page whose path ends so */
    if (!is_name(&tree->page, rest)) {
        close_page(tree);
        copy_name(&tree->page, rest.at, rest.len);
    }
    add_sum(&tree->page_sum, &sum);
}

/* A '/' comes before all that a name has: then a directory's pages stand together. */
static const char pages_sql[] =
    "SELECT n.host, n.path, n.type, n.size, c.counted_before, c.counted_after, c.kind IS 0"
    " FROM temp.now_page n LEFT JOIN temp.compared c ON c.page = n.page"
    " WHERE n.outcome NOT IN ('duplicate', 'invalid')"
    " ORDER BY n.host, replace(n.path, '/', char(1))";

static void init_tree(struct tree *tree, struct haul_summary_query *query)
{
    int64_t whole = haul_query_number(query, "SELECT haul_sum(size) FROM temp.now_page"
                                             " WHERE outcome NOT IN ('duplicate', 'invalid')");

    *tree = (struct tree){.query = query, .least = whole / HAUL_SUMMARY_TREE_PARTS + 1};
    haul_buf_init(&tree->page, 0);
    for (int i = 0; i < OPEN_MAX; i++) {
        haul_buf_init(&tree->level[i].name, 0);
        haul_buf_init(&tree->level[i].first, 0);
        haul_buf_init(&tree->level[i].last, 0);
    }
    if (has_room(tree))
        query->out->node_count = 1; /* all hosts */
}

static void done_tree(struct tree *tree)
{
    haul_buf_done(&tree->page);
    for (int i = 0; i < OPEN_MAX; i++) {
        haul_buf_done(&tree->level[i].name);
        haul_buf_done(&tree->level[i].first);
        haul_buf_done(&tree->level[i].last);
    }
}

void haul_query_tree(struct haul_summary_query *query)
{
    struct tree tree;

    init_tree(&tree, query);
    haul_query_rows(query, pages_sql, NULL, take_page, &tree, SIZE_MAX, 0);
    if (!query->err)
        close_page(&tree);
    for (bool more = true; more && !query->err;) {
        more = tree.deepest > 0;
        close_level(&tree);
    }
    if (query->err || !query->out->node[0].count)
        query->out->node_count = 0;
    done_tree(&tree);
}
