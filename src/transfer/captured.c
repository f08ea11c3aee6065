#include "transfer/transfer_inside.h"

#include "base/clock.h"
#include "wire/h1.h"

/*
 * What of a transfer goes into the web archive (--warc): each of its hops that had an answer, if
 * the attempt is the last one. The body is taken as it comes, before its content coding is undone.
 */

static bool captures(const struct haul_transfer *t)
{
    return t->config->warc && !t->job->body && t->job->step == HAUL_STEP_GET;
}

/* What fails here is told at the end: the answer itself is judged on. */
void haul_transfer_begin_capture(struct haul_transfer *t)
{
    const struct haul_sink_plan plan = {
        .name = haul_buf_str(&t->url), .expected = -1, .exchange = &t->hop.told};

    if (!captures(t))
        return;
    haul_buf_clear(&t->asked);
    haul_h1_write_request(&t->exchange.request, false, NULL, &t->asked);
    t->hop.told = (struct haul_sink_exchange){.request = haul_buf_str(&t->asked),
                                              .request_len = t->asked.len,
                                              .response = haul_buf_str(&t->answered),
                                              .response_len = t->answered.len,
                                              .ip = t->exchange.ip,
                                              .is_h2 = t->response.version == 20,
                                              .via = t->via.len ? haul_buf_str(&t->via) : NULL,
                                              .date_us = haul_clock_wall_us() -
                                                         (haul_clock_us() - t->hop.begun_us)};
    t->hop.capture = t->capture.sink.kind->begin(&t->capture.sink, &plan);
    if (t->asked.err || t->answered.err)
        t->hop.capture = HAUL_REASON_NO_MEMORY;
    t->hop.is_captured = true;
}

void haul_transfer_capture(struct haul_transfer *t, const void *bytes, size_t len)
{
    if (t->hop.is_captured && t->hop.capture == HAUL_REASON_NONE)
        t->hop.capture = t->capture.sink.kind->write(&t->capture.sink, bytes, len);
}

/* What WARC 1.1, 5.13, calls it; NULL: the answer came to its end. */
static const char *truncated_by(const struct haul_transfer *t, enum haul_reason reason)
{
    if (t->hop.has_enough)
        return "length";
    switch (reason) {
    case HAUL_REASON_TOO_LARGE:
        return "length";
    case HAUL_REASON_TIMEOUT:
    case HAUL_REASON_STALL:
        return "time";
    case HAUL_REASON_TRUNCATED:
    case HAUL_REASON_RESET:
        return "disconnect";
    default:
        return t->exchange.end == HAUL_END_CUT || t->exchange.end == HAUL_END_FAILED ? "unspecified"
                                                                                     : NULL;
    }
}

enum haul_reason haul_transfer_end_capture(struct haul_transfer *t, enum haul_reason reason)
{
    const struct haul_sink_end end = {.truncated = truncated_by(t, reason),
                                      .took_us = haul_clock_us() - t->hop.begun_us};
    struct haul_parcel **last = &t->captured;
    struct haul_buf id;

    if (!t->hop.is_captured)
        return HAUL_REASON_NONE;
    t->hop.is_captured = false;
    if (t->hop.is_there || reason == HAUL_REASON_STOPPED) {
        t->capture.sink.kind->discard(&t->capture.sink);
        return HAUL_REASON_NONE;
    }
    haul_buf_init(&id, 0);
    if (t->hop.capture == HAUL_REASON_NONE)
        t->hop.capture =
            t->capture.sink.kind->publish(&t->capture.sink, haul_buf_str(&t->url), &end, &id);
    haul_buf_done(&id);
    while (*last)
        last = &(*last)->next;
    *last = haul_capture_take(&t->capture);
    haul_buf_clear(&t->via);
    haul_buf_add_str(&t->via, haul_buf_str(&t->url));
    return t->hop.capture;
}

void haul_transfer_forget_captures(struct haul_transfer *t)
{
    t->capture.sink.kind->discard(&t->capture.sink);
    haul_parcel_free(t->captured);
    t->captured = NULL;
    haul_buf_clear(&t->via);
}
