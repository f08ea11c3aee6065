#include "model_sched.h"

#include <string.h>

#include "base/clock.h"

enum { SLOW_FIRST_US = 100000, SLOW_MAX_US = 10000000, FULL_WITHOUT_LIMIT = 1024 };

static int64_t min_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void model_init(struct model *m, const struct haul_sched_limits *limits)
{
    memset(m, 0, sizeof *m);
    m->limits = *limits;
    for (int i = 0; i < MODEL_WORKERS; i++)
        m->worker[i].origin = -1;
    for (int i = 0; i < MODEL_ORIGINS; i++) {
        const char name[] = {(char)('a' + i), '\0'};

        m->origin[i].per_host = limits->per_host;
        m->origin[i].interval_us = limits->host_interval_us;
        if (limits->look_up)
            limits->look_up(limits->arg, name, &m->origin[i].per_host, &m->origin[i].interval_us);
    }
}

static bool is_full(const struct model_origin *o)
{
    size_t per_host = (size_t)o->per_host;

    return (per_host && o->running >= per_host) || (o->cap && o->running >= o->cap);
}

static bool is_refused(const struct model *m, const struct model_origin *o)
{
    return m->draining || o->down != HAUL_REASON_NONE;
}

/* ---- time ---- */

/* A ready job waits from `from` to `to`: for politeness as long as its origin may not start. */
static void account_ready(const struct model *m, struct model_job *job, int64_t from, int64_t to)
{
    const struct model_origin *o = &m->origin[job->origin];
    int64_t held = 0;

    if (!is_refused(m, o))
        held = is_full(o) ? to - from : max_of(0, min_of(to, o->not_before) - from);
    job->parked_us += held;
    job->queue_us += to - from - held;
}

static void advance_job(const struct model *m, struct model_job *job, int64_t to)
{
    int64_t from = m->now;

    if (job->state == MODEL_PARKED) {
        int64_t end = min_of(to, job->due);

        job->parked_us += end - from;
        from = end;
        if (job->due <= to) {
            job->state = MODEL_READY;
            job->ready_at = job->due;
        }
    }
    if (job->state == MODEL_READY)
        account_ready(m, job, from, to);
}

void model_advance(struct model *m, int64_t to)
{
    for (int i = 0; i < MODEL_JOBS; i++)
        advance_job(m, &m->job[i], to);
    m->now = to;
}

/* ---- admission ---- */

struct haul_sched_counts model_count(const struct model *m)
{
    struct haul_sched_counts counts = {0};

    for (int i = 0; i < MODEL_JOBS; i++) {
        counts.admitted += m->job[i].state != MODEL_FREE;
        counts.ready += m->job[i].state == MODEL_READY;
        counts.parked += m->job[i].state == MODEL_PARKED;
        counts.running += m->job[i].state == MODEL_RUNNING;
    }
    return counts;
}

bool model_has_room(const struct model *m)
{
    size_t count = model_count(m).admitted, bytes = 0;

    for (int i = 0; i < MODEL_JOBS; i++)
        bytes += m->job[i].state != MODEL_FREE ? m->job[i].bytes : 0;
    return !count || (count < m->limits.window &&
                      (!m->limits.window_bytes || bytes < m->limits.window_bytes));
}

int model_push(struct model *m, int origin, size_t bytes)
{
    int name = 0;

    while (m->job[name].state != MODEL_FREE)
        name++;
    m->job[name] = (struct model_job){
        .state = MODEL_READY, .origin = origin, .bytes = bytes, .ready_at = m->now};
    return name;
}

/* ---- what may start ---- */

static bool has_ready(const struct model *m, int origin)
{
    for (int i = 0; i < MODEL_JOBS; i++) {
        if (m->job[i].state == MODEL_READY && m->job[i].origin == origin)
            return true;
    }
    return false;
}

static bool may_start(const struct model *m, int origin)
{
    const struct model_origin *o = &m->origin[origin];

    return !is_refused(m, o) && has_ready(m, origin) && !is_full(o) && o->not_before <= m->now;
}

static bool is_idle(const struct model *m, int origin)
{
    return may_start(m, origin) && !m->origin[origin].running;
}

static int count_idle_but(const struct model *m, int origin)
{
    int count = 0;

    for (int i = 0; i < MODEL_ORIGINS; i++)
        count += i != origin && is_idle(m, i);
    return count;
}

static bool any_may_start(const struct model *m)
{
    for (int i = 0; i < MODEL_ORIGINS; i++) {
        if (may_start(m, i))
            return true;
    }
    return false;
}

static bool any_is_refused(const struct model *m)
{
    for (int i = 0; i < MODEL_ORIGINS; i++) {
        if (is_refused(m, &m->origin[i]) && has_ready(m, i))
            return true;
    }
    return false;
}

/* When this job could start if nothing else happened. */
static int64_t chance_of(const struct model *m, const struct model_job *job)
{
    const struct model_origin *o = &m->origin[job->origin];
    int64_t at = max_of(o->not_before, m->next_start);

    if ((job->state != MODEL_READY && job->state != MODEL_PARKED) || is_full(o))
        return HAUL_CLOCK_NEVER;
    return job->state == MODEL_PARKED ? max_of(at, job->due) : at;
}

static int64_t first_chance(const struct model *m)
{
    int64_t first = HAUL_CLOCK_NEVER;

    for (int i = 0; i < MODEL_JOBS; i++)
        first = min_of(first, chance_of(m, &m->job[i]));
    return first;
}

static int64_t first_due(const struct model *m)
{
    int64_t first = HAUL_CLOCK_NEVER;

    for (int i = 0; i < MODEL_JOBS; i++) {
        if (m->job[i].state == MODEL_PARKED)
            first = min_of(first, m->job[i].due);
    }
    return first;
}

/* ---- judging ---- */

/*
 * The answer may come early for a parked job whose origin is not free when it is due; never late.
 */
static const char *judge_wait(const struct model *m, const struct model_answer *answer)
{
    int64_t chance = first_chance(m);

    if (any_is_refused(m))
        return "waits though there are jobs to report";
    if (any_may_start(m) && m->next_start <= m->now)
        return "waits though a job may start";
    if (answer->wait_until <= m->now)
        return "waits until a moment that has passed";
    if (answer->wait_until > chance)
        return "waits too long";
    if (answer->wait_until < chance && answer->wait_until != max_of(m->next_start, first_due(m)))
        return "does not wait long enough";
    return NULL;
}

static const char *judge_end(const struct model *m)
{
    if (!m->closed)
        return "ends before it was closed";
    return model_count(m).admitted ? "ends though there are jobs" : NULL;
}

static const char *judge_refusal(struct model *m, const struct model_answer *answer)
{
    struct model_job *job = &m->job[answer->job];
    bool right = m->draining ? answer->pop == HAUL_POP_PENDING : answer->pop == HAUL_POP_SKIP;

    if (job->state != MODEL_READY)
        return "reports a job that it does not hold ready";
    if (!is_refused(m, &m->origin[job->origin]) || !right)
        return "reports a job for the wrong reason";
    job->state = MODEL_FREE;
    return NULL;
}

static bool is_first_of_its_origin(const struct model *m, const struct model_job *job)
{
    for (int i = 0; i < MODEL_JOBS; i++) {
        const struct model_job *other = &m->job[i];

        if (other->state == MODEL_READY && other->origin == job->origin &&
            other->ready_at < job->ready_at)
            return false;
    }
    return true;
}

static const char *judge_choice(const struct model *m, const struct model_worker *worker,
                                int origin)
{
    int own = worker->origin;
    bool others_wait = count_idle_but(m, own) > 0;
    bool may_stay = worker->streak < HAUL_SCHED_STREAK || !others_wait;

    if (own >= 0 && may_start(m, own)) {
        if (origin != own && may_stay)
            return "leaves a warm connection without need";
        if (origin == own)
            return may_stay ? NULL : "stays though an idle origin waits";
    }
    if (m->origin[origin].running && count_idle_but(m, -1))
        return "prefers a busy origin to an idle one";
    return NULL;
}

/* Everyone in front of an idle origin may take one streak of every worker. */
static const char *judge_patience(struct model *m, int started)
{
    for (int i = 0; i < MODEL_ORIGINS; i++) {
        struct model_origin *o = &m->origin[i];

        o->passed_over = i != started && is_idle(m, i) ? o->passed_over + 1 : 0;
        if (o->passed_over > (MODEL_ORIGINS + MODEL_WORKERS) * (HAUL_SCHED_STREAK + 1))
            return "lets an idle origin starve";
    }
    return NULL;
}

static void start(struct model *m, struct model_worker *worker, struct model_job *job)
{
    struct model_origin *o = &m->origin[job->origin];
    int64_t gap = o->interval_us + o->slow_us;

    job->state = MODEL_RUNNING;
    job->started = m->now;
    o->running++;
    if (gap)
        o->not_before = max_of(o->not_before, m->now + gap);
    if (m->limits.interval_us)
        m->next_start = m->now + m->limits.interval_us;
    worker->streak = worker->origin == job->origin ? worker->streak + 1 : 1;
    worker->origin = job->origin;
}

static const char *judge_start(struct model *m, const struct model_answer *answer)
{
    struct model_job *job = &m->job[answer->job];
    const struct model_origin *o = &m->origin[job->origin];
    struct model_worker *worker = &m->worker[answer->worker];
    const char *fault;

    if (job->state != MODEL_READY)
        return "starts a job that it does not hold ready";
    if (is_refused(m, o))
        return "starts a job of an origin that was given up, or after a stop";
    if (is_full(o))
        return "starts more than an origin may have running";
    if (o->not_before > m->now || m->next_start > m->now)
        return "starts too early";
    if (!is_first_of_its_origin(m, job))
        return "starts a job before an older one of its origin";
    fault = judge_choice(m, worker, job->origin);
    if (fault)
        return fault;
    start(m, worker, job);
    return judge_patience(m, job->origin);
}

const char *model_judge(struct model *m, const struct model_answer *answer)
{
    switch (answer->pop) {
    case HAUL_POP_RUN:
        return any_is_refused(m) ? "starts a job while others are to be reported"
                                 : judge_start(m, answer);
    case HAUL_POP_SKIP:
    case HAUL_POP_PENDING:
        return judge_refusal(m, answer);
    case HAUL_POP_WAIT:
        return model_count(m).admitted || !m->closed ? judge_wait(m, answer)
                                                     : "waits though it has ended";
    case HAUL_POP_END:
        return judge_end(m);
    }
    return "gives an answer that there is not";
}

/* ---- the end of an attempt ---- */

static void release_parked(struct model *m, int origin)
{
    for (int i = 0; i < MODEL_JOBS; i++) {
        if (m->job[i].state == MODEL_PARKED && m->job[i].origin == origin) {
            m->job[i].state = MODEL_READY;
            m->job[i].ready_at = m->now;
        }
    }
}

static void note_failure(struct model *m, int origin, enum haul_reason reason)
{
    struct model_origin *o = &m->origin[origin];

    o->failures++;
    if (!m->limits.host_fail_limit || o->failures < m->limits.host_fail_limit)
        return;
    if (o->down == HAUL_REASON_NONE)
        o->down = reason;
    release_parked(m, origin);
}

static void slow_down(struct model *m, struct model_origin *o, int64_t started)
{
    size_t at_a_time = o->running + 1;

    if (started < o->slowed_at)
        return;
    if (o->cap && o->cap < at_a_time)
        at_a_time = o->cap;
    if (at_a_time == 1)
        o->slow_us = o->slow_us ? min_of(o->slow_us * 2, SLOW_MAX_US) : SLOW_FIRST_US;
    o->cap = at_a_time > 1 ? at_a_time / 2 : 1;
    o->successes = 0;
    o->slowed_at = m->now;
    if (o->slow_us)
        o->not_before = max_of(o->not_before, m->now + o->slow_us);
}

static void recover(struct model_origin *o)
{
    size_t full = o->per_host ? (size_t)o->per_host : FULL_WITHOUT_LIMIT;

    if (!o->cap || ++o->successes < o->cap)
        return;
    o->successes = 0;
    if (o->slow_us)
        o->slow_us = o->slow_us > SLOW_FIRST_US ? o->slow_us / 2 : 0;
    else
        o->cap = o->cap + 1 >= full ? 0 : o->cap + 1;
}

static void take_note(struct model *m, int origin, const struct haul_attempt *attempt,
                      int64_t started)
{
    struct model_origin *o = &m->origin[origin];

    o->running--;
    if (attempt->contact == HAUL_CONTACT_FAILED) {
        note_failure(m, origin, HAUL_REASON_HOST_DOWN);
    } else if (attempt->contact == HAUL_CONTACT_MADE) {
        if (attempt->refused && !attempt->elsewhere)
            note_failure(m, origin, HAUL_REASON_THROTTLED);
        else
            o->failures = 0;
        if (attempt->throttled)
            slow_down(m, o, started);
        else
            recover(o);
    }
    if (attempt->pause_us && !attempt->elsewhere)
        o->not_before = max_of(o->not_before, m->now + attempt->pause_us);
}

void model_finish(struct model *m, int job, const struct haul_attempt *attempt)
{
    m->job[job].state = MODEL_FREE;
    take_note(m, m->job[job].origin, attempt, m->job[job].started);
}

void model_park(struct model *m, int job, const struct haul_attempt *attempt, int64_t due)
{
    struct model_job *parked = &m->job[job];

    take_note(m, parked->origin, attempt, parked->started);
    parked->due = due;
    parked->ready_at = m->now;
    parked->state =
        due <= m->now || is_refused(m, &m->origin[parked->origin]) ? MODEL_READY : MODEL_PARKED;
}

void model_drain(struct model *m)
{
    m->draining = true;
    for (int i = 0; i < MODEL_ORIGINS; i++)
        release_parked(m, i);
}
