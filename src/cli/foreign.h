#ifndef HAUL_CLI_FOREIGN_H
#define HAUL_CLI_FOREIGN_H

#include <stddef.h>

#include "base/span.h"

/*
 * For the fingers of those who know curl, wget, wget2, aria2, xargs or GNU parallel: what haul has
 * instead of their options, and which of haul's own mean something else there. Pure, any thread.
 */

/* Options for which the same is to be said. Static. */
struct haul_foreign {
    const char *typed; /* with their dashes, a blank between two of them */
    const char *hint;  /* what to type instead, or why there is nothing: a phrase for a message */
};

/* Row `i` of the table; NULL behind the last one. */
const struct haul_foreign *haul_foreign_row(size_t i);

/*
 * What is said of an option that haul does not know, or NULL. `typed` is the option with its
 * dashes: "--timeout", "-O"; also letters that are one option there: "-nc".
 */
const char *haul_foreign_hint(struct haul_span typed);

/*
 * Whether haul's option `letter` was meant as that of another program, as its value tells: NULL, or
 * what to type instead, static. With their long names options are taken at their word.
 */
const char *haul_foreign_value(char letter, const char *value);

#endif
