#ifndef HAUL_ENGINE_COSTS_H
#define HAUL_ENGINE_COSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/job.h"

/*
 * What attempts over TLS take, smoothed, and whether another connection is worth its handshake.
 * Plain data and pure functions; all 0: not known. The scheduler's.
 */
struct haul_costs {
    int64_t setup_us; /* a TLS connection */
    int64_t work_us;  /* all else, once one was made there */
};

/* An attempt has ended that came through to its origin. */
void haul_costs_note(struct haul_costs *costs, const struct haul_attempt *attempt);

/*
 * Whether another connection pays where `ready` jobs wait and `running` connections are busy, the
 * last of which was given a job at `started_us`. It does if these need much longer for the waiting
 * jobs than a handshake takes, which costs the server work, too. It does also if they have started
 * nothing for so long, for they may be stuck. Otherwise *due_us becomes the time at which it pays
 * at the latest, if that is earlier.
 */
bool haul_costs_pay(const struct haul_costs *costs, size_t ready, size_t running,
                    int64_t started_us, int64_t now_us, int64_t *due_us);

#endif
