#ifndef HAUL_BASE_HASH_H
#define HAUL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Hashes that are no defence against someone who searches for a collision: for tables, and for
 * names and keys whose owner is told when two of them meet. The same on every machine and in every
 * version of haul, because files hold some of them. Pure.
 */

/* FNV-1a, 64 bits (Fowler, Noll, Vo). Its low bits are good, its high bits are not. */
static inline uint64_t haul_hash(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* The last step of MurmurHash3 (Appleby): spreads what distinguishes two numbers over all bits. */
static inline uint64_t haul_hash_mix(uint64_t bits)
{
    bits ^= bits >> 33;
    bits *= UINT64_C(0xff51afd7ed558ccd);
    bits ^= bits >> 33;
    bits *= UINT64_C(0xc4ceb9fe1a85ec53);
    return bits ^ bits >> 33;
}

#endif
