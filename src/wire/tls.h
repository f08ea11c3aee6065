#ifndef HAUL_WIRE_TLS_H
#define HAUL_WIRE_TLS_H

#include <stdbool.h>

/*
 * What haul asks of TLS beside libcurl: which protocol is to be spoken over a connection (ALPN, RFC
 * 7301). libcurl offers none (CURLOPT_SSL_ENABLE_ALPN 0), for after it has handed a connection over
 * it no longer tells what was chosen; so haul offers, and listens to the end of the handshake.
 *
 * OpenSSL also gives each record back that brings no data: else it would read on, within one call,
 * for as long as a peer goes on sending tickets or key updates. It reads no
 * further than to the end of a record, though that takes two system calls for each: of what it has
 * read ahead poll(2) does not tell, and from such a peer it would not come back.
 *
 * One thread for each connection.
 */
struct haul_tls {
    bool offers_h2;    /* by the caller */
    bool is_done;      /* the handshake with the server itself is over ... */
    bool chose_h2;     /* ... and it has chosen HTTP/2 */
    bool said_goodbye; /* the server has said that it sends no more (close_notify) */
    bool refuses_cert; /* it does not take the client's certificate, or misses one: with TLS 1.3 it
                          says so behind the handshake */
};

/*
 * Whether libcurl uses the OpenSSL that haul is linked with; elsewhere HTTP/1.1 is spoken. Main
 * thread, before any connection is made.
 */
bool haul_tls_init(void);

/* `ssl_ctx` (an SSL_CTX, of CURLOPT_SSL_CTX_FUNCTION) makes one connection; `tls` must outlive that
 * connection's handshake. False: no memory. */
bool haul_tls_prepare(void *ssl_ctx, struct haul_tls *tls);

#endif
