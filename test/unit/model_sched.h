#ifndef HAUL_TEST_MODEL_SCHED_H
#define HAUL_TEST_MODEL_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/sched.h"

/*
 * What the scheduler promises, said a second time in the plainest way: arrays, and a walk through
 * all of them for every question. The test does everything to both and lets the model judge each
 * answer. A job is named by its place in `job`, an origin by its place in `origin`.
 */
enum { MODEL_JOBS = 128, MODEL_ORIGINS = 8, MODEL_WORKERS = 6 };

enum model_state { MODEL_FREE, MODEL_READY, MODEL_PARKED, MODEL_RUNNING };

struct model_job {
    enum model_state state;
    int origin;
    size_t bytes;
    int64_t ready_at, due;
    bool in_failure, in_throttling;    /* its attempt ran when the last such incident was counted */
    bool was_throttled, others_served; /* since then */
    int64_t queue_us, parked_us;       /* what the record must say */
};

struct model_origin {
    int per_host; /* what the configuration says for this one */
    int64_t interval_us;
    int64_t asked_until, last_start, last_slow_down;
    int64_t probe_at; /* after failures to reach it, which alone count for this */
    size_t running;
    int failures, throttlings; /* incidents in a row */
    int strikes;               /* throttlings that count for giving it up */
    int64_t throttled_since;
    enum haul_reason down; /* why it was given up, or NONE */
    int down_after;        /* so many incidents */
    size_t cap, successes; /* cap 0: as configured */
    int64_t slow_us;
    bool slowest_tried;   /* and throttled all the same */
    unsigned passed_over; /* starts elsewhere while it was idle and might have started */
};

struct model_worker {
    int origin; /* -1: none */
    unsigned streak;
};

struct model {
    struct haul_sched_limits limits;
    struct model_job job[MODEL_JOBS];
    struct model_origin origin[MODEL_ORIGINS];
    struct model_worker worker[MODEL_WORKERS];
    int64_t now, next_start;
    bool closed, draining;
};

void model_init(struct model *m, const struct haul_sched_limits *limits);

/* Lets time pass: parked jobs become ready, and waiting is accounted for. */
void model_advance(struct model *m, int64_t to);

bool model_has_room(const struct model *m);
struct haul_sched_counts model_count(const struct model *m);

/* Admits a job and returns its name. There must be a free place. */
int model_push(struct model *m, int origin, size_t bytes);

/* One answer of haul_sched_pop: `job` is -1 for WAIT and END. Returns what is wrong, or NULL. */
struct model_answer {
    int worker;
    enum haul_pop pop;
    int job;
    int64_t wait_until;
};
const char *model_judge(struct model *m, const struct model_answer *answer);

/* A running job ends with that status, for good or (due > 0) to be tried again. */
void model_finish(struct model *m, int job, const struct haul_attempt *attempt, int status);
void model_park(struct model *m, int job, const struct haul_attempt *attempt, int status,
                int64_t due);

void model_drain(struct model *m);

#endif
