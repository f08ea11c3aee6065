#include "engine/sched.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/heap.h"
#include "engine/sched_inside.h"

enum {
    RETAINED_MAX = 16384, /* origins without jobs whose state is remembered */
    BUSY_LOOKS_MAX = 16   /* busy origins that a pop looks at */
};

/* ---- origins ---- */

static struct haul_origin *add_origin(struct haul_sched *sched, const char *key)
{
    const struct haul_sched_limits *limits = &sched->limits;
    struct haul_origin *origin;

    if (haul_heap_reserve(&sched->timed, sched->origins.count + 1))
        return NULL;
    origin = haul_origin_add(&sched->origins, key);
    if (!origin)
        return NULL;
    origin->pace = (struct haul_pace){.per_host = limits->per_host,
                                      .interval_us = limits->host_interval_us,
                                      .fail_limit = limits->host_fail_limit};
    if (limits->look_up)
        limits->look_up(limits->arg, key, &origin->pace.per_host, &origin->pace.interval_us);
    return origin;
}

/* The origin of that name, which is made if there is none. NULL: out of memory. */
static struct haul_origin *get_origin(struct haul_sched *sched, const char *key)
{
    struct haul_origin *origin = haul_origin_find(&sched->origins, key);

    return origin ? origin : add_origin(sched, key);
}

/* ---- places ---- */

static void leave_place(struct haul_sched *sched, struct haul_origin *origin)
{
    if (origin->place == HAUL_PLACE_TIMED)
        haul_heap_remove(&sched->timed, origin->heap_index);
    else if (origin->place != HAUL_PLACE_NOWHERE)
        haul_ring_remove(&sched->ring[origin->place], origin);
    origin->place = HAUL_PLACE_NOWHERE;
}

static void enter_place(struct haul_sched *sched, struct haul_origin *origin, enum haul_place place)
{
    origin->place = place;
    if (place == HAUL_PLACE_TIMED)
        haul_heap_add(&sched->timed, origin->pace.not_before_us, origin, &origin->heap_index);
    else if (place != HAUL_PLACE_NOWHERE)
        haul_ring_add(&sched->ring[place], origin);
}

static enum haul_place right_place(const struct haul_sched *sched, const struct haul_origin *origin,
                                   int64_t now_us)
{
    if (!origin->ready.count)
        return origin->running || origin->parked || origin->refs ? HAUL_PLACE_NOWHERE
                                                                 : HAUL_PLACE_RETAINED;
    if (sched->draining || origin->down)
        return HAUL_PLACE_DISPOSAL;
    if (haul_pace_is_full(&origin->pace, origin->running))
        return HAUL_PLACE_NOWHERE;
    if (origin->pace.not_before_us > now_us)
        return HAUL_PLACE_TIMED;
    return origin->running ? HAUL_PLACE_BUSY : HAUL_PLACE_IDLE;
}

static void account_held(struct haul_origin *origin, int64_t now_us)
{
    bool held = origin->ready.count &&
                (origin->place == HAUL_PLACE_TIMED || origin->place == HAUL_PLACE_NOWHERE);

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
    return !origin->down && haul_pace_is_plain(&origin->pace, now_us);
}

static void forget_retained(struct haul_sched *sched, struct haul_origin *origin)
{
    haul_ring_remove(&sched->ring[HAUL_PLACE_RETAINED], origin);
    haul_origin_free(&sched->origins, origin);
}

/* Puts an origin where it belongs now. It may be gone afterwards if it has no jobs. */
static void settle(struct haul_sched *sched, struct haul_origin *origin, int64_t now_us)
{
    enum haul_place place = right_place(sched, origin, now_us);
    struct haul_ring *retained = &sched->ring[HAUL_PLACE_RETAINED];

    if (place != origin->place || place == HAUL_PLACE_TIMED) {
        leave_place(sched, origin);
        enter_place(sched, origin, place);
    }
    account_held(origin, now_us);
    if (place != HAUL_PLACE_RETAINED)
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
 * Everything that has become due, in the order of its time and as of that time: what came later
 * than that was waiting for a worker, not for politeness. First thing in whatever changes
 * something.
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

enum haul_err haul_sched_create(const struct haul_sched_limits *limits, struct haul_sched **out)
{
    struct haul_sched *sched = calloc(1, sizeof *sched);

    if (!sched)
        return HAUL_ERR_NOMEM;
    sched->limits = *limits;
    if (haul_origin_table_init(&sched->origins, limits->window)) {
        free(sched);
        return HAUL_ERR_NOMEM;
    }
    *out = sched;
    return HAUL_OK;
}

void haul_sched_free(struct haul_sched *sched)
{
    if (!sched)
        return;
    for (size_t i = 0; i < sched->parked.count; i++)
        haul_job_free(sched->parked.item[i].thing);
    haul_origin_table_done(&sched->origins);
    haul_heap_done(&sched->parked);
    haul_heap_done(&sched->timed);
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

/* Whether a busy origin may be given to a worker that is not connected to it. */
static bool pays_to_connect(const struct haul_sched *sched, const struct haul_origin *origin,
                            int64_t now_us, int64_t *due_us)
{
    const struct haul_costs *costs = origin->costs.setup_us ? &origin->costs : &sched->tls_costs;

    return !origin->is_tls || haul_costs_pay(costs, origin->ready.count, origin->running,
                                             origin->started_us, now_us, due_us);
}

static struct haul_origin *choose_busy(struct haul_sched *sched, int64_t now_us, int64_t *due_us)
{
    struct haul_ring *busy = &sched->ring[HAUL_PLACE_BUSY];

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
    struct haul_origin *idle = sched->ring[HAUL_PLACE_IDLE].head;
    bool tired = affinity->streak >= HAUL_SCHED_STREAK;

    if (idle == own && idle && tired)
        idle = idle->next; /* itself, if there is no other */
    if (own && (own->place == HAUL_PLACE_IDLE || own->place == HAUL_PLACE_BUSY) &&
        (!tired || !idle))
        return own;
    return idle ? idle : choose_busy(sched, now_us, due_us);
}

static void drop_reference(struct haul_sched *sched, struct haul_origin *origin, int64_t now_us)
{
    origin->refs--;
    if (!origin->refs && origin->place == HAUL_PLACE_NOWHERE)
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

    sched->ready--;
    account_wait(sched, job, now_us);
    job->since_us = origin->started_us = now_us;
    running_add(sched, job);
    haul_pace_start(&origin->pace, now_us);
    if (sched->limits.interval_us)
        sched->next_start_us = now_us + sched->limits.interval_us;
    if (origin->place == HAUL_PLACE_BUSY) { /* to the end: the others have their turn first */
        leave_place(sched, origin);
        enter_place(sched, origin, HAUL_PLACE_BUSY);
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
    struct haul_origin *origin = sched->ring[HAUL_PLACE_DISPOSAL].head;
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
    if (sched->ring[HAUL_PLACE_IDLE].head || sched->ring[HAUL_PLACE_BUSY].head)
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
    while (sched->ring[HAUL_PLACE_DISPOSAL].head) {
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
    if (sched->ring[HAUL_PLACE_DISPOSAL].head)
        return true;
    return sched->next_start_us <= now_us &&
           (sched->ring[HAUL_PLACE_IDLE].head || sched->ring[HAUL_PLACE_BUSY].head);
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

static void note_attempt(struct haul_sched *sched, struct haul_origin *origin,
                         const struct haul_job *job, int64_t now_us)
{
    const struct haul_attempt *attempt = &job->attempt;
    enum haul_reason reason;

    if (origin->is_tls && attempt->contact == HAUL_CONTACT_MADE && !attempt->elsewhere) {
        haul_costs_note(&origin->costs, attempt);
        haul_costs_note(&sched->tls_costs, attempt);
    }
    reason = haul_pace_end(&origin->pace, attempt, origin->running, job->since_us, now_us);
    if (reason != HAUL_REASON_NONE)
        give_up(sched, origin, reason, now_us);
}

void haul_sched_finish(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    struct haul_origin *origin = job->at;

    release_due(sched, now_us);
    running_remove(sched, job);
    note_attempt(sched, origin, job, now_us);
    dismiss(sched, job);
    settle(sched, origin, now_us);
}

void haul_sched_park(struct haul_sched *sched, struct haul_job *job, int64_t due_us, int64_t now_us)
{
    struct haul_origin *origin = job->at;

    release_due(sched, now_us);
    running_remove(sched, job);
    note_attempt(sched, origin, job, now_us);
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
    /*
     * What can fail goes first; it is found again below, for nothing in between forgets an origin.
     */
    if (!get_origin(sched, job->options->mirrors[job->mirror].origin))
        return HAUL_ERR_NOMEM;
    running_remove(sched, job);
    note_attempt(sched, before, job, now_us);
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
    for (struct haul_origin *origin = haul_origin_next(&sched->origins, NULL), *next; origin;
         origin = next) {
        next = haul_origin_next(&sched->origins, origin);
        if (origin->ready.count)
            settle(sched, origin, now_us);
    }
}
