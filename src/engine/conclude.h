#ifndef HAUL_ENGINE_CONCLUDE_H
#define HAUL_ENGINE_CONCLUDE_H

#include "engine/wiring.h"

/* How a run ended. */
struct haul_run_end {
    int64_t elapsed_us; /* wall time */
    int signal;         /* number of the one that ended it, or 0 */
    bool never_ran;     /* its threads could not be started */
    bool has_given_up;  /* threads that did not leave; without a signal haul has failed */
};

/*
 * Concludes a run: the files of its reports and of --save-failed get their names, unless these
 * would not be what was asked for; the summary goes to standard error; the journal gets its footer;
 * the history gets the exit status, and loses the runs that are not to be kept. Returns the exit
 * status (enum haul_exit), with --exit-zero OK instead of FAILED, BUDGET and TEMPFAIL.
 *
 * Once, by a thread of its own, for a reader of standard error may take its time, after the last
 * other thread was joined or given up.
 */
int haul_conclude(struct haul_wiring *w, const struct haul_run_end *run);

#endif
