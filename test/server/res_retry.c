/* Servers that fail for a while, and what they say about when to come back. */
#include "entity.h"
#include "resources.h"

#include <string.h>

static void answer_code(struct ts_conn *conn)
{
    unsigned code = (unsigned)ts_request_number(&conn->request, "code", 503);
    ts_entity_answer_text(conn, code, "not yet\n");
}

static void answer_truncated(struct ts_conn *conn)
{
    char with[256] = "he";
    (void)ts_request_option(&conn->request, "with", with, sizeof(with), NULL);
    ts_script_add_text(&conn->script, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
                       strlen(with) + 3, with);
    ts_script_add_end(&conn->script, TS_END_CLOSE);
}

void ts_res_flaky(struct ts_conn *conn)
{
    char mode[16] = "code", then[64] = "fine\n";
    (void)ts_request_option(&conn->request, "then", then, sizeof(then), NULL);
    (void)ts_request_option(&conn->request, "mode", mode, sizeof(mode), NULL);
    if (ts_resources_count(conn)->count > ts_request_number(&conn->request, "n", 1))
        ts_entity_answer_text(conn, 200, then);
    else if (strcmp(mode, "reset") == 0)
        ts_script_add_end(&conn->script, TS_END_RESET);
    else if (strcmp(mode, "truncate") == 0)
        answer_truncated(conn);
    else if (strcmp(mode, "hang") == 0)
        ts_script_add_end(&conn->script, TS_END_HANG);
    else
        answer_code(conn);
}

/* One header line with a literal value. Nothing in it is changed, NUL excepted. */
static void answer_header(struct ts_conn *conn, unsigned status, const char *name,
                          const char *value)
{
    struct ts_buf header = {0};
    ts_buf_add_format(&header, "%s: %s\r\n", name, value);
    ts_buf_add(&header, "", 1);
    ts_entity_answer(conn,
                     &(struct ts_entity){
                         .status = status, .headers = header.data, .body = "not yet\n", .size = 8});
    ts_buf_done(&header);
}

void ts_res_throttle(struct ts_conn *conn)
{
    char value[4096] = "1";
    (void)ts_request_option(&conn->request, "retry-after", value, sizeof(value), NULL);
    uint64_t over_ms =
        ts_resources_count(conn)->first_ms + ts_request_number(&conn->request, "for", 1000);
    if (uv_now(&conn->server->loop) >= over_ms)
        ts_entity_answer_text(conn, 200, "fine\n");
    else
        answer_header(conn, 429, "Retry-After", value);
}

/* n=K: only the first K requests, then 200; without it always. */
void ts_res_retry_after(struct ts_conn *conn)
{
    char value[4096] = "";
    (void)ts_request_option(&conn->request, "v", value, sizeof(value), NULL);
    unsigned code = (unsigned)ts_request_number(&conn->request, "code", 503);
    if (ts_resources_count(conn)->count > ts_request_number(&conn->request, "n", TS_FOREVER))
        ts_entity_answer_text(conn, 200, "fine\n");
    else
        answer_header(conn, code, "Retry-After", value);
}

void ts_res_ratelimit(struct ts_conn *conn)
{
    char value[256] = "1";
    (void)ts_request_option(&conn->request, "reset", value, sizeof(value), NULL);
    if (ts_resources_count(conn)->count > ts_request_number(&conn->request, "n", TS_FOREVER))
        ts_entity_answer_text(conn, 200, "fine\n");
    else
        answer_header(conn, 429, "RateLimit-Limit: 1\r\nRateLimit-Remaining: 0\r\nRateLimit-Reset",
                      value);
}
