#include "http/size_probe.h"

static struct haul_size_probe is_over(int64_t size)
{
    return (struct haul_size_probe){.over = true, .size = size};
}

static struct haul_size_probe goes_on(enum haul_step next)
{
    return (struct haul_size_probe){.next = next, .size = -1};
}

int64_t haul_size_probe_head_size(const struct haul_response *res)
{
    return haul_response_coding(res)[0] ? -1 : res->content_length;
}

/* These are said of the method as well as of the resource: by servers that know GET alone. */
static bool may_mean_head(int status)
{
    return status == 400 || status == 403 || status == 404 || status == 405 || status == 500 ||
           status == 501 || status >= 600;
}

static struct haul_size_probe evaluate_head(const struct haul_response *res,
                                            const struct haul_verdict *verdict)
{
    if (may_mean_head(res->status))
        return goes_on(HAUL_STEP_RANGE);
    if (verdict->outcome != HAUL_OUTCOME_OK)
        return is_over(-1);
    if (haul_size_probe_head_size(res) > 0)
        return is_over(haul_size_probe_head_size(res));
    return goes_on(HAUL_STEP_RANGE);
}

/* Asking once more at once would only add to what is wrong. */
static bool may_pass(int status)
{
    return status == 408 || status == 429 || (status >= 500 && status != 501);
}

static struct haul_size_probe evaluate_range(const struct haul_response *res,
                                             const struct haul_verdict *verdict)
{
    bool ok = verdict->outcome == HAUL_OUTCOME_OK;

    if (ok && res->status != 206)
        return is_over(-1);
    if (ok && res->range_total > 0 && !haul_response_coding(res)[0])
        return is_over(res->range_total);
    if (may_pass(res->status) || res->status == 404)
        return is_over(-1);
    return goes_on(HAUL_STEP_GET);
}

struct haul_size_probe haul_size_probe_evaluate(enum haul_step step,
                                                const struct haul_response *res,
                                                const struct haul_verdict *verdict)
{
    if (step == HAUL_STEP_GET || !haul_response_is_complete(res) ||
        verdict->outcome == HAUL_OUTCOME_UNCHANGED)
        return is_over(-1);
    return step == HAUL_STEP_HEAD ? evaluate_head(res, verdict) : evaluate_range(res, verdict);
}
