/* The server as a whole: its listeners, its connections, and what it remembers.
 *
 * One thread, one libuv loop. main.c makes it, listen.c opens its ports, conn.c serves
 * each connection, and resources.c says what a path means.
 */
#ifndef TS_SERVER_H
#define TS_SERVER_H

#include "cert.h"
#include "map.h"
#include "stats.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { TS_ADDRESSES_MAX = 600, TS_SERVER_READ = 64 * 1024, TS_ROBOTS_MAX = 4096 };

enum ts_listener_kind {
    TS_LISTENER_HTTP,   /* plain, or TLS if it has a context */
    TS_LISTENER_GREET,  /* says its greeting at once, and goodbye after the first bytes */
    TS_LISTENER_EARLY,  /* says its greeting at once, then serves as if it had not */
    TS_LISTENER_SILENT, /* accepts and never says anything */
    TS_LISTENER_CLOSE,  /* closes at once */
    TS_LISTENER_RESET,  /* resets at once */
    TS_LISTENER_CUT,    /* reads the first bytes, then resets */
    TS_LISTENER_COUNT
};

struct ts_server;

/* One listening socket. All fields are constant after ts_listen_open. */
struct ts_listener {
    uv_tcp_t tcp;
    struct ts_server *server;
    const char *name; /* as in the ready line; static */
    enum ts_listener_kind kind;
    SSL_CTX *context; /* NULL: plain; owned by the certificates */
    const char *greeting;
    size_t greeting_size;
    unsigned streams; /* of HTTP/2 at a time, 0: no limit */
    struct ts_listener *next;
};

/* A port of the ready line. */
struct ts_port {
    const char *name; /* static */
    int port;         /* 0: not available */
};

enum { TS_PORTS_MAX = 48 };

struct ts_conn;

struct ts_server {
    uv_loop_t loop;
    struct ts_listener *listeners; /* owned */
    struct ts_port ports[TS_PORTS_MAX];
    size_t port_count;
    int dead_sockets[8]; /* of refused= and blackhole=; closed at the end */
    size_t dead_count;
    struct ts_conn *conns; /* owned; the list of conn.c */
    uint64_t conns_made;
    uint64_t write_size; /* --write, 0 = whole */
    struct ts_certs certs;
    struct ts_stats stats;
    struct ts_map counters; /* path with query → struct ts_counter */
    struct ts_map rooms;    /* kind and name → struct ts_room (latches, gates) */
    struct ts_map robots;   /* Host → target of /robots.txt, TS_ROBOTS_MAX bytes */
    bool stopping;
    char read_space[TS_SERVER_READ]; /* one for all: a read is used up at once */
};

#endif
