#include "engine/sched_window.h"

bool haul_window_has_room(const struct haul_window *window)
{
    const struct haul_sched_limits *limits = window->limits;
    bool has_bytes = !limits->window_bytes || window->bytes < limits->window_bytes;

    return !window->admitted || (window->admitted < limits->window && has_bytes);
}

/* How many more jobs there is room for, if they are as large as those that are there. */
static size_t free_room(const struct haul_window *window)
{
    const struct haul_sched_limits *limits = window->limits;
    size_t room = limits->window > window->admitted ? limits->window - window->admitted : 0;
    size_t job_bytes = window->admitted ? window->bytes / window->admitted : 0, left;

    if (!limits->window_bytes || !job_bytes)
        return room;
    left = limits->window_bytes > window->bytes ? limits->window_bytes - window->bytes : 0;
    return left / job_bytes < room ? left / job_bytes : room;
}

static size_t share(const struct haul_window *window)
{
    size_t room = free_room(window);

    return room ? room : 1;
}

static size_t admitted(const struct haul_origin *origin)
{
    return origin->ready.count + origin->running + origin->parked;
}

bool haul_window_is_over(const struct haul_window *window, const struct haul_origin *origin,
                         bool early)
{
    size_t count = admitted(origin);

    return origin->ready.count && count + (early ? count / 3 : 0) >= share(window);
}

/* ---- spilled jobs ---- */

static int64_t place_of(const struct haul_origin *origin, uint32_t number)
{
    return (int64_t)origin->stay << 32 | (int64_t)number;
}

bool haul_window_spill(struct haul_window *window, struct haul_origin *origin, int64_t *place)
{
    if (!origin->spilled) {
        if (window->stays == INT32_MAX)
            return false;
        origin->stay = ++window->stays;
        origin->number = 0;
    }
    if (origin->number == UINT32_MAX)
        return false;
    *place = place_of(origin, origin->number++);
    origin->spilled++;
    window->spilled++;
    return true;
}

void haul_window_unspill(struct haul_window *window, struct haul_origin *origin, size_t count,
                         bool last)
{
    origin->spilled -= count;
    window->spilled -= count;
    if (last)
        origin->number -= (uint32_t)count;
}

/* ---- hunger ---- */

static bool is_hungry(const struct haul_window *window, const struct haul_origin *origin)
{
    return origin->spilled && (!origin->ready.count || admitted(origin) <= share(window) / 2);
}

static struct haul_origin *unlist_first(struct haul_origins *origins)
{
    struct haul_origin *origin = origins->hungry;

    origins->hungry = origin->hungry_next;
    origin->is_listed = false;
    return origin;
}

bool haul_window_has_hungry(const struct haul_window *window, struct haul_origins *origins,
                            int64_t now_us)
{
    while (origins->hungry && !is_hungry(window, origins->hungry)) {
        struct haul_origin *origin = unlist_first(origins);

        if (!origin->spilled) /* it may have to go */
            haul_origins_settle(origins, origin, now_us);
    }
    return origins->hungry;
}

void haul_window_take_hungry(const struct haul_window *window, struct haul_origins *origins,
                             struct haul_refill *out)
{
    struct haul_origin *origin = unlist_first(origins);
    size_t room = free_room(window), has = admitted(origin);
    size_t count = room > has + 1 ? (room - has) / 2 : 1;

    if (count > origin->spilled)
        count = origin->spilled;
    *out =
        (struct haul_refill){.origin = origin,
                             .place = place_of(origin, origin->number) - (int64_t)origin->spilled,
                             .count = count};
}
