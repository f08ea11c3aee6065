#ifndef HAUL_ENGINE_SCHED_INSIDE_H
#define HAUL_ENGINE_SCHED_INSIDE_H

#include "base/heap.h"
#include "engine/costs.h"
#include "engine/origin.h"
#include "engine/sched.h"

/* For sched.c, which changes it, and sched_look.c, which looks at it. */
struct haul_sched {
    struct haul_sched_limits limits; /* [const after create] */
    struct haul_origin_table origins;
    struct haul_ring ring[HAUL_PLACE_COUNT]; /* but of those places that are a heap */
    struct haul_heap timed;                  /* origins by not_before */
    struct haul_heap parked;                 /* jobs by due time */
    struct haul_job *running_head, *running_tail;
    size_t admitted, running, ready;
    size_t admitted_bytes;
    int64_t next_start_us;       /* no start at all before */
    struct haul_costs tls_costs; /* of any origin, for those that are not known yet */
    bool closed, draining;
};

#endif
