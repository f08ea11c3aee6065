#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "wire/wire_inside.h"

/*
 * A connection is read a few times before it is the next one's turn, and the stop level's, and the
 * clock's: nobody floods a worker.
 */
enum { READS_MAX = 4, OUT_KEPT = 16384, TLS_RECORD = 16384 };

/*
 * A record of TLS has up to 16,645 bytes (RFC 8446, 5.2), and may come one by one. More reads than
 * that without a byte for us are records that bring nothing: tickets, key updates, warnings.
 */
enum { EMPTY_READS_MAX = 20000 };

/* ---- sending ---- */

static void watch(struct haul_conn *conn)
{
    short events = 0;

    if (!conn->held_until_us)
        events |= POLLIN;
    if (conn->out.len)
        events |= POLLOUT;
    haul_watch_change(&conn->wire->watch, conn, events);
}

/* Sends what can be sent. How much that was; what is left is the caller's. */
static size_t send_some(struct haul_conn *conn, const char *bytes, size_t len)
{
    size_t sent = 0, moved;
    enum haul_dial_io io = HAUL_DIAL_OK;

    while (sent < len && !conn->is_deaf && io == HAUL_DIAL_OK) {
        io = haul_dial_send(&conn->dial, bytes + sent, len - sent, &moved);
        sent += moved;
        conn->is_deaf = io == HAUL_DIAL_BROKEN;
    }
    return sent;
}

/* Sends, and keeps what cannot be sent now. False: no memory. */
static bool send_or_keep(struct haul_conn *conn, const char *bytes, size_t len)
{
    size_t sent = conn->out.len ? 0 : send_some(conn, bytes, len);

    if (sent < len && !conn->is_deaf)
        haul_buf_add(&conn->out, bytes + sent, len - sent);
    return !conn->out.err;
}

static void send_kept(struct haul_conn *conn)
{
    haul_buf_consume(&conn->out, send_some(conn, conn->out.data, conn->out.len));
    if (conn->is_deaf)
        haul_buf_clear(&conn->out);
}

/* Sends what the session has to say. False: it cannot go on. */
static bool pull(struct haul_conn *conn)
{
    const char *bytes;
    ptrdiff_t len = 0;

    while (conn->out.len < OUT_KEPT && (len = haul_h2_pull(conn->h2, &bytes)) > 0)
        haul_buf_add(&conn->out, bytes, (size_t)len);
    if (conn->out.len)
        send_kept(conn);
    return len >= 0 && !conn->out.err;
}

/* ---- the end of a connection ---- */

void haul_conn_close(struct haul_conn *conn)
{
    struct haul_wire *wire = conn->wire;

    if (conn->place)
        haul_watch_remove(&wire->watch, conn);
    haul_dial_end(wire->dialer, &conn->dial);
    haul_h2_free(conn->h2);
    conn->h2 = NULL;
    if (conn->out.cap > OUT_KEPT)
        haul_buf_done(&conn->out);
    else
        haul_buf_clear(&conn->out);
    if (conn->meter)
        haul_meters_give_back(wire->common->meters, conn->meter);
    conn->meter = NULL;
    conn->state = HAUL_CONN_CLOSED;
    haul_pool_close(conn);
}

static void close_shared(struct haul_conn *conn, enum haul_reason reason, int exitcode,
                         const char *message)
{
    (void)pull(conn); /* GOAWAY */
    haul_h2_close(conn->h2, reason, exitcode, message);
    haul_conn_close(conn);
}

/* ---- HTTP/1 ---- */

/* Its answer is over; the connection may serve another one, or not. */
static void end_h1(struct haul_conn *conn, bool keeps_open)
{
    struct haul_exchange *x = conn->exchange;
    struct haul_wire *wire = conn->wire;

    conn->exchange = NULL;
    conn->used_us = wire->now_us;
    conn->state = HAUL_CONN_IDLE;
    if (!keeps_open || conn->out.len || conn->is_deaf)
        haul_conn_close(conn);
    haul_wire_finish(wire, x);
}

/* What came is no answer, or none that can be believed: it may have been meant for another. */
static bool is_malformation(enum haul_reason reason)
{
    return reason != HAUL_REASON_RESET && reason != HAUL_REASON_EMPTY_REPLY &&
           reason != HAUL_REASON_TRUNCATED && reason != HAUL_REASON_NO_MEMORY &&
           reason != HAUL_REASON_TOO_LARGE;
}

static void fail_h1(struct haul_conn *conn, enum haul_reason reason, int exitcode,
                    const char *message)
{
    struct haul_exchange *x = conn->exchange;

    x->doubtful = x->reused && (conn->is_early || is_malformation(reason));
    conn->exchange = NULL;
    haul_conn_close(conn);
    haul_wire_fail(conn->wire, x, reason, exitcode, message);
}

static int exitcode_of(enum haul_reason reason)
{
    switch (reason) {
    case HAUL_REASON_EMPTY_REPLY:
        return CURLE_GOT_NOTHING;
    case HAUL_REASON_TRUNCATED:
        return CURLE_PARTIAL_FILE;
    case HAUL_REASON_NO_MEMORY:
        return CURLE_OUT_OF_MEMORY;
    case HAUL_REASON_TOO_LARGE:
        return CURLE_FILESIZE_EXCEEDED;
    default:
        return CURLE_WEIRD_SERVER_REPLY;
    }
}

/* A 408 on a used connection is the server's goodbye to it, sent before it saw this request. */
static bool is_late_goodbye(const struct haul_exchange *x)
{
    return x->reused && x->response->status == 408;
}

/* The answer is whole. `surplus`: bytes came behind it. */
static void complete_h1(struct haul_conn *conn, bool surplus)
{
    struct haul_exchange *x = conn->exchange;
    bool is_out_of_step = surplus || conn->is_early;
    bool keeps_open = haul_response_keeps_open(x->response) && !is_out_of_step;

    if (is_out_of_step)
        haul_memory_add(&conn->wire->dirty, &conn->key);
    x->doubtful = x->reused && (is_out_of_step || is_late_goodbye(x));
    x->end = x->response->chunked && !haul_response_has_no_body(x->response) ? HAUL_END_CHUNKS
                                                                             : HAUL_END_LENGTH;
    end_h1(conn, keeps_open && !haul_memory_has(&conn->wire->dirty, &conn->key));
}

static void cut_h1(struct haul_conn *conn)
{
    conn->exchange->end = HAUL_END_CUT;
    conn->exchange->exitcode = CURLE_WRITE_ERROR;
    end_h1(conn, false);
}

static bool take_body(struct haul_conn *conn, const char *body, size_t len)
{
    struct haul_exchange *x = conn->exchange;

    haul_deadline_progress(&x->deadline, (int64_t)len, conn->wire->now_us);
    return x->events->body(x->arg, body, len);
}

static bool take_head(struct haul_conn *conn)
{
    struct haul_exchange *x = conn->exchange;

    haul_deadline_watch(&x->deadline, conn->wire->now_us);
    return x->events->head(x->arg);
}

/* True: the exchange needs more bytes. */
static bool feed_h1(struct haul_conn *conn, const char *at, const char *end)
{
    for (;;) {
        const char *body;
        size_t len;
        bool goes_on = true;

        switch (haul_h1_next(&conn->h1, &at, end, &body, &len)) {
        case HAUL_H1_MORE:
            return true;
        case HAUL_H1_HEAD:
            goes_on = take_head(conn);
            break;
        case HAUL_H1_BODY:
            goes_on = take_body(conn, body, len);
            break;
        case HAUL_H1_END:
            complete_h1(conn, at < end);
            return false;
        case HAUL_H1_FAILED:
            fail_h1(conn, conn->h1.reason, exitcode_of(conn->h1.reason),
                    conn->h1.reason == HAUL_REASON_PROTOCOL ? "the answer is not HTTP/1" : NULL);
            return false;
        }
        if (!goes_on) {
            cut_h1(conn);
            return false;
        }
    }
}

/* Why it broke. */
static enum haul_reason broken_reason(const struct haul_conn *conn)
{
    return conn->dial.tls.refuses_cert ? HAUL_REASON_TLS : HAUL_REASON_RESET;
}

static void reset_h1(struct haul_conn *conn)
{
    fail_h1(conn, broken_reason(conn), conn->is_deaf ? CURLE_SEND_ERROR : CURLE_RECV_ERROR,
            conn->dial.error);
}

/* The connection has ended: in good order, cut or broken. */
static void close_h1(struct haul_conn *conn, enum haul_dial_io how)
{
    bool is_over = haul_h1_close(&conn->h1) == HAUL_H1_END;
    enum haul_reason reason = is_over ? HAUL_REASON_TRUNCATED : conn->h1.reason;

    if (how == HAUL_DIAL_BROKEN || (conn->is_deaf && !conn->exchange->answered)) {
        reset_h1(conn);
    } else if (is_over && how == HAUL_DIAL_END) {
        conn->exchange->end = HAUL_END_CLOSE;
        end_h1(conn, false);
    } else {
        fail_h1(conn, reason, exitcode_of(reason), NULL);
    }
}

/* ---- receiving ---- */

/* An idle connection has bytes, or is at its end: it is of no further use. */
static void close_idle(struct haul_conn *conn, bool has_bytes)
{
    struct haul_wire *wire = conn->wire;
    size_t moved;

    /* With an end behind them, bytes are a goodbye: many a server says 408 before it goes. */
    if (has_bytes &&
        haul_dial_receive(&conn->dial, wire->bytes, HAUL_WIRE_BUFFER, &moved) != HAUL_DIAL_END)
        haul_memory_add(&wire->dirty, &conn->key);
    haul_conn_close(conn);
}

bool haul_conn_is_quiet(struct haul_conn *conn)
{
    struct haul_wire *wire = conn->wire;
    size_t moved;
    enum haul_dial_io io;
    int reads = 0;

    do
        io = haul_dial_receive(&conn->dial, wire->bytes, HAUL_WIRE_BUFFER, &moved);
    while (io == HAUL_DIAL_AGAIN && haul_dial_has_hidden(&conn->dial) && ++reads < READS_MAX);
    if (io == HAUL_DIAL_AGAIN && reads < READS_MAX)
        return true;
    close_idle(conn, io == HAUL_DIAL_OK);
    return false;
}

/*
 * Answers of HTTP/1 have no number: which request one belongs to follows from its place alone. One
 * that was here too early was meant for another, or for none: it came before its request can have
 * been read, which takes a round trip at most; so later ones cost no question to the system.
 */
static void note_first(struct haul_conn *conn)
{
    enum { ROUND_TRIPS = 16 }; /* as long as a connection may have become slower */
    struct haul_exchange *x = conn->exchange;
    int64_t trip_us = conn->dial.round_trip_us, waited_us = conn->wire->now_us - x->sent_us;

    if (x->answered)
        return;
    x->answered = true;
    x->first_us = conn->wire->now_us;
    conn->is_early = conn->is_early || conn->out.len;
    if (!trip_us || waited_us < ROUND_TRIPS * trip_us)
        conn->is_early = conn->is_early || haul_dial_is_pending(&conn->dial);
}

/* True: it may be read on. */
static bool take(struct haul_conn *conn, size_t len)
{
    struct haul_wire *wire = conn->wire;

    switch (conn->state) {
    case HAUL_CONN_BUSY:
        note_first(conn);
        return feed_h1(conn, wire->bytes, wire->bytes + len);
    case HAUL_CONN_SHARED:
        if (haul_h2_receive(conn->h2, wire->bytes, len, wire->now_us))
            return true;
        close_shared(conn, HAUL_REASON_RESET, CURLE_HTTP2, NULL);
        return false;
    default:
        close_idle(conn, true);
        return false;
    }
}

static void take_end(struct haul_conn *conn, enum haul_dial_io how)
{
    switch (conn->state) {
    case HAUL_CONN_BUSY:
        close_h1(conn, how);
        break;
    case HAUL_CONN_SHARED:
        if (how == HAUL_DIAL_BROKEN)
            close_shared(conn, broken_reason(conn), CURLE_RECV_ERROR, conn->dial.error);
        else
            close_shared(conn, HAUL_REASON_EMPTY_REPLY, CURLE_GOT_NOTHING, NULL);
        break;
    default:
        close_idle(conn, false);
        break;
    }
}

static void end_flood(struct haul_conn *conn)
{
    switch (conn->state) {
    case HAUL_CONN_BUSY:
        fail_h1(conn, HAUL_REASON_FLOOD, CURLE_RECV_ERROR, NULL);
        break;
    case HAUL_CONN_SHARED:
        close_shared(conn, HAUL_REASON_FLOOD, CURLE_RECV_ERROR, NULL);
        break;
    default:
        haul_conn_close(conn);
        break;
    }
}

/* Small pieces where the rate is small, so that it is one, and no sequence of bursts. */
static size_t read_size(const struct haul_conn *conn)
{
    int64_t rate = conn->wire->common->meter.rate;
    int64_t size;

    if (conn->meter && (!rate || conn->meter->rate < rate))
        rate = conn->meter->rate;
    size = rate / 16;
    if (!rate || size > HAUL_WIRE_BUFFER)
        return HAUL_WIRE_BUFFER;
    return size < 256 ? 256 : (size_t)size;
}

/* What was received has its price in time (--limit-rate). */
static void pay(struct haul_conn *conn, size_t len)
{
    struct haul_wire *wire = conn->wire;
    int64_t until_us = 0, own_us;

    if (wire->common->meter.rate)
        until_us = haul_meter_take(&wire->common->meter, (int64_t)len, wire->now_us);
    if (conn->meter) {
        own_us = haul_meter_take(conn->meter, (int64_t)len, wire->now_us);
        until_us = own_us > until_us ? own_us : until_us;
    }
    if (until_us <= wire->now_us)
        return;
    conn->held_until_us = until_us;
    wire->has_held = true;
    for (struct haul_exchange *x = wire->active; x; x = x->active_next)
        if (x->conn == conn)
            haul_deadline_hold(&x->deadline, wire->now_us, until_us);
}

/* What poll(2) does not tell of is read in the next turn. */
static void note_hidden(struct haul_conn *conn)
{
    if (conn->state == HAUL_CONN_CLOSED || !haul_dial_has_hidden(&conn->dial))
        return;
    conn->has_more = conn->wire->has_more = true;
}

static void receive(struct haul_conn *conn)
{
    struct haul_wire *wire = conn->wire;
    size_t size = read_size(conn), moved;
    /* TLS gives one record at a time. */
    size_t shortest = conn->dial.is_plain || size < TLS_RECORD ? size : TLS_RECORD;

    for (int i = 0; i < READS_MAX && !conn->held_until_us; i++) {
        enum haul_dial_io io = haul_dial_receive(&conn->dial, wire->bytes, size, &moved);

        conn->has_more = io == HAUL_DIAL_OK && moved == size;
        if (io == HAUL_DIAL_AGAIN) {
            if (!i && ++conn->empty_reads > EMPTY_READS_MAX)
                end_flood(conn);
            note_hidden(conn);
            return;
        }
        conn->empty_reads = 0;
        if (io != HAUL_DIAL_OK) {
            take_end(conn, io);
            return;
        }
        pay(conn, moved);
        if (!take(conn, moved)) {
            note_hidden(conn);
            return;
        }
        if (moved < shortest && haul_dial_hides_nothing(&conn->dial))
            return;
    }
    conn->has_more = !conn->dial.is_plain || haul_dial_has_early(&conn->dial);
    wire->has_more = wire->has_more || conn->has_more;
}

/* A session that is to end, and serves nothing, has ended. A peer that takes nothing more may have
 * said something before. */
static void tend_shared(struct haul_conn *conn)
{
    if (!pull(conn)) {
        close_shared(conn, HAUL_REASON_NO_MEMORY, CURLE_OUT_OF_MEMORY, NULL);
        return;
    }
    conn->is_left = conn->is_left || conn->is_deaf;
    if (!haul_h2_active(conn->h2) && (conn->is_left || haul_h2_is_over(conn->h2)))
        haul_conn_close(conn);
}

void haul_conn_ready(struct haul_conn *conn, short events)
{
    if (conn->out.len && (events & (POLLOUT | POLLERR | POLLHUP)))
        send_kept(conn);
    if (events & (POLLIN | POLLHUP | POLLERR | POLLNVAL))
        receive(conn);
    if (conn->state == HAUL_CONN_SHARED)
        tend_shared(conn);
    if (conn->state != HAUL_CONN_CLOSED)
        watch(conn);
}

void haul_conn_release(struct haul_conn *conn)
{
    conn->held_until_us = 0;
    conn->wire->has_more = conn->wire->has_more || conn->has_more;
    watch(conn);
}

/* ---- serving ---- */

static void on_h2_end(void *arg, struct haul_exchange *x)
{
    struct haul_conn *conn = arg;

    conn->used_us = conn->wire->now_us;
    haul_wire_finish(conn->wire, x);
}

bool haul_conn_open(struct haul_conn *conn, bool speaks_h2)
{
    const char *ip = haul_dial_peer(&conn->dial, &conn->port, &conn->verify_result);

    snprintf(conn->ip, sizeof conn->ip, "%s", ip);
    if (speaks_h2 && haul_h2_create(on_h2_end, conn, &conn->h2))
        return false;
    conn->state = speaks_h2 ? HAUL_CONN_SHARED : HAUL_CONN_IDLE;
    return haul_watch_add(&conn->wire->watch, conn, conn->dial.fd, POLLIN);
}

static void introduce(struct haul_conn *conn, struct haul_exchange *x)
{
    x->conn = conn;
    x->waits = false;
    x->reused = conn->served++ > 0;
    x->http_version = conn->h2 ? 20 : 10;
    x->port = conn->port;
    x->verify_result = conn->verify_result;
    memcpy(x->ip, conn->ip, sizeof x->ip);
    x->sent_us = conn->wire->now_us;
    if (!x->connects)
        x->resolved_us = x->connected_us = x->sent_us;
    if (!x->connects && conn->dial.tls.is_done)
        x->secured_us = x->sent_us;
    haul_deadline_watch(&x->deadline, conn->wire->now_us);
    haul_deadline_hold(&x->deadline, conn->wire->now_us, conn->held_until_us);
}

static void serve_h1(struct haul_conn *conn, struct haul_exchange *x)
{
    const struct haul_proxy *proxy = conn->dial.proxy;
    bool absolute = conn->dial.is_proxied;
    struct haul_buf *head = &conn->wire->scratch;

    conn->state = HAUL_CONN_BUSY;
    conn->exchange = x;
    conn->is_early = haul_dial_has_early(&conn->dial);
    haul_h1_begin(&conn->h1, x->response);
    haul_buf_clear(head);
    haul_h1_write_request(&x->request, absolute, absolute ? proxy->authorization : NULL, head);
    x->request_bytes = (int64_t)head->len;
    if (head->err || !send_or_keep(conn, head->data, head->len))
        fail_h1(conn, HAUL_REASON_NO_MEMORY, CURLE_OUT_OF_MEMORY, NULL);
    else if (conn->out.len || conn->is_deaf || haul_dial_has_hidden(&conn->dial))
        haul_conn_ready(conn, conn->is_deaf || haul_dial_has_hidden(&conn->dial) ? POLLIN : 0);
}

/* The meter of its origin, in place of the one that it had. False: no memory. */
static bool set_meter(struct haul_conn *conn, const char *origin, int64_t rate)
{
    struct haul_meters *meters = conn->wire->common->meters;
    struct haul_meter *meter = NULL;

    if (rate > 0)
        meter = haul_meters_take(meters, origin, rate, conn->wire->now_us);
    if (conn->meter)
        haul_meters_give_back(meters, conn->meter);
    conn->meter = meter;
    return meter || rate <= 0;
}

void haul_conn_serve(struct haul_conn *conn, struct haul_exchange *x)
{
    introduce(conn, x);
    if (!set_meter(conn, x->request.origin, x->limit_rate)) {
        haul_wire_fail(conn->wire, x, HAUL_REASON_NO_MEMORY, CURLE_OUT_OF_MEMORY, NULL);
        return;
    }
    if (conn->state == HAUL_CONN_IDLE) {
        serve_h1(conn, x);
        return;
    }
    if (!haul_h2_begin(conn->h2, x, conn->wire->now_us))
        haul_wire_fail(conn->wire, x, HAUL_REASON_NO_MEMORY, CURLE_OUT_OF_MEMORY, NULL);
    conn->has_news = true;
    conn->wire->has_news = true;
}

void haul_conn_flush(struct haul_conn *conn)
{
    conn->has_news = false;
    haul_conn_ready(conn, haul_dial_has_hidden(&conn->dial) ? POLLIN : 0);
}

void haul_conn_cancel(struct haul_conn *conn, struct haul_exchange *x)
{
    if (conn->state == HAUL_CONN_BUSY) {
        conn->exchange = NULL;
        haul_conn_close(conn);
        return;
    }
    haul_h2_cancel(conn->h2, x);
    conn->has_news = true;
    conn->wire->has_news = true;
}

void haul_conn_leave(struct haul_conn *conn)
{
    conn->is_left = true;
    conn->has_news = true;
    conn->wire->has_news = true;
}
