#include "engine/pace.h"

#include <stdio.h>

enum {
    GAP_FIRST_US = 100000, /* between starts once it is one at a time */
    GAP_MAX_US = 2000000,
    CAP_MAX = 1024,      /* where no limit is set, so many at a time are as good as none */
    HANDSHAKES_WORTH = 4 /* so many times its own duration a new connection has to save */
};

bool haul_pace_is_full(const struct haul_pace *pace, size_t running)
{
    size_t cap = (size_t)pace->per_host;

    if (pace->failed.count && running > pace->older) /* the probe */
        return true;
    if (pace->cap && (!cap || pace->cap < cap))
        cap = pace->cap;
    return cap && running >= cap;
}

bool haul_pace_is_plain(const struct haul_pace *pace, int64_t now_us)
{
    return !pace->failed.count && !pace->throttled.count && !pace->cap &&
           pace->not_before_us <= now_us;
}

/* ---- when it may be asked ---- */

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* From the last failure to reach it to the next probe: a restart takes its time. */
static int64_t probe_gap_us(const struct haul_pace *pace)
{
    int64_t gap_us = GAP_FIRST_US;

    if (!pace->failed.count || !pace->fail_limit)
        return 0;
    for (int i = 1; i < pace->failed.count && gap_us < GAP_MAX_US; i++)
        gap_us *= 2;
    return gap_us < GAP_MAX_US ? gap_us : GAP_MAX_US;
}

int64_t haul_pace_gap_us(const struct haul_pace *pace)
{
    return later_of(pace->interval_us, pace->delay_us) + pace->slow_us;
}

/* From the beginning, so that a gap that has become shorter ends sooner. */
static void set_not_before(struct haul_pace *pace)
{
    int64_t gap_us = later_of(pace->interval_us, pace->delay_us);
    int64_t from_us = later_of(pace->started_us + gap_us, pace->slowed_us);

    pace->not_before_us = later_of(pace->asked_until_us, from_us + pace->slow_us);
    pace->not_before_us = later_of(pace->not_before_us, pace->failed.at_us + probe_gap_us(pace));
}

void haul_pace_start(struct haul_pace *pace, struct haul_turn *turn, int64_t now_us)
{
    turn->number = ++pace->starts;
    turn->before_us = pace->started_us;
    pace->started_us = now_us;
    set_not_before(pace);
}

void haul_pace_take_back(struct haul_pace *pace, const struct haul_turn *turn)
{
    if (turn->number == pace->starts)
        pace->started_us = turn->before_us;
}

void haul_pace_hold(struct haul_pace *pace, int64_t until_us)
{
    pace->asked_until_us = later_of(pace->asked_until_us, until_us);
}

/* ---- incidents ---- */

static void note_incident(struct haul_incidents *incidents, const struct haul_job *job,
                          int64_t now_us)
{
    incidents->count++;
    incidents->reason = job->rec.reason;
    incidents->http_code = job->rec.http_code;
    incidents->at_us = now_us;
}

/* One more failure to reach it, if it is not part of the last one. */
static enum haul_reason note_failure(struct haul_pace *pace, const struct haul_job *job,
                                     size_t running, int64_t now_us, enum haul_reason reason)
{
    if (job->turn.number <= pace->failed_start)
        return HAUL_REASON_NONE;
    note_incident(&pace->failed, job, now_us);
    pace->failed_start = pace->starts;
    pace->older = running;
    return pace->fail_limit && pace->failed.count >= pace->fail_limit ? reason : HAUL_REASON_NONE;
}

/* After throttling at one at a time, and with `is_old` of a URL that alone is concerned. */
static void lengthen_gap(struct haul_pace *pace, bool is_old, int64_t pause_us)
{
    int64_t gap_us = pace->slow_us ? pace->slow_us * 2 : GAP_FIRST_US;

    if (pace->slow_us >= GAP_MAX_US)
        pace->slowest_failed = true;
    if (is_old && pace->slowest_failed)
        gap_us = GAP_FIRST_US;
    if (gap_us > GAP_MAX_US)
        gap_us = GAP_MAX_US;
    pace->slow_us = pause_us > 0 && pause_us < gap_us ? pause_us : gap_us;
}

/* Half as many at a time as before. Returns how many that was. */
static size_t halve_width(struct haul_pace *pace, size_t running, int64_t now_us)
{
    size_t width = running + 1; /* this one has just left */

    if (pace->cap && pace->cap < width)
        width = pace->cap;
    pace->cap = width > 1 ? width / 2 : 1;
    pace->successes = 0;
    pace->slowed_us = now_us;
    return width;
}

/* It said 429 or 503. Whether this is a reason to give it up. */
static bool note_throttling(struct haul_pace *pace, struct haul_job *job, size_t running,
                            int64_t now_us)
{
    int64_t pause_us = job->attempt.pause_us;
    bool is_old = job->turn.told && job->turn.told <= pace->served; /* others were served since */

    if (!job->turn.told)
        job->turn.told = pace->served + 1;
    if (job->turn.number <= pace->throttled_start)
        return false;
    if (!pace->throttled.count)
        pace->throttled_since_us = now_us;
    note_incident(&pace->throttled, job, now_us);
    pace->throttled_start = pace->starts;
    if (halve_width(pace, running, now_us) == 1) {
        lengthen_gap(pace, is_old, pause_us);
        pace->strikes += !is_old && (job->rec.http_code == 503 || pause_us <= 0);
    }
    if (!pace->fail_limit)
        return false;
    return pace->strikes >= pace->fail_limit ||
           (pace->throttle_max_us && now_us - pace->throttled_since_us > pace->throttle_max_us);
}

/*
 * A good answer. After as many as may run at a time there is one more at a time, but first the gap
 * has to go, so that no gap outlives the limit.
 */
static void recover(struct haul_pace *pace)
{
    size_t full = pace->per_host ? (size_t)pace->per_host : CAP_MAX;

    pace->served++;
    pace->strikes = 0;
    pace->slowest_failed = false;
    pace->throttled = (struct haul_incidents){0};
    if (pace->slow_us) {
        pace->slow_us = pace->slow_us > GAP_FIRST_US ? pace->slow_us / 2 : 0;
        pace->successes = 0;
    } else if (pace->cap && ++pace->successes >= pace->cap) {
        pace->successes = 0;
        if (++pace->cap >= full)
            pace->cap = 0;
    }
}

/* What the origin said, now that it was reached. */
static enum haul_reason note_contact(struct haul_pace *pace, struct haul_job *job, size_t running,
                                     int64_t now_us)
{
    const struct haul_attempt *attempt = &job->attempt;
    enum haul_reason reason = HAUL_REASON_NONE;

    if (attempt->refused && !attempt->elsewhere)
        reason = note_failure(pace, job, running, now_us, HAUL_REASON_THROTTLED);
    else
        pace->failed.count = 0;
    if (!attempt->throttled)
        recover(pace);
    else if (note_throttling(pace, job, running, now_us) && reason == HAUL_REASON_NONE)
        reason = HAUL_REASON_HOST_THROTTLED;
    return reason;
}

enum haul_reason haul_pace_end(struct haul_pace *pace, struct haul_job *job, size_t running,
                               int64_t now_us)
{
    const struct haul_attempt *attempt = &job->attempt;
    enum haul_reason reason = HAUL_REASON_NONE;

    if (job->turn.number <= pace->failed_start && pace->older)
        pace->older--;
    if (attempt->contact == HAUL_CONTACT_FAILED)
        reason = note_failure(pace, job, running, now_us, HAUL_REASON_HOST_DOWN);
    else if (attempt->contact == HAUL_CONTACT_MADE)
        reason = note_contact(pace, job, running, now_us);
    if (attempt->pause_us > 0 && !attempt->elsewhere)
        pace->asked_until_us = later_of(pace->asked_until_us, now_us + attempt->pause_us);
    set_not_before(pace);
    return reason;
}

/* ---- what it comes to ---- */

const struct haul_incidents *haul_pace_incidents(const struct haul_pace *pace,
                                                 enum haul_reason reason)
{
    return reason == HAUL_REASON_HOST_THROTTLED ? &pace->throttled : &pace->failed;
}

void haul_incidents_say(const struct haul_incidents *incidents, enum haul_reason reason,
                        int64_t now_us, char text[HAUL_INCIDENTS_TEXT_MAX])
{
    const struct haul_record rec = {.reason = incidents->reason, .http_code = incidents->http_code};
    char word[HAUL_REASON_WORD_MAX];
    bool throttled = reason == HAUL_REASON_HOST_THROTTLED;
    const char *what = throttled ? "time" : "failure";

    snprintf(text, HAUL_INCIDENTS_TEXT_MAX, "%d %s%s in a row %s, the last one %.1f s ago: %s",
             incidents->count, what, incidents->count == 1 ? "" : "s",
             throttled ? "429 or 503" : "to reach the host",
             (double)(now_us - incidents->at_us) / 1e6, haul_reason_word(&rec, word));
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
