#ifndef HAUL_ENGINE_RUN_SUMMARY_H
#define HAUL_ENGINE_RUN_SUMMARY_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/config.h"
#include "history/store.h"
#include "model/ledger.h"
#include "model/redactor.h"
#include "summary/summary.h"

/*
 * The summary of a run as its configuration asks for it: whether there is one, how it is made, its
 * budgets, and whether it is reported at all (--quiet-unless).
 */

/* Does the configuration ask for anything that needs a summary, and so a store? Pure. */
bool haul_run_summary_is_needed(const struct haul_config *config);

/*
 * Makes the summary of the run that was finished in `store`, its budgets included, in `summary`,
 * which is to be freed with haul_summary_done whatever is returned. On failure `message` gets a
 * line without newline. HAUL_ERR_IO, HAUL_ERR_NOMEM. The store's thread.
 */
HAUL_MUST_USE enum haul_err
haul_run_summary_make(const struct haul_config *config, struct haul_store *store,
                      const struct haul_redactor *redactor, const struct haul_inputs *inputs,
                      struct haul_summary *summary, struct haul_buf *message);

/* Is one of its budgets exceeded? */
bool haul_run_summary_exceeds_budget(const struct haul_summary *summary);

/* Is a condition of --quiet-unless met, so that the run is reported? A first run is a change. */
bool haul_run_summary_is_reported(const struct haul_config *config,
                                  const struct haul_ledger *ledger,
                                  const struct haul_summary *summary);

/* What is said then (render/brief.h), with the names of the reports that can be read later. Appends
 * to `text`, which has the errors. */
void haul_run_summary_add_brief(const struct haul_config *config,
                                const struct haul_summary *summary, bool utf8,
                                struct haul_buf *text);

#endif
