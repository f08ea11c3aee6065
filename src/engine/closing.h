#ifndef HAUL_ENGINE_CLOSING_H
#define HAUL_ENGINE_CLOSING_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/config.h"
#include "history/store.h"
#include "model/ledger.h"
#include "summary/summary.h"

/*
 * What is made of a run as a whole: its summary, the verdict on its budgets, and whether there is
 * anything to say (--quiet-unless).
 */

/* Does the configuration ask for anything that needs a summary, and so a store? Pure. */
bool haul_closing_is_needed(const struct haul_config *config);

/*
 * Makes the summary of the run that was finished in `store`, its budgets included, in `summary`,
 * which is to be freed with haul_summary_done whatever is returned. On failure `message` gets a
 * line without newline. HAUL_ERR_IO, HAUL_ERR_NOMEM. The store's thread.
 */
HAUL_MUST_USE enum haul_err haul_closing_make(const struct haul_config *config,
                                              struct haul_store *store,
                                              struct haul_summary *summary,
                                              struct haul_buf *message);

/* Is one of its budgets exceeded? */
bool haul_closing_has_exceeded(const struct haul_summary *summary);

/* Has the run anything to say, in the sense of --quiet-unless? A first run is a change. */
bool haul_closing_tells(const struct haul_config *config, const struct haul_ledger *ledger,
                        const struct haul_summary *summary);

#endif
