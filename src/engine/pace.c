#include "engine/pace.h"

enum {
    SLOWEST_STEP_US = 100000,  /* the first gap between starts once it is one at a time */
    SLOWEST_MAX_US = 10000000, /* the longest */
    CAP_MAX = 1024,            /* where no limit is set, so many at a time are as good as none */
    HANDSHAKES_WORTH = 4       /* so many times its own duration a new connection has to save */
};

bool haul_pace_is_full(const struct haul_pace *pace, size_t running)
{
    size_t cap = (size_t)pace->per_host;

    if (pace->cap && (!cap || pace->cap < cap))
        cap = pace->cap;
    return cap && running >= cap;
}

bool haul_pace_is_plain(const struct haul_pace *pace, int64_t now_us)
{
    return !pace->failures && !pace->cap && pace->not_before_us <= now_us;
}

static void pause_until(struct haul_pace *pace, int64_t until_us)
{
    if (pace->not_before_us < until_us)
        pace->not_before_us = until_us;
}

void haul_pace_start(struct haul_pace *pace, int64_t now_us)
{
    int64_t gap_us = pace->interval_us + pace->slow_us;

    if (gap_us)
        pause_until(pace, now_us + gap_us);
}

static void lengthen_gap(struct haul_pace *pace)
{
    int64_t gap_us = pace->slow_us ? pace->slow_us * 2 : SLOWEST_STEP_US;

    pace->slow_us = gap_us < SLOWEST_MAX_US ? gap_us : SLOWEST_MAX_US;
}

/* The origin said 429 or 503: half as many at a time, and at one at a time, longer gaps. */
static void slow_down(struct haul_pace *pace, size_t running, int64_t since_us, int64_t now_us)
{
    size_t cap = running + 1; /* this one has just left */

    if (since_us < pace->slowed_at_us)
        return;
    if (pace->cap && pace->cap < cap)
        cap = pace->cap;
    if (cap == 1)
        lengthen_gap(pace);
    pace->cap = cap > 1 ? cap / 2 : 1;
    pace->successes = 0;
    pace->slowed_at_us = now_us;
    if (pace->slow_us)
        pause_until(pace, now_us + pace->slow_us);
}

/*
 * After as many successes as may run at a time now: first the gaps become shorter, then there is
 * one more at a time. The limit goes last, so that no gap outlives it.
 */
static void recover(struct haul_pace *pace)
{
    size_t full = pace->per_host ? (size_t)pace->per_host : CAP_MAX;

    if (!pace->cap || ++pace->successes < pace->cap)
        return;
    pace->successes = 0;
    if (pace->slow_us)
        pace->slow_us = pace->slow_us > SLOWEST_STEP_US ? pace->slow_us / 2 : 0;
    else if (++pace->cap >= full)
        pace->cap = 0;
}

/* One more failure in a row to reach it. */
static enum haul_reason note_failure(struct haul_pace *pace, enum haul_reason reason)
{
    pace->failures++;
    return pace->fail_limit && pace->failures >= pace->fail_limit ? reason : HAUL_REASON_NONE;
}

enum haul_reason haul_pace_end(struct haul_pace *pace, const struct haul_attempt *attempt,
                               size_t running, int64_t since_us, int64_t now_us)
{
    enum haul_reason reason = HAUL_REASON_NONE;

    if (attempt->contact == HAUL_CONTACT_FAILED) {
        reason = note_failure(pace, HAUL_REASON_HOST_DOWN);
    } else if (attempt->contact == HAUL_CONTACT_MADE) {
        if (attempt->refused && !attempt->elsewhere)
            reason = note_failure(pace, HAUL_REASON_THROTTLED);
        else
            pace->failures = 0;
        if (attempt->throttled)
            slow_down(pace, running, since_us, now_us);
        else
            recover(pace);
    }
    if (attempt->pause_us > 0 && !attempt->elsewhere)
        pause_until(pace, now_us + attempt->pause_us);
    return reason;
}

/* ---- connections ---- */

/* The last few count, the last one most. */
static int64_t smoothed(int64_t before, int64_t now)
{
    return before ? before - before / 4 + now / 4 : now;
}

void haul_costs_note(struct haul_costs *costs, const struct haul_attempt *attempt)
{
    if (attempt->setup_us)
        costs->setup_us = smoothed(costs->setup_us, attempt->setup_us);
    if (costs->setup_us)
        costs->work_us = smoothed(costs->work_us, attempt->work_us);
}

bool haul_costs_pay(const struct haul_costs *costs, size_t ready, size_t running,
                    int64_t started_us, int64_t now_us, int64_t *due_us)
{
    int64_t worth_us = HANDSHAKES_WORTH * costs->setup_us;
    int64_t latest_us = started_us + worth_us;

    if (now_us >= latest_us || (int64_t)ready * costs->work_us >= worth_us * (int64_t)running)
        return true;
    if (latest_us < *due_us)
        *due_us = latest_us;
    return false;
}
