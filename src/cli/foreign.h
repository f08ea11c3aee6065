#ifndef HAUL_CLI_FOREIGN_H
#define HAUL_CLI_FOREIGN_H

#include <stddef.h>

/*
 * What haul has instead of an option of curl, wget, aria2 or xargs that it does not know: a phrase
 * for a message, or NULL. `typed` is the option's `len` bytes with its dashes: "--timeout", "-O".
 * Static. Any thread.
 */
const char *haul_foreign_hint(const char *typed, size_t len);

#endif
