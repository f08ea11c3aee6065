#ifndef HAUL_TEST_ROBOTS_MODEL_H
#define HAUL_TEST_ROBOTS_MODEL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * robots.txt by the words of RFC 9309, as slow as may be and with nothing in common with haul's own
 * reader: what the two are asked, they answer alike. A line ends with LF here, and with CR too.
 */

/* Whether a rule's path matches a target, both as they are written. Exponential in the "*". */
bool robots_model_matches(const char *path, size_t path_len, const char *target, size_t target_len);

/* The verdict of a whole file for a product. */
bool robots_model_allow(const char *text, size_t len, const char *product, const char *target,
                        size_t target_len);

#endif
