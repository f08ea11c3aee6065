#include "engine/workq.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"

/*
 * So many workers are being woken at a time. One that gets a job wakes the next, so more would only
 * find the work taken by those that are awake already.
 */
enum { WAKES_MAX = 2 };

struct haul_workq {
    uv_mutex_t lock;
    uv_cond_t not_full;             /* the pusher may go on */
    struct haul_sched *sched;       /* [lock] */
    struct haul_waiter *waiting;    /* [lock] last come first: the warmest */
    struct haul_waiter *timekeeper; /* [lock] waits with a time limit, or NULL */
    size_t low_water;               /* [const] the pusher goes on at so many jobs admitted */
    int wakes_under_way; /* [lock] blocked workers that were signalled and do not run yet */
    bool pusher_waits;   /* [lock] and was not signalled yet */
    bool pusher_is_here; /* [lock] in haul_workq_offer */
    const struct haul_job *offered; /* [lock] what it has waited with, or NULL */
    unsigned offered_how;           /* [lock] */
    atomic_bool is_nudged;          /* [atomic] changed under the lock */
    void (*nudge)(void *arg);       /* [const] or NULL */
    void *nudge_arg;                /* [const] */
    bool starved;                   /* [lock] a worker found nothing: room is used at once */
    int64_t max_total;              /* [const] bytes, or 0 */
    int64_t received;               /* [lock] bytes, by jobs that have ended */
    bool stopping;                  /* [lock] */
    bool abandoned;                 /* [lock] at its end, though jobs run */
    haul_clock_fn *clock;           /* [const] */
    void *clock_arg;                /* [const] */
};

static int64_t real_clock(void *arg)
{
    (void)arg;
    return haul_clock_us();
}

static int64_t now(const struct haul_workq *queue)
{
    return queue->clock(queue->clock_arg);
}

/* ---- making and unmaking ---- */

static bool init_locks(struct haul_workq *queue)
{
    if (uv_mutex_init(&queue->lock))
        return false;
    if (uv_cond_init(&queue->not_full) == 0)
        return true;
    uv_mutex_destroy(&queue->lock);
    return false;
}

enum haul_err haul_workq_create(const struct haul_sched_limits *limits, haul_clock_fn *clock,
                                void *clock_arg, struct haul_workq **out)
{
    struct haul_workq *queue = calloc(1, sizeof *queue);
    enum haul_err err;

    if (!queue)
        return HAUL_ERR_NOMEM;
    queue->clock = clock ? clock : real_clock;
    queue->clock_arg = clock_arg;
    queue->low_water = limits->window - limits->window / 4;
    err = haul_sched_create(limits, &queue->sched);
    if (!err && !init_locks(queue)) {
        haul_sched_free(queue->sched);
        err = HAUL_ERR_SYSTEM;
    }
    if (err)
        free(queue);
    else
        *out = queue;
    return err;
}

void haul_workq_free(struct haul_workq *queue)
{
    if (!queue)
        return;
    haul_sched_free(queue->sched);
    uv_cond_destroy(&queue->not_full);
    uv_mutex_destroy(&queue->lock);
    free(queue);
}

void haul_workq_limit_total(struct haul_workq *queue, int64_t max_bytes)
{
    queue->max_total = max_bytes;
}

enum haul_err haul_waiter_init(struct haul_waiter *waiter, int slots, void (*wake)(void *arg),
                               void *wake_arg)
{
    *waiter = (struct haul_waiter){.wake = wake, .wake_arg = wake_arg, .slots = slots};
    waiter->affinity = calloc((size_t)slots, sizeof *waiter->affinity);
    if (!waiter->affinity)
        return HAUL_ERR_NOMEM;
    if (uv_cond_init(&waiter->woken) == 0)
        return HAUL_OK;
    free(waiter->affinity);
    return HAUL_ERR_SYSTEM;
}

/* ---- the list of the waiting ---- */

static void list_add(struct haul_workq *queue, struct haul_waiter *waiter,
                     enum haul_waiter_state state, int64_t until_us)
{
    waiter->state = state;
    waiter->until_us = until_us;
    /* Where there is a timekeeper, whoever knows of an earlier time takes its place. */
    if (until_us < (queue->timekeeper ? queue->timekeeper->until_us : HAUL_CLOCK_NEVER))
        queue->timekeeper = waiter;
    waiter->prev = NULL;
    waiter->next = queue->waiting;
    if (waiter->next)
        waiter->next->prev = waiter;
    queue->waiting = waiter;
}

static void list_remove(struct haul_workq *queue, struct haul_waiter *waiter)
{
    if (waiter->state == HAUL_AWAKE)
        return;
    if (waiter->prev)
        waiter->prev->next = waiter->next;
    else
        queue->waiting = waiter->next;
    if (waiter->next)
        waiter->next->prev = waiter->prev;
    waiter->prev = waiter->next = NULL;
    waiter->state = HAUL_AWAKE;
    if (queue->timekeeper == waiter)
        queue->timekeeper = NULL;
}

/*
 * Takes one waiter off the list. A blocked one is signalled here; a polling one is returned, so
 * that the caller can wake it after it has left the lock.
 */
static struct haul_waiter *release_locked(struct haul_workq *queue, struct haul_waiter *waiter)
{
    bool blocked;

    if (!waiter)
        return NULL;
    blocked = waiter->state == HAUL_BLOCKED;
    list_remove(queue, waiter);
    if (!blocked)
        return waiter;
    waiter->signalled = true;
    queue->wakes_under_way++;
    uv_cond_signal(&waiter->woken);
    return NULL;
}

/*
 * Wakes one worker if there is something for it: a job that is ready, or one that is due earlier
 * than the timekeeper knows (or than nobody knows, when there is no timekeeper).
 */
static struct haul_waiter *wake_one_locked(struct haul_workq *queue)
{
    struct haul_waiter *keeper = queue->timekeeper;

    if (!queue->waiting || queue->wakes_under_way >= WAKES_MAX)
        return NULL;
    if (haul_sched_is_ready(queue->sched, now(queue)))
        return release_locked(queue, queue->waiting);
    if (haul_sched_next_chance(queue->sched) < (keeper ? keeper->until_us : HAUL_CLOCK_NEVER))
        return release_locked(queue, keeper ? keeper : queue->waiting);
    return NULL;
}

static void wake_after_unlock(struct haul_waiter *waiter)
{
    if (waiter && waiter->wake)
        waiter->wake(waiter->wake_arg);
}

/*
 * For the end, which concerns everyone. Not before the end: a worker that comes back, finds nothing
 * and waits again would be woken again, without end.
 */
static void wake_everyone(struct haul_workq *queue)
{
    for (;;) {
        struct haul_waiter *waiter;
        bool more;

        uv_mutex_lock(&queue->lock);
        waiter = release_locked(queue, queue->waiting);
        more = queue->waiting;
        uv_mutex_unlock(&queue->lock);
        wake_after_unlock(waiter);
        if (!more)
            return;
    }
}

/* Wakes one worker if `wakes_one`, and everyone at the end. The lock was held and is left. */
static void unlock_and_wake(struct haul_workq *queue, bool wakes_one)
{
    struct haul_waiter *woken = wakes_one ? wake_one_locked(queue) : NULL;
    bool ended = haul_sched_has_ended(queue->sched);

    uv_mutex_unlock(&queue->lock);
    wake_after_unlock(woken);
    if (ended)
        wake_everyone(queue);
}

/* One signal is enough until it waits again. */
static void signal_pusher(struct haul_workq *queue)
{
    queue->pusher_waits = false;
    uv_cond_signal(&queue->not_full);
}

static bool is_hungry_locked(struct haul_workq *queue)
{
    return haul_sched_may_be_hungry(queue->sched) && haul_sched_is_hungry(queue->sched, now(queue));
}

/* Has the dispatcher bring spilled jobs back. True: it is to be nudged, after the lock was left. */
static bool call_dispatcher_locked(struct haul_workq *queue)
{
    if (!is_hungry_locked(queue))
        return false;
    if (queue->pusher_waits)
        signal_pusher(queue);
    return !queue->pusher_is_here && queue->nudge && !atomic_exchange(&queue->is_nudged, true);
}

/* The same for a worker, who may have made an origin hungry, or room. */
static void leave(struct haul_workq *queue, bool wakes_one)
{
    bool nudges = call_dispatcher_locked(queue);

    unlock_and_wake(queue, wakes_one);
    if (nudges)
        queue->nudge(queue->nudge_arg);
}

/* ---- pushing ---- */

static bool has_place_locked(const struct haul_workq *queue)
{
    return haul_sched_has_room(queue->sched) &&
           (queue->starved || haul_sched_count(queue->sched).admitted <= queue->low_water);
}

/* A hungry origin is looked for elsewhere: call_dispatcher_locked. */
static bool pusher_may_go_locked(const struct haul_workq *queue)
{
    enum haul_spilling spilling = queue->starved ? HAUL_SPILLING_NOW : HAUL_SPILLING_LATER;

    if (queue->stopping)
        return true;
    if (!queue->offered || !has_place_locked(queue))
        return false;
    if (!(queue->offered_how & HAUL_OFFER_MAY_SPILL))
        spilling = HAUL_SPILLING_NEVER;
    return haul_sched_may_take(queue->sched, queue->offered, spilling);
}

static void signal_pusher_locked(struct haul_workq *queue)
{
    if (queue->pusher_waits && pusher_may_go_locked(queue))
        signal_pusher(queue);
}

/* HELD: not now. */
static enum haul_offer offer_locked(struct haul_workq *queue, struct haul_job *job, unsigned how,
                                    struct haul_refill *refill)
{
    enum haul_spilling spilling = queue->waiting ? HAUL_SPILLING_NOW : HAUL_SPILLING_LATER;
    enum haul_offer offer;

    if (queue->stopping)
        return HAUL_OFFER_CLOSED;
    if (is_hungry_locked(queue)) {
        haul_sched_take_refill(queue->sched, refill);
        return HAUL_OFFER_REFILL;
    }
    if (!job)
        return haul_sched_count(queue->sched).spilled ? HAUL_OFFER_HELD : HAUL_OFFER_TAKEN;
    if (queue->offered ? !has_place_locked(queue) : !haul_sched_has_room(queue->sched))
        return HAUL_OFFER_HELD;
    if (!(how & HAUL_OFFER_MAY_SPILL))
        spilling = HAUL_SPILLING_NEVER;
    offer = haul_sched_offer(queue->sched, job, spilling, how & HAUL_OFFER_ONLY_ASKS, now(queue),
                             refill);
    queue->starved = queue->waiting;
    return offer;
}

enum haul_offer haul_workq_offer(struct haul_workq *queue, struct haul_job *job, unsigned how,
                                 struct haul_refill *refill)
{
    enum haul_offer offer;

    uv_mutex_lock(&queue->lock);
    atomic_store_explicit(&queue->is_nudged, false, memory_order_relaxed);
    queue->pusher_is_here = true;
    while ((offer = offer_locked(queue, job, how, refill)) == HAUL_OFFER_HELD) {
        queue->pusher_waits = true;
        queue->offered = job;
        queue->offered_how = how;
        uv_cond_wait(&queue->not_full, &queue->lock);
    }
    queue->pusher_waits = queue->pusher_is_here = false;
    queue->offered = NULL;
    unlock_and_wake(queue, offer == HAUL_OFFER_TAKEN && !(how & HAUL_OFFER_ONLY_ASKS));
    return offer;
}

enum haul_err haul_workq_push(struct haul_workq *queue, struct haul_job *job)
{
    struct haul_refill refill;
    enum haul_offer offer = haul_workq_offer(queue, job, 0, &refill);

    if (offer == HAUL_OFFER_TAKEN)
        return HAUL_OK;
    return offer == HAUL_OFFER_NOMEM ? HAUL_ERR_NOMEM : HAUL_ERR_CLOSED;
}

/* ---- spilled jobs ---- */

void haul_workq_set_nudge(struct haul_workq *queue, void (*nudge)(void *arg), void *arg)
{
    queue->nudge = nudge;
    queue->nudge_arg = arg;
}

void haul_workq_unspill(struct haul_workq *queue, const struct haul_job *job)
{
    uv_mutex_lock(&queue->lock);
    haul_sched_unspill(queue->sched, job, now(queue));
    unlock_and_wake(queue, false);
}

bool haul_workq_is_nudged(const struct haul_workq *queue)
{
    return atomic_load_explicit(&queue->is_nudged, memory_order_relaxed);
}

bool haul_workq_take_refill(struct haul_workq *queue, struct haul_refill *refill)
{
    bool is_hungry;

    uv_mutex_lock(&queue->lock);
    atomic_store_explicit(&queue->is_nudged, false, memory_order_relaxed);
    is_hungry = is_hungry_locked(queue);
    if (is_hungry)
        haul_sched_take_refill(queue->sched, refill);
    uv_mutex_unlock(&queue->lock);
    return is_hungry;
}

enum haul_err haul_workq_refill(struct haul_workq *queue, const struct haul_refill *refill,
                                struct haul_job_list *jobs)
{
    enum haul_err err = HAUL_ERR_CLOSED;

    uv_mutex_lock(&queue->lock);
    if (!queue->stopping)
        err = haul_sched_refill(queue->sched, refill, jobs, now(queue));
    unlock_and_wake(queue, !queue->stopping);
    return err;
}

void haul_workq_close(struct haul_workq *queue)
{
    uv_mutex_lock(&queue->lock);
    haul_sched_close(queue->sched);
    unlock_and_wake(queue, false);
}

/* ---- the beginning of a stop ---- */

static void drain_locked(struct haul_workq *queue)
{
    queue->stopping = true;
    haul_sched_drain(queue->sched, now(queue));
    if (queue->pusher_waits)
        signal_pusher(queue);
}

/* The job has ended, in whichever way. */
static void count_received_locked(struct haul_workq *queue, const struct haul_job *job)
{
    queue->received += job->received;
    if (queue->max_total && queue->received >= queue->max_total && !queue->stopping)
        drain_locked(queue);
}

/* ---- popping ---- */

static void block_locked(struct haul_workq *queue, struct haul_waiter *waiter,
                         int64_t wait_until_us)
{
    list_add(queue, waiter, HAUL_BLOCKED, wait_until_us);
    if (queue->timekeeper == waiter) {
        int64_t wait_us = wait_until_us - now(queue);

        if (wait_us > 0)
            (void)uv_cond_timedwait(&waiter->woken, &queue->lock, (uint64_t)wait_us * 1000);
    } else {
        uv_cond_wait(&waiter->woken, &queue->lock);
    }
    if (waiter->signalled)
        queue->wakes_under_way--;
    waiter->signalled = false;
    list_remove(queue, waiter);
}

static enum haul_pop pop_locked(struct haul_workq *queue, struct haul_waiter *waiter,
                                bool may_block, struct haul_job **out, int64_t *wait_until_us)
{
    while (!queue->abandoned) {
        enum haul_pop pop = haul_sched_pop(queue->sched, &waiter->affinity[waiter->slot],
                                           now(queue), out, wait_until_us);

        if (pop == HAUL_POP_SKIP)
            count_received_locked(queue, *out);
        if (pop != HAUL_POP_WAIT)
            return pop;
        queue->starved = true;
        signal_pusher_locked(queue);
        if (!may_block) {
            list_add(queue, waiter, HAUL_POLLING, *wait_until_us);
            return pop;
        }
        block_locked(queue, waiter, *wait_until_us);
    }
    return HAUL_POP_END;
}

/* Those that ended too late belong to nobody: their memory lasts as long as the process. */
static void finish_locked(struct haul_workq *queue, struct haul_job_list *ended)
{
    if (queue->abandoned)
        *ended = (struct haul_job_list){0};
    for (struct haul_job *job = ended->head; job; job = job->next) {
        haul_sched_finish(queue->sched, job, now(queue));
        count_received_locked(queue, job);
    }
}

static enum haul_pop finish_and_pop(struct haul_workq *queue, struct haul_waiter *waiter,
                                    struct haul_job_list *ended, bool may_block,
                                    struct haul_job **out, int64_t *wait_until_us)
{
    enum haul_pop pop;

    uv_mutex_lock(&queue->lock);
    list_remove(queue, waiter);
    finish_locked(queue, ended);
    pop = pop_locked(queue, waiter, may_block, out, wait_until_us);
    signal_pusher_locked(queue);
    leave(queue, pop != HAUL_POP_WAIT);
    return pop;
}

enum haul_pop haul_workq_pop(struct haul_workq *queue, struct haul_waiter *waiter, bool may_block,
                             struct haul_job **out, int64_t *wait_until_us)
{
    struct haul_job_list none = {0};

    return finish_and_pop(queue, waiter, &none, may_block, out, wait_until_us);
}

enum haul_pop haul_workq_swap(struct haul_workq *queue, struct haul_waiter *waiter,
                              struct haul_job_list *ended, struct haul_job **out,
                              int64_t *wait_until_us)
{
    return finish_and_pop(queue, waiter, ended, false, out, wait_until_us);
}

void haul_workq_end(struct haul_workq *queue, struct haul_job_list *ended)
{
    uv_mutex_lock(&queue->lock);
    finish_locked(queue, ended);
    signal_pusher_locked(queue);
    leave(queue, true);
}

void haul_waiter_done(struct haul_waiter *waiter, struct haul_workq *queue)
{
    uv_mutex_lock(&queue->lock);
    list_remove(queue, waiter);
    for (int i = 0; i < waiter->slots; i++)
        haul_sched_forget(queue->sched, &waiter->affinity[i]);
    uv_mutex_unlock(&queue->lock);
    free(waiter->affinity);
    uv_cond_destroy(&waiter->woken);
}

/* ---- an attempt that is not the last ---- */

void haul_workq_park(struct haul_workq *queue, struct haul_job *job, int64_t due_us)
{
    uv_mutex_lock(&queue->lock);
    if (!queue->abandoned)
        haul_sched_park(queue->sched, job, due_us, now(queue));
    signal_pusher_locked(queue);
    leave(queue, true);
}

enum haul_err haul_workq_move(struct haul_workq *queue, struct haul_job *job)
{
    enum haul_err err = HAUL_OK;

    uv_mutex_lock(&queue->lock);
    if (!queue->abandoned)
        err = haul_sched_move(queue->sched, job, now(queue));
    signal_pusher_locked(queue);
    leave(queue, true);
    return err;
}

void haul_workq_tell_robots(struct haul_workq *queue, struct haul_job *job,
                            const struct haul_robots_answer *answer)
{
    uv_mutex_lock(&queue->lock);
    if (!queue->abandoned)
        haul_sched_tell_robots(queue->sched, job, answer, now(queue));
    signal_pusher_locked(queue);
    leave(queue, true);
}

void haul_workq_drain(struct haul_workq *queue)
{
    uv_mutex_lock(&queue->lock);
    drain_locked(queue);
    unlock_and_wake(queue, true); /* who wakes the next, as long as there are jobs to report */
}

void haul_workq_abandon(struct haul_workq *queue, struct haul_job_list *left,
                        void (*each)(void *arg, const struct haul_job *job), void *arg)
{
    struct haul_affinity nobody = {0};
    struct haul_job *job;
    int64_t until_us;

    uv_mutex_lock(&queue->lock);
    assert(queue->stopping);
    while (haul_sched_pop(queue->sched, &nobody, now(queue), &job, &until_us) == HAUL_POP_PENDING)
        haul_job_list_add(left, job);
    haul_sched_each_running(queue->sched, SIZE_MAX, each, arg);
    queue->abandoned = true;
    uv_mutex_unlock(&queue->lock);
    wake_everyone(queue);
}

bool haul_workq_is_starved(struct haul_workq *queue)
{
    bool is_starved;

    uv_mutex_lock(&queue->lock);
    is_starved = queue->offered && queue->waiting && !haul_sched_has_room(queue->sched);
    uv_mutex_unlock(&queue->lock);
    return is_starved;
}

void haul_workq_inspect(struct haul_workq *queue,
                        void (*look)(void *arg, const struct haul_sched *sched, int64_t now_us),
                        void *arg)
{
    uv_mutex_lock(&queue->lock);
    look(arg, queue->sched, now(queue));
    uv_mutex_unlock(&queue->lock);
}
