#include "map.h"

#include "buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

static size_t bucket_of(const char *key, size_t size)
{
    uint64_t hash = 1469598103934665603u; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)key[i]) * 1099511628211u;
    return (size_t)(hash % BUCKETS);
}

void ts_map_init(struct ts_map *map, size_t value_size, size_t count_max)
{
    *map = (struct ts_map){.value_size = value_size, .count_max = count_max};
}

void ts_map_clear(struct ts_map *map)
{
    struct ts_map_entry *entry = map->first;
    while (entry != NULL) {
        struct ts_map_entry *next = entry->next;
        free(entry->value);
        free(entry->key);
        free(entry);
        entry = next;
    }
    free(map->buckets);
    ts_map_init(map, map->value_size, map->count_max);
}

static struct ts_map_entry *find(const struct ts_map *map, size_t bucket, const char *key,
                                 size_t key_size)
{
    struct ts_map_entry *entry = map->buckets[bucket];
    while (entry != NULL && (entry->key_size != key_size || memcmp(entry->key, key, key_size) != 0))
        entry = entry->next_in_bucket;
    return entry;
}

static struct ts_map_entry *add(struct ts_map *map, size_t bucket, const char *key, size_t key_size)
{
    struct ts_map_entry *entry = ts_memory_take(1, sizeof(*entry));
    entry->key = ts_memory_copy(key, key_size);
    entry->key_size = key_size;
    entry->value = ts_memory_take(1, map->value_size);
    entry->next_in_bucket = map->buckets[bucket];
    map->buckets[bucket] = entry;
    if (map->last != NULL)
        map->last->next = entry;
    else
        map->first = entry;
    map->last = entry;
    map->count++;
    return entry;
}

void *ts_map_take(struct ts_map *map, const char *key, size_t key_size)
{
    if (map->buckets == NULL)
        map->buckets = ts_memory_take(BUCKETS, sizeof(struct ts_map_entry *));
    size_t bucket = bucket_of(key, key_size);
    struct ts_map_entry *entry = find(map, bucket, key, key_size);
    if (entry != NULL)
        return entry->value;
    if (map->count >= map->count_max)
        return NULL;
    return add(map, bucket, key, key_size)->value;
}
