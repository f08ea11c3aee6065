#include <check.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/resultq.h"
#include "play_workq.h"

/* ---- the whole pipeline: pusher, workers, collector ---- */

enum { JOBS_MAX = 4096 };

struct member {
    struct crew *crew;
    struct haul_waiter waiter;
    uv_thread_t thread;
};

struct crew {
    struct haul_workq *queue;
    struct haul_resultq *results;
    struct haul_sched_limits limits;
    int workers, streams, jobs; /* streams > 1: polls while it has work of its own */
    int rendezvous;             /* so many workers must be inside a job at the same time; 0: none */
    bool parks;
    uv_barrier_t start, meeting;
    _Atomic int met;
    _Atomic int running[ORIGINS], peak[ORIGINS];
    _Atomic int started[JOBS_MAX];
    _Atomic int early;        /* jobs that came back before they were due */
    int collected[JOBS_MAX];  /* the collector's, read after it was joined */
    int64_t due_us[JOBS_MAX]; /* of whoever runs the job */
    struct member member[WORKERS_MAX];
    uv_thread_t collector_thread;
};

static int origin_of(const struct haul_job *job)
{
    return job->origin[0] - 'a';
}

static void note_start(struct crew *crew, struct haul_job *job)
{
    int at = origin_of(job);
    int running = atomic_fetch_add(&crew->running[at], 1) + 1;
    int peak = atomic_load(&crew->peak[at]);

    while (running > peak && !atomic_compare_exchange_weak(&crew->peak[at], &peak, running))
        ;
    atomic_fetch_add(&crew->started[job->rec.seq], 1);
    if (haul_clock_us() < crew->due_us[job->rec.seq])
        atomic_fetch_add(&crew->early, 1);
    if (atomic_fetch_add(&crew->met, 1) < crew->rendezvous)
        uv_barrier_wait(&crew->meeting);
}

static void end_job(struct crew *crew, struct haul_job *job, struct haul_job_list *ended)
{
    bool again = crew->parks && job->rec.attempts++ < (int)(job->rec.seq % 3);

    atomic_fetch_sub(&crew->running[origin_of(job)], 1);
    if (again) {
        int64_t due_us = haul_clock_us() + (int64_t)(job->rec.seq % 7) * 100;

        crew->due_us[job->rec.seq] = due_us;
        haul_workq_park(crew->queue, job, due_us);
    } else {
        haul_job_list_add(ended, job);
    }
}

/* Like a worker of the product: blocks when it has nothing under way, else ends one of its own. */
static void run_crew_worker(void *arg)
{
    struct member *member = arg;
    struct crew *crew = member->crew;
    struct haul_job_list own = {0}, ended = {0};
    struct haul_job *job = NULL;
    int64_t until_us;
    enum haul_pop pop;

    uv_barrier_wait(&crew->start);
    do {
        if (ended.head)
            pop = haul_workq_swap(crew->queue, &member->waiter, &ended, &job, &until_us);
        else
            pop = haul_workq_pop(crew->queue, &member->waiter, !own.count, &job, &until_us);
        haul_resultq_push_all(crew->results, &ended);
        if (pop == HAUL_POP_RUN) {
            note_start(crew, job);
            haul_job_list_add(&own, job);
        } else if (pop == HAUL_POP_SKIP || pop == HAUL_POP_PENDING) {
            haul_resultq_push(crew->results, job);
        }
        if (own.count && (pop == HAUL_POP_WAIT || own.count == (size_t)crew->streams))
            end_job(crew, haul_job_list_take(&own), &ended);
    } while (pop != HAUL_POP_END);
}

static void run_crew_collector(void *arg)
{
    struct crew *crew = arg;
    struct haul_job_list jobs;
    struct haul_note *notes;
    struct haul_job *job;

    while (haul_resultq_take_all(crew->results, &jobs, &notes) == HAUL_OK) {
        while ((job = haul_job_list_take(&jobs))) {
            crew->collected[job->rec.seq]++;
            haul_job_free(job);
            sched_yield();
        }
    }
}

static void start_crew(struct crew *crew)
{
    crew->queue = make_queue(&crew->limits);
    ck_assert_int_eq(haul_resultq_create(1, &crew->results), HAUL_OK);
    uv_barrier_init(&crew->start, (unsigned)crew->workers + 1);
    uv_barrier_init(&crew->meeting, crew->rendezvous ? (unsigned)crew->rendezvous : 1);
    for (int i = 0; i < crew->workers; i++) {
        struct member *member = &crew->member[i];

        member->crew = crew;
        ck_assert_int_eq(haul_waiter_init(&member->waiter, 1, NULL, NULL), HAUL_OK);
        uv_thread_create(&member->thread, run_crew_worker, member);
    }
    uv_thread_create(&crew->collector_thread, run_crew_collector, crew);
    uv_barrier_wait(&crew->start);
}

static void join_crew(struct crew *crew)
{
    for (int i = 0; i < crew->workers; i++)
        uv_thread_join(&crew->member[i].thread);
    for (int i = 0; i < crew->workers; i++)
        haul_waiter_done(&crew->member[i].waiter, crew->queue);
    haul_resultq_close(crew->results);
    uv_thread_join(&crew->collector_thread);
    haul_resultq_free(crew->results);
    haul_workq_free(crew->queue);
    uv_barrier_destroy(&crew->start);
    uv_barrier_destroy(&crew->meeting);
}

static void check_crew(const struct crew *crew)
{
    for (int i = 0; i < crew->jobs; i++) {
        ck_assert_int_eq(crew->collected[i], 1);
        ck_assert_int_eq(crew->started[i], crew->parks ? 1 + i % 3 : 1);
    }
    for (int i = 0; i < ORIGINS && crew->limits.per_host; i++)
        ck_assert_int_le(crew->peak[i], crew->limits.per_host);
    ck_assert_int_eq(crew->early, 0);
}

enum { PLAIN, PARKS, POLITE, STREAMS, VARIANT_COUNT };
enum { MATRIX = 5 * 3 * VARIANT_COUNT };

START_TEST(every_matrix_of_workers_and_window_fetches_each_job_once)
{
    static struct crew crew;
    int variant = _i % VARIANT_COUNT;
    size_t window = windows[_i / VARIANT_COUNT % 3];

    crew.workers = worker_counts[_i / VARIANT_COUNT / 3];
    crew.limits = (struct haul_sched_limits){.window = window, .per_host = variant == POLITE};
    crew.streams = variant == STREAMS ? 3 : 1;
    crew.parks = variant == PARKS || variant == STREAMS;
    crew.jobs = 300;
    if (variant == PLAIN)
        crew.rendezvous = crew.workers < (int)window ? crew.workers : (int)window;
    start_crew(&crew);
    for (int i = 0; i < crew.jobs; i++)
        push(crew.queue, i, origin_names[i % ORIGINS]);
    haul_workq_close(crew.queue);
    join_crew(&crew);
    check_crew(&crew);
}
END_TEST

START_TEST(drain_amid_work_accounts_for_every_job)
{
    static struct crew crew = {.workers = 4, .streams = 2, .parks = true, .jobs = 2000};
    int pushed = 0, ended = 0;

    crew.limits = (struct haul_sched_limits){.window = 8};
    start_crew(&crew);
    while (pushed < 100 + 100 * _i)
        push(crew.queue, pushed, origin_names[pushed % ORIGINS]), pushed++;
    haul_workq_drain(crew.queue);
    haul_workq_close(crew.queue);
    join_crew(&crew);
    for (int i = 0; i < crew.jobs; i++) {
        ck_assert_int_eq(crew.collected[i], i < pushed);
        ended += crew.collected[i];
    }
    ck_assert_int_eq(ended, pushed);
}
END_TEST

/* ---- forced overlaps ---- */

/* Three threads do one thing each, all at the same moment, again and again. */
struct overlap {
    struct haul_workq *queue;
    uv_barrier_t round;
    struct haul_job *running; /* of the popper */
    int rounds;
    int pushes; /* each round */
};

static void run_overlap_pusher(void *arg)
{
    struct overlap *o = arg;

    for (int i = 0; i < o->rounds; i++) {
        uv_barrier_wait(&o->round);
        for (int n = 0; n < o->pushes; n++)
            if (haul_workq_push(o->queue, make_job(i, origin_names[i % ORIGINS])))
                abort();
        uv_barrier_wait(&o->round);
    }
}

static void run_overlap_popper(void *arg)
{
    struct overlap *o = arg;
    struct haul_waiter waiter;
    int64_t until_us;

    if (haul_waiter_init(&waiter, 1, NULL, NULL))
        abort();
    for (int i = 0; i < o->rounds; i++) {
        uv_barrier_wait(&o->round);
        if (haul_workq_pop(o->queue, &waiter, true, &o->running, &until_us) != HAUL_POP_RUN)
            abort();
        uv_barrier_wait(&o->round);
    }
    haul_waiter_done(&waiter, o->queue);
}

static void run_overlap_swapper(void *arg)
{
    struct overlap *o = arg;
    struct haul_waiter waiter;

    if (haul_waiter_init(&waiter, 1, NULL, NULL))
        abort();
    for (int i = 0; i < o->rounds; i++) {
        uv_barrier_wait(&o->round);
        if (!(o->running = finish_and_take(o->queue, &waiter, o->running)))
            abort();
        uv_barrier_wait(&o->round);
    }
    haul_waiter_done(&waiter, o->queue);
}

static void start_overlap(struct overlap *o, size_t window, uv_thread_t thread[2],
                          void (*run)(void *arg))
{
    o->queue = make_queue(&(struct haul_sched_limits){.window = window});
    uv_barrier_init(&o->round, 3);
    for (int i = 0; i < o->pushes; i++)
        push(o->queue, i, "a");
    uv_thread_create(&thread[0], run_overlap_pusher, o);
    uv_thread_create(&thread[1], run, o);
}

static void end_overlap(struct overlap *o, uv_thread_t thread[2])
{
    for (int i = 0; i < 2; i++)
        uv_thread_join(&thread[i]);
    haul_workq_free(o->queue);
    uv_barrier_destroy(&o->round);
}

START_TEST(push_pop_and_park_at_the_same_moment_lose_no_wake_up)
{
    struct overlap o = {.rounds = 500, .pushes = 1};
    struct haul_waiter waiter = own_waiter();
    struct haul_job *running;
    uv_thread_t thread[2];

    start_overlap(&o, 1000, thread, run_overlap_popper);
    running = pop_run(o.queue, &waiter);
    for (int i = 0; i < o.rounds; i++) {
        uv_barrier_wait(&o.round);
        haul_workq_park(o.queue, running, haul_clock_us() + 50);
        uv_barrier_wait(&o.round);
        running = o.running;
    }
    haul_workq_park(o.queue, running, in_one_hour());
    haul_waiter_done(&waiter, o.queue);
    end_overlap(&o, thread);
}
END_TEST

/*
 * Window 2: the pushes have room only because jobs end, and there are jobs only because of the
 * pushes.
 */
START_TEST(push_and_two_swaps_at_the_same_moment_lose_no_wake_up)
{
    struct overlap o = {.rounds = 500, .pushes = 2};
    struct haul_waiter waiter = own_waiter();
    struct haul_job *running;
    uv_thread_t thread[2];

    start_overlap(&o, 2, thread, run_overlap_swapper);
    running = pop_run(o.queue, &waiter);
    o.running = pop_run(o.queue, &waiter);
    for (int i = 0; i < o.rounds; i++) {
        uv_barrier_wait(&o.round);
        running = finish_and_take(o.queue, &waiter, running);
        ck_assert_ptr_nonnull(running);
        uv_barrier_wait(&o.round);
    }
    finish(o.queue, running);
    finish(o.queue, o.running);
    haul_waiter_done(&waiter, o.queue);
    end_overlap(&o, thread);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("workq_pipeline");
    TCase *tcase = tcase_create("pipeline");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_set_timeout(tcase, 20);
    tcase_add_loop_test(tcase, every_matrix_of_workers_and_window_fetches_each_job_once, 0, MATRIX);
    tcase_add_loop_test(tcase, drain_amid_work_accounts_for_every_job, 0, 10);
    tcase_add_test(tcase, push_pop_and_park_at_the_same_moment_lose_no_wake_up);
    tcase_add_test(tcase, push_and_two_swaps_at_the_same_moment_lose_no_wake_up);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
