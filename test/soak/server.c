#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "conn.h"
#include "tls.h"

/*
 * haul-soakserver ORIGINS SEED: two hundred sites on one machine, most of them healthy.
 *
 * Origin N is http://hN.localhost:PORT, and the first healthy one is https. Those that die have a
 * port of their own, for nobody can stop to listen for one name only. What an origin is follows
 * from the seed. The program says "origin N KIND URL" for each, then "ready", and ends when its
 * standard input does.
 *
 *   healthy      always 200
 *   stall        one request in sixteen is answered by silence: none, or half an answer
 *   reset        one in sixteen ends in a reset, and one in half a body
 *   asks         two in sixty-four are 429 with Retry-After: 1
 *   throttle     two in sixty-four are 429 without
 *   maintenance  503 for 2 s in every 10 s
 *   dies         refuses connections for 1.5 s in every 6 s, and resets those that are open
 *
 * A path /NUMBER is answered with a body whose length follows from it, and of /NUMBER/close the
 * connection ends with the answer. One thread; an answer fits into a socket's buffer, so that no
 * write has to wait.
 */

enum kind { HEALTHY, STALL, RESET, ASKS, THROTTLE, MAINTENANCE, DIES, KINDS };

enum {
    HEALTHY_PERCENT = 70,
    ORIGINS_MAX = 1000,
    BODY_MAX = 1500,
    EVENTS = 256,
    BACKLOG = 4096,
    TICK_MS = 50
};

static const char *const kind_words[KINDS] = {"healthy",  "stall",       "reset", "asks",
                                              "throttle", "maintenance", "dies"};

static struct {
    int count, epoll;
    uint64_t seed;
    int64_t begun_ms;
    enum kind kind[ORIGINS_MAX];
    uint64_t requests[ORIGINS_MAX];
    struct listener listener[ORIGINS_MAX + 2]; /* the first two are everybody's, plain and TLS */
    int listeners;
    SSL_CTX *tls;
} server;

static char body[BODY_MAX];

/* ---- numbers ---- */

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* SplitMix64 (Steele et al., 2014). */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static enum kind kind_of(int origin)
{
    uint64_t number = mix(server.seed ^ mix((uint64_t)origin));

    if (number % 100 < HEALTHY_PERCENT)
        return HEALTHY;
    return (enum kind)(1 + number / 100 % (KINDS - 1));
}

/* Whether it is in the first `for_ms` of a cycle; each origin begins its own at another time. */
static bool is_in_phase(int origin, int64_t cycle_ms, int64_t for_ms)
{
    int64_t shift_ms = (int64_t)(mix((uint64_t)origin) % (uint64_t)cycle_ms);

    return (now_ms() - server.begun_ms + shift_ms) % cycle_ms < for_ms;
}

/* ---- answers ---- */

/* Of a body only the first `len` bytes are sent. False: the client takes nothing any more. */
static bool answer(struct conn *conn, int status, const char *field, size_t size, size_t len)
{
    char text[CONN_HEAD_MAX + BODY_MAX];
    int head = snprintf(text, CONN_HEAD_MAX, "HTTP/1.1 %d Soak\r\n%s%sContent-Length: %zu\r\n\r\n",
                        status, conn->is_last ? "Connection: close\r\n" : "", field, size);

    memcpy(text + head, body, len);
    return conn_send(conn, text, (size_t)head + len);
}

static void stall(struct conn *conn, uint64_t number, size_t size)
{
    conn->is_hung = true;
    if (number & 1)
        (void)answer(conn, 200, "", size + 1, size / 2);
}

/* What an origin does with one request; `number` is another for each. */
static void serve(struct conn *conn, int origin, size_t size)
{
    uint64_t nth = server.requests[origin]++;
    uint64_t number = mix(server.seed + nth * ORIGINS_MAX + (uint64_t)origin);
    enum kind kind = server.kind[origin];
    bool is_good = true;

    if (kind == STALL && number % 16 == 0)
        stall(conn, number / 16, size);
    else if (kind == RESET && number % 16 == 0)
        conn_end(conn, true);
    else if (kind == RESET && number % 16 == 1)
        is_good = answer(conn, 200, "", size + 1, size / 2) && false;
    else if (kind == ASKS && nth % 64 < 2)
        is_good = answer(conn, 429, "Retry-After: 1\r\n", 0, 0);
    else if (kind == THROTTLE && nth % 64 < 2)
        is_good = answer(conn, 429, "", 0, 0);
    else if (kind == MAINTENANCE && is_in_phase(origin, 10000, 2000))
        is_good = answer(conn, 503, "", 0, 0);
    else
        is_good = answer(conn, 200, "", size, size) && !conn->is_last;
    if (!is_good)
        conn_end(conn, false);
}

/* `path` is behind its slash. */
static void take_path(struct conn *conn, const char *path, size_t *size)
{
    char *end;

    *size = (size_t)(mix(strtoull(path, &end, 10)) % BODY_MAX);
    conn->is_last = strncmp(end, "/close ", 7) == 0;
}

/* The origin that a complete head is for; -1: none of ours. */
static int origin_of(const struct conn *conn)
{
    const char *host = strstr(conn->head, "\r\nHost: h");
    long origin = host ? strtol(host + 9, NULL, 10) : -1;

    if (conn->listener->origin >= 0)
        return conn->listener->origin;
    return origin >= 0 && origin < server.count ? (int)origin : -1;
}

static void take_requests(struct conn *conn)
{
    const char *end;
    int origin, fd = conn->fd;

    while (conn_of(fd) && !conn->is_hung && (end = strstr(conn->head, "\r\n\r\n"))) {
        size_t used = (size_t)(end + 4 - conn->head);
        size_t size;

        take_path(conn, conn->head + strlen("GET /"), &size);
        origin = origin_of(conn);
        conn->len -= used;
        memmove(conn->head, end + 4, conn->len + 1);
        if (origin < 0)
            conn_end(conn, false);
        else
            serve(conn, origin, size);
    }
}

static void read_conn(int fd)
{
    struct conn *conn;
    ssize_t len = 1;

    while ((conn = conn_of(fd)) && len > 0) {
        len = conn_receive(conn, conn->head + conn->len, CONN_HEAD_MAX - 1 - conn->len);
        if (len < 0)
            return;
        if (len == 0) {
            conn_end(conn, false);
            return;
        }
        conn->len += (size_t)len;
        conn->head[conn->len] = '\0';
        take_requests(conn);
    }
}

/* ---- listening ---- */

static bool watch(const struct listener *listener)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener->fd};

    return listen(listener->fd, BACKLOG) == 0 &&
           epoll_ctl(server.epoll, EPOLL_CTL_ADD, listener->fd, &event) == 0;
}

static bool open_listener(int origin, bool is_tls)
{
    struct listener *listener = &server.listener[server.listeners++];
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener->origin = origin;
    listener->is_tls = is_tls;
    listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener->fd < 0 || bind(listener->fd, (const struct sockaddr *)&address, len) ||
        getsockname(listener->fd, (struct sockaddr *)&address, &len))
        return false;
    listener->port = ntohs(address.sin_port);
    return watch(listener);
}

/* shutdown(2) ends a listening socket on Linux, which keeps its port: it refuses. */
static void die(struct listener *listener)
{
    listener->is_dead = true;
    (void)epoll_ctl(server.epoll, EPOLL_CTL_DEL, listener->fd, NULL);
    (void)shutdown(listener->fd, SHUT_RD);
    conn_reset_all(listener);
}

static void tick(void)
{
    for (int i = 2; i < server.listeners; i++) {
        struct listener *listener = &server.listener[i];
        bool is_dead = is_in_phase(listener->origin, 6000, 1500);

        if (is_dead && !listener->is_dead)
            die(listener);
        else if (!is_dead && listener->is_dead)
            listener->is_dead = !watch(listener);
    }
}

/* ---- the program ---- */

static void take_event(int fd)
{
    for (int i = 0; i < server.listeners; i++) {
        if (server.listener[i].fd == fd) {
            conn_accept_all(&server.listener[i]);
            return;
        }
    }
    read_conn(fd);
}

/* Until standard input ends. */
static void run(void)
{
    struct epoll_event events[EVENTS];
    int64_t ticked_ms = 0;
    bool has_ended = false;

    while (!has_ended) {
        int count = epoll_wait(server.epoll, events, EVENTS, TICK_MS);

        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == STDIN_FILENO)
                has_ended = true;
            else
                take_event(events[i].data.fd);
        }
        if (now_ms() - ticked_ms >= TICK_MS) {
            ticked_ms = now_ms();
            tick();
        }
    }
}

static void raise_limits(void)
{
    struct rlimit limit;

    (void)signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* Opens its port, if it has one of its own, and says what it is. */
static bool open_origin(int origin, bool is_tls)
{
    enum kind kind = server.kind[origin];
    const struct listener *listener = &server.listener[is_tls];

    if (kind == DIES) {
        listener = &server.listener[server.listeners];
        if (!open_listener(origin, false))
            return false;
    }
    (void)printf("origin %d %s %s://h%d.localhost:%d\n", origin, kind_words[kind],
                 is_tls ? "https" : "http", origin, listener->port);
    return true;
}

static bool open_everybodys(void)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = STDIN_FILENO};

    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    server.tls = soak_tls_create();
    if (server.epoll < 0 || !server.tls)
        return false;
    conn_begin(server.epoll, server.tls);
    return open_listener(-1, false) && open_listener(-1, true) &&
           epoll_ctl(server.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) == 0;
}

static bool set_up(void)
{
    bool is_up, has_tls = false;

    memset(body, 's', sizeof body);
    server.begun_ms = now_ms();
    is_up = open_everybodys();
    for (int i = 0; i < server.count && is_up; i++) {
        bool is_tls = kind_of(i) == HEALTHY && !has_tls;

        server.kind[i] = kind_of(i);
        has_tls |= is_tls;
        is_up = open_origin(i, is_tls);
    }
    return is_up;
}

int main(int argc, char **argv)
{
    server.count = argc == 3 ? atoi(argv[1]) : 0;
    if (server.count < 1 || server.count > ORIGINS_MAX) {
        (void)fputs("usage: haul-soakserver ORIGINS SEED\n", stderr);
        return 2;
    }
    server.seed = strtoull(argv[2], NULL, 10);
    raise_limits();
    if (!set_up()) {
        perror("haul-soakserver");
        return EXIT_FAILURE;
    }
    (void)puts("ready");
    (void)fflush(stdout);
    run();
    conn_reset_all(NULL);
    SSL_CTX_free(server.tls);
    return EXIT_SUCCESS;
}
