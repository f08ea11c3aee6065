#ifndef HAUL_VALUES_H
#define HAUL_VALUES_H

#include <stdbool.h>
#include <stddef.h>

/* Plain values that a configuration is made of, and that are of use without one. */

/* A growing list of strings, in the order given. */
struct haul_strings {
    const char **item;
    size_t count;
};

/* Inclusive range of HTTP statuses. */
struct haul_status_range {
    int first, last;
};
enum { HAUL_STATUS_RANGES_MAX = 32 };
struct haul_status_set {
    struct haul_status_range range[HAUL_STATUS_RANGES_MAX];
    size_t count;
};

/* Whether `status` lies in one of the ranges. */
bool haul_status_set_has(const struct haul_status_set *set, int status);

#endif
