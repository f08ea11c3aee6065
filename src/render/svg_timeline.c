#include "render/number.h"
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

static double height(const struct haul_summary *summary, double width)
{
    (void)width;
    return TOP + lane_height(summary) * lanes_of(summary) + BOTTOM;
}

static void describe(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_render_add_count(buf, (uint64_t)lanes_of(summary), "worker", "workers");
    haul_buf_add_str(buf, " over ");
    haul_render_add_duration_us(buf, summary->duration_us);
    haul_buf_add_str(buf, "; the single times add up to ");
    haul_render_add_duration_us(buf, summary->serial_us);
    haul_buf_add_char(buf, '.');
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

/* All slices with failures, or all without, as one path: thousands of elements would be slow. */
static void draw_slices(struct haul_buf *buf, const struct haul_summary *summary, double width,
                        bool failed)
{
    double scale = (width - LEFT - RIGHT) / span_of(summary), lane = lane_height(summary);
    double gap = lane > 6 ? 2 : lane / 6;

    haul_buf_addf(buf, "<path class=\"busy%s\" d=\"", failed ? " over" : "");
    for (size_t i = 0; i < summary->slice_count; i++) {
        const struct haul_summary_slice *slice = &summary->slice[i];
        double wide = (double)(slice->to_us - slice->from_us) * scale;

        if (!is_drawable(summary, slice) || (slice->failed > 0) != failed)
            continue;
        wide = wide > 1.2 ? wide - 0.6 : wide < 0.6 ? 0.6 : wide;
        haul_buf_add_char(buf, 'M');
        haul_render_svg_add_number(buf, LEFT + (double)slice->from_us * scale);
        haul_buf_add_char(buf, ' ');
        haul_render_svg_add_number(buf, TOP + lane * (slice->worker - 1) + gap / 2);
        haul_buf_add_char(buf, 'h');
        haul_render_svg_add_number(buf, wide);
        haul_buf_add_char(buf, 'v');
        haul_render_svg_add_number(buf, lane - gap);
        haul_buf_add_char(buf, 'h');
        haul_render_svg_add_number(buf, -wide);
        haul_buf_add_char(buf, 'z');
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

static void add_seconds(struct haul_buf *buf, double us, bool in_ms)
{
    if (in_ms)
        haul_render_add_short_decimal(buf, us / 1e3, 1);
    else
        haul_render_add_short_decimal(buf, us / 1e6, 2);
    haul_buf_add_str(buf, in_ms ? " ms" : " s");
}

/* Where a mark's text stands: below the mark, unless it would stick out of the picture there. */
static const char *mark_class(double x, double width)
{
    return x <= LEFT ? "t" : x + MARK_HALF > width ? "t e" : "t m";
}

static void draw_times(struct haul_buf *buf, const struct haul_summary *summary, double width)
{
    double span = span_of(summary), y = TOP + lane_height(summary) * lanes_of(summary);
    int marks = width < HAUL_RENDER_SVG_WIDE ? MARKS / 2 : MARKS;
    struct haul_render_svg_axis axis = haul_render_svg_make_axis(0, span, marks, false);

    for (double at = 0; at <= span; at += axis.step) {
        double x = LEFT + at / span * (width - LEFT - RIGHT);

        haul_render_svg_add_line(buf, "base", x, y, x, y + 4);
        haul_render_svg_begin_text(buf, mark_class(x, width), x, y + 18);
        add_seconds(buf, at, span < 1e6);
        haul_buf_add_str(buf, "</text>");
    }
    haul_render_svg_begin_text(buf, "t e", width - RIGHT, y + 36);
    haul_buf_add_str(buf, "time since the start</text>\n");
}

static void draw(struct haul_buf *buf, const struct haul_summary *summary, double width)
{
    draw_lanes(buf, summary, width);
    draw_slices(buf, summary, width, false);
    draw_slices(buf, summary, width, true);
    draw_times(buf, summary, width);
}

void haul_render_svg_add_timeline(struct haul_buf *buf, const struct haul_summary *summary)
{
    static const struct haul_render_svg_chart chart = {
        "timeline", "What each worker was busy with, over time", describe, height, draw};

    if (summary->slice_count)
        haul_render_svg_add_chart(buf, summary, &chart);
    else
        haul_buf_add_str(buf, "<p class=\"note\">No transfer was made.</p>");
}
