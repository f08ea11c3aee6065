#include <check.h>

#include "base/clock.h"
#include "fail_alloc.h"
#include "play_workq.h"

/* ---- the end of one and the start of the next ---- */

START_TEST(swap_gives_the_place_of_the_ended_to_the_next)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8, .per_host = 1});
    struct haul_waiter waiter = own_waiter();
    struct haul_job_list ended = {0};
    struct haul_job *first, *second = NULL;
    int64_t until_us;

    push(queue, 0, "a");
    push(queue, 1, "a");
    first = pop_run(queue, &waiter);
    haul_job_list_add(&ended, first);
    ck_assert_int_eq(haul_workq_swap(queue, &waiter, &ended, &second, &until_us), HAUL_POP_RUN);
    ck_assert_uint_eq(second->rec.seq, 1);
    ck_assert_ptr_eq(haul_job_list_take(&ended), first);
    haul_workq_close(queue);
    haul_job_list_add(&ended, second);
    ck_assert_int_eq(haul_workq_swap(queue, &waiter, &ended, &second, &until_us), HAUL_POP_END);
    haul_job_free(first);
    haul_job_free(haul_job_list_take(&ended));
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

static void run_pusher_of_one(void *arg)
{
    push(arg, 1, "a");
}

START_TEST(swap_lets_a_blocked_pusher_go_on)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 1});
    struct haul_waiter waiter = own_waiter();
    struct haul_job_list ended = {0};
    struct haul_job *next = NULL;
    uv_thread_t pusher;
    int64_t until_us;

    push(queue, 0, "a");
    haul_job_list_add(&ended, pop_run(queue, &waiter));
    ck_assert_int_eq(uv_thread_create(&pusher, run_pusher_of_one, queue), 0);
    if (haul_workq_swap(queue, &waiter, &ended, &next, &until_us) == HAUL_POP_WAIT)
        next = pop_run(queue, &waiter);
    uv_thread_join(&pusher);
    ck_assert_uint_eq(next->rec.seq, 1);
    finish(queue, next);
    haul_job_free(haul_job_list_take(&ended));
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

/* ---- the polling waiter ---- */

static void post_semaphore(void *arg)
{
    uv_sem_post(arg);
}

static void poll_in_vain(struct haul_workq *queue, struct haul_waiter *waiter)
{
    struct haul_job *job;
    int64_t until_us;

    ck_assert_int_eq(haul_workq_pop(queue, waiter, false, &job, &until_us), HAUL_POP_WAIT);
}

static struct haul_job *poll_run(struct haul_workq *queue, struct haul_waiter *waiter)
{
    struct haul_job *job = NULL;
    int64_t until_us;

    ck_assert_int_eq(haul_workq_pop(queue, waiter, false, &job, &until_us), HAUL_POP_RUN);
    return job;
}

/* Every event that gives a polling waiter something to do calls its wake function, once. */
START_TEST(polling_waiter_is_woken_by_every_event)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8, .per_host = 1});
    struct haul_waiter waiter, other = own_waiter();
    struct haul_job *job, *parked;
    int64_t until_us;
    uv_sem_t woken;

    uv_sem_init(&woken, 0);
    ck_assert_int_eq(haul_waiter_init(&waiter, 1, post_semaphore, &woken), HAUL_OK);
    poll_in_vain(queue, &waiter);
    push(queue, 0, "a");
    uv_sem_wait(&woken); /* a push */
    job = poll_run(queue, &waiter);
    push(queue, 1, "a");
    poll_in_vain(queue, &waiter);
    ck_assert_int_ne(uv_sem_trywait(&woken), 0);
    haul_workq_park(queue, job, in_one_hour());
    uv_sem_wait(&woken); /* a place at its origin */
    parked = poll_run(queue, &waiter);
    haul_workq_park(queue, parked, in_one_hour());
    poll_in_vain(queue, &waiter);
    push(queue, 2, "b");
    uv_sem_wait(&woken);
    job = pop_run(queue, &other);
    poll_in_vain(queue, &waiter);
    haul_workq_park(queue, job, haul_clock_us() + 1000);
    uv_sem_wait(&woken); /* an earlier time */
    haul_workq_drain(queue);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(haul_workq_pop(queue, &waiter, false, &job, &until_us), HAUL_POP_PENDING);
        haul_job_free(job);
    }
    poll_in_vain(queue, &waiter);
    haul_workq_close(queue);
    uv_sem_wait(&woken); /* the end */
    ck_assert_int_eq(haul_workq_pop(queue, &waiter, false, &job, &until_us), HAUL_POP_END);
    ck_assert_int_ne(uv_sem_trywait(&woken), 0);
    haul_waiter_done(&waiter, queue);
    haul_waiter_done(&other, queue);
    haul_workq_free(queue);
    uv_sem_destroy(&woken);
}
END_TEST

/* A worker that comes back the moment it is called, and finds nothing, and waits again. */
struct eager {
    struct haul_workq *queue;
    struct haul_waiter waiter;
    int calls;
};

static void come_back_at_once(void *arg)
{
    struct eager *eager = arg;
    struct haul_job *job;
    int64_t until_us;

    if (++eager->calls < 1000)
        (void)haul_workq_pop(eager->queue, &eager->waiter, false, &job, &until_us);
}

START_TEST(close_or_drain_with_work_under_way_does_not_call_waiters_for_ever)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8});
    struct eager eager[2] = {{.queue = queue}, {.queue = queue}};
    struct haul_waiter waiter = own_waiter();
    struct haul_job *job;

    push(queue, 0, "a");
    job = pop_run(queue, &waiter);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(haul_waiter_init(&eager[i].waiter, 1, come_back_at_once, &eager[i]),
                         HAUL_OK);
        poll_in_vain(queue, &eager[i].waiter);
    }
    if (_i)
        haul_workq_drain(queue);
    else
        haul_workq_close(queue);
    ck_assert_int_le(eager[0].calls + eager[1].calls, 2);
    finish(queue, job);
    for (int i = 0; i < 2; i++)
        haul_waiter_done(&eager[i].waiter, queue);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

/* ---- enough was received ---- */

enum { ENOUGH = 250 };

/* Ends a job that has received so many bytes, and asks for the next. */
static enum haul_pop end_and_ask(struct haul_workq *queue, struct haul_waiter *waiter,
                                 struct haul_job *job, int64_t received, struct haul_job **next)
{
    struct haul_job_list ended = {0};
    enum haul_pop pop;
    int64_t until_us;

    job->received = received;
    haul_job_list_add(&ended, job);
    *next = NULL;
    pop = haul_workq_swap(queue, waiter, &ended, next, &until_us);
    haul_job_free(job);
    return pop;
}

/* Nobody but the queue knows of the bytes: the collector may be waiting for a reader. */
START_TEST(nothing_starts_once_enough_was_received)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 16});
    struct haul_waiter waiter = own_waiter();
    struct haul_job *job, *other, *late = make_job(9, "a");
    int64_t until_us;

    haul_workq_limit_total(queue, ENOUGH);
    for (int i = 0; i < 6; i++)
        push(queue, i, "a");
    other = pop_run(queue, &waiter);
    job = pop_run(queue, &waiter);
    ck_assert_int_eq(end_and_ask(queue, &waiter, job, ENOUGH - 1, &job), HAUL_POP_RUN);
    haul_workq_park(queue, job, in_one_hour());
    job = pop_run(queue, &waiter);
    ck_assert_int_eq(end_and_ask(queue, &waiter, job, 1, &job), HAUL_POP_PENDING);
    ck_assert_int_eq(haul_workq_push(queue, late), HAUL_ERR_CLOSED);
    haul_job_free(late);
    for (int left = 2; left > 0; left--) {
        haul_job_free(job);
        ck_assert_int_eq(haul_workq_pop(queue, &waiter, false, &job, &until_us), HAUL_POP_PENDING);
    }
    haul_job_free(job);
    ck_assert_int_eq(haul_workq_pop(queue, &waiter, false, &job, &until_us), HAUL_POP_WAIT);
    haul_workq_drain(queue);
    haul_workq_close(queue);
    ck_assert_int_eq(end_and_ask(queue, &waiter, other, ENOUGH, &job), HAUL_POP_END);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

static void push_in_vain(void *arg)
{
    struct haul_job *job = make_job(1, "a");

    if (haul_workq_push(arg, job) == HAUL_ERR_CLOSED)
        haul_job_free(job);
}

START_TEST(pusher_that_waits_is_told_that_enough_was_received)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 1});
    struct haul_waiter waiter = own_waiter();
    struct haul_job *job;
    uv_thread_t pusher;

    haul_workq_limit_total(queue, ENOUGH);
    push(queue, 0, "a");
    job = pop_run(queue, &waiter);
    ck_assert_int_eq(uv_thread_create(&pusher, push_in_vain, queue), 0);
    ck_assert_int_eq(end_and_ask(queue, &waiter, job, ENOUGH, &job), HAUL_POP_WAIT);
    uv_thread_join(&pusher);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

/* ---- memory runs out, and what is left at the end ---- */

START_TEST(creation_without_memory_fails_cleanly)
{
    struct haul_workq *queue = NULL;
    bool walking = true;

    for (long n = 1; walking; n++) {
        enum haul_err err;

        fail_alloc_arm(n);
        err = haul_workq_create(&(struct haul_sched_limits){.window = 8}, NULL, NULL, &queue);
        walking = fail_alloc_disarm();
        ck_assert_int_eq(err, walking ? HAUL_ERR_NOMEM : HAUL_OK);
    }
    haul_workq_free(queue);
    haul_workq_free(NULL);
}
END_TEST

START_TEST(push_without_memory_gives_the_job_back_and_the_queue_goes_on)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 1});
    struct haul_waiter waiter = own_waiter();
    struct haul_job *job = make_job(0, "a");
    enum haul_err err = HAUL_ERR_NOMEM;
    int failures = 0;

    for (long n = 1; err; n++) {
        fail_alloc_arm(n);
        err = haul_workq_push(queue, job);
        ck_assert_int_eq(err, fail_alloc_disarm() ? HAUL_ERR_NOMEM : HAUL_OK);
        failures += err != HAUL_OK;
    }
    ck_assert_int_ge(failures, 2);
    ck_assert_ptr_eq(pop_run(queue, &waiter), job);
    finish(queue, job);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

START_TEST(queue_freed_with_jobs_frees_them)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8});
    struct haul_waiter waiter = own_waiter();

    for (int i = 0; i < 4; i++)
        push(queue, i, origin_names[i]);
    haul_workq_park(queue, pop_run(queue, &waiter), in_one_hour());
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

static int64_t frozen_clock(void *arg)
{
    return *(const int64_t *)arg;
}

static void copy_now(void *arg, const struct haul_sched *sched, int64_t now_us)
{
    ck_assert_uint_eq(haul_sched_count(sched).admitted, 1);
    *(int64_t *)arg = now_us;
}

START_TEST(queue_with_a_clock_of_its_own_uses_it)
{
    struct haul_workq *queue = NULL;
    int64_t clock_us = 4711, seen_us = 0;

    ck_assert_int_eq(haul_workq_create(&(struct haul_sched_limits){.window = 8}, frozen_clock,
                                       &clock_us, &queue),
                     HAUL_OK);
    push(queue, 0, "a");
    haul_workq_inspect(queue, copy_now, &seen_us);
    ck_assert_int_eq(seen_us, 4711);
    haul_workq_free(queue);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("workq");
    TCase *tcase = tcase_create("workq");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tcase, swap_gives_the_place_of_the_ended_to_the_next);
    tcase_add_test(tcase, swap_lets_a_blocked_pusher_go_on);
    tcase_add_test(tcase, polling_waiter_is_woken_by_every_event);
    tcase_add_loop_test(tcase, close_or_drain_with_work_under_way_does_not_call_waiters_for_ever, 0,
                        2);
    tcase_add_test(tcase, nothing_starts_once_enough_was_received);
    tcase_add_test(tcase, pusher_that_waits_is_told_that_enough_was_received);
    tcase_add_test(tcase, creation_without_memory_fails_cleanly);
    tcase_add_test(tcase, push_without_memory_gives_the_job_back_and_the_queue_goes_on);
    tcase_add_test(tcase, queue_freed_with_jobs_frees_them);
    tcase_add_test(tcase, queue_with_a_clock_of_its_own_uses_it);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
