#include "conn_parts.h"

#include <stdlib.h>
#include <string.h>

struct pending_write {
    uv_write_t request;
    struct ts_conn *conn;
    char data[];
};

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
        ts_conn_start_timer(conn, TS_TIMER_PUMP, conn->pace_gap_ms);
        return;
    }
    ts_conn_pump(conn);
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
void ts_conn_send_wire(struct ts_conn *conn, const char *data, size_t size)
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

void ts_conn_send_plain(struct ts_conn *conn, const char *data, size_t size)
{
    if (conn->tls == NULL) {
        ts_conn_send_wire(conn, data, size);
        return;
    }
    ts_buf_clear(&conn->wire);
    if (ts_tls_seal(conn->tls, data, size, &conn->wire))
        ts_conn_send_wire(conn, conn->wire.data, conn->wire.size);
    else
        ts_conn_destroy(conn);
}
