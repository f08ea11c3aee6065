#ifndef HAUL_ENGINE_ROBOTS_JOB_H
#define HAUL_ENGINE_ROBOTS_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/run.h"
#include "engine/sched_robots.h"

/*
 * What a worker does for --robots obey (RFC 9309; when, and what is kept, is in sched_robots.h).
 *
 * A robots.txt is fetched by a job of its own, the request, in the stream of the job that asks. The
 * ledger, the results and the work queue know nothing of it. It is the ordinary transfer with the
 * ordinary retries, but what a list says of an entry is not for it; nor does it go into an archive.
 *
 * What its answer means (2.3.1): 2xx are rules, of which the first HAUL_ROBOTS_MAX bytes count.
 * With 4xx, and where it is redirected nowhere or more than five times, everything is allowed. All
 * else is retried, and then it cannot be had, and nothing is allowed; so is 429, which is no word
 * on the rules but on the pace. The RFC wants it to be so for long, but a batch does not last for
 * long: the rows fail, may be run again, and the file is asked for again after ten minutes.
 *
 * A redirect to another origin of a job itself is followed without a look at that one's robots.txt,
 * unless it is the one that the job's own was redirected to.
 */

enum {
    HAUL_ROBOTS_REDIRS_MAX = 5,
    HAUL_ROBOTS_DELAY_MAX_S = 60, /* of Crawl-delay; what is longer counts as this */
    HAUL_ROBOTS_KEEP_S = 24 * 3600,
    HAUL_ROBOTS_FAILED_KEEP_S = 600,
    HAUL_ROBOTS_BYTES_MAX = 64 << 20 /* memory of all that is known; and of all that is received */
};

/* Makes the request for a job that asks, which stays the caller's. NULL: out of memory. */
struct haul_job *haul_robots_job_create(struct haul_run *run, struct haul_job *job);

/* Whose request it is; NULL: it is none. */
struct haul_job *haul_robots_job_asker(const struct haul_job *request);

/*
 * Frees the request, whose attempt is over, and says what came of it: in *answer and in the asker's
 * `attempt` and `received`. HAUL_ERR_CLOSED: it was stopped. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_robots_job_end(struct haul_run *run, struct haul_job *request,
                                                uint64_t *random_state,
                                                struct haul_robots_answer *answer);

/*
 * Whether a job that does not ask may be fetched, as far as is known. If not, its record says why,
 * unless it has failed before, and its attempt that nothing was asked for.
 */
bool haul_robots_job_is_allowed(struct haul_job *job);

#endif
