#include "conn_parts.h"

#include "h2.h"
#include "rooms.h"

#include <stdlib.h>

enum { TURN_STEPS = 2048 }; /* then others have their turn */

/* ---- the end of a connection ---- */

void ts_conn_count_end(struct ts_conn *conn)
{
    if (conn->counted)
        ts_stats_end(&conn->server->stats, conn->host);
    conn->counted = false;
}

static void free_conn(struct ts_conn *conn)
{
    ts_tls_free(conn->tls);
    ts_h2_free(conn->h2);
    ts_buf_done(&conn->in);
    ts_buf_done(&conn->out);
    ts_buf_done(&conn->wire);
    ts_buf_done(&conn->alias);
    ts_request_done(&conn->request);
    ts_script_done(&conn->script);
    free(conn);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct ts_conn *conn = handle->data;
    conn->handles_open--;
    if (conn->handles_open == 0)
        free_conn(conn);
}

static void leave_list(struct ts_conn *conn)
{
    if (conn->prev != NULL)
        conn->prev->next = conn->next;
    else
        conn->server->conns = conn->next;
    if (conn->next != NULL)
        conn->next->prev = conn->prev;
    conn->server->stats.open--;
}

static void destroy(struct ts_conn *conn, bool reset)
{
    if (conn->state == TS_CONN_CLOSING)
        return;
    ts_conn_count_end(conn);
    ts_rooms_leave(conn);
    ts_h2_leave(conn);
    leave_list(conn);
    conn->state = TS_CONN_CLOSING;
    uv_close((uv_handle_t *)&conn->timer, on_handle_closed);
    if (!reset || uv_tcp_close_reset(&conn->tcp, on_handle_closed) != 0)
        uv_close((uv_handle_t *)&conn->tcp, on_handle_closed);
}

void ts_conn_destroy(struct ts_conn *conn)
{
    destroy(conn, false);
}

void ts_conn_reset(struct ts_conn *conn)
{
    destroy(conn, true);
}

/* ---- the timer ---- */

static void do_release(struct ts_conn *conn)
{
    ts_conn_begin_script(conn);
    ts_h2_release(conn);
    ts_conn_pump(conn);
}

static void on_timer(uv_timer_t *timer)
{
    struct ts_conn *conn = timer->data;
    switch (conn->timer_job) {
    case TS_TIMER_PUMP:
        ts_conn_pump(conn);
        break;
    case TS_TIMER_WAIT:
        ts_rooms_timeout(conn);
        break;
    case TS_TIMER_IDLE:
        ts_conn_do_idle(conn);
        break;
    case TS_TIMER_HOLD:
        do_release(conn);
        break;
    case TS_TIMER_DRAINED:
        ts_conn_destroy(conn);
        break;
    }
}

void ts_conn_start_timer(struct ts_conn *conn, enum ts_timer_job job, uint64_t delay_ms)
{
    conn->timer_job = job;
    /* The loop's clock may be old: a delay must never come out shorter. */
    uv_update_time(&conn->server->loop);
    (void)uv_timer_start(&conn->timer, on_timer, delay_ms, 0);
}

/* ---- going on ---- */

void ts_conn_pump(struct ts_conn *conn)
{
    for (unsigned i = 0; i < TURN_STEPS; i++) {
        bool more = false;
        if (conn->state == TS_CONN_READING)
            more = ts_conn_begin_request(conn);
        else if (conn->state == TS_CONN_RUNNING)
            more = ts_conn_play(conn);
        if (!more)
            return;
    }
    if (conn->state == TS_CONN_RUNNING || (conn->state == TS_CONN_READING && conn->in.size > 0))
        /* 0 would run before any other connection is read. */
        ts_conn_start_timer(conn, TS_TIMER_PUMP, 1);
}

/* ---- reading ---- */

static void on_space(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct ts_conn *conn = handle->data;
    *buffer = uv_buf_init(conn->server->read_space, TS_SERVER_READ);
}

/* The answer to what nobody has asked yet. */
static void say_early(struct ts_conn *conn)
{
    if (conn->state != TS_CONN_CLOSING && conn->listener->kind == TS_LISTENER_EARLY)
        ts_conn_send_plain(conn, conn->listener->greeting, conn->listener->greeting_size);
}

static void receive_tls(struct ts_conn *conn, const char *data, size_t size)
{
    bool was_ready = conn->tls->ready;
    ts_buf_clear(&conn->wire);
    enum ts_tls_state state = ts_tls_receive(conn->tls, data, size, &conn->in, &conn->wire);
    if (!was_ready && conn->tls->ready) {
        conn->server->stats.tls_handshakes++;
        conn->server->stats.tls_resumed += SSL_session_reused(conn->tls->ssl) ? 1 : 0;
        conn->h2 = ts_h2_was_chosen(conn->tls->ssl) ? ts_h2_create(conn->listener->streams) : NULL;
    }
    ts_conn_send_wire(conn, conn->wire.data, conn->wire.size);
    if (!was_ready && conn->tls->ready)
        say_early(conn);
    if (conn->state == TS_CONN_CLOSING)
        return;
    if (state == TS_TLS_CLOSED)
        ts_conn_destroy(conn);
    else if (state == TS_TLS_FAILED)
        ts_conn_close_gently(conn, false);
}

static void receive(struct ts_conn *conn, const char *data, size_t size)
{
    bool was_busy = ts_tls_is_busy(conn->tls);
    if (conn->tls != NULL)
        receive_tls(conn, data, size);
    else
        ts_buf_add(&conn->in, data, size);
    if (conn->state == TS_CONN_READING)
        ts_conn_pump(conn);
    else if (was_busy && conn->state == TS_CONN_RUNNING && !ts_tls_is_busy(conn->tls))
        ts_conn_pump(conn);
    else if (conn->h2 != NULL && conn->state == TS_CONN_RUNNING && !ts_h2_read(conn))
        ts_conn_destroy(conn);
    else if (conn->in.size > TS_HEAD_MAX)
        ts_conn_destroy(conn); /* nobody needs to send that much during an answer */
}

/* A client that has half-closed is answered if it asks for that: most have gone. */
static bool is_still_read(const struct ts_conn *conn)
{
    return conn->tls == NULL && conn->state == TS_CONN_RUNNING &&
           ts_request_number(&conn->request, "half", 0) != 0;
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct ts_conn *conn = stream->data;
    if (conn->state == TS_CONN_CLOSING || size == 0)
        return;
    if (size == UV_EOF && is_still_read(conn))
        conn->peer_is_done = true;
    else if (size < 0)
        ts_conn_destroy(conn);
    else if (conn->state == TS_CONN_DRAINING || conn->listener->kind == TS_LISTENER_SILENT)
        return;
    else if (conn->listener->kind == TS_LISTENER_GREET)
        ts_conn_close_gently(conn, false);
    else if (conn->listener->kind == TS_LISTENER_CUT)
        ts_conn_reset(conn);
    else
        receive(conn, buffer->base, (size_t)size);
}

/* ---- the beginning ---- */

static void join_list(struct ts_conn *conn)
{
    struct ts_server *server = conn->server;
    conn->id = ++server->conns_made;
    conn->next = server->conns;
    if (conn->next != NULL)
        conn->next->prev = conn;
    server->conns = conn;
    server->stats.open++;
}

static struct ts_conn *create(struct ts_listener *listener)
{
    struct ts_conn *conn = ts_memory_take(1, sizeof(*conn));
    conn->server = listener->server;
    conn->listener = listener;
    (void)uv_tcp_init(&conn->server->loop, &conn->tcp);
    (void)uv_timer_init(&conn->server->loop, &conn->timer);
    conn->tcp.data = conn;
    conn->timer.data = conn;
    conn->handles_open = 2;
    join_list(conn);
    return conn;
}

static void greet(struct ts_conn *conn)
{
    ts_conn_begin_script(conn);
    ts_script_add_static(&conn->script, conn->listener->greeting, conn->listener->greeting_size);
    ts_script_add_end(&conn->script, TS_END_HANG);
    ts_conn_pump(conn);
}

static bool start(struct ts_conn *conn)
{
    (void)uv_tcp_nodelay(&conn->tcp, 1);
    conn->server->stats.connections++;
    if (conn->listener->context != NULL) {
        conn->tls = ts_tls_create(conn->listener->context);
        if (conn->tls == NULL)
            return false;
    }
    return uv_read_start((uv_stream_t *)&conn->tcp, on_space, on_read) == 0;
}

void ts_conn_accept(struct ts_listener *listener)
{
    struct ts_conn *conn = create(listener);
    int accepted = uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&conn->tcp);
    if (accepted != 0 || !start(conn))
        ts_conn_destroy(conn);
    else if (listener->kind == TS_LISTENER_RESET)
        ts_conn_reset(conn);
    else if (listener->kind == TS_LISTENER_CLOSE)
        ts_conn_close_gently(conn, false);
    else if (listener->kind == TS_LISTENER_GREET)
        greet(conn);
    else if (conn->tls == NULL)
        say_early(conn);
}

void ts_conn_wait(struct ts_conn *conn, uint64_t timeout_ms)
{
    conn->state = TS_CONN_WAITING;
    if (timeout_ms > 0)
        ts_conn_start_timer(conn, TS_TIMER_WAIT, timeout_ms);
}

void ts_conn_go_on(struct ts_conn *conn)
{
    if (!uv_is_active((const uv_handle_t *)&conn->timer))
        ts_conn_start_timer(conn, TS_TIMER_PUMP, 0);
}

void ts_conn_wake(struct ts_conn *conn)
{
    if (conn->state != TS_CONN_WAITING)
        return;
    conn->state = TS_CONN_RUNNING;
    ts_conn_start_timer(conn, TS_TIMER_PUMP, 0);
}
