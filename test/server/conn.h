/* One connection: it reads requests and plays a script for each of them.
 *
 *   READING ──request──▶ RUNNING ──end of script──▶ READING, DRAINING or CLOSING
 *                           ▲
 *   handler asks to wait:  WAITING ──somebody wakes it──┘
 *
 * Everything runs on the loop's thread. A connection frees itself: ts_conn_destroy may be
 * called at any time, and the memory goes when libuv has let go of both handles. A
 * callback that may have destroyed its connection looks at the state afterwards.
 */
#ifndef TS_CONN_H
#define TS_CONN_H

#include "buf.h"
#include "request.h"
#include "script.h"
#include "server.h"
#include "tls.h"

enum ts_conn_state {
    TS_CONN_READING,  /* between requests */
    TS_CONN_RUNNING,  /* playing its script */
    TS_CONN_WAITING,  /* for a latch or a gate */
    TS_CONN_DRAINING, /* said goodbye, waits a moment for the peer's */
    TS_CONN_CLOSING   /* handles are being closed; not in the list any more */
};

/* What the timer is running for; there is never more than one reason. */
enum ts_timer_job {
    TS_TIMER_PUMP,   /* go on: a delay or a gap is over, or others had their turn */
    TS_TIMER_WAIT,   /* waited too long */
    TS_TIMER_IDLE,   /* the idle step of the last script is due */
    TS_TIMER_HOLD,   /* halves of answers were held back for long enough */
    TS_TIMER_DRAINED /* the peer had its moment */
};

struct ts_room;
struct ts_h2;

struct ts_conn {
    uv_tcp_t tcp;
    uv_timer_t timer;
    uv_shutdown_t shutdown;
    struct ts_server *server;
    struct ts_listener *listener;
    struct ts_conn *next; /* in the server's list */
    struct ts_conn *prev;
    uint64_t id;        /* from 1, in order of acceptance */
    struct ts_tls *tls; /* NULL: plain */
    struct ts_h2 *h2;   /* NULL: HTTP/1.1 */
    enum ts_conn_state state;
    enum ts_timer_job timer_job;
    unsigned handles_open; /* 2 until closed */
    unsigned writes_pending;

    struct ts_buf in; /* plain bytes not yet used */
    struct ts_request request;
    struct ts_buf alias; /* the target that a fault stands for; see faults.h */
    struct ts_script script;
    struct ts_buf out;  /* plain bytes of the script on their way */
    size_t out_at;      /* sent so far */
    struct ts_buf wire; /* scratch: encrypted bytes */
    uint64_t pace_size; /* bytes in one write, 0 = whole */
    uint64_t pace_gap_ms;
    bool gap_due; /* the gap begins when the pending write is finished */

    bool peer_is_done;     /* the client has half-closed, and is answered nevertheless */
    bool counted;          /* the request is in progress for the statistics */
    struct ts_count *host; /* of the request that is counted, or NULL */
    bool has_reuse;
    enum ts_end reuse;    /* what the next request gets */
    struct ts_text ahead; /* static; what comes before the answer to the next request */
    bool has_idle;
    struct ts_step idle; /* its data is static */

    struct ts_room *room; /* where it waits, or NULL; rooms.c */
    bool is_in_answer;    /* while it waits: it goes on with its script */
    struct ts_conn *room_next;
    struct ts_conn *room_prev;
};

/* Accepts a connection from a listener that has one and begins to serve it. */
void ts_conn_accept(struct ts_listener *listener);

/* For a handler: the script is not ready, wait for ts_conn_wake. After 'timeout_ms'
 * (0 = never) ts_rooms_timeout is called. */
void ts_conn_wait(struct ts_conn *conn, uint64_t timeout_ms);

/* A waiting connection's script is ready: it is played in the next turn of the loop. */
void ts_conn_wake(struct ts_conn *conn);

/* A connection between requests goes on in the next turn of the loop. */
void ts_conn_go_on(struct ts_conn *conn);

/* Ends the connection now, without goodbye. Safe to call more than once. */
void ts_conn_destroy(struct ts_conn *conn);

#endif
