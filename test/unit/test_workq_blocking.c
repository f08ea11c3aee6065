#include <check.h>
#include <sched.h>
#include <stdlib.h>

#include "base/clock.h"
#include "blocked.h"
#include "play_workq.h"

/* ---- one thread that blocks, and what wakes it ---- */

/* A pusher of one job, or a popper that takes `want` answers. */
struct actor {
    struct haul_workq *queue;
    struct haul_job *job;
    enum haul_err err;
    int want;
    enum haul_pop pop[4];
    struct haul_job *got[4];
    int64_t got_at_us[4];
    uv_thread_t thread;
};

static void run_pusher(void *arg)
{
    struct actor *actor = arg;

    actor->err = haul_workq_push(actor->queue, actor->job);
}

static void run_popper(void *arg)
{
    struct actor *actor = arg;
    struct haul_waiter waiter;
    int64_t until_us;

    if (haul_waiter_init(&waiter, 1, NULL, NULL))
        abort();
    for (int i = 0; i < actor->want; i++) {
        actor->pop[i] = haul_workq_pop(actor->queue, &waiter, true, &actor->got[i], &until_us);
        actor->got_at_us[i] = haul_clock_us();
    }
    haul_waiter_done(&waiter, actor->queue);
}

/* Starts it and returns when it blocks. */
static void start_blocking(struct actor *actor, void (*run)(void *arg))
{
    int before = blocked_count();

    uv_thread_create(&actor->thread, run, actor);
    blocked_await(before + 1);
}

START_TEST(blocked_pusher_goes_on_when_a_job_ends)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = windows[_i]});
    struct haul_waiter waiter = own_waiter();
    struct actor pusher = {.queue = queue, .err = HAUL_ERR_COUNT, .job = make_job(99, "a")};
    struct haul_job *job;

    for (int i = 0; i < (int)windows[_i]; i++)
        push(queue, i, "a");
    start_blocking(&pusher, run_pusher);
    job = pop_run(queue, &waiter);
    for (int i = 0; i < (int)windows[_i]; i++)
        job = finish_and_take(queue, &waiter, job);
    uv_thread_join(&pusher.thread);
    ck_assert_int_eq(pusher.err, HAUL_OK);
    ck_assert_ptr_eq(job, pusher.job);
    finish(queue, pusher.job);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

/* The window is full of parked jobs: every place that becomes free is wanted at once. */
START_TEST(blocked_pusher_goes_on_at_once_when_workers_starve)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8});
    struct haul_waiter waiter = own_waiter();
    struct actor pusher = {.queue = queue, .job = make_job(8, "a")};
    struct haul_job *last = NULL;

    for (int i = 0; i < 8; i++)
        push(queue, i, "a");
    for (int i = 0; i < 7; i++)
        haul_workq_park(queue, pop_run(queue, &waiter), in_one_hour());
    last = pop_run(queue, &waiter);
    start_blocking(&pusher, run_pusher);
    ck_assert_ptr_eq(finish_and_take(queue, &waiter, last), pusher.job);
    uv_thread_join(&pusher.thread);
    finish(queue, pusher.job);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

START_TEST(drain_with_a_blocked_pusher_gives_its_job_back)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 3});
    struct haul_waiter waiter = own_waiter();
    struct actor pusher = {.queue = queue, .job = make_job(9, "a")};
    struct haul_job *running, *job;
    int64_t until_us;

    for (int i = 0; i < 3; i++)
        push(queue, i, "a");
    haul_workq_park(queue, pop_run(queue, &waiter), in_one_hour());
    running = pop_run(queue, &waiter);
    start_blocking(&pusher, run_pusher);
    haul_workq_drain(queue);
    uv_thread_join(&pusher.thread);
    ck_assert_int_eq(pusher.err, HAUL_ERR_CLOSED);
    haul_job_free(pusher.job);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(haul_workq_pop(queue, &waiter, true, &job, &until_us), HAUL_POP_PENDING);
        haul_job_free(job);
    }
    haul_workq_park(queue, running, in_one_hour());
    ck_assert_int_eq(haul_workq_pop(queue, &waiter, true, &job, &until_us), HAUL_POP_PENDING);
    haul_job_free(job);
    haul_workq_close(queue);
    ck_assert_int_eq(haul_workq_pop(queue, &waiter, true, &job, &until_us), HAUL_POP_END);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

START_TEST(close_of_an_empty_queue_ends_all_blocked_workers)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8});
    struct actor popper[WORKERS_MAX];

    for (int i = 0; i < worker_counts[_i]; i++) {
        popper[i] = (struct actor){.queue = queue, .want = 1};
        start_blocking(&popper[i], run_popper);
    }
    haul_workq_close(queue);
    for (int i = 0; i < worker_counts[_i]; i++) {
        uv_thread_join(&popper[i].thread);
        ck_assert_int_eq(popper[i].pop[0], HAUL_POP_END);
    }
    haul_workq_free(queue);
}
END_TEST

START_TEST(last_running_job_ended_after_close_ends_all_blocked_workers)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8});
    struct haul_waiter waiter = own_waiter();
    struct actor popper[WORKERS_MAX];
    struct haul_job *job;

    push(queue, 0, "a");
    job = pop_run(queue, &waiter);
    for (int i = 0; i < worker_counts[_i]; i++) {
        popper[i] = (struct actor){.queue = queue, .want = 1};
        start_blocking(&popper[i], run_popper);
    }
    haul_workq_close(queue);
    finish(queue, job);
    for (int i = 0; i < worker_counts[_i]; i++) {
        uv_thread_join(&popper[i].thread);
        ck_assert_int_eq(popper[i].pop[0], HAUL_POP_END);
    }
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

static void count_running(void *arg, const struct haul_job *job)
{
    ck_assert_uint_eq(job->rec.seq, 0);
    ++*(int *)arg;
}

/* A job that does not end holds nobody: others leave, and what waits is there to be reported. */
START_TEST(abandoned_queue_has_ended_for_all)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8, .per_host = 1});
    struct haul_waiter waiter = own_waiter();
    struct haul_job *stuck, *parked, *next = NULL, *job;
    struct haul_job_list left = {0}, ended = {0};
    struct actor popper[WORKERS_MAX];
    int64_t until_us;
    int running = 0;

    push(queue, 0, "a");
    stuck = pop_run(queue, &waiter);
    push(queue, 1, "b");
    parked = pop_run(queue, &waiter);
    haul_workq_park(queue, parked, in_one_hour());
    push(queue, 2, "a");
    for (int i = 0; i < worker_counts[_i]; i++) {
        popper[i] = (struct actor){.queue = queue, .want = 3};
        start_blocking(&popper[i], run_popper);
    }
    haul_workq_drain(queue);
    haul_workq_abandon(queue, &left, count_running, &running);
    ck_assert_int_eq(running, 1);
    for (int i = 0; i < worker_counts[_i]; i++) {
        uv_thread_join(&popper[i].thread);
        ck_assert_int_eq(popper[i].pop[2], HAUL_POP_END);
        for (int k = 0; k < 3; k++)
            if (popper[i].pop[k] == HAUL_POP_PENDING)
                haul_job_free(popper[i].got[k]);
    }
    while ((job = haul_job_list_take(&left))) {
        ck_assert_uint_ge(job->rec.seq, 1);
        haul_job_free(job);
    }
    haul_job_list_add(&ended, stuck);
    ck_assert_int_eq(haul_workq_swap(queue, &waiter, &ended, &next, &until_us), HAUL_POP_END);
    ck_assert_ptr_null(ended.head); /* taken away: it was reported for its worker */
    ck_assert_int_eq(haul_workq_pop(queue, &waiter, true, &next, &until_us), HAUL_POP_END);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
    haul_job_free(stuck);
}
END_TEST

/* Everything is reported, and everyone who waited has come back. */
START_TEST(drain_while_workers_block_gives_the_parked_job_to_one)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8});
    struct haul_waiter waiter = own_waiter();
    struct actor popper[3];
    int pending = 0;

    push(queue, 0, "a");
    haul_workq_park(queue, pop_run(queue, &waiter), in_one_hour());
    for (int i = 0; i < 3; i++) {
        popper[i] = (struct actor){.queue = queue, .want = 1};
        start_blocking(&popper[i], run_popper);
    }
    haul_workq_drain(queue);
    haul_workq_close(queue);
    for (int i = 0; i < 3; i++) {
        uv_thread_join(&popper[i].thread);
        pending += popper[i].pop[0] == HAUL_POP_PENDING;
        ck_assert_int_eq(popper[i].pop[0], popper[i].got[0] ? HAUL_POP_PENDING : HAUL_POP_END);
        haul_job_free(popper[i].got[0]);
    }
    ck_assert_int_eq(pending, 1);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

/* ---- the timekeeper ---- */

START_TEST(parked_job_is_taken_by_a_blocked_worker_when_due)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8});
    struct haul_waiter waiter = own_waiter();
    struct actor popper = {.queue = queue, .want = 1};
    int64_t due_us;

    push(queue, 0, "a");
    due_us = haul_clock_us() + 20000;
    haul_workq_park(queue, pop_run(queue, &waiter), due_us);
    uv_thread_create(&popper.thread, run_popper, &popper);
    uv_thread_join(&popper.thread);
    ck_assert_int_eq(popper.pop[0], HAUL_POP_RUN);
    ck_assert_int_ge(popper.got_at_us[0], due_us);
    finish(queue, popper.got[0]);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

START_TEST(job_parked_for_an_earlier_time_wakes_the_timekeeper)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8});
    struct haul_waiter waiter = own_waiter();
    struct actor popper = {.queue = queue, .want = 1};
    struct haul_job *second;
    int64_t due_us;

    push(queue, 0, "a");
    push(queue, 1, "b");
    haul_workq_park(queue, pop_run(queue, &waiter), in_one_hour());
    second = pop_run(queue, &waiter);
    start_blocking(&popper, run_popper);
    due_us = haul_clock_us() + 10000;
    haul_workq_park(queue, second, due_us);
    uv_thread_join(&popper.thread);
    ck_assert_ptr_eq(popper.got[0], second);
    ck_assert_int_ge(popper.got_at_us[0], due_us);
    finish(queue, second);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

static void look_at_running(void *arg, const struct haul_sched *sched, int64_t now_us)
{
    size_t *running = arg;

    (void)now_us;
    *running = haul_sched_count(sched).running;
}

static void await_running(struct haul_workq *queue, size_t wanted)
{
    size_t running = 0;

    while (haul_workq_inspect(queue, look_at_running, &running), running != wanted)
        sched_yield();
}

/*
 * Two workers are on their way already when jobs are parked, so nobody is woken for these; they
 * find nothing to do, and must see to it that the jobs' time is kept, although another worker keeps
 * a later one. The two have to lose the race for the jobs, which they do nearly always.
 */
START_TEST(job_parked_while_wakes_are_under_way_is_taken_when_due)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8});
    struct haul_waiter waiter = own_waiter();
    struct actor popper[3] = {
        {.queue = queue, .want = 1}, {.queue = queue, .want = 1}, {.queue = queue, .want = 1}};
    struct haul_job *job[2] = {NULL, NULL};
    int64_t until_us;

    push(queue, 0, "a");
    haul_workq_park(queue, pop_run(queue, &waiter), in_one_hour());
    for (int i = 0; i < 3; i++)
        start_blocking(&popper[i], run_popper);
    push(queue, 1, "b");
    push(queue, 2, "c");
    for (int i = 0; i < 2; i++)
        (void)haul_workq_pop(queue, &waiter, false, &job[i], &until_us);
    for (int i = 0; i < 2; i++) {
        if (job[i])
            haul_workq_park(queue, job[i], haul_clock_us() + 20000);
    }
    haul_waiter_done(&waiter, queue); /* it waits no longer, if it has lost */
    await_running(queue, 2);
    haul_workq_drain(queue); /* the third gets the job that is parked for an hour */
    for (int i = 0; i < 3; i++) {
        uv_thread_join(&popper[i].thread);
        ck_assert_ptr_nonnull(popper[i].got[0]);
    }
    for (int i = 0; i < 3; i++) {
        if (popper[i].pop[0] == HAUL_POP_RUN)
            finish(queue, popper[i].got[0]);
        else
            haul_job_free(popper[i].got[0]);
    }
    haul_workq_free(queue);
}
END_TEST

/*
 * The last to have come is woken first: here that is the timekeeper, and the other must follow it.
 */
START_TEST(timekeeper_that_leaves_with_a_job_has_a_successor)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8});
    struct haul_waiter waiter = own_waiter();
    struct actor popper[2] = {{.queue = queue, .want = 1}, {.queue = queue, .want = 1}};
    int before = blocked_count();
    struct haul_job *job;

    push(queue, 0, "a");
    job = pop_run(queue, &waiter);
    start_blocking(&popper[0], run_popper);
    start_blocking(&popper[1], run_popper);
    haul_workq_park(queue, job, haul_clock_us() + 300000);
    blocked_await(before + 3); /* the second one waits again, as timekeeper */
    push(queue, 1, "b");
    for (int i = 0; i < 2; i++) {
        uv_thread_join(&popper[i].thread);
        ck_assert_int_eq(popper[i].pop[0], HAUL_POP_RUN);
    }
    ck_assert_uint_eq(popper[0].got[0]->rec.seq + popper[1].got[0]->rec.seq, 1);
    finish(queue, popper[0].got[0]);
    finish(queue, popper[1].got[0]);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

START_TEST(jobs_due_at_once_wake_as_many_workers)
{
    struct haul_workq *queue = make_queue(&(struct haul_sched_limits){.window = 8});
    struct haul_waiter waiter = own_waiter();
    struct actor popper[4];
    struct haul_job *job[4];
    int64_t due_us;

    for (int i = 0; i < 4; i++)
        push(queue, i, "a");
    for (int i = 0; i < 4; i++)
        job[i] = pop_run(queue, &waiter);
    for (int i = 0; i < 4; i++) {
        popper[i] = (struct actor){.queue = queue, .want = 1};
        start_blocking(&popper[i], run_popper);
    }
    due_us = haul_clock_us() + 10000;
    for (int i = 0; i < 4; i++)
        haul_workq_park(queue, job[i], due_us);
    for (int i = 0; i < 4; i++) {
        uv_thread_join(&popper[i].thread);
        ck_assert_int_ge(popper[i].got_at_us[0], due_us);
    }
    for (int i = 0; i < 4; i++)
        finish(queue, popper[i].got[0]);
    haul_waiter_done(&waiter, queue);
    haul_workq_free(queue);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("workq_blocking");
    TCase *tcase = tcase_create("blocking");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, blocked_pusher_goes_on_when_a_job_ends, 0, COUNT(windows));
    tcase_add_test(tcase, blocked_pusher_goes_on_at_once_when_workers_starve);
    tcase_add_test(tcase, drain_with_a_blocked_pusher_gives_its_job_back);
    tcase_add_loop_test(tcase, close_of_an_empty_queue_ends_all_blocked_workers, 0,
                        COUNT(worker_counts));
    tcase_add_loop_test(tcase, last_running_job_ended_after_close_ends_all_blocked_workers, 0,
                        COUNT(worker_counts));
    tcase_add_loop_test(tcase, abandoned_queue_has_ended_for_all, 0, COUNT(worker_counts));
    tcase_add_test(tcase, drain_while_workers_block_gives_the_parked_job_to_one);
    tcase_add_test(tcase, parked_job_is_taken_by_a_blocked_worker_when_due);
    tcase_add_test(tcase, job_parked_for_an_earlier_time_wakes_the_timekeeper);
    tcase_add_loop_test(tcase, job_parked_while_wakes_are_under_way_is_taken_when_due, 0, 20);
    tcase_add_test(tcase, timekeeper_that_leaves_with_a_job_has_a_successor);
    tcase_add_test(tcase, jobs_due_at_once_wake_as_many_workers);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
