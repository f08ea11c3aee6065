#include <stdio.h>
#include <string.h>

#include "wire/h2_inside.h"

/* ---- the exchanges ---- */

void haul_h2_link(struct haul_h2 *h2, struct haul_exchange *exchange)
{
    exchange->prev = NULL;
    exchange->next = h2->first;
    if (h2->first)
        h2->first->prev = exchange;
    h2->first = exchange;
    h2->active++;
}

void haul_h2_unlink(struct haul_h2 *h2, struct haul_exchange *exchange)
{
    if (exchange->next)
        exchange->next->prev = exchange->prev;
    if (exchange->prev)
        exchange->prev->next = exchange->next;
    else
        h2->first = exchange->next;
    exchange->next = exchange->prev = NULL;
    h2->active--;
    nghttp2_session_set_stream_user_data(h2->session, exchange->stream, NULL);
}

static void finish(struct haul_h2 *h2, struct haul_exchange *exchange, enum haul_exchange_end end)
{
    haul_h2_unlink(h2, exchange);
    exchange->end = end;
    h2->ended(h2->arg, exchange);
}

void haul_h2_finish_failed(struct haul_h2 *h2, struct haul_exchange *exchange,
                           enum haul_reason reason, int exitcode, const char *message)
{
    exchange->reason = reason;
    exchange->exitcode = exitcode;
    if (message != exchange->message)
        snprintf(exchange->message, sizeof exchange->message, "%s", message);
    finish(h2, exchange, HAUL_END_FAILED);
}

static struct haul_exchange *find(const struct haul_h2 *h2, int32_t stream)
{
    return nghttp2_session_get_stream_user_data(h2->session, stream);
}

/* ---- the session's own failures ---- */

void haul_h2_fail(struct haul_h2 *h2, enum haul_reason reason, const char *message)
{
    if (h2->reason)
        return;
    h2->reason = reason;
    h2->exitcode = reason == HAUL_REASON_NO_MEMORY ? HAUL_H2_OUT_OF_MEMORY : HAUL_H2_HTTP2;
    snprintf(h2->message, sizeof h2->message, "%s", message);
}

/* Says so to the server, too. */
void haul_h2_give_up(struct haul_h2 *h2, enum haul_reason reason, uint32_t code,
                     const char *message)
{
    haul_h2_fail(h2, reason, message);
    if (nghttp2_session_terminate_session(h2->session, code))
        haul_h2_fail(h2, HAUL_REASON_NO_MEMORY, "");
}

void haul_h2_fail_with(struct haul_h2 *h2, ptrdiff_t code)
{
    if (code == NGHTTP2_ERR_NOMEM)
        haul_h2_fail(h2, HAUL_REASON_NO_MEMORY, "");
    else if (code == NGHTTP2_ERR_FLOODED)
        haul_h2_fail(h2, HAUL_REASON_FLOOD, nghttp2_strerror((int)code));
    else
        haul_h2_fail(h2, HAUL_REASON_PROTOCOL, nghttp2_strerror((int)code));
}

/* The server's first frame must be SETTINGS (RFC 9113, 3.4). */
static bool is_no_h2(const nghttp2_goaway *goaway)
{
    static const char word[] = "SETTINGS expected";

    return goaway->opaque_data_len == sizeof word - 1 &&
           !memcmp(goaway->opaque_data, word, sizeof word - 1);
}

/* nghttp2 ends the connection: what it says to the server is all that it says. */
static void on_own_goaway(struct haul_h2 *h2, const nghttp2_goaway *goaway)
{
    char message[sizeof h2->message];
    bool is_calm = goaway->error_code == NGHTTP2_ENHANCE_YOUR_CALM;

    if (is_no_h2(goaway)) {
        haul_h2_fail(h2, HAUL_REASON_PROTOCOL, "the answer is not HTTP/2");
        return;
    }
    snprintf(message, sizeof message, "HTTP/2 was violated: %s%s%.*s",
             nghttp2_http2_strerror(goaway->error_code), goaway->opaque_data_len > 0 ? ": " : "",
             (int)goaway->opaque_data_len, (const char *)goaway->opaque_data);
    haul_h2_fail(h2, is_calm ? HAUL_REASON_FLOOD : HAUL_REASON_PROTOCOL, message);
}

/* ---- the end of an answer ---- */

static int exitcode_of(enum haul_reason reason)
{
    switch (reason) {
    case HAUL_REASON_TRUNCATED:
        return HAUL_H2_PARTIAL_FILE;
    case HAUL_REASON_NO_MEMORY:
        return HAUL_H2_OUT_OF_MEMORY;
    case HAUL_REASON_TOO_LARGE:
        return HAUL_H2_FILESIZE_EXCEEDED;
    default:
        return HAUL_H2_WEIRD_SERVER_REPLY;
    }
}

void haul_h2_reset(struct haul_h2 *h2, int32_t stream, uint32_t code)
{
    if (nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, stream, code))
        haul_h2_fail(h2, HAUL_REASON_NO_MEMORY, "");
}

/* The answer is malformed (RFC 9113, 8.1.1), or more than haul takes. */
static void refuse(struct haul_h2 *h2, struct haul_exchange *exchange, enum haul_reason reason)
{
    haul_h2_reset(h2, exchange->stream, NGHTTP2_PROTOCOL_ERROR);
    haul_h2_finish_failed(h2, exchange, reason, exitcode_of(reason), "");
}

static void cut(struct haul_h2 *h2, struct haul_exchange *exchange)
{
    haul_h2_reset(h2, exchange->stream, NGHTTP2_CANCEL);
    exchange->exitcode = HAUL_H2_WRITE_ERROR;
    finish(h2, exchange, HAUL_END_CUT);
}

static void on_end_stream(struct haul_h2 *h2, struct haul_exchange *exchange)
{
    const struct haul_response *response = exchange->response;

    if (!haul_response_is_complete(response))
        refuse(h2, exchange, HAUL_REASON_PROTOCOL);
    else if (response->wire_bytes < haul_response_expected_bytes(response))
        refuse(h2, exchange, HAUL_REASON_TRUNCATED);
    else
        finish(h2, exchange, HAUL_END_STREAM);
}

/* ---- what came, by nghttp2's callbacks ---- */

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct haul_h2 *h2 = arg;
    struct haul_exchange *exchange = find(h2, frame->hd.stream_id);
    enum haul_reason reason;

    (void)session;
    if (!exchange)
        return 0;
    if (!exchange->answered)
        exchange->first_us = h2->now_us;
    exchange->answered = true;
    reason = haul_h2_block_begin(&h2->block, exchange->response,
                                 frame->hd.flags & NGHTTP2_FLAG_END_STREAM);
    if (reason)
        refuse(h2, exchange, reason);
    return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *arg)
{
    struct haul_h2 *h2 = arg;
    struct haul_exchange *exchange = find(h2, frame->hd.stream_id);
    enum haul_reason reason;

    (void)session;
    (void)flags;
    if (!exchange)
        return 0;
    reason = haul_h2_block_field(&h2->block, (struct haul_span){(const char *)name, name_len},
                                 (struct haul_span){(const char *)value, value_len});
    if (reason)
        refuse(h2, exchange, reason);
    return 0;
}

static void on_block(struct haul_h2 *h2, struct haul_exchange *exchange, bool ends)
{
    enum haul_reason reason = haul_h2_block_end(&h2->block);
    bool is_final = !h2->block.is_trailer && haul_response_is_complete(exchange->response);

    h2->idle_frames = 0;
    if (is_final)
        haul_deadline_watch(&exchange->deadline, h2->now_us);
    if (reason)
        refuse(h2, exchange, reason);
    else if (is_final && !exchange->events->head(exchange->arg))
        cut(h2, exchange);
    else if (ends)
        on_end_stream(h2, exchange);
}

/* As many as announced are given before the first that is too many. */
static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes,
                   size_t len, void *arg)
{
    struct haul_h2 *h2 = arg;
    struct haul_exchange *exchange = find(h2, stream);
    enum haul_reason reason;
    int64_t expected;
    size_t good = len;

    (void)session;
    (void)flags;
    if (!exchange)
        return 0;
    h2->idle_frames = 0;
    expected = haul_response_expected_bytes(exchange->response);
    if (expected >= 0 && (int64_t)len > expected - exchange->response->wire_bytes)
        good = (size_t)(expected - exchange->response->wire_bytes);
    haul_deadline_progress(&exchange->deadline, (int64_t)len, h2->now_us);
    reason = haul_response_body(exchange->response, good);
    if (!reason && good > 0 && !exchange->events->body(exchange->arg, (const char *)bytes, good)) {
        cut(h2, exchange);
        return 0;
    }
    if (!reason && good < len)
        reason = haul_response_body(exchange->response, len - good);
    if (reason)
        refuse(h2, exchange, reason);
    return 0;
}

/* A reset is no end of an answer, whatever its code says (RFC 9113, 8.1). */
static void on_reset(struct haul_h2 *h2, struct haul_exchange *exchange, uint32_t code)
{
    bool is_fault = code == NGHTTP2_PROTOCOL_ERROR;

    exchange->unserved = code == NGHTTP2_REFUSED_STREAM && !exchange->answered;
    exchange->wants_1_1 = code == NGHTTP2_HTTP_1_1_REQUIRED;
    snprintf(exchange->message, sizeof exchange->message,
             "HTTP/2 stream was reset by the server: %s", nghttp2_http2_strerror(code));
    haul_h2_finish_failed(h2, exchange, is_fault ? HAUL_REASON_PROTOCOL : HAUL_REASON_RESET,
                          HAUL_H2_HTTP2_STREAM, exchange->message);
}

static void finish_unserved(struct haul_h2 *h2, struct haul_exchange *exchange, const char *message)
{
    exchange->unserved = !exchange->answered;
    haul_h2_finish_failed(h2, exchange, HAUL_REASON_RESET, HAUL_H2_HTTP2, message);
}

static struct haul_exchange *find_above(const struct haul_h2 *h2, int32_t last)
{
    struct haul_exchange *exchange = h2->first;

    while (exchange && exchange->stream <= last)
        exchange = exchange->next;
    return exchange;
}

static void on_goaway(struct haul_h2 *h2, const nghttp2_goaway *goaway)
{
    struct haul_exchange *exchange;
    char message[128];

    h2->is_going_away = true;
    snprintf(message, sizeof message, "HTTP/2 connection is given up by the server: %s",
             nghttp2_http2_strerror(goaway->error_code));
    while ((exchange = find_above(h2, goaway->last_stream_id)))
        finish_unserved(h2, exchange, message);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct haul_h2 *h2 = arg;
    struct haul_exchange *exchange = frame->hd.stream_id ? find(h2, frame->hd.stream_id) : NULL;
    bool ends = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY)
        on_goaway(h2, &frame->goaway);
    else if (exchange && frame->hd.type == NGHTTP2_HEADERS)
        on_block(h2, exchange, ends);
    else if (exchange && frame->hd.type == NGHTTP2_DATA && ends)
        on_end_stream(h2, exchange);
    else if (exchange && frame->hd.type == NGHTTP2_RST_STREAM)
        on_reset(h2, exchange, frame->rst_stream.error_code);
    return 0;
}

/*
 * What is still under way here is ended by nghttp2 itself: a request for which it had no memory,
 * which it calls refused, or a stream on which the server has violated the protocol (6.9.1; 4.3).
 */
static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t code, void *arg)
{
    struct haul_exchange *exchange = find(arg, stream);

    (void)session;
    if (exchange && code == NGHTTP2_REFUSED_STREAM) {
        haul_h2_finish_failed(arg, exchange, HAUL_REASON_NO_MEMORY, HAUL_H2_OUT_OF_MEMORY, "");
    } else if (exchange) {
        snprintf(exchange->message, sizeof exchange->message, "HTTP/2 was violated: %s",
                 nghttp2_http2_strerror(code));
        haul_h2_finish_failed(arg, exchange, HAUL_REASON_PROTOCOL, HAUL_H2_HTTP2_STREAM,
                              exchange->message);
    }
    return 0;
}

/* It may have waited for others: the server says how many may be under way at a time. */
static void on_request_sent(struct haul_h2 *h2, int32_t stream)
{
    struct haul_exchange *exchange = find(h2, stream);

    if (exchange)
        haul_deadline_watch(&exchange->deadline, h2->now_us);
}

static int on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    struct haul_h2 *h2 = arg;

    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY)
        on_own_goaway(h2, &frame->goaway);
    else if (frame->hd.type != NGHTTP2_HEADERS)
        h2->owed_frames++;
    else
        on_request_sent(h2, frame->hd.stream_id);
    return 0;
}

/* A request that was still waiting when the connection began to end, or that is too large. */
static int on_not_sent(nghttp2_session *session, const nghttp2_frame *frame, int code, void *arg)
{
    struct haul_h2 *h2 = arg;
    struct haul_exchange *exchange = h2->first;

    (void)session;
    while (exchange && exchange->stream != frame->hd.stream_id)
        exchange = exchange->next;
    if (!exchange || frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    if (code == NGHTTP2_ERR_HEADER_COMP) /* no memory, and the table is out of step */
        haul_h2_fail(h2, HAUL_REASON_NO_MEMORY, "");
    else if (code == NGHTTP2_ERR_FRAME_SIZE_ERROR)
        haul_h2_finish_failed(h2, exchange, HAUL_REASON_INTERNAL, HAUL_H2_HTTP2,
                              "the head of the request is too large for HTTP/2");
    else
        finish_unserved(h2, exchange, "HTTP/2 connection was given up before the request was sent");
    return 0;
}

nghttp2_session_callbacks *haul_h2_make_callbacks(void)
{
    nghttp2_session_callbacks *callbacks;

    if (nghttp2_session_callbacks_new(&callbacks))
        return NULL;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_sent);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, on_not_sent);
    return callbacks;
}
