#ifndef HAUL_HISTORY_FAILING_H
#define HAUL_HISTORY_FAILING_H

#include "history/store.h"

/*
 * Which of the pages that fail are news. The table `failing` has a row for every page of the run
 * that was finished last which counts as failed (haul_outcome_is_failure):
 *
 *   page             INTEGER, as in now_page
 *   url, outcome, reason  TEXT, of now_page
 *   is_new           1: in the complete run before it did not fail, or was not there; or there is
 *                    no such run
 *   since_us         INTEGER, when the first of the runs began that have asked for it and in which
 *                    it has failed ever since, as far as the history goes back; NULL if it is new
 *
 * Another reason to fail is no news: nobody could have the page before, either. Reads all that a
 * history keeps of the past, twice, and only if there are pages that fail still.
 */

/* Makes or renews it. The functions of sql_functions.h are to be known to the connection. Errors as
 * in store.h. */
HAUL_MUST_USE enum haul_err haul_failing_make(struct haul_store *store);

#endif
