/*
 * What the work queue costs. Two tables: jobs per second through push and swap, by threads and
 * origins; and one pop by the number of parked jobs, which must not grow with it. Nothing is
 * asserted: times are those of this machine, ratios are what to look at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "base/clock.h"
#include "engine/workq.h"

enum { JOBS = 200000, WINDOW = 4096, ORIGINS_MAX = 10000, THREADS_MAX = 512, POPS = 200000 };

static char origin_name[ORIGINS_MAX][32];

/* A benchmark that cannot be set up has nothing to say. */
static void need(bool happened, const char *what)
{
    if (happened)
        return;
    fprintf(stderr, "bench_workq: %s failed\n", what);
    exit(1);
}

static struct haul_job *make_job(int origin)
{
    struct haul_job_text text = {
        .shown = "x", .shown_len = 1, .url = "http://x/", .origin = origin_name[origin]};
    struct haul_job *job = haul_job_create(&text);

    need(job, "haul_job_create");
    return job;
}

/* ---- threads × origins ---- */

struct member {
    struct haul_workq *queue;
    struct haul_waiter waiter;
    uv_thread_t thread;
};

/* Like a worker: a job ends as the next one is taken, and only a member without one blocks. */
static void run_member(void *arg)
{
    struct member *member = arg;
    struct haul_job_list ended = {0};
    struct haul_job *job;
    int64_t until_us;
    enum haul_pop pop;

    do {
        if (ended.head)
            pop = haul_workq_swap(member->queue, &member->waiter, &ended, &job, &until_us);
        else
            pop = haul_workq_pop(member->queue, &member->waiter, true, &job, &until_us);
        haul_job_free(haul_job_list_take(&ended));
        if (pop == HAUL_POP_RUN)
            haul_job_list_add(&ended, job);
    } while (pop != HAUL_POP_END);
}

static void push_all(struct haul_workq *queue, int origins)
{
    for (int i = 0; i < JOBS; i++)
        need(haul_workq_push(queue, make_job(i % origins)) == HAUL_OK, "haul_workq_push");
    haul_workq_close(queue);
}

/* Jobs per second. */
static double run_pipeline(int threads, int origins)
{
    static struct member member[THREADS_MAX];
    struct haul_workq *queue;
    int64_t start_us;
    double seconds;

    need(haul_workq_create(&(struct haul_sched_limits){.window = WINDOW}, NULL, NULL, &queue) ==
             HAUL_OK,
         "haul_workq_create");
    for (int i = 0; i < threads; i++) {
        member[i].queue = queue;
        need(haul_waiter_init(&member[i].waiter, 1, NULL, NULL) == HAUL_OK, "haul_waiter_init");
        need(uv_thread_create(&member[i].thread, run_member, &member[i]) == 0, "uv_thread_create");
    }
    start_us = haul_clock_us();
    push_all(queue, origins);
    for (int i = 0; i < threads; i++)
        uv_thread_join(&member[i].thread);
    seconds = (double)(haul_clock_us() - start_us) / 1e6;
    for (int i = 0; i < threads; i++)
        haul_waiter_done(&member[i].waiter, queue);
    haul_workq_free(queue);
    return JOBS / seconds;
}

static void print_pipeline(void)
{
    static const int threads[] = {1, 8, 64, 512}, origins[] = {1, ORIGINS_MAX};
    double first = 0;

    printf("%8s %8s %14s %8s\n", "threads", "origins", "jobs/s", "ratio");
    for (size_t o = 0; o < sizeof origins / sizeof *origins; o++) {
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            double rate = run_pipeline(threads[t], origins[o]);

            if (first <= 0)
                first = rate;
            printf("%8d %8d %14.0f %8.2f\n", threads[t], origins[o], rate, rate / first);
        }
    }
}

/* ---- parked jobs ---- */

static void park_jobs(struct haul_sched *sched, struct haul_affinity *affinity, int count)
{
    struct haul_job *job;
    int64_t until_us;

    for (int i = 0; i < count; i++) {
        need(haul_sched_push(sched, make_job(i % ORIGINS_MAX), 0) == HAUL_OK, "haul_sched_push");
        need(haul_sched_pop(sched, affinity, 0, &job, &until_us) == HAUL_POP_RUN, "haul_sched_pop");
        haul_sched_park(sched, job, INT64_MAX / 2 + i * 7919LL % 65537, 0);
    }
}

/* Nanoseconds for one push, pop and finish of a job that is ready, while others are parked. */
static double run_parked(int parked)
{
    struct haul_sched *sched;
    struct haul_affinity affinity = {0};
    struct haul_job *job;
    int64_t until_us, start_us;

    need(haul_sched_create(&(struct haul_sched_limits){.window = (size_t)parked + 1}, &sched) ==
             HAUL_OK,
         "haul_sched_create");
    park_jobs(sched, &affinity, parked);
    job = make_job(0);
    start_us = haul_clock_us();
    for (int i = 1; i <= POPS; i++) {
        need(haul_sched_push(sched, job, i) == HAUL_OK, "haul_sched_push");
        need(haul_sched_pop(sched, &affinity, i, &job, &until_us) == HAUL_POP_RUN,
             "haul_sched_pop");
        haul_sched_finish(sched, job, i);
    }
    start_us = haul_clock_us() - start_us;
    haul_job_free(job);
    haul_sched_forget(sched, &affinity);
    haul_sched_free(sched);
    return (double)start_us * 1000 / POPS;
}

static void print_parked(void)
{
    static const int parked[] = {0, 1000, 100000};
    double first = 0;

    printf("\n%8s %14s %8s\n", "parked", "ns/job", "ratio");
    for (size_t i = 0; i < sizeof parked / sizeof *parked; i++) {
        double cost = run_parked(parked[i]);

        if (first <= 0)
            first = cost;
        printf("%8d %14.0f %8.2f\n", parked[i], cost, cost / first);
    }
}

int main(void)
{
    for (int i = 0; i < ORIGINS_MAX; i++)
        snprintf(origin_name[i], sizeof origin_name[i], "http://h%d.test:80", i);
    print_pipeline();
    print_parked();
    return 0;
}
