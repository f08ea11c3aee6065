#include "base/keyset.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

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

void haul_keyset_clear(struct haul_keyset *unique)
{
    if (unique->used)
        memset(unique->slot, 0, slots_of(unique->bits) * sizeof *unique->slot);
    unique->used = 0;
}

/*
 * Where the key is, or the empty slot where it belongs. NULL: it is not there, and nor is an empty
 * slot; `insert` keeps a fifth of them empty, but that the search ends must not hang on it.
 */
static struct slot *find(struct slot *slot, unsigned bits, uint64_t key)
{
    size_t count = slots_of(bits);
    size_t first = (size_t)(key * 0x9e3779b97f4a7c15u >> (64 - bits));

    for (size_t i = 0; i < count; i++) {
        struct slot *at = &slot[(first + i) & (count - 1)];

        if (!at->key || at->key == key)
            return at;
    }
    return NULL;
}

/* The slot that holds the key, or NULL. */
static struct slot *find_held(const struct haul_keyset *unique, uint64_t key)
{
    struct slot *slot = find(unique->slot, unique->bits, key);

    return slot && slot->key == key ? slot : NULL;
}

/* A key that is not there, and room for it. */
static void fill(struct slot *table, unsigned bits, struct slot what)
{
    struct slot *slot = find(table, bits, what.key);

    assert(slot && !slot->key);
    *slot = what;
}

static enum haul_err grow(struct haul_keyset *unique)
{
    unsigned bits = unique->bits + 1;
    struct slot *slot = calloc(slots_of(bits), sizeof *slot);

    if (!slot)
        return HAUL_ERR_NOMEM;
    for (size_t i = 0; i < slots_of(unique->bits); i++)
        if (unique->slot[i].key)
            fill(slot, bits, unique->slot[i]);
    free(unique->slot);
    unique->slot = slot;
    unique->bits = bits;
    return HAUL_OK;
}

bool haul_keyset_has(const struct haul_keyset *unique, uint64_t key)
{
    return find_held(unique, key);
}

bool haul_keyset_find(const struct haul_keyset *unique, uint64_t key, uint64_t *tag)
{
    const struct slot *slot = find_held(unique, key);

    *tag = slot ? slot->tag : 0;
    return slot;
}

bool haul_keyset_has_tag(const struct haul_keyset *unique, uint64_t key, uint64_t tag)
{
    const struct slot *slot = find_held(unique, key);

    return slot && slot->tag == tag;
}

/* Puts a key that is not there into its slot, of a larger table if this one is full enough. */
static enum haul_err insert(struct haul_keyset *unique, struct slot what)
{
    if (unique->used >= slots_of(unique->bits) / 5 * 4 && grow(unique))
        return HAUL_ERR_NOMEM;
    fill(unique->slot, unique->bits, what);
    unique->used++;
    return HAUL_OK;
}

enum haul_err haul_keyset_add(struct haul_keyset *unique, uint64_t key, uint64_t tag, bool *is_new,
                              uint64_t *first)
{
    const struct slot *held = find_held(unique, key);

    *is_new = !held;
    if (!held)
        return insert(unique, (struct slot){key, tag});
    *first = held->tag;
    return HAUL_OK;
}

enum haul_err haul_keyset_put(struct haul_keyset *unique, uint64_t key, uint64_t tag)
{
    struct slot *held = find_held(unique, key);

    if (!held)
        return insert(unique, (struct slot){key, tag});
    held->tag = tag;
    return HAUL_OK;
}
