#ifndef HAUL_ENGINE_RUN_STORE_H
#define HAUL_ENGINE_RUN_STORE_H

#include "history/store.h"
#include "model/job.h"

/*
 * The store of a run (history/store.h) as the collector uses it. A history that fails costs the run
 * its place in it, and nothing else: what was gathered is then asked without it. The collector's.
 */
struct haul_run_store {
    struct haul_store *store;  /* or NULL: nothing asks for one; stays its owner's */
    struct haul_store *alone;  /* what is asked where the history has failed; or NULL */
    struct haul_store_end end; /* of the run; what it points to is the caller's */
    bool has_failed;           /* records are missing, or it could not be finished */
    bool is_finished;
};

/* Frees what it has made. */
void haul_run_store_done(struct haul_run_store *run);

/* As haul_store_add and haul_store_finish; each failure is returned once, and after it they do
 * nothing. `end` and its ledger must outlive the run. */
HAUL_MUST_USE enum haul_err haul_run_store_add(struct haul_run_store *run,
                                               const struct haul_job *job);
HAUL_MUST_USE enum haul_err haul_run_store_finish(struct haul_run_store *run,
                                                  const struct haul_store_end *end);

/* What the run as a whole can be asked for; NULL: nothing was gathered, or not all. */
struct haul_store *haul_run_store_asked(const struct haul_run_store *run);

/* Has the run asked without the history, after that has failed. False: that is so already, or there
 * is nothing else to ask. */
bool haul_run_store_leave(struct haul_run_store *run);

#endif
