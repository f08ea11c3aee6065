#ifndef HAUL_CLI_NEAREST_H
#define HAUL_CLI_NEAREST_H

#include <stddef.h>

/*
 * The long option name that the `len` bytes at `typed` were most likely meant to be: the first one
 * that they begin, or else the one with the fewest slips (a letter missing, added, wrong, or
 * two swapped), at most one slip per three letters. NULL if there is none. Static. Any thread.
 */
const char *haul_nearest_option(const char *typed, size_t len);

#endif
