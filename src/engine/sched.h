#ifndef HAUL_ENGINE_SCHED_H
#define HAUL_ENGINE_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"
#include "model/job.h"

/*
 * The order of work: which admitted job may start now, and if none, when the next one may.
 *
 * This is the work queue without its lock: no threads, no clock, no I/O. Every call gets the time
 * (`now_us`, monotonic, never decreasing), so that a test can play any hour in a moment. The work
 * queue (workq.h) adds the lock and the waiting, and is the only one in the product that calls what
 * changes it. Others only look, under that lock (haul_workq_inspect).
 *
 * Jobs of one origin (scheme://host:port) stand together. An origin is in exactly one place:
 *
 *   nowhere    as many jobs run as may, or its robots.txt is asked for; or none is ready, but some
 *              run, wait for a retry, are spilled, or a worker spoke to it last
 *   timed      has ready jobs, but must not be asked before `not_before` (rate, delay, Retry-After)
 *   idle       has ready jobs, may be asked, none running
 *   busy       has ready jobs, may be asked, some running
 *   disposal   is given up, or the run is stopping: its jobs come out to be reported, not fetched
 *   retained   has no jobs, but something worth remembering: it is paused, slowed down or given up
 *
 * A pop looks at disposal first, then at the origin that the asking worker spoke to last (its
 * connection is warm), then at the first idle origin, then at the first busy one; each list is
 * served in turn. So that a worker does not stay with a long origin while others wait, it gets at
 * most HAUL_SCHED_STREAK jobs in a row of the same origin while an idle one is waiting.
 *
 * A busy origin's job may mean a new connection for the worker that takes it. TLS connections are
 * dear, and the attempts tell how long they take. So the job is left to the workers that are
 * connected if they will soon come to it. The job is given away all the same if these workers have
 * started nothing for the time of a few handshakes, for they may be stuck.
 *
 * An origin that may not be asked now must not hold the whole window while others could be asked.
 * So it has a share of it, and its jobs beyond that are spilled: kept elsewhere, in order, until
 * the origin is hungry (sched_window.h). The scheduler only counts them.
 *
 * Origins, where they stand and which is next are in sched_origins.h; how fast one may be asked and
 * whether another TLS connection pays are in pace.h; what its robots.txt has to do with it is in
 * sched_robots.h.
 *
 * Cost: push, pop, finish and park are O(1) in the number of jobs and origins, but for the two
 * heaps of times: O(log P) for P parked jobs and O(log T) for T timed origins. A stop and the
 * giving up of an origin are O(jobs admitted), once.
 */

enum { HAUL_SCHED_STREAK = 256 };

/* Limits of politeness. All zero means: none. [const after create] */
struct haul_sched_limits {
    size_t window;            /* jobs admitted at once, at least 1 */
    size_t window_bytes;      /* memory of the jobs admitted at once; 0: no limit */
    int per_host;             /* running jobs per origin; 0: no limit */
    int64_t interval_us;      /* between any two starts */
    int64_t host_interval_us; /* between two starts at one origin */
    int host_fail_limit;     /* incidents in a row (pace.h) until an origin is given up; 0: never */
    int64_t throttle_max_us; /* an origin that throttles all requests for longer is given up, too;
                                0: never */

    size_t robots_bytes; /* memory of what is known of the origins' robots.txt, which is asked for
                            first (sched_robots.h); 0: it is not */

    /*
     * What holds for one origin ("scheme://host:port") instead of per_host and host_interval_us,
     * which are in *per_host and *host_interval_us when it is called. Asked once, when an origin is
     * first seen (again: if it had nothing worth remembering in between). Pure, must not call the
     * scheduler. NULL: the same holds for all.
     */
    void (*look_up)(const void *arg, const char *key, int *per_host, int64_t *host_interval_us);
    const void *arg; /* of look_up */
};

enum haul_pop {
    HAUL_POP_RUN,     /* the job is to be fetched, or to ask for its origin's robots.txt
                         (job->robots.asks); it counts as running until finish or park */
    HAUL_POP_SKIP,    /* its origin was given up: the job is to be reported, and has left the queue.
                         One that was never tried has the reason in its record; the incidents that
                         led to it are in the job */
    HAUL_POP_PENDING, /* the job is to be reported as pending (stopped); it has left the queue */
    HAUL_POP_WAIT,    /* no job may start now */
    HAUL_POP_END      /* closed, and no job is left that could ever start */
};

/* Which origin a worker spoke to last. Starts as all zero; haul_sched_forget releases it. */
struct haul_affinity {
    struct haul_origin *origin; /* referenced, or NULL */
    unsigned streak;            /* jobs in a row of it */
};

struct haul_sched;

/* Makes an empty scheduler. HAUL_ERR_NOMEM: nothing was made. */
HAUL_MUST_USE enum haul_err haul_sched_create(const struct haul_sched_limits *limits,
                                              struct haul_sched **out);

/* Frees it with all jobs that it still holds ready or parked. Running ones belong to their workers.
 */
void haul_sched_free(struct haul_sched *sched);

/* Whether one more job may be admitted. A job larger than the whole window's bytes is, if alone. */
bool haul_sched_has_room(const struct haul_sched *sched);

/*
 * Admits a job. HAUL_OK: the scheduler owns it. HAUL_ERR_NOMEM: still the caller's. Needs room, and
 * a scheduler that is not closed.
 */
HAUL_MUST_USE enum haul_err haul_sched_push(struct haul_sched *sched, struct haul_job *job,
                                            int64_t now_us);

/* What becomes of a job that is offered. */
enum haul_offer {
    HAUL_OFFER_TAKEN,  /* the queue owns it; where it was only asked: it would be taken */
    HAUL_OFFER_SPILL,  /* it is to be kept at refill->place, and is counted as spilled */
    HAUL_OFFER_REFILL, /* first, spilled jobs are to come back, as `refill` says */
    HAUL_OFFER_HELD,   /* it can neither be taken nor spilled now */
    HAUL_OFFER_CLOSED, /* a stop has begun */
    HAUL_OFFER_NOMEM
};

/* When jobs may be spilled. */
enum haul_spilling {
    HAUL_SPILLING_NEVER, /* there are no shares, but order is kept behind what is spilled already */
    HAUL_SPILLING_LATER, /* shares are kept: what would be spilled is HELD */
    HAUL_SPILLING_NOW
};

/* Spilled jobs of one origin: `count` consecutive places, from the first of that origin. */
struct haul_refill {
    struct haul_origin *origin; /* the scheduler's; stays as long as it has spilled jobs */
    int64_t place;
    size_t count;
};

/*
 * Offers a job: TAKEN, SPILL (only with SPILLING_NOW; refill->place is set), HELD or NOMEM. With
 * `only_asks`, a job that would be taken is not. It is the caller's unless it was taken. As push,
 * needs room.
 */
enum haul_offer haul_sched_offer(struct haul_sched *sched, struct haul_job *job,
                                 enum haul_spilling spilling, bool only_asks, int64_t now_us,
                                 struct haul_refill *refill);

/* Whether it might be TAKEN, and not only just, or SPILL: whoever waits need not ask before. */
bool haul_sched_may_take(const struct haul_sched *sched, const struct haul_job *job,
                         enum haul_spilling spilling);

/* The last job that was spilled, of that origin, could not be kept: it was not spilled. */
void haul_sched_unspill(struct haul_sched *sched, const struct haul_job *job, int64_t now_us);

/* Whether it may be worth to ask the next question, for which the time is needed. */
bool haul_sched_may_be_hungry(const struct haul_sched *sched);

/* Whether there is room, and an origin whose spilled jobs are to come back. Never after a drain. */
bool haul_sched_is_hungry(struct haul_sched *sched, int64_t now_us);

/* What is to come back next; haul_sched_is_hungry must hold. To be answered by haul_sched_refill
 * before it is asked for again. */
void haul_sched_take_refill(struct haul_sched *sched, struct haul_refill *out);

/*
 * Spilled jobs come back: refill->count of its first ones are spilled no longer, and of these the
 * ones in `jobs` are pushed, in order; they may be fewer. HAUL_ERR_NOMEM: the rest is left in
 * `jobs`, the caller's.
 */
HAUL_MUST_USE enum haul_err haul_sched_refill(struct haul_sched *sched,
                                              const struct haul_refill *refill,
                                              struct haul_job_list *jobs, int64_t now_us);

/* No job will be pushed any more. */
void haul_sched_close(struct haul_sched *sched);

/*
 * Takes the next job for the worker of `affinity`. Sets *out except for WAIT and END. For WAIT,
 * *wait_until_us (later than now) is the time at which a job may start if nothing else happens, or
 * HAUL_CLOCK_NEVER. It may be too early by the pause of the origin of a parked job, never too late.
 */
enum haul_pop haul_sched_pop(struct haul_sched *sched, struct haul_affinity *affinity,
                             int64_t now_us, struct haul_job **out, int64_t *wait_until_us);

/* Whether a pop at this time would give a job, to some worker. */
bool haul_sched_is_ready(struct haul_sched *sched, int64_t now_us);

/* When a job may start, given that none is ready now; HAUL_CLOCK_NEVER if that is not known. */
int64_t haul_sched_next_chance(const struct haul_sched *sched);

/* Whether it is closed and no job is left, not even a running or spilled one. (After a drain, what
 * is spilled is reported by whoever keeps it.) */
bool haul_sched_has_ended(const struct haul_sched *sched);

/*
 * A running job has ended for good. What `job->attempt` says about the origin is taken into account
 * (paused, slowed down, given up). The job leaves the scheduler and is the caller's again.
 */
void haul_sched_finish(struct haul_sched *sched, struct haul_job *job, int64_t now_us);

/*
 * A running job is to be tried again, not before `due_us`. As finish, but the scheduler keeps the
 * job (it needs no room for it). If a stop has begun or its origin was given up, it comes out of
 * the next pop, to be reported.
 */
void haul_sched_park(struct haul_sched *sched, struct haul_job *job, int64_t due_us,
                     int64_t now_us);

/*
 * A running job is to be tried at its next mirror (haul_job_has_next_mirror), which may be of
 * another origin: as park, but it waits for its turn there, and is due now. HAUL_ERR_NOMEM: nothing
 * has changed.
 *
 * A job whose origin is given up goes to its next mirror by itself, instead of coming out as SKIP.
 */
HAUL_MUST_USE enum haul_err haul_sched_move(struct haul_sched *sched, struct haul_job *job,
                                            int64_t now_us);

/*
 * A running job that has asked for the robots.txt of its origin (job->robots.asks) was told
 * `answer`. As park, and it is due as soon as its origin may be asked again, before the others of
 * it. What `answer` holds is the scheduler's from now on. Any other end of such a job is as if it
 * had not asked: the next one will.
 */
struct haul_robots_answer;
void haul_sched_tell_robots(struct haul_sched *sched, struct haul_job *job,
                            const struct haul_robots_answer *answer, int64_t now_us);

/* From now on nothing starts: every job comes out of pop as PENDING. */
void haul_sched_drain(struct haul_sched *sched, int64_t now_us);

/* Releases the reference that a worker's affinity holds. */
void haul_sched_forget(struct haul_sched *sched, struct haul_affinity *affinity);

/* Sums, for the progress line and for tests. */
struct haul_sched_counts {
    size_t admitted, ready, parked, running, spilled, origins;
};
struct haul_sched_counts haul_sched_count(const struct haul_sched *sched);

/* The running job that was started first, or NULL. It stays the worker's. */
const struct haul_job *haul_sched_oldest(const struct haul_sched *sched);

/* When the first of the parked jobs is due, and that job; HAUL_CLOCK_NEVER and NULL if none. */
const struct haul_job *haul_sched_next_parked(const struct haul_sched *sched);

/* What a status block says about one origin. Strings are valid until the next change. */
struct haul_origin_status {
    const char *key;
    size_t ready, running, parked, spilled;
    int64_t not_before_us;           /* paused until */
    struct haul_incidents incidents; /* for which it is slowed down, or was given up */
    enum haul_reason of;             /* what these are, for haul_incidents_say */
    bool down;
};

/*
 * How long the rest takes at least: what is ready or spilled of an origin that has to wait, after
 * its pause and at its interval, or of all of them at theirs. Microseconds; what is not read yet is
 * not in it. O(origins that are timed).
 */
int64_t haul_sched_time_left(const struct haul_sched *sched, int64_t now_us);

/*
 * Calls `each` for every origin that has jobs or was given up. It must not call the scheduler.
 */
void haul_sched_each_origin(const struct haul_sched *sched,
                            void (*each)(void *arg, const struct haul_origin_status *status),
                            void *arg);

/* Calls `each` for the oldest running jobs, oldest first, at most `max` of them. */
void haul_sched_each_running(const struct haul_sched *sched, size_t max,
                             void (*each)(void *arg, const struct haul_job *job), void *arg);

#endif
