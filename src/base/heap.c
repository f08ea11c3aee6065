#include "base/heap.h"

#include <assert.h>
#include <stdlib.h>

enum haul_err haul_heap_reserve(struct haul_heap *heap, size_t cap)
{
    size_t grown = heap->cap ? heap->cap : 16;
    struct haul_heap_item *item;

    if (cap <= heap->cap)
        return HAUL_OK;
    while (grown < cap)
        grown *= 2;
    item = realloc(heap->item, grown * sizeof *item);
    if (!item)
        return HAUL_ERR_NOMEM;
    heap->item = item;
    heap->cap = grown;
    return HAUL_OK;
}

void haul_heap_done(struct haul_heap *heap)
{
    free(heap->item);
    *heap = (struct haul_heap){0};
}

static void put(struct haul_heap *heap, size_t at, struct haul_heap_item item)
{
    heap->item[at] = item;
    *item.place = at;
}

static void sift_up(struct haul_heap *heap, size_t at, struct haul_heap_item item)
{
    while (at > 0 && heap->item[(at - 1) / 2].key > item.key) {
        put(heap, at, heap->item[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(heap, at, item);
}

static void sift_down(struct haul_heap *heap, size_t at, struct haul_heap_item item)
{
    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && heap->item[child + 1].key < heap->item[child].key)
            child++;
        if (heap->item[child].key >= item.key)
            break;
        put(heap, at, heap->item[child]);
        at = child;
    }
    put(heap, at, item);
}

void haul_heap_add(struct haul_heap *heap, int64_t key, void *thing, size_t *place)
{
    assert(heap->count < heap->cap);
    heap->count++;
    sift_up(heap, heap->count - 1, (struct haul_heap_item){key, place, thing});
}

void haul_heap_remove(struct haul_heap *heap, size_t place)
{
    struct haul_heap_item last;

    assert(place < heap->count);
    *heap->item[place].place = HAUL_HEAP_NOWHERE;
    last = heap->item[--heap->count];
    if (place == heap->count)
        return;
    if (place > 0 && heap->item[(place - 1) / 2].key > last.key)
        sift_up(heap, place, last);
    else
        sift_down(heap, place, last);
}

void *haul_heap_first(const struct haul_heap *heap)
{
    return heap->count ? heap->item[0].thing : NULL;
}

int64_t haul_heap_first_key(const struct haul_heap *heap)
{
    return heap->count ? heap->item[0].key : INT64_MAX;
}
