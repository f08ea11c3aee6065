#ifndef HAUL_BASE_HEAP_H
#define HAUL_BASE_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"

/*
 * A binary heap of things by time, the earliest first. The thing remembers its own place (a size_t
 * that the heap writes), so that it can be taken out of the middle. O(log n) per change. Belongs to
 * one thread at a time.
 */
struct haul_heap_item {
    int64_t key;
    size_t *place; /* where the item keeps its index */
    void *thing;
};

struct haul_heap {
    struct haul_heap_item *item;
    size_t count, cap;
};

/* "In no heap", as a place. */
#define HAUL_HEAP_NOWHERE SIZE_MAX

/* Makes room for `cap` items in all, so that as many adds cannot fail. */
HAUL_MUST_USE enum haul_err haul_heap_reserve(struct haul_heap *heap, size_t cap);

/* Frees the heap's own memory, not the things. */
void haul_heap_done(struct haul_heap *heap);

/* Adds a thing; room must have been reserved. *place is kept up to date until it is taken out. */
void haul_heap_add(struct haul_heap *heap, int64_t key, void *thing, size_t *place);

/* Takes out the thing at `place` and sets its place to HAUL_HEAP_NOWHERE. */
void haul_heap_remove(struct haul_heap *heap, size_t place);

/* The thing with the smallest key, or NULL; and that key, or INT64_MAX. */
void *haul_heap_first(const struct haul_heap *heap);
int64_t haul_heap_first_key(const struct haul_heap *heap);

#endif
