#ifndef HAUL_JOURNAL_PAIRS_H
#define HAUL_JOURNAL_PAIRS_H

#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"

/*
 * Pairs of numbers, many of them: gathered, sorted in place, looked up. 16 bytes each, up to a
 * quarter more while they are gathered, and half a byte more once there is an index. One thread at
 * a time; afterwards any number of readers. All zero is an empty collection.
 */
struct haul_pair {
    uint64_t high, low;
};

struct haul_pairs {
    struct haul_pair *item;
    size_t count, cap;
    uint32_t *bucket; /* where each group of equal leading bits of `high` begins; or NULL */
    unsigned bits;    /* leading bits that choose a bucket */
};

/* Frees everything; it is empty and usable again. */
void haul_pairs_done(struct haul_pairs *pairs);

/* Appends one pair. HAUL_ERR_NOMEM: nothing has changed. Drops the index. */
HAUL_MUST_USE enum haul_err haul_pairs_add(struct haul_pairs *pairs, uint64_t high, uint64_t low);

/* Sorts by `high`, then by `low`, in place: no memory. Drops the index. */
void haul_pairs_sort(struct haul_pairs *pairs);

/*
 * Makes the index of a sorted collection, for a faster haul_pairs_find. Without memory, or with
 * more than 2^32 pairs, there is none and finding takes a little longer. It holds until the pairs
 * change.
 */
void haul_pairs_index(struct haul_pairs *pairs);

/*
 * Finds the pairs whose `high` is that, in a sorted collection. Returns how many; *first gets the
 * place of the first of them (of the place where it would be). Logarithmic at worst, and a handful
 * of steps where `high` is spread evenly.
 */
size_t haul_pairs_find(const struct haul_pairs *pairs, uint64_t high, size_t *first);

#endif
