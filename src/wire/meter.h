#ifndef HAUL_WIRE_METER_H
#define HAUL_WIRE_METER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * --limit-rate: how fast bytes may be received, by all that share the meter. It is a virtual clock
 * (the GCRA of ATM Forum TM 4.0): each byte takes its time on it, and who has just received waits
 * until the clock has come to where his bytes began. One atomic word, no lock: the sum of all is
 * exact, whoever reads. Of time that nobody used, a tenth of a second is made up for.
 *
 * Any thread.
 */
#define HAUL_METER_RATE_MAX INT64_C(8000000000) /* above it there is no limit */

struct haul_meter {
    int64_t rate;           /* [const] bytes per second; 0: no limit */
    _Atomic int64_t due_ns; /* monotonic; by when all bytes so far have had their time */
};

void haul_meter_init(struct haul_meter *meter, int64_t rate);

/* `bytes` came at `now_us`: until when nothing more is to be read by the one who has them; `now_us`
 * or earlier: at once. */
int64_t haul_meter_take(struct haul_meter *meter, int64_t bytes, int64_t now_us);

/* Whether all bytes so far have had their time at `now_us`: it is as good as a new one. */
bool haul_meter_is_idle(const struct haul_meter *meter, int64_t now_us);

#endif
