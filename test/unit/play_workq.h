#ifndef HAUL_TEST_PLAY_WORKQ_H
#define HAUL_TEST_PLAY_WORKQ_H

#include "engine/workq.h"

/*
 * Threads record, the test's own thread asserts after it has joined them. Nothing sleeps: a test
 * waits until others block (blocked.h), or meets them at a barrier. A lost wake-up is a hang, which
 * the time limit of the case names.
 */

enum { ORIGINS = 4, WORKERS_MAX = 16 };

extern const char *const origin_names[ORIGINS];
extern const int worker_counts[5];
extern const size_t windows[3];

/* A job whose URL does not matter; the caller's until it is pushed. */
struct haul_job *make_job(int number, const char *origin);

/* The steps of the test's own thread: what cannot be done fails the case. */
struct haul_workq *make_queue(const struct haul_sched_limits *limits);
struct haul_waiter own_waiter(void);
void push(struct haul_workq *queue, int number, const char *origin);
struct haul_job *pop_run(struct haul_workq *queue, struct haul_waiter *waiter);

/*
 * A job ends as a worker ends it, which has nothing under way then: it waits for the next one.
 * Returns that, or NULL where there is none. On any thread.
 */
struct haul_job *finish_and_take(struct haul_workq *queue, struct haul_waiter *waiter,
                                 struct haul_job *job);

/* The same where there is nothing to take after it. */
void finish(struct haul_workq *queue, struct haul_job *job);

int64_t in_one_hour(void);

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

#endif
