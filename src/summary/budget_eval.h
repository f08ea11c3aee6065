#ifndef HAUL_SUMMARY_BUDGET_EVAL_H
#define HAUL_SUMMARY_BUDGET_EVAL_H

#include <sqlite3.h>

#include "haul/config.h"
#include "haul/err.h"
#include "summary/summary.h"

/*
 * Whether budgets were kept. Questions to the tables now_page, before_page, now_tag and before_tag
 * (history/store.h) and, for growth, to `compared` (history/diff.h), answered by SQL.
 *
 * What is counted: `count` all URLs of the list but those left out as duplicates and lines that are
 * none; `failed` those of them that count as failures (haul_outcome_is_failure); all others the
 * sizes of those whose size is known.
 *
 * What is not known is not guessed: a measure goes from what is known to what is possible. A URL
 * that was answered with 404 or 410 has no body, and that is known. One that failed otherwise, or
 * was not tried, may have up to what it had when a size of it was last known; and anything if none
 * ever was, or if the run is not complete. A budget is UNKNOWN only where its limit lies between
 * the two; then the URLs that are the cause are named. Growth compares what is known in both runs,
 * or is in one list only; what was never known before may have grown by all that it has, and what
 * is not known now is left out. Without an earlier run, growth is UNKNOWN. Growth from nothing is
 * no percentage: it is given in bytes, and exceeds every upper limit.
 *
 * A choice that matches no URL of the run (for growth: nor of the earlier one) is most often a
 * mistake, or was overtaken by the site. Unless the budget is exceeded by that, it is EMPTY:
 * neither kept nor exceeded. A count of URLs is what it is.
 *
 * Where nothing was found at all, each budget is EMPTY that is not exceeded by that.
 *
 * A percentile is by nearest rank: pNN is the smallest size such that NN of 100 URLs are not
 * larger.
 */

enum { HAUL_BUDGET_OFFENDERS_MAX = 5 };

/*
 * Evaluates each of `expressions` (all as haul_budget_parse wants them) and puts the results into
 * `summary->budget`, in that order. `complete` and `has_before` of the summary are to be filled in.
 * Of a budget that is exceeded, the worst are named: the largest bodies (the smallest, where there
 * is a lower limit), what grew most, what failed; a count names none. Of one that is not known,
 * those of which something is missing, and why. `empty` says what becomes of one that is EMPTY.
 *
 * HAUL_ERR_USAGE: one of them is no budget; HAUL_ERR_NOMEM; HAUL_ERR_IO: sqlite3_errmsg(db) says
 * why. The summary has no budgets then. The thread of `db`.
 */
HAUL_MUST_USE enum haul_err haul_budget_evaluate(sqlite3 *db,
                                                 const struct haul_strings *expressions,
                                                 enum haul_budget_empty empty,
                                                 struct haul_summary *summary);

#endif
