#include "conn_parts.h"

#include "h2.h"
#include "rooms.h"

enum {
    DRAIN_MS = 1000,     /* for the peer to read the end and say goodbye */
    RESET_AFTER_MS = 30, /* so that the bytes before a reset arrive */
    HOLD_MS = 20         /* for which the halves of answers are held back; see h2.h */
};

/* ---- the ends of a script ---- */

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status;
}

void ts_conn_close_gently(struct ts_conn *conn, bool notify)
{
    ts_conn_count_end(conn);
    ts_buf_clear(&conn->wire);
    if (conn->tls != NULL && notify)
        ts_tls_finish(conn->tls, &conn->wire);
    ts_conn_send_wire(conn, conn->wire.data, conn->wire.size);
    if (conn->state == TS_CONN_CLOSING)
        return;
    conn->state = TS_CONN_DRAINING;
    ts_conn_start_timer(conn, TS_TIMER_DRAINED, DRAIN_MS);
    if (uv_shutdown(&conn->shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) != 0)
        ts_conn_destroy(conn);
}

/* The connection lasts until the client ends it. */
static void end_sending(struct ts_conn *conn, bool also_tcp)
{
    ts_conn_count_end(conn);
    ts_buf_clear(&conn->wire);
    if (conn->tls != NULL)
        ts_tls_finish(conn->tls, &conn->wire);
    ts_conn_send_wire(conn, conn->wire.data, conn->wire.size);
    if (conn->state == TS_CONN_CLOSING)
        return;
    conn->state = TS_CONN_DRAINING;
    if (also_tcp && uv_shutdown(&conn->shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) != 0)
        ts_conn_destroy(conn);
}

static void keep(struct ts_conn *conn)
{
    ts_conn_count_end(conn);
    conn->state = TS_CONN_READING;
    if (conn->has_idle)
        ts_conn_start_timer(conn, TS_TIMER_IDLE, conn->idle.at);
    else if (ts_h2_holds(conn))
        ts_conn_start_timer(conn, TS_TIMER_HOLD, HOLD_MS);
}

/* Returns whether there may be more to do at once. */
static bool do_end(struct ts_conn *conn, enum ts_end end)
{
    switch (end) {
    case TS_END_KEEP:
        if (conn->peer_is_done)
            ts_conn_destroy(conn);
        else
            keep(conn);
        return true;
    case TS_END_CLOSE:
        ts_conn_close_gently(conn, true);
        return false;
    case TS_END_CUT:
        ts_conn_close_gently(conn, false);
        return false;
    case TS_END_HALF:
        end_sending(conn, true);
        return false;
    case TS_END_NOTIFY:
        end_sending(conn, false);
        return false;
    case TS_END_RESET:
    case TS_END_ABORT:
        ts_conn_reset(conn);
        return false;
    case TS_END_HANG:
    case TS_END_COUNT:
        break;
    }
    return false;
}

/* A client's own acknowledgement must not meet a reset: it would never read what came before. */
void ts_conn_do_idle(struct ts_conn *conn)
{
    if (conn->idle.end == TS_END_RESET && ts_h2_is_unheard(conn)) {
        ts_conn_start_timer(conn, TS_TIMER_IDLE, conn->idle.at);
        return;
    }
    conn->has_idle = false;
    if (conn->idle.size > 0)
        ts_conn_send_plain(conn, conn->idle.data, conn->idle.size);
    ts_rooms_tell(conn);
    if (conn->state == TS_CONN_READING)
        (void)do_end(conn, conn->idle.end);
}

/* ---- playing the script ---- */

void ts_conn_begin_script(struct ts_conn *conn)
{
    ts_script_clear(&conn->script);
    ts_buf_clear(&conn->out);
    conn->out_at = 0;
    conn->pace_size = conn->server->write_size;
    conn->pace_gap_ms = 0;
    conn->has_idle = false;
    conn->state = TS_CONN_RUNNING;
}

static bool end_script(struct ts_conn *conn, const struct ts_step *step)
{
    if (step->end != TS_END_RESET)
        return do_end(conn, step->end);
    ts_conn_count_end(conn);
    conn->has_idle = true;
    conn->idle = (struct ts_step){.kind = TS_STEP_IDLE, .end = TS_END_RESET, .at = RESET_AFTER_MS};
    keep(conn);
    return false;
}

/* Returns whether to go on at once. */
static bool send_records(struct ts_conn *conn, const struct ts_step *step)
{
    enum { BATCH = 64 };
    const struct ts_record *record = step->record;
    uint64_t count = step->count < BATCH ? step->count : BATCH;
    if (conn->tls == NULL)
        return true;
    ts_buf_clear(&conn->wire);
    for (uint64_t i = 0; i < count; i++)
        ts_tls_forge(conn->tls, record, &conn->wire);
    ts_script_put_back(&conn->script, count);
    ts_conn_send_wire(conn, conn->wire.data, conn->wire.size);
    return conn->state == TS_CONN_RUNNING && conn->writes_pending == 0;
}

static bool renegotiate(struct ts_conn *conn)
{
    if (conn->tls == NULL)
        return true;
    ts_buf_clear(&conn->wire);
    ts_tls_renegotiate(conn->tls, &conn->wire);
    ts_conn_send_wire(conn, conn->wire.data, conn->wire.size);
    return conn->state == TS_CONN_RUNNING && conn->writes_pending == 0;
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
        ts_conn_start_timer(conn, TS_TIMER_PUMP, step->at);
        return false;
    case TS_STEP_GATE:
        return ts_rooms_pass(conn);
    case TS_STEP_DONE:
        ts_conn_count_end(conn);
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
    case TS_STEP_RECORD:
        return send_records(conn, step);
    case TS_STEP_RENEGOTIATE:
        return renegotiate(conn);
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
    ts_conn_send_plain(conn, data, size);
    if (conn->state != TS_CONN_RUNNING)
        return false;
    if (conn->pace_gap_ms == 0)
        return conn->writes_pending == 0;
    if (conn->writes_pending > 0)
        conn->gap_due = true;
    else
        ts_conn_start_timer(conn, TS_TIMER_PUMP, conn->pace_gap_ms);
    return false;
}

bool ts_conn_play(struct ts_conn *conn)
{
    if (conn->writes_pending > 0 || ts_tls_is_busy(conn->tls))
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
