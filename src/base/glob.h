#ifndef HAUL_BASE_GLOB_H
#define HAUL_BASE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Patterns for URLs and their parts. Two things are special:
 *
 *   *   any run of bytes without a '/', also none
 *   **  any run of bytes
 *
 * Every other byte stands for itself; a '?' too, for it begins a query. The whole text has to
 * match. Upper and lower case differ.
 *
 * The time is at most len times the pattern's length, whatever the text is: it may be hostile.
 */

enum { HAUL_GLOB_MAX = 1000 }; /* bytes of a pattern; what is longer matches nothing */

/* Whether all of the `len` bytes at `text` match `pattern`. Allocates nothing; any thread. */
bool haul_glob_matches(const char *pattern, const char *text, size_t len);

#endif
