#include "engine/origin.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/heap.h"

enum { BUCKETS_MIN = 64, BUCKETS_MAX = 65536 };

/* ---- rings ---- */

void haul_ring_add(struct haul_ring *ring, struct haul_origin *origin)
{
    if (!ring->head) {
        ring->head = origin->prev = origin->next = origin;
    } else {
        origin->next = ring->head;
        origin->prev = ring->head->prev;
        origin->prev->next = origin;
        origin->next->prev = origin;
    }
    ring->count++;
}

void haul_ring_remove(struct haul_ring *ring, struct haul_origin *origin)
{
    if (origin->next == origin) {
        ring->head = NULL;
    } else {
        origin->prev->next = origin->next;
        origin->next->prev = origin->prev;
        if (ring->head == origin)
            ring->head = origin->next;
    }
    origin->prev = origin->next = NULL;
    ring->count--;
}

/* ---- the table ---- */

static size_t index_of(const struct haul_origin_table *table, uint64_t hash)
{
    return (hash ^ (hash >> 32)) & table->mask;
}

enum haul_err haul_origin_table_init(struct haul_origin_table *table, size_t count)
{
    size_t buckets = BUCKETS_MIN;

    while (buckets < count && buckets < BUCKETS_MAX)
        buckets *= 2;
    *table = (struct haul_origin_table){.mask = buckets - 1};
    table->bucket = calloc(buckets, sizeof(struct haul_origin *));
    return table->bucket ? HAUL_OK : HAUL_ERR_NOMEM;
}

static void free_with_jobs(struct haul_origin *origin)
{
    struct haul_job *job;

    while ((job = haul_job_list_take(&origin->ready)))
        haul_job_free(job);
    free(origin);
}

void haul_origin_table_done(struct haul_origin_table *table)
{
    for (size_t i = 0; table->bucket && i <= table->mask; i++) {
        while (table->bucket[i]) {
            struct haul_origin *origin = table->bucket[i];

            table->bucket[i] = origin->hash_next;
            free_with_jobs(origin);
        }
    }
    free(table->bucket);
}

struct haul_origin *haul_origin_find(const struct haul_origin_table *table, const char *key)
{
    uint64_t hash = haul_hash(key, strlen(key));
    struct haul_origin *origin = table->bucket[index_of(table, hash)];

    while (origin && (origin->hash != hash || strcmp(origin->key, key) != 0))
        origin = origin->hash_next;
    return origin;
}

struct haul_origin *haul_origin_add(struct haul_origin_table *table, const char *key)
{
    size_t len = strlen(key);
    uint64_t hash = haul_hash(key, len);
    struct haul_origin **bucket = &table->bucket[index_of(table, hash)];
    struct haul_origin *origin = malloc(sizeof *origin + len + 1);

    if (!origin)
        return NULL;
    *origin = (struct haul_origin){.hash = hash,
                                   .is_tls = strncmp(key, "https:", 6) == 0,
                                   .hash_next = *bucket,
                                   .heap_index = HAUL_HEAP_NOWHERE,
                                   .held_since_us = -1};
    memcpy(origin->key, key, len + 1);
    *bucket = origin;
    table->count++;
    return origin;
}

void haul_origin_free(struct haul_origin_table *table, struct haul_origin *origin)
{
    struct haul_origin **at = &table->bucket[index_of(table, origin->hash)];

    while (*at != origin)
        at = &(*at)->hash_next;
    *at = origin->hash_next;
    table->count--;
    free(origin);
}

struct haul_origin *haul_origin_next(const struct haul_origin_table *table,
                                     const struct haul_origin *origin)
{
    size_t i = 0;

    if (origin) {
        if (origin->hash_next)
            return origin->hash_next;
        i = index_of(table, origin->hash) + 1;
    }
    while (i <= table->mask && !table->bucket[i])
        i++;
    return i <= table->mask ? table->bucket[i] : NULL;
}
