#include "sink/decode_memory.h"

#include <stdlib.h>

/* In front of each block. */
union head {
    size_t size; /* of both */
    max_align_t align;
};

static bool take(struct haul_decode_memory *memory, size_t size)
{
    bool is_allowed = size <= INT64_MAX &&
                      (!memory->allowance || haul_allowance_take(memory->allowance, (int64_t)size));

    memory->was_refused = memory->was_refused || !is_allowed;
    return is_allowed;
}

static void give(struct haul_decode_memory *memory, size_t size)
{
    if (memory->allowance)
        haul_allowance_give(memory->allowance, (int64_t)size);
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
