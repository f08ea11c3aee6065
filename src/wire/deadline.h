#ifndef HAUL_WIRE_DEADLINE_H
#define HAUL_WIRE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "haul/record.h"

/*
 * When an exchange is out of time: --max-time, --speed-limit and --speed-time, in one place.
 *
 * It stalls when fewer body bytes than the limit came in each of the last `speed_time_s` seconds in
 * a row; the seconds are counted from the moment at which the limit was last reached. With a limit
 * of 1 byte a second, that is exactly `speed_time_s` after the last byte. The time that haul itself
 * holds back (--limit-rate) does not count.
 *
 * Pure: the caller says what time it is (monotonic microseconds). One thread.
 */
struct haul_exchange_limits {
    int connect_timeout_ms; /* until connected, name and TLS included; more than 0. libcurl's */
    int64_t until_us;       /* monotonic; when all must be over, or HAUL_CLOCK_NEVER */
    int64_t speed_limit;    /* body bytes per second; slower ... */
    int speed_time_s;       /* ... for so long is a stall. One of them is 0: no limit */
};

struct haul_deadline {
    int64_t until_us; /* HAUL_CLOCK_NEVER: no limit */
    int64_t speed_limit, speed_time_us;
    int64_t slow_since_us; /* HAUL_CLOCK_NEVER: not watched now */
    int64_t second_us;     /* when the second that is counted began */
    int64_t bytes;         /* that came in it */
    int64_t held_until_us; /* by haul_deadline_hold */
};

/* Nothing is watched but `until_us`. */
void haul_deadline_init(struct haul_deadline *deadline, const struct haul_exchange_limits *limits);

/* The request is on its way, or the head of its answer has come: from now on it can stall. */
void haul_deadline_watch(struct haul_deadline *deadline, int64_t now_us);

/* So many body bytes came. */
void haul_deadline_progress(struct haul_deadline *deadline, int64_t bytes, int64_t now_us);

/* From now until `until_us` nothing is read, by haul's own wish. Times that overlap count once. */
void haul_deadline_hold(struct haul_deadline *deadline, int64_t now_us, int64_t until_us);

/* When it will be over unless something comes, or HAUL_CLOCK_NEVER. */
int64_t haul_deadline_next_us(const struct haul_deadline *deadline);

/* NONE, timeout or stall; of both, what came first. */
enum haul_reason haul_deadline_check(const struct haul_deadline *deadline, int64_t now_us);

#endif
