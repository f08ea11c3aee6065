/* A site that wants its cookie back before it answers. */
#include "entity.h"
#include "resources.h"

#include <stdio.h>
#include <string.h>

enum { PAIR_MAX = 8192 };

static void write_pair(const struct ts_request *request, char *pair)
{
    char name[PAIR_MAX / 2] = "door";
    char value[PAIR_MAX / 2] = "open";
    (void)ts_request_option(request, "name", name, sizeof(name), NULL);
    (void)ts_request_option(request, "value", value, sizeof(value), NULL);
    (void)snprintf(pair, 2 * PAIR_MAX, "%s=%s", name, value);
}

bool ts_door_is_open(const struct ts_request *request)
{
    char pair[2 * PAIR_MAX];
    struct ts_text cookie = ts_request_header(request, "Cookie");
    write_pair(request, pair);
    size_t size = strlen(pair);
    for (size_t at = 0; at + size <= cookie.size; at++) {
        bool begins = at == 0 || cookie.data[at - 1] == ' ';
        bool ends = at + size == cookie.size || cookie.data[at + size] == ';';
        if (begins && ends && memcmp(cookie.data + at, pair, size) == 0)
            return true;
    }
    return false;
}

void ts_door_add_cookie(const struct ts_request *request, struct ts_buf *out)
{
    char pair[2 * PAIR_MAX];
    char with[4096] = "Path=/";
    write_pair(request, pair);
    (void)ts_request_option(request, "with", with, sizeof(with), NULL);
    ts_buf_add_format(out, "%s; %s", pair, with);
}

void ts_res_door(struct ts_conn *conn)
{
    struct ts_buf headers = {0};
    if (ts_door_is_open(&conn->request)) {
        ts_entity_answer_text(conn, 200, "in\n");
        return;
    }
    ts_buf_add_format(&headers, "Location: %.*s\r\nSet-Cookie: ", (int)conn->request.target.size,
                      conn->request.target.data);
    ts_door_add_cookie(&conn->request, &headers);
    ts_buf_add(&headers, "\r\n", 3);
    ts_entity_answer(conn, &(struct ts_entity){
                               .status = (unsigned)ts_request_number(&conn->request, "code", 302),
                               .headers = headers.data,
                               .body = "out\n",
                               .size = 4});
    ts_buf_done(&headers);
}
