#ifndef HAUL_WIRE_WIRE_INSIDE_H
#define HAUL_WIRE_WIRE_INSIDE_H

#include "base/wake.h"
#include "wire/dial.h"
#include "wire/h1.h"
#include "wire/h2.h"
#include "wire/wire.h"
#include "wire/wire_watch.h"

/*
 * The inside of the wire, for its files only.
 *
 *   wire.c        the loop: what is ready, what is due, what is over
 *   wire_route.c  which connection an exchange gets
 *   wire_conn.c   one connection: its bytes, and what they mean for the exchanges that it serves
 *   wire_pool.c   the connections that are open, and what is remembered of their keys
 *   wire_exchange.c  the exchanges that are lent, and how they end
 *   wire_watch.c  the descriptors of poll(2)
 *
 * In this order they call each other, and never the other way round.
 */
enum haul_conn_state {
    HAUL_CONN_CLOSED,  /* spare; its easy handle may be used again */
    HAUL_CONN_DIALING, /* exchanges wait for it */
    HAUL_CONN_IDLE,    /* HTTP/1, serves nothing */
    HAUL_CONN_BUSY,    /* HTTP/1, serves `exchange` */
    HAUL_CONN_SHARED   /* HTTP/2, serves any number, perhaps none */
};

struct haul_conn {
    struct haul_conn *next, *prev; /* of the open ones, the last used first; or of the spare ones */
    struct haul_wire *wire;        /* [const] */
    struct haul_dial dial;
    enum haul_conn_state state;
    struct haul_buf key; /* which exchanges it may serve (wire_route.c) */
    struct haul_client_cert cert;
    bool offers_h2;   /* if the server wants, it speaks HTTP/2 */
    int64_t begun_us; /* when it was dialed ... */
    long timeout_ms;  /* ... and how much time it had: what who dialed has to connect */
    char ip[46];
    int port;
    long verify_result;
    int served;                     /* exchanges, ever */
    int64_t used_us;                /* when the last of them ended */
    struct haul_exchange *exchange; /* of HTTP/1 */
    struct haul_h1 h1;
    struct haul_h2 *h2;
    struct haul_buf out; /* what could not be sent yet */
    bool is_left;        /* it may be dead: no further exchange gets it */
    bool is_early;       /* the answer under way was here before its request was there */
    int empty_reads;     /* in a row: poll said that there was something, and there were no bytes */
    bool is_deaf;        /* nothing can be sent any more; what came may still be read */
    bool has_more;       /* there may be bytes that poll does not tell of */
    bool has_news;       /* HTTP/2: requests were begun or cancelled */
    int64_t held_until_us; /* --limit-rate: nothing is read until then; 0: it is */
    struct haul_meter *meter;
    size_t place; /* wire_watch.h; 0: it is not watched */
};

enum { HAUL_WIRE_BUFFER = 65536, HAUL_WIRE_REMEMBERED = 256 };

/* The hashes of the last keys of which something is known; a ring. */
struct haul_memory_of_keys {
    uint64_t hash[HAUL_WIRE_REMEMBERED];
    size_t count;
};

struct haul_wire {
    struct haul_wire_common *common; /* [const] */
    haul_stop *stop;                 /* [const] */
    int count;                       /* [const] exchanges at a time */
    struct haul_dialer *dialer;
    struct haul_watch watch;
    struct haul_wake wake;
    struct haul_conn *open, *open_last; /* the last used first */
    int open_count;
    struct haul_conn *spare; /* closed ones */
    struct haul_conn *gone;  /* closed in this turn: spare when it is over */
    struct haul_exchange *active;
    struct haul_exchange *done, *done_last;
    struct haul_memory_of_keys dirty; /* they have sent bytes that nobody asked for */
    struct haul_memory_of_keys old;   /* they were offered HTTP/2 and speak HTTP/1 */
    int64_t now_us;                   /* monotonic, of this turn */
    int64_t polled_us;                /* when poll(2) said last which connections are quiet */
    bool has_more, has_news;          /* a connection has */
    bool has_held;                    /* the same: it is not read for a while */
    struct pollfd *ready;             /* those of a round ... */
    struct haul_conn **ready_owner;   /* ... and whose they are */
    size_t ready_cap;
    struct haul_buf scratch; /* a request that is made */
    char *bytes; /* [HAUL_WIRE_BUFFER] received; memory that was never filled is not resident */
};

/* ---- wire_exchange.c ---- */

/* The exchange is lent; is not any more. */
void haul_wire_link(struct haul_wire *wire, struct haul_exchange *x);
void haul_wire_unlink(struct haul_wire *wire, struct haul_exchange *x);

/* The exchange is over, as its `end`, `reason` and so on say. */
void haul_wire_finish(struct haul_wire *wire, struct haul_exchange *x);

/* The same, as failed; `message` may be NULL. `exitcode` is libcurl's. */
void haul_wire_fail(struct haul_wire *wire, struct haul_exchange *x, enum haul_reason reason,
                    int exitcode, const char *message);

/* ---- wire_pool.c ---- */

void haul_memory_add(struct haul_memory_of_keys *memory, const struct haul_buf *key);
bool haul_memory_has(const struct haul_memory_of_keys *memory, const struct haul_buf *key);

/* It is open from now on; it is used, and so the first of them; it is closed. */
void haul_pool_add(struct haul_wire *wire, struct haul_conn *conn);
void haul_pool_use(struct haul_conn *conn);
void haul_pool_close(struct haul_conn *conn);

/* What was closed in this turn may be used again. */
void haul_pool_sweep(struct haul_wire *wire);

/* ---- wire_route.c ---- */

/* Finds or makes a connection for an exchange that has none. */
void haul_route(struct haul_wire *wire, struct haul_exchange *x);

/* A connection was made, or not. */
void haul_route_dialed(struct haul_conn *conn, CURLcode code);

/* An exchange waits for it no longer. */
void haul_route_leave(struct haul_conn *conn, struct haul_exchange *x);

/* Frees all connections, which serve nothing. */
void haul_route_free(struct haul_wire *wire);

/* ---- wire_conn.c ---- */

/* It is made: speaks HTTP/1 or HTTP/2 from now on. False: no memory. */
HAUL_MUST_USE bool haul_conn_open(struct haul_conn *conn, bool speaks_h2);

/* Whether an idle one is as it was left. If not, it is closed. */
HAUL_MUST_USE bool haul_conn_is_quiet(struct haul_conn *conn);

/* Serves an exchange; there is room. */
void haul_conn_serve(struct haul_conn *conn, struct haul_exchange *x);

/* poll(2) has told of it; or it has more. */
void haul_conn_ready(struct haul_conn *conn, short events);

/* HTTP/2: says what is new. */
void haul_conn_flush(struct haul_conn *conn);

/* Ends an exchange that it serves, without a word. */
void haul_conn_cancel(struct haul_conn *conn, struct haul_exchange *x);

/* HTTP/2: an exchange has waited in vain for it; others that are under way may still go on. */
void haul_conn_leave(struct haul_conn *conn);

/* --limit-rate: it may be read again. */
void haul_conn_release(struct haul_conn *conn);

/* Closes it; it serves nothing any more. */
void haul_conn_close(struct haul_conn *conn);

#endif
