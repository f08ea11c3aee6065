/* TLS for one connection, without a socket: bytes in, bytes out (OpenSSL memory BIOs).
 *
 * The connection reads and writes the socket; this turns wire bytes into plain ones
 * and back. What it wants to say on the wire collects in 'wire' of each call and has
 * to be sent before anything else.
 */
#ifndef TS_TLS_H
#define TS_TLS_H

#include "buf.h"
#include "script.h"
#include "tls_forge.h"

#include <openssl/ssl.h>
#include <stdbool.h>

struct ts_tls {
    SSL *ssl;
    BIO *from_peer; /* owned by ssl */
    BIO *to_peer;   /* owned by ssl */
    bool ready;     /* the handshake is finished */
    bool is_forged; /* OpenSSL has lost count of what was sent: all of it is made by hand now */
    struct ts_forge forge;
};

enum ts_tls_state {
    TS_TLS_OPEN,
    TS_TLS_CLOSED, /* the peer said close_notify */
    TS_TLS_FAILED  /* the peer does not speak our TLS; an alert is in 'wire' */
};

/* Makes the server side of a session. Returns NULL when OpenSSL refuses. Free it with
 * ts_tls_free. The context must outlive it. */
struct ts_tls *ts_tls_create(SSL_CTX *context);

void ts_tls_free(struct ts_tls *tls);

/* Takes bytes from the wire. Appends what they decrypt to 'plain', and the answer of the
 * TLS layer to 'wire'. */
enum ts_tls_state ts_tls_receive(struct ts_tls *tls, const char *data, size_t size,
                                 struct ts_buf *plain, struct ts_buf *wire);

/* Appends 'data', encrypted, to 'wire'. Only when ready. Returns false if it cannot. */
bool ts_tls_seal(struct ts_tls *tls, const char *data, size_t size, struct ts_buf *wire);

/* Appends a record that is made by hand, and from then on all others are. Only when ready, and of a
 * context that was given to ts_forge_watch. */
void ts_tls_forge(struct ts_tls *tls, const struct ts_record *record, struct ts_buf *wire);

/* Appends a wish for another handshake. */
void ts_tls_renegotiate(struct ts_tls *tls, struct ts_buf *wire);

/* Whether another handshake is under way, so that nothing can be sealed; false for NULL. */
bool ts_tls_is_busy(const struct ts_tls *tls);

/* Appends close_notify to 'wire'. */
void ts_tls_finish(struct ts_tls *tls, struct ts_buf *wire);

#endif
