#ifndef HAUL_ENGINE_HALT_H
#define HAUL_ENGINE_HALT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/config.h"
#include "model/job.h"
#include "model/ledger.h"
#include "model/stop.h"

/*
 * When the results of a run are a reason to stop it: too many failures (--halt), enough bytes
 * (--max-total), a full disk. Plain data, all zero at first; pure.
 *
 * Of --max-total the work queue knows earlier, and starts nothing more by itself (workq.h); here it
 * is found again, from the same numbers, to be said.
 */
struct haul_halt_state {
    bool is_halted;    /* by --halt or --max-total, once */
    int64_t received;  /* body bytes, in this run */
    int disk_failures; /* URLs that failed for want of space, until the run is stopped */
    bool is_disk_full; /* so many that the run was stopped */
};

/* What is known of the list: what is in flight or still to come has not failed. */
struct haul_halt_list {
    uint64_t lines; /* given out so far */
    bool is_whole;  /* and there are no more */
};

/*
 * Looks at a job that has ended in this run and that `ledger` holds; NULL: more is known of the
 * list. Returns how far the run is to be stopped now, and appends a line to `message` for each
 * cause, ended by a newline; NONE: go on.
 */
enum haul_stop_level haul_halt_after(struct haul_halt_state *halt, const struct haul_config *config,
                                     const struct haul_ledger *ledger,
                                     const struct haul_halt_list *list, const struct haul_job *job,
                                     struct haul_buf *message);

#endif
