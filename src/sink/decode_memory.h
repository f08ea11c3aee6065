#ifndef HAUL_SINK_DECODE_MEMORY_H
#define HAUL_SINK_DECODE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/allowance.h"

/*
 * What the stages of a decoder take, counted where it is allocated, so that servers cannot have all
 * transfers of a run take more together than the run allows. What is reserved is the decoder's
 * before it is needed: up to that, nothing is refused. All zero but `allowance` is one that has
 * taken nothing. One thread; the allowance is everybody's.
 */
struct haul_decode_memory {
    struct haul_allowance *allowance; /* or NULL: it is not counted */
    int64_t used;                     /* bytes that are counted ... */
    int64_t reserved;                 /* ... of the allowance it has this many, or `used` if more */
    bool was_refused;                 /* sticky until its owner resets it */
};

/* Whether it is one of those who take much, for whose memory others may stand in line. */
bool haul_decode_memory_has_much(const struct haul_decode_memory *memory);

/* The allocation functions of brotli and, with `items`, of zlib; `memory` is the struct. NULL: out
 * of memory, or more than is allowed. */
void *haul_decode_memory_take(void *memory, size_t size);
void *haul_decode_memory_take_items(void *memory, unsigned items, unsigned size);
void haul_decode_memory_give(void *memory, void *block);

/*
 * For memory that a library has allocated by itself: `*counted` bytes of it were counted before,
 * now there are `size`. False: it is more than is allowed; then it is to be freed, and settled
 * again.
 */
bool haul_decode_memory_settle(struct haul_decode_memory *memory, size_t *counted, size_t size);

/*
 * Reserves so many bytes in all, in place of what was reserved: more only for one whose turn it is.
 * False: there are not so many now, and nothing has changed; it cannot be if they are fewer than
 * were reserved.
 */
bool haul_decode_memory_reserve(struct haul_decode_memory *memory, int64_t bytes);

#endif
