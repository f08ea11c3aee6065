#ifndef HAUL_HISTORY_DIFF_H
#define HAUL_HISTORY_DIFF_H

#include <stdint.h>

#include "history/change.h"
#include "history/store.h"

/*
 * What has changed between the run that was finished last in a store and the complete one before
 * it: a temporary table `change` on its connection, with a row for every page that is another now.
 *
 *   page         INTEGER, as in now_page and before_page
 *   kind         INTEGER, enum haul_change
 *   url, host, type, tags   TEXT, of now_page; of before_page if it is gone
 *   before, after           INTEGER sizes; NULL unknown, failed, or not there
 *   delta                   INTEGER bytes gained, negative: lost; unknown counts as 0
 *   type_before, type_after TEXT; NULL if not there
 *
 * What failed is told by haul_outcome_is_failure. What was not tried in one of the two runs is left
 * out, and so are duplicates and lines that are no URLs. As long as a run is
 * not complete, nothing is said to be gone: it may still come.
 */

/* Makes or renews the table: empty if there is no run before. Errors as in store.h. */
HAUL_MUST_USE enum haul_err haul_diff_make(struct haul_store *store);

/* Adds up the table: how many changes of each kind, and how many bytes they make. */
HAUL_MUST_USE enum haul_err haul_diff_count(struct haul_store *store,
                                            uint64_t count[HAUL_CHANGE_COUNT],
                                            int64_t size[HAUL_CHANGE_COUNT]);

#endif
