#include <check.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "blocked.h"
#include "engine/resultq.h"
#include "engine/workq.h"
#include "fail_alloc.h"

/*
 * Threads record, the test's own thread asserts after it has joined them. Nothing sleeps: a test
 * waits until others block (blocked.h), or meets them at a barrier. A lost wake-up is a hang, which
 * the time limit of the case names.
 */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { JOBS_MAX = 4096, ORIGINS = 4, WORKERS_MAX = 16, HOUR_S = 3600 };

static struct haul_job *make_job(int number, const char *origin)
{
    struct haul_job_text text = {
        .shown = "x", .shown_len = 1, .url = "http://x/", .origin = origin};
    struct haul_job *job = haul_job_create(&text);

    ck_assert_ptr_nonnull(job);
    job->rec.seq = (uint64_t)number;
    return job;
}

static struct haul_workq *make_queue(const struct haul_sched_limits *limits)
{
    struct haul_workq *queue = NULL;

    ck_assert_int_eq(haul_workq_create(limits, NULL, NULL, &queue), HAUL_OK);
    return queue;
}

static void push(struct haul_workq *queue, int number, const char *origin)
{
    ck_assert_int_eq(haul_workq_push(queue, make_job(number, origin)), HAUL_OK);
}

static struct haul_job *pop_run(struct haul_workq *queue, struct haul_waiter *waiter)
{
    struct haul_job *job = NULL;
    int64_t until_us;

    ck_assert_int_eq(haul_workq_pop(queue, waiter, true, &job, &until_us), HAUL_POP_RUN);
    return job;
}

/* A job ends as a worker ends it, which has nothing under way then: it waits for the next one. */
static struct haul_job *finish_and_take(struct haul_workq *queue, struct haul_waiter *waiter,
                                        struct haul_job *job)
{
    struct haul_job_list ended = {0};
    struct haul_job *next = NULL;
    int64_t until_us;
    enum haul_pop pop;

    haul_job_list_add(&ended, job);
    pop = haul_workq_swap(queue, waiter, &ended, &next, &until_us);
    if (pop == HAUL_POP_WAIT)
        pop = haul_workq_pop(queue, waiter, true, &next, &until_us);
    haul_job_free(job);
    return pop == HAUL_POP_RUN ? next : NULL;
}

/* The same where there is nothing to take after it. */
static void finish(struct haul_workq *queue, struct haul_job *job)
{
    struct haul_job_list ended = {0};
    struct haul_job *next = NULL;
    struct haul_waiter waiter;
    int64_t until_us;

    ck_assert_int_eq(haul_waiter_init(&waiter, 1, NULL, NULL), HAUL_OK);
    haul_job_list_add(&ended, job);
    (void)haul_workq_swap(queue, &waiter, &ended, &next, &until_us);
    ck_assert_ptr_null(next);
    haul_job_free(job);
    haul_waiter_done(&waiter, queue);
}

static int64_t in_one_hour(void)
{
    return haul_clock_us() + (int64_t)HOUR_S * 1000000;
}

/* ---- the whole pipeline: pusher, workers, collector ---- */

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

static const char *const origin_names[ORIGINS] = {"a", "b", "c", "d"};

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

static const int worker_counts[] = {1, 2, 3, 4, 16};
static const size_t windows[] = {1, 2, 8};
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

static struct haul_waiter own_waiter(void)
{
    struct haul_waiter waiter;

    ck_assert_int_eq(haul_waiter_init(&waiter, 1, NULL, NULL), HAUL_OK);
    return waiter;
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

static TCase *make_pipeline(void)
{
    TCase *tcase = tcase_create("pipeline");

    tcase_set_timeout(tcase, 20);
    tcase_add_loop_test(tcase, every_matrix_of_workers_and_window_fetches_each_job_once, 0, MATRIX);
    tcase_add_loop_test(tcase, drain_amid_work_accounts_for_every_job, 0, 10);
    tcase_add_test(tcase, push_pop_and_park_at_the_same_moment_lose_no_wake_up);
    tcase_add_test(tcase, push_and_two_swaps_at_the_same_moment_lose_no_wake_up);
    return tcase;
}

static TCase *make_blocking(void)
{
    TCase *tcase = tcase_create("blocking");

    tcase_add_loop_test(tcase, blocked_pusher_goes_on_when_a_job_ends, 0, COUNT(windows));
    tcase_add_test(tcase, blocked_pusher_goes_on_at_once_when_workers_starve);
    tcase_add_test(tcase, drain_with_a_blocked_pusher_gives_its_job_back);
    tcase_add_loop_test(tcase, close_of_an_empty_queue_ends_all_blocked_workers, 0,
                        COUNT(worker_counts));
    tcase_add_loop_test(tcase, last_running_job_ended_after_close_ends_all_blocked_workers, 0,
                        COUNT(worker_counts));
    tcase_add_test(tcase, drain_while_workers_block_gives_the_parked_job_to_one);
    tcase_add_test(tcase, parked_job_is_taken_by_a_blocked_worker_when_due);
    tcase_add_test(tcase, job_parked_for_an_earlier_time_wakes_the_timekeeper);
    tcase_add_loop_test(tcase, job_parked_while_wakes_are_under_way_is_taken_when_due, 0, 20);
    tcase_add_test(tcase, timekeeper_that_leaves_with_a_job_has_a_successor);
    tcase_add_test(tcase, jobs_due_at_once_wake_as_many_workers);
    tcase_add_test(tcase, swap_gives_the_place_of_the_ended_to_the_next);
    tcase_add_test(tcase, swap_lets_a_blocked_pusher_go_on);
    tcase_add_test(tcase, polling_waiter_is_woken_by_every_event);
    tcase_add_loop_test(tcase, close_or_drain_with_work_under_way_does_not_call_waiters_for_ever, 0,
                        2);
    return tcase;
}

static TCase *make_memory(void)
{
    TCase *tcase = tcase_create("memory");

    tcase_add_test(tcase, creation_without_memory_fails_cleanly);
    tcase_add_test(tcase, push_without_memory_gives_the_job_back_and_the_queue_goes_on);
    tcase_add_test(tcase, queue_freed_with_jobs_frees_them);
    tcase_add_test(tcase, queue_with_a_clock_of_its_own_uses_it);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("workq");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, make_pipeline());
    suite_add_tcase(suite, make_blocking());
    suite_add_tcase(suite, make_memory());
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
