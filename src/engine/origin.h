#ifndef HAUL_ENGINE_ORIGIN_H
#define HAUL_ENGINE_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/costs.h"
#include "engine/pace.h"
#include "haul/record.h"
#include "model/job.h"

/*
 * The origins of a run: a hash table by name, and rings for those that stand in one place of the
 * scheduler (sched.h). Only the scheduler uses it, under the work queue's lock.
 */
enum haul_place {
    HAUL_PLACE_NOWHERE,
    HAUL_PLACE_TIMED,
    HAUL_PLACE_IDLE,
    HAUL_PLACE_BUSY,
    HAUL_PLACE_DISPOSAL,
    HAUL_PLACE_RETAINED, /* has no jobs, but something worth remembering */
    HAUL_PLACE_COUNT
};

struct haul_origin {
    struct haul_origin *hash_next;
    struct haul_origin *prev, *next; /* ring of its place, but for NOWHERE and TIMED */
    size_t heap_index;               /* in the heap of the timed */
    enum haul_place place;
    uint64_t hash;
    struct haul_job_list ready;
    size_t running, parked;
    unsigned refs;         /* affinities that name it */
    enum haul_reason down; /* why it was given up, or NONE */
    struct haul_pace pace;
    int64_t held_us;       /* time during which its ready jobs had to wait for politeness */
    int64_t held_since_us; /* -1: not held now */
    int64_t started_us;    /* the last start */
    bool is_tls;           /* [const] */
    struct haul_costs costs;
    char key[];
};

/* First = head, last = head->prev. All zero is the empty ring. An origin is in one ring at most. */
struct haul_ring {
    struct haul_origin *head;
    size_t count;
};
void haul_ring_add(struct haul_ring *ring, struct haul_origin *origin);
void haul_ring_remove(struct haul_ring *ring, struct haul_origin *origin);

struct haul_origin_table {
    struct haul_origin **bucket;
    size_t mask, count;
};

/* Makes an empty table for about so many origins. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_origin_table_init(struct haul_origin_table *table, size_t count);

/* Frees it with all origins, and their ready jobs. */
void haul_origin_table_done(struct haul_origin_table *table);

/* NULL: there is none of that name ("scheme://host:port"). */
struct haul_origin *haul_origin_find(const struct haul_origin_table *table, const char *key);

/*
 * Adds one that is not there, nowhere and without limits. It is the table's. NULL: out of memory.
 */
struct haul_origin *haul_origin_add(struct haul_origin_table *table, const char *key);

/* Takes one out and frees it; it is in no ring and has no jobs. */
void haul_origin_free(struct haul_origin_table *table, struct haul_origin *origin);

/* All origins, in no order: the first with NULL, then the next; NULL: that was the last. */
struct haul_origin *haul_origin_next(const struct haul_origin_table *table,
                                     const struct haul_origin *origin);

#endif
