#include <check.h>
#include <stdio.h>

#include "play_sched.h"

/* ---- where the time went ---- */

static void check_times(const struct haul_job *job, int64_t queue_us, int64_t parked_us)
{
    ck_assert_int_eq(job->rec.time_queue_us, queue_us);
    ck_assert_int_eq(job->rec.time_parked_us, parked_us);
}

START_TEST(job_that_waits_for_a_worker_counts_it_as_queue)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 8});
    play_push(&play, "a", 100);
    check_times(play_pop(&play, 0, 350), 250, 0);
    end_play(&play);
}
END_TEST

START_TEST(job_that_waits_for_its_origin_counts_it_as_parked)
{
    struct play play;
    struct haul_job *job;

    start_play(&play, &(struct haul_sched_limits){.window = 8, .per_host = 1});
    play_push(&play, "a", 0);
    play_push(&play, "a", 0);
    job = play_pop(&play, 0, 100);
    haul_sched_finish(play.sched, job, 400);
    haul_job_free(job);
    check_times(play_pop(&play, 0, 450), 150, 300);
    end_play(&play);
}
END_TEST

START_TEST(job_that_nobody_takes_when_its_origin_is_free_again_counts_the_rest_as_queue)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 8, .host_interval_us = 1000});
    play_push(&play, "a", 0);
    play_push(&play, "a", 0);
    play_pop(&play, 0, 0);
    check_times(play_pop(&play, 1, 5000), 4000, 1000);
    end_play(&play);
}
END_TEST

START_TEST(job_taken_long_after_it_was_due_counts_the_rest_as_queue)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 8});
    play_push(&play, "a", 0);
    haul_sched_park(play.sched, play_pop(&play, 0, 10), 500, 100);
    check_times(play_pop(&play, 0, 5000), 10 + 4500, 400);
    end_play(&play);
}
END_TEST

START_TEST(job_that_waits_for_the_rate_of_all_counts_it_as_parked)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 8, .interval_us = 1000});
    for (int i = 0; i < 3; i++)
        play_push(&play, "a", 0);
    check_times(play_pop(&play, 0, 0), 0, 0);
    check_times(play_pop(&play, 0, 1000), 0, 1000);
    check_times(play_pop(&play, 0, 2500), 500, 2000);
    end_play(&play);
}
END_TEST

/* ---- looking ---- */

static void copy_status(void *arg, const struct haul_origin_status *status)
{
    struct haul_origin_status *seen = arg;

    seen[status->key[0] - 'a'] = *status;
}

START_TEST(origins_looked_at_tell_their_state)
{
    struct haul_origin_status seen[3] = {{0}};
    struct haul_job *job;
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 16, .host_fail_limit = 1});
    for (int i = 0; i < 4; i++)
        play_push(&play, "a", 0);
    play_push(&play, "b", 0);
    play_pop(&play, 0, 0);
    haul_sched_park(play.sched, play_pop(&play, 0, 0), 77, 1);
    job = play_pop(&play, 1, 2);
    job->attempt.contact = HAUL_CONTACT_FAILED;
    haul_sched_finish(play.sched, job, 3);
    haul_job_free(job);
    haul_sched_each_origin(play.sched, copy_status, seen);
    ck_assert_uint_eq(seen[0].ready, 2);
    ck_assert_uint_eq(seen[0].running, 1);
    ck_assert_uint_eq(seen[0].parked, 1);
    ck_assert(!seen[0].down);
    ck_assert(seen[1].down);
    ck_assert_int_eq(seen[1].of, HAUL_REASON_HOST_DOWN);
    ck_assert_int_eq(seen[1].incidents.count, 1);
    ck_assert_int_eq(seen[1].incidents.at_us, 3);
    ck_assert_ptr_null(seen[2].key);
    ck_assert_int_eq(haul_sched_next_parked(play.sched)->due_us, 77);
    ck_assert_uint_eq(haul_sched_oldest(play.sched)->rec.seq, 0);
    end_play(&play);
}
END_TEST

static void count_down(void *arg, const struct haul_origin_status *status)
{
    *(int *)arg += status->down;
}

/* What is remembered of origins without jobs has a maximum. */
START_TEST(very_many_dead_origins_take_bounded_memory)
{
    struct play play;
    int remembered = 0;

    start_play(&play, &(struct haul_sched_limits){.window = 8, .host_fail_limit = 1});
    for (int i = 0; i < 20000; i++) {
        struct haul_job *job;
        char name[24];

        snprintf(name, sizeof name, "http://h%d:80", i);
        play_push(&play, name, 0);
        job = play_pop(&play, 0, 0);
        job->attempt.contact = HAUL_CONTACT_FAILED;
        haul_sched_finish(play.sched, job, 0);
        haul_job_free(job);
    }
    haul_sched_each_origin(play.sched, count_down, &remembered);
    ck_assert_int_gt(remembered, 16000);
    ck_assert_uint_le(haul_sched_count(play.sched).origins, 16400);
    end_play(&play);
}
END_TEST

/* The walk through the parked jobs changes their order under its feet: none may be missed. */
START_TEST(origin_given_up_with_very_many_parked_jobs_reports_all_of_them)
{
    enum { PARKED = 30000 };
    struct play play;
    struct haul_job *job;
    int64_t until_us;
    int skipped = 0;

    start_play(&play, &(struct haul_sched_limits){.window = 2 * PARKED + 1, .host_fail_limit = 1});
    for (int i = 0; i < 2 * PARKED; i++)
        play_push(&play, i % 2 ? "a" : "b", 0);
    for (int i = 0; i < 2 * PARKED; i++)
        haul_sched_park(play.sched, play_pop(&play, 0, 0), 1000 + (i * 7919LL) % 65537, 0);
    play_push(&play, "b", 0);
    job = play_pop(&play, 0, 0);
    job->attempt.contact = HAUL_CONTACT_FAILED;
    haul_sched_finish(play.sched, job, 1);
    haul_job_free(job);
    while (haul_sched_pop(play.sched, &play.affinity[0], 1, &job, &until_us) == HAUL_POP_SKIP) {
        ck_assert_str_eq(job->origin, "b");
        haul_job_free(job);
        skipped++;
    }
    ck_assert_int_eq(skipped, PARKED);
    ck_assert_int_eq(until_us, haul_sched_next_parked(play.sched)->due_us);
    end_play(&play);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sched_look");
    TCase *tcase = tcase_create("look");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_set_timeout(tcase, 10);
    tcase_add_test(tcase, job_that_waits_for_a_worker_counts_it_as_queue);
    tcase_add_test(tcase, job_that_waits_for_its_origin_counts_it_as_parked);
    tcase_add_test(tcase,
                   job_that_nobody_takes_when_its_origin_is_free_again_counts_the_rest_as_queue);
    tcase_add_test(tcase, job_taken_long_after_it_was_due_counts_the_rest_as_queue);
    tcase_add_test(tcase, job_that_waits_for_the_rate_of_all_counts_it_as_parked);
    tcase_add_test(tcase, origins_looked_at_tell_their_state);
    tcase_add_test(tcase, very_many_dead_origins_take_bounded_memory);
    tcase_add_test(tcase, origin_given_up_with_very_many_parked_jobs_reports_all_of_them);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
