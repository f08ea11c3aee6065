/* /bytes/...: a file that the test has made, with the Content-Encoding that the test wants. */
#include "res_bytes.h"

#include "entity.h"
#include "pattern.h"
#include "resources.h"

#include <stdlib.h>
#include <string.h>

enum { HEX_MAX = 32 * 1024 };

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

static bool accepts_gzip(const struct ts_request *request)
{
    struct ts_text accepted = ts_request_header(request, "Accept-Encoding");
    return accepted.size > 0 && memmem(accepted.data, accepted.size, "gzip", 4) != NULL;
}

static void read_hex(const struct ts_request *request, const char *option, struct ts_buf *out)
{
    char *hex = ts_memory_take(1, HEX_MAX);
    size_t size = 0;
    (void)ts_request_option(request, option, hex, HEX_MAX, &size);
    for (size_t i = 0; i + 1 < size; i += 2) {
        char byte = (char)(digit_of(hex[i]) << 4 | digit_of(hex[i + 1]));
        ts_buf_add(out, &byte, 1);
    }
    free(hex);
}

void ts_bytes_read(const struct ts_request *request, struct ts_bytes *bytes)
{
    *bytes = (struct ts_bytes){.body = {0}};
    read_hex(request, "hex", &bytes->body);
    (void)ts_request_option(request, "coding", bytes->coding, sizeof(bytes->coding) - 8, NULL);
    if (ts_request_number(request, "packs", 0) == 0 || !accepts_gzip(request))
        return;
    struct ts_buf plain = bytes->body;
    bytes->body = (struct ts_buf){0};
    ts_gzip_add(&bytes->body, plain.data, plain.size);
    ts_buf_done(&plain);
    strcat(bytes->coding, bytes->coding[0] == '\0' ? "gzip" : ", gzip");
}

void ts_res_bytes(struct ts_conn *conn)
{
    struct ts_bytes bytes;
    struct ts_buf headers = {0}, rest = {0};
    if (ts_request_number(&conn->request, "once", 0) != 0 && ts_resources_count(conn)->count > 1) {
        ts_script_add_end(&conn->script, TS_END_CLOSE);
        return;
    }
    ts_bytes_read(&conn->request, &bytes);
    read_hex(&conn->request, "rest", &rest);
    if (bytes.coding[0] != '\0')
        ts_buf_add_format(&headers, "Content-Encoding: %s\r\n", bytes.coding);
    ts_buf_add(&headers, "", 1);
    ts_entity_answer(conn,
                     &(struct ts_entity){.headers = headers.data,
                                         .body = bytes.body.data == NULL ? "" : bytes.body.data,
                                         .size = bytes.body.size,
                                         .rest = rest.data,
                                         .rest_size = rest.size});
    ts_buf_done(&rest);
    ts_buf_done(&headers);
    ts_buf_done(&bytes.body);
}
