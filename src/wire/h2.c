#include "wire/h2.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/h2_inside.h"

enum {
    STREAM_WINDOW = 16 * 1024 * 1024,
    CONNECTION_WINDOW = 2 * STREAM_WINDOW,
    REQUEST_HEAD_MAX = 1024 * 1024,
    STREAMS_ASSUMED = 100, /* before the server's SETTINGS (6.5.2 recommends no fewer) */
    /* DATA that nobody waits for any more is on its way when a stream is reset: up to a window of
     * it. Only small frames of that are suspicious. */
    SMALL_DATA = 1024
};

#if NGHTTP2_VERSION_NUM >= 0x013d00 /* 1.61.0: the others are deprecated */
#define SUBMIT_REQUEST nghttp2_submit_request2
#define MEM_RECV nghttp2_session_mem_recv2
#define MEM_SEND nghttp2_session_mem_send2
#else
#define SUBMIT_REQUEST nghttp2_submit_request
#define MEM_RECV nghttp2_session_mem_recv
#define MEM_SEND nghttp2_session_mem_send
#endif

/* ---- bytes in and out ---- */

/* Takes all that nghttp2 has to say. */
static void drain(struct haul_h2 *h2)
{
    const uint8_t *bytes;
    ptrdiff_t len;

    while ((len = MEM_SEND(h2->session, &bytes)) > 0)
        haul_buf_add(&h2->out, bytes, (size_t)len);
    if (len < 0)
        haul_h2_fail_with(h2, len);
    if (h2->out.err)
        haul_h2_fail(h2, HAUL_REASON_NO_MEMORY, "");
}

static void forget_pulled(struct haul_h2 *h2)
{
    if (h2->was_pulled)
        haul_buf_clear(&h2->out);
    h2->was_pulled = false;
}

static void feed(struct haul_h2 *h2, const void *bytes, size_t len)
{
    ptrdiff_t taken;

    if (h2->reason)
        return;
    taken = MEM_RECV(h2->session, bytes, len);
    if (taken < 0)
        haul_h2_fail_with(h2, taken);
    else if (nghttp2_session_want_write(h2->session))
        drain(h2);
    if (h2->owed_frames > HAUL_H2_IDLE_FRAMES_MAX)
        haul_h2_give_up(h2, HAUL_REASON_FLOOD, NGHTTP2_ENHANCE_YOUR_CALM, "");
}

static void count_frame(struct haul_h2 *h2)
{
    if (++h2->idle_frames > HAUL_H2_IDLE_FRAMES_MAX)
        haul_h2_give_up(h2, HAUL_REASON_FLOOD, NGHTTP2_ENHANCE_YOUR_CALM, "");
}

static void begin_frame(struct haul_h2 *h2)
{
    const unsigned char *head = h2->head;

    h2->head_len = 0;
    h2->payload_left = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
    /* Sent behind our SETTINGS, which forbid it (8.4); nghttp2 waits for their acknowledgement. */
    if (head[3] == NGHTTP2_PUSH_PROMISE)
        haul_h2_give_up(h2, HAUL_REASON_PROTOCOL, NGHTTP2_PROTOCOL_ERROR,
                        "HTTP/2 was violated: PUSH_PROMISE, though pushes are disabled");
    else if (head[3] != NGHTTP2_DATA || h2->payload_left < SMALL_DATA)
        count_frame(h2);
}

/* Takes bytes of one frame, and says how many. */
static size_t take_some(struct haul_h2 *h2, const char *bytes, size_t len)
{
    size_t head = 0, payload;

    if (h2->payload_left == 0) {
        head = HAUL_H2_FRAME_HEAD - h2->head_len < len ? HAUL_H2_FRAME_HEAD - h2->head_len : len;
        memcpy(h2->head + h2->head_len, bytes, head);
        h2->head_len += head;
        if (h2->head_len < HAUL_H2_FRAME_HEAD)
            return head;
        begin_frame(h2);
    }
    payload = h2->payload_left < len - head ? h2->payload_left : len - head;
    h2->payload_left -= payload;
    if (head > 0 && head < HAUL_H2_FRAME_HEAD) {
        feed(h2, h2->head, HAUL_H2_FRAME_HEAD);
        feed(h2, bytes + head, payload);
    } else {
        feed(h2, bytes, head + payload);
    }
    return head + payload;
}

bool haul_h2_receive(struct haul_h2 *h2, const char *bytes, size_t len, int64_t now_us)
{
    forget_pulled(h2);
    h2->now_us = now_us;
    while (len > 0 && !h2->reason) {
        size_t taken = take_some(h2, bytes, len);

        bytes += taken;
        len -= taken;
    }
    return !h2->reason && (!h2->is_going_away || h2->active > 0);
}

ptrdiff_t haul_h2_pull(struct haul_h2 *h2, const char **bytes)
{
    forget_pulled(h2);
    if (h2->reason != HAUL_REASON_NO_MEMORY)
        drain(h2);
    h2->owed_frames = 0;
    if (h2->reason == HAUL_REASON_NO_MEMORY)
        return -1;
    h2->was_pulled = true;
    *bytes = haul_buf_str(&h2->out);
    return (ptrdiff_t)h2->out.len;
}

/* ---- the session ---- */

static nghttp2_option *make_options(void)
{
    nghttp2_option *options;

    if (nghttp2_option_new(&options))
        return NULL;
    nghttp2_option_set_no_http_messaging(options, 1);
    nghttp2_option_set_peer_max_concurrent_streams(options, STREAMS_ASSUMED);
    nghttp2_option_set_max_send_header_block_length(options, REQUEST_HEAD_MAX);
#ifdef HAUL_HAS_MAX_CONTINUATIONS
    /* Its default is 8, less than a head of the allowed size may have. They are counted here. */
    nghttp2_option_set_max_continuations(options, 2 * (size_t)HAUL_H2_IDLE_FRAMES_MAX);
#endif
    return options;
}

static bool make_session(struct haul_h2 *h2)
{
    static const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW}};
    nghttp2_session_callbacks *callbacks = haul_h2_make_callbacks();
    nghttp2_option *options = make_options();
    bool done = callbacks && options &&
                !nghttp2_session_client_new2(&h2->session, callbacks, h2, options) &&
                !nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, settings,
                                         sizeof settings / sizeof *settings) &&
                !nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0,
                                                       CONNECTION_WINDOW);

    if (callbacks)
        nghttp2_session_callbacks_del(callbacks);
    if (options)
        nghttp2_option_del(options);
    return done;
}

enum haul_err haul_h2_create(haul_h2_ended *ended, void *arg, struct haul_h2 **out)
{
    struct haul_h2 *h2 = calloc(1, sizeof *h2);

    *out = NULL;
    if (!h2)
        return HAUL_ERR_NOMEM;
    h2->ended = ended;
    h2->arg = arg;
    haul_h2_block_init(&h2->block);
    haul_h2_request_init(&h2->request);
    haul_buf_init(&h2->out, 0);
    if (!make_session(h2)) {
        haul_h2_free(h2);
        return HAUL_ERR_NOMEM;
    }
    *out = h2;
    return HAUL_OK;
}

void haul_h2_free(struct haul_h2 *h2)
{
    if (!h2)
        return;
    assert(!h2->first);
    nghttp2_session_del(h2->session);
    haul_h2_block_done(&h2->block);
    haul_h2_request_done(&h2->request);
    haul_buf_done(&h2->out);
    free(h2);
}

int haul_h2_active(const struct haul_h2 *h2)
{
    return h2->active;
}

bool haul_h2_is_over(const struct haul_h2 *h2)
{
    return h2->reason || h2->is_going_away || !nghttp2_session_check_request_allowed(h2->session);
}

int haul_h2_room(const struct haul_h2 *h2)
{
    uint32_t limit =
        nghttp2_session_get_remote_settings(h2->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);

    if (limit > HAUL_H2_STREAMS_MAX)
        limit = HAUL_H2_STREAMS_MAX;
    return haul_h2_is_over(h2) || (int)limit < h2->active ? 0 : (int)limit - h2->active;
}

bool haul_h2_begin(struct haul_h2 *h2, struct haul_exchange *exchange, int64_t now_us)
{
    int32_t stream;

    assert(haul_h2_room(h2) > 0);
    if (haul_h2_request_make(&h2->request, &exchange->request))
        return false;
    stream =
        SUBMIT_REQUEST(h2->session, NULL, h2->request.fields, h2->request.count, NULL, exchange);
    if (stream < 0)
        return false;
    exchange->stream = stream;
    exchange->http_version = 20;
    exchange->request_bytes = h2->request.bytes;
    h2->now_us = now_us;
    exchange->sent_us = now_us;
    haul_h2_link(h2, exchange);
    return true;
}

void haul_h2_cancel(struct haul_h2 *h2, struct haul_exchange *exchange)
{
    haul_h2_unlink(h2, exchange);
    haul_h2_reset(h2, exchange->stream, NGHTTP2_CANCEL);
}

static void close_one(struct haul_h2 *h2, struct haul_exchange *exchange, enum haul_reason reason,
                      int exitcode, const char *message)
{
    if (reason == HAUL_REASON_EMPTY_REPLY && exchange->answered)
        haul_h2_finish_failed(h2, exchange, HAUL_REASON_TRUNCATED, HAUL_H2_PARTIAL_FILE, message);
    else
        haul_h2_finish_failed(h2, exchange, reason, exitcode, message);
}

void haul_h2_close(struct haul_h2 *h2, enum haul_reason reason, int exitcode, const char *message)
{
    while (h2->first) {
        if (h2->reason)
            close_one(h2, h2->first, h2->reason, h2->exitcode, h2->message);
        else
            close_one(h2, h2->first, reason, exitcode, message);
    }
}
