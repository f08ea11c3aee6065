#ifndef HAUL_RENDER_RENDER_H
#define HAUL_RENDER_RENDER_H

#include <stdbool.h>

#include "base/out.h"
#include "haul/config.h"
#include "summary/summary.h"

/*
 * What the summary of a run looks like: one writer per format, each a pure function from a summary
 * to text.
 *
 * All share one contract. `summary` is only read and not kept; all of its strings may hold
 * anything, and each writer escapes them for its format (base/escape.h). The text is added to
 * `out`, which stays the caller's and is NOT flushed: the caller's haul_out_flush tells whether
 * all of it was written, running out of memory included (haul_out_fail with ENOMEM). A part of the
 * summary that is empty gives an empty part, or a sentence that says so. No locale, no clock, no
 * state: the same summary gives the same bytes, on any thread. Everything written is well-formed
 * UTF-8.
 */

/*
 * One HTML page that needs nothing else: style and script are inside and named by their hash in a
 * Content-Security-Policy, charts are inline SVG, and without script only sorting and filtering
 * are missing. Bounded: the table of URLs ends at HAUL_SUMMARY_PAGES_MAX rows or 2 MiB, the one of
 * failures at 500 rows, and says so.
 */
void haul_render_write_html(struct haul_out *out, const struct haul_summary *summary);

/*
 * GitHub-flavoured Markdown for a comment or a job summary; at most 10 rows per table. Text that is
 * not haul's own stands in code spans, where neither markup nor mentions nor links work.
 */
void haul_render_write_markdown(struct haul_out *out, const struct haul_summary *summary);

/*
 * Prometheus' text format 0.0.4, for the textfile collector of node_exporter. Each sample has the
 * label `site` (the summary's title), so that several runs can be collected on one machine.
 */
void haul_render_write_prometheus(struct haul_out *out, const struct haul_summary *summary);

/*
 * JUnit XML: the run, each budget, each failed URL and each invalid line (the first 1,000 of
 * either) is a test case. An invalid line is an error rather than a failure; a budget whose state
 * is unknown is skipped.
 */
void haul_render_write_junit(struct haul_out *out, const struct haul_summary *summary);

/*
 * Workflow commands of GitHub Actions: an ::error line for each budget that is exceeded, each URL
 * that failed and each line that is invalid, a ::warning for what is unknown, and one ::notice with
 * the totals. At most 10 of a kind, which is what GitHub shows; the tenth counts the rest if there
 * are more.
 */
void haul_render_write_github(struct haul_out *out, const struct haul_summary *summary);

/* One JSON object; its keys are those of the manual. Strings are as in haul_escape_json. */
void haul_render_write_json(struct haul_out *out, const struct haul_summary *summary);

/* Writes the report of a format that is about the whole run, by one of these. */
void haul_render_write(enum haul_format format, struct haul_out *out,
                       const struct haul_summary *summary);

/* Where a chart goes. */
struct haul_render_chart_style {
    int columns; /* width of the terminal, 0: unknown; 40 at least and 120 at most are used */
    bool utf8;   /* block characters, and URLs as they are; else ASCII */
    bool colour; /* escape sequences for colours: not with NO_COLOR, nor with TERM=dumb */
};

/* For a terminal: how sizes are distributed, and the ten largest. */
void haul_render_write_chart(struct haul_out *out, const struct haul_summary *summary,
                             const struct haul_render_chart_style *style);

#endif
