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
uint64_t haul_hash(const void *bytes, size_t len);

/* The last step of MurmurHash3 (Appleby): spreads what distinguishes two numbers over all bits. */
uint64_t haul_hash_mix(uint64_t bits);

#endif
