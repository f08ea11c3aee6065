#include "wire/meter.h"

enum { NS_PER_US = 1000, NS_PER_S = 1000000000 };

/*
 * So much time that nobody used may be made up for: who wakes late reads more, but after an hour
 * of rest nobody gets more than a tenth of a second's bytes at once.
 */
static const int64_t slack_ns = 100 * 1000 * NS_PER_US;

static const int64_t cost_max_ns = INT64_C(1) << 60; /* some 36 years */

void haul_meter_init(struct haul_meter *meter, int64_t rate)
{
    meter->rate = rate > 0 && rate <= HAUL_METER_RATE_MAX ? rate : 0;
    atomic_init(&meter->due_ns, 0);
}

/* Rounded up: many small reads are not to get more than one large one. */
static int64_t cost_ns(int64_t rate, int64_t bytes)
{
    int64_t whole_s = bytes / rate, rest = bytes % rate;

    if (whole_s >= cost_max_ns / NS_PER_S)
        return cost_max_ns;
    return whole_s * NS_PER_S + (rest * NS_PER_S + rate - 1) / rate;
}

int64_t haul_meter_take(struct haul_meter *meter, int64_t bytes, int64_t now_us)
{
    int64_t earliest_ns = now_us * NS_PER_US - slack_ns;
    int64_t due_ns, begin_ns, cost;

    if (!meter->rate || bytes <= 0)
        return now_us;
    cost = cost_ns(meter->rate, bytes);
    due_ns = atomic_load_explicit(&meter->due_ns, memory_order_relaxed);
    do {
        begin_ns = due_ns > earliest_ns ? due_ns : earliest_ns;
    } while (!atomic_compare_exchange_weak_explicit(
        &meter->due_ns, &due_ns, begin_ns > INT64_MAX - cost ? INT64_MAX : begin_ns + cost,
        memory_order_relaxed, memory_order_relaxed));
    return begin_ns / NS_PER_US + (begin_ns % NS_PER_US > 0);
}

bool haul_meter_is_idle(const struct haul_meter *meter, int64_t now_us)
{
    return atomic_load_explicit(&meter->due_ns, memory_order_relaxed) <= now_us * NS_PER_US;
}
