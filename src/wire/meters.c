#include "wire/meters.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/hash.h"

enum { BUCKETS = 256 };

struct entry {
    struct haul_meter meter; /* the first: a meter is its entry */
    struct entry *next;      /* [lock] */
    size_t users;            /* [lock] */
    char origin[];           /* [const] */
};

struct haul_meters {
    uv_mutex_t lock;
    struct entry *bucket[BUCKETS]; /* [lock] */
    size_t count;                  /* [lock] */
};

enum haul_err haul_meters_create(struct haul_meters **out)
{
    struct haul_meters *meters = calloc(1, sizeof *meters);

    if (!meters)
        return HAUL_ERR_NOMEM;
    if (uv_mutex_init(&meters->lock)) {
        free(meters);
        return HAUL_ERR_SYSTEM;
    }
    *out = meters;
    return HAUL_OK;
}

void haul_meters_free(struct haul_meters *meters)
{
    struct entry *entry;

    if (!meters)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while ((entry = meters->bucket[i])) {
            assert(!entry->users);
            meters->bucket[i] = entry->next;
            free(entry);
        }
    }
    uv_mutex_destroy(&meters->lock);
    free(meters);
}

/* Frees what is of no use any more, of one bucket: so there are never many more than that are. */
static void sweep_locked(struct haul_meters *meters, struct entry **at, int64_t now_us)
{
    while (*at) {
        struct entry *entry = *at;

        if (entry->users || !haul_meter_is_idle(&entry->meter, now_us)) {
            at = &entry->next;
            continue;
        }
        *at = entry->next;
        meters->count--;
        free(entry);
    }
}

static struct entry *add_locked(struct haul_meters *meters, struct entry **bucket,
                                const char *origin, int64_t rate)
{
    size_t size = strlen(origin) + 1;
    struct entry *entry = malloc(sizeof *entry + size);

    if (!entry)
        return NULL;
    haul_meter_init(&entry->meter, rate);
    memcpy(entry->origin, origin, size);
    entry->users = 0;
    entry->next = *bucket;
    *bucket = entry;
    meters->count++;
    return entry;
}

static struct entry *find_locked(struct entry *entry, const char *origin)
{
    while (entry && strcmp(entry->origin, origin) != 0)
        entry = entry->next;
    return entry;
}

struct haul_meter *haul_meters_take(struct haul_meters *meters, const char *origin, int64_t rate,
                                    int64_t now_us)
{
    struct entry **bucket = &meters->bucket[haul_hash_keyed(origin, strlen(origin)) % BUCKETS];
    struct entry *entry;

    uv_mutex_lock(&meters->lock);
    entry = find_locked(*bucket, origin);
    if (!entry) {
        sweep_locked(meters, bucket, now_us);
        entry = add_locked(meters, bucket, origin, rate);
    }
    if (entry)
        entry->users++;
    uv_mutex_unlock(&meters->lock);
    return entry ? &entry->meter : NULL;
}

void haul_meters_give_back(struct haul_meters *meters, struct haul_meter *meter)
{
    struct entry *entry = (struct entry *)meter;

    uv_mutex_lock(&meters->lock);
    entry->users--;
    uv_mutex_unlock(&meters->lock);
}

size_t haul_meters_count(struct haul_meters *meters)
{
    size_t count;

    uv_mutex_lock(&meters->lock);
    count = meters->count;
    uv_mutex_unlock(&meters->lock);
    return count;
}
