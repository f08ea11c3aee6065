#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sched_robots.h"
#include "play_sched.h"

/*
 * The gate of an origin, with --robots obey, in plays at random: whatever ends how, one job asks
 * at a time, no other is started meanwhile, and every job comes out.
 */

static struct play play;

static struct haul_robots_known *make_known(const char *text)
{
    struct haul_robots_rules *rules;
    struct haul_robots_known *known;

    ck_assert_int_eq(haul_robots_rules_parse(text, strlen(text), "haul", &rules), HAUL_OK);
    known = haul_robots_known_create(rules, HAUL_REASON_NONE, 0, "", NULL);
    ck_assert_ptr_nonnull(known);
    return known;
}

enum { ORIGINS = 7, STEPS = 6000, SEEDS = 8 };

struct chance {
    uint64_t random;
    int64_t now_us;
    struct haul_job *running[WORKERS];
    int asking[ORIGINS]; /* so many askers */
    int64_t known_until_us[ORIGINS];
    uint64_t out;
};

static uint64_t draw(struct chance *c, uint64_t below)
{
    c->random ^= c->random << 13;
    c->random ^= c->random >> 7;
    c->random ^= c->random << 17;
    return c->random % below;
}

/* An origin has one asker, and while it has, nobody else is started; and nobody who does not ask
 * is started where nothing is known. That something was forgotten for want of room is no fault. */
static void judge_start(struct chance *c, const struct haul_job *job)
{
    int origin = job->origin[0] - 'a';

    ck_assert_int_eq(c->asking[origin], 0);
    if (job->robots.asks)
        c->asking[origin]++;
    else
        ck_assert_int_ge(c->known_until_us[origin], c->now_us);
}

static void tell_by_chance(struct chance *c, struct haul_job *job)
{
    struct haul_robots_answer answer = {.keep_us = (int64_t)draw(c, 5000),
                                        .delay_us = (int64_t)draw(c, 3) * 50};
    int origin = job->origin[0] - 'a';

    if (draw(c, 3) == 0) {
        answer.again = true;
        answer.due_us = c->now_us + (int64_t)draw(c, 300);
        answer.tries.attempts = job->robots.tries.attempts + 1;
    } else {
        c->known_until_us[origin] = c->now_us + answer.keep_us;
        if (draw(c, 4))
            answer.known = make_known("User-agent: *\nDisallow: /x\nDisallow: /y*z");
    }
    job->attempt =
        (struct haul_attempt){.contact = draw(c, 9) ? HAUL_CONTACT_MADE : HAUL_CONTACT_FAILED};
    c->asking[origin]--;
    haul_sched_tell_robots(play.sched, job, &answer, c->now_us);
}

static void end_by_chance(struct chance *c, int worker)
{
    struct haul_job *job = c->running[worker];

    c->running[worker] = NULL;
    if (job->robots.asks && draw(c, 8)) {
        tell_by_chance(c, job);
        return;
    }
    c->asking[job->origin[0] - 'a'] -= job->robots.asks;
    job->attempt = (struct haul_attempt){
        .unasked = draw(c, 2), .contact = draw(c, 2) ? HAUL_CONTACT_MADE : HAUL_CONTACT_UNKNOWN};
    if (job->attempt.unasked)
        job->attempt.contact = HAUL_CONTACT_UNKNOWN;
    if (draw(c, 4) == 0) {
        haul_sched_park(play.sched, job, c->now_us + (int64_t)draw(c, 200), c->now_us);
        return;
    }
    haul_sched_finish(play.sched, job, c->now_us);
    haul_job_free(job);
    c->out++;
}

static void pop_by_chance(struct chance *c, int worker)
{
    struct haul_job *job;
    int64_t until_us;

    switch (haul_sched_pop(play.sched, &play.affinity[worker], c->now_us, &job, &until_us)) {
    case HAUL_POP_RUN:
        judge_start(c, job);
        c->running[worker] = job;
        break;
    case HAUL_POP_SKIP:
    case HAUL_POP_PENDING:
        haul_job_free(job);
        c->out++;
        break;
    case HAUL_POP_WAIT:
        ck_assert_int_gt(until_us, c->now_us);
        break;
    case HAUL_POP_END:
        break;
    }
}

static void step(struct chance *c)
{
    int worker = (int)draw(c, WORKERS);

    c->now_us += (int64_t)draw(c, 40);
    if (draw(c, 3) == 0 && haul_sched_has_room(play.sched))
        play_push(&play, (char[]){(char)('a' + draw(c, ORIGINS)), '\0'}, c->now_us);
    if (c->running[worker])
        end_by_chance(c, worker);
    else
        pop_by_chance(c, worker);
}

START_TEST(gate_holds_whatever_happens)
{
    struct haul_robots_known *sample = make_known("User-agent: *\nDisallow: /x\nDisallow: /y*z");
    struct chance c = {.random = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(_i + 1)};

    const struct haul_sched_limits limits = {.window = 20,
                                             .per_host = _i % 3,
                                             .host_interval_us = _i % 2 ? 30 : 0,
                                             .host_fail_limit = _i % 4 == 3 ? 4 : 0,
                                             .robots_bytes = 4 * sample->bytes};

    start_play(&play, &limits);
    haul_robots_known_free(sample);
    for (int i = 0; i < STEPS; i++)
        step(&c);
    haul_sched_drain(play.sched, c.now_us);
    haul_sched_close(play.sched);
    while (!haul_sched_has_ended(play.sched))
        for (int worker = 0; worker < WORKERS; worker++) {
            if (c.running[worker])
                end_by_chance(&c, worker);
            else
                pop_by_chance(&c, worker);
        }
    ck_assert_uint_eq(c.out, play.pushed);
    ck_assert_uint_gt(c.out, STEPS / 60);
    end_play(&play);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sched_robots_model");
    TCase *tcase = tcase_create("gate");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tcase, 10);
    tcase_add_loop_test(tcase, gate_holds_whatever_happens, 0, SEEDS);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
