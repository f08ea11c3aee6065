#ifndef HAUL_HISTORY_INSTEAD_H
#define HAUL_HISTORY_INSTEAD_H

#include "history/store.h"

/*
 * A private store in the place of a history that has failed: with its last complete run, if that
 * can be read still, to be compared with. One thread at a time, that of the store.
 */

/* Opens one for the history `options->path`. *out is the caller's, NULL on failure. HAUL_ERR_IO,
 * HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_instead_open(const struct haul_store_options *options,
                                              struct haul_store **out);

/*
 * Finishes the run of `store` in such a one, with what was gathered: after haul_store_finish has
 * failed, or what was asked of it since. *out is the caller's, NULL on failure, and `store` stays
 * as it is. HAUL_ERR_IO, HAUL_ERR_NOMEM: of what was gathered, or of the new store.
 */
HAUL_MUST_USE enum haul_err haul_instead_finish(struct haul_store *store,
                                                const struct haul_store_end *end,
                                                struct haul_store **out);

#endif
