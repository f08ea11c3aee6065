#ifndef HAUL_ENGINE_SCHED_ROBOTS_H
#define HAUL_ENGINE_SCHED_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/robots_rules.h"
#include "model/job.h"

/*
 * What is known of the robots.txt of each origin, with --robots obey (RFC 9309). Plain data, the
 * scheduler's; times are monotonic, in microseconds.
 *
 * An origin has a gate. As long as nothing is known, the first of its jobs that is started is not
 * to be fetched: it asks (robots_job.h). Until what it was told is there, the origin's other jobs
 * wait, as those of one that may not be asked now; then it is the first of them again. So the
 * asking is a start like any other, with its place among the running, its time for politeness and
 * its end in a stop, and nothing is admitted for it.
 *
 * What is known is made by the worker that asked, and is constant from then on. The scheduler keeps
 * it, and each job that runs holds it, counted under the lock: so workers read it without one. All
 * of it together has a limit, above which what was used longest ago is forgotten, and asked for
 * again.
 */
enum haul_robots_gate { HAUL_ROBOTS_UNASKED, HAUL_ROBOTS_ASKING, HAUL_ROBOTS_KNOWN };

/* What a robots.txt says, or why it cannot be had. [const], but for the second part */
struct haul_robots_known {
    struct haul_robots_rules *rules; /* owned; NULL: it cannot be had */
    enum haul_reason reason;         /* then: of the rows that it is needed for */
    int exitcode;                    /* the same */
    size_t bytes;                    /* memory of all this */
    const char *also; /* the URL of another origin's own robots.txt, which this one is; or NULL */
    const char *text; /* why it cannot be had, for people, or "" */

    /* [lock] */
    struct haul_robots_state *of; /* who keeps it, or NULL: only jobs hold it */
    size_t holders;               /* jobs */
    struct haul_robots_known *older, *newer;

    char storage[]; /* the strings */
};

/* Of one origin. */
struct haul_robots_state {
    enum haul_robots_gate gate;
    struct haul_robots_tries tries;  /* in vain, since the last answer */
    struct haul_robots_known *known; /* if KNOWN; NULL: everything is allowed */
    bool is_strangers; /* what is known was told to a job with nothing of the user's (enum
                          haul_named_by): what he may have, one that has is told */
    int64_t until_us;  /* KNOWN until then */
};

/* Of all origins. All zero but `max` is an empty one. */
struct haul_robots_store {
    size_t max; /* [const] bytes; 0: no robots.txt is asked for */
    size_t bytes;
    struct haul_robots_known *oldest, *newest;
};

/* What a worker was told, for haul_sched_tell_robots. */
struct haul_robots_answer {
    bool again;                      /* nothing: it is to be asked again, not before ... */
    int64_t due_us;                  /* ... this */
    struct haul_robots_tries tries;  /* then: so far */
    struct haul_robots_known *known; /* otherwise; NULL: everything is allowed */
    int64_t keep_us;                 /* the same: it holds for so long */
    int64_t delay_us;                /* between two starts at the origin; 0: it does not say */
    bool is_strangers;               /* nothing of the user's was sent with it */
    enum haul_reason reason;         /* what became of the request itself */
    int http_code;
};

/*
 * Makes one; strings are copied, `also` may be NULL. It owns `rules` (or NULL). NULL: out of
 * memory, and `rules` are the caller's still. Any thread.
 */
struct haul_robots_known *haul_robots_known_create(struct haul_robots_rules *rules,
                                                   enum haul_reason reason, int exitcode,
                                                   const char *text, const char *also);

/* Frees one that nobody keeps or holds. NULL is fine. */
void haul_robots_known_free(struct haul_robots_known *known);

/*
 * A job of the origin is started, and either asks, or holds what is known. What is too old is asked
 * for again.
 */
void haul_robots_start(struct haul_robots_store *store, struct haul_robots_state *state,
                       struct haul_job *job, int64_t now_us);

/* It has ended, or waits. If it asked, it was told nothing so far. */
void haul_robots_end(struct haul_robots_state *state, struct haul_job *job);

/* What a job that has ended was told. The store owns it. */
void haul_robots_learn(struct haul_robots_store *store, struct haul_robots_state *state,
                       const struct haul_robots_answer *answer, int64_t now_us);

/* Whether something would have to be asked for again if the origin were forgotten. */
bool haul_robots_is_worth_keeping(const struct haul_robots_state *state, int64_t now_us);

/* The origin is forgotten; no job of it runs. */
void haul_robots_forget(struct haul_robots_store *store, struct haul_robots_state *state);

#endif
