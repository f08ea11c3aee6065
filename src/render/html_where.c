#include "render/html.h"
#include "render/number.h"
#include "render/svg.h"

/*
 * Where the bytes are: the drawing, whose boxes have two colours each, and what these mean. Which
 * of the two is seen is chosen by two radio buttons and the style sheet alone: the buttons, the
 * legends and the figure are siblings.
 */

static const char *const shade_words[HAUL_RENDER_MAP_SHADES] = {"as before",
                                                                "grown",
                                                                "grown by a tenth or more",
                                                                "shrunk",
                                                                "shrunk by a tenth or more",
                                                                "new",
                                                                "not known before"};

/* A colour of the drawing, as far as what it means, which the caller writes with "</li>". */
static void begin_meaning(struct haul_buf *buf, char set, size_t colour)
{
    haul_buf_addf(buf,
                  "<li><svg class=\"key\" viewBox=\"0 0 14 10\" aria-hidden=\"true\">"
                  "<rect class=\"%c%zu\" width=\"14\" height=\"10\"/></svg> ",
                  set, colour);
}

/* Types that no node tells apart have one colour. */
static void add_types(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t others = 0;

    haul_buf_add_str(buf, "<ul class=\"legend by-type\">");
    for (size_t i = 0; i < summary->type_count; i++) {
        const struct haul_summary_group *type = &summary->type[i];

        if (type->size <= 0)
            continue;
        others += i >= HAUL_SUMMARY_TREE_TYPES;
        if (i >= HAUL_SUMMARY_TREE_TYPES)
            continue;
        begin_meaning(buf, 'k', i);
        if (*type->name)
            haul_render_html_add_text(buf, type->name, HAUL_RENDER_HTML_NAME_MAX);
        else
            haul_buf_add_str(buf, "no type");
        haul_buf_addf(buf, ", %s</li>", haul_render_size(type->size).text);
    }
    if (others) {
        begin_meaning(buf, 'k', HAUL_SUMMARY_TREE_TYPES);
        haul_buf_addf(buf, "%s</li>", haul_render_count(others, "other type", "other types").text);
    }
    haul_buf_add_str(buf, "</ul>\n");
}

static void add_shades(struct haul_buf *buf, const struct haul_summary *summary)
{
    bool is_there[HAUL_RENDER_MAP_SHADES] = {false};

    for (size_t i = 1; i < summary->node_count; i++)
        is_there[haul_render_map_shade_of(&summary->node[i])] |= summary->node[i].size > 0;
    haul_buf_add_str(buf, "<ul class=\"legend by-change\">");
    for (size_t i = 0; i < HAUL_RENDER_MAP_SHADES; i++) {
        if (!is_there[i])
            continue;
        begin_meaning(buf, 'd', i);
        haul_buf_addf(buf, "%s</li>", shade_words[i]);
    }
    haul_buf_add_str(buf, "</ul>\n");
}

static void add_switch(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_addf(buf,
                  "<input class=\"pick\" type=\"radio\" name=\"map\" id=\"map-type\" checked>"
                  "<label for=\"map-type\">Colours of types</label>"
                  "<input class=\"pick\" type=\"radio\" name=\"map\" id=\"map-change\">"
                  "<label for=\"map-change\">Colours of changes since %s</label>\n",
                  haul_render_date(summary->before_started_us).text);
}

void haul_render_html_add_where(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_add_str(buf, "<section id=\"where\"><h2>Where the bytes are</h2>");
    if (haul_render_svg_has_treemap(summary)) {
        haul_buf_add_str(buf, "<p class=\"note\">Each area is as large as what lies below that"
                              " path. What is too small to be seen alone is put together with what"
                              " stands beside it, and has the colour of most of it.</p>\n");
        if (summary->has_before)
            add_switch(buf, summary);
        add_types(buf, summary);
        if (summary->has_before)
            add_shades(buf, summary);
    }
    haul_render_svg_add_treemap(buf, summary);
    haul_buf_add_str(buf, "</section>\n");
}
