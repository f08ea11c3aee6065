#ifndef HAUL_ENGINE_CONCLUDE_H
#define HAUL_ENGINE_CONCLUDE_H

#include "engine/wiring.h"

/*
 * Concludes a run: the files of its reports and of --save-failed get their names, unless these
 * would not be what was asked for; the summary goes to standard error; the journal gets its footer;
 * the history gets the exit status, and loses the runs that are not to be kept. Returns the exit
 * status (enum haul_exit), with --exit-zero OK instead of FAILED, BUDGET and TEMPFAIL.
 *
 * `elapsed_us`: wall time of the run; `signal`: number of the one that ended it, or 0;
 * `has_failed`: its threads could not be started. Once, on the main thread, after the last thread
 * was joined.
 */
int haul_conclude(struct haul_wiring *w, int64_t elapsed_us, int signal, bool has_failed);

#endif
