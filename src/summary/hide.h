#ifndef HAUL_SUMMARY_HIDE_H
#define HAUL_SUMMARY_HIDE_H

#include "model/redactor.h"
#include "summary/summary.h"

/*
 * Hides what --redact names in all texts of a summary that are not haul's own: an earlier run,
 * which it is compared with, may have been written to the history without. `redactor` NULL:
 * nothing. HAUL_ERR_NOMEM: some are hidden, and the summary must not be shown. One thread at a
 * time.
 */
HAUL_MUST_USE enum haul_err haul_summary_hide(struct haul_summary *summary,
                                              const struct haul_redactor *redactor);

#endif
