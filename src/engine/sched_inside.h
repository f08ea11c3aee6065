#ifndef HAUL_ENGINE_SCHED_INSIDE_H
#define HAUL_ENGINE_SCHED_INSIDE_H

#include "base/heap.h"
#include "engine/sched.h"
#include "engine/sched_origins.h"
#include "engine/sched_window.h"

/* The inside of the scheduler: for sched.c, which changes it, and sched_look.c, which looks. */
struct haul_sched {
    struct haul_sched_limits limits; /* [const after create] */
    struct haul_origins origins;
    struct haul_heap parked; /* jobs by due time */
    struct haul_job *running_head, *running_tail;
    struct haul_window window;
    size_t running, ready;
    int64_t next_start_us; /* no start at all before */
    bool closed;
};

#endif
