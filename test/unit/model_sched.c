#include "model_sched.h"

#include <string.h>

#include "base/clock.h"

enum {
    SLOW_FIRST_US = 100000,
    SLOW_MAX_US = 2000000,
    PROBE_FIRST_US = 100000,
    PROBE_MAX_US = 2000000,
    FULL_WITHOUT_LIMIT = 1024
};

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
        m->origin[i].last_start = m->origin[i].last_slow_down = INT64_MIN / 2; /* never */
        if (limits->look_up)
            limits->look_up(limits->arg, name, &m->origin[i].per_host, &m->origin[i].interval_us);
    }
}

static int64_t not_before(const struct model_origin *o)
{
    int64_t start = o->last_start + o->interval_us + o->slow_us;

    if (o->failures)
        start = max_of(start, o->probe_at);
    return max_of(o->asked_until, max_of(start, o->last_slow_down + o->slow_us));
}

/* Whether an attempt runs that began after the last failure to reach the origin. */
static bool has_probe(const struct model *m, int origin)
{
    for (int i = 0; i < MODEL_JOBS; i++) {
        const struct model_job *job = &m->job[i];

        if (job->state == MODEL_RUNNING && job->origin == origin && !job->in_failure)
            return true;
    }
    return false;
}

static bool is_full(const struct model *m, int origin)
{
    const struct model_origin *o = &m->origin[origin];
    size_t per_host = (size_t)o->per_host;

    if (o->failures && has_probe(m, origin))
        return true;
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
        held = is_full(m, job->origin) ? to - from : max_of(0, min_of(to, not_before(o)) - from);
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

    return !is_refused(m, o) && has_ready(m, origin) && !is_full(m, origin) &&
           not_before(o) <= m->now;
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
    int64_t at = max_of(not_before(o), m->next_start);

    if ((job->state != MODEL_READY && job->state != MODEL_PARKED) || is_full(m, job->origin))
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

    job->state = MODEL_RUNNING;
    job->in_failure = job->in_throttling = false;
    o->running++;
    o->last_start = m->now;
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
    if (is_full(m, job->origin))
        return "starts more than an origin may have running";
    if (not_before(o) > m->now || m->next_start > m->now)
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

static void give_up(struct model *m, int origin, enum haul_reason reason, int after)
{
    struct model_origin *o = &m->origin[origin];

    if (o->down != HAUL_REASON_NONE)
        return;
    o->down = reason;
    o->down_after = after;
    release_parked(m, origin);
}

static void note_failure(struct model *m, const struct model_job *ended, enum haul_reason reason)
{
    struct model_origin *o = &m->origin[ended->origin];

    if (ended->in_failure)
        return;
    o->failures++;
    if (m->limits.host_fail_limit)
        o->probe_at =
            m->now + min_of((int64_t)PROBE_FIRST_US << min_of(o->failures - 1, 20), PROBE_MAX_US);
    for (int i = 0; i < MODEL_JOBS; i++)
        m->job[i].in_failure |= m->job[i].origin == ended->origin;
    if (m->limits.host_fail_limit && o->failures >= m->limits.host_fail_limit)
        give_up(m, ended->origin, reason, o->failures);
}

/* Returns whether the origin was asked one at a time. */
static bool slow_down(const struct model *m, struct model_origin *o, bool about_the_url,
                      int64_t pause)
{
    size_t at_a_time = o->running + 1;

    if (o->cap && o->cap < at_a_time)
        at_a_time = o->cap;
    o->cap = at_a_time > 1 ? at_a_time / 2 : 1;
    o->successes = 0;
    o->last_slow_down = m->now;
    if (at_a_time > 1)
        return false;
    o->slowest_tried |= o->slow_us == SLOW_MAX_US;
    if (!o->slow_us || (about_the_url && o->slowest_tried))
        o->slow_us = SLOW_FIRST_US;
    else
        o->slow_us = min_of(o->slow_us * 2, SLOW_MAX_US);
    if (pause)
        o->slow_us = min_of(o->slow_us, pause);
    return true;
}

/* All running attempts at an origin are part of this incident. */
static void count_throttling(struct model *m, int origin)
{
    struct model_origin *o = &m->origin[origin];

    if (!o->throttlings)
        o->throttled_since = m->now;
    o->throttlings++;
    for (int i = 0; i < MODEL_JOBS; i++)
        m->job[i].in_throttling |= m->job[i].origin == origin;
}

static void note_throttling(struct model *m, struct model_job *ended, int64_t pause, int status)
{
    struct model_origin *o = &m->origin[ended->origin];
    bool about_the_url = ended->was_throttled && ended->others_served;

    if (!ended->was_throttled)
        ended->others_served = false;
    ended->was_throttled = true;
    if (ended->in_throttling)
        return;
    count_throttling(m, ended->origin);
    if (slow_down(m, o, about_the_url, pause) && !about_the_url && (status == 503 || !pause))
        o->strikes++;
    if (m->limits.host_fail_limit &&
        (o->strikes >= m->limits.host_fail_limit ||
         (m->limits.throttle_max_us && m->now > o->throttled_since + m->limits.throttle_max_us)))
        give_up(m, ended->origin, HAUL_REASON_HOST_THROTTLED, o->throttlings);
}

static void recover(struct model *m, int origin)
{
    struct model_origin *o = &m->origin[origin];
    size_t full = o->per_host ? (size_t)o->per_host : FULL_WITHOUT_LIMIT;

    o->throttlings = o->strikes = 0;
    o->slowest_tried = false;
    for (int i = 0; i < MODEL_JOBS; i++)
        m->job[i].others_served |= m->job[i].origin == origin;
    if (o->slow_us) {
        o->slow_us = o->slow_us > SLOW_FIRST_US ? o->slow_us / 2 : 0;
        return;
    }
    if (!o->cap || ++o->successes < o->cap)
        return;
    o->successes = 0;
    o->cap = o->cap + 1 >= full ? 0 : o->cap + 1;
}

static void take_note(struct model *m, struct model_job *ended, const struct haul_attempt *attempt,
                      int status)
{
    struct model_origin *o = &m->origin[ended->origin];

    o->running--;
    if (attempt->contact == HAUL_CONTACT_FAILED) {
        note_failure(m, ended, HAUL_REASON_HOST_DOWN);
    } else if (attempt->contact == HAUL_CONTACT_MADE) {
        if (attempt->refused && !attempt->elsewhere)
            note_failure(m, ended, HAUL_REASON_THROTTLED);
        else
            o->failures = 0;
        if (attempt->throttled)
            note_throttling(m, ended, attempt->pause_us, status);
        else
            recover(m, ended->origin);
    }
    if (attempt->pause_us && !attempt->elsewhere)
        o->asked_until = max_of(o->asked_until, m->now + attempt->pause_us);
}

void model_finish(struct model *m, int job, const struct haul_attempt *attempt, int status)
{
    m->job[job].state = MODEL_FREE;
    take_note(m, &m->job[job], attempt, status);
}

void model_park(struct model *m, int job, const struct haul_attempt *attempt, int status,
                int64_t due)
{
    struct model_job *parked = &m->job[job];

    parked->state = MODEL_PARKED;
    parked->due = due;
    parked->ready_at = m->now;
    take_note(m, parked, attempt, status);
    if (due <= m->now || is_refused(m, &m->origin[parked->origin]))
        parked->state = MODEL_READY;
}

void model_drain(struct model *m)
{
    m->draining = true;
    for (int i = 0; i < MODEL_ORIGINS; i++)
        release_parked(m, i);
}
