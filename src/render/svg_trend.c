#include "render/number.h"
#include "render/svg.h"

enum { LEFT = 66, RIGHT = 16, TOP = 16, PANEL = 200, BOTTOM = 34, DATE = 10, DOTS_MAX = 70 };

static double height(const struct haul_summary *summary, double width)
{
    (void)summary;
    (void)width;
    return TOP + PANEL + BOTTOM;
}

static void describe(struct haul_buf *buf, const struct haul_summary *summary)
{
    const struct haul_summary_past *first = &summary->past[0];
    const struct haul_summary_past *last = &summary->past[summary->past_count - 1];

    haul_buf_add_str(buf, "From ");
    haul_render_add_size(buf, first->size);
    haul_buf_add_str(buf, " on ");
    haul_render_add_date(buf, first->started_us);
    haul_buf_add_str(buf, " to ");
    haul_render_add_size(buf, last->size);
    haul_buf_add_str(buf, " on ");
    haul_render_add_date(buf, last->started_us);
    haul_buf_add_char(buf, '.');
}

/* The scale of the picture. */
struct plot {
    struct haul_render_svg_axis axis;
    double first_us, span_us; /* of time, left to right */
    double width;
};

/* A change that is small beside the total is still to be seen: then the axis does not begin at 0,
 * and its labels say so. */
static struct plot make_plot(const struct haul_summary *summary, double width)
{
    struct plot plot = {.width = width};
    double low = (double)summary->past[0].size, high = low;

    for (size_t i = 1; i < summary->past_count; i++) {
        double size = (double)summary->past[i].size;

        low = size < low ? size : low;
        high = size > high ? size : high;
    }
    if (low < high / 2 || low == high)
        low = 0;
    plot.axis = haul_render_svg_make_axis(low, high > low ? high : low + 1, 4, true);
    plot.first_us = (double)summary->past[0].started_us;
    plot.span_us = (double)summary->past[summary->past_count - 1].started_us - plot.first_us;
    return plot;
}

static double x_of(const struct plot *plot, const struct haul_summary_past *past)
{
    double part =
        plot->span_us > 0 ? ((double)past->started_us - plot->first_us) / plot->span_us : 0;

    part = part < 0 ? 0 : part > 1 ? 1 : part;
    return LEFT + part * (plot->width - LEFT - RIGHT);
}

static double y_of(const struct plot *plot, const struct haul_summary_past *past)
{
    double part = ((double)past->size - plot->axis.low) / (plot->axis.high - plot->axis.low);

    return TOP + PANEL * (1 - part);
}

static void draw_line(struct haul_buf *buf, const struct haul_summary *summary,
                      const struct plot *plot)
{
    haul_buf_add_str(buf, "<path class=\"trend\" d=\"");
    for (size_t i = 0; i < summary->past_count; i++) {
        haul_buf_add_char(buf, i ? 'L' : 'M');
        haul_render_svg_add_number(buf, x_of(plot, &summary->past[i]));
        haul_buf_add_char(buf, ' ');
        haul_render_svg_add_number(buf, y_of(plot, &summary->past[i]));
    }
    haul_buf_add_str(buf, "\"/>\n");
}

static void draw_dot(struct haul_buf *buf, const struct haul_summary_past *past,
                     const struct plot *plot, double radius)
{
    haul_buf_addf(buf, "<circle class=\"dot%s\"", past->failed ? " over" : "");
    haul_render_svg_add_attribute(buf, "cx", x_of(plot, past));
    haul_render_svg_add_attribute(buf, "cy", y_of(plot, past));
    haul_render_svg_add_attribute(buf, "r", radius);
    haul_buf_add_str(buf, "><title>");
    haul_render_add_date(buf, past->started_us);
    haul_buf_add_str(buf, ": ");
    haul_render_add_size(buf, past->size);
    haul_buf_add_str(buf, ", ");
    haul_render_add_count(buf, past->count, "URL", "URLs");
    if (past->failed) {
        haul_buf_add_str(buf, ", failed: ");
        haul_render_add_count(buf, past->failed, "URL", "URLs");
    }
    haul_buf_add_str(buf, "</title></circle>\n");
}

static void draw_dates(struct haul_buf *buf, const struct haul_summary *summary, double width)
{
    const struct haul_summary_past *ends[] = {&summary->past[0],
                                              &summary->past[summary->past_count - 1]};
    struct haul_buf date;

    for (int i = 0; i < 2; i++) {
        haul_buf_init(&date, 0);
        haul_render_add_date(&date, ends[i]->started_us);
        haul_render_svg_begin_text(buf, i ? "t e" : "t", i ? width - RIGHT : LEFT,
                                   TOP + PANEL + 20);
        haul_buf_add(buf, haul_buf_str(&date), date.len < DATE ? date.len : DATE);
        haul_buf_add_str(buf, "</text>");
        haul_buf_done(&date);
    }
}

static void draw(struct haul_buf *buf, const struct haul_summary *summary, double width)
{
    struct plot plot = make_plot(summary, width);
    size_t last = summary->past_count - 1;

    haul_render_svg_add_grid(buf, &plot.axis, LEFT, width - RIGHT, TOP, TOP + PANEL);
    draw_dates(buf, summary, width);
    draw_line(buf, summary, &plot);
    for (size_t i = 0; i < last; i++) {
        if (summary->past_count <= DOTS_MAX || summary->past[i].failed)
            draw_dot(buf, &summary->past[i], &plot, 3);
    }
    draw_dot(buf, &summary->past[last], &plot, 5);
}

void haul_render_svg_add_trend(struct haul_buf *buf, const struct haul_summary *summary)
{
    static const struct haul_render_svg_chart chart = {
        "trend", "The total size of each run in the history", describe, height, draw};

    if (summary->past_count > 1)
        haul_render_svg_add_chart(buf, summary, &chart);
    else
        haul_buf_add_str(buf, "<p class=\"note\">There is no earlier run in the history yet: the"
                              " next report will show how the total develops.</p>");
}
