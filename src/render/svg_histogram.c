#include "base/units.h"
#include "render/number.h"
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

static double height(const struct haul_summary *summary, double width)
{
    (void)summary;
    (void)width;
    return TOP + PANEL + BETWEEN + PANEL2 + BOTTOM;
}

static void describe(struct haul_buf *buf, const struct haul_summary *summary)
{
    const struct haul_summary_bin *top = &summary->bin[0];

    for (size_t i = 1; i < summary->bin_count; i++)
        top = summary->bin[i].count > top->count ? &summary->bin[i] : top;
    haul_buf_add_str(buf, "Most URLs, ");
    haul_units_add_grouped(buf, top->count > INT64_MAX ? INT64_MAX : (int64_t)top->count);
    haul_buf_add_str(buf, ", have from ");
    haul_render_svg_add_bytes(buf, (double)top->from);
    haul_buf_add_str(buf, " to ");
    haul_render_svg_add_bytes(buf, (double)top->to);
    haul_buf_add_char(buf, '.');
}

static void add_tip(struct haul_buf *buf, const struct haul_summary_bin *bin)
{
    haul_buf_add_str(buf, "<title>");
    haul_render_svg_add_bytes(buf, (double)bin->from);
    haul_buf_add_str(buf, " to ");
    haul_render_svg_add_bytes(buf, (double)bin->to);
    haul_buf_add_str(buf, ": ");
    haul_render_add_count(buf, bin->count, "URL", "URLs");
    haul_buf_add_str(buf, ", together ");
    haul_render_add_size(buf, bin->size);
    haul_buf_add_str(buf, "</title>");
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

    haul_render_svg_begin_text(buf, "t", LEFT, top - 12);
    haul_buf_addf(buf, "%s</text>", caption);
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
        haul_render_svg_begin_text(buf, i == summary->bin_count ? "t e" : "t m", x, y + 18);
        haul_render_svg_add_bytes(buf, (double)bound);
        haul_buf_add_str(buf, "</text>");
    }
    haul_render_svg_begin_text(buf, "t e", width - RIGHT, y + 36);
    haul_buf_add_str(buf, "size of a URL</text>\n");
}

static void draw(struct haul_buf *buf, const struct haul_summary *summary, double width)
{
    draw_panel(buf, summary, width, TOP, PANEL, "URLs", count_of);
    draw_panel(buf, summary, width, TOP + PANEL + BETWEEN, PANEL2, "bytes", size_of);
    draw_bounds(buf, summary, width);
}

void haul_render_svg_add_histogram(struct haul_buf *buf, const struct haul_summary *summary)
{
    static const struct haul_render_svg_chart chart = {
        "histogram", "How many URLs have which size, and how many bytes they are", describe, height,
        draw};

    if (most_of(summary, count_of) > 0)
        haul_render_svg_add_chart(buf, summary, &chart);
    else
        haul_buf_add_str(buf, "<p class=\"note\">No URL has a known size.</p>");
}
