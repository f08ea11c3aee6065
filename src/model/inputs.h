#ifndef HAUL_MODEL_INPUTS_H
#define HAUL_MODEL_INPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/ledger.h"

/*
 * How the inputs of a run have ended: what no row tells. All that is to be said of it (whether the
 * run is complete, its exit status, what reports say) is decided by this, for the run itself, for
 * its journal, and for reports that are made of journals. Plain data; all zero: they were read to
 * their ends, and each had something. Functions are pure.
 */
struct haul_inputs {
    bool is_unread; /* not read to the end: what is behind is not known */
    bool
        nothing_found; /* read to the end, and there was no line in any, which is not meant to be */
    bool is_error;     /* that there was nothing, in all or in one, is an error (--if-empty) */
    uint64_t empty;    /* inputs, and sitemaps that they lead to, in which there was nothing */
};

/* Whether a run that had them is complete, so that what it has not is gone: everything was read,
 * something should not be missing, and no line is pending. */
bool haul_inputs_are_complete(const struct haul_inputs *inputs, const struct haul_ledger *ledger);

/* Adds what is known of further inputs. */
void haul_inputs_add(struct haul_inputs *inputs, const struct haul_inputs *more);

#endif
