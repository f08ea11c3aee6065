#ifndef HAUL_TEST_PLAY_SCHED_H
#define HAUL_TEST_PLAY_SCHED_H

#include "engine/sched.h"

/*
 * A scheduler that a test plays with alone: it says who asks, and what time it is. What cannot be
 * done fails the case.
 */
enum { WORKERS = 6, SECOND = 1000000 };

struct play {
    struct haul_sched *sched;
    struct haul_affinity affinity[WORKERS];
    uint64_t pushed;
};

/* A job whose URL does not matter; the caller's until it is pushed. */
struct haul_job *make_job(const char *origin, uint64_t seq);

/* Makes the scheduler; and frees it, with all jobs that are in it. */
void start_play(struct play *play, const struct haul_sched_limits *limits);
void end_play(struct play *play);

/* Pushes a job, for which there must be room. */
void play_push(struct play *play, const char *origin, int64_t at_us);

/* Lets a worker take a job, which there must be. It stays the scheduler's, among the running. */
struct haul_job *play_pop(struct play *play, int worker, int64_t at_us);

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

#endif
