#ifndef HAUL_RENDER_NUMBER_H
#define HAUL_RENDER_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "summary/summary.h"

/*
 * Numbers as reports show them, beyond base/units.h. Pure, and without a locale: a decimal comma
 * would spoil coordinates and samples.
 */

/* A number as text, for the formats of haul_buf_addf: haul_render_size(1536).text. It is valid to
 * the end of the expression that it stands in (C11, 6.2.4). Holds no text but haul's own. */
struct haul_render_number {
    char text[64];
};

/* "12.50" for digits 2; at most 6 digits. What is not finite is 0, what is huge is 9 * 10^18. */
struct haul_render_number haul_render_decimal(double value, int digits);

/* The same without zeros at the end: "12.5", "3". */
struct haul_render_number haul_render_short_decimal(double value, int digits);

/* "1,256"; and with what is counted: "1 URL", "2,000 URLs". What is huge is INT64_MAX. */
struct haul_render_number haul_render_grouped(uint64_t value);
struct haul_render_number haul_render_count(uint64_t count, const char *one, const char *many);

/* Bytes gained or lost: "+1.5 KiB", "-300 B", "0 B". All formats have this sign, which text without
 * UTF-8 has, too. */
struct haul_render_number haul_render_change(int64_t bytes);

/*
 * `part` of `whole` in percent, with one decimal: "12.3 %". "–" (U+2013) if whole is not above 0.
 */
struct haul_render_number haul_render_share(double part, double whole);

/* The same with its sign, for a change: "+3.1 %", "-0.4 %"; what is rounded to nothing has none:
 * "0.0 %". */
struct haul_render_number haul_render_signed_share(double part, double whole);

/* "1.5 KiB", or "–" for a size that is unknown. */
struct haul_render_number haul_render_size(int64_t size);

/* Appends what the bodies have gained on the wire: ", on the wire +38.2 MiB (+102.3 %)". */
void haul_render_add_wire_gain(struct haul_buf *buf, int64_t before, int64_t after);

/* How well bodies are packed, decoded bytes by bytes on the wire: "3.6", "1.0"; "–" where that is
 * not known, or nothing. */
struct haul_render_number haul_render_ratio(const struct haul_summary_wire *wire);
bool haul_render_has_ratio(const struct haul_summary_wire *wire);

/* Bytes on the wire; "–" where none are known. */
struct haul_render_number haul_render_wire(const struct haul_summary_wire *wire);

/* A duration of so many microseconds, as haul_units_add_duration writes it; "–" below 0. */
struct haul_render_number haul_render_duration(int64_t us);

/* A point in time, microseconds since 1970: "2026-11-23 04:55 UTC" and "2026-11-23T04:55:09Z". */
struct haul_render_number haul_render_date(int64_t us);
struct haul_render_number haul_render_timestamp(int64_t us);

/* A value in the unit of a budget: "1.5 MiB", "5,000 URLs", "9.8 %" (up to
 * four decimals, as limits have). */
struct haul_render_number haul_render_amount(double value, const char *unit);

/* Is there anything to show of a budget? Of one that is not known it is what is known. */
bool haul_render_has_figures(const struct haul_summary_budget *budget);

/*
 * What a budget came to: "12.0 MiB"; "11.0 MiB to 12.0 MiB" where that depends on what is not known
 * (a range); "at least 11.0 MiB" where that has no end; "so far 11.0 MiB" if the run is not
 * complete. The words before it are static.
 */
void haul_render_add_figure(struct haul_buf *buf, const struct haul_summary_budget *budget);
bool haul_render_is_range(const struct haul_summary_budget *budget);
const char *haul_render_bound(const struct haul_summary_budget *budget);

/* The same with the limit and the note: "12.0 MiB, the limit is 10.0 MiB". NOT escaped. */
void haul_render_add_budget_text(struct haul_buf *buf, const struct haul_summary_budget *budget);

/*
 * The run in one sentence, without its title: "10,000 URLs, 1.2 GiB, 3 failed, 2 now failing, the
 * rest +1.2 MiB (+3.1 %) since 2026-11-22 03:00 UTC, 1 budget exceeded". Holds no text but haul's
 * own.
 */
void haul_render_add_headline(struct haul_buf *buf, const struct haul_summary *summary);

/* How many rows of a table are shown. */
/* "nothing was found", and how much there was before; of a bare summary. */
void haul_render_add_nothing(struct haul_buf *buf, const struct haul_summary *summary);

/* "2 now failing, 1 disallowed, the rest ", or nothing: those that had a size and may have it
 * still are told apart from what the rest has gained. `change`: how many, by kind. */
void haul_render_add_apart(struct haul_buf *buf, const uint64_t change[HAUL_CHANGE_COUNT]);

/*
 * What is wrong with a run as a whole: that it is not complete, and why, or that an input gave
 * nothing. Static; NULL: nothing.
 */
struct haul_render_flaw {
    const char *type;     /* a word for programs */
    const char *title;    /* in few words */
    const char *text;     /* the cause */
    const char *sentence; /* the same, and what follows from it */
    bool is_failure;      /* the run is not complete */
};
const struct haul_render_flaw *haul_render_find_flaw(const struct haul_summary *summary);

/* What the run is called, for people: "no host" where nobody knows. */
const char *haul_render_title(const struct haul_summary *summary);

/* What is said of the inputs, or nothing: ", 2 inputs without a URL, an input was not read to its
 * end, 3 disallowed by robots.txt". That there was nothing at all is not among it. */
void haul_render_add_inputs(struct haul_buf *buf, const struct haul_summary *summary);

size_t haul_render_at_most(size_t count, size_t max);

/* How many budgets are in a state. */
size_t haul_render_count_budgets(const struct haul_summary *summary, enum haul_budget_state state);

/* Bytes gained since the earlier run by what is known in both: what fails in one of them, and what
 * never had a size before, is left out. */
int64_t haul_render_total_change(const struct haul_summary *summary);

/* Appends how many pages never had a known size before, and so are in no comparison: ", 3 newly
 * known"; nothing if there are none. */
void haul_render_add_newly_known(struct haul_buf *buf, uint64_t count);

/* What the changes of a kind make in bytes: "+1.5 KiB"; of what fails now "had 1.5 KiB". */
struct haul_render_number haul_render_changed(const struct haul_summary *summary,
                                              enum haul_change kind);

/* How many changes of any kind there are since the earlier run. */
uint64_t haul_render_count_changes(const struct haul_summary *summary);

/* Appends where a page stands: "urls.txt:12", "standard input:12", or "line 12" if its list is not
 * known. NOT escaped. */
void haul_render_add_place(struct haul_buf *buf, const struct haul_summary_page *page);

/* Why a page is none of success: the word of its reason, or of its outcome. */
const char *haul_render_reason(const struct haul_summary_page *page);

/* The word of a state, static: "kept", "exceeded", "unknown", "empty". */
const char *haul_render_budget_word(enum haul_budget_state state);

#endif
