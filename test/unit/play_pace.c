#include "play_pace.h"

const struct haul_attempt made = {.contact = HAUL_CONTACT_MADE};
const struct haul_attempt failed = {.contact = HAUL_CONTACT_FAILED};
const struct haul_attempt throttled = {.contact = HAUL_CONTACT_MADE, .throttled = true};
const struct haul_attempt refused = {.contact = HAUL_CONTACT_MADE, .refused = true};
const struct haul_attempt paused = {
    .contact = HAUL_CONTACT_MADE, .throttled = true, .pause_us = 50000};

enum haul_reason end_turn(struct haul_pace *pace, struct haul_turn *turn,
                          const struct haul_attempt *attempt, int status, size_t running,
                          int64_t now_us)
{
    struct haul_job job = {.attempt = *attempt,
                           .turn = *turn,
                           .rec = {.reason = status ? HAUL_REASON_HTTP_STATUS : HAUL_REASON_TIMEOUT,
                                   .http_code = status}};
    enum haul_reason reason = haul_pace_end(pace, &job, running, now_us);

    *turn = job.turn;
    return reason;
}

enum haul_reason try_new(struct haul_pace *pace, const struct haul_attempt *attempt, size_t running,
                         int64_t at_us)
{
    struct haul_turn turn = {0};

    haul_pace_start(pace, &turn, at_us);
    return end_turn(pace, &turn, attempt, attempt->throttled ? 503 : 0, running, at_us);
}
