#include "base/keyset.h"

#include <stdlib.h>

enum { FIRST_BITS = 10 };

struct slot {
    uint64_t key; /* 0: empty */
    uint64_t tag;
};

struct haul_keyset {
    struct slot *slot;
    unsigned bits; /* 2 to the power of this many slots */
    size_t used;
};

static size_t slots_of(unsigned bits)
{
    return (size_t)1 << bits;
}

enum haul_err haul_keyset_create(struct haul_keyset **out)
{
    struct haul_keyset *unique = calloc(1, sizeof *unique);

    *out = unique;
    if (!unique)
        return HAUL_ERR_NOMEM;
    unique->bits = FIRST_BITS;
    unique->slot = calloc(slots_of(unique->bits), sizeof *unique->slot);
    if (unique->slot)
        return HAUL_OK;
    free(unique);
    *out = NULL;
    return HAUL_ERR_NOMEM;
}

void haul_keyset_free(struct haul_keyset *unique)
{
    if (!unique)
        return;
    free(unique->slot);
    free(unique);
}

/* Where the key is, or the empty slot where it belongs. There always is one. */
static struct slot *find(struct slot *slot, unsigned bits, uint64_t key)
{
    size_t mask = slots_of(bits) - 1;
    size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> (64 - bits));

    while (slot[i].key && slot[i].key != key)
        i = (i + 1) & mask;
    return &slot[i];
}

static enum haul_err grow(struct haul_keyset *unique)
{
    unsigned bits = unique->bits + 1;
    struct slot *slot = calloc(slots_of(bits), sizeof *slot);

    if (!slot)
        return HAUL_ERR_NOMEM;
    for (size_t i = 0; i < slots_of(unique->bits); i++)
        if (unique->slot[i].key)
            *find(slot, bits, unique->slot[i].key) = unique->slot[i];
    free(unique->slot);
    unique->slot = slot;
    unique->bits = bits;
    return HAUL_OK;
}

bool haul_keyset_has(const struct haul_keyset *unique, uint64_t key)
{
    return find(unique->slot, unique->bits, key)->key == key;
}

bool haul_keyset_find(const struct haul_keyset *unique, uint64_t key, uint64_t *tag)
{
    const struct slot *slot = find(unique->slot, unique->bits, key);

    *tag = slot->tag;
    return slot->key == key;
}

bool haul_keyset_has_tag(const struct haul_keyset *unique, uint64_t key, uint64_t tag)
{
    const struct slot *slot = find(unique->slot, unique->bits, key);

    return slot->key == key && slot->tag == tag;
}

/* Puts a key that is not there into the empty slot that was found for it, or into a larger table.
 */
static enum haul_err insert(struct haul_keyset *unique, struct slot *slot, struct slot what)
{
    if (unique->used >= slots_of(unique->bits) / 5 * 4) {
        if (grow(unique))
            return HAUL_ERR_NOMEM;
        slot = find(unique->slot, unique->bits, what.key);
    }
    *slot = what;
    unique->used++;
    return HAUL_OK;
}

enum haul_err haul_keyset_add(struct haul_keyset *unique, uint64_t key, uint64_t tag, bool *is_new,
                              uint64_t *first)
{
    struct slot *slot = find(unique->slot, unique->bits, key);

    *is_new = !slot->key;
    if (*is_new)
        return insert(unique, slot, (struct slot){key, tag});
    *first = slot->tag;
    return HAUL_OK;
}

enum haul_err haul_keyset_put(struct haul_keyset *unique, uint64_t key, uint64_t tag)
{
    struct slot *slot = find(unique->slot, unique->bits, key);

    if (!slot->key)
        return insert(unique, slot, (struct slot){key, tag});
    slot->tag = tag;
    return HAUL_OK;
}
