#ifndef HAUL_TEST_NIGHT_AUDIT_H
#define HAUL_TEST_NIGHT_AUDIT_H

#include "haul/config.h"
#include "nights.h"
#include "summary/summary.h"

/* An audit of a night of nights.h, in the history of fake_history.h, and what it tells. What cannot
 * be done fails the case. */

/* Adds the night to the history; `summary` is to be freed with haul_summary_done. */
void night_audit(const struct nights *nights, const struct haul_strings *budgets,
                 struct haul_summary *summary);

/* A report, and the brief one; valid until the next of the kind. */
const char *night_render(const struct haul_summary *summary, enum haul_format format);
const char *night_brief(const struct haul_summary *summary);

/* The text must hold that part. */
void night_check_has(const char *text, const char *part);

#endif
