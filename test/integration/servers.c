#include "servers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"

enum { TEXT_MAX = 70000, NGINX_TRIES = 10 };

static struct it_process *server;
static const char *ready; /* the ready line */
static struct it_process *nginx;
static int nginx_port[IT_NGINX_PORTS];

/* ---- the test server ---- */

static void start_server(const char *const *args)
{
    const char *argv[16] = {"--dir", it_path("")};
    const char *program = getenv("HAUL_TESTSERVER");
    struct it_call call = {.argv = argv, .keep_input = true};

    ck_assert_msg(program != NULL, "HAUL_TESTSERVER is not set");
    call.program = program;
    for (size_t i = 0; args && args[i] && i < 12; i++)
        argv[i + 2] = args[i];
    server = it_start(&call);
    ready = it_await_line(server);
}

/* A case that failed may have left it stopped. */
static void stop_server(void)
{
    if (server) {
        it_signal(server, SIGCONT);
        (void)it_finish(server);
    }
    server = NULL;
}

void it_signal_server(int number)
{
    it_signal(server, number);
}

void it_begin_server_with(const char *const *args)
{
    it_begin();
    start_server(args);
}

void it_begin_server(void)
{
    it_begin_server_with(NULL);
}

void it_end_server(void)
{
    it_nginx_stop();
    stop_server();
    it_end();
}

void it_reset_server(void)
{
    (void)it_ask("/stats/reset");
}

int it_port(const char *name)
{
    const char *at = strstr(ready, it_text(" %s=", name));

    ck_assert_msg(at != NULL, "the server has no port '%s': %s", name, ready);
    return atoi(strchr(at, '=') + 1);
}

const char *it_ca_file(void)
{
    return it_path("ca.pem");
}

__attribute__((format(printf, 1, 0))) static const char *format_rest(const char *format,
                                                                     va_list args)
{
    static char rest[TEXT_MAX];
    int len = vsnprintf(rest, sizeof rest, format, args);

    ck_assert_int_ge(len, 0);
    ck_assert_int_lt(len, TEXT_MAX);
    return rest;
}

const char *it_url(const char *format, ...)
{
    va_list args;
    const char *rest;

    va_start(args, format);
    rest = format_rest(format, args);
    va_end(args);
    return it_text("http://127.0.0.1:%d%s", it_port("http"), rest);
}

/* ---- questions ---- */

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

bool it_is_listening(int port)
{
    int fd = connect_to(port);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static void write_all(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len) {
        ssize_t sent = write(fd, text, len);

        ck_assert_int_gt(sent, 0);
        text += sent;
        len -= (size_t)sent;
    }
}

static const char *ask_port(int port, const char *rest)
{
    struct haul_buf reply;
    const char *body;
    ssize_t got = 1;
    int fd = connect_to(port);

    ck_assert_int_ge(fd, 0);
    write_all(fd, it_text("GET %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", rest));
    haul_buf_init(&reply, 0);
    while (got > 0) {
        char *room = haul_buf_reserve(&reply, TEXT_MAX);

        ck_assert_ptr_nonnull(room);
        got = read(fd, room, TEXT_MAX);
        haul_buf_grew(&reply, got > 0 ? (size_t)got : 0);
    }
    (void)close(fd);
    body = strstr(haul_buf_str(&reply), "\r\n\r\n");
    ck_assert_msg(body != NULL, "no answer to %s", rest);
    body = it_text("%s", body + 4);
    haul_buf_done(&reply);
    return body;
}

const char *it_ask(const char *format, ...)
{
    va_list args;
    const char *rest;

    va_start(args, format);
    rest = format_rest(format, args);
    va_end(args);
    return ask_port(it_port("http"), rest);
}

json_int_t it_stat(const char *key)
{
    const json_t *stats = json_array_get(it_rows(it_ask("/stats")), 0);
    const json_t *value = json_object_get(stats, key);

    ck_assert_msg(json_is_integer(value), "no statistics of '%s'", key);
    return json_integer_value(value);
}

const json_t *it_log(const char *prefix)
{
    return it_rows(it_ask("/log?path=%s", prefix));
}

bool it_log_has_header(const json_t *line, const char *name)
{
    const json_t *headers = json_object_get(line, "headers");

    for (size_t i = 0; i < json_array_size(headers); i++) {
        const json_t *header = json_array_get(headers, i);

        if (strcasecmp(json_string_value(json_array_get(header, 0)), name) == 0)
            return true;
    }
    return false;
}

void it_await_requests(json_int_t count)
{
    int64_t since_ms = it_now_ms();

    while (it_stat("requests") < count)
        it_pause(since_ms, it_text("%lld requests", (long long)count));
}

void it_await_gate(const char *name, long count)
{
    int64_t since_ms = it_now_ms();

    while (atol(it_ask("/gate/waiting?name=%s", name)) < count)
        it_pause(since_ms, it_text("%ld requests in front of gate %s", count, name));
}

void it_open_gate(const char *name)
{
    (void)it_ask("/gate/open?name=%s", name);
}

/* ---- nginx ---- */

int it_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    (void)close(fd);
    return ntohs(address.sin_port);
}

static void add_common(struct haul_buf *conf, const char *root)
{
    haul_buf_addf(conf, "root '%s'; keepalive_requests 1000000; autoindex off;\n", root);
    haul_buf_add_str(conf, "location /moved/ { rewrite ^/moved/(.*)$ /$1 redirect; }\n");
    haul_buf_addf(
        conf, "location = /limited { limit_req zone=slow; limit_req_status 429; alias '%s'; }\n",
        it_path("nginx.small"));
    haul_buf_addf(conf,
                  "location /upstream/ { proxy_pass http://127.0.0.1:%d/; proxy_read_timeout 1s; "
                  "}\n",
                  it_port("http"));
}

static void add_server(struct haul_buf *conf, const char *root, enum it_nginx_port which)
{
    static const char *const kind[IT_NGINX_PORTS] = {"", "", " ssl", " ssl http2"};

    haul_buf_addf(conf, "server {\nlisten 127.0.0.1:%d%s;\n", nginx_port[which], kind[which]);
    if (which == IT_NGINX_PLAIN)
        haul_buf_addf(conf, "access_log '%s' short;\n", it_path("nginx.log"));
    if (which == IT_NGINX_TLS || which == IT_NGINX_H2)
        haul_buf_addf(conf, "ssl_certificate '%s'; ssl_certificate_key '%s';\n",
                      it_path("server.pem"), it_path("server.key"));
    if (which == IT_NGINX_GZIP)
        haul_buf_add_str(conf, "gzip on; gzip_types *; gzip_min_length 1; gzip_comp_level 1;\n");
    add_common(conf, root);
    haul_buf_add_str(conf, "}\n");
}

static const char *write_conf(const char *root)
{
    static const char *const temps[] = {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"};
    const char *path = it_path("nginx.conf");
    struct haul_buf conf;

    haul_buf_init(&conf, 0);
    haul_buf_addf(&conf, "daemon off; master_process off; pid '%s'; error_log stderr error;\n",
                  it_path("nginx.pid"));
    haul_buf_add_str(&conf, "events { worker_connections 4096; }\nhttp {\naccess_log off;\n");
    haul_buf_add_str(&conf, "log_format short '$status $request_uri';\n");
    haul_buf_add_str(&conf, "types { text/html html; text/css css; text/javascript js; image/png "
                            "png; image/jpeg jpg; application/pdf pdf; }\n");
    haul_buf_add_str(&conf, "default_type text/plain;\n");
    haul_buf_add_str(&conf, "limit_req_zone $server_port zone=slow:1m rate=1r/s;\n");
    for (size_t i = 0; i < sizeof temps / sizeof *temps; i++)
        haul_buf_addf(&conf, "%s_temp_path '%s';\n", temps[i], it_path(temps[i]));
    for (int i = 0; i < IT_NGINX_PORTS; i++)
        add_server(&conf, root, (enum it_nginx_port)i);
    haul_buf_add_str(&conf, "}\n");
    it_write(path, conf.data, conf.len);
    haul_buf_done(&conf);
    return path;
}

static bool is_up(void)
{
    for (int i = 0; i < IT_NGINX_PORTS; i++) {
        if (!it_is_listening(nginx_port[i]))
            return false;
    }
    return true;
}

static bool try_nginx(const char *program, const char *root)
{
    const char *conf;
    int64_t since_ms = it_now_ms();

    for (int i = 0; i < IT_NGINX_PORTS; i++)
        nginx_port[i] = it_free_port();
    conf = write_conf(root);
    nginx = it_start(&(struct it_call){
        .program = program, .argv = IT_ARGS("-c", conf, "-p", it_path(""), "-e", "stderr")});
    while (!is_up()) {
        if (it_has_ended(nginx)) {
            (void)fprintf(stderr, "# nginx: %s", it_finish(nginx).err);
            nginx = NULL;
            return false;
        }
        it_pause(since_ms, "nginx");
    }
    return true;
}

bool it_nginx_start(const char *root)
{
    static const char *const places[] = {"/usr/sbin/nginx", "/usr/bin/nginx", "/sbin/nginx",
                                         "/usr/local/sbin/nginx", "/usr/local/bin/nginx"};
    size_t at = 0;

    while (at < sizeof places / sizeof *places && access(places[at], X_OK) != 0)
        at++;
    if (at == sizeof places / sizeof *places)
        return false;
    it_write(it_path("nginx.small"), "small\n", 6);
    for (int i = 0; i < NGINX_TRIES; i++)
        if (try_nginx(places[at], root))
            return true;
    ck_abort_msg("nginx does not start");
    return false;
}

void it_nginx_stop(void)
{
    if (!nginx)
        return;
    it_signal(nginx, SIGTERM);
    (void)it_finish(nginx);
    nginx = NULL;
}

int it_nginx_port(enum it_nginx_port which)
{
    return nginx_port[which];
}

/* The one process of nginx writes its log before it turns to the next request, so that once this
 * one is answered those before it are written. */
const char *it_nginx_take_log(void)
{
    static size_t taken;
    const char *log, *mark = it_text("404 /log-mark-%zu\n", taken);
    int64_t since_ms = it_now_ms();

    (void)ask_port(nginx_port[IT_NGINX_PLAIN], it_text("/log-mark-%zu", taken));
    while (!strstr(log = it_read(it_path("nginx.log"), NULL) + taken, mark))
        it_pause(since_ms, "nginx's log");
    log = it_text("%.*s", (int)(strstr(log, mark) - log), log);
    taken += strlen(log) + strlen(mark);
    return log;
}
