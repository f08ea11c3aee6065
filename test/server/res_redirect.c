/* Redirects: good, endless, growing, to other origins, and to other schemes. */
#include "entity.h"
#include "resources.h"

#include <stdio.h>
#include <string.h>

enum { URL_MAX = 64 * 1024 };

static void answer_location(struct ts_conn *conn, const char *location)
{
    struct ts_buf header = {0};
    ts_buf_add_format(&header, "Location: %s\r\n", location);
    ts_buf_add(&header, "", 1);
    unsigned status = (unsigned)ts_request_number(&conn->request, "code", 302);
    ts_entity_answer(conn,
                     &(struct ts_entity){
                         .status = status, .headers = header.data, .body = "moved\n", .size = 6});
    ts_buf_done(&header);
}

void ts_res_redirect(struct ts_conn *conn)
{
    static char target[URL_MAX];
    if (ts_request_option(&conn->request, "to", target, sizeof(target), NULL))
        answer_location(conn, target);
    else
        ts_entity_answer_text(conn, 400, "to=URL is missing\n");
}

void ts_res_redirect_chain(struct ts_conn *conn)
{
    uint64_t hops = ts_request_number(&conn->request, "n", 0);
    if (hops == 0) {
        ts_entity_answer_text(conn, 200, "there\n");
        return;
    }
    char location[64];
    (void)snprintf(location, sizeof(location), "/redirect-chain?n=%llu",
                   (unsigned long long)hops - 1);
    answer_location(conn, location);
}

void ts_res_redirect_loop(struct ts_conn *conn)
{
    answer_location(conn, "/redirect-loop");
}

void ts_res_redirect_grow(struct ts_conn *conn)
{
    struct ts_text query = conn->request.query;
    struct ts_buf location = {0};
    ts_buf_add_text(&location, "/redirect-grow?");
    ts_buf_add(&location, query.data, query.size);
    for (unsigned i = 0; i < 100; i++)
        ts_buf_add_text(&location, "0123456789");
    ts_buf_add(&location, "", 1);
    answer_location(conn, location.data);
    ts_buf_done(&location);
}

static const struct {
    const char *scheme;
    const char *location;
} foreign[] = {
    {"file", "file:///etc/passwd"},
    {"ftp", "ftp://127.0.0.1/x"},
    {"ftps", "ftps://127.0.0.1/x"},
    {"gopher", "gopher://127.0.0.1/_x"},
    {"dict", "dict://127.0.0.1/d:x"},
    {"ldap", "ldap://127.0.0.1/x"},
    {"scp", "scp://127.0.0.1/x"},
    {"sftp", "sftp://127.0.0.1/x"},
    {"smb", "smb://127.0.0.1/x/y"},
    {"smtp", "smtp://127.0.0.1/x"},
    {"imap", "imap://127.0.0.1/x"},
    {"pop3", "pop3://127.0.0.1/1"},
    {"telnet", "telnet://127.0.0.1/"},
    {"tftp", "tftp://127.0.0.1/x"},
    {"rtsp", "rtsp://127.0.0.1/x"},
    {"mqtt", "mqtt://127.0.0.1/x"},
    {"ws", "ws://127.0.0.1/x"},
    {"data", "data:text/plain,hello"},
    {"javascript", "javascript:alert(1)"},
    {"mailto", "mailto:a@b.test"},
};

void ts_res_redirect_scheme(struct ts_conn *conn)
{
    char scheme[32] = "file";
    (void)ts_request_option(&conn->request, "s", scheme, sizeof(scheme), NULL);
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        if (strcmp(scheme, foreign[i].scheme) == 0) {
            answer_location(conn, foreign[i].location);
            return;
        }
    }
    ts_entity_answer_text(conn, 400, "no such scheme here\n");
}

void ts_res_redirect_two(struct ts_conn *conn)
{
    ts_entity_answer(
        conn, &(struct ts_entity){.status = 302,
                                  .headers = "Location: /size?n=1\r\nLocation: /size?n=2\r\n",
                                  .body = "moved\n",
                                  .size = 6});
}

void ts_res_redirect_missing(struct ts_conn *conn)
{
    ts_entity_answer_text(conn, (unsigned)ts_request_number(&conn->request, "code", 302),
                          "moved\n");
}

/* The host that the client named, without its port. */
static void copy_host(const struct ts_conn *conn, char *host, size_t size)
{
    struct ts_text name = ts_request_header(&conn->request, "Host");
    size_t end = name.size;
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == ':')
            end = i;
        if (name.data[i] == ']')
            end = name.size;
    }
    (void)snprintf(host, size, "%.*s", (int)end, name.data == NULL ? "" : name.data);
}

/* To path=PATH (/echo if missing) of another origin of this server. */
static void answer_origin(struct ts_conn *conn, const char *scheme, const char *host,
                          const char *port)
{
    char path[4096] = "/echo";
    char location[8192];
    (void)ts_request_option(&conn->request, "path", path, sizeof(path), NULL);
    (void)snprintf(location, sizeof(location), "%s://%s:%d%s", scheme, host,
                   ts_resources_port(conn->server, port), path);
    answer_location(conn, location);
}

void ts_res_redirect_port(struct ts_conn *conn)
{
    char host[256];
    copy_host(conn, host, sizeof(host));
    answer_origin(conn, "http", host, "http2nd");
}

void ts_res_redirect_host(struct ts_conn *conn)
{
    char host[256];
    copy_host(conn, host, sizeof(host));
    const char *other = strcmp(host, "localhost") == 0 ? "127.0.0.1" : "localhost";
    bool is_tls = conn->listener->context != NULL;
    answer_origin(conn, is_tls ? "https" : "http", other, is_tls ? "tls" : "http");
}

void ts_res_redirect_secure(struct ts_conn *conn)
{
    char host[256];
    copy_host(conn, host, sizeof(host));
    answer_origin(conn, "https", host, "tls");
}

void ts_res_redirect_plain(struct ts_conn *conn)
{
    char host[256];
    copy_host(conn, host, sizeof(host));
    answer_origin(conn, "http", host, "http");
}
