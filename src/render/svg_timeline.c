#include "render/svg.h"

/* One lane per worker, and in it what it was busy with: the picture of concurrency. */
enum {
    LEFT = 34,
    RIGHT = 8,
    TOP = 6,
    BOTTOM = 40,
    LANES_MAX = 1024,
    LANES_HEIGHT = 360, /* of all lanes together, unless one would be lower than that */
    MARKS = 6,
    MARK_HALF = 28, /* of a mark's text, at most */
};
static const double lane_low = 1.5, lane_high = 16;

static int lanes_of(const struct haul_summary *summary)
{
    return summary->workers < 1 ? 1 : summary->workers > LANES_MAX ? LANES_MAX : summary->workers;
}

static double lane_height(const struct haul_summary *summary)
{
    double height = (double)LANES_HEIGHT / lanes_of(summary);

    return height < lane_low ? lane_low : height > lane_high ? lane_high : height;
}

static void describe(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_addf(buf, "%s over %s; the single times add up to %s.",
                  haul_render_count((uint64_t)lanes_of(summary), "worker", "workers").text,
                  haul_render_duration(summary->duration_us).text,
                  haul_render_duration(summary->serial_us).text);
}

static double span_of(const struct haul_summary *summary)
{
    double span = summary->duration_us > 0 ? (double)summary->duration_us : 1;

    for (size_t i = 0; i < summary->slice_count; i++)
        span = (double)summary->slice[i].to_us > span ? (double)summary->slice[i].to_us : span;
    return span;
}

static bool is_drawable(const struct haul_summary *summary, const struct haul_summary_slice *slice)
{
    return slice->worker >= 1 && slice->worker <= lanes_of(summary) && slice->from_us >= 0 &&
           slice->to_us >= slice->from_us;
}

/* What is drawn upon what. */
enum layer { WAITING, BUSY, FAILED, LAYERS };

static enum layer layer_of(const struct haul_summary_slice *slice)
{
    return slice->is_wait ? WAITING : slice->failed ? FAILED : BUSY;
}

/* All slices of a kind, as one path: thousands of elements would be slow. */
static void draw_slices(struct haul_buf *buf, const struct haul_summary *summary, double width,
                        enum layer layer)
{
    static const char *const classes[LAYERS] = {"busy wait", "busy", "busy over"};
    double scale = (width - LEFT - RIGHT) / span_of(summary), lane = lane_height(summary);
    double gap = lane > 6 ? 2 : lane / 6;

    haul_buf_addf(buf, "<path class=\"%s\" d=\"", classes[layer]);
    for (size_t i = 0; i < summary->slice_count; i++) {
        const struct haul_summary_slice *slice = &summary->slice[i];
        double wide = (double)(slice->to_us - slice->from_us) * scale;

        if (!is_drawable(summary, slice) || layer_of(slice) != layer)
            continue;
        wide = wide > 1.2 ? wide - 0.6 : wide < 0.6 ? 0.6 : wide;
        haul_buf_addf(buf, "M%s %sh%sv%sh%sz",
                      haul_render_svg_number(LEFT + (double)slice->from_us * scale).text,
                      haul_render_svg_number(TOP + lane * (slice->worker - 1) + gap / 2).text,
                      haul_render_svg_number(wide).text, haul_render_svg_number(lane - gap).text,
                      haul_render_svg_number(-wide).text);
    }
    haul_buf_add_str(buf, "\"/>\n");
}

/* The number of each worker, or of some. */
static void draw_lanes(struct haul_buf *buf, const struct haul_summary *summary, double width)
{
    double lane = lane_height(summary), gap = lane > 6 ? 2 : 0;
    int every = lane >= 12 ? 1 : (int)(12 / lane) + 1;

    for (int i = 0; i < lanes_of(summary); i++) {
        double y = TOP + lane * i;

        if (lane > 6)
            haul_render_svg_add_rect(buf, "lane", LEFT, y + gap / 2, width - LEFT - RIGHT,
                                     lane - gap);
        if (i % every)
            continue;
        haul_render_svg_begin_text(buf, "t e", LEFT - 8, y + lane / 2 + 4);
        haul_buf_addf(buf, "%d</text>", i + 1);
    }
}

/* Where a mark's text stands: below the mark, unless it would stick out of the picture there. */
static const char *mark_class(double x, double width)
{
    return x <= LEFT ? "t" : x + MARK_HALF > width ? "t e" : "t m";
}

static void draw_times(struct haul_buf *buf, const struct haul_summary *summary, double width)
{
    double span = span_of(summary), y = TOP + lane_height(summary) * lanes_of(summary);
    bool in_ms = span < 1e6;
    int marks = width < HAUL_RENDER_SVG_WIDE ? MARKS / 2 : MARKS;
    struct haul_render_svg_axis axis = haul_render_svg_make_axis(0, span, marks, false);

    for (double at = 0; at <= span; at += axis.step) {
        double x = LEFT + at / span * (width - LEFT - RIGHT);

        haul_render_svg_add_line(buf, "base", x, y, x, y + 4);
        haul_render_svg_begin_text(buf, mark_class(x, width), x, y + 18);
        haul_buf_addf(buf, in_ms ? "%s ms</text>" : "%s s</text>",
                      haul_render_short_decimal(in_ms ? at / 1e3 : at / 1e6, in_ms ? 1 : 2).text);
    }
    haul_render_svg_add_text(buf, "t e", width - RIGHT, y + 36, "time since the start");
    haul_buf_add_char(buf, '\n');
}

static void draw(struct haul_buf *buf, const struct haul_summary *summary, double width,
                 double height)
{
    (void)height;
    draw_lanes(buf, summary, width);
    for (int layer = 0; layer < LAYERS; layer++)
        draw_slices(buf, summary, width, (enum layer)layer);
    draw_times(buf, summary, width);
}

void haul_render_svg_add_timeline(struct haul_buf *buf, const struct haul_summary *summary)
{
    double height = TOP + lane_height(summary) * lanes_of(summary) + BOTTOM;
    const struct haul_render_svg_chart chart = {.name = "timeline",
                                                .title =
                                                    "What each worker was busy with, over time",
                                                .note = "No transfer was made.",
                                                .wide_tall = height,
                                                .narrow_tall = height,
                                                .describe = describe,
                                                .draw = draw};

    haul_render_svg_add_chart(buf, summary, &chart, summary->slice_count);
}
