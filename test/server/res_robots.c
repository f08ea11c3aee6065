/* /robots.txt, which is what a test has said for that host: some other resource, such as
 * /rules?text=..., /flaky or /redirect. */
#include "entity.h"
#include "faults.h"
#include "resources.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_SIZE = 256, TEXT_MAX_SIZE = 16384 };

/* /robots/set?for=HOST&to=TARGET: HOST as in the Host header; without it, for all others. */
void ts_res_robots_set(struct ts_conn *conn)
{
    char host[NAME_MAX_SIZE] = "";
    size_t size = 0;
    (void)ts_request_option(&conn->request, "for", host, sizeof(host), &size);
    char *target = ts_map_take(&conn->server->robots, host, size);
    if (target == NULL || !ts_request_option(&conn->request, "to", target, TS_ROBOTS_MAX, NULL)) {
        ts_entity_answer_text(conn, 500, "too many, or no target\n");
        return;
    }
    ts_entity_answer_text(conn, 200, "set\n");
}

void ts_res_robots(struct ts_conn *conn)
{
    struct ts_text host = ts_request_header(&conn->request, "Host");
    const char *target = ts_map_take(&conn->server->robots, host.data, host.size);
    if (target == NULL || target[0] == '\0')
        target = ts_map_take(&conn->server->robots, "", 0);
    if (target == NULL || target[0] == '\0')
        ts_entity_answer_text(conn, 404, "no robots\n");
    else
        ts_faults_answer_alias(conn, target);
}

/* /rules?text=TEXT: the text itself, then pad=BYTES of comment lines, then tail=TEXT. */
void ts_res_rules(struct ts_conn *conn)
{
    struct ts_buf body = {0};
    char *text = ts_memory_take(1, TEXT_MAX_SIZE);
    size_t size = 0;
    if (ts_request_option(&conn->request, "text", text, TEXT_MAX_SIZE, &size))
        ts_buf_add(&body, text, size);
    for (uint64_t left = ts_request_number(&conn->request, "pad", 0); left >= 64; left -= 64)
        ts_buf_add_text(&body, "#234567890123456789012345678901234567890123456789012345678901"
                               "23\n");
    if (ts_request_option(&conn->request, "tail", text, TEXT_MAX_SIZE, &size))
        ts_buf_add(&body, text, size);
    ts_entity_answer(
        conn, &(struct ts_entity){.body = body.data == NULL ? "" : body.data, .size = body.size});
    free(text);
    ts_buf_done(&body);
}
