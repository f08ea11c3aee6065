/* /head/NAME: servers whose HEAD is not what their GET would suggest. GET always
 * gives 1000 bytes, or with ranges=1 what /range gives for the same options. */
#include "entity.h"
#include "resources.h"

#include <string.h>

enum { GET_SIZE = 1000 };

struct head_fault {
    const char *name;
    const char *answer; /* the whole answer to HEAD */
    enum ts_end end;
};

static const struct head_fault faults[] = {
    {"405", "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Length: 0\r\n\r\n",
     TS_END_KEEP},
    {"501", "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n", TS_END_KEEP},
    {"403", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", TS_END_KEEP},
    {"400", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", TS_END_KEEP},
    {"404", "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n", TS_END_KEEP},
    {"500", "HTTP/1.1 500 Internal Server Error\r\n\r\n", TS_END_KEEP},
    {"999", "HTTP/1.1 999 Request denied\r\nContent-Length: 0\r\n\r\n", TS_END_KEEP},
    {"nolength", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", TS_END_KEEP},
    {"zero", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", TS_END_KEEP},
    {"lying", "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", TS_END_KEEP},
    {"body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nunwanted\n", TS_END_KEEP},
    {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", TS_END_KEEP},
    {"encoded", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 77\r\n\r\n",
     TS_END_KEEP},
    {"close", "", TS_END_CLOSE},
    {"reset", "", TS_END_RESET},
    {"stall", "", TS_END_HANG},
};

static const struct head_fault *find(struct ts_text path)
{
    const size_t skip = strlen("/head/");
    struct ts_text name = {path.data + skip, path.size - skip};
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (ts_text_is(name, faults[i].name))
            return &faults[i];
    }
    return NULL;
}

void ts_res_head(struct ts_conn *conn)
{
    const struct head_fault *fault = find(conn->request.path);
    if (fault == NULL) {
        ts_entity_answer_text(conn, 404, "not here\n");
        return;
    }
    char value[8];
    if (!conn->request.is_head &&
        ts_request_option(&conn->request, "ranges", value, sizeof(value), NULL)) {
        ts_res_range(conn);
        return;
    }
    if (!conn->request.is_head) {
        ts_entity_answer(conn, &(struct ts_entity){.size = GET_SIZE});
        return;
    }
    ts_script_add_static(&conn->script, fault->answer, strlen(fault->answer));
    ts_script_add_end(&conn->script, fault->end);
}
