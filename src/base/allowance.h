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
    int64_t max;         /* [const] 0: no limit */
    _Atomic int waiting; /* how many stand in line for much: nobody else begins to take much */
    _Atomic uint64_t returned; /* how often somebody was through who had much */
};

enum { HAUL_ALLOWANCE_SPARE = 16 };

/* Who takes much leaves a sixteenth for those who take little. */
static inline int64_t haul_allowance_spare(const struct haul_allowance *allowance)
{
    return allowance->max / HAUL_ALLOWANCE_SPARE;
}

/* Takes `bytes`, for one who takes much or not, or nothing and returns false: that would be more
 * than there are. */
static inline bool haul_allowance_take(struct haul_allowance *allowance, int64_t bytes,
                                       bool is_much)
{
    int64_t max = allowance->max - (is_much ? haul_allowance_spare(allowance) : 0);
    int64_t used = atomic_load(&allowance->used);

    do {
        if (allowance->max && bytes > max - used)
            return false;
    } while (!atomic_compare_exchange_weak(&allowance->used, &used, used + bytes));
    return true;
}

/* Gives back what was taken. */
static inline void haul_allowance_give(struct haul_allowance *allowance, int64_t bytes)
{
    atomic_fetch_sub(&allowance->used, bytes);
}

/*
 * More than a sixteenth of it is taken: who keeps something for later should not. Where nobody
 * does, what is kept is never more than that, all in all.
 */
static inline bool haul_allowance_is_short(struct haul_allowance *allowance)
{
    return allowance->max && atomic_load(&allowance->used) > haul_allowance_spare(allowance);
}

/* So this much can be had at once, by who waits until all others have given back what they do not
 * keep. */
static inline int64_t haul_allowance_largest(const struct haul_allowance *allowance)
{
    return allowance->max ? allowance->max - 2 * haul_allowance_spare(allowance) : INT64_MAX;
}

#endif
