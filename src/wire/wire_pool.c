#include "base/hash.h"
#include "wire/wire_inside.h"

/* ---- what is remembered of keys ---- */

static uint64_t hash_of(const struct haul_buf *key)
{
    return haul_hash_keyed(haul_buf_str(key), key->len);
}

bool haul_memory_has(const struct haul_memory_of_keys *memory, const struct haul_buf *key)
{
    size_t count = memory->count < HAUL_WIRE_REMEMBERED ? memory->count : HAUL_WIRE_REMEMBERED;
    uint64_t hash = count ? hash_of(key) : 0;

    for (size_t i = 0; i < count; i++)
        if (memory->hash[i] == hash)
            return true;
    return false;
}

void haul_memory_add(struct haul_memory_of_keys *memory, const struct haul_buf *key)
{
    if (!haul_memory_has(memory, key))
        memory->hash[memory->count++ % HAUL_WIRE_REMEMBERED] = hash_of(key);
}

/* ---- the open ones ---- */

static void unlink_open(struct haul_wire *wire, struct haul_conn *conn)
{
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        wire->open = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    else
        wire->open_last = conn->prev;
    wire->open_count--;
}

void haul_pool_add(struct haul_wire *wire, struct haul_conn *conn)
{
    conn->prev = NULL;
    conn->next = wire->open;
    if (wire->open)
        wire->open->prev = conn;
    else
        wire->open_last = conn;
    wire->open = conn;
    wire->open_count++;
}

void haul_pool_use(struct haul_conn *conn)
{
    struct haul_wire *wire = conn->wire;

    if (wire->open == conn)
        return;
    unlink_open(wire, conn);
    haul_pool_add(wire, conn);
}

void haul_pool_close(struct haul_conn *conn)
{
    struct haul_wire *wire = conn->wire;

    unlink_open(wire, conn);
    conn->next = wire->gone;
    wire->gone = conn;
}

void haul_pool_sweep(struct haul_wire *wire)
{
    while (wire->gone) {
        struct haul_conn *conn = wire->gone;

        wire->gone = conn->next;
        conn->next = wire->spare;
        wire->spare = conn;
    }
}
