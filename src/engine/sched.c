#include "engine/sched.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/heap.h"

enum {
    RETAINED_MAX = 16384, /* origins without jobs whose state is remembered */
    SLOWEST_STEP_US =
        100000, /* first pause between starts once an origin is down to one at a time */
    SLOWEST_MAX_US = 10000000,
    BUSY_LOOKS_MAX = 16, /* busy origins that a pop looks at */
    HANDSHAKES_WORTH = 4 /* so many times its own duration a new connection has to save */
};

enum place { NOWHERE, TIMED, IDLE, BUSY, DISPOSAL, RETAINED, PLACE_COUNT };

/* What attempts take, smoothed. All 0: not known. */
struct costs {
    int64_t setup_us; /* a TLS connection */
    int64_t work_us;  /* all else, once one was made there */
};

struct haul_origin {
    struct haul_origin *hash_next;
    struct haul_origin *prev, *next; /* ring of its place, but for NOWHERE and TIMED */
    size_t heap_index;               /* in the heap of the timed */
    enum place place;
    uint64_t hash;
    struct haul_job_list ready;
    size_t running, parked;
    unsigned refs;         /* affinities that name it */
    int per_host;          /* [const] running at most; 0: no limit */
    int64_t interval_us;   /* [const] between two starts */
    int failures;          /* in a row, to reach it */
    enum haul_reason down; /* why it was given up, or NONE */
    int64_t not_before_us; /* no start before */
    int64_t held_us;       /* time during which its ready jobs had to wait for politeness */
    int64_t held_since_us; /* -1: not held now */
    size_t cap;            /* running at most, after it said 429 or 503; 0: as configured */
    size_t successes;      /* since `cap` was changed */
    int64_t slow_us;       /* extra time between starts, after 429 or 503 at cap 1 */
    int64_t slowed_at_us;  /* answers to requests begun earlier do not slow it further */
    int64_t started_us;    /* the last start */
    bool is_tls;           /* [const] */
    struct costs costs;
    char key[];
};

/* A ring with a head of its own: first = head.next, last = head.prev. */
struct ring {
    struct haul_origin *head;
    size_t count;
};

struct haul_sched {
    struct haul_sched_limits limits; /* [const after create] */
    struct haul_origin **bucket;
    size_t bucket_mask;
    size_t origin_count;
    struct ring ring[PLACE_COUNT]; /* IDLE, BUSY, DISPOSAL, RETAINED */
    struct haul_heap timed;        /* origins by not_before */
    struct haul_heap parked;       /* jobs by due time */
    struct haul_job *running_head, *running_tail;
    size_t admitted, running, ready;
    size_t admitted_bytes;
    int64_t next_start_us;  /* no start at all before */
    struct costs tls_costs; /* of any origin, for those that are not known yet */
    bool closed, draining;
};

/* ---- rings of origins ---- */

static void ring_add(struct ring *ring, struct haul_origin *origin)
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

static void ring_remove(struct ring *ring, struct haul_origin *origin)
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

/* ---- the table of origins ---- */

/* FNV-1a, 64 bit (Fowler, Noll, Vo). */
static uint64_t hash_key(const char *key)
{
    uint64_t hash = 14695981039346656037U;

    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 1099511628211U;
    return hash;
}

static struct haul_origin **bucket_of(const struct haul_sched *sched, uint64_t hash)
{
    return &sched->bucket[(hash ^ (hash >> 32)) & sched->bucket_mask];
}

static struct haul_origin *find_origin(const struct haul_sched *sched, const char *key,
                                       uint64_t hash)
{
    struct haul_origin *origin = *bucket_of(sched, hash);

    while (origin && (origin->hash != hash || strcmp(origin->key, key) != 0))
        origin = origin->hash_next;
    return origin;
}

static struct haul_origin *add_origin(struct haul_sched *sched, const char *key, uint64_t hash)
{
    size_t size = strlen(key) + 1;
    struct haul_origin *origin;
    struct haul_origin **bucket = bucket_of(sched, hash);

    if (haul_heap_reserve(&sched->timed, sched->origin_count + 1))
        return NULL;
    origin = malloc(sizeof *origin + size);
    if (!origin)
        return NULL;
    *origin = (struct haul_origin){.hash = hash,
                                   .is_tls = strncmp(key, "https:", 6) == 0,
                                   .hash_next = *bucket,
                                   .heap_index = HAUL_HEAP_NOWHERE,
                                   .held_since_us = -1,
                                   .per_host = sched->limits.per_host,
                                   .interval_us = sched->limits.host_interval_us};
    memcpy(origin->key, key, size);
    if (sched->limits.look_up)
        sched->limits.look_up(sched->limits.arg, key, &origin->per_host, &origin->interval_us);
    *bucket = origin;
    sched->origin_count++;
    return origin;
}

/* The origin of that name, which is made if there is none. NULL: out of memory. */
static struct haul_origin *get_origin(struct haul_sched *sched, const char *key)
{
    uint64_t hash = hash_key(key);
    struct haul_origin *origin = find_origin(sched, key, hash);

    return origin ? origin : add_origin(sched, key, hash);
}

static void free_origin(struct haul_sched *sched, struct haul_origin *origin)
{
    struct haul_origin **at = bucket_of(sched, origin->hash);

    while (*at != origin)
        at = &(*at)->hash_next;
    *at = origin->hash_next;
    sched->origin_count--;
    free(origin);
}

/* ---- places ---- */

static void leave_place(struct haul_sched *sched, struct haul_origin *origin)
{
    if (origin->place == TIMED)
        haul_heap_remove(&sched->timed, origin->heap_index);
    else if (origin->place != NOWHERE)
        ring_remove(&sched->ring[origin->place], origin);
    origin->place = NOWHERE;
}

static void enter_place(struct haul_sched *sched, struct haul_origin *origin, enum place place)
{
    origin->place = place;
    if (place == TIMED)
        haul_heap_add(&sched->timed, origin->not_before_us, origin, &origin->heap_index);
    else if (place != NOWHERE)
        ring_add(&sched->ring[place], origin);
}

static bool is_full(const struct haul_origin *origin)
{
    size_t cap = (size_t)origin->per_host;

    if (origin->cap && (!cap || origin->cap < cap))
        cap = origin->cap;
    return cap && origin->running >= cap;
}

static enum place right_place(const struct haul_sched *sched, const struct haul_origin *origin,
                              int64_t now_us)
{
    if (!origin->ready.count)
        return origin->running || origin->parked || origin->refs ? NOWHERE : RETAINED;
    if (sched->draining || origin->down)
        return DISPOSAL;
    if (is_full(origin))
        return NOWHERE;
    if (origin->not_before_us > now_us)
        return TIMED;
    return origin->running ? BUSY : IDLE;
}

static void account_held(struct haul_origin *origin, int64_t now_us)
{
    bool held = origin->ready.count && (origin->place == TIMED || origin->place == NOWHERE);

    if (held && origin->held_since_us < 0)
        origin->held_since_us = now_us;
    if (!held && origin->held_since_us >= 0) {
        origin->held_us += now_us - origin->held_since_us;
        origin->held_since_us = -1;
    }
}

static int64_t held_until(const struct haul_origin *origin, int64_t now_us)
{
    return origin->held_us + (origin->held_since_us < 0 ? 0 : now_us - origin->held_since_us);
}

/* Whether an origin without jobs has nothing that is worth remembering. */
static bool is_plain(const struct haul_origin *origin, int64_t now_us)
{
    return !origin->down && !origin->failures && !origin->cap && origin->not_before_us <= now_us;
}

static void forget_retained(struct haul_sched *sched, struct haul_origin *origin)
{
    ring_remove(&sched->ring[RETAINED], origin);
    free_origin(sched, origin);
}

/* Puts an origin where it belongs now. It may be gone afterwards if it has no jobs. */
static void settle(struct haul_sched *sched, struct haul_origin *origin, int64_t now_us)
{
    enum place place = right_place(sched, origin, now_us);
    struct ring *retained = &sched->ring[RETAINED];

    if (place != origin->place || place == TIMED) {
        leave_place(sched, origin);
        enter_place(sched, origin, place);
    }
    account_held(origin, now_us);
    if (place != RETAINED)
        return;
    if (is_plain(origin, now_us))
        forget_retained(sched, origin);
    else if (retained->count > RETAINED_MAX)
        forget_retained(sched, retained->head);
}

/* ---- jobs ---- */

static void make_ready(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    struct haul_origin *origin = job->at;

    job->since_us = now_us;
    job->held_us = held_until(origin, now_us);
    haul_job_list_add(&origin->ready, job);
    sched->ready++;
    settle(sched, origin, now_us);
}

static void unpark(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    haul_heap_remove(&sched->parked, job->heap_index);
    job->at->parked--;
    job->rec.time_parked_us += now_us - job->since_us;
    make_ready(sched, job, now_us);
}

/*
 * Everything that has become due, in the order of its time and as of that time: what came later than
 * that was waiting for a worker, not for politeness. First thing in whatever changes something.
 */
static void release_due(struct haul_sched *sched, int64_t now_us)
{
    for (;;) {
        int64_t parked_us = haul_heap_first_key(&sched->parked);
        int64_t timed_us = haul_heap_first_key(&sched->timed);

        if (parked_us > now_us && timed_us > now_us)
            return;
        if (parked_us < timed_us)
            unpark(sched, haul_heap_first(&sched->parked), parked_us);
        else
            settle(sched, haul_heap_first(&sched->timed), timed_us);
    }
}

static void running_add(struct haul_sched *sched, struct haul_job *job)
{
    job->succ = NULL;
    job->prev = sched->running_tail;
    if (job->prev)
        job->prev->succ = job;
    else
        sched->running_head = job;
    sched->running_tail = job;
    sched->running++;
    job->at->running++;
}

static void running_remove(struct haul_sched *sched, struct haul_job *job)
{
    if (job->prev)
        job->prev->succ = job->succ;
    else
        sched->running_head = job->succ;
    if (job->succ)
        job->succ->prev = job->prev;
    else
        sched->running_tail = job->prev;
    job->prev = job->succ = NULL;
    sched->running--;
    job->at->running--;
}

static void dismiss(struct haul_sched *sched, struct haul_job *job)
{
    sched->admitted--;
    sched->admitted_bytes -= job->bytes;
    job->at = NULL;
}

/* Splits the time since the job became ready into politeness and waiting for a worker. */
static void account_wait(const struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    int64_t waited = now_us - job->since_us;
    int64_t held = held_until(job->at, now_us) - job->held_us;

    if (sched->limits.interval_us && sched->next_start_us - job->since_us > held)
        held = sched->next_start_us - job->since_us;
    if (held > waited)
        held = waited;
    job->rec.time_parked_us += held;
    job->rec.time_queue_us += waited - held;
}

/* ---- making and unmaking ---- */

static size_t bucket_count_for(size_t window)
{
    size_t count = 64;

    while (count < window && count < 65536)
        count *= 2;
    return count;
}

enum haul_err haul_sched_create(const struct haul_sched_limits *limits, struct haul_sched **out)
{
    size_t buckets = bucket_count_for(limits->window);
    struct haul_sched *sched = calloc(1, sizeof *sched);

    if (!sched)
        return HAUL_ERR_NOMEM;
    sched->limits = *limits;
    sched->bucket_mask = buckets - 1;
    sched->bucket = calloc(buckets, sizeof(struct haul_origin *));
    if (!sched->bucket) {
        free(sched);
        return HAUL_ERR_NOMEM;
    }
    *out = sched;
    return HAUL_OK;
}

static void free_ready(struct haul_origin *origin)
{
    struct haul_job *job;

    while ((job = haul_job_list_take(&origin->ready)))
        haul_job_free(job);
}

void haul_sched_free(struct haul_sched *sched)
{
    if (!sched)
        return;
    for (size_t i = 0; i < sched->parked.count; i++)
        haul_job_free(sched->parked.item[i].thing);
    for (size_t i = 0; i <= sched->bucket_mask; i++) {
        struct haul_origin *origin = sched->bucket[i];

        while (origin) {
            struct haul_origin *next = origin->hash_next;

            free_ready(origin);
            free(origin);
            origin = next;
        }
    }
    haul_heap_done(&sched->parked);
    haul_heap_done(&sched->timed);
    free(sched->bucket);
    free(sched);
}

/* ---- admission ---- */

bool haul_sched_has_room(const struct haul_sched *sched)
{
    const struct haul_sched_limits *limits = &sched->limits;

    if (!sched->admitted)
        return true;
    return sched->admitted < limits->window &&
           (!limits->window_bytes || sched->admitted_bytes < limits->window_bytes);
}

enum haul_err haul_sched_push(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    struct haul_origin *origin;

    assert(!sched->closed);
    release_due(sched, now_us);
    if (haul_heap_reserve(&sched->parked, sched->admitted + 1))
        return HAUL_ERR_NOMEM;
    origin = get_origin(sched, job->origin);
    if (!origin)
        return HAUL_ERR_NOMEM;
    job->at = origin;
    job->heap_index = HAUL_HEAP_NOWHERE;
    job->rec.time_queue_us = 0;
    job->rec.time_parked_us = 0;
    sched->admitted++;
    sched->admitted_bytes += job->bytes;
    make_ready(sched, job, now_us);
    return HAUL_OK;
}

void haul_sched_close(struct haul_sched *sched)
{
    sched->closed = true;
}

/* ---- taking ---- */

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/*
 * Whether another connection to a busy origin pays: the jobs that wait there would take those who
 * are connected much longer than a new TLS handshake takes, which costs the server work, too; or none
 * was started for so long, for they may be stuck. Else *due_us becomes earlier, if that is when it pays at the latest.
 */
static bool pays_to_connect(const struct haul_sched *sched, const struct haul_origin *origin,
                            int64_t now_us, int64_t *due_us)
{
    const struct costs *costs = origin->costs.setup_us ? &origin->costs : &sched->tls_costs;
    int64_t worth_us = HANDSHAKES_WORTH * costs->setup_us;
    int64_t latest_us = origin->started_us + worth_us;

    if (!origin->is_tls || now_us >= latest_us)
        return true;
    if ((int64_t)origin->ready.count * costs->work_us >= worth_us * (int64_t)origin->running)
        return true;
    *due_us = earlier_of(*due_us, latest_us);
    return false;
}

static struct haul_origin *choose_busy(struct haul_sched *sched, int64_t now_us, int64_t *due_us)
{
    struct ring *busy = &sched->ring[BUSY];

    for (size_t i = 0; i < busy->count && i < BUSY_LOOKS_MAX; i++) {
        struct haul_origin *origin = busy->head;

        if (pays_to_connect(sched, origin, now_us, due_us))
            return origin;
        busy->head = origin->next; /* others are looked at next time */
    }
    return NULL;
}

/* NULL: none, until *due_us if nothing happens. */
static struct haul_origin *choose_origin(struct haul_sched *sched,
                                         const struct haul_affinity *affinity, int64_t now_us,
                                         int64_t *due_us)
{
    struct haul_origin *own = affinity->origin;
    struct haul_origin *idle = sched->ring[IDLE].head;
    bool tired = affinity->streak >= HAUL_SCHED_STREAK;

    if (idle == own && idle && tired)
        idle = idle->next; /* itself, if there is no other */
    if (own && (own->place == IDLE || own->place == BUSY) && (!tired || !idle))
        return own;
    return idle ? idle : choose_busy(sched, now_us, due_us);
}

static void drop_reference(struct haul_sched *sched, struct haul_origin *origin, int64_t now_us)
{
    origin->refs--;
    if (!origin->refs && origin->place == NOWHERE)
        settle(sched, origin, now_us);
}

static void note_affinity(struct haul_sched *sched, struct haul_affinity *affinity,
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
        drop_reference(sched, before, now_us);
}

static struct haul_job *start_job(struct haul_sched *sched, struct haul_origin *origin,
                                  struct haul_affinity *affinity, int64_t now_us)
{
    struct haul_job *job = haul_job_list_take(&origin->ready);
    int64_t gap = origin->interval_us + origin->slow_us;

    sched->ready--;
    account_wait(sched, job, now_us);
    job->since_us = origin->started_us = now_us;
    running_add(sched, job);
    if (gap && origin->not_before_us < now_us + gap)
        origin->not_before_us = now_us + gap;
    if (sched->limits.interval_us)
        sched->next_start_us = now_us + sched->limits.interval_us;
    if (origin->place == BUSY) { /* to the end: the others have their turn first */
        leave_place(sched, origin);
        enter_place(sched, origin, BUSY);
    }
    settle(sched, origin, now_us);
    note_affinity(sched, affinity, origin, now_us);
    return job;
}

/* Lets a job that is in no list go on at its next mirror. False: there is none, or no memory. */
static bool move_on(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    struct haul_origin *origin;

    if (!haul_job_has_next_mirror(job))
        return false;
    origin = get_origin(sched, job->options->mirrors[job->mirror].origin);
    if (!origin)
        return false;
    haul_job_use_next_mirror(job);
    job->at = origin;
    make_ready(sched, job, now_us);
    return true;
}

/* One job of an origin that is given up, or of a run that stops. WAIT: it went to a mirror. */
static enum haul_pop dispose(struct haul_sched *sched, int64_t now_us, struct haul_job **out)
{
    struct haul_origin *origin = sched->ring[DISPOSAL].head;
    struct haul_job *job = haul_job_list_take(&origin->ready);
    bool has_moved;

    sched->ready--;
    account_wait(sched, job, now_us);
    has_moved = !sched->draining && move_on(sched, job, now_us);
    if (!has_moved) {
        dismiss(sched, job);
        if (!sched->draining && !job->rec.attempts)
            job->rec.reason = origin->down;
        *out = job;
    }
    settle(sched, origin, now_us);
    if (has_moved)
        return HAUL_POP_WAIT;
    return sched->draining ? HAUL_POP_PENDING : HAUL_POP_SKIP;
}

/* When the first of the timed and the parked may start. */
static int64_t first_due(const struct haul_sched *sched)
{
    return earlier_of(haul_heap_first_key(&sched->timed), haul_heap_first_key(&sched->parked));
}

int64_t haul_sched_next_chance(const struct haul_sched *sched)
{
    if (sched->ring[IDLE].head || sched->ring[BUSY].head)
        return sched->next_start_us;
    return later_of(sched->next_start_us, first_due(sched));
}

enum haul_pop haul_sched_pop(struct haul_sched *sched, struct haul_affinity *affinity,
                             int64_t now_us, struct haul_job **out, int64_t *wait_until_us)
{
    struct haul_origin *origin;
    int64_t due_us;

    *wait_until_us = HAUL_CLOCK_NEVER;
    release_due(sched, now_us);
    while (sched->ring[DISPOSAL].head) {
        enum haul_pop pop = dispose(sched, now_us, out);

        if (pop != HAUL_POP_WAIT)
            return pop;
    }
    if (haul_sched_has_ended(sched))
        return HAUL_POP_END;
    due_us = first_due(sched);
    origin = choose_origin(sched, affinity, now_us, &due_us);
    if (!origin || sched->next_start_us > now_us) {
        *wait_until_us = origin ? sched->next_start_us : later_of(sched->next_start_us, due_us);
        return HAUL_POP_WAIT;
    }
    *out = start_job(sched, origin, affinity, now_us);
    return HAUL_POP_RUN;
}

bool haul_sched_has_ended(const struct haul_sched *sched)
{
    return sched->closed && !sched->admitted;
}

bool haul_sched_is_ready(struct haul_sched *sched, int64_t now_us)
{
    release_due(sched, now_us);
    if (sched->ring[DISPOSAL].head)
        return true;
    return sched->next_start_us <= now_us && (sched->ring[IDLE].head || sched->ring[BUSY].head);
}

void haul_sched_forget(struct haul_sched *sched, struct haul_affinity *affinity)
{
    struct haul_origin *origin = affinity->origin;

    *affinity = (struct haul_affinity){0};
    if (origin)
        drop_reference(sched, origin, 0);
}

/* ---- the end of an attempt ---- */

static void release_parked_of(struct haul_sched *sched, const struct haul_origin *origin,
                              int64_t now_us)
{
    size_t i = sched->parked.count;

    /*
     * From the end, because taking one out moves those before it, which were not looked at yet, at
     * most up to this place: one walk is enough, however many there are.
     */
    while (i > 0 && origin->parked) {
        struct haul_job *job = sched->parked.item[i - 1].thing;

        if (job->at != origin) {
            i--;
            continue;
        }
        unpark(sched, job, now_us);
        if (i > sched->parked.count)
            i = sched->parked.count;
    }
}

static void give_up(struct haul_sched *sched, struct haul_origin *origin, enum haul_reason reason,
                    int64_t now_us)
{
    if (origin->down)
        return;
    origin->down = reason;
    release_parked_of(sched, origin, now_us);
}

static void note_failure(struct haul_sched *sched, struct haul_origin *origin,
                         enum haul_reason reason, int64_t now_us)
{
    origin->failures++;
    if (sched->limits.host_fail_limit && origin->failures >= sched->limits.host_fail_limit)
        give_up(sched, origin, reason, now_us);
}

/* The origin said 429 or 503: half as many at a time, and at one at a time, longer gaps. */
static void slow_down(struct haul_origin *origin, const struct haul_job *job, int64_t now_us)
{
    size_t cap = origin->running + 1; /* this one has just left */

    if (job->since_us < origin->slowed_at_us)
        return;
    if (origin->cap && origin->cap < cap)
        cap = origin->cap;
    if (cap == 1)
        origin->slow_us =
            origin->slow_us ? earlier_of(origin->slow_us * 2, SLOWEST_MAX_US) : SLOWEST_STEP_US;
    origin->cap = cap > 1 ? cap / 2 : 1;
    origin->successes = 0;
    origin->slowed_at_us = now_us;
    if (origin->slow_us)
        origin->not_before_us = later_of(origin->not_before_us, now_us + origin->slow_us);
}

/*
 * After as many successes as may run at a time now: first the gaps become shorter, then there is one
 * more at a time. The limit goes last, so that no gap outlives it.
 */
static void recover(struct haul_origin *origin)
{
    size_t full = origin->per_host ? (size_t)origin->per_host : 1024;

    if (!origin->cap || ++origin->successes < origin->cap)
        return;
    origin->successes = 0;
    if (origin->slow_us)
        origin->slow_us = origin->slow_us > SLOWEST_STEP_US ? origin->slow_us / 2 : 0;
    else if (++origin->cap >= full)
        origin->cap = 0;
}

/* The last few count, the last one most. */
static int64_t smoothed(int64_t before, int64_t now)
{
    return before ? before - before / 4 + now / 4 : now;
}

static void note_costs(struct costs *costs, const struct haul_attempt *attempt)
{
    if (attempt->setup_us)
        costs->setup_us = smoothed(costs->setup_us, attempt->setup_us);
    if (costs->setup_us)
        costs->work_us = smoothed(costs->work_us, attempt->work_us);
}

static void take_note(struct haul_sched *sched, struct haul_origin *origin,
                      const struct haul_job *job, int64_t now_us)
{
    const struct haul_attempt *attempt = &job->attempt;

    if (origin->is_tls && attempt->contact == HAUL_CONTACT_MADE && !attempt->elsewhere) {
        note_costs(&origin->costs, attempt);
        note_costs(&sched->tls_costs, attempt);
    }
    if (attempt->contact == HAUL_CONTACT_FAILED) {
        note_failure(sched, origin, HAUL_REASON_HOST_DOWN, now_us);
    } else if (attempt->contact == HAUL_CONTACT_MADE) {
        if (attempt->refused && !attempt->elsewhere)
            note_failure(sched, origin, HAUL_REASON_THROTTLED, now_us);
        else
            origin->failures = 0;
        if (attempt->throttled)
            slow_down(origin, job, now_us);
        else
            recover(origin);
    }
    if (attempt->pause_us > 0 && !attempt->elsewhere)
        origin->not_before_us = later_of(origin->not_before_us, now_us + attempt->pause_us);
}

void haul_sched_finish(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    struct haul_origin *origin = job->at;

    release_due(sched, now_us);
    running_remove(sched, job);
    take_note(sched, origin, job, now_us);
    dismiss(sched, job);
    settle(sched, origin, now_us);
}

void haul_sched_park(struct haul_sched *sched, struct haul_job *job, int64_t due_us, int64_t now_us)
{
    struct haul_origin *origin = job->at;

    release_due(sched, now_us);
    running_remove(sched, job);
    take_note(sched, origin, job, now_us);
    if (sched->draining || origin->down || due_us <= now_us) {
        make_ready(sched, job, now_us);
        return;
    }
    job->due_us = due_us;
    job->since_us = now_us;
    origin->parked++;
    haul_heap_add(&sched->parked, due_us, job, &job->heap_index);
    settle(sched, origin, now_us);
}

enum haul_err haul_sched_move(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    struct haul_origin *before = job->at;

    release_due(sched, now_us);
    /* What can fail goes first; it is found again below, for nothing in between forgets an origin. */
    if (!get_origin(sched, job->options->mirrors[job->mirror].origin))
        return HAUL_ERR_NOMEM;
    running_remove(sched, job);
    take_note(sched, before, job, now_us);
    (void)move_on(sched, job, now_us);
    settle(sched, before, now_us);
    return HAUL_OK;
}

void haul_sched_drain(struct haul_sched *sched, int64_t now_us)
{
    release_due(sched, now_us);
    sched->draining = true;
    while (sched->parked.count)
        unpark(sched, haul_heap_first(&sched->parked), now_us);
    for (size_t i = 0; i <= sched->bucket_mask; i++) {
        struct haul_origin *origin = sched->bucket[i];

        while (origin) {
            struct haul_origin *next = origin->hash_next;

            if (origin->ready.count)
                settle(sched, origin, now_us);
            origin = next;
        }
    }
}

/* ---- looking ---- */

struct haul_sched_counts haul_sched_count(const struct haul_sched *sched)
{
    return (struct haul_sched_counts){.admitted = sched->admitted,
                                      .ready = sched->ready,
                                      .parked = sched->parked.count,
                                      .running = sched->running,
                                      .origins = sched->origin_count};
}

const struct haul_job *haul_sched_oldest(const struct haul_sched *sched)
{
    return sched->running_head;
}

const struct haul_job *haul_sched_next_parked(const struct haul_sched *sched)
{
    return haul_heap_first(&sched->parked);
}

void haul_sched_each_origin(const struct haul_sched *sched,
                            void (*each)(void *arg, const struct haul_origin_status *status),
                            void *arg)
{
    for (size_t i = 0; i <= sched->bucket_mask; i++) {
        for (const struct haul_origin *o = sched->bucket[i]; o; o = o->hash_next) {
            struct haul_origin_status status = {.key = o->key,
                                                .ready = o->ready.count,
                                                .running = o->running,
                                                .parked = o->parked,
                                                .not_before_us = o->not_before_us,
                                                .failures = o->failures,
                                                .down = o->down != HAUL_REASON_NONE};

            if (status.ready || status.running || status.parked || status.down)
                each(arg, &status);
        }
    }
}

void haul_sched_each_running(const struct haul_sched *sched, size_t max,
                             void (*each)(void *arg, const struct haul_job *job), void *arg)
{
    for (const struct haul_job *job = sched->running_head; job && max; job = job->succ, max--)
        each(arg, job);
}
