#include <check.h>

#include "fail_alloc.h"
#include "play_sched.h"

static struct haul_job *make_mirrored(const char *origin, const char *mirror, const char *last)
{
    struct haul_mirror mirrors[] = {{"http://m/", mirror, NULL, NULL},
                                    {"http://n/", last, NULL, NULL}};
    struct haul_entry_options options;
    struct haul_job *job = make_job(origin, 1);

    haul_entry_options_init(&options);
    options.mirrors = mirrors;
    options.mirror_count = last ? 2 : 1;
    ck_assert_int_eq(haul_job_keep_options(job, &options), HAUL_OK);
    return job;
}

static void assert_pops(struct haul_sched *sched, int64_t now_us, enum haul_pop pop,
                        const char *origin)
{
    struct haul_affinity affinity = {0};
    struct haul_job *job = NULL;
    int64_t until_us;

    ck_assert_int_eq(haul_sched_pop(sched, &affinity, now_us, &job, &until_us), pop);
    haul_sched_forget(sched, &affinity);
    if (origin)
        ck_assert_str_eq(job->origin, origin);
}

/* The window holds one job only: moving it needs no place. */
START_TEST(job_moved_waits_for_its_turn_at_the_mirror)
{
    struct haul_sched_limits limits = {.window = 1, .host_interval_us = SECOND};
    struct haul_job *job = make_mirrored("a", "b", "a");
    struct haul_sched *sched;

    ck_assert_int_eq(haul_sched_create(&limits, &sched), HAUL_OK);
    ck_assert_int_eq(haul_sched_push(sched, job, 0), HAUL_OK);
    haul_sched_close(sched);
    assert_pops(sched, 0, HAUL_POP_RUN, "a");
    job->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_MADE};
    ck_assert_int_eq(haul_sched_move(sched, job, 10), HAUL_OK);
    ck_assert_uint_eq(haul_sched_count(sched).admitted, 1);
    ck_assert_str_eq(job->url, "http://m/");
    assert_pops(sched, 10, HAUL_POP_RUN, "b");
    ck_assert_int_eq(haul_sched_move(sched, job, 20), HAUL_OK);
    ck_assert(!haul_job_has_next_mirror(job));
    assert_pops(sched, 20, HAUL_POP_WAIT, NULL); /* as politely as any other of its origin */
    assert_pops(sched, SECOND, HAUL_POP_RUN, "a");
    haul_sched_finish(sched, job, SECOND);
    ck_assert_uint_eq(haul_sched_count(sched).admitted, 0);
    assert_pops(sched, SECOND, HAUL_POP_END, NULL);
    haul_job_free(job);
    haul_sched_free(sched);
}
END_TEST

START_TEST(job_of_an_origin_given_up_goes_to_its_mirror)
{
    struct haul_sched_limits limits = {.window = 8, .host_fail_limit = 1};
    struct haul_job *first = make_job("a", 0), *job = make_mirrored("a", "a", "b");
    struct haul_sched *sched;

    ck_assert_int_eq(haul_sched_create(&limits, &sched), HAUL_OK);
    ck_assert_int_eq(haul_sched_push(sched, first, 0), HAUL_OK);
    ck_assert_int_eq(haul_sched_push(sched, job, 0), HAUL_OK);
    assert_pops(sched, 0, HAUL_POP_RUN, "a");
    first->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_FAILED};
    haul_sched_finish(sched, first, 1);
    haul_job_free(first);
    assert_pops(sched, 1, HAUL_POP_RUN, "b"); /* the first mirror is of the same origin */
    ck_assert_uint_eq(job->mirror, 2);
    job->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_FAILED};
    haul_sched_finish(sched, job, 2);
    ck_assert_uint_eq(haul_sched_count(sched).admitted, 0);
    haul_job_free(job);
    haul_sched_free(sched);
}
END_TEST

START_TEST(job_moved_after_a_stop_is_pending)
{
    struct haul_sched_limits limits = {.window = 8};
    struct haul_job *job = make_mirrored("a", "b", NULL);
    struct haul_sched *sched;

    ck_assert_int_eq(haul_sched_create(&limits, &sched), HAUL_OK);
    ck_assert_int_eq(haul_sched_push(sched, job, 0), HAUL_OK);
    assert_pops(sched, 0, HAUL_POP_RUN, "a");
    haul_sched_drain(sched, 1);
    ck_assert_int_eq(haul_sched_move(sched, job, 2), HAUL_OK);
    assert_pops(sched, 3, HAUL_POP_PENDING, "b");
    haul_job_free(job);
    haul_sched_free(sched);
}
END_TEST

START_TEST(move_without_memory_leaves_the_job_running)
{
    struct haul_sched_limits limits = {.window = 8};
    struct haul_job *job = make_mirrored("a", "b", NULL);
    struct haul_sched *sched;

    ck_assert_int_eq(haul_sched_create(&limits, &sched), HAUL_OK);
    ck_assert_int_eq(haul_sched_push(sched, job, 0), HAUL_OK);
    assert_pops(sched, 0, HAUL_POP_RUN, "a");
    fail_alloc_arm(1);
    ck_assert_int_eq(haul_sched_move(sched, job, 2), HAUL_ERR_NOMEM);
    ck_assert(fail_alloc_disarm());
    ck_assert_uint_eq(haul_sched_count(sched).running, 1);
    ck_assert_uint_eq(job->mirror, 0);
    haul_sched_finish(sched, job, 3);
    haul_job_free(job);
    haul_sched_free(sched);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sched_mirror");
    TCase *tcase = tcase_create("mirror");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_set_timeout(tcase, 10);
    tcase_add_test(tcase, job_moved_waits_for_its_turn_at_the_mirror);
    tcase_add_test(tcase, job_of_an_origin_given_up_goes_to_its_mirror);
    tcase_add_test(tcase, job_moved_after_a_stop_is_pending);
    tcase_add_test(tcase, move_without_memory_leaves_the_job_running);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
