#include "render/svg.h"

/* Two panels over one axis of sizes: how many URLs are that large, and how many bytes they are. */
enum {
    LEFT = 62,
    RIGHT = 8,
    TOP = 30,     /* of the first panel, below its caption */
    PANEL = 150,  /* height of the first */
    PANEL2 = 110, /* and of the second */
    BETWEEN = 46,
    BOTTOM = 40,
    HEIGHT = TOP + PANEL + BETWEEN + PANEL2 + BOTTOM,
    LABEL = 58,   /* room for one label of the axis */
    BAR_MAX = 90, /* width */
};

static double count_of(const struct haul_summary_bin *bin)
{
    return (double)bin->count;
}

static double size_of(const struct haul_summary_bin *bin)
{
    return bin->size > 0 ? (double)bin->size : 0;
}

static double most_of(const struct haul_summary *summary,
                      double (*get)(const struct haul_summary_bin *bin))
{
    double most = 0;

    for (size_t i = 0; i < summary->bin_count; i++)
        most = get(&summary->bin[i]) > most ? get(&summary->bin[i]) : most;
    return most;
}

static void describe(struct haul_buf *buf, const struct haul_summary *summary)
{
    const struct haul_summary_bin *top = &summary->bin[0];

    for (size_t i = 1; i < summary->bin_count; i++)
        top = summary->bin[i].count > top->count ? &summary->bin[i] : top;
    haul_buf_addf(buf, "Most URLs, %s, have from %s to %s.", haul_render_grouped(top->count).text,
                  haul_render_svg_bytes((double)top->from).text,
                  haul_render_svg_bytes((double)top->to).text);
}

static void add_tip(struct haul_buf *buf, const struct haul_summary_bin *bin)
{
    haul_buf_addf(
        buf, "<title>%s to %s: %s, together %s</title>",
        haul_render_svg_bytes((double)bin->from).text, haul_render_svg_bytes((double)bin->to).text,
        haul_render_count(bin->count, "URL", "URLs").text, haul_render_size(bin->size).text);
}

static void draw_panel(struct haul_buf *buf, const struct haul_summary *summary, double width,
                       double top, double panel, const char *caption,
                       double (*get)(const struct haul_summary_bin *bin))
{
    double most = most_of(summary, get), step = (width - LEFT - RIGHT) / (double)summary->bin_count;
    struct haul_render_svg_axis axis =
        haul_render_svg_make_axis(0, most > 0 ? most : 1, 4, get == size_of);
    double bar = step - (step > 12 ? 4 : 1), gap;

    bar = bar < BAR_MAX ? bar : BAR_MAX;
    gap = (step - bar) / 2;
    haul_render_svg_add_text(buf, "t", LEFT, top - 12, caption);
    haul_render_svg_add_grid(buf, &axis, LEFT, width - RIGHT, top, top + panel);
    for (size_t i = 0; i < summary->bin_count; i++) {
        double value = get(&summary->bin[i]), tall = value / axis.high * panel;

        if (!(value > 0))
            continue;
        haul_buf_add_str(buf, "<g>");
        add_tip(buf, &summary->bin[i]);
        haul_render_svg_add_rect(buf, "fill", LEFT + (double)i * step + gap,
                                 top + panel - (tall < 1 ? 1 : tall), bar, tall < 1 ? 1 : tall);
        haul_buf_add_str(buf, "</g>\n");
    }
}

/* The bounds of the bins, as many as there is room for. */
static void draw_bounds(struct haul_buf *buf, const struct haul_summary *summary, double width)
{
    double step = (width - LEFT - RIGHT) / (double)summary->bin_count;
    double y = TOP + PANEL + BETWEEN + PANEL2;
    size_t every = (size_t)(LABEL / step) + 1;

    for (size_t i = 0; i <= summary->bin_count; i++) {
        double x = LEFT + (double)i * step;
        int64_t bound = i ? summary->bin[i - 1].to : summary->bin[0].from;

        if (i != summary->bin_count && (i % every || summary->bin_count - i < every))
            continue;
        haul_render_svg_add_line(buf, "base", x, y, x, y + 4);
        haul_render_svg_add_text(buf, i == summary->bin_count ? "t e" : "t m", x, y + 18,
                                 haul_render_svg_bytes((double)bound).text);
    }
    haul_render_svg_add_text(buf, "t e", width - RIGHT, y + 36, "size of a URL");
    haul_buf_add_char(buf, '\n');
}

static void draw(struct haul_buf *buf, const struct haul_summary *summary, double width,
                 double height)
{
    (void)height;
    draw_panel(buf, summary, width, TOP, PANEL, "URLs", count_of);
    draw_panel(buf, summary, width, TOP + PANEL + BETWEEN, PANEL2, "bytes", size_of);
    draw_bounds(buf, summary, width);
}

void haul_render_svg_add_histogram(struct haul_buf *buf, const struct haul_summary *summary)
{
    static const struct haul_render_svg_chart chart = {
        .name = "histogram",
        .title = "How many URLs have which size, and how many bytes they are",
        .note = "No URL has a known size.",
        .wide_tall = HEIGHT,
        .narrow_tall = HEIGHT,
        .describe = describe,
        .draw = draw};

    haul_render_svg_add_chart(buf, summary, &chart, most_of(summary, count_of) > 0);
}
