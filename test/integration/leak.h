#ifndef HAUL_TEST_LEAK_H
#define HAUL_TEST_LEAK_H

#include <stddef.h>

/* The marked secret that tests put where one can stand, and the search for it. */

#define SECRET "Geheim7Marke"

/* "me" and the secret, as Basic has it. */
const char *leak_basic(void);

/* Fails if either is in the bytes, as they are or percent-encoded up to three times. */
void leak_check(const char *what, const char *bytes, size_t len);

#endif
