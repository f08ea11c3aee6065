#include "engine/sched_inside.h"

struct haul_sched_counts haul_sched_count(const struct haul_sched *sched)
{
    return (struct haul_sched_counts){.admitted = sched->admitted,
                                      .ready = sched->ready,
                                      .parked = sched->parked.count,
                                      .running = sched->running,
                                      .origins = sched->origins.count};
}

const struct haul_job *haul_sched_oldest(const struct haul_sched *sched)
{
    return sched->running_head;
}

const struct haul_job *haul_sched_next_parked(const struct haul_sched *sched)
{
    return haul_heap_first(&sched->parked);
}

void haul_sched_each_origin(const struct haul_sched *sched,
                            void (*each)(void *arg, const struct haul_origin_status *status),
                            void *arg)
{
    const struct haul_origin *o = NULL;

    while ((o = haul_origin_next(&sched->origins, o))) {
        struct haul_origin_status status = {.key = o->key,
                                            .ready = o->ready.count,
                                            .running = o->running,
                                            .parked = o->parked,
                                            .not_before_us = o->pace.not_before_us,
                                            .failures = o->pace.failures,
                                            .down = o->down != HAUL_REASON_NONE};

        if (status.ready || status.running || status.parked || status.down)
            each(arg, &status);
    }
}

void haul_sched_each_running(const struct haul_sched *sched, size_t max,
                             void (*each)(void *arg, const struct haul_job *job), void *arg)
{
    for (const struct haul_job *job = sched->running_head; job && max; job = job->succ, max--)
        each(arg, job);
}
