#include "journal/unique.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 1024 };

struct slot {
    uint64_t key; /* 0: empty */
    uint64_t tag;
};

struct haul_unique {
    struct slot *slot;
    size_t slots; /* a power of two */
    size_t used;
};

enum haul_err haul_unique_create(struct haul_unique **out)
{
    struct haul_unique *unique = calloc(1, sizeof *unique);

    *out = NULL;
    if (!unique)
        return HAUL_ERR_NOMEM;
    unique->slots = FIRST_SLOTS;
    unique->slot = calloc(unique->slots, sizeof *unique->slot);
    if (!unique->slot) {
        free(unique);
        return HAUL_ERR_NOMEM;
    }
    *out = unique;
    return HAUL_OK;
}

void haul_unique_free(struct haul_unique *unique)
{
    if (!unique)
        return;
    free(unique->slot);
    free(unique);
}

/* Where the key is, or the empty slot where it belongs. There always is one. */
static struct slot *find(struct slot *slot, size_t slots, uint64_t key)
{
    size_t i = (size_t)key & (slots - 1);

    while (slot[i].key && slot[i].key != key)
        i = (i + 1) & (slots - 1);
    return &slot[i];
}

static enum haul_err grow(struct haul_unique *unique)
{
    size_t slots = unique->slots * 2;
    struct slot *slot = calloc(slots, sizeof *slot);

    if (!slot)
        return HAUL_ERR_NOMEM;
    for (size_t i = 0; i < unique->slots; i++)
        if (unique->slot[i].key)
            *find(slot, slots, unique->slot[i].key) = unique->slot[i];
    free(unique->slot);
    unique->slot = slot;
    unique->slots = slots;
    return HAUL_OK;
}

enum haul_err haul_unique_add(struct haul_unique *unique, uint64_t key, uint64_t tag, bool *is_new,
                              uint64_t *first)
{
    struct slot *slot = find(unique->slot, unique->slots, key);

    *is_new = !slot->key;
    if (slot->key) {
        *first = slot->tag;
        return HAUL_OK;
    }
    if (unique->used >= unique->slots / 5 * 4) {
        if (grow(unique))
            return HAUL_ERR_NOMEM;
        slot = find(unique->slot, unique->slots, key);
    }
    *slot = (struct slot){key, tag};
    unique->used++;
    return HAUL_OK;
}
