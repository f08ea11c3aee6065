#include "conn_parts.h"

#include "h2.h"
#include "resources.h"

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
    ts_conn_begin_script(conn);
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
        ts_conn_begin_script(conn);
        refuse_request(conn);
        return true;
    }
    return false;
}

/* All requests wait for others, which may wait for the server's settings. */
static bool greet_alone(struct ts_conn *conn)
{
    if (!ts_h2_owes_greeting(conn))
        return false;
    ts_conn_begin_script(conn);
    ts_h2_greet(conn);
    ts_script_add_end(&conn->script, TS_END_KEEP);
    return true;
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
        ts_conn_close_gently(conn, true);
        return false;
    }
    if (!ts_h2_begin(conn))
        return greet_alone(conn);
    (void)uv_timer_stop(&conn->timer);
    ts_conn_begin_script(conn);
    count_begin(conn);
    ts_h2_greet(conn);
    write_answer(conn, ends_now);
    return true;
}

/* Returns whether there was a request. */
bool ts_conn_begin_request(struct ts_conn *conn)
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
