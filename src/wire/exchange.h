#ifndef HAUL_WIRE_EXCHANGE_H
#define HAUL_WIRE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/record.h"
#include "http/response.h"
#include "wire/deadline.h"

/*
 * One request and its answer, as the wire sees them: what is to be sent, and what came, byte by
 * byte, with the proof of its end. Nothing is judged here but whether it is HTTP at all.
 *
 * The owner fills in the first part and lends the exchange to the wire (haul_wire_start). From then
 * on it is the wire's, which writes the second part and calls the events, until it is given back
 * (haul_wire_take_done) or taken back (haul_wire_cancel). One thread.
 */

/* What is asked for. Strings are the owner's and stay as they are while the exchange is lent. */
struct haul_request {
    const char *method;            /* "GET" or "HEAD" */
    const char *url;               /* whole, as input/url.h makes it: no userinfo, no fragment */
    const char *origin;            /* scheme://host:port of that URL, as input/url.h makes it */
    const char *looked_up;         /* the same with the dot of an absolute name, or NULL */
    const char *authority;         /* what Host or :authority says */
    const struct haul_buf *fields; /* further ones, "Name: value\r\n" each, in the order in which
                                      they are sent; neither Host nor Connection among them */
};

/*
 * Of the client, as CURLOPT_SSLCERT, CURLOPT_SSLKEY and CURLOPT_KEYPASSWD have it; PEM files. The
 * strings outlive the wire, and of the same certificate they are the same.
 */
struct haul_client_cert {
    const char *cert; /* or NULL: none */
    const char *key;  /* or NULL: it is in the same file */
    const char *pass; /* or NULL */
};

/* Both return whether the rest of the answer is wanted. Called by the wire, in haul_wire_run. */
struct haul_exchange_events {
    bool (*head)(void *arg); /* the final head is there: `response` has it. Once at most */
    bool (*body)(void *arg, const char *bytes,
                 size_t len); /* the next ones, transfer coding undone;
                                                               lent for the call, len > 0 */
};

/* How an exchange ended: what proves that the body is whole, if anything does. */
enum haul_exchange_end {
    HAUL_END_NONE,   /* it is under way */
    HAUL_END_LENGTH, /* as many bytes as announced came, or there can be no body */
    HAUL_END_CHUNKS, /* the last chunk and the end of its trailers came */
    HAUL_END_STREAM, /* END_STREAM (RFC 9113) */
    HAUL_END_CLOSE,  /* the connection was closed in good order, which is all that HTTP/1 says about
                        the end of such a body: nothing proves that it is whole */
    HAUL_END_CUT,    /* an event did not want the rest */
    HAUL_END_FAILED  /* `reason` says why */
};

struct haul_exchange {
    /* ---- by the owner, before it is lent ---- */
    struct haul_request request;
    struct haul_exchange_limits limits;
    struct haul_response *response; /* begun; the wire feeds it line by line */
    const struct haul_exchange_events *events;
    void *arg;                    /* of the events */
    bool fresh;                   /* on a connection that has served nothing before */
    bool http1;                   /* not over HTTP/2 */
    struct haul_client_cert cert; /* shown to a server that asks */
    int64_t limit_rate;           /* bytes per second of all answers of this origin; 0: no limit */

    /* ---- by the wire; the owner reads it when it is over, and in the events ---- */
    enum haul_exchange_end end;
    enum haul_reason reason; /* of HAUL_END_FAILED, else NONE */
    int exitcode;      /* a libcurl code that says the same; 0 if it neither failed nor was cut */
    char message[256]; /* what failed, for people, if it says more than `reason`; else "" */

    bool reused;   /* its connection had served another one before */
    bool answered; /* a byte of the answer came */
    bool
        unserved; /* the server says that it has not begun to serve it (REFUSED_STREAM, or above the
                       last stream of a GOAWAY: RFC 9113, 8.7): asking again is safe */
    bool wants_1_1; /* HTTP_1_1_REQUIRED: the server would serve it over HTTP/1.1 */
    bool doubtful;  /* of HTTP/1, over a reused connection, that had or got bytes nobody asked for:
                       what came may have been meant for another request */
    bool refused_address; /* an address of the host is not among those allowed */
    int http_version; /* that the connection speaks: 10 (HTTP/1), 20; 0: there was none. What the
                             answer says of itself is in `response` */
    int connects;     /* new connections made for it, 0 or 1 */
    int64_t request_bytes; /* sent for it: of HTTP/2 the head's fields as if they were lines */
    long verify_result;    /* CURLINFO_SSL_VERIFYRESULT of its connection */
    char ip[46];           /* of the peer, or "" */
    int port;              /* of the peer, or 0 */

    /* Moments, monotonic microseconds; 0: it never came to that. The first three only of a
     * connection that was made for it. */
    int64_t begun_us;    /* it was lent */
    int64_t resolved_us; /* the name has addresses */
    int64_t connected_us;
    int64_t secured_us; /* TLS is there */
    int64_t sent_us;    /* it is about to be sent */
    int64_t first_us;   /* the first byte of the answer came */

    /* ---- the wire's own ---- */
    struct haul_exchange *active_next, *active_prev; /* of those that are lent */
    struct haul_exchange *next, *prev; /* of its session's; or of those that are over */
    struct haul_conn *conn;            /* that serves it, or that it waits for */
    bool waits;                        /* the latter */
    int32_t stream;                    /* of HTTP/2, or 0 */
    struct haul_deadline deadline;
};

/* Makes what the wire writes say nothing: of an exchange that is lent to nobody. */
void haul_exchange_forget(struct haul_exchange *exchange);

#endif
