#ifndef HAUL_ENGINE_PACE_H
#define HAUL_ENGINE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/record.h"
#include "model/job.h"

/*
 * How fast one origin may be asked, from its limits and from what attempts say about it. Plain data
 * and pure functions; times are monotonic, in microseconds. The scheduler's.
 *
 * What attempts that ran at the same time say is said once. A failure to reach the origin counts
 * only if its attempt began after the last one that counted, and so does an answer 429 or 503: each
 * such group is one incident. The order of starts and ends decides, not the clock.
 *
 * Failures: while the last word of the origin is a failure to reach it, one attempt at a time is
 * made there, the probe; those that run already run on. After each failure the next probe has to
 * wait, 100 ms and then twice as long each time, up to 2 s, for a restart that refuses connections
 * takes its time. Whatever answer comes gives back the whole width at once. So many incidents in a
 * row as --host-fail-limit says give it up: HOST_DOWN, or THROTTLED if the last of them asked for a
 * longer pause than is allowed. With a limit of 0 nothing waits.
 *
 * Throttling: each incident halves the width. At one at a time it makes a gap of 100 ms, then
 * doubles it, up to 2 s, but up to the pause that the answer asks for at most. Each good answer
 * halves the gap, at once, and when there is none the width grows again, by one after as many good
 * answers as it allows.
 *
 * A URL that is throttled again, though the origin has served others since the first time, says
 * something about itself and not about the origin. When the longest gap has brought nothing good
 * either, such a URL makes the gap the first one again, for slower does not help it.
 *
 * The origin is given up as HOST_THROTTLED after so many incidents in a row as --host-fail-limit
 * says, without a good answer in between. An incident counts for this if it is a 503, or a 429 that
 * asks for no pause; if the origin was asked one at a time, for before that slower may do; and if
 * it is not about the URL alone. The origin is given up so, too, when throttling of any kind is all
 * that it has answered for `throttle_max_us`. A limit of 0 gives it up never.
 *
 * So the worst that an origin can cost which throttles all requests, with the default limit of 10
 * and whatever the number of workers, is the nine gaps between ten incidents, 0.1 + 0.2 + 0.4 +
 * 0.8 + 1.6 + 4 * 2 = 11.1 s, and the time for log2(width) + 10 answers. If it always asks for
 * short pauses with 429, it is `throttle_max_us` and one pause more. If only some URLs are
 * throttled, however often, it is 5.1 s and then 0.1 s for each attempt at them. A dead origin
 * costs the same 11.1 s, in which nobody waits for it, and ten connect timeouts, each of one worker
 * but for the first.
 */
struct haul_pace {
    int per_host;            /* [const] running at most; 0: no limit */
    int64_t interval_us;     /* [const] between two starts */
    int64_t delay_us;        /* the same, as the origin's robots.txt asks; 0: it does not */
    int fail_limit;          /* [const] incidents in a row until it is given up; 0: never */
    int64_t throttle_max_us; /* [const] nothing but throttling for longer: given up; 0: never */

    uint64_t starts; /* numbers of the starts so far: 1.. */
    uint64_t served; /* good answers so far */

    struct haul_incidents failed; /* to reach it */
    uint64_t failed_start;        /* attempts up to this number are part of the last one */
    size_t older;                 /* of these, so many run still */

    struct haul_incidents throttled; /* 429 and 503, since the last good answer */
    uint64_t throttled_start;        /* as failed_start */
    int64_t throttled_since_us;      /* the first of them */
    int strikes;                     /* of them, those that count for giving it up */
    size_t cap;                      /* running at most; 0: as configured */
    size_t successes;                /* since `cap` was changed */
    int64_t slow_us;                 /* extra time between starts, at cap 1 */
    bool slowest_failed;             /* the longest was of no use, since the last good answer */

    int64_t asked_until_us; /* the end of a pause that it asked for */
    int64_t started_us;     /* the last start */
    int64_t slowed_us;      /* the last slow-down */
    int64_t not_before_us;  /* what comes of these and the last failure: no start before */
};

/* From one start to the next, as things are. */
int64_t haul_pace_gap_us(const struct haul_pace *pace);

/* Whether no more may run than these. */
bool haul_pace_is_full(const struct haul_pace *pace, size_t running);

/* Whether nothing has to be remembered but the limits, given that nothing runs. */
bool haul_pace_is_plain(const struct haul_pace *pace, int64_t now_us);

/* A job was started: notes the number of its turn. */
void haul_pace_start(struct haul_pace *pace, struct haul_turn *turn, int64_t now_us);

/* The start of that turn, which is over, was none: it is not waited for. Before haul_pace_end. */
void haul_pace_take_back(struct haul_pace *pace, const struct haul_turn *turn);

/* No start before `until_us`, as if the origin had asked for it. Before haul_pace_end. */
void haul_pace_hold(struct haul_pace *pace, int64_t until_us);

/*
 * The attempt of `job` has ended, and `running` others run still. Its `attempt` and what its record
 * says of the cause are read, and its turn is noted. Returns the reason to give the origin up, or
 * NONE.
 */
enum haul_reason haul_pace_end(struct haul_pace *pace, struct haul_job *job, size_t running,
                               int64_t now_us);

/* What it was given up for, with that reason. */
const struct haul_incidents *haul_pace_incidents(const struct haul_pace *pace,
                                                 enum haul_reason reason);

/*
 * Says incidents in words of haul's own, such as "10 failures in a row to reach the host, the last
 * one 3.2 s ago: timeout". `reason`: as for haul_pace_incidents.
 */
enum { HAUL_INCIDENTS_TEXT_MAX = 160 };
void haul_incidents_say(const struct haul_incidents *incidents, enum haul_reason reason,
                        int64_t now_us, char text[HAUL_INCIDENTS_TEXT_MAX]);

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
