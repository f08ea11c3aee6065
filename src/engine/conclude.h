#ifndef HAUL_ENGINE_CONCLUDE_H
#define HAUL_ENGINE_CONCLUDE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/wiring.h"

/* What main knows of a run when all its threads have been joined. */
struct haul_conclude_facts {
    int64_t elapsed_us; /* wall time */
    int signal;         /* number of the signal that ended it, or 0 */
    bool has_failed;    /* its threads could not be started */
};

/*
 * Concludes a run: the files of its reports and of --save-failed get their names, unless these
 * would not be what was asked for; the summary goes to standard error; the journal gets its footer;
 * the history gets the exit status, and loses the runs that are not to be kept. Returns the exit
 * status (enum haul_exit), with --exit-zero OK instead of FAILED, BUDGET and TEMPFAIL. Once, on the
 * main thread, after the last thread was joined.
 */
int haul_conclude(struct haul_wiring *w, const struct haul_conclude_facts *facts);

#endif
