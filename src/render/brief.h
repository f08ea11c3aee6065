#ifndef HAUL_RENDER_BRIEF_H
#define HAUL_RENDER_BRIEF_H

#include <stdbool.h>

#include "base/buf.h"
#include "summary/summary.h"

/*
 * A run in few words, for a mail or a terminal. All of these append whole lines to `buf`, escaped
 * as by haul_escape_terminal; errors are in `buf`. Pure: any thread.
 *
 * The number of lines is bounded whatever the run was, and so is their length: what does not fit is
 * counted.
 */

enum {
    HAUL_BRIEF_MOVERS_MAX = 10,   /* URLs that have grown, shrunk, or changed their type */
    HAUL_BRIEF_NEWS_MAX = 4,      /* lines of what recovered, of what is new, of what is gone */
    HAUL_BRIEF_OFFENDERS_MAX = 3, /* of a budget */
    HAUL_BRIEF_TYPES_MAX = 5,     /* media types */
    HAUL_BRIEF_URL_WIDTH = 200    /* columns of a URL */
};

/*
 * The line that says it all:
 *
 *   haul: example.com: 3 of 10,000 failed, +1.2 MiB (+3.1 %) since 2026-11-22 03:00 UTC, 1 budget
 *   exceeded
 *
 * What fails that did not before is told apart: "2 now failing, the rest +1.2 MiB".
 */
void haul_brief_add_headline(struct haul_buf *buf, const struct haul_summary *summary, bool utf8);

/*
 * What has changed since the earlier run, in one line; nothing without one:
 *
 *   +1.2 MiB (+3.1 %) since 2026-11-22 03:00 UTC: 12 added, 3 gone
 */
void haul_brief_add_changes(struct haul_buf *buf, const struct haul_summary *summary);

/* A line for each budget, followed by the worst where it is exceeded. */
void haul_brief_add_budgets(struct haul_buf *buf, const struct haul_summary *summary, bool utf8);

/*
 * What the bodies take on the wire, and how well the largest types are packed, if a budget is about
 * that, or it has changed:
 *
 *   on the wire: 12.3 MiB, ratio 3.1; text/html 4.1, image/png 1.0
 */
void haul_brief_add_wire(struct haul_buf *buf, const struct haul_summary *summary, bool utf8);

/*
 * Only the news: the headline, what fails since the earlier run, in one line what has failed
 * before, the budgets that are not kept with the worst, what is ok again, new and gone, and what
 * else has changed and was not named yet.
 *
 *   now failing: 30 x http-503 below https://example.com/docs/topic-03/
 *   now failing: http-404: https://example.com/about.html
 *   still failing: 12 URLs, the first since 2026-11-20 03:00 UTC
 *   recovered: +5 B: https://example.com/faq.html
 *   grown: +1.1 MiB: https://example.com/photo.jpg
 */
void haul_brief_add(struct haul_buf *buf, const struct haul_summary *summary, bool utf8);

/* Where the rest stands, if anywhere: "reports: audit.html, audit.json". */
void haul_brief_add_reports(struct haul_buf *buf, const char *const *file, size_t count, bool utf8);

#endif
