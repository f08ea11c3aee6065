#ifndef HAUL_ENGINE_PACE_H
#define HAUL_ENGINE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/record.h"
#include "model/job.h"

/*
 * How fast one origin may be asked, from its limits and from what attempts say about it: pauses
 * that it asks for, fewer requests at a time and longer gaps after 429 and 503, and when it is
 * given up. Plain data and pure functions; times are monotonic, in microseconds. The scheduler's.
 */
struct haul_pace {
    int per_host;          /* [const] running at most; 0: no limit */
    int64_t interval_us;   /* [const] between two starts */
    int fail_limit;        /* [const] failures in a row until it is given up; 0: never */
    int failures;          /* in a row, to reach it */
    int64_t not_before_us; /* no start before */
    size_t cap;            /* running at most, after it said 429 or 503; 0: as configured */
    size_t successes;      /* since `cap` was changed */
    int64_t slow_us;       /* extra time between starts, after 429 or 503 at cap 1 */
    int64_t slowed_at_us;  /* answers to requests begun earlier do not slow it further */
};

/* Whether no more may run than these. */
bool haul_pace_is_full(const struct haul_pace *pace, size_t running);

/* Whether nothing has to be remembered but the limits. */
bool haul_pace_is_plain(const struct haul_pace *pace, int64_t now_us);

/* A job was started. */
void haul_pace_start(struct haul_pace *pace, int64_t now_us);

/*
 * The attempt of a job that was running since `since_us` has ended, and `running` others run still.
 * Returns the reason to give the origin up, or NONE.
 */
enum haul_reason haul_pace_end(struct haul_pace *pace, const struct haul_attempt *attempt,
                               size_t running, int64_t since_us, int64_t now_us);

/*
 * What attempts over TLS take, smoothed, and whether another connection is worth its handshake.
 * Plain data and pure functions; all 0: not known. The scheduler's.
 */
struct haul_costs {
    int64_t setup_us; /* a TLS connection */
    int64_t work_us;  /* all else, once one was made there */
};

/* An attempt has ended that came through to its origin. */
void haul_costs_note(struct haul_costs *costs, const struct haul_attempt *attempt);

/*
 * Whether another connection pays where `ready` jobs wait and `running` connections are busy, the
 * last of which was given a job at `started_us`. It does if these need much longer for the waiting
 * jobs than a handshake takes, which costs the server work, too. It does also if they have started
 * nothing for so long, for they may be stuck. Otherwise *due_us becomes the time at which it pays
 * at the latest, if that is earlier.
 */
bool haul_costs_pay(const struct haul_costs *costs, size_t ready, size_t running,
                    int64_t started_us, int64_t now_us, int64_t *due_us);

#endif
