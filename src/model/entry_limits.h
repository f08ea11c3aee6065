#ifndef HAUL_MODEL_ENTRY_LIMITS_H
#define HAUL_MODEL_ENTRY_LIMITS_H

#include "haul/config.h"
#include "model/host.h"
#include "model/job.h"

/*
 * The limits that a list sets for one of its entries, beside those of the run.
 *
 * A list may come from a stranger, and its limits cost the user's time and the servers' patience.
 * So it may only make less of what costs (attempts, and the time of one) and more of what is polite
 * (waits) than the user has set, or haul by itself. What asks for the other direction is taken at
 * the run's own value. With --list-keys all a list's limits are followed as they stand.
 *
 * The options keep what the list says, so that it can be written down as it was. Everything here is
 * pure, any thread. `options` may be NULL: the list says nothing.
 */

/* Which limits of an entry are not followed as they stand; a set of them. */
enum haul_entry_excess {
    HAUL_EXCESS_TRIES = 1,
    HAUL_EXCESS_WAIT = 2,
    HAUL_EXCESS_TIMEOUT = 4,
    HAUL_EXCESS_CONNECT = 8,
    HAUL_EXCESS_SPEED = 16,
    HAUL_EXCESS_COUNT = 5 /* of these */
};

/* How many attempts are made at each of its URLs, 1 or more; INT_MAX: without end. */
int haul_entry_tries(const struct haul_config *config, const struct haul_entry_options *options);

/* How long is waited between two of them, where the run by itself would wait for `own_us`. */
int64_t haul_entry_wait_us(const struct haul_config *config,
                           const struct haul_entry_options *options, int64_t own_us);

/* Changes what holds for its host to what holds for the entry. */
void haul_entry_limit_host(const struct haul_config *config,
                           const struct haul_entry_options *options,
                           struct haul_host_settings *host);

/* Which of its limits ask for more than the run allows its host: a set of haul_entry_excess. */
unsigned haul_entry_excess_of(const struct haul_config *config,
                              const struct haul_entry_options *options, const char *origin);

/* The key of one of them, 1 << `number`, as lists write it. */
const char *haul_entry_excess_key(int number);

#endif
