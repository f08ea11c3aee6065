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

/* "12.50" for digits 2; at most 6 digits. What is not finite is 0, what is huge is 9 * 10^18. */
void haul_render_add_decimal(struct haul_buf *buf, double value, int digits);

/* The same without zeros at the end: "12.5", "3". */
void haul_render_add_short_decimal(struct haul_buf *buf, double value, int digits);

/* Bytes gained or lost: "+1.5 KiB", "−300 B" (U+2212), "0 B". */
void haul_render_add_change(struct haul_buf *buf, int64_t bytes);

/*
 * `part` of `whole` in percent, with one decimal: "12.3 %". "–" (U+2013) if whole is not above 0.
 */
void haul_render_add_share(struct haul_buf *buf, double part, double whole);

/* The same with its sign, for a change: "+3.1 %", "−0.4 %". */
void haul_render_add_signed_share(struct haul_buf *buf, double part, double whole);

/* "1.5 KiB", or "–" for a size that is unknown. */
void haul_render_add_size(struct haul_buf *buf, int64_t size);

/* A duration of so many microseconds, as haul_units_add_duration writes it. */
void haul_render_add_duration_us(struct haul_buf *buf, int64_t us);

/* A point in time, microseconds since 1970: "2026-11-23 04:55 UTC" and "2026-11-23T04:55:09Z". */
void haul_render_add_date(struct haul_buf *buf, int64_t us);
void haul_render_add_timestamp(struct haul_buf *buf, int64_t us);

/* A value in the unit of a budget: "1.5 MiB", "5,000 URLs", "9.8 %". */
void haul_render_add_amount(struct haul_buf *buf, double value, const char *unit);

/* Is there anything to show of a budget? Of one that is not known it is what is known so far. */
bool haul_render_has_figures(const struct haul_summary_budget *budget);

/* What a budget came to: "12.0 MiB, the limit is 10.0 MiB", and its note. NOT escaped. */
void haul_render_add_budget_text(struct haul_buf *buf, const struct haul_summary_budget *budget);

/* "1 URL", "2,000 URLs". */
void haul_render_add_count(struct haul_buf *buf, uint64_t count, const char *one, const char *many);

/*
 * The run in one sentence, without its title: "10,000 URLs, 1.2 GiB, 3 failed, +1.2 MiB (+3.1 %)
 * since 2026-11-22 03:00 UTC, 1 budget exceeded". Holds no text but haul's own.
 */
void haul_render_add_headline(struct haul_buf *buf, const struct haul_summary *summary);

/* How many budgets are in a state. */
size_t haul_render_count_budgets(const struct haul_summary *summary, enum haul_budget_state state);

/* Bytes gained since the earlier run; what is not known counts as nothing. */
int64_t haul_render_total_change(const struct haul_summary *summary);

/* How many changes of any kind there are since the earlier run. */
uint64_t haul_render_count_changes(const struct haul_summary *summary);

/* The word of a state, static: "kept", "exceeded", "unknown". */
const char *haul_render_budget_word(enum haul_budget_state state);

#endif
