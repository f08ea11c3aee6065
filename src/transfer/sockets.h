#ifndef HAUL_TRANSFER_SOCKETS_H
#define HAUL_TRANSFER_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "haul/err.h"

/*
 * The connections that one worker has open, and whether they can be trusted.
 *
 * Answers of HTTP/1 have no number: which request one belongs to follows from its place alone. A
 * server that sends bytes nobody asked for shifts everything behind them, and each URL gets another
 * one's body. libcurl does not mind: it throws such bytes away, or takes them for the next answer.
 * So a connection is looked at
 *
 *   - before each further request, when libcurl has chosen it (begin): bytes that wait, or an end,
 *     and the request goes over a fresh connection; unless the look at the end of the answer before
 *     was in the same round, a moment ago;
 *   - at the end of each answer (end): more bytes than the answer has, or a request that the
 *     server's system has not even acknowledged, and the answer was to something else. Where haul
 *     knows every byte that it was given (plain http), the kernel's count of received bytes is
 *     compared with its own (tcp(7), TCP_INFO), and so it also sees what libcurl swallowed. Over
 *     TLS and proxies, whose bytes are not its own, libcurl's words tell of that (transfer.c,
 *     on_words), and it is spoilt.
 *
 * An origin that has once sent such bytes is remembered, and gets a connection for each request.
 * What no client can see is a false answer that comes after the request and alone.
 *
 * One thread.
 */
struct haul_sockets;

HAUL_MUST_USE enum haul_err haul_sockets_create(struct haul_sockets **out);
void haul_sockets_free(struct haul_sockets *sockets);

/*
 * A descriptor was opened for `owner`, which is only compared, until the connection's first
 * request; is about to be closed. Adding may fail silently for want of memory: then it is never
 * looked at.
 */
void haul_sockets_add(struct haul_sockets *sockets, int fd, const void *owner);
void haul_sockets_remove(struct haul_sockets *sockets, int fd);

/*
 * A request of `owner` is about to be sent over the connection `id` (a hash of both ends' addresses
 * and ports: no two that are open at once have the same). False: it is a used one that has bytes
 * waiting or is at its end, or it is distrusted; it must not be used, and is to be closed. One
 * system call for a used one that was not looked at in this round.
 */
HAUL_MUST_USE bool haul_sockets_begin(struct haul_sockets *sockets, uint64_t id, const void *owner);

enum haul_answer_end {
    HAUL_ANSWER_ALONE,   /* nothing else came, as far as can be seen */
    HAUL_ANSWER_SURPLUS, /* more bytes came than it has */
    HAUL_ANSWER_LOST,    /* the same, and nobody was given them: libcurl has dropped a part of it */
    HAUL_ANSWER_EARLY    /* it was here before the server's system had the request */
};

/* An answer that is complete, for haul_sockets_end. */
struct haul_answer {
    uint64_t id;     /* the connection */
    uint64_t route;  /* a hash of its origin's name; 0: shared by requests that run at the same
                       time, never to be looked at */
    bool keeps_open; /* it says so: if libcurl has closed the connection all the same, then because
                        of what came behind the answer */
    int64_t bytes;   /* of the answer as received, head and body; -1: not known (TLS) */
};

/*
 * An answer came over a connection, which may have been closed since, in this turn. One that cannot
 * be trusted any more is shut down. One system call.
 */
HAUL_MUST_USE enum haul_answer_end haul_sockets_end(struct haul_sockets *sockets,
                                                    const struct haul_answer *answer);

/* Surplus bytes were seen by somebody else: shuts the connection down, remembers its origin. */
void haul_sockets_spoil(struct haul_sockets *sockets, const struct haul_answer *answer);

/*
 * A request that haul_sockets_begin let pass is over, however it ended: once for each. How many are
 * under way is counted for haul_sockets_distrust and haul_sockets_fate. Nothing if the connection
 * is not in the list any more.
 */
void haul_sockets_leave(struct haul_sockets *sockets, uint64_t id);

/*
 * A connection, which requests under way may share, may be dead: begin permits no further one on
 * it. With `broken`, nothing that is under way on it can end well: it is shut down at once; else
 * when the last of them has left. Nothing if it is not in the list any more.
 */
void haul_sockets_distrust(struct haul_sockets *sockets, uint64_t id, bool broken);

/*
 * What an answer over HTTP/2 that has just ended is still to learn of its connection: libcurl
 * before 8.2 says of a stream that it ended, too, when the session failed under all of them, and
 * closes the connection only when the last one has left. One system call at most.
 */
enum haul_fate {
    HAUL_FATE_OPEN,  /* not known yet: others are under way on it; known when the last has left */
    HAUL_FATE_WORKS, /* since the mark, another request was begun on it, which libcurl does on none
                        that it is to close; or bodies went on for a while; or it is open with
                        nothing under way */
    HAUL_FATE_GONE   /* closed, at its end or distrusted; or it was never in the list */
};

/* The moment when an answer ended; taken before its request leaves. */
struct haul_mark {
    uint64_t begun;   /* requests, until then */
    int64_t ended_us; /* monotonic */
};

struct haul_mark haul_sockets_mark(const struct haul_sockets *sockets, uint64_t id);
enum haul_fate haul_sockets_fate(const struct haul_sockets *sockets, uint64_t id,
                                 const struct haul_mark *mark);

/* A part of a body came over a connection, now. */
void haul_sockets_note_body(struct haul_sockets *sockets, uint64_t id);

/* A turn is over: the answers over all connections that were closed in it have been told. */
void haul_sockets_end_turn(struct haul_sockets *sockets);

/* The worker has waited for the network: what was seen before may be out of date. */
void haul_sockets_begin_round(struct haul_sockets *sockets);

/*
 * Whether an origin has sent surplus bytes: no connection to it is to be used twice. The last 256
 * such origins are remembered.
 */
bool haul_sockets_is_dirty(const struct haul_sockets *sockets, uint64_t route);

#endif
