#ifndef HAUL_BASE_CLOCK_H
#define HAUL_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* "Never", as a point in time. */
#define HAUL_CLOCK_NEVER INT64_MAX

static inline int64_t haul_clock_read_us(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Monotonic time in microseconds since an arbitrary point. Any thread. */
static inline int64_t haul_clock_us(void)
{
    return haul_clock_read_us(CLOCK_MONOTONIC);
}

/* Wall-clock time in microseconds since 1970-01-01 UTC. Any thread. */
static inline int64_t haul_clock_wall_us(void)
{
    return haul_clock_read_us(CLOCK_REALTIME);
}

#endif
