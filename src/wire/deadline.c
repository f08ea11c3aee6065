#include "wire/deadline.h"

#include "base/clock.h"

enum { SECOND_US = 1000000 };

void haul_deadline_init(struct haul_deadline *deadline, const struct haul_exchange_limits *limits)
{
    *deadline = (struct haul_deadline){.until_us = limits->until_us,
                                       .speed_limit = limits->speed_limit,
                                       .speed_time_us = (int64_t)limits->speed_time_s * SECOND_US,
                                       .slow_since_us = HAUL_CLOCK_NEVER};
}

/* Whoever holds it back until later has all the time until then. */
static void begin_again(struct haul_deadline *deadline, int64_t now_us)
{
    int64_t begin_us = now_us > deadline->held_until_us ? now_us : deadline->held_until_us;

    deadline->slow_since_us = deadline->second_us = begin_us;
    deadline->bytes = 0;
}

void haul_deadline_watch(struct haul_deadline *deadline, int64_t now_us)
{
    if (deadline->speed_limit > 0 && deadline->speed_time_us > 0)
        begin_again(deadline, now_us);
}

static bool is_watched(const struct haul_deadline *deadline)
{
    return deadline->slow_since_us != HAUL_CLOCK_NEVER;
}

void haul_deadline_progress(struct haul_deadline *deadline, int64_t bytes, int64_t now_us)
{
    int64_t gone_us = now_us - deadline->second_us;

    if (!is_watched(deadline))
        return;
    if (gone_us >= SECOND_US) {
        deadline->second_us += gone_us - gone_us % SECOND_US;
        deadline->bytes = 0;
    }
    if (bytes >= deadline->speed_limit - deadline->bytes)
        begin_again(deadline, now_us);
    else
        deadline->bytes += bytes;
}

void haul_deadline_hold(struct haul_deadline *deadline, int64_t now_us, int64_t until_us)
{
    int64_t from_us = now_us > deadline->held_until_us ? now_us : deadline->held_until_us;

    if (until_us <= from_us)
        return;
    deadline->held_until_us = until_us;
    if (!is_watched(deadline))
        return;
    deadline->slow_since_us += until_us - from_us;
    deadline->second_us += until_us - from_us;
}

static int64_t stall_us(const struct haul_deadline *deadline)
{
    if (!is_watched(deadline))
        return HAUL_CLOCK_NEVER;
    return deadline->slow_since_us + deadline->speed_time_us;
}

int64_t haul_deadline_next_us(const struct haul_deadline *deadline)
{
    int64_t stall = stall_us(deadline);

    return stall < deadline->until_us ? stall : deadline->until_us;
}

enum haul_reason haul_deadline_check(const struct haul_deadline *deadline, int64_t now_us)
{
    int64_t next_us = haul_deadline_next_us(deadline);

    if (next_us == HAUL_CLOCK_NEVER || now_us < next_us)
        return HAUL_REASON_NONE;
    return next_us == deadline->until_us ? HAUL_REASON_TIMEOUT : HAUL_REASON_STALL;
}
