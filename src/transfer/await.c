#include "base/clock.h"
#include "transfer/transfer_inside.h"

/*
 * A body for which there is no memory to decode it, because others have it, waits for that: its
 * attempt gives back whatever it has, memory and connection, stands in line with nothing in its
 * hands (line.h), and asks again with all memory reserved that its codings can come to need. So
 * nobody who has some ever waits for more, and nobody waits for ever: those who have some are
 * through one day, or the line waits in vain, and all who stand in it fail.
 *
 * Why it does not stop reading instead, as it would for a slow disk: over HTTP/2 what a server may
 * send before it hears of that is more than a decoder takes, and it is the connection that would
 * stand still with it, on which the memory's holder is served, too.
 *
 * Who had everything reserved and is refused all the same has a body that is beyond the limit by
 * itself. That fails. A reserve is for one request: what else the attempt asks for may wait again.
 */

static struct haul_allowance *memory_of(const struct haul_transfer *t)
{
    return t->env->net->memory;
}

/* What it needs, or all that there is at most. */
static int64_t reserve_for(const struct haul_transfer *t, const struct haul_decoder *decoder)
{
    int64_t largest = haul_allowance_largest(memory_of(t));

    return decoder->most < largest ? decoder->most : largest;
}

bool haul_transfer_begin_waiting(struct haul_transfer *t)
{
    struct haul_decoder *decoder = t->hop.short_of_memory;
    int64_t bytes = decoder ? reserve_for(t, decoder) : 0;

    if (t->hop.cut != HAUL_REASON_NO_MEMORY || bytes <= t->hop.reserved)
        return false;
    haul_transfer_count_hop(t);
    haul_transfer_forget_hop(t);
    haul_decoder_done(&t->decoder);
    haul_decoder_done(&t->other);
    haul_response_begin(&t->response, &(struct haul_request_facts){.range_total = -1}, NULL);
    haul_exchange_forget(&t->exchange);
    t->attempt.needs = bytes;
    t->attempt.waits_for = decoder;
    haul_line_enter(t->env->net->line, &t->attempt.waiter, haul_clock_us());
    return true;
}

void haul_transfer_end_waiting(struct haul_transfer *t, bool is_served)
{
    if (!t->attempt.waits_for)
        return;
    t->attempt.waits_for = NULL;
    haul_line_leave(t->env->net->line, &t->attempt.waiter, is_served);
}

/* Another turn than its own it has only when nobody's comes any more. */
static bool take_memory(struct haul_transfer *t, bool in_vain)
{
    return (in_vain || haul_line_is_first(t->env->net->line, &t->attempt.waiter)) &&
           haul_decoder_reserve(t->attempt.waits_for, memory_of(t), t->attempt.needs);
}

enum haul_await haul_transfer_await(struct haul_transfer *t)
{
    int64_t now_us = haul_clock_us();
    bool in_vain = haul_line_is_in_vain(t->env->net->line, now_us);

    if (now_us >= haul_transfer_until_us(t))
        return HAUL_AWAIT_TIMEOUT;
    if (take_memory(t, in_vain))
        return HAUL_AWAIT_SERVED;
    return in_vain ? HAUL_AWAIT_IN_VAIN : HAUL_AWAIT_WAITS;
}
