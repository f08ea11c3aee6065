#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/sched_robots.h"
#include "play_sched.h"

/*
 * The gate of an origin, with --robots obey: who asks for its robots.txt, who waits for that, and
 * what is remembered of it.
 */

enum { DAY = 24 * 3600 };
#define LONG (DAY * (int64_t)SECOND)

static struct play play;

static void begin_obeying(struct haul_sched_limits limits)
{
    if (!limits.window)
        limits.window = 64;
    if (!limits.robots_bytes)
        limits.robots_bytes = 1 << 20;
    start_play(&play, &limits);
}

static struct haul_robots_known *make_known(const char *text)
{
    struct haul_robots_rules *rules;
    struct haul_robots_known *known;

    ck_assert_int_eq(haul_robots_rules_parse(text, strlen(text), "haul", &rules), HAUL_OK);
    known = haul_robots_known_create(rules, HAUL_REASON_NONE, 0, "", NULL);
    ck_assert_ptr_nonnull(known);
    return known;
}

static void tell(struct haul_job *job, struct haul_robots_answer answer, int64_t at_us)
{
    ck_assert(job->robots.asks);
    job->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_MADE};
    haul_sched_tell_robots(play.sched, job, &answer, at_us);
}

/* Everything is allowed, for a day. */
static void tell_nothing_forbids(struct haul_job *job, int64_t at_us)
{
    tell(job, (struct haul_robots_answer){.keep_us = LONG}, at_us);
}

static void tell_rules(struct haul_job *job, const char *text, int64_t at_us)
{
    tell(job, (struct haul_robots_answer){.keep_us = LONG, .known = make_known(text)}, at_us);
}

static void finish(struct haul_job *job, int64_t at_us)
{
    job->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_MADE};
    haul_sched_finish(play.sched, job, at_us);
    haul_job_free(job);
}

/* Its robots.txt has not allowed it: nothing was asked for. */
static void finish_unasked(struct haul_job *job, int64_t at_us)
{
    job->attempt = (struct haul_attempt){.unasked = true};
    haul_sched_finish(play.sched, job, at_us);
    haul_job_free(job);
}

static void assert_waits(int worker, int64_t at_us, int64_t until_us)
{
    struct haul_job *job;
    int64_t wait_until_us;

    ck_assert_int_eq(
        haul_sched_pop(play.sched, &play.affinity[worker], at_us, &job, &wait_until_us),
        HAUL_POP_WAIT);
    ck_assert_int_eq(wait_until_us, until_us);
}

static struct haul_job *pop_to_fetch(int worker, uint64_t seq, int64_t at_us)
{
    struct haul_job *job = play_pop(&play, worker, at_us);

    ck_assert(!job->robots.asks);
    ck_assert_uint_eq(job->rec.seq, seq);
    return job;
}

static struct haul_job *pop_to_ask(int worker, const char *origin, int64_t at_us)
{
    struct haul_job *job = play_pop(&play, worker, at_us);

    ck_assert(job->robots.asks);
    ck_assert_str_eq(job->origin, origin);
    return job;
}

/* ---- the gate ---- */

START_TEST(first_job_asks_and_goes_first_again)
{
    struct haul_job *job;

    begin_obeying((struct haul_sched_limits){0});
    for (int i = 0; i < 3; i++)
        play_push(&play, "a", 0);
    job = pop_to_ask(0, "a", 0);
    assert_waits(1, 10, HAUL_CLOCK_NEVER);
    ck_assert_uint_eq(haul_sched_count(play.sched).admitted, 3);
    tell_nothing_forbids(job, 20);
    for (uint64_t i = 0; i < 3; i++)
        finish(pop_to_fetch(0, i, 20), 30);
    end_play(&play);
}
END_TEST

START_TEST(others_do_not_wait_for_an_origin_that_is_asked)
{
    struct haul_job *asker[3];

    begin_obeying((struct haul_sched_limits){0});
    for (int i = 0; i < 2; i++)
        for (const char *origin = "abc"; *origin; origin++)
            play_push(&play, (char[]){*origin, '\0'}, 0);
    asker[0] = pop_to_ask(0, "a", 0);
    asker[1] = pop_to_ask(1, "b", 0);
    asker[2] = pop_to_ask(2, "c", 0);
    assert_waits(3, 0, HAUL_CLOCK_NEVER);
    tell_nothing_forbids(asker[1], 5);
    finish(pop_to_fetch(3, 1, 5), 6);
    finish(pop_to_fetch(3, 4, 6), 7);
    assert_waits(3, 7, HAUL_CLOCK_NEVER);
    tell_nothing_forbids(asker[0], 8);
    tell_nothing_forbids(asker[2], 8);
    end_play(&play);
}
END_TEST

START_TEST(nobody_asks_where_robots_are_ignored)
{
    const struct haul_sched_limits limits = {.window = 4};

    start_play(&play, &limits);
    play_push(&play, "a", 0);
    finish(pop_to_fetch(0, 0, 0), 1);
    end_play(&play);
}
END_TEST

/* However it ends: stopped, or without memory. */
START_TEST(asker_that_ends_leaves_it_to_the_next)
{
    begin_obeying((struct haul_sched_limits){0});
    for (int i = 0; i < 2; i++)
        play_push(&play, "a", 0);
    finish_unasked(pop_to_ask(0, "a", 0), 5);
    tell_nothing_forbids(pop_to_ask(0, "a", 5), 6);
    finish(pop_to_fetch(0, 1, 6), 7);
    end_play(&play);
}
END_TEST

START_TEST(mirror_of_another_origin_has_its_own_gate)
{
    struct haul_mirror mirror = {"http://m/", "b", NULL, NULL};
    struct haul_entry_options options;
    struct haul_job *job = make_job("a", 0);

    begin_obeying((struct haul_sched_limits){0});
    haul_entry_options_init(&options);
    options.mirrors = &mirror;
    options.mirror_count = 1;
    ck_assert_int_eq(haul_job_keep_options(job, &options), HAUL_OK);
    ck_assert_int_eq(haul_sched_push(play.sched, job, 0), HAUL_OK);
    tell_rules(pop_to_ask(0, "a", 0), "User-agent: *\nDisallow: /", 1);
    ck_assert_ptr_nonnull(pop_to_fetch(0, 0, 1)->robots.known);
    job->attempt = (struct haul_attempt){.unasked = true};
    ck_assert_int_eq(haul_sched_move(play.sched, job, 2), HAUL_OK);
    tell_nothing_forbids(pop_to_ask(0, "b", 2), 3);
    ck_assert_ptr_null(pop_to_fetch(0, 0, 3)->robots.known);
    finish(job, 4);
    end_play(&play);
}
END_TEST

/* ---- in vain ---- */

START_TEST(request_in_vain_is_repeated_at_its_time)
{
    struct haul_robots_answer again = {
        .again = true, .due_us = 700, .tries = {.attempts = 1, .first_start_us = 3}};
    struct haul_job *job;

    begin_obeying((struct haul_sched_limits){0});
    for (int i = 0; i < 2; i++)
        play_push(&play, "a", 0);
    tell(pop_to_ask(0, "a", 0), again, 10);
    assert_waits(0, 10, 700);
    job = pop_to_ask(1, "a", 700);
    ck_assert_uint_eq(job->rec.seq, 0);
    ck_assert_int_eq(job->robots.tries.attempts, 1);
    ck_assert_int_eq(job->robots.tries.first_start_us, 3);
    tell_nothing_forbids(job, 710);
    job = pop_to_fetch(0, 0, 710);
    ck_assert_int_eq(job->rec.time_parked_us, 710); /* all of it was politeness */
    ck_assert_int_eq(job->rec.time_queue_us, 0);
    finish(job, 720);
    finish(pop_to_fetch(0, 1, 720), 730);
    end_play(&play);
}
END_TEST

START_TEST(count_of_tries_begins_anew_after_an_answer)
{
    struct haul_job *job;

    begin_obeying((struct haul_sched_limits){0});
    play_push(&play, "a", 0);
    tell(pop_to_ask(0, "a", 0), (struct haul_robots_answer){.again = true, .tries = {2, 0, 1}}, 1);
    tell_nothing_forbids(pop_to_ask(0, "a", 1), 2);
    finish(pop_to_fetch(0, 0, 2), 3);
    play_push(&play, "a", 2 * LONG);
    job = pop_to_ask(0, "a", 2 * LONG);
    ck_assert_int_eq(job->robots.tries.attempts, 0);
    tell_nothing_forbids(job, 2 * LONG);
    finish(pop_to_fetch(0, 1, 2 * LONG), 2 * LONG);
    end_play(&play);
}
END_TEST

/* The record of a job that has failed before is its own. */
START_TEST(origin_that_cannot_be_reached_to_be_asked_is_given_up)
{
    struct haul_robots_answer again = {.again = true, .reason = HAUL_REASON_CONNECT};
    struct haul_job *job;
    int64_t until_us;

    begin_obeying((struct haul_sched_limits){.host_fail_limit = 2});
    play_push(&play, "a", 0);
    play_push(&play, "a", 0);
    for (int i = 0; i < 2; i++) {
        job = pop_to_ask(0, "a", i * (int64_t)SECOND);
        job->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_FAILED};
        haul_sched_tell_robots(play.sched, job, &again, i * (int64_t)SECOND);
        ck_assert_int_eq(job->rec.reason, HAUL_REASON_NONE);
    }
    for (uint64_t i = 0; i < 2; i++) {
        ck_assert_int_eq(haul_sched_pop(play.sched, &play.affinity[0], SECOND, &job, &until_us),
                         HAUL_POP_SKIP);
        ck_assert_uint_eq(job->rec.seq, i);
        ck_assert_int_eq(job->rec.reason, HAUL_REASON_HOST_DOWN);
        ck_assert_int_eq(job->incidents.count, 2);
        ck_assert_int_eq(job->incidents.reason, HAUL_REASON_CONNECT);
        haul_job_free(job);
    }
    end_play(&play);
}
END_TEST

/* ---- the pace ---- */

START_TEST(crawl_delay_is_the_pace_from_the_asking_on)
{
    struct haul_robots_answer answer = {.keep_us = LONG, .delay_us = 10 * SECOND};

    begin_obeying((struct haul_sched_limits){.host_interval_us = SECOND});
    for (int i = 0; i < 2; i++)
        play_push(&play, "a", 0);
    tell(pop_to_ask(0, "a", 0), answer, 100);
    assert_waits(0, 100, 10 * SECOND);
    ck_assert_int_eq(haul_sched_time_left(play.sched, 100), 20 * SECOND - 100);
    finish(pop_to_fetch(0, 0, 10 * SECOND), 10 * SECOND + 1);
    assert_waits(0, 10 * SECOND + 1, 20 * SECOND);
    finish(pop_to_fetch(0, 1, 20 * SECOND), 20 * SECOND + 1);
    end_play(&play);
}
END_TEST

START_TEST(crawl_delay_does_not_make_it_faster_than_asked)
{
    struct haul_robots_answer answer = {.keep_us = LONG, .delay_us = SECOND};

    begin_obeying((struct haul_sched_limits){.host_interval_us = 5 * SECOND});
    play_push(&play, "a", 0);
    tell(pop_to_ask(0, "a", 0), answer, 1);
    assert_waits(0, 1, 5 * SECOND);
    finish(pop_to_fetch(0, 0, 5 * SECOND), 5 * SECOND);
    end_play(&play);
}
END_TEST

/* A hundred of them between two that are fetched, at one in ten seconds, cost nothing. */
START_TEST(what_is_disallowed_takes_nobodys_turn)
{
    struct haul_robots_answer answer = {.keep_us = LONG, .delay_us = 10 * SECOND};
    int64_t now_us = 0;

    begin_obeying((struct haul_sched_limits){.window = 200, .interval_us = 2 * SECOND});
    for (int i = 0; i < 102; i++)
        play_push(&play, "a", 0);
    tell(pop_to_ask(0, "a", 0), answer, 1);
    now_us = 10 * SECOND;
    finish(pop_to_fetch(0, 0, now_us), now_us);
    now_us = 20 * SECOND;
    for (uint64_t i = 1; i <= 100; i++, now_us++)
        finish_unasked(pop_to_fetch(0, i, now_us), now_us);
    finish(pop_to_fetch(0, 101, now_us), now_us);
    play_push(&play, "a", now_us);
    assert_waits(0, now_us, now_us + 10 * SECOND);
    end_play(&play);
}
END_TEST

/* The start that is taken back was not the last one. */
START_TEST(turn_of_another_is_not_given_away)
{
    struct haul_job *refused;

    begin_obeying((struct haul_sched_limits){.host_interval_us = SECOND, .interval_us = 10});
    for (int i = 0; i < 3; i++)
        play_push(&play, "a", 0);
    tell_nothing_forbids(pop_to_ask(0, "a", 0), 1);
    refused = pop_to_fetch(0, 0, SECOND);
    finish(pop_to_fetch(1, 1, 2 * SECOND), 2 * SECOND + 1);
    finish_unasked(refused, 2 * SECOND + 2);
    assert_waits(0, 2 * SECOND + 2, 3 * SECOND);
    finish(pop_to_fetch(0, 2, 3 * SECOND), 3 * SECOND);
    end_play(&play);
}
END_TEST

/* ---- what is remembered ---- */

START_TEST(answer_is_kept_for_its_time)
{
    begin_obeying((struct haul_sched_limits){0});
    play_push(&play, "a", 0);
    tell_rules(pop_to_ask(0, "a", 0), "User-agent: *\nDisallow: /x", 1);
    finish(pop_to_fetch(0, 0, 1), 2);
    play_push(&play, "a", LONG);
    finish(pop_to_fetch(0, 1, LONG), LONG);
    play_push(&play, "a", LONG + 1);
    tell_nothing_forbids(pop_to_ask(0, "a", LONG + 1), LONG + 2);
    finish(pop_to_fetch(0, 2, LONG + 2), LONG + 3);
    end_play(&play);
}
END_TEST

/* A job that was started with the old ones ends with them. */
/* A server may tell whom it knows something else. */
START_TEST(what_a_stranger_was_told_is_for_strangers)
{
    struct haul_job *job;

    begin_obeying((struct haul_sched_limits){0});
    for (int i = 0; i < 3; i++)
        play_push(&play, "a", 0);
    job = pop_to_ask(0, "a", 0);
    job->named_by = HAUL_NAMED_BY_STRANGER;
    tell(job, (struct haul_robots_answer){.keep_us = LONG, .is_strangers = true}, 0);
    job = pop_to_fetch(0, 0, 0);
    finish(job, 0);
    job = pop_to_ask(0, "a", 0);
    tell_nothing_forbids(job, 0);
    job = pop_to_fetch(0, 1, 0);
    finish(job, 0);
    job = pop_to_fetch(0, 2, 0);
    finish(job, 0);
    end_play(&play);
}
END_TEST

START_TEST(rules_last_as_long_as_a_job_holds_them)
{
    struct haul_job *job, *other;

    begin_obeying((struct haul_sched_limits){0});
    for (int i = 0; i < 2; i++)
        play_push(&play, "a", 0);
    tell_rules(pop_to_ask(0, "a", 0), "User-agent: *\nDisallow: /x", 1);
    job = pop_to_fetch(0, 0, 1);
    other = pop_to_ask(1, "a", LONG + 1);
    ck_assert(!haul_robots_rules_allow(job->robots.known->rules, "/x", 2));
    tell_rules(other, "User-agent: *\nDisallow: /y", LONG + 2);
    ck_assert(!haul_robots_rules_allow(job->robots.known->rules, "/x", 2));
    other = pop_to_fetch(1, 1, LONG + 2);
    ck_assert(haul_robots_rules_allow(other->robots.known->rules, "/x", 2));
    finish(job, LONG + 3);
    finish(other, LONG + 4);
    end_play(&play);
}
END_TEST

/* There is room for the rules of two. */
START_TEST(rules_used_longest_ago_are_forgotten_first)
{
    const char *text = "User-agent: *\nDisallow: /x";
    struct haul_robots_known *sample = make_known(text);
    struct haul_job *job;
    int64_t now_us = 0;

    begin_obeying((struct haul_sched_limits){.robots_bytes = 2 * sample->bytes + 1});
    haul_robots_known_free(sample);
    for (const char *origin = "abac"; *origin; origin++) {
        play_push(&play, (char[]){*origin, '\0'}, ++now_us);
        job = play_pop(&play, 0, now_us);
        ck_assert(job->robots.asks == (play.pushed != 3));
        if (job->robots.asks) {
            tell_rules(job, text, now_us);
            job = play_pop(&play, 0, now_us);
        }
        finish(job, now_us);
    }
    for (const char *origin = "cab"; *origin; origin++) {
        play_push(&play, (char[]){*origin, '\0'}, ++now_us);
        job = play_pop(&play, 0, now_us);
        ck_assert_msg(job->robots.asks == (*origin == 'b'), "%c", *origin);
        finish_unasked(job, now_us);
    }
    end_play(&play);
}
END_TEST

/* What was forgotten for want of room is not known until it was asked for again. */
START_TEST(rules_forgotten_are_no_permission)
{
    const char *text = "User-agent: *\nDisallow: /x";

    begin_obeying((struct haul_sched_limits){.robots_bytes = 1});
    for (const char *origin = "ab"; *origin; origin++) {
        play_push(&play, (char[]){*origin, '\0'}, 0);
        tell_rules(pop_to_ask(0, (char[]){*origin, '\0'}, 0), text, 1);
        finish(play_pop(&play, 0, 1), 1);
    }
    for (int i = 0; i < 2; i++)
        play_push(&play, "a", 2);
    finish_unasked(pop_to_ask(0, "a", 2), 2);
    finish_unasked(pop_to_ask(0, "a", 2), 2);
    end_play(&play);
}
END_TEST

/* ---- the end ---- */

START_TEST(stop_takes_all_of_an_origin_that_is_asked)
{
    struct haul_job *asker, *job;
    int64_t until_us;

    begin_obeying((struct haul_sched_limits){0});
    for (int i = 0; i < 3; i++)
        play_push(&play, "a", 0);
    asker = pop_to_ask(0, "a", 0);
    haul_sched_close(play.sched);
    haul_sched_drain(play.sched, 1);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(haul_sched_pop(play.sched, &play.affinity[1], 1, &job, &until_us),
                         HAUL_POP_PENDING);
        haul_job_free(job);
    }
    assert_waits(1, 1, HAUL_CLOCK_NEVER);
    tell_rules(asker, "User-agent: *\nDisallow: /", 2);
    ck_assert_int_eq(haul_sched_pop(play.sched, &play.affinity[1], 2, &job, &until_us),
                     HAUL_POP_PENDING);
    ck_assert_ptr_eq(job, asker);
    haul_job_free(job);
    ck_assert(haul_sched_has_ended(play.sched));
    end_play(&play);
}
END_TEST

/* It holds no more than its share of the window, as if it were paused. */
START_TEST(surplus_of_an_origin_that_is_asked_is_spilled)
{
    struct haul_refill refill;
    struct haul_job *asker, *job;

    begin_obeying((struct haul_sched_limits){.window = 8});
    play_push(&play, "a", 0);
    asker = pop_to_ask(0, "a", 0);
    for (int i = 0; i < 3; i++)
        play_push(&play, "a", 0);
    job = make_job("a", 9);
    ck_assert_int_eq(haul_sched_offer(play.sched, job, HAUL_SPILLING_NOW, false, 1, &refill),
                     HAUL_OFFER_SPILL);
    ck_assert_uint_eq(haul_sched_count(play.sched).spilled, 1);
    haul_sched_unspill(play.sched, job, 1);
    haul_job_free(job);
    tell_nothing_forbids(asker, 2);
    end_play(&play);
}
END_TEST

static TCase *gate_cases(void)
{
    TCase *tcase = tcase_create("gate");

    tcase_add_test(tcase, first_job_asks_and_goes_first_again);
    tcase_add_test(tcase, others_do_not_wait_for_an_origin_that_is_asked);
    tcase_add_test(tcase, nobody_asks_where_robots_are_ignored);
    tcase_add_test(tcase, asker_that_ends_leaves_it_to_the_next);
    tcase_add_test(tcase, mirror_of_another_origin_has_its_own_gate);
    tcase_add_test(tcase, request_in_vain_is_repeated_at_its_time);
    tcase_add_test(tcase, count_of_tries_begins_anew_after_an_answer);
    tcase_add_test(tcase, origin_that_cannot_be_reached_to_be_asked_is_given_up);
    return tcase;
}

static TCase *pace_cases(void)
{
    TCase *tcase = tcase_create("pace");

    tcase_add_test(tcase, crawl_delay_is_the_pace_from_the_asking_on);
    tcase_add_test(tcase, crawl_delay_does_not_make_it_faster_than_asked);
    tcase_add_test(tcase, what_is_disallowed_takes_nobodys_turn);
    tcase_add_test(tcase, turn_of_another_is_not_given_away);
    return tcase;
}

static TCase *memory_cases(void)
{
    TCase *tcase = tcase_create("memory");

    tcase_add_test(tcase, answer_is_kept_for_its_time);
    tcase_add_test(tcase, what_a_stranger_was_told_is_for_strangers);
    tcase_add_test(tcase, rules_last_as_long_as_a_job_holds_them);
    tcase_add_test(tcase, rules_used_longest_ago_are_forgotten_first);
    tcase_add_test(tcase, rules_forgotten_are_no_permission);
    tcase_add_test(tcase, stop_takes_all_of_an_origin_that_is_asked);
    tcase_add_test(tcase, surplus_of_an_origin_that_is_asked_is_spilled);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("sched_robots");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, gate_cases());
    suite_add_tcase(suite, pace_cases());
    suite_add_tcase(suite, memory_cases());
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
