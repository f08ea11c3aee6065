#ifndef HAUL_BASE_CLOCK_H
#define HAUL_BASE_CLOCK_H

#include <stdint.h>

/* "Never", as a point in time. */
#define HAUL_CLOCK_NEVER INT64_MAX

/* Monotonic time in microseconds since an arbitrary point (CLOCK_MONOTONIC). Any thread. */
int64_t haul_clock_us(void);

/* Wall-clock time in microseconds since 1970-01-01 UTC (CLOCK_REALTIME). Any thread. */
int64_t haul_clock_wall_us(void);

#endif
