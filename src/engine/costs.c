#include "engine/costs.h"

enum { HANDSHAKES_WORTH = 4 }; /* so many times its own duration a new connection has to save */

/* The last few count, the last one most. */
static int64_t smoothed(int64_t before, int64_t now)
{
    return before ? before - before / 4 + now / 4 : now;
}

void haul_costs_note(struct haul_costs *costs, const struct haul_attempt *attempt)
{
    if (attempt->setup_us)
        costs->setup_us = smoothed(costs->setup_us, attempt->setup_us);
    if (costs->setup_us)
        costs->work_us = smoothed(costs->work_us, attempt->work_us);
}

bool haul_costs_pay(const struct haul_costs *costs, size_t ready, size_t running,
                    int64_t started_us, int64_t now_us, int64_t *due_us)
{
    int64_t worth_us = HANDSHAKES_WORTH * costs->setup_us;
    int64_t latest_us = started_us + worth_us;

    if (now_us >= latest_us || (int64_t)ready * costs->work_us >= worth_us * (int64_t)running)
        return true;
    if (latest_us < *due_us)
        *due_us = latest_us;
    return false;
}
