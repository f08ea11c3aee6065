#ifndef HAUL_BASE_HASH_H
#define HAUL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Hashes. None of them tells what it is of; who must be sure compares that, too.
 *
 * For tables: SipHash-2-4 (Aumasson, Bernstein; libsodium's) with a secret that each process draws
 * for itself. What lists and servers say cannot be chosen so that it meets in one place of a table,
 * nor so that two of it have one hash: nobody outside can compute one. Never 0, so that 0 can mean
 * an empty slot; another number in every process, so not for files. Any thread.
 */
uint64_t haul_hash_keyed(const void *bytes, size_t len);

/* The same of two numbers: for what is already a hash, and something beside it. */
uint64_t haul_hash_keyed_pair(uint64_t high, uint64_t low);

/*
 * For what stands in files and their names, the same on every machine and in every version of haul.
 * No defence against someone who searches: it takes seconds to find two texts with one hash, so
 * nothing may be lost if two of them meet. Pure.
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
