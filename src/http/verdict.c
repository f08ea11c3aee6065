#include "http/verdict.h"

static struct haul_verdict failed(enum haul_reason reason)
{
    return (struct haul_verdict){.outcome = HAUL_OUTCOME_FAILED, .reason = reason};
}

static bool is_accepted(const struct haul_status_set *accept, int status)
{
    return haul_status_set_has(accept, status) ||
           (status == 206 && haul_status_set_has(accept, 200));
}

static struct haul_verdict no_answer(const struct haul_response *res,
                                     const struct haul_transfer_end *end)
{
    if (end->reason)
        return failed(end->reason);
    return failed(res->header_bytes == 0 ? HAUL_REASON_EMPTY_REPLY : HAUL_REASON_TRUNCATED);
}

static struct haul_verdict wrong_status(const struct haul_response *res,
                                        const struct haul_transfer_end *end)
{
    if (!haul_response_has_redirect_status(res))
        return failed(HAUL_REASON_HTTP_STATUS);
    if (end->reason)
        return failed(end->reason);
    return failed(haul_response_is_redirect(res) ? HAUL_REASON_HTTP_STATUS
                                                 : HAUL_REASON_BAD_REDIRECT);
}

/* What is wrong with the body, once nothing went wrong on the way. */
static enum haul_reason check_body(const struct haul_response *res,
                                   const struct haul_transfer_end *end)
{
    if (res->wire_bytes < haul_response_expected_bytes(res))
        return HAUL_REASON_TRUNCATED;
    return end->decode;
}

static bool is_verified(const struct haul_response *res, const struct haul_transfer_end *end)
{
    if (haul_response_has_no_body(res))
        return true;
    if (res->status == 206 && res->range_total < 0)
        return false;
    return end->is_proved;
}

struct haul_verdict haul_verdict(const struct haul_response *res,
                                 const struct haul_transfer_end *end,
                                 const struct haul_status_set *accept)
{
    enum haul_reason reason;

    if (res->reason)
        return failed(res->reason);
    if (!haul_response_is_complete(res))
        return no_answer(res, end);
    if (res->status != 304 && !is_accepted(accept, res->status))
        return wrong_status(res, end);
    reason = end->reason ? end->reason : check_body(res, end);
    if (reason)
        return failed(reason);
    return (struct haul_verdict){
        .outcome = res->status == 304 ? HAUL_OUTCOME_UNCHANGED : HAUL_OUTCOME_OK,
        .verified = is_verified(res, end),
    };
}
