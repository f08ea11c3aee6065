#ifndef HAUL_ENGINE_SCHED_ORIGINS_H
#define HAUL_ENGINE_SCHED_ORIGINS_H

#include "base/heap.h"
#include "engine/pace.h"
#include "engine/sched.h"
#include "engine/sched_robots.h"

/*
 * The origins of a run: each by its name, the place where it stands (sched.h), and which is next.
 * The scheduler's, under the work queue's lock.
 */
enum haul_place {
    HAUL_PLACE_NOWHERE,
    HAUL_PLACE_TIMED,
    HAUL_PLACE_IDLE,
    HAUL_PLACE_BUSY,
    HAUL_PLACE_DISPOSAL,
    HAUL_PLACE_RETAINED,
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
    size_t spilled;        /* its jobs that are kept elsewhere (sched_window.h) */
    uint32_t stay, number; /* the next of them gets the place (stay, number) */
    bool is_listed;        /* among those that may be hungry */
    struct haul_origin *hungry_next;
    enum haul_reason down;           /* why it was given up, or NONE */
    struct haul_incidents incidents; /* that led to it */
    struct haul_pace pace;
    struct haul_robots_state robots;
    int64_t held_us;       /* time during which its ready jobs had to wait for politeness */
    int64_t held_since_us; /* -1: not held now */
    int64_t started_us;    /* the last start */
    bool is_tls;           /* [const] */
    struct haul_costs costs;
    char key[];
};

/* First = head, last = head->prev. All zero is the empty ring. */
struct haul_ring {
    struct haul_origin *head;
    size_t count;
};

struct haul_origins {
    const struct haul_sched_limits *limits; /* [const] */
    struct haul_origin **bucket;            /* of a hash table by name */
    size_t mask, count;
    struct haul_ring ring[HAUL_PLACE_COUNT];  /* but of NOWHERE and TIMED */
    struct haul_heap timed;                   /* by not_before */
    struct haul_origin *hungry, *last_hungry; /* that have spilled jobs, and changed since */
    struct haul_costs tls_costs;              /* of any origin, for those that are not known yet */
    bool draining;                            /* the run is stopping */
    struct haul_robots_store robots;          /* what is known of theirs */
};

/* Makes it empty; `limits` must outlive it. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_origins_init(struct haul_origins *origins,
                                              const struct haul_sched_limits *limits);

/* Frees all origins with their ready jobs. */
void haul_origins_done(struct haul_origins *origins);

/* The origin of that name ("scheme://host:port"), which is made if there is none, nowhere and with
 * the limits that hold for it. NULL: out of memory. */
struct haul_origin *haul_origins_get(struct haul_origins *origins, const char *key);

/* The same; NULL: there is none. */
struct haul_origin *haul_origins_find(const struct haul_origins *origins, const char *key);

/* All of them, in no order: the first with NULL, then the next; NULL: that was the last. */
struct haul_origin *haul_origins_next(const struct haul_origins *origins,
                                      const struct haul_origin *origin);

/* Puts one where it belongs now. It may be gone afterwards if it has no jobs. */
void haul_origins_settle(struct haul_origins *origins, struct haul_origin *origin, int64_t now_us);

/* Whether it has ready jobs and must not be asked now, as of when it was settled last. */
bool haul_origin_is_held(const struct haul_origin *origin);

/* How long its ready jobs have had to wait for politeness so far. */
int64_t haul_origin_held_us(const struct haul_origin *origin, int64_t now_us);

/*
 * The origin whose job the worker of `affinity` should take. NULL: none, until *due_us if nothing
 * happens, which is set if it is earlier than it was.
 */
struct haul_origin *haul_origins_choose(struct haul_origins *origins,
                                        const struct haul_affinity *affinity, int64_t now_us,
                                        int64_t *due_us);

/* One of its jobs was started, by the worker of `affinity`; it was counted as running. */
void haul_origins_start(struct haul_origins *origins, struct haul_job *job,
                        struct haul_affinity *affinity, int64_t now_us);

/* As haul_sched_forget. */
void haul_origins_forget(struct haul_origins *origins, struct haul_affinity *affinity);

#endif
