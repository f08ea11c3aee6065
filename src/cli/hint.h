#ifndef HAUL_CLI_HINT_H
#define HAUL_CLI_HINT_H

#include "base/span.h"

/* What an option that there is not was probably meant to be. Static texts. Any thread. */

/*
 * The long option name that `typed` was most likely meant to be: the first one that it begins, or
 * else the one with the fewest slips (a letter missing, added, wrong, or two swapped), at most one
 * slip per three letters. NULL if there is none.
 */
const char *haul_hint_nearest(struct haul_span typed);

/*
 * The command that somebody probably meant whose first argument is `typed` and no verb: one slip
 * per three letters as before, and such words as "help". NULL if there is none, or if it may well
 * be a host: it has more than one part.
 */
const char *haul_hint_command(struct haul_span typed);

#endif
