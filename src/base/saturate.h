#ifndef HAUL_BASE_SATURATE_H
#define HAUL_BASE_SATURATE_H

#include <stdint.h>

/*
 * Sums of what servers, journals and histories say: sizes, times, counts. A lie may make a sum
 * useless, but it must neither wrap around to something small nor be undefined. So it stops: at
 * INT64_MAX, and below at -INT64_MAX, so that what is shown with its sign turned fits, too.
 * haul_units_add_bytes says of INT64_MAX that it may be more. Pure.
 */

static inline int64_t haul_saturate_add(int64_t a, int64_t b)
{
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum))
        return a > 0 ? INT64_MAX : -INT64_MAX;
    return sum < -INT64_MAX ? -INT64_MAX : sum;
}

static inline int64_t haul_saturate_sub(int64_t a, int64_t b)
{
    int64_t difference;

    if (__builtin_sub_overflow(a, b, &difference))
        return a >= 0 ? INT64_MAX : -INT64_MAX;
    return difference < -INT64_MAX ? -INT64_MAX : difference;
}

static inline int64_t haul_saturate_mul(int64_t a, int64_t b)
{
    int64_t product;

    if (__builtin_mul_overflow(a, b, &product))
        return (a < 0) == (b < 0) ? INT64_MAX : -INT64_MAX;
    return product < -INT64_MAX ? -INT64_MAX : product;
}

#endif
