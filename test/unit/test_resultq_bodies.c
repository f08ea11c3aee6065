#include <check.h>
#include <stdlib.h>
#include <uv.h>

#include "blocked.h"
#include "result_world.h"

/*
 * Bodies for an archive come with the results, and take memory and descriptors: how workers are
 * kept from bringing more than the collector appends.
 */

enum { WORKERS = 3 };

static void push_with_bodies(struct haul_resultq *queue, int count)
{
    for (int i = 0; i < count; i++) {
        struct haul_job *job = make_job((uint64_t)i);

        job->parcels = haul_parcel_create("x", 1);
        haul_resultq_push(queue, job);
    }
}

static void take_jobs(struct haul_resultq *queue)
{
    struct haul_job_list jobs;
    struct haul_note *notes;

    ck_assert_int_eq(haul_resultq_take_all(queue, &jobs, &notes), HAUL_OK);
    free(notes);
    while (jobs.head)
        haul_job_free(haul_job_list_take(&jobs));
}

static void count_nudge(void *arg)
{
    ++*(int *)arg;
}

/* What is in hand still counts; and only who was refused is told that there is room. */
START_TEST(bodies_wait_for_those_that_are_not_appended)
{
    struct haul_resultq *queue = make_queue(100000);
    int nudges = 0;

    haul_resultq_set_nudge(queue, count_nudge, &nudges);
    for (int i = 0; i < 2 * HAUL_RESULTQ_BODIES_MAX; i++)
        haul_resultq_push(queue, make_job((uint64_t)i)); /* without a body */
    push_with_bodies(queue, HAUL_RESULTQ_BODIES_MAX - 1);
    ck_assert(haul_resultq_await_bodies(queue, false));
    push_with_bodies(queue, 1);
    for (int refused = 0; refused < 2; refused++) {
        if (refused)
            ck_assert(!haul_resultq_await_bodies(queue, false));
        take_jobs(queue);
        ck_assert_int_eq(nudges, 0);
        if (refused)
            ck_assert(!haul_resultq_await_bodies(queue, false)); /* they are in hand */
        push_with_bodies(queue, 1);
        take_jobs(queue);
        ck_assert_int_eq(nudges, refused);
        ck_assert(haul_resultq_await_bodies(queue, true));
        push_with_bodies(queue, 1);
        push_with_bodies(queue, HAUL_RESULTQ_BODIES_MAX);
    }
    haul_resultq_free(queue);
}
END_TEST

static void run_blocked_worker(void *arg)
{
    haul_resultq_await_bodies(arg, true);
}

START_TEST(worker_without_work_blocks_until_bodies_are_appended)
{
    struct haul_resultq *queue = make_queue(8);
    uv_thread_t workers[WORKERS];
    int before = blocked_count(), nudges = 0;

    haul_resultq_set_nudge(queue, count_nudge, &nudges);
    push_with_bodies(queue, HAUL_RESULTQ_BODIES_MAX + 5);
    for (int i = 0; i < WORKERS; i++)
        uv_thread_create(&workers[i], run_blocked_worker, queue);
    blocked_await(before + WORKERS);
    take_jobs(queue);
    haul_resultq_tell(queue, HAUL_NOTE_MESSAGE, "the taker comes back");
    take_jobs(queue);
    for (int i = 0; i < WORKERS; i++)
        uv_thread_join(&workers[i]);
    haul_resultq_free(queue);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("resultq_bodies");
    TCase *tcase = tcase_create("bodies");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tcase, bodies_wait_for_those_that_are_not_appended);
    tcase_add_test(tcase, worker_without_work_blocks_until_bodies_are_appended);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
