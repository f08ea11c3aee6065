#ifndef HAUL_ENGINE_DISPATCHER_H
#define HAUL_ENGINE_DISPATCHER_H

#include "engine/document.h"
#include "engine/reuse.h"
#include "engine/run.h"
#include "engine/unique.h"
#include "input/input.h"
#include "sink/naming.h"
#include "sink/sums.h"

/*
 * The dispatcher: from entries of the input to jobs in the work queue. It gives every input line
 * its number, and sees to it that each becomes exactly one record: a line that is no URL goes
 * straight to the results as `invalid`, and one that is read after a stop as `pending`. What an
 * earlier run has done goes there with its old record, and what --unique has seen as `duplicate`.
 * Jobs that may not start yet go to the work queue by way of the spill (admission.h).
 */
struct haul_dispatcher_env {
    struct haul_run *run;
    struct haul_input input;    /* its own; but the redactor serves all, and main may interrupt */
    struct haul_reuse reuse;    /* what earlier runs spare this one; its own */
    struct haul_unique *unique; /* or NULL: repetitions are fetched; its own */
    struct haul_sums *sums;     /* checksums by name, or NULL */
    struct haul_naming *naming; /* or NULL: nothing is saved; its own */
    struct haul_document *document; /* that the input fetches, or NULL; others may wake it */
};

/*
 * Reads the input to its end (or to an abort), says so with a note, waits for the last spilled job
 * to be admitted, and closes the work queue. On its own thread; the last thing it does is to close
 * the queue.
 */
void haul_dispatcher_run(struct haul_dispatcher_env *env);

#endif
