#ifndef HAUL_REPORT_PROGRESS_H
#define HAUL_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The progress line: from a handful of numbers to one line of text. Nothing here writes or reads a
 * clock; the collector says what time it is and puts the line on standard error. No colour.
 */

/* What the run looks like at one moment. */
struct haul_progress_view {
    uint64_t done;          /* URLs finished, failed ones too */
    uint64_t total;         /* of so many; 0: not known yet (the list is still being read) */
    uint64_t failed;        /* of those done */
    uint64_t in_flight;     /* being fetched now */
    uint64_t parked;        /* waiting for politeness or a retry */
    uint64_t bytes;         /* body bytes received so far */
    int64_t elapsed_us;     /* since the run began, monotonic */
    const char *oldest_url; /* in flight for the longest time, unescaped; or NULL */
    int64_t oldest_us;      /* for how long already, microseconds */
    bool window_full;       /* workers have nothing to do because no more may be read */
    int64_t left_us;        /* what is known to be left takes so long at least */
};

/*
 * The smoothing state, kept between two lines. Rates are averages that forget: what is older than
 * about 10 s hardly counts. All zero at first; one thread.
 */
struct haul_progress_meter {
    int64_t elapsed_us;      /* of the last update */
    int64_t last_done_us;    /* when `done` last grew */
    uint64_t done;           /* of the last update */
    uint64_t bytes;          /* of the last update */
    double bytes_per_second; /* smoothed */
    double urls_per_second;  /* smoothed */
    bool has_rate;           /* the two above mean something */
};

/* What takes the line off the screen again: to the first column, erase to the end (ECMA-48). */
#define HAUL_PROGRESS_ERASE "\r\033[K"

/* After so long without a finished URL the line says what is being waited for. */
enum { HAUL_PROGRESS_WAITING_US = 2000000 };

/* Takes in the numbers of this moment; before each line. Time and counters never run backwards: an
 * update from the past is ignored. */
void haul_progress_update(struct haul_progress_meter *meter, const struct haul_progress_view *view);

/*
 * Appends the line, without erase bytes and without a line end, in at most `width` - 1 columns (the
 * last one stays free: a full line would wrap on some terminals); `width` 0 counts as 80. What does
 * not fit is left out from the right, and a URL is shortened in its middle. URLs are escaped for
 * the terminal (`utf8`: base/escape.h). Example: `120 of 1,000, 3 failed, 16 in flight, 2 parked,
 * 1.2 MiB/s, 45 s left`, with `, window full` behind the counts if it is; and when nothing
 * finishes: `999 of 1,000, 3 failed, 1 in flight, waiting 12 s for http://example.com/`.
 */
void haul_progress_render(struct haul_buf *buf, const struct haul_progress_meter *meter,
                          const struct haul_progress_view *view, int width, bool utf8);

/* The same for a log: whole, with "haul: " before it and a line end, URLs at most 200 columns. */
void haul_progress_render_plain(struct haul_buf *buf, const struct haul_progress_meter *meter,
                                const struct haul_progress_view *view, bool utf8);

#endif
