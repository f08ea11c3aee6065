#include <stdio.h>

#include "transfer/transfer_inside.h"

/* How an attempt ends: its body is saved, left or thrown away, what was captured is handed on, and
 * the record is filled in. */

/* Whether all that came until then is as good as ever. */
static bool is_only_cut(enum haul_reason reason)
{
    switch (reason) {
    case HAUL_REASON_TRUNCATED:
    case HAUL_REASON_TIMEOUT:
    case HAUL_REASON_STALL:
    case HAUL_REASON_RESET:
    case HAUL_REASON_STOPPED:
    case HAUL_REASON_DISK_FULL:
        return true;
    default:
        return false;
    }
}

static void give_up_body(struct haul_transfer *t, const struct haul_verdict *verdict)
{
    const struct haul_body_plan plan = haul_transfer_plan_body(t);
    bool keeps = t->config->continues && verdict->outcome == HAUL_OUTCOME_FAILED;

    if (!t->body.is_begun && !keeps)
        haul_body_sweep(&t->body, &plan);
    if (keeps && is_only_cut(verdict->reason))
        haul_body_leave(&t->body);
    else
        haul_body_discard(&t->body);
}

static const char *last_modified(const struct haul_transfer *t)
{
    return haul_transfer_is_continuation(t) ? t->hop.part.last_modified : t->response.last_modified;
}

/* The rest of a body may come without it. */
static const char *content_type(const struct haul_transfer *t)
{
    return haul_transfer_is_continuation(t) && !*t->response.content_type
               ? t->hop.part.content_type
               : t->response.content_type;
}

/* Who wants the body of a document has one that is empty, whatever came of answers before it. */
static enum haul_reason settle_document(const struct haul_transfer *t)
{
    const struct haul_job_body *body = t->job->body;

    return t->hop.decoding ? HAUL_REASON_NONE : body->begin(body->arg);
}

/* The verdict stands if what is whole can be saved, too. */
static void settle_body(struct haul_transfer *t, struct haul_verdict *verdict)
{
    const struct haul_body_plan plan = haul_transfer_plan_body(t);
    enum haul_reason reason = HAUL_REASON_NONE;

    if (verdict->outcome != HAUL_OUTCOME_OK) {
        give_up_body(t, verdict);
        return;
    }
    if (t->job->body)
        reason = settle_document(t);
    if (!t->body.is_begun && haul_transfer_wants_body(t, &plan)) /* it is empty */
        reason = haul_transfer_begin_saving(t, &plan);
    if (reason == HAUL_REASON_NONE && t->body.is_begun)
        reason = haul_body_publish(&t->body, last_modified(t), content_type(t));
    if (reason == HAUL_REASON_NONE)
        t->job->parcels = haul_body_take_parcel(&t->body);
    else
        *verdict = (struct haul_verdict){.outcome = HAUL_OUTCOME_FAILED, .reason = reason};
}

static bool is_proved(const struct haul_exchange *x)
{
    return x->end == HAUL_END_LENGTH || x->end == HAUL_END_CHUNKS || x->end == HAUL_END_STREAM;
}

/* What cannot be archived has failed, as what cannot be saved. */
static void settle_capture(struct haul_transfer *t, struct haul_verdict *verdict,
                           enum haul_reason reason)
{
    enum haul_reason fault = haul_transfer_end_capture(t, reason);

    if (fault != HAUL_REASON_NONE && verdict->outcome == HAUL_OUTCOME_OK)
        *verdict = (struct haul_verdict){.outcome = HAUL_OUTCOME_FAILED, .reason = fault};
    if (reason != HAUL_REASON_STOPPED) {
        t->job->captures = t->captured;
        t->captured = NULL;
    }
    haul_transfer_forget_captures(t);
}

void haul_transfer_finish(struct haul_transfer *t, enum haul_reason reason)
{
    const struct haul_transfer_end end = {.reason = reason,
                                          .decode = t->hop.decoding ? haul_decoder_end(&t->decoder)
                                                                    : HAUL_REASON_NONE,
                                          .is_proved = is_proved(&t->exchange)};
    struct haul_verdict verdict = haul_verdict(&t->response, &end, &t->config->accept);

    if (verdict.reason == HAUL_REASON_ROBOTS)
        verdict.outcome = HAUL_OUTCOME_SKIPPED;
    settle_capture(t, &verdict, reason);
    if (!t->hop.is_there)
        settle_body(t, &verdict);
    haul_transfer_record(t, &verdict);
    haul_transfer_rest_decoders(t);
}

void haul_transfer_finish_unasked(struct haul_transfer *t, enum haul_reason reason, int exitcode,
                                  const char *message)
{
    haul_response_begin(&t->response, &(struct haul_request_facts){.range_total = -1}, NULL);
    haul_exchange_forget(&t->exchange);
    t->exchange.end = HAUL_END_FAILED;
    t->exchange.reason = reason;
    t->exchange.exitcode = exitcode;
    snprintf(t->exchange.message, sizeof t->exchange.message, "%s", message);
    haul_transfer_finish(t, reason);
}

void haul_transfer_finish_without_request(struct haul_transfer *t)
{
    haul_transfer_finish_unasked(t, HAUL_REASON_NO_MEMORY, 27, ""); /* CURLE_OUT_OF_MEMORY */
}
