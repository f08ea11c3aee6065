#ifndef HAUL_HISTORY_LAST_KNOWN_H
#define HAUL_HISTORY_LAST_KNOWN_H

#include <stdint.h>

#include "history/store.h"

/*
 * What a page that has no size now had when one was last known: `last_size`, `last_type` and
 * `last_wire` of now_page and before_page (store.h). A page that has failed for a night is compared
 * with that, and not with nothing.
 *
 * A call reads all that a history keeps of the past once, and only if there are pages that lack a
 * size. Errors as in store.h.
 */

/* Of now_page, whose `page` is that of the history attached as `old`: what the runs before run
 * `run` have found. */
HAUL_MUST_USE enum haul_err haul_last_known_import(struct haul_store *store, int64_t run);

/* Of now_page and before_page, when they are filled, and what is kept in main is as of this run. */
HAUL_MUST_USE enum haul_err haul_last_known_fill(struct haul_store *store);

#endif
