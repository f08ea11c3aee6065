#include <stdlib.h>
#include <string.h>

#include "render/markup.h"
#include "render/squarify.h"
#include "render/svg.h"

/*
 * Boxes in boxes: the hosts, their paths, the paths below. A box that is large enough has a line
 * with its name, and in the rest of it those below; one that is not is a leaf.
 */
static const double column_width = 7.4; /* of most characters, in most faces */
enum {
    HEIGHT_WIDE = 480,
    HEIGHT_NARROW = 440,
    HEIGHT_SINGLE = 48, /* if there is nothing to compare */
    HEADER = 18,        /* the line with the name */
    PADDING = 2,        /* between a box and those in it */
    DIVIDED_W = 64,     /* the smallest box that is divided */
    DIVIDED_H = 46,
    LABEL_H = 17, /* a leaf of that height has a name, */
    SIZE_H = 33,  /* and of that height a size, too */
    LABEL_W = 36,
    SIZE_W = 72,
    COLOURS = 6,
    OTHER = 6, /* the colour of what is not one of the first */
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

/* "host/part/part", "other" at its end if it is that. */
static void add_path(struct haul_buf *buf, const struct haul_summary *summary, size_t node)
{
    size_t part[PATH_MAX_PARTS], count = 0;

    for (; node && count < PATH_MAX_PARTS; node = summary->node[node].parent)
        part[count++] = node;
    while (count) {
        const struct haul_summary_node *at = &summary->node[part[--count]];

        haul_render_html_add_text(buf, at->name, HAUL_RENDER_HTML_NAME_MAX);
        haul_buf_add_str(buf, at->is_other ? " (smaller ones)" : count ? "/" : "");
    }
}

static void add_tip(const struct map *map, size_t node)
{
    const struct haul_summary_node *at = &map->summary->node[node];

    haul_buf_add_str(map->buf, "<title>");
    add_path(map->buf, map->summary, node);
    haul_buf_addf(map->buf, ": %s (%s), %s</title>", haul_render_size(at->size).text,
                  haul_render_share((double)at->size, (double)map->summary->node[0].size).text,
                  haul_render_count(at->count, "URL", "URLs").text);
}

static void add_name(const struct map *map, size_t node, const struct haul_render_box *box,
                     double y)
{
    size_t columns = (size_t)((box->width - 8) / column_width);

    haul_render_svg_begin_text(map->buf, "", box->x + 5, y);
    haul_render_html_add_label(map->buf, map->summary->node[node].name, columns ? columns : 1);
    haul_buf_add_str(map->buf, "</text>");
}

static bool is_divided(const struct map *map, size_t node, const struct haul_render_box *box)
{
    return children_of(map, node) && box->width >= DIVIDED_W && box->height >= DIVIDED_H;
}

static void add_leaf_text(const struct map *map, size_t node, const struct haul_render_box *box)
{
    if (box->width < LABEL_W || box->height < LABEL_H)
        return;
    add_name(map, node, box, box->y + 14);
    if (box->height >= SIZE_H && box->width >= SIZE_W)
        haul_render_svg_add_text(map->buf, "s", box->x + 5, box->y + 28,
                                 haul_render_size(map->summary->node[node].size).text);
}

static void draw_box(const struct map *map, size_t node, const struct haul_render_box *box,
                     int colour)
{
    bool divided = is_divided(map, node, box);
    char class[16] = "box k0";

    class[5] = (char)('0' + colour);
    haul_buf_add_str(map->buf, "<g>");
    add_tip(map, node);
    haul_render_svg_add_rect(map->buf, divided ? class : class + 4, box->x, box->y, box->width,
                             box->height);
    if (divided)
        add_name(map, node, box, box->y + 13);
    else
        add_leaf_text(map, node, box);
    haul_buf_add_str(map->buf, "</g>\n");
}

/* Draws the children of a node into `area`; a colour below 0: each child gets its own. Goes down
 * only while boxes are large enough, and each level takes HEADER of the height. */
static void draw_children(const struct map *map, size_t node, struct haul_render_box area,
                          int colour)
{
    size_t first = map->first[node], count = children_of(map, node);

    for (size_t i = 0; i < count; i++)
        map->value[first + i] = (double)map->place[first + i].size;
    haul_render_squarify(map->value + first, count, area, map->box + first);
    for (size_t i = 0; i < count; i++) {
        size_t child = map->place[first + i].node;
        struct haul_render_box box = map->box[first + i];
        int own = colour >= 0 ? colour : i < COLOURS ? (int)i : OTHER;

        if (map->summary->node[child].is_other)
            own = OTHER;
        draw_box(map, child, &box, own);
        if (!is_divided(map, child, &box))
            continue;
        box.x += PADDING;
        box.width -= 2 * PADDING;
        box.y += HEADER;
        box.height -= HEADER + PADDING;
        draw_children(map, child, box, own);
    }
}

/* Whether any node has two children. */
static bool has_siblings(const struct haul_summary *summary)
{
    for (size_t i = 2; i < summary->node_count; i++) {
        for (size_t k = 1; k < i && is_shown(summary, i); k++) {
            if (is_shown(summary, k) && summary->node[k].parent == summary->node[i].parent)
                return true;
        }
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
        draw_children(&map, find_top(&map), area, -1);
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

static bool has_children(const struct haul_summary *summary)
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

    haul_render_svg_add_chart(buf, summary, &chart, has_children(summary));
}
