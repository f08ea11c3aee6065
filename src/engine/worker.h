#ifndef HAUL_ENGINE_WORKER_H
#define HAUL_ENGINE_WORKER_H

#include "engine/run.h"

/*
 * A worker: takes jobs from the work queue, has its streams make one attempt at each, and pushes
 * what came of it on the results queue; an attempt that failed and may be repeated goes back to the
 * work queue. It prints nothing, counts nothing and never fails: whatever goes wrong is in the
 * job's record.
 */
struct haul_worker;

/*
 * Makes worker number `number` (from 1) with everything it needs, on the main thread; `run` must
 * outlive it. HAUL_ERR_NOMEM, HAUL_ERR_SYSTEM (no descriptor or lock was to be had).
 */
HAUL_MUST_USE enum haul_err haul_worker_create(struct haul_run *run, int number,
                                               struct haul_worker **out);

/* Frees a worker that does not run. NULL is fine. */
void haul_worker_free(struct haul_worker *worker);

/* Works until the work queue has ended. On its own thread. */
void haul_worker_run(struct haul_worker *worker);

/* Makes it look at the stop level, now. Any thread, between create and free. */
void haul_worker_wake(struct haul_worker *worker);

#endif
