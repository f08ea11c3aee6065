#include "engine/sched.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/sched_inside.h"

/* ---- jobs ---- */

/* `add`: where among those of its origin. */
static void make_ready_at(struct haul_sched *sched, struct haul_job *job, int64_t now_us,
                          void (*add)(struct haul_job_list *list, struct haul_job *job))
{
    struct haul_origin *origin = job->at;

    job->since_us = now_us;
    job->held_us = haul_origin_held_us(origin, now_us);
    add(&origin->ready, job);
    sched->ready++;
    haul_origins_settle(&sched->origins, origin, now_us);
}

static void make_ready(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    make_ready_at(sched, job, now_us, haul_job_list_add);
}

static void unpark(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    haul_heap_remove(&sched->parked, job->heap_index);
    job->at->parked--;
    job->rec.time_parked_us += now_us - job->since_us;
    make_ready(sched, job, now_us);
}

/* When the first of the timed and the parked may start. */
static int64_t first_due(const struct haul_sched *sched)
{
    int64_t timed_us = haul_heap_first_key(&sched->origins.timed);
    int64_t parked_us = haul_heap_first_key(&sched->parked);

    return timed_us < parked_us ? timed_us : parked_us;
}

/*
 * Everything that has become due, in the order of its time and as of that time: what came later
 * than that was waiting for a worker, not for politeness. First thing in whatever changes
 * something.
 */
static void release_due(struct haul_sched *sched, int64_t now_us)
{
    int64_t due_us;

    while ((due_us = first_due(sched)) <= now_us) {
        if (due_us < haul_heap_first_key(&sched->origins.timed))
            unpark(sched, haul_heap_first(&sched->parked), due_us);
        else
            haul_origins_settle(&sched->origins, haul_heap_first(&sched->origins.timed), due_us);
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
    sched->window.admitted--;
    sched->window.bytes -= job->bytes;
    job->at = NULL;
}

/* Splits the time since the job became ready into politeness and waiting for a worker. */
static void account_wait(const struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    int64_t waited = now_us - job->since_us;
    int64_t held = haul_origin_held_us(job->at, now_us) - job->held_us;

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
    sched->window.limits = &sched->limits;
    if (haul_origins_init(&sched->origins, &sched->limits)) {
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
    haul_origins_done(&sched->origins);
    haul_heap_done(&sched->parked);
    free(sched);
}

/* ---- admission ---- */

bool haul_sched_has_room(const struct haul_sched *sched)
{
    return haul_window_has_room(&sched->window);
}

/* `origin` NULL: its first job. */
static enum haul_err admit(struct haul_sched *sched, struct haul_origin *origin,
                           struct haul_job *job, int64_t now_us)
{
    assert(!sched->closed);
    if (haul_heap_reserve(&sched->parked, sched->window.admitted + 1))
        return HAUL_ERR_NOMEM;
    if (!origin)
        origin = haul_origins_get(&sched->origins, job->origin);
    if (!origin)
        return HAUL_ERR_NOMEM;
    job->at = origin;
    job->heap_index = HAUL_HEAP_NOWHERE;
    job->rec.time_queue_us = 0;
    job->rec.time_parked_us = 0;
    sched->window.admitted++;
    sched->window.bytes += job->bytes;
    make_ready(sched, job, now_us);
    return HAUL_OK;
}

enum haul_err haul_sched_push(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    release_due(sched, now_us);
    return admit(sched, NULL, job, now_us);
}

/* Behind spilled jobs there is no other way. One that can be asked now will be, soon. */
static bool may_spill(const struct haul_origin *origin)
{
    return origin->spilled || haul_origin_is_held(origin);
}

enum haul_offer haul_sched_offer(struct haul_sched *sched, struct haul_job *job,
                                 enum haul_spilling spilling, bool only_asks, int64_t now_us,
                                 struct haul_refill *refill)
{
    struct haul_origin *origin;
    bool is_over;

    release_due(sched, now_us);
    origin = haul_origins_find(&sched->origins, job->origin);
    is_over = origin && (origin->spilled || (spilling != HAUL_SPILLING_NEVER &&
                                             haul_window_is_over(&sched->window, origin, false)));
    if (is_over) {
        bool spills = spilling == HAUL_SPILLING_NOW && may_spill(origin) &&
                      haul_window_spill(&sched->window, origin, &refill->place);

        return spills ? HAUL_OFFER_SPILL : HAUL_OFFER_HELD;
    }
    if (only_asks || admit(sched, origin, job, now_us) == HAUL_OK)
        return HAUL_OFFER_TAKEN;
    return HAUL_OFFER_NOMEM;
}

bool haul_sched_may_take(const struct haul_sched *sched, const struct haul_job *job,
                         enum haul_spilling spilling)
{
    const struct haul_origin *origin = haul_origins_find(&sched->origins, job->origin);

    if (!origin || (spilling == HAUL_SPILLING_NOW && may_spill(origin)))
        return true;
    return !origin->spilled &&
           (spilling == HAUL_SPILLING_NEVER || !haul_window_is_over(&sched->window, origin, true));
}

void haul_sched_unspill(struct haul_sched *sched, const struct haul_job *job, int64_t now_us)
{
    struct haul_origin *origin = haul_origins_find(&sched->origins, job->origin);

    haul_window_unspill(&sched->window, origin, 1, true);
    haul_origins_settle(&sched->origins, origin, now_us);
}

bool haul_sched_may_be_hungry(const struct haul_sched *sched)
{
    return sched->origins.hungry;
}

bool haul_sched_is_hungry(struct haul_sched *sched, int64_t now_us)
{
    return sched->origins.hungry && !sched->origins.draining &&
           haul_window_has_room(&sched->window) &&
           haul_window_has_hungry(&sched->window, &sched->origins, now_us);
}

void haul_sched_take_refill(struct haul_sched *sched, struct haul_refill *out)
{
    haul_window_take_hungry(&sched->window, &sched->origins, out);
}

enum haul_err haul_sched_refill(struct haul_sched *sched, const struct haul_refill *refill,
                                struct haul_job_list *jobs, int64_t now_us)
{
    struct haul_origin *origin = refill->origin;
    struct haul_job_list rest = *jobs;
    enum haul_err err = HAUL_OK;

    release_due(sched, now_us);
    *jobs = (struct haul_job_list){0};
    while (!err && rest.head) {
        struct haul_job *job = haul_job_list_take(&rest);

        err = admit(sched, origin, job, now_us);
        if (err)
            haul_job_list_add(jobs, job);
    }
    while (rest.head)
        haul_job_list_add(jobs, haul_job_list_take(&rest));
    haul_window_unspill(&sched->window, origin, refill->count, false);
    haul_origins_settle(&sched->origins, origin, now_us);
    return err;
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

static struct haul_job *start_job(struct haul_sched *sched, struct haul_origin *origin,
                                  struct haul_affinity *affinity, int64_t now_us)
{
    struct haul_job *job = haul_job_list_take(&origin->ready);

    sched->ready--;
    account_wait(sched, job, now_us);
    job->since_us = now_us;
    running_add(sched, job);
    if (sched->limits.interval_us)
        sched->next_start_us = now_us + sched->limits.interval_us;
    haul_robots_start(&sched->origins.robots, &origin->robots, job, now_us);
    haul_origins_start(&sched->origins, job, affinity, now_us);
    return job;
}

/* Lets a job that is in no list go on at its next mirror. False: there is none, or no memory. */
static bool move_on(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    struct haul_origin *origin;

    if (!haul_job_has_next_mirror(job))
        return false;
    origin = haul_origins_get(&sched->origins, job->options->mirrors[job->mirror].origin);
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
    struct haul_origin *origin = sched->origins.ring[HAUL_PLACE_DISPOSAL].head;
    struct haul_job *job = haul_job_list_take(&origin->ready);
    enum haul_pop pop = HAUL_POP_PENDING;

    sched->ready--;
    account_wait(sched, job, now_us);
    if (!sched->origins.draining)
        pop = move_on(sched, job, now_us) ? HAUL_POP_WAIT : HAUL_POP_SKIP;
    if (pop != HAUL_POP_WAIT) {
        dismiss(sched, job);
        *out = job;
    }
    if (pop == HAUL_POP_SKIP) {
        job->incidents = origin->incidents;
        if (!job->rec.attempts || (job->goes_on && job->rec.reason == HAUL_REASON_HOST_DOWN))
            job->rec.reason = origin->down;
    }
    haul_origins_settle(&sched->origins, origin, now_us);
    return pop;
}

int64_t haul_sched_next_chance(const struct haul_sched *sched)
{
    if (sched->origins.ring[HAUL_PLACE_IDLE].head || sched->origins.ring[HAUL_PLACE_BUSY].head)
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
    while (sched->origins.ring[HAUL_PLACE_DISPOSAL].head) {
        enum haul_pop pop = dispose(sched, now_us, out);

        if (pop != HAUL_POP_WAIT)
            return pop;
    }
    if (haul_sched_has_ended(sched))
        return HAUL_POP_END;
    due_us = first_due(sched);
    origin = haul_origins_choose(&sched->origins, affinity, now_us, &due_us);
    if (!origin || sched->next_start_us > now_us) {
        *wait_until_us = origin ? sched->next_start_us : later_of(sched->next_start_us, due_us);
        return HAUL_POP_WAIT;
    }
    *out = start_job(sched, origin, affinity, now_us);
    return HAUL_POP_RUN;
}

bool haul_sched_has_ended(const struct haul_sched *sched)
{
    bool has_spilled = sched->window.spilled && !sched->origins.draining;

    return sched->closed && !sched->window.admitted && !has_spilled;
}

bool haul_sched_is_ready(struct haul_sched *sched, int64_t now_us)
{
    release_due(sched, now_us);
    if (sched->origins.ring[HAUL_PLACE_DISPOSAL].head)
        return true;
    return sched->next_start_us <= now_us &&
           (sched->origins.ring[HAUL_PLACE_IDLE].head || sched->origins.ring[HAUL_PLACE_BUSY].head);
}

void haul_sched_forget(struct haul_sched *sched, struct haul_affinity *affinity)
{
    haul_origins_forget(&sched->origins, affinity);
}

/* ---- the end of an attempt ---- */

static void give_up(struct haul_sched *sched, struct haul_origin *origin, enum haul_reason reason,
                    int64_t now_us)
{
    size_t i = sched->parked.count;

    origin->down = reason;
    origin->incidents = *haul_pace_incidents(&origin->pace, reason);
    /*
     * Its parked jobs are released. From the end, because taking one out moves those before it,
     * which were not looked at yet, at most up to this place: one walk is enough, however many.
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

/* What its answers have put into its jar is memory that it takes, too, while it waits. */
static void count_jar(struct haul_sched *sched, struct haul_job *job)
{
    size_t now = job->jar ? job->jar->bytes : 0, before = job->jar_bytes;

    job->jar_bytes = now;
    job->bytes = job->bytes - before + now;
    sched->window.bytes = sched->window.bytes - before + now;
}

/* The start counts for nothing: the next one may be at its time, if there was none since. */
static void take_back_start(struct haul_sched *sched, struct haul_job *job)
{
    if (sched->limits.interval_us &&
        sched->next_start_us == job->since_us + sched->limits.interval_us)
        sched->next_start_us = job->since_us;
    haul_pace_take_back(&job->at->pace, &job->turn);
}

/* The job runs no longer, and what its attempt says about its origin, which is returned, counts. */
static struct haul_origin *end_attempt(struct haul_sched *sched, struct haul_job *job,
                                       int64_t now_us)
{
    const struct haul_attempt *attempt = &job->attempt;
    struct haul_origin *origin = job->at;
    enum haul_reason reason;

    release_due(sched, now_us);
    running_remove(sched, job);
    count_jar(sched, job);
    haul_robots_end(&origin->robots, job);
    if (attempt->unasked)
        take_back_start(sched, job);
    if (origin->is_tls && attempt->contact == HAUL_CONTACT_MADE && !attempt->elsewhere) {
        haul_costs_note(&origin->costs, attempt);
        haul_costs_note(&sched->origins.tls_costs, attempt);
    }
    reason = haul_pace_end(&origin->pace, job, origin->running, now_us);
    if (reason != HAUL_REASON_NONE && !origin->down)
        give_up(sched, origin, reason, now_us);
    return origin;
}

void haul_sched_finish(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    struct haul_origin *origin = end_attempt(sched, job, now_us);

    dismiss(sched, job);
    haul_origins_settle(&sched->origins, origin, now_us);
}

void haul_sched_park(struct haul_sched *sched, struct haul_job *job, int64_t due_us, int64_t now_us)
{
    struct haul_origin *origin = end_attempt(sched, job, now_us);

    if (sched->origins.draining || origin->down || due_us <= now_us) {
        make_ready(sched, job, now_us);
        return;
    }
    job->due_us = due_us;
    job->since_us = now_us;
    origin->parked++;
    haul_heap_add(&sched->parked, due_us, job, &job->heap_index);
    haul_origins_settle(&sched->origins, origin, now_us);
}

void haul_sched_tell_robots(struct haul_sched *sched, struct haul_job *job,
                            const struct haul_robots_answer *answer, int64_t now_us)
{
    struct haul_record *rec = &job->rec;
    struct haul_origin *origin = job->at;
    const enum haul_reason reason = rec->reason;
    const int http_code = rec->http_code;

    rec->time_parked_us += now_us - job->since_us; /* it was not its own request */
    if (answer->again)
        haul_pace_hold(&origin->pace, answer->due_us);
    else
        origin->pace.delay_us = answer->delay_us;
    rec->reason = answer->reason; /* for what is said of the origin */
    rec->http_code = answer->http_code;
    (void)end_attempt(sched, job, now_us);
    rec->reason = reason;
    rec->http_code = http_code;
    haul_robots_learn(&sched->origins.robots, &origin->robots, answer, now_us);
    make_ready_at(sched, job, now_us, haul_job_list_add_first);
}

enum haul_err haul_sched_move(struct haul_sched *sched, struct haul_job *job, int64_t now_us)
{
    struct haul_origin *before;

    /* What can fail goes first. It is found again below: nothing in between forgets an origin. */
    if (!haul_origins_get(&sched->origins, job->options->mirrors[job->mirror].origin))
        return HAUL_ERR_NOMEM;
    before = end_attempt(sched, job, now_us);
    (void)move_on(sched, job, now_us);
    haul_origins_settle(&sched->origins, before, now_us);
    return HAUL_OK;
}

void haul_sched_drain(struct haul_sched *sched, int64_t now_us)
{
    release_due(sched, now_us);
    sched->origins.draining = true;
    while (sched->parked.count)
        unpark(sched, haul_heap_first(&sched->parked), now_us);
    for (struct haul_origin *origin = haul_origins_next(&sched->origins, NULL), *next; origin;
         origin = next) {
        next = haul_origins_next(&sched->origins, origin);
        if (origin->ready.count)
            haul_origins_settle(&sched->origins, origin, now_us);
    }
}
