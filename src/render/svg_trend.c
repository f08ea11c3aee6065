#include <math.h>

#include "render/svg.h"

enum { LEFT = 66, RIGHT = 16, TOP = 16, PANEL = 200, BOTTOM = 34, DATE = 10, DOTS_MAX = 70 };

static void describe(struct haul_buf *buf, const struct haul_summary *summary)
{
    const struct haul_summary_past *first = &summary->past[0];
    const struct haul_summary_past *last = &summary->past[summary->past_count - 1];

    haul_buf_addf(buf, "From %s on %s to %s on %s.", haul_render_size(first->size).text,
                  haul_render_date(first->started_us).text, haul_render_size(last->size).text,
                  haul_render_date(last->started_us).text);
}

/* The scale of the picture. */
struct plot {
    struct haul_render_svg_axis axis;
    double first_us, span_us; /* of time, left to right */
    double width;
};

/* Bytes on the wire that are known, and no others than the total. */
static bool has_wire(const struct haul_summary_past *past)
{
    return past->wire > 0;
}

/* A change that is small beside the total is still to be seen: then the axis does not begin at 0,
 * and its labels say so. */
static struct plot make_plot(const struct haul_summary *summary, double width)
{
    struct plot plot = {.width = width};
    double low = (double)summary->past[0].size, high = low;

    for (size_t i = 0; i < summary->past_count; i++) {
        double size = (double)summary->past[i].size, wire = (double)summary->past[i].wire;

        low = fmin(low, has_wire(&summary->past[i]) ? fmin(size, wire) : size);
        high = fmax(high, has_wire(&summary->past[i]) ? fmax(size, wire) : size);
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

static double y_of(const struct plot *plot, int64_t size)
{
    double part = ((double)size - plot->axis.low) / (plot->axis.high - plot->axis.low);

    return TOP + PANEL * (1 - part);
}

/* Where nobody knows what a run takes on the wire there is a gap. */
static void draw_wire(struct haul_buf *buf, const struct haul_summary *summary,
                      const struct plot *plot)
{
    bool is_open = false, any = false;

    for (size_t i = 0; i < summary->past_count; i++) {
        const struct haul_summary_past *past = &summary->past[i];

        if (has_wire(past) && !any)
            haul_buf_add_str(buf, "<path class=\"trend wire\" d=\"");
        if (has_wire(past))
            haul_buf_addf(buf, "%c%s %s", is_open ? 'L' : 'M',
                          haul_render_svg_number(x_of(plot, past)).text,
                          haul_render_svg_number(y_of(plot, past->wire)).text);
        is_open = has_wire(past);
        any = any || is_open;
    }
    if (any)
        haul_buf_add_str(buf, "\"/>\n");
}

static void draw_line(struct haul_buf *buf, const struct haul_summary *summary,
                      const struct plot *plot)
{
    haul_buf_add_str(buf, "<path class=\"trend\" d=\"");
    for (size_t i = 0; i < summary->past_count; i++) {
        haul_buf_addf(buf, "%c%s %s", i ? 'L' : 'M',
                      haul_render_svg_number(x_of(plot, &summary->past[i])).text,
                      haul_render_svg_number(y_of(plot, summary->past[i].size)).text);
    }
    haul_buf_add_str(buf, "\"/>\n");
}

static void draw_dot(struct haul_buf *buf, const struct haul_summary_past *past,
                     const struct plot *plot, double radius)
{
    haul_buf_addf(buf, "<circle class=\"dot%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"><title>%s: %s, %s",
                  past->failed ? " over" : "", haul_render_svg_number(x_of(plot, past)).text,
                  haul_render_svg_number(y_of(plot, past->size)).text,
                  haul_render_svg_number(radius).text, haul_render_date(past->started_us).text,
                  haul_render_size(past->size).text,
                  haul_render_count(past->count, "URL", "URLs").text);
    if (past->failed)
        haul_buf_addf(buf, ", failed: %s", haul_render_count(past->failed, "URL", "URLs").text);
    if (has_wire(past))
        haul_buf_addf(buf, ", on the wire: %s", haul_render_size(past->wire).text);
    haul_buf_add_str(buf, "</title></circle>\n");
}

static void draw_dates(struct haul_buf *buf, const struct haul_summary *summary, double width)
{
    const struct haul_summary_past *ends[] = {&summary->past[0],
                                              &summary->past[summary->past_count - 1]};

    for (int i = 0; i < 2; i++) {
        haul_render_svg_begin_text(buf, i ? "t e" : "t", i ? width - RIGHT : LEFT,
                                   TOP + PANEL + 20);
        haul_buf_addf(buf, "%.*s</text>", DATE, haul_render_date(ends[i]->started_us).text);
    }
}

static void draw(struct haul_buf *buf, const struct haul_summary *summary, double width,
                 double height)
{
    struct plot plot = make_plot(summary, width);
    size_t last = summary->past_count - 1;

    (void)height;
    haul_render_svg_add_grid(buf, &plot.axis, LEFT, width - RIGHT, TOP, TOP + PANEL);
    draw_dates(buf, summary, width);
    draw_wire(buf, summary, &plot);
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
        .name = "trend",
        .title = "The total size of each run in the history",
        .note = "There is no earlier run in the history yet: the next report will show how the"
                " total develops.",
        .wide_tall = TOP + PANEL + BOTTOM,
        .narrow_tall = TOP + PANEL + BOTTOM,
        .describe = describe,
        .draw = draw};

    haul_render_svg_add_chart(buf, summary, &chart, summary->past_count > 1);
}
