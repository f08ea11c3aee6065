#include "sink/decode_memory.h"

#include <stdlib.h>

/* In front of each block. */
union head {
    size_t size; /* of both */
    max_align_t align;
};

enum { LITTLE = 256 * 1024 }; /* bytes: three codings of zlib's */

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t all_of(const struct haul_decode_memory *memory)
{
    return larger(memory->used, memory->reserved);
}

/* Whoever has so much used and so much reserved has the larger of both. */
static bool change(struct haul_decode_memory *memory, int64_t used, int64_t reserved)
{
    int64_t all = larger(used, reserved), more = all - all_of(memory);

    if (more > 0 && memory->allowance &&
        !haul_allowance_take(memory->allowance, more, all > LITTLE))
        return false;
    if (more < 0 && memory->allowance)
        haul_allowance_give(memory->allowance, -more);
    memory->used = used;
    memory->reserved = reserved;
    return true;
}

/* It would have much from now on, and others have come before it. */
static bool has_to_wait(const struct haul_decode_memory *memory, size_t size)
{
    return memory->allowance && atomic_load(&memory->allowance->waiting) > 0 &&
           all_of(memory) <= LITTLE && memory->used + (int64_t)size > LITTLE;
}

static bool take(struct haul_decode_memory *memory, size_t size)
{
    bool is_allowed = size <= (uint64_t)(INT64_MAX - memory->used) && !has_to_wait(memory, size) &&
                      change(memory, memory->used + (int64_t)size, memory->reserved);

    memory->was_refused = memory->was_refused || !is_allowed;
    return is_allowed;
}

static void give(struct haul_decode_memory *memory, size_t size)
{
    (void)change(memory, memory->used - (int64_t)size, memory->reserved);
}

void *haul_decode_memory_take(void *memory, size_t size)
{
    union head *head;

    if (size > SIZE_MAX - sizeof *head || !take(memory, size + sizeof *head))
        return NULL;
    head = malloc(size + sizeof *head);
    if (!head) {
        give(memory, size + sizeof *head);
        return NULL;
    }
    head->size = size + sizeof *head;
    return head + 1;
}

void *haul_decode_memory_take_items(void *memory, unsigned items, unsigned size)
{
    return haul_decode_memory_take(memory, (size_t)items * size);
}

void haul_decode_memory_give(void *memory, void *block)
{
    union head *head = block;

    if (!head)
        return;
    head--;
    give(memory, head->size);
    free(head);
}

bool haul_decode_memory_settle(struct haul_decode_memory *memory, size_t *counted, size_t size)
{
    if (size > *counted && !take(memory, size - *counted))
        return false;
    if (size < *counted)
        give(memory, *counted - size);
    *counted = size;
    return true;
}

bool haul_decode_memory_has_much(const struct haul_decode_memory *memory)
{
    return all_of(memory) > LITTLE;
}

bool haul_decode_memory_reserve(struct haul_decode_memory *memory, int64_t bytes)
{
    return change(memory, memory->used, bytes);
}
