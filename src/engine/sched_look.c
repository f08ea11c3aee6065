#include "base/saturate.h"
#include "engine/sched_inside.h"

struct haul_sched_counts haul_sched_count(const struct haul_sched *sched)
{
    return (struct haul_sched_counts){.admitted = sched->window.admitted,
                                      .ready = sched->ready,
                                      .parked = sched->parked.count,
                                      .running = sched->running,
                                      .spilled = sched->window.spilled,
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

/* Why it was given up, or what may come to that. */
static void look_at_incidents(const struct haul_origin *origin, struct haul_origin_status *status)
{
    status->of = origin->pace.failed.count ? HAUL_REASON_HOST_DOWN : HAUL_REASON_HOST_THROTTLED;
    status->incidents = *haul_pace_incidents(&origin->pace, status->of);
    if (!origin->down)
        return;
    status->of = origin->down;
    status->incidents = origin->incidents;
}

int64_t haul_sched_time_left(const struct haul_sched *sched, int64_t now_us)
{
    const struct haul_heap *timed = &sched->origins.timed;
    int64_t left_us = haul_saturate_mul((int64_t)(sched->ready + sched->window.spilled),
                                        sched->limits.interval_us);

    for (size_t i = 0; i < timed->count; i++) {
        const struct haul_origin *origin = timed->item[i].thing;
        int64_t gap_us = haul_pace_gap_us(&origin->pace);
        int64_t starts = (int64_t)(origin->ready.count + origin->spilled) - 1;
        int64_t own_us = haul_saturate_add(origin->pace.not_before_us - now_us,
                                           haul_saturate_mul(starts, gap_us));

        if (own_us > left_us)
            left_us = own_us;
    }
    return left_us;
}

void haul_sched_each_origin(const struct haul_sched *sched,
                            void (*each)(void *arg, const struct haul_origin_status *status),
                            void *arg)
{
    const struct haul_origin *o = NULL;

    while ((o = haul_origins_next(&sched->origins, o))) {
        struct haul_origin_status status = {.key = o->key,
                                            .ready = o->ready.count,
                                            .running = o->running,
                                            .parked = o->parked,
                                            .spilled = o->spilled,
                                            .not_before_us = o->pace.not_before_us,
                                            .down = o->down != HAUL_REASON_NONE};

        look_at_incidents(o, &status);
        if (status.ready || status.running || status.parked || status.spilled || status.down)
            each(arg, &status);
    }
}

void haul_sched_each_running(const struct haul_sched *sched, size_t max,
                             void (*each)(void *arg, const struct haul_job *job), void *arg)
{
    for (const struct haul_job *job = sched->running_head; job && max; job = job->succ, max--)
        each(arg, job);
}
