#include <check.h>

#include "model_sched.h"
#include "play_sched.h"

/* A third of the origins each: as all, one at a time and slowly, as many as there are. */
static void look_up(const void *arg, const char *key, int *per_host, int64_t *host_interval_us)
{
    ck_assert_ptr_null(arg);
    if ((*key - 'a') % 3 == 1) {
        *per_host = 1;
        *host_interval_us = 40;
    } else if ((*key - 'a') % 3 == 2) {
        *per_host = 0;
        *host_interval_us = 0;
    }
}

static const struct haul_sched_limits model_limits[] = {
    {.window = 1},
    {.window = 1, .per_host = 1, .interval_us = 30, .host_interval_us = 70, .host_fail_limit = 1},
    {.window = 2, .per_host = 1},
    {.window = 8, .per_host = 2, .host_interval_us = 50},
    {.window = 8, .window_bytes = 3000},
    {.window = 32},
    {.window = 32, .interval_us = 20},
    {.window = 32, .per_host = 1, .host_fail_limit = 3},
    {.window = 64, .per_host = 3, .host_fail_limit = 6},
    {.window = 64, .per_host = 2, .interval_us = 10, .host_interval_us = 100},
    {.window = 100, .host_interval_us = 300000, .host_fail_limit = 5},
    {.window = 100, .per_host = 6},
    {.window = 64, .per_host = 2, .host_interval_us = 100, .look_up = look_up},
    {.window = 100, .interval_us = 10, .host_fail_limit = 3, .look_up = look_up},
    {.window = 100, .host_fail_limit = 4, .throttle_max_us = 300000},
    {.window = 64, .host_fail_limit = 100, .throttle_max_us = 5000},
};

enum { SEEDS = 6, STEPS = 4000 };

static const unsigned harms[] = {0, 20, 40, 90};

/* The scheduler and its model, side by side. */
struct pair {
    struct haul_sched *sched;
    struct haul_affinity affinity[MODEL_WORKERS];
    struct model model;
    struct haul_job *running[MODEL_JOBS];
    int running_count;
    uint64_t random;
    int origins;    /* in use, so that some runs have long streaks */
    unsigned harm;  /* in 100 answers */
    bool throttles; /* and no other harm */
    uint64_t pushed, ended;
};

static uint64_t draw(struct pair *p, uint64_t below)
{
    p->random ^= p->random << 13;
    p->random ^= p->random >> 7;
    p->random ^= p->random << 17;
    return p->random % below;
}

static void check_job_times(const struct pair *p, const struct haul_job *job)
{
    const struct model_job *told = &p->model.job[job->rec.seq];

    ck_assert_int_eq(job->rec.time_queue_us + job->rec.time_parked_us,
                     told->queue_us + told->parked_us);
    if (!p->model.limits.interval_us)
        ck_assert_int_eq(job->rec.time_parked_us, told->parked_us);
}

static void check_counts(const struct pair *p)
{
    struct haul_sched_counts is = haul_sched_count(p->sched), told = model_count(&p->model);

    ck_assert_uint_eq(is.admitted, told.admitted);
    ck_assert_uint_eq(is.running, told.running);
    ck_assert_uint_eq(is.ready + is.parked, told.ready + told.parked);
    ck_assert_int_eq(haul_sched_has_room(p->sched), model_has_room(&p->model));
}

static void step_push(struct pair *p)
{
    char name[2] = {0};
    struct haul_job *job;

    if (p->model.closed || p->model.draining || !haul_sched_has_room(p->sched))
        return;
    name[0] = "abcdefgh"[draw(p, (uint64_t)p->origins)];
    job = make_job(name, 0);
    job->bytes = 100 + draw(p, 2000);
    job->rec.seq = (uint64_t)model_push(&p->model, name[0] - 'a', job->bytes);
    ck_assert_int_eq(haul_sched_push(p->sched, job, p->model.now), HAUL_OK);
    p->pushed++;
}

static void check_skip(const struct pair *p, const struct haul_job *job)
{
    const struct model_origin *told = &p->model.origin[job->origin[0] - 'a'];

    ck_assert_int_eq(job->rec.reason, told->down);
    ck_assert_int_eq(job->incidents.count, told->down_after);
}

static enum haul_pop step_pop(struct pair *p)
{
    struct model_answer answer = {.worker = (int)draw(p, MODEL_WORKERS), .job = -1};
    struct haul_affinity *affinity = &p->affinity[answer.worker];
    struct haul_job *job = NULL;
    const char *fault;

    answer.pop = haul_sched_pop(p->sched, affinity, p->model.now, &job, &answer.wait_until);
    if (job)
        answer.job = (int)job->rec.seq;
    fault = model_judge(&p->model, &answer);
    ck_assert_msg(!fault, "the scheduler %s", fault);
    if (!job)
        return answer.pop;
    check_job_times(p, job);
    if (answer.pop == HAUL_POP_SKIP)
        check_skip(p, job);
    if (answer.pop == HAUL_POP_RUN) {
        p->running[p->running_count++] = job;
    } else {
        haul_job_free(job);
        p->ended++;
    }
    return answer.pop;
}

static struct haul_attempt draw_attempt(struct pair *p)
{
    struct haul_attempt attempt = {.contact = HAUL_CONTACT_MADE};

    if (draw(p, 100) >= p->harm)
        return attempt;
    attempt.throttled = true;
    if (p->throttles)
        return attempt;
    attempt.contact = (enum haul_contact)draw(p, 3);
    attempt.throttled = draw(p, 2);
    attempt.refused = !draw(p, 4);
    attempt.pause_us = draw(p, 3) ? 0 : (int64_t)draw(p, 500);
    attempt.elsewhere = !draw(p, 4);
    return attempt;
}

static void step_end(struct pair *p, bool again)
{
    struct haul_job *job;
    int at, name;

    if (!p->running_count)
        return;
    at = (int)draw(p, (uint64_t)p->running_count);
    job = p->running[at];
    p->running[at] = p->running[--p->running_count];
    name = (int)job->rec.seq;
    job->attempt = draw_attempt(p);
    job->rec.http_code = draw(p, 2) ? 429 : 503;
    if (again) {
        int64_t due = p->model.now + (int64_t)draw(p, 400) - 20;

        model_park(&p->model, name, &job->attempt, job->rec.http_code, due);
        haul_sched_park(p->sched, job, due, p->model.now);
        return;
    }
    model_finish(&p->model, name, &job->attempt, job->rec.http_code);
    haul_sched_finish(p->sched, job, p->model.now);
    haul_job_free(job);
    p->ended++;
}

static void step_time(struct pair *p)
{
    static const uint64_t leaps[] = {1, 5, 5, 40, 40, 200, 1000, 150000};

    model_advance(&p->model, p->model.now + (int64_t)draw(p, leaps[draw(p, 8)] + 1));
}

static void step(struct pair *p)
{
    uint64_t what = draw(p, 100);

    if (what < 30)
        step_push(p);
    else if (what < 62)
        step_pop(p);
    else if (what < 78)
        step_end(p, false);
    else if (what < 86)
        step_end(p, true);
    else if (what < 99)
        step_time(p);
    else
        haul_sched_forget(p->sched, &p->affinity[0]), p->model.worker[0].origin = -1;
    check_counts(p);
}

/* To the end, whichever it is: nothing may be left, and nothing may hang. */
static void play_out(struct pair *p)
{
    if (draw(p, 2)) {
        model_drain(&p->model);
        haul_sched_drain(p->sched, p->model.now);
    }
    p->model.closed = true;
    haul_sched_close(p->sched);
    for (long steps = 0; step_pop(p) != HAUL_POP_END; steps++) {
        ck_assert_int_lt(steps, 1000000);
        step_end(p, draw(p, 10) == 0);
        step_time(p);
    }
    ck_assert_int_eq(p->running_count, 0);
    ck_assert_uint_eq(p->ended, p->pushed);
}

START_TEST(random_steps_agree_with_the_model)
{
    const struct haul_sched_limits *limits = &model_limits[_i / SEEDS];
    struct pair p = {.random = 88172645463325252U + (uint64_t)_i * 7919};

    p.origins = 1 + (int)draw(&p, MODEL_ORIGINS);
    p.throttles = draw(&p, 2);
    p.harm = harms[draw(&p, COUNT(harms))];
    model_init(&p.model, limits);
    ck_assert_int_eq(haul_sched_create(limits, &p.sched), HAUL_OK);
    for (int i = 0; i < STEPS; i++)
        step(&p);
    play_out(&p);
    for (int i = 0; i < MODEL_WORKERS; i++)
        haul_sched_forget(p.sched, &p.affinity[i]);
    haul_sched_free(p.sched);
}
END_TEST

/*
 * Few origins, all full, nothing but short jobs: the case in which a long origin could starve one.
 */
START_TEST(long_queues_agree_with_the_model_on_patience)
{
    struct pair p = {.random = 1234567 + (uint64_t)_i, .origins = 1 + _i};
    static const struct haul_sched_limits limits = {.window = 100};

    model_init(&p.model, &limits);
    ck_assert_int_eq(haul_sched_create(&limits, &p.sched), HAUL_OK);
    for (int i = 0; i < 12000; i++) {
        while (haul_sched_has_room(p.sched))
            step_push(&p);
        step_pop(&p);
        if (p.running_count > (int)draw(&p, MODEL_WORKERS))
            step_end(&p, false);
    }
    play_out(&p);
    for (int i = 0; i < MODEL_WORKERS; i++)
        haul_sched_forget(p.sched, &p.affinity[i]);
    haul_sched_free(p.sched);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sched_model");
    TCase *tcase = tcase_create("model");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, random_steps_agree_with_the_model, 0, COUNT(model_limits) * SEEDS);
    tcase_add_loop_test(tcase, long_queues_agree_with_the_model_on_patience, 0, MODEL_ORIGINS);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
