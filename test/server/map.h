/* A map from a byte string to a zeroed block of memory that it owns.
 *
 * It keeps what the server remembers by name: hosts, latches and gates, and how
 * often an exact path was asked for. Entries stay until the map is cleared, and
 * their addresses do not move. A stated maximum of entries keeps it bounded.
 */
#ifndef TS_MAP_H
#define TS_MAP_H

#include <stddef.h>

struct ts_map_entry {
    struct ts_map_entry *next_in_bucket;
    struct ts_map_entry *next; /* in order of creation, or NULL */
    void *value;               /* owned by the map */
    size_t key_size;
    char *key; /* owned by the map, ends with a NUL */
};

struct ts_map {
    struct ts_map_entry **buckets; /* NULL before the first entry */
    struct ts_map_entry *first;    /* oldest entry, or NULL */
    struct ts_map_entry *last;
    size_t count;
    size_t count_max; /* at this many entries no more are made */
    size_t value_size;
};

/* Prepares an empty map whose values are 'value_size' bytes, zeroed when made. */
void ts_map_init(struct ts_map *map, size_t value_size, size_t count_max);

/* Frees every entry; the map is empty and may be used on. */
void ts_map_clear(struct ts_map *map);

/* Finds the value of a key, and makes it if there is none. Returns NULL only
 * when the map is full. The map owns the value. */
void *ts_map_take(struct ts_map *map, const char *key, size_t key_size);

#endif
