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
    HAUL_BRIEF_FAILED_MAX = 20, /* URLs that failed */
    HAUL_BRIEF_MOVERS_MAX = 10, /* URLs that changed */
    HAUL_BRIEF_URL_WIDTH = 200  /* columns of a URL */
};

/*
 * The line that says it all:
 *
 *   haul: example.com: 3 of 10,000 failed, +1.2 MiB (+3.1 %) since 2026-11-22, 1 budget exceeded
 *
 * What fails that did not before is told apart: "2 now failing, the rest +1.2 MiB".
 */
void haul_brief_add_headline(struct haul_buf *buf, const struct haul_summary *summary, bool utf8);

/*
 * What has changed since the earlier run, in one line; nothing without one:
 *
 *   +1.2 MiB (+3.1 %) since 2026-11-22: 12 added, 3 gone
 */
void haul_brief_add_changes(struct haul_buf *buf, const struct haul_summary *summary);

/* A line for each budget, followed by the worst where it is exceeded. */
void haul_brief_add_budgets(struct haul_buf *buf, const struct haul_summary *summary, bool utf8);

/* The headline, the budgets, what failed and what has changed. */
void haul_brief_add(struct haul_buf *buf, const struct haul_summary *summary, bool utf8);

#endif
