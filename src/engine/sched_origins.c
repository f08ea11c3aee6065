#include "engine/sched_origins.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum {
    BUCKETS_MIN = 64,
    BUCKETS_MAX = 65536,
    RETAINED_MAX = 16384, /* origins without jobs whose state is remembered */
    BUSY_LOOKS_MAX = 16   /* busy origins that are looked at before none is chosen */
};

/* ---- the table ---- */

static size_t index_of(const struct haul_origins *origins, uint64_t hash)
{
    return (hash ^ (hash >> 32)) & origins->mask;
}

enum haul_err haul_origins_init(struct haul_origins *origins,
                                const struct haul_sched_limits *limits)
{
    size_t buckets = BUCKETS_MIN;

    while (buckets < limits->window && buckets < BUCKETS_MAX)
        buckets *= 2;
    *origins = (struct haul_origins){
        .limits = limits, .mask = buckets - 1, .robots = {.max = limits->robots_bytes}};
    origins->bucket = calloc(buckets, sizeof(struct haul_origin *));
    return origins->bucket ? HAUL_OK : HAUL_ERR_NOMEM;
}

void haul_origins_done(struct haul_origins *origins)
{
    struct haul_origin *next;
    struct haul_job *job;

    for (struct haul_origin *at = haul_origins_next(origins, NULL); at; at = next) {
        next = haul_origins_next(origins, at);
        while ((job = haul_job_list_take(&at->ready)))
            haul_job_free(job);
        haul_robots_forget(&origins->robots, &at->robots);
        free(at);
    }
    free(origins->bucket);
    haul_heap_done(&origins->timed);
}

static struct haul_origin *add(struct haul_origins *origins, const char *key, uint64_t hash)
{
    const struct haul_sched_limits *limits = origins->limits;
    struct haul_origin **bucket = &origins->bucket[index_of(origins, hash)];
    size_t size = strlen(key) + 1;
    struct haul_origin *origin;

    if (haul_heap_reserve(&origins->timed, origins->count + 1))
        return NULL;
    origin = malloc(sizeof *origin + size);
    if (!origin)
        return NULL;
    *origin = (struct haul_origin){.hash = hash,
                                   .is_tls = strncmp(key, "https:", 6) == 0,
                                   .hash_next = *bucket,
                                   .heap_index = HAUL_HEAP_NOWHERE,
                                   .pace = {.per_host = limits->per_host,
                                            .interval_us = limits->host_interval_us,
                                            .fail_limit = limits->host_fail_limit,
                                            .throttle_max_us = limits->throttle_max_us},
                                   .held_since_us = -1};
    memcpy(origin->key, key, size);
    if (limits->look_up)
        limits->look_up(limits->arg, key, &origin->pace.per_host, &origin->pace.interval_us);
    *bucket = origin;
    origins->count++;
    return origin;
}

static struct haul_origin *find(const struct haul_origins *origins, const char *key, uint64_t hash)
{
    struct haul_origin *origin = origins->bucket[index_of(origins, hash)];

    while (origin && (origin->hash != hash || strcmp(origin->key, key) != 0))
        origin = origin->hash_next;
    return origin;
}

struct haul_origin *haul_origins_find(const struct haul_origins *origins, const char *key)
{
    return find(origins, key, haul_hash_keyed(key, strlen(key)));
}

struct haul_origin *haul_origins_get(struct haul_origins *origins, const char *key)
{
    uint64_t hash = haul_hash_keyed(key, strlen(key));
    struct haul_origin *origin = find(origins, key, hash);

    return origin ? origin : add(origins, key, hash);
}

struct haul_origin *haul_origins_next(const struct haul_origins *origins,
                                      const struct haul_origin *origin)
{
    size_t i = 0;

    if (origin) {
        if (origin->hash_next)
            return origin->hash_next;
        i = index_of(origins, origin->hash) + 1;
    }
    while (i <= origins->mask && !origins->bucket[i])
        i++;
    return i <= origins->mask ? origins->bucket[i] : NULL;
}

/* ---- places ---- */

static void ring_add(struct haul_ring *ring, struct haul_origin *origin)
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

static void ring_remove(struct haul_ring *ring, struct haul_origin *origin)
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

static void leave_place(struct haul_origins *origins, struct haul_origin *origin)
{
    if (origin->place == HAUL_PLACE_TIMED)
        haul_heap_remove(&origins->timed, origin->heap_index);
    else if (origin->place != HAUL_PLACE_NOWHERE)
        ring_remove(&origins->ring[origin->place], origin);
    origin->place = HAUL_PLACE_NOWHERE;
}

static void enter_place(struct haul_origins *origins, struct haul_origin *origin,
                        enum haul_place place)
{
    origin->place = place;
    if (place == HAUL_PLACE_TIMED)
        haul_heap_add(&origins->timed, origin->pace.not_before_us, origin, &origin->heap_index);
    else if (place != HAUL_PLACE_NOWHERE)
        ring_add(&origins->ring[place], origin);
}

/* Whether anybody would miss it, though it has no ready jobs. */
static bool is_needed(const struct haul_origin *origin)
{
    return origin->running || origin->parked || origin->refs || origin->spilled ||
           origin->is_listed;
}

static enum haul_place right_place(const struct haul_origins *origins,
                                   const struct haul_origin *origin, int64_t now_us)
{
    if (!origin->ready.count)
        return is_needed(origin) ? HAUL_PLACE_NOWHERE : HAUL_PLACE_RETAINED;
    if (origins->draining || origin->down)
        return HAUL_PLACE_DISPOSAL;
    if (origin->robots.gate == HAUL_ROBOTS_ASKING)
        return HAUL_PLACE_NOWHERE;
    if (haul_pace_is_full(&origin->pace, origin->running))
        return HAUL_PLACE_NOWHERE;
    if (origin->pace.not_before_us > now_us)
        return HAUL_PLACE_TIMED;
    return origin->running ? HAUL_PLACE_BUSY : HAUL_PLACE_IDLE;
}

bool haul_origin_is_held(const struct haul_origin *origin)
{
    return origin->ready.count &&
           (origin->place == HAUL_PLACE_TIMED || origin->place == HAUL_PLACE_NOWHERE);
}

static void account_held(struct haul_origin *origin, int64_t now_us)
{
    bool held = haul_origin_is_held(origin);

    if (held && origin->held_since_us < 0)
        origin->held_since_us = now_us;
    if (!held && origin->held_since_us >= 0) {
        origin->held_us += now_us - origin->held_since_us;
        origin->held_since_us = -1;
    }
}

int64_t haul_origin_held_us(const struct haul_origin *origin, int64_t now_us)
{
    return origin->held_us + (origin->held_since_us < 0 ? 0 : now_us - origin->held_since_us);
}

static void forget_retained(struct haul_origins *origins, struct haul_origin *origin)
{
    struct haul_origin **at = &origins->bucket[index_of(origins, origin->hash)];

    ring_remove(&origins->ring[HAUL_PLACE_RETAINED], origin);
    while (*at != origin)
        at = &(*at)->hash_next;
    *at = origin->hash_next;
    origins->count--;
    haul_robots_forget(&origins->robots, &origin->robots);
    free(origin);
}

static void list_hungry(struct haul_origins *origins, struct haul_origin *origin)
{
    if (origin->is_listed)
        return;
    origin->is_listed = true;
    origin->hungry_next = NULL;
    if (origins->hungry)
        origins->last_hungry->hungry_next = origin;
    else
        origins->hungry = origin;
    origins->last_hungry = origin;
}

void haul_origins_settle(struct haul_origins *origins, struct haul_origin *origin, int64_t now_us)
{
    enum haul_place place = right_place(origins, origin, now_us);
    struct haul_ring *retained = &origins->ring[HAUL_PLACE_RETAINED];

    if (place != origin->place || place == HAUL_PLACE_TIMED) {
        leave_place(origins, origin);
        enter_place(origins, origin, place);
    }
    account_held(origin, now_us);
    if (origin->spilled)
        list_hungry(origins, origin);
    if (place != HAUL_PLACE_RETAINED)
        return;
    if (!origin->down && haul_pace_is_plain(&origin->pace, now_us) &&
        !haul_robots_is_worth_keeping(&origin->robots, now_us)) /* nothing to remember */
        forget_retained(origins, origin);
    else if (retained->count > RETAINED_MAX)
        forget_retained(origins, retained->head);
}

/* ---- which is next ---- */

/* Whether a busy origin may be given to a worker that is not connected to it. */
static bool pays_to_connect(const struct haul_origins *origins, const struct haul_origin *origin,
                            int64_t now_us, int64_t *due_us)
{
    const struct haul_costs *costs = origin->costs.setup_us ? &origin->costs : &origins->tls_costs;

    return !origin->is_tls || haul_costs_pay(costs, origin->ready.count, origin->running,
                                             origin->started_us, now_us, due_us);
}

static struct haul_origin *choose_busy(struct haul_origins *origins, int64_t now_us,
                                       int64_t *due_us)
{
    struct haul_ring *busy = &origins->ring[HAUL_PLACE_BUSY];

    for (size_t i = 0; i < busy->count && i < BUSY_LOOKS_MAX; i++) {
        struct haul_origin *origin = busy->head;

        if (pays_to_connect(origins, origin, now_us, due_us))
            return origin;
        busy->head = origin->next; /* others are looked at next time */
    }
    return NULL;
}

struct haul_origin *haul_origins_choose(struct haul_origins *origins,
                                        const struct haul_affinity *affinity, int64_t now_us,
                                        int64_t *due_us)
{
    struct haul_origin *own = affinity->origin;
    struct haul_origin *idle = origins->ring[HAUL_PLACE_IDLE].head;
    bool tired = affinity->streak >= HAUL_SCHED_STREAK;

    if (idle == own && idle && tired)
        idle = idle->next; /* itself, if there is no other */
    if (own && (own->place == HAUL_PLACE_IDLE || own->place == HAUL_PLACE_BUSY) &&
        (!tired || !idle))
        return own;
    return idle ? idle : choose_busy(origins, now_us, due_us);
}

static void drop_reference(struct haul_origins *origins, struct haul_origin *origin, int64_t now_us)
{
    origin->refs--;
    if (!origin->refs && origin->place == HAUL_PLACE_NOWHERE)
        haul_origins_settle(origins, origin, now_us);
}

static void note_affinity(struct haul_origins *origins, struct haul_affinity *affinity,
                          struct haul_origin *origin, int64_t now_us)
{
    struct haul_origin *before = affinity->origin;

    if (before == origin) {
        affinity->streak++;
        return;
    }
    origin->refs++;
    *affinity = (struct haul_affinity){.origin = origin, .streak = 1};
    if (before)
        drop_reference(origins, before, now_us);
}

void haul_origins_start(struct haul_origins *origins, struct haul_job *job,
                        struct haul_affinity *affinity, int64_t now_us)
{
    struct haul_origin *origin = job->at;

    origin->started_us = now_us;
    haul_pace_start(&origin->pace, &job->turn, now_us);
    if (origin->place == HAUL_PLACE_BUSY) { /* to the end: the others have their turn first */
        leave_place(origins, origin);
        enter_place(origins, origin, HAUL_PLACE_BUSY);
    }
    haul_origins_settle(origins, origin, now_us);
    note_affinity(origins, affinity, origin, now_us);
}

void haul_origins_forget(struct haul_origins *origins, struct haul_affinity *affinity)
{
    struct haul_origin *origin = affinity->origin;

    *affinity = (struct haul_affinity){0};
    if (origin)
        drop_reference(origins, origin, 0);
}
