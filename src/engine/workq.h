#ifndef HAUL_ENGINE_WORKQ_H
#define HAUL_ENGINE_WORKQ_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "engine/sched.h"

/*
 * The work queue: the scheduler (sched.h) behind one lock, with the waiting.
 *
 * One dispatcher pushes and blocks while there is no room: that is the back-pressure of the whole
 * pipeline. It reads on past jobs that may not start, which it spills, only while a worker waits
 * for work. It brings spilled jobs back as soon as their origin is hungry: wherever it waits in
 * here it is woken for that, and elsewhere through its `nudge` function.
 *
 * Workers pop; a worker without work of its own blocks, one with transfers in flight is told to
 * come back (HAUL_POP_WAIT) and is woken through its `wake` function when there is work.
 *
 * Who is woken: every change that makes a job ready wakes at most one waiting worker, and a worker
 * that leaves with a job wakes the next if there is more. When the next job is only due later, the
 * waiting worker that knows the earliest time (the timekeeper) waits with a time limit; of the
 * others, only one that was timekeeper itself does.
 */
struct haul_workq;

enum haul_waiter_state { HAUL_AWAKE, HAUL_BLOCKED, HAUL_POLLING };

/* One per worker, made by it. All fields without a tag of their own are the queue's. */
struct haul_waiter {
    void (*wake)(
        void *arg); /* [const] called without the lock, from any thread; NULL: blocks only */
    void *wake_arg; /* [const] */
    struct haul_affinity *affinity; /* [lock] one for each stream of the worker */
    int slots;                      /* [const after init] so many */
    int slot; /* [owner] the one that the next pop is for; 0 if it never says */
    struct haul_waiter *prev, *next; /* [lock] in the list of the waiting */
    enum haul_waiter_state state;    /* [lock] */
    bool signalled;                  /* [lock] released while it was blocked */
    int64_t until_us;                /* [lock] comes back by itself then */
    uv_cond_t woken;                 /* with the lock: no longer in the list */
};

/* The time; a test passes its own. NULL as clock: haul_clock_us. Called under the lock. */
typedef int64_t haul_clock_fn(void *arg);

HAUL_MUST_USE enum haul_err haul_workq_create(const struct haul_sched_limits *limits,
                                              haul_clock_fn *clock, void *clock_arg,
                                              struct haul_workq **out);

/* Frees the queue and the jobs in it. No thread may use it any more. NULL is fine. */
void haul_workq_free(struct haul_workq *queue);

/*
 * Who brings spilled jobs back: `nudge` is called when there are some to be brought, by any worker,
 * without the lock, at most once until the dispatcher is in here again. Before any thread starts.
 */
void haul_workq_set_nudge(struct haul_workq *queue, void (*nudge)(void *arg), void *arg);

/*
 * --max-total: once the jobs that have ended have received so many bytes (job->received), the queue
 * begins the stop itself, as haul_workq_drain does. Workers tell of the end of a job when they want
 * the next, so that more than this costs what is running then, however long the collector takes to
 * find out, to say it, and to have the run stopped. 0: no limit. Before any thread starts.
 */
void haul_workq_limit_total(struct haul_workq *queue, int64_t max_bytes);

/*
 * Makes a waiter ready for use, for a worker of so many streams (1..256). Each of them prefers the
 * origin that it spoke to last, so that a worker has no more connections than streams.
 * HAUL_ERR_SYSTEM: no condition variable was to be had. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_waiter_init(struct haul_waiter *waiter, int slots,
                                             void (*wake)(void *arg), void *wake_arg);

/*
 * The owner is done with the queue: gives up its affinities and its condition variable. Not while
 * another thread uses the queue: it may be about to call this one's `wake`.
 */
void haul_waiter_done(struct haul_waiter *waiter, struct haul_workq *queue);

/*
 * Pushes a job; blocks while the queue is full, until there is room or a stop begins. HAUL_OK: the
 * queue owns the job. HAUL_ERR_CLOSED (a stop has begun), HAUL_ERR_NOMEM: still the caller's.
 * Dispatcher only.
 */
HAUL_MUST_USE enum haul_err haul_workq_push(struct haul_workq *queue, struct haul_job *job);

/* How a job is offered, one or both. */
enum { HAUL_OFFER_MAY_SPILL = 1, HAUL_OFFER_ONLY_ASKS = 2 };

/*
 * Offers a job (sched.h says what may become of it, but for HELD); blocks until it can be taken,
 * spilled, or something else is to be done. What is spilled is counted; if it cannot be kept,
 * unspill takes that back. What was only asked for can be pushed at once. `job` NULL: blocks until
 * spilled jobs are to come back; TAKEN: there are none any more. Dispatcher only.
 */
enum haul_offer haul_workq_offer(struct haul_workq *queue, struct haul_job *job, unsigned how,
                                 struct haul_refill *refill);
void haul_workq_unspill(struct haul_workq *queue, const struct haul_job *job);

/* Whether there may be spilled jobs to be brought back, at a glance. Dispatcher only. */
bool haul_workq_is_nudged(const struct haul_workq *queue);

/* What is to be brought back now, if anything; never blocks. To be answered by haul_workq_refill,
 * as every REFILL is. Dispatcher only. */
bool haul_workq_take_refill(struct haul_workq *queue, struct haul_refill *refill);

/*
 * Spilled jobs come back (haul_sched_refill). HAUL_ERR_CLOSED, HAUL_ERR_NOMEM: what is left in
 * `jobs` is still the caller's. Dispatcher only.
 */
HAUL_MUST_USE enum haul_err haul_workq_refill(struct haul_workq *queue,
                                              const struct haul_refill *refill,
                                              struct haul_job_list *jobs);

/* The dispatcher has no more jobs. Wakes everyone who may end now. */
void haul_workq_close(struct haul_workq *queue);

/*
 * Takes a job. With `may_block`, waits until there is one or the queue has ended (never returns
 * WAIT). Without, returns WAIT if there is none now; the waiter is then called through `wake` as
 * soon as there may be one, and should come back by itself at *wait_until_us.
 * RUN: the job is running until swap, park or move. SKIP and PENDING: the job is the caller's.
 */
enum haul_pop haul_workq_pop(struct haul_workq *queue, struct haul_waiter *waiter, bool may_block,
                             struct haul_job **out, int64_t *wait_until_us);

/*
 * The running jobs in `ended` have ended; and then as haul_workq_pop without `may_block`, in one
 * go: half of the locking of a worker that has always something to do. The ended jobs are the
 * caller's afterwards, and still in the list (unless the queue was abandoned).
 */
enum haul_pop haul_workq_swap(struct haul_workq *queue, struct haul_waiter *waiter,
                              struct haul_job_list *ended, struct haul_job **out,
                              int64_t *wait_until_us);

/* The same without a pop: nothing more is wanted now. */
void haul_workq_end(struct haul_workq *queue, struct haul_job_list *ended);

/* A running job is to be tried again, at `due_us`. The queue owns it afterwards, always. */
void haul_workq_park(struct haul_workq *queue, struct haul_job *job, int64_t due_us);

/*
 * A running job is to be tried at its next mirror; it must have one. HAUL_OK: the queue owns it.
 * HAUL_ERR_NOMEM: it is running still.
 */
HAUL_MUST_USE enum haul_err haul_workq_move(struct haul_workq *queue, struct haul_job *job);

/* A running job has asked for its origin's robots.txt and was told `answer`, as
 * haul_sched_tell_robots wants it. The queue owns the job afterwards, always. */
void haul_workq_tell_robots(struct haul_workq *queue, struct haul_job *job,
                            const struct haul_robots_answer *answer);

/*
 * A stop begins: nothing starts any more, pops give what is left as PENDING, pushes fail. Any
 * thread; more than once is as once, and so it is after the queue's own (haul_workq_limit_total).
 */
void haul_workq_drain(struct haul_workq *queue);

/*
 * A stop has begun, and some worker does not end what it runs. Moves what was never started, or
 * waits for another attempt, to *left, calls `each` for every running job, under the lock, and is
 * at its end for everyone. Who ends a job after this has it taken away without a word: whatever is
 * said of the job, the caller says it. Main thread.
 */
void haul_workq_abandon(struct haul_workq *queue, struct haul_job_list *left,
                        void (*each)(void *arg, const struct haul_job *job), void *arg);
/* Whether a worker waits for work and the dispatcher for room: the window is too small. Any thread.
 */
bool haul_workq_is_starved(struct haul_workq *queue);

/* Calls `look` with the scheduler under the lock. It must be quick and must not block. Any thread.
 */
void haul_workq_inspect(struct haul_workq *queue,
                        void (*look)(void *arg, const struct haul_sched *sched, int64_t now_us),
                        void *arg);

#endif
