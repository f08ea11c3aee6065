#ifndef HAUL_MODEL_KEY_H
#define HAUL_MODEL_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"

/*
 * By what a line of the list is known, in this run and to later ones: 128 bits (journal/key.h makes
 * them), of which nobody finds two texts with the same.
 *
 * Up to version 1 of the journal they were 64 bits, of which anybody does. What such files hold is
 * found by them if it must be, but is believed only if its text is that of the line as well.
 */
struct haul_key {
    uint64_t high, low; /* both 0: not known, only `old` is */
    uint64_t old;       /* the 64 bits of earlier versions; 0: not known */
};

/* Whether it is no more than an earlier version's. */
static inline bool haul_key_is_old(const struct haul_key *key)
{
    return !key->high && !key->low;
}

/*
 * The number by which tables in memory have it: never 0, another one in every process. That of the
 * 64 bits alone is another one than that of the whole.
 */
static inline uint64_t haul_key_old_number(const struct haul_key *key)
{
    return haul_hash_keyed(&key->old, sizeof key->old);
}

static inline uint64_t haul_key_number(const struct haul_key *key)
{
    return haul_key_is_old(key) ? haul_key_old_number(key)
                                : haul_hash_keyed_pair(key->high, key->low);
}

#endif
