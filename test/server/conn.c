#include "conn.h"

#include "h2.h"
#include "resources.h"
#include "rooms.h"

#include <stdlib.h>
#include <string.h>

enum {
    TURN_STEPS = 2048,   /* then others have their turn */
    DRAIN_MS = 1000,     /* for the peer to read the end and say goodbye */
    RESET_AFTER_MS = 30, /* so that the bytes before a reset arrive */
    HOLD_MS = 20         /* for which the halves of answers are held back; see h2.h */
};

struct pending_write {
    uv_write_t request;
    struct ts_conn *conn;
    char data[];
};

static void pump(struct ts_conn *conn);

/* ---- the end of a connection ---- */

static void count_end(struct ts_conn *conn)
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
    count_end(conn);
    ts_rooms_leave(conn);
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

/* ---- the timer ---- */

static void on_timer(uv_timer_t *timer);

static void start_timer(struct ts_conn *conn, enum ts_timer_job job, uint64_t delay_ms)
{
    conn->timer_job = job;
    /* The loop's clock may be old: a delay must never come out shorter. */
    uv_update_time(&conn->server->loop);
    (void)uv_timer_start(&conn->timer, on_timer, delay_ms, 0);
}

/* ---- sending ---- */

static void on_written(uv_write_t *request, int status)
{
    struct pending_write *pending = request->data;
    struct ts_conn *conn = pending->conn;
    free(pending);
    conn->writes_pending--;
    if (conn->state == TS_CONN_CLOSING)
        return;
    if (status < 0) {
        ts_conn_destroy(conn);
        return;
    }
    if (conn->state != TS_CONN_RUNNING || conn->writes_pending > 0)
        return;
    if (uv_is_active((const uv_handle_t *)&conn->timer))
        return; /* a delay is running; these were bytes of the TLS layer */
    if (conn->gap_due) {
        conn->gap_due = false;
        start_timer(conn, TS_TIMER_PUMP, conn->pace_gap_ms);
        return;
    }
    pump(conn);
}

static void send_later(struct ts_conn *conn, const char *data, size_t size)
{
    struct pending_write *pending = ts_memory_take(1, sizeof(*pending) + size);
    pending->conn = conn;
    pending->request.data = pending;
    memcpy(pending->data, data, size);
    uv_buf_t buffer = uv_buf_init(pending->data, (unsigned)size);
    if (uv_write(&pending->request, (uv_stream_t *)&conn->tcp, &buffer, 1, on_written) == 0) {
        conn->writes_pending++;
        return;
    }
    free(pending);
    ts_conn_destroy(conn);
}

/* Sends wire bytes: at once as far as the socket takes them, the rest later. */
static void send_wire(struct ts_conn *conn, const char *data, size_t size)
{
    if (size == 0)
        return;
    uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)data, (unsigned)size);
    int sent = uv_try_write((uv_stream_t *)&conn->tcp, &buffer, 1);
    if (sent == UV_EAGAIN)
        sent = 0;
    if (sent < 0)
        ts_conn_destroy(conn);
    else if ((size_t)sent < size)
        send_later(conn, data + sent, size - (size_t)sent);
}

static void send_plain(struct ts_conn *conn, const char *data, size_t size)
{
    if (conn->tls == NULL) {
        send_wire(conn, data, size);
        return;
    }
    ts_buf_clear(&conn->wire);
    if (ts_tls_seal(conn->tls, data, size, &conn->wire))
        send_wire(conn, conn->wire.data, conn->wire.size);
    else
        ts_conn_destroy(conn);
}

/* ---- the ends of a script ---- */

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status;
}

static void close_gently(struct ts_conn *conn, bool notify)
{
    count_end(conn);
    ts_buf_clear(&conn->wire);
    if (conn->tls != NULL && notify)
        ts_tls_finish(conn->tls, &conn->wire);
    send_wire(conn, conn->wire.data, conn->wire.size);
    if (conn->state == TS_CONN_CLOSING)
        return;
    conn->state = TS_CONN_DRAINING;
    start_timer(conn, TS_TIMER_DRAINED, DRAIN_MS);
    if (uv_shutdown(&conn->shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) != 0)
        ts_conn_destroy(conn);
}

static void keep(struct ts_conn *conn)
{
    count_end(conn);
    conn->state = TS_CONN_READING;
    if (conn->has_idle)
        start_timer(conn, TS_TIMER_IDLE, conn->idle.at);
    else if (ts_h2_holds(conn))
        start_timer(conn, TS_TIMER_HOLD, HOLD_MS);
}

/* Returns whether there may be more to do at once. */
static bool do_end(struct ts_conn *conn, enum ts_end end)
{
    switch (end) {
    case TS_END_KEEP:
        keep(conn);
        return true;
    case TS_END_CLOSE:
        close_gently(conn, true);
        return false;
    case TS_END_CUT:
        close_gently(conn, false);
        return false;
    case TS_END_RESET:
        destroy(conn, true);
        return false;
    case TS_END_HANG:
    case TS_END_COUNT:
        break;
    }
    return false;
}

/* A client's own acknowledgement must not meet a reset: it would never read what came before. */
static void do_idle(struct ts_conn *conn)
{
    if (conn->idle.end == TS_END_RESET && ts_h2_is_unheard(conn)) {
        start_timer(conn, TS_TIMER_IDLE, conn->idle.at);
        return;
    }
    conn->has_idle = false;
    if (conn->idle.size > 0)
        send_plain(conn, conn->idle.data, conn->idle.size);
    ts_rooms_tell(conn);
    if (conn->state == TS_CONN_READING)
        (void)do_end(conn, conn->idle.end);
}

static void prepare_answer(struct ts_conn *conn);

static void do_release(struct ts_conn *conn)
{
    prepare_answer(conn);
    ts_h2_release(conn);
    pump(conn);
}

static void on_timer(uv_timer_t *timer)
{
    struct ts_conn *conn = timer->data;
    switch (conn->timer_job) {
    case TS_TIMER_PUMP:
        pump(conn);
        break;
    case TS_TIMER_WAIT:
        ts_rooms_timeout(conn);
        break;
    case TS_TIMER_IDLE:
        do_idle(conn);
        break;
    case TS_TIMER_HOLD:
        do_release(conn);
        break;
    case TS_TIMER_DRAINED:
        ts_conn_destroy(conn);
        break;
    }
}

/* ---- playing the script ---- */

static bool end_script(struct ts_conn *conn, const struct ts_step *step)
{
    if (step->end != TS_END_RESET)
        return do_end(conn, step->end);
    count_end(conn);
    conn->has_idle = true;
    conn->idle = (struct ts_step){.kind = TS_STEP_IDLE, .end = TS_END_RESET, .at = RESET_AFTER_MS};
    keep(conn);
    return false;
}

/* Returns whether to go on at once. */
static bool perform(struct ts_conn *conn, const struct ts_step *step)
{
    switch (step->kind) {
    case TS_STEP_PACE:
        conn->pace_size = step->size;
        conn->pace_gap_ms = step->at;
        return true;
    case TS_STEP_DELAY:
        start_timer(conn, TS_TIMER_PUMP, step->at);
        return false;
    case TS_STEP_DONE:
        count_end(conn);
        return true;
    case TS_STEP_REUSE:
        conn->has_reuse = true;
        conn->reuse = step->end;
        return true;
    case TS_STEP_AHEAD:
        conn->ahead = (struct ts_text){step->data, step->size};
        return true;
    case TS_STEP_IDLE:
        conn->has_idle = true;
        conn->idle = *step;
        return true;
    case TS_STEP_END:
        return end_script(conn, step);
    case TS_STEP_FLUSH:
    case TS_STEP_BYTES:
    case TS_STEP_REPEAT:
    case TS_STEP_PATTERN:
    case TS_STEP_COUNT:
        break;
    }
    return true;
}

static bool send_piece(struct ts_conn *conn)
{
    size_t size = conn->out.size - conn->out_at;
    if (conn->pace_size > 0 && conn->pace_size < size)
        size = (size_t)conn->pace_size;
    const char *data = conn->out.data + conn->out_at;
    conn->out_at += size;
    send_plain(conn, data, size);
    if (conn->state != TS_CONN_RUNNING)
        return false;
    if (conn->pace_gap_ms == 0)
        return conn->writes_pending == 0;
    if (conn->writes_pending > 0)
        conn->gap_due = true;
    else
        start_timer(conn, TS_TIMER_PUMP, conn->pace_gap_ms);
    return false;
}

static bool play(struct ts_conn *conn)
{
    if (conn->writes_pending > 0)
        return false;
    if (conn->out_at < conn->out.size)
        return send_piece(conn);
    ts_buf_clear(&conn->out);
    conn->out_at = 0;
    if (ts_script_fill(&conn->script, &conn->out))
        return true;
    const struct ts_step *step = ts_script_take(&conn->script);
    return step != NULL && perform(conn, step);
}

/* ---- requests ---- */

static void prepare_answer(struct ts_conn *conn)
{
    ts_script_clear(&conn->script);
    ts_buf_clear(&conn->out);
    conn->out_at = 0;
    conn->pace_size = conn->server->write_size;
    conn->pace_gap_ms = 0;
    conn->has_idle = false;
    conn->state = TS_CONN_RUNNING;
}

static void count_begin(struct ts_conn *conn)
{
    struct ts_stats *stats = &conn->server->stats;
    struct ts_text head = {conn->request.head.data, conn->request.head.size};
    ts_stats_log(stats, conn->id, conn->listener->name, head);
    conn->host = ts_stats_begin(stats, ts_request_header(&conn->request, "Host"));
    conn->counted = true;
}

static void refuse_request(struct ts_conn *conn)
{
    ts_script_add_text(&conn->script, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
                                      "Connection: close\r\n\r\n");
    ts_script_add_end(&conn->script, TS_END_CLOSE);
}

/* A client sees that bytes are too many only when it reads more behind them: where nothing is sent
 * at once, they are left out, because nobody could tell them from the answer. */
static void put_ahead(struct ts_conn *conn)
{
    struct ts_text ahead = conn->ahead;
    conn->ahead = (struct ts_text){NULL, 0};
    if (ahead.size == 0 || !ts_script_begins_with_bytes(&conn->script))
        return;
    ts_buf_add(&conn->out, ahead.data, ahead.size);
    (void)ts_script_fill(&conn->script, &conn->out);
}

/* Writes the script. An end that an earlier answer has left behind comes before
 * anything else; an idle one that is due soon comes now, so that it does not matter
 * how quick the client was. */
static void write_answer(struct ts_conn *conn, bool ends_now)
{
    if (conn->has_reuse)
        ts_script_add_end(&conn->script, conn->reuse);
    else if (ends_now)
        ts_script_add_end(&conn->script, conn->idle.end);
    else if (conn->h2 != NULL)
        ts_h2_answer(conn);
    else
        ts_resources_answer(conn);
    put_ahead(conn);
}

static bool idle_is_due(const struct ts_conn *conn)
{
    return conn->has_idle && conn->idle.size == 0 && conn->idle.end != TS_END_KEEP;
}

static void answer_request(struct ts_conn *conn, size_t head_size)
{
    bool ends_now = idle_is_due(conn);
    bool parsed = ts_request_parse(&conn->request, conn->in.data, head_size);
    ts_buf_drop_front(&conn->in, head_size);
    prepare_answer(conn);
    if (!parsed) {
        refuse_request(conn);
        return;
    }
    if (!ts_resources_are_quiet(&conn->request))
        count_begin(conn);
    write_answer(conn, ends_now);
}

/* A head that is not complete: it may never be, because it is too long or no HTTP (such
 * as TLS spoken to a plain port). Returns whether there is an answer to it. */
static bool judge_fragment(struct ts_conn *conn)
{
    if (conn->in.size > TS_HEAD_MAX)
        ts_conn_destroy(conn);
    else if (conn->in.size > 0 && (conn->in.data[0] < 'A' || conn->in.data[0] > 'z')) {
        ts_buf_clear(&conn->in);
        prepare_answer(conn);
        refuse_request(conn);
        return true;
    }
    return false;
}

/* The same over HTTP/2. */
static bool begin_stream(struct ts_conn *conn)
{
    bool ends_now = idle_is_due(conn);
    if (!ts_h2_read(conn)) {
        ts_conn_destroy(conn);
        return false;
    }
    if (ts_h2_is_over(conn)) {
        close_gently(conn, true);
        return false;
    }
    if (!ts_h2_begin(conn))
        return false;
    (void)uv_timer_stop(&conn->timer);
    prepare_answer(conn);
    count_begin(conn);
    ts_h2_greet(conn);
    write_answer(conn, ends_now);
    return true;
}

/* Returns whether there was a request. */
static bool begin_request(struct ts_conn *conn)
{
    if (conn->h2 != NULL)
        return begin_stream(conn);
    size_t head_size = ts_request_head_size(conn->in.data, conn->in.size);
    if (head_size == 0)
        return judge_fragment(conn);
    (void)uv_timer_stop(&conn->timer);
    answer_request(conn, head_size);
    return true;
}

static void pump(struct ts_conn *conn)
{
    for (unsigned i = 0; i < TURN_STEPS; i++) {
        bool more = false;
        if (conn->state == TS_CONN_READING)
            more = begin_request(conn);
        else if (conn->state == TS_CONN_RUNNING)
            more = play(conn);
        if (!more)
            return;
    }
    if (conn->state == TS_CONN_RUNNING || (conn->state == TS_CONN_READING && conn->in.size > 0))
        start_timer(conn, TS_TIMER_PUMP, 1); /* 0 would run before any other connection is read */
}

/* ---- reading ---- */

static void on_space(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct ts_conn *conn = handle->data;
    *buffer = uv_buf_init(conn->server->read_space, TS_SERVER_READ);
}

static void receive_tls(struct ts_conn *conn, const char *data, size_t size)
{
    bool was_ready = conn->tls->ready;
    ts_buf_clear(&conn->wire);
    enum ts_tls_state state = ts_tls_receive(conn->tls, data, size, &conn->in, &conn->wire);
    if (!was_ready && conn->tls->ready) {
        conn->server->stats.tls_handshakes++;
        conn->server->stats.tls_resumed += SSL_session_reused(conn->tls->ssl) ? 1 : 0;
        conn->h2 = ts_h2_was_chosen(conn->tls->ssl) ? ts_h2_create() : NULL;
    }
    send_wire(conn, conn->wire.data, conn->wire.size);
    if (conn->state == TS_CONN_CLOSING)
        return;
    if (state == TS_TLS_CLOSED)
        ts_conn_destroy(conn);
    else if (state == TS_TLS_FAILED)
        close_gently(conn, false);
}

static void receive(struct ts_conn *conn, const char *data, size_t size)
{
    if (conn->tls != NULL)
        receive_tls(conn, data, size);
    else
        ts_buf_add(&conn->in, data, size);
    if (conn->state == TS_CONN_READING)
        pump(conn);
    else if (conn->h2 != NULL && conn->state == TS_CONN_RUNNING && !ts_h2_read(conn))
        ts_conn_destroy(conn);
    else if (conn->in.size > TS_HEAD_MAX)
        ts_conn_destroy(conn); /* nobody needs to send that much during an answer */
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct ts_conn *conn = stream->data;
    if (conn->state == TS_CONN_CLOSING || size == 0)
        return;
    if (size < 0)
        ts_conn_destroy(conn);
    else if (conn->state == TS_CONN_DRAINING || conn->listener->kind == TS_LISTENER_SILENT)
        return;
    else if (conn->listener->kind == TS_LISTENER_GREET)
        close_gently(conn, false);
    else if (conn->listener->kind == TS_LISTENER_CUT)
        destroy(conn, true);
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
    prepare_answer(conn);
    ts_script_add_static(&conn->script, conn->listener->greeting, conn->listener->greeting_size);
    ts_script_add_end(&conn->script, TS_END_HANG);
    pump(conn);
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
        destroy(conn, true);
    else if (listener->kind == TS_LISTENER_CLOSE)
        close_gently(conn, false);
    else if (listener->kind == TS_LISTENER_GREET)
        greet(conn);
}

void ts_conn_wait(struct ts_conn *conn, uint64_t timeout_ms)
{
    conn->state = TS_CONN_WAITING;
    if (timeout_ms > 0)
        start_timer(conn, TS_TIMER_WAIT, timeout_ms);
}

void ts_conn_wake(struct ts_conn *conn)
{
    if (conn->state != TS_CONN_WAITING)
        return;
    conn->state = TS_CONN_RUNNING;
    start_timer(conn, TS_TIMER_PUMP, 0);
}
