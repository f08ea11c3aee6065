#include "report/progress.h"

#include <string.h>

#include "base/escape.h"
#include "base/units.h"

enum {
    WINDOW_US = 10000000, /* of the rates */
    WIDTH_DEFAULT = 80,
    PLAIN_URL_WIDTH = 200,
    URL_WIDTH_MIN = 12, /* a shorter URL names nothing */
    PART_MAX = 128,     /* bytes of one part of the line, URL not counted */
};

/* An average that forgets: the longer the step, the more the new value weighs. */
static double smooth(double old, double now, double weight)
{
    return old + (now - old) * weight;
}

static void update_rates(struct haul_progress_meter *meter, uint64_t done, uint64_t bytes,
                         int64_t step_us)
{
    double seconds = (double)step_us / 1e6;
    double weight = (double)step_us / ((double)step_us + WINDOW_US);

    if (!meter->has_rate)
        weight = 1;
    meter->has_rate = true;
    meter->urls_per_second = smooth(meter->urls_per_second, (double)done / seconds, weight);
    meter->bytes_per_second = smooth(meter->bytes_per_second, (double)bytes / seconds, weight);
}

void haul_progress_update(struct haul_progress_meter *meter, const struct haul_progress_view *view)
{
    int64_t step_us = view->elapsed_us - meter->elapsed_us;

    if (step_us <= 0 || view->done < meter->done || view->bytes < meter->bytes)
        return;
    update_rates(meter, view->done - meter->done, view->bytes - meter->bytes, step_us);
    if (view->done > meter->done)
        meter->last_done_us = view->elapsed_us;
    meter->elapsed_us = view->elapsed_us;
    meter->done = view->done;
    meter->bytes = view->bytes;
}

/* --- the line --------------------------------------------------------------------------------- */

/* A line being made: parts are added while they fit. */
struct line {
    struct haul_buf *buf;
    struct haul_buf part; /* what is added next */
    size_t room;          /* columns left */
    bool full;            /* a part did not fit: those after it matter less, and are left out too */
};

/* Parts are ASCII: bytes are columns. */
static void add_part(struct line *line)
{
    struct haul_buf *part = &line->part;

    if (part->err && !line->buf->err)
        line->buf->err = part->err;
    if (part->len > line->room)
        line->full = true;
    if (!line->full) {
        haul_buf_add(line->buf, part->data, part->len);
        line->room -= part->len;
    }
    haul_buf_clear(part);
}

/* Fractions would only flicker. */
static void add_whole_seconds(struct haul_buf *part, int64_t seconds)
{
    if (seconds > 0)
        haul_units_add_duration(part, seconds * 1000);
    else
        haul_buf_add_str(part, "0 s");
}

static void add_counts(struct line *line, const struct haul_progress_view *view)
{
    struct haul_buf *part = &line->part;
    const struct {
        uint64_t count;
        const char *words;
    } row[] = {
        {view->failed, " failed"}, {view->in_flight, " in flight"}, {view->parked, " parked"}};

    haul_units_add_grouped(part, (int64_t)view->done);
    if (view->total) {
        haul_buf_add_str(part, " of ");
        haul_units_add_grouped(part, (int64_t)view->total);
    } else {
        haul_buf_add_str(part, " done");
    }
    add_part(line);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (!row[i].count)
            continue;
        haul_buf_add_str(part, ", ");
        haul_units_add_grouped(part, (int64_t)row[i].count);
        haul_buf_add_str(part, row[i].words);
        add_part(line);
    }
    if (view->window_full) {
        haul_buf_add_str(part, ", window full");
        add_part(line);
    }
}

/* At the rate of late; but hosts that have to be left alone, and for long, may be what is left. */
static double seconds_left(const struct haul_progress_meter *meter,
                           const struct haul_progress_view *view)
{
    double least = (double)view->left_us / 1e6, left = 0;

    if (meter->urls_per_second > 0)
        left = (double)(view->total - view->done) / meter->urls_per_second;
    return left > least ? left : least;
}

static void add_rates(struct line *line, const struct haul_progress_meter *meter,
                      const struct haul_progress_view *view)
{
    struct haul_buf *part = &line->part;
    double left;

    if (!meter->has_rate)
        return;
    haul_buf_add_str(part, ", ");
    haul_units_add_bytes(part, meter->bytes_per_second < 9e18 ? (int64_t)meter->bytes_per_second
                                                              : INT64_MAX);
    haul_buf_add_str(part, "/s");
    add_part(line);
    if (view->total <= view->done || (meter->urls_per_second <= 0 && !view->left_us))
        return;
    left = seconds_left(meter, view);
    if (left > 1e9)
        return;
    haul_buf_add_str(part, ", ");
    add_whole_seconds(part, (int64_t)left);
    haul_buf_add_str(part, " left");
    add_part(line);
}

static bool is_waiting(const struct haul_progress_meter *meter,
                       const struct haul_progress_view *view)
{
    return view->oldest_url && view->in_flight &&
           view->elapsed_us - meter->last_done_us > HAUL_PROGRESS_WAITING_US;
}

static void add_waiting(struct line *line, const struct haul_progress_view *view, bool utf8)
{
    struct haul_buf *part = &line->part;
    size_t width;

    haul_buf_add_str(part, ", waiting ");
    add_whole_seconds(part, view->oldest_us / 1000000);
    add_part(line);
    if (line->full || line->room < URL_WIDTH_MIN + 5)
        return;
    haul_buf_add_str(part, " for ");
    add_part(line);
    width = line->room < PLAIN_URL_WIDTH ? line->room : PLAIN_URL_WIDTH;
    haul_escape_terminal_middle(line->buf, view->oldest_url, strlen(view->oldest_url), utf8, width);
}

static void add_line(struct haul_buf *buf, const struct haul_progress_meter *meter,
                     const struct haul_progress_view *view, size_t room, bool utf8)
{
    struct line line = {.buf = buf, .room = room};

    haul_buf_init(&line.part, PART_MAX);
    add_counts(&line, view);
    if (is_waiting(meter, view))
        add_waiting(&line, view, utf8);
    else
        add_rates(&line, meter, view);
    haul_buf_done(&line.part);
}

void haul_progress_render(struct haul_buf *buf, const struct haul_progress_meter *meter,
                          const struct haul_progress_view *view, int width, bool utf8)
{
    size_t columns = width > 0 ? (size_t)width : WIDTH_DEFAULT;

    add_line(buf, meter, view, columns - 1, utf8);
}

void haul_progress_render_plain(struct haul_buf *buf, const struct haul_progress_meter *meter,
                                const struct haul_progress_view *view, bool utf8)
{
    haul_buf_add_str(buf, "haul: ");
    add_line(buf, meter, view, SIZE_MAX, utf8);
    haul_buf_add_char(buf, '\n');
}
