#include "base/clock.h"
#include "transfer/transfer_inside.h"

/*
 * A body for which there is no memory to decode it, because others have it, waits for that: its
 * attempt gives back whatever it has, memory and connection, waits with nothing in its hands, and
 * asks again with all memory reserved that its codings can come to need. So nobody who has some
 * ever waits for more, and those who have go on until they are through, or until their own clocks
 * end them: nobody waits for ever.
 *
 * Why it does not stop reading instead, as it would for a slow disk: over HTTP/2 what a server may
 * send before it hears of that is more than a decoder takes, and it is the connection that would
 * stand still with it, on which the memory's holder is served, too.
 *
 * Asked is once more at most, for the same codings: who had everything reserved and is refused all
 * the same has a body that is beyond the limit by itself. That fails.
 */

static struct haul_allowance *memory_of(const struct haul_transfer *t)
{
    return t->env->net->memory;
}

bool haul_transfer_waits(const struct haul_transfer *t)
{
    return t->attempt.waits_for;
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

    if (t->hop.cut != HAUL_REASON_NO_MEMORY || bytes <= t->attempt.reserved)
        return false;
    haul_transfer_count_hop(t);
    t->attempt.reserved = bytes;
    t->attempt.waits_for = decoder;
    haul_decoder_done(&t->decoder);
    haul_decoder_done(&t->other);
    haul_transfer_forget_hop(t);
    haul_response_begin(&t->response, &(struct haul_request_facts){.range_total = -1}, NULL);
    haul_exchange_forget(&t->exchange);
    return true;
}

/* CURLE_OPERATION_TIMEDOUT */
static enum haul_transfer_next end_late(struct haul_transfer *t)
{
    t->attempt.waits_for = NULL;
    haul_transfer_finish_unasked(t, HAUL_REASON_TIMEOUT, 28,
                                 "out of time while others had the memory to decode the body");
    return HAUL_TRANSFER_OVER;
}

enum haul_transfer_next haul_transfer_look_again(struct haul_transfer *t)
{
    struct haul_decoder *decoder = t->attempt.waits_for;

    if (haul_clock_us() >= haul_transfer_until_us(t))
        return end_late(t);
    if (!haul_decoder_reserve(decoder, memory_of(t), t->attempt.reserved))
        return HAUL_TRANSFER_WAITS;
    t->attempt.waits_for = NULL;
    if (haul_transfer_begin_hop(t))
        return HAUL_TRANSFER_ASKS;
    haul_transfer_finish_unasked(t, HAUL_REASON_NO_MEMORY, 27, ""); /* CURLE_OUT_OF_MEMORY */
    return HAUL_TRANSFER_OVER;
}
