#ifndef HAUL_WIRE_TLS_H
#define HAUL_WIRE_TLS_H

#include <stdbool.h>

/*
 * What haul asks of TLS beside libcurl: which protocol is to be spoken over a connection (ALPN, RFC
 * 7301). libcurl offers none (CURLOPT_SSL_ENABLE_ALPN 0), for after it has handed a connection over
 * it no longer tells what was chosen; so haul offers, and listens to the end of the handshake.
 *
 * OpenSSL also gives each record back that brings no data: else it would read on, within one call,
 * for as long as a peer goes on sending tickets or key updates. It reads no further than to the end
 * of a record: what it has read ahead, some versions lose. So that this does not take two system
 * calls for each record, a buffer of haul's stands between it and libcurl as soon as the connection
 * is made. What is in there is known; poll(2) does not tell of it.
 *
 * One thread for each connection.
 */
struct haul_tls {
    bool offers_h2;    /* by the caller */
    void *ssl;         /* whose handshake was the last: an SSL, libcurl's; NULL: none was */
    void *buffer;      /* its own, a BIO, or NULL: there is none */
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

/*
 * Puts the buffer in its place. Once, when the connection is made, and before anything is read from
 * it. Without memory it goes without.
 */
void haul_tls_add_buffer(struct haul_tls *tls);

/* Whether bytes came that were not read yet: poll(2) does not tell of them. */
bool haul_tls_has_bytes(const struct haul_tls *tls);

/* The connection is closed, or another one begins. */
void haul_tls_forget(struct haul_tls *tls);

#endif
