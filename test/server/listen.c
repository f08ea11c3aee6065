#include "listen.h"

#include "buf.h"
#include "conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, TRIES = 20, FILLERS = 4, NO_CERT = -1 };

struct plan {
    const char *name;
    enum ts_listener_kind kind;
    int cert; /* enum ts_cert_kind, or NO_CERT */
    const char *greeting;
    size_t greeting_size;
    unsigned streams;
};

#define GREETING(text) .greeting = (text), .greeting_size = sizeof(text) - 1

static const struct plan plans[] = {
    {.name = "http", .cert = NO_CERT},
    {.name = "http2nd", .cert = NO_CERT},
    {.name = "tls", .cert = TS_CERT_GOOD},
    {.name = "tls-selfsigned", .cert = TS_CERT_SELF_SIGNED},
    {.name = "tls-wrongname", .cert = TS_CERT_WRONG_NAME},
    {.name = "tls-expired", .cert = TS_CERT_EXPIRED},
    {.name = "tls-notyet", .cert = TS_CERT_NOT_YET},
    {.name = "tls-forged", .cert = TS_CERT_FORGED},
    {.name = "tls12", .cert = TS_CERT_TLS12},
    {.name = "h2", .cert = TS_CERT_H2},
    {.name = "h2-one", .cert = TS_CERT_H2, .streams = 1},
    {.name = "h2-250", .cert = TS_CERT_H2, .streams = 250},
    {.name = "tls-cut", .kind = TS_LISTENER_CUT, .cert = NO_CERT},
    {.name = "silent", .kind = TS_LISTENER_SILENT, .cert = NO_CERT},
    {.name = "accept-close", .kind = TS_LISTENER_CLOSE, .cert = NO_CERT},
    {.name = "accept-reset", .kind = TS_LISTENER_RESET, .cert = NO_CERT},
    {.name = "greet-ssh",
     .kind = TS_LISTENER_GREET,
     .cert = NO_CERT,
     GREETING("SSH-2.0-OpenSSH_9.2\r\n")},
    {.name = "greet-smtp",
     .kind = TS_LISTENER_GREET,
     .cert = NO_CERT,
     GREETING("220 mail.test ESMTP Postfix\r\n")},
    {.name = "greet-ftp",
     .kind = TS_LISTENER_GREET,
     .cert = NO_CERT,
     GREETING("220 FTP server ready.\r\n")},
    {.name = "greet-tlsalert",
     .kind = TS_LISTENER_GREET,
     .cert = NO_CERT,
     GREETING("\x15\x03\x01\x00\x02\x02\x28")},
    {.name = "greet-h2",
     .kind = TS_LISTENER_GREET,
     .cert = NO_CERT,
     GREETING("\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64")},
    {.name = "early",
     .kind = TS_LISTENER_EARLY,
     .cert = NO_CERT,
     GREETING("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")},
    {.name = "early-line",
     .kind = TS_LISTENER_EARLY,
     .cert = NO_CERT,
     GREETING("HTTP/1.1 200 OK\r\n")},
    {.name = "early-103",
     .kind = TS_LISTENER_EARLY,
     .cert = NO_CERT,
     GREETING("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")},
    {.name = "early-408",
     .kind = TS_LISTENER_EARLY,
     .cert = NO_CERT,
     GREETING("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")},
    {.name = "early-tls",
     .kind = TS_LISTENER_EARLY,
     .cert = TS_CERT_GOOD,
     GREETING("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")},
};

static void add_port(struct ts_server *server, const char *name, int port)
{
    if (server->port_count < TS_PORTS_MAX)
        server->ports[server->port_count++] = (struct ts_port){name, port};
}

static void on_connection(uv_stream_t *stream, int status)
{
    if (status == 0)
        ts_conn_accept(stream->data);
}

static struct ts_listener *create(struct ts_server *server, const struct plan *plan)
{
    struct ts_listener *listener = ts_memory_take(1, sizeof(*listener));
    listener->server = server;
    listener->name = plan->name;
    listener->kind = plan->kind;
    listener->context = plan->cert == NO_CERT ? NULL : server->certs.contexts[plan->cert];
    listener->greeting = plan->greeting;
    listener->streams = plan->streams;
    listener->greeting_size = plan->greeting_size;
    (void)uv_tcp_init(&server->loop, &listener->tcp);
    listener->tcp.data = listener;
    listener->next = server->listeners;
    server->listeners = listener;
    return listener;
}

static int port_of(const uv_tcp_t *tcp)
{
    struct sockaddr_storage address;
    int size = sizeof(address);
    if (uv_tcp_getsockname(tcp, (struct sockaddr *)&address, &size) != 0)
        return 0;
    /* The port is at the same place in both families. */
    return ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

/* Returns the port, or a negative libuv error. */
static int open_at(struct ts_listener *listener, const struct sockaddr *address)
{
    int result = uv_tcp_bind(&listener->tcp, address, 0);
    if (result == 0)
        result = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
    return result == 0 ? port_of(&listener->tcp) : result;
}

static int open_ipv4(struct ts_server *server, const struct plan *plan, const char *host, int port)
{
    struct sockaddr_in address;
    (void)uv_ip4_addr(host, port, &address);
    return open_at(create(server, plan), (const struct sockaddr *)&address);
}

static bool open_planned(struct ts_server *server, const struct plan *plan, int port)
{
    int opened = open_ipv4(server, plan, "127.0.0.1", port);
    if (opened > 0) {
        add_port(server, plan->name, opened);
        return true;
    }
    (void)fprintf(stderr, "haul-testserver: cannot listen for %s on port %d: %s\n", plan->name,
                  port, uv_strerror(opened));
    return false;
}

static bool open_plans(struct ts_server *server, const struct ts_listen_options *options)
{
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        int port = 0;
        if (strcmp(plans[i].name, "http") == 0)
            port = options->port;
        else if (strcmp(plans[i].name, "tls") == 0)
            port = options->tls_port;
        if (!open_planned(server, &plans[i], port))
            return false;
    }
    return true;
}

/* Without IPv6 the port is 0. */
static void open_ipv6(struct ts_server *server)
{
    static const struct plan plan = {.name = "http6", .cert = NO_CERT};
    struct sockaddr_in6 address;
    (void)uv_ip6_addr("::1", 0, &address);
    int port = open_at(create(server, &plan), (const struct sockaddr *)&address);
    add_port(server, plan.name, port > 0 ? port : 0);
}

/* ---- one port on many addresses ---- */

static void close_one(struct ts_listener *listener)
{
    if (!uv_is_closing((const uv_handle_t *)&listener->tcp))
        uv_close((uv_handle_t *)&listener->tcp, NULL);
}

/* Returns the port, 0 when some address does not have it free. What was opened in vain
 * is closed; its memory stays in the list until the end. */
static int try_addresses(struct ts_server *server, const struct plan *plan, unsigned count)
{
    struct ts_listener *before = server->listeners;
    int port = 0;
    for (unsigned i = 0; i < count; i++) {
        char host[32];
        ts_cert_address(i, host, sizeof(host));
        port = open_ipv4(server, plan, host, port);
        if (port > 0)
            continue;
        for (struct ts_listener *listener = server->listeners; listener != before;
             listener = listener->next)
            close_one(listener);
        return 0;
    }
    return port;
}

static bool open_addresses(struct ts_server *server, const struct plan *plan, unsigned count)
{
    for (unsigned i = 0; i < TRIES; i++) {
        int port = try_addresses(server, plan, count);
        if (port > 0) {
            add_port(server, plan->name, port);
            return true;
        }
    }
    (void)fprintf(stderr, "haul-testserver: no port is free on %u addresses\n", count);
    return false;
}

static bool open_many(struct ts_server *server, unsigned count)
{
    static const struct plan plain = {.name = "many", .cert = NO_CERT};
    static const struct plan tls = {.name = "many-tls", .cert = TS_CERT_MANY};
    return count == 0 ||
           (open_addresses(server, &plain, count) && open_addresses(server, &tls, count));
}

/* ---- ports that never answer ---- */

/* A bound socket of our own, closed at the end; -1 if there is none. */
static int bind_dead(struct ts_server *server, struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    server->dead_sockets[server->dead_count++] = fd;
    socklen_t size = sizeof(*address);
    *address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (const struct sockaddr *)address, size) != 0)
        return -1;
    return getsockname(fd, (struct sockaddr *)address, &size) == 0 ? fd : -1;
}

static bool open_refused(struct ts_server *server)
{
    struct sockaddr_in address;
    if (bind_dead(server, &address) < 0)
        return false;
    add_port(server, "refused", ntohs(address.sin_port));
    return true;
}

/* Linux queues one connection more than the backlog says and then drops what comes. */
static bool open_blackhole(struct ts_server *server)
{
    struct sockaddr_in address;
    int fd = bind_dead(server, &address);
    if (fd < 0 || listen(fd, 0) != 0)
        return false;
    for (unsigned i = 0; i < FILLERS; i++) {
        int filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (filler < 0)
            return false;
        server->dead_sockets[server->dead_count++] = filler;
        if (connect(filler, (const struct sockaddr *)&address, sizeof(address)) != 0 &&
            errno != EINPROGRESS)
            return false;
    }
    add_port(server, "blackhole", ntohs(address.sin_port));
    return true;
}

bool ts_listen_open(struct ts_server *server, const struct ts_listen_options *options)
{
    if (!open_plans(server, options))
        return false;
    if (!open_refused(server) || !open_blackhole(server)) {
        (void)fprintf(stderr, "haul-testserver: cannot make the dead ports: %s\n", strerror(errno));
        return false;
    }
    open_ipv6(server);
    return open_many(server, options->addresses);
}

void ts_listen_close(struct ts_server *server)
{
    for (struct ts_listener *listener = server->listeners; listener != NULL;
         listener = listener->next)
        close_one(listener);
    while (server->dead_count > 0)
        (void)close(server->dead_sockets[--server->dead_count]);
}

void ts_listen_free(struct ts_server *server)
{
    while (server->listeners != NULL) {
        struct ts_listener *next = server->listeners->next;
        free(server->listeners);
        server->listeners = next;
    }
}
