#include "play_sched.h"

#include <check.h>

struct haul_job *make_job(const char *origin, uint64_t seq)
{
    struct haul_job_text text = {
        .shown = "x", .shown_len = 1, .url = "http://x/", .origin = origin};
    struct haul_job *job = haul_job_create(&text);

    ck_assert_ptr_nonnull(job);
    job->rec.seq = seq;
    return job;
}

void start_play(struct play *play, const struct haul_sched_limits *limits)
{
    *play = (struct play){0};
    ck_assert_int_eq(haul_sched_create(limits, &play->sched), HAUL_OK);
}

static void free_running(void *arg, const struct haul_job *job)
{
    struct haul_job_list *list = arg;

    haul_job_list_add(list, (struct haul_job *)(uintptr_t)job);
}

void end_play(struct play *play)
{
    struct haul_job_list running = {0};
    struct haul_job *job;

    haul_sched_each_running(play->sched, SIZE_MAX, free_running, &running);
    for (int i = 0; i < WORKERS; i++)
        haul_sched_forget(play->sched, &play->affinity[i]);
    while ((job = haul_job_list_take(&running)))
        haul_job_free(job);
    haul_sched_free(play->sched);
}

void play_push(struct play *play, const char *origin, int64_t at_us)
{
    ck_assert(haul_sched_has_room(play->sched));
    ck_assert_int_eq(haul_sched_push(play->sched, make_job(origin, play->pushed++), at_us),
                     HAUL_OK);
}

struct haul_job *play_pop(struct play *play, int worker, int64_t at_us)
{
    struct haul_job *job = NULL;
    int64_t until_us;

    ck_assert_int_eq(haul_sched_pop(play->sched, &play->affinity[worker], at_us, &job, &until_us),
                     HAUL_POP_RUN);
    return job;
}
