#ifndef HAUL_ENGINE_RETRY_H
#define HAUL_ENGINE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "haul/config.h"
#include "model/job.h"

/*
 * Whether a failed attempt is followed by another one, and when. Pure but for the caller's random
 * state; any thread. Words and rules are curl's (--retry and its companions) where curl has them.
 */
struct haul_retry {
    bool again;
    int64_t wait_us; /* from now on; read only if `again` */
    bool elsewhere;  /* not again, but at the next mirror, which there is; now */
};

/*
 * The longest wait between two attempts (as curl's), and the longest that a server is granted by
 * Retry-After when --retry-max-time says nothing.
 */
#define HAUL_RETRY_WAIT_MAX_US INT64_C(600000000)

/*
 * How long haul tries for one URL where it is not the number of attempts that counts:
 * --retry-max-time, or 10 minutes. An origin has at least the latter (wiring.c).
 */
int64_t haul_retry_max_time_us(const struct haul_config *config);

/*
 * Decides about `job`, whose attempt ended at `now_us` (monotonic), and settles what its origin
 * asked for: a pause that is longer than allowed becomes `attempt.refused` and no pause.
 *
 * Another attempt is made if there are attempts left, the failure is one that is retried, and the
 * wait ends within --retry-max-time of the first attempt. Retried are the reasons that may pass by
 * themselves, but a refused connection only with --retry-connrefused; the statuses of --retry-on;
 * everything with --retry-all-errors. The wait is --retry-delay, or with full jitter: evenly
 * between 0 and 1, 2, 4 ... s, at most 10 minutes; and never less than what the server asked for.
 *
 * A 429 that asks for a pause says when to come back, and does not use up an attempt, as long as
 * the wait ends within haul_retry_max_time_us of the first attempt: it becomes `attempts_spared` of
 * the job. But where one attempt is all that is allowed there is no other.
 *
 * Of a list's entry, its own limits count as far as the run lets them (model/entry_limits.h), and
 * the attempts at the mirror in use. Its next mirror is tried after any failure that is not
 * followed by another attempt, within --retry-max-time too; but not if what failed is haul's own
 * side, where no mirror can help.
 */
struct haul_retry haul_retry_decide(const struct haul_config *config, struct haul_job *job,
                                    int64_t now_us, uint64_t *random_state);

#endif
