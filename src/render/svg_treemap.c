#include <stdio.h>
#include <stdlib.h>

#include "base/saturate.h"
#include "render/markup.h"
#include "render/squarify.h"
#include "render/svg.h"

/*
 * Boxes in boxes: the hosts, their paths, the paths below. A box that is large enough has a line
 * with its name, and in the rest of it those below; a smaller one has these alone, and one that is
 * too small for that is a leaf. A leaf has two colours, that of its type and that of its change:
 * the style sheet chooses.
 */
static const double column_width = 7.4; /* of most characters, in most faces */
enum {
    HEIGHT_WIDE = 480, /* HAUL_SUMMARY_TREE_PARTS is made for it */
    HEIGHT_NARROW = 440,
    HEIGHT_SINGLE = 48, /* if there is nothing to compare */
    HEADER = 18,        /* the line with the name */
    PADDING = 2,        /* between a box and those in it */
    NAMED_W = 64,       /* the smallest box that is divided and has a name, */
    NAMED_H = 46,
    DIVIDED = 20, /* and the shortest side of one that is divided */
    LABEL_H = 17, /* a leaf of that height has a name, */
    SIZE_H = 33,  /* and of that height a size, too */
    LABEL_W = 36,
    SIZE_W = 72,
    URLS_W = 132, /* and of that width a count */
    TIP_W = 8,    /* what is smaller is no place to point at */
    PATH_MAX_PARTS = 32,
};

/* A node in the order of drawing: by parent, then largest first. */
struct place {
    size_t parent, node;
    int64_t size;
};

struct map {
    struct haul_buf *buf;
    const struct haul_summary *summary;
    size_t top;          /* what all of it is below */
    struct place *place; /* all nodes but the root, sorted */
    size_t *first;       /* of each node's children in `place`; [node_count] ends the last */
    double *value;       /* as many as nodes: of the children of one, then of theirs behind */
    struct haul_render_box *box;
};

static int by_parent(const void *left, const void *right)
{
    const struct place *a = left, *b = right;

    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

static bool is_shown(const struct haul_summary *summary, size_t node)
{
    return summary->node[node].size > 0 && summary->node[node].parent < node;
}

/* False: no memory. */
static bool make_map(struct map *map)
{
    const struct haul_summary *summary = map->summary;
    size_t count = 0, nodes = summary->node_count;

    map->place = calloc(nodes + 1, sizeof *map->place);
    map->first = calloc(nodes + 1, sizeof *map->first);
    map->value = calloc(nodes + 1, sizeof *map->value);
    map->box = calloc(nodes + 1, sizeof *map->box);
    if (!map->place || !map->first || !map->value || !map->box)
        return false;
    for (size_t i = 1; i < nodes; i++) {
        if (is_shown(summary, i))
            map->place[count++] = (struct place){summary->node[i].parent, i, summary->node[i].size};
    }
    qsort(map->place, count, sizeof *map->place, by_parent);
    for (size_t node = 0, at = 0; node <= nodes; node++) {
        while (at < count && map->place[at].parent < node)
            at++;
        map->first[node] = at;
    }
    return true;
}

static void free_map(struct map *map)
{
    free(map->place);
    free(map->first);
    free(map->value);
    free(map->box);
}

static size_t children_of(const struct map *map, size_t node)
{
    return map->first[node + 1] - map->first[node];
}

/* What all of it is below: the root, or the only host, or its only directory. */
static size_t find_top(const struct map *map)
{
    size_t node = 0;

    while (children_of(map, node) == 1 && children_of(map, map->place[map->first[node]].node))
        node = map->place[map->first[node]].node;
    return node;
}

/* "part/part" from below the top; "part/first to last" of several. */
static void add_path(const struct map *map, size_t node)
{
    size_t part[PATH_MAX_PARTS], count = 0;

    for (; node != map->top && node && count < PATH_MAX_PARTS;
         node = map->summary->node[node].parent)
        part[count++] = node;
    while (count) {
        const struct haul_summary_node *at = &map->summary->node[part[--count]];

        haul_render_html_add_text(map->buf, at->name, HAUL_RENDER_HTML_NAME_MAX);
        haul_buf_add_str(map->buf, count ? "/" : "");
        if (!at->last)
            continue;
        haul_buf_add_str(map->buf, " to ");
        haul_render_html_add_text(map->buf, at->last, HAUL_RENDER_HTML_NAME_MAX);
    }
}

static void add_tip(const struct map *map, size_t node)
{
    const struct haul_summary_node *at = &map->summary->node[node];
    double whole = (double)map->summary->node[0].size;
    int64_t change = haul_saturate_sub(at->after, at->before);

    haul_buf_add_str(map->buf, "<title>");
    add_path(map, node);
    haul_buf_addf(map->buf, ": %s", haul_render_size(at->size).text);
    if ((double)at->size >= whole / 1000)
        haul_buf_addf(map->buf, " (%s)", haul_render_share((double)at->size, whole).text);
    if (at->count > 1)
        haul_buf_addf(map->buf, ", %s", haul_render_count(at->count, "URL", "URLs").text);
    if (change)
        haul_buf_addf(map->buf, ", %s", haul_render_change(change).text);
    haul_buf_add_str(map->buf, "</title>");
}

static void add_name(const struct map *map, size_t node, const struct haul_render_box *box,
                     double y)
{
    const struct haul_summary_node *at = &map->summary->node[node];
    size_t columns = (size_t)((box->width - 8) / column_width);

    columns = at->last && columns > 2 ? columns - 2 : columns;
    haul_render_svg_begin_text(map->buf, "", box->x + 5, y);
    haul_render_html_add_label(map->buf, at->name, columns ? columns : 1);
    haul_buf_add_str(map->buf, at->last ? " &hellip;</text>" : "</text>");
}

static bool is_divided(const struct map *map, size_t node, const struct haul_render_box *box)
{
    return children_of(map, node) && box->width >= DIVIDED && box->height >= DIVIDED;
}

/* Whether a box that is divided has its name above those in it. */
static bool has_header(const struct haul_render_box *box)
{
    return box->width >= NAMED_W && box->height >= NAMED_H;
}

static bool is_labelled(const struct haul_render_box *box)
{
    return box->width >= LABEL_W && box->height >= LABEL_H;
}

static void add_leaf_text(const struct map *map, size_t node, const struct haul_render_box *box)
{
    const struct haul_summary_node *at = &map->summary->node[node];

    add_name(map, node, box, box->y + 14);
    if (box->height < SIZE_H || box->width < SIZE_W)
        return;
    haul_render_svg_begin_text(map->buf, "s", box->x + 5, box->y + 28);
    haul_buf_add_str(map->buf, haul_render_size(at->size).text);
    if (at->count > 1 && box->width >= URLS_W)
        haul_buf_addf(map->buf, ", %s", haul_render_count(at->count, "URL", "URLs").text);
    haul_buf_add_str(map->buf, "</text>");
}

/* A box with something in it is a group of its own. */
static void draw_named(const struct map *map, size_t node, const struct haul_render_box *box,
                       const char *class)
{
    bool divided = is_divided(map, node, box);

    haul_buf_add_str(map->buf, "<g>");
    add_tip(map, node);
    haul_render_svg_add_rect(map->buf, divided ? "box" : class, box->x, box->y, box->width,
                             box->height);
    if (divided && has_header(box))
        add_name(map, node, box, box->y + 13);
    else if (!divided)
        add_leaf_text(map, node, box);
    haul_buf_add_str(map->buf, "</g>\n");
}

/* There may be thousands: they are as short as can be. */
static void draw_small(const struct map *map, size_t node, const struct haul_render_box *box,
                       const char *class)
{
    if (box->width < TIP_W || box->height < TIP_W) {
        haul_render_svg_add_rect(map->buf, class, box->x, box->y, box->width, box->height);
        return;
    }
    haul_render_svg_begin_rect(map->buf, class, box->x, box->y, box->width, box->height);
    haul_buf_add_char(map->buf, '>');
    add_tip(map, node);
    haul_buf_add_str(map->buf, "</rect>\n");
}

static void draw_box(const struct map *map, size_t node, const struct haul_render_box *box)
{
    const struct haul_summary_node *at = &map->summary->node[node];
    char class[16];

    snprintf(class, sizeof class, "k%zu d%d",
             at->type < HAUL_SUMMARY_TREE_TYPES ? at->type : HAUL_SUMMARY_TREE_TYPES,
             (int)haul_render_map_shade_of(at));
    if (is_divided(map, node, box) || is_labelled(box))
        draw_named(map, node, box, class);
    else
        draw_small(map, node, box, class);
}

/* Draws the children of a node into `area`. Goes down only while boxes are large enough, and each
 * level takes twice PADDING of the height, at least. */
static void draw_children(const struct map *map, size_t node, struct haul_render_box area)
{
    size_t first = map->first[node], count = children_of(map, node);

    for (size_t i = 0; i < count; i++)
        map->value[first + i] = (double)map->place[first + i].size;
    haul_render_squarify(map->value + first, count, area, map->box + first);
    for (size_t i = 0; i < count; i++) {
        size_t child = map->place[first + i].node;
        struct haul_render_box box = map->box[first + i];
        double header;

        draw_box(map, child, &box);
        if (!is_divided(map, child, &box))
            continue;
        box.x += PADDING;
        box.width -= 2 * PADDING;
        header = has_header(&box) ? HEADER : PADDING;
        box.y += header;
        box.height -= header + PADDING;
        draw_children(map, child, box);
    }
}

/* Whether any node has two children: then not each stands behind its parent. */
static bool has_siblings(const struct haul_summary *summary)
{
    size_t before = 0;

    for (size_t i = 1; i < summary->node_count; i++) {
        if (!is_shown(summary, i))
            continue;
        if (summary->node[i].parent != before)
            return true;
        before = i;
    }
    return false;
}

static void draw(struct haul_buf *buf, const struct haul_summary *summary, double width,
                 double height)
{
    struct map map = {.buf = buf, .summary = summary};
    struct haul_render_box area = {0, 0, width, height};

    if (make_map(&map)) {
        haul_buf_add_str(buf, "<g class=\"map\">\n");
        map.top = find_top(&map);
        draw_children(&map, map.top, area);
        haul_buf_add_str(buf, "</g>\n");
    } else {
        buf->err = HAUL_ERR_NOMEM;
    }
    free_map(&map);
}

static void describe(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_addf(buf, "Areas are sizes; all of it is %s.",
                  haul_render_size(summary->node[0].size).text);
}

enum haul_render_map_shade haul_render_map_shade_of(const struct haul_summary_node *node)
{
    double before = (double)node->before, gained = (double)node->after - before;

    if (node->added > node->size / 2)
        return HAUL_RENDER_MAP_NEW;
    if (!(before > 0))
        return gained > 0 ? HAUL_RENDER_MAP_GREW_MUCH : HAUL_RENDER_MAP_UNKNOWN;
    if (gained > 0)
        return gained >= before / 10 ? HAUL_RENDER_MAP_GREW_MUCH : HAUL_RENDER_MAP_GREW;
    if (gained < 0)
        return -gained >= before / 10 ? HAUL_RENDER_MAP_SHRANK_MUCH : HAUL_RENDER_MAP_SHRANK;
    return HAUL_RENDER_MAP_SAME;
}

bool haul_render_svg_has_treemap(const struct haul_summary *summary)
{
    for (size_t i = 1; i < summary->node_count; i++) {
        if (is_shown(summary, i))
            return true;
    }
    return false;
}

void haul_render_svg_add_treemap(struct haul_buf *buf, const struct haul_summary *summary)
{
    bool compares = has_siblings(summary);
    const struct haul_render_svg_chart chart = {
        .name = "treemap",
        .title = "The size of each host, of its paths, and of the paths below",
        .note = "There are no bytes to be shown.",
        .wide_tall = compares ? HEIGHT_WIDE : HEIGHT_SINGLE,
        .narrow_tall = compares ? HEIGHT_NARROW : HEIGHT_SINGLE,
        .describe = describe,
        .draw = draw};

    haul_render_svg_add_chart(buf, summary, &chart, haul_render_svg_has_treemap(summary));
}
