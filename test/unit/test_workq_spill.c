#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include "play_workq.h"

/*
 * The work queue with a dispatcher that spills, into an array: who may go on when, who is woken for
 * a refill, and all of it with threads.
 */

static void count_nudge(void *arg)
{
    ++*(atomic_int *)arg;
}

static enum haul_offer offer(struct haul_workq *queue, int number, const char *origin,
                             struct haul_refill *refill)
{
    struct haul_job *job = make_job(number, origin);
    enum haul_offer offer = haul_workq_offer(queue, job, HAUL_OFFER_MAY_SPILL, refill);

    if (offer != HAUL_OFFER_TAKEN)
        haul_job_free(job);
    return offer;
}

/* A worker that runs one job and a second one that finds nothing, with a window of 4. */
struct scene {
    struct haul_workq *queue;
    struct haul_waiter busy, idle;
    struct haul_job *job;
    atomic_int nudges;
};

static void begin_scene(struct scene *s)
{
    struct haul_job *none = NULL;
    int64_t until_us;

    s->queue = make_queue(&(struct haul_sched_limits){.window = 4, .per_host = 1});
    s->busy = own_waiter();
    s->idle = own_waiter();
    atomic_init(&s->nudges, 0);
    haul_workq_set_nudge(s->queue, count_nudge, &s->nudges);
    push(s->queue, 0, "a");
    s->job = pop_run(s->queue, &s->busy);
    ck_assert_int_eq(haul_workq_pop(s->queue, &s->idle, false, &none, &until_us), HAUL_POP_WAIT);
}

static void end_scene(struct scene *s)
{
    haul_job_free(s->job);
    haul_waiter_done(&s->busy, s->queue);
    haul_waiter_done(&s->idle, s->queue);
    haul_workq_free(s->queue);
}

START_TEST(host_that_is_full_is_spilled_while_a_worker_waits)
{
    struct haul_refill refill;
    struct scene s;

    begin_scene(&s);
    ck_assert_int_eq(offer(s.queue, 1, "a", &refill), HAUL_OFFER_TAKEN);
    ck_assert_int_eq(offer(s.queue, 2, "a", &refill), HAUL_OFFER_SPILL);
    ck_assert_int_eq(offer(s.queue, 3, "a", &refill), HAUL_OFFER_SPILL);
    ck_assert_int_eq(offer(s.queue, 4, "b", &refill), HAUL_OFFER_TAKEN);
    ck_assert(!haul_workq_is_nudged(s.queue));
    end_scene(&s);
}
END_TEST

START_TEST(dispatcher_elsewhere_is_nudged_once_for_a_refill)
{
    struct haul_refill refill = {0};
    struct haul_job_list jobs = {0};
    struct scene s;

    begin_scene(&s);
    ck_assert_int_eq(offer(s.queue, 1, "a", &refill), HAUL_OFFER_TAKEN);
    ck_assert_int_eq(offer(s.queue, 2, "a", &refill), HAUL_OFFER_SPILL);
    ck_assert(!haul_workq_take_refill(s.queue, &refill));
    s.job = finish_and_take(s.queue, &s.busy, s.job);
    ck_assert_int_eq(s.nudges, 1);
    s.job = (finish(s.queue, s.job), NULL);
    ck_assert_int_eq(s.nudges, 1);
    ck_assert(haul_workq_is_nudged(s.queue));
    ck_assert(haul_workq_take_refill(s.queue, &refill));
    ck_assert(!haul_workq_is_nudged(s.queue));
    haul_job_list_add(&jobs, make_job(2, "a"));
    ck_assert_int_eq(haul_workq_refill(s.queue, &refill, &jobs), HAUL_OK);
    ck_assert_int_eq(haul_workq_offer(s.queue, NULL, 0, &refill), HAUL_OFFER_TAKEN);
    end_scene(&s);
}
END_TEST

START_TEST(after_a_stop_nothing_is_taken_or_asked_for)
{
    struct haul_refill refill;
    struct haul_job_list jobs = {0};
    struct scene s;

    begin_scene(&s);
    ck_assert_int_eq(offer(s.queue, 1, "a", &refill), HAUL_OFFER_TAKEN);
    ck_assert_int_eq(offer(s.queue, 2, "a", &refill), HAUL_OFFER_SPILL);
    haul_workq_drain(s.queue);
    ck_assert(!haul_workq_take_refill(s.queue, &refill));
    ck_assert_int_eq(haul_workq_offer(s.queue, NULL, 0, &refill), HAUL_OFFER_CLOSED);
    haul_job_list_add(&jobs, make_job(2, "a"));
    ck_assert_int_eq(haul_workq_refill(s.queue, &refill, &jobs), HAUL_ERR_CLOSED);
    haul_job_free(haul_job_list_take(&jobs));
    end_scene(&s);
}
END_TEST

/* ---- threads ---- */

enum { JOBS = 20000 };

struct pool {
    struct haul_workq *queue;
    uv_barrier_t begin;
    atomic_int next[ORIGINS]; /* of each origin, the least number that may start */
    atomic_int ended, disorders;
};

/* One at a time of each origin: so their order is seen without a doubt. */
static void run_worker(void *arg)
{
    struct pool *pool = arg;
    struct haul_waiter waiter;
    struct haul_job *job;
    int64_t until_us;

    if (haul_waiter_init(&waiter, 1, NULL, NULL))
        abort();
    uv_barrier_wait(&pool->begin);
    if (haul_workq_pop(pool->queue, &waiter, true, &job, &until_us) != HAUL_POP_RUN)
        job = NULL;
    while (job) {
        atomic_int *next = &pool->next[*job->origin - 'a'];

        pool->disorders += (int)job->rec.seq < *next;
        *next = (int)job->rec.seq + 1;
        pool->ended++;
        job = finish_and_take(pool->queue, &waiter, job);
    }
    haul_waiter_done(&waiter, pool->queue);
}

struct shelf {
    struct haul_job *job[JOBS];
    int64_t place[JOBS];
    int count, ever;
};

static void bring_back(struct haul_workq *queue, struct shelf *shelf, struct haul_refill *refill)
{
    struct haul_job_list jobs = {0};
    int kept = 0;

    for (int i = 0; i < shelf->count; i++) {
        int64_t at = shelf->place[i] - refill->place;

        if (at >= 0 && at < (int64_t)refill->count) {
            haul_job_list_add(&jobs, shelf->job[i]);
            continue;
        }
        shelf->job[kept] = shelf->job[i];
        shelf->place[kept++] = shelf->place[i];
    }
    shelf->count = kept;
    if (jobs.count != refill->count || haul_workq_refill(queue, refill, &jobs))
        abort();
}

/* Half of all are of one origin. */
static void dispatch(struct haul_workq *queue, struct shelf *shelf)
{
    struct haul_refill refill;
    int number = 0;

    while (number <= JOBS) {
        int origin = number % 2 ? 0 : number / 2 % ORIGINS;
        struct haul_job *job = number < JOBS ? make_job(number, origin_names[origin]) : NULL;
        enum haul_offer is;

        while ((is = haul_workq_offer(queue, job, HAUL_OFFER_MAY_SPILL, &refill)) ==
               HAUL_OFFER_REFILL)
            bring_back(queue, shelf, &refill);
        if (is == HAUL_OFFER_SPILL) {
            shelf->job[shelf->count] = job;
            shelf->place[shelf->count++] = refill.place;
            shelf->ever++;
        }
        number++;
    }
    haul_workq_close(queue);
}

START_TEST(threads_get_every_job_once_and_in_order)
{
    static struct shelf shelf;
    const int workers = worker_counts[_i];
    struct pool pool = {.queue =
                            make_queue(&(struct haul_sched_limits){.window = 16, .per_host = 1})};
    uv_thread_t thread[WORKERS_MAX];

    uv_barrier_init(&pool.begin, (unsigned)workers + 1);
    for (int i = 0; i < workers; i++)
        ck_assert_int_eq(uv_thread_create(&thread[i], run_worker, &pool), 0);
    uv_barrier_wait(&pool.begin);
    dispatch(pool.queue, &shelf);
    for (int i = 0; i < workers; i++)
        uv_thread_join(&thread[i]);
    ck_assert_int_eq(pool.ended, JOBS);
    ck_assert_int_eq(pool.disorders, 0);
    ck_assert_int_eq(shelf.count, 0);
    if (workers == WORKERS_MAX) /* more than there are origins: there is always one that waits */
        ck_assert_int_gt(shelf.ever, 0);
    haul_workq_free(pool.queue);
    uv_barrier_destroy(&pool.begin);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("workq_spill");
    TCase *tcase = tcase_create("spill");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tcase, host_that_is_full_is_spilled_while_a_worker_waits);
    tcase_add_test(tcase, dispatcher_elsewhere_is_nudged_once_for_a_refill);
    tcase_add_test(tcase, after_a_stop_nothing_is_taken_or_asked_for);
    tcase_add_loop_test(tcase, threads_get_every_job_once_and_in_order, 0, COUNT(worker_counts));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
