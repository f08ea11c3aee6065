#include "play_workq.h"

#include <check.h>

#include "base/clock.h"

enum { HOUR_S = 3600 };

const char *const origin_names[ORIGINS] = {"a", "b", "c", "d"};
const int worker_counts[] = {1, 2, 3, 4, 16};
const size_t windows[] = {1, 2, 8};

struct haul_job *make_job(int number, const char *origin)
{
    struct haul_job_text text = {
        .shown = "x", .shown_len = 1, .url = "http://x/", .origin = origin};
    struct haul_job *job = haul_job_create(&text);

    ck_assert_ptr_nonnull(job);
    job->rec.seq = (uint64_t)number;
    return job;
}

struct haul_workq *make_queue(const struct haul_sched_limits *limits)
{
    struct haul_workq *queue = NULL;

    ck_assert_int_eq(haul_workq_create(limits, NULL, NULL, &queue), HAUL_OK);
    return queue;
}

struct haul_waiter own_waiter(void)
{
    struct haul_waiter waiter;

    ck_assert_int_eq(haul_waiter_init(&waiter, 1, NULL, NULL), HAUL_OK);
    return waiter;
}

void push(struct haul_workq *queue, int number, const char *origin)
{
    ck_assert_int_eq(haul_workq_push(queue, make_job(number, origin)), HAUL_OK);
}

struct haul_job *pop_run(struct haul_workq *queue, struct haul_waiter *waiter)
{
    struct haul_job *job = NULL;
    int64_t until_us;

    ck_assert_int_eq(haul_workq_pop(queue, waiter, true, &job, &until_us), HAUL_POP_RUN);
    return job;
}

struct haul_job *finish_and_take(struct haul_workq *queue, struct haul_waiter *waiter,
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

void finish(struct haul_workq *queue, struct haul_job *job)
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

int64_t in_one_hour(void)
{
    return haul_clock_us() + (int64_t)HOUR_S * 1000000;
}
