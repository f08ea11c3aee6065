#ifndef HAUL_BASE_ALLOWANCE_H
#define HAUL_BASE_ALLOWANCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * How many bytes several may take together. All zero but `max` is one that nobody has taken of.
 * Any thread; nothing blocks.
 */
struct haul_allowance {
    _Atomic int64_t used;
    int64_t max; /* [const] 0: no limit */
};

/* Takes `bytes`, or nothing and returns false: that would be more than there are. */
static inline bool haul_allowance_take(struct haul_allowance *allowance, int64_t bytes)
{
    int64_t used = atomic_load(&allowance->used);

    do {
        if (allowance->max && bytes > allowance->max - used)
            return false;
    } while (!atomic_compare_exchange_weak(&allowance->used, &used, used + bytes));
    return true;
}

/* Gives back what was taken. */
static inline void haul_allowance_give(struct haul_allowance *allowance, int64_t bytes)
{
    atomic_fetch_sub(&allowance->used, bytes);
}

/* More than half of it is taken: who keeps something for later should not. */
static inline bool haul_allowance_is_short(struct haul_allowance *allowance)
{
    return allowance->max && atomic_load(&allowance->used) > allowance->max / 2;
}

#endif
