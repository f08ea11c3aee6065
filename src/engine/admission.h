#ifndef HAUL_ENGINE_ADMISSION_H
#define HAUL_ENGINE_ADMISSION_H

#include "engine/reuse.h"
#include "engine/run.h"
#include "spill/spill.h"

/*
 * From the dispatcher's jobs to the work queue, and by way of the spill where the work queue says
 * so. Validators are looked up when a job is admitted at last, for until then they would only take
 * room, and may change.
 *
 * When the spill is full, or cannot be written, jobs wait for room in the window as if there were
 * none. One thread: the dispatcher.
 */
struct haul_admission {
    struct haul_run *run;
    struct haul_reuse *reuse;
    struct haul_spill *spill; /* or NULL: it was not needed so far */
    bool has_told_full;
};

/* All else is zero at first. */
#define HAUL_ADMISSION_INIT(run_, reuse_)                                                          \
    {                                                                                              \
        .run = (run_), .reuse = (reuse_)                                                           \
    }

void haul_admission_done(struct haul_admission *admission);

/*
 * Admits a job, which may take until there is room, or sends it to the results: as pending after a
 * stop, as failed without memory. It is no longer the caller's.
 */
void haul_admission_push(struct haul_admission *admission, struct haul_job *job);

/* Brings back what is to come back now, if anything. Waits for room among the results only, as all
 * that takes from the spill does; cheap if there is nothing. */
void haul_admission_refill(struct haul_admission *admission);

/* There will be no more jobs: waits until the last spilled one is back. */
void haul_admission_finish(struct haul_admission *admission);

#endif
