/* TLS 1.3 records made by hand (RFC 8446, section 5), for what no library sends: records that are
 * empty, unasked, spoilt or without end.
 *
 * The traffic secret is learnt from OpenSSL's key log. A forge counts the records that OpenSSL
 * sends with it, so that its own go on from there; OpenSSL's would not fit behind them any more.
 */
#ifndef TS_TLS_FORGE_H
#define TS_TLS_FORGE_H

#include "buf.h"

#include <openssl/ssl.h>
#include <stdint.h>

enum { TS_FORGE_SECRET = 32, TS_FORGE_KEY = 16, TS_FORGE_IV = 12, TS_FORGE_MAX = 16384 };

/* Content types (RFC 8446, B.1); one that nobody knows; and one whose bytes do not decrypt. */
enum {
    TS_RECORD_ALERT = 21,
    TS_RECORD_HANDSHAKE = 22,
    TS_RECORD_DATA = 23,
    TS_RECORD_UNKNOWN = 99,
    TS_RECORD_SPOILT = 100
};

struct ts_forge {
    unsigned char secret[TS_FORGE_SECRET];
    uint64_t count; /* of records sent with the present key */
};

/* Only this cipher suite and version can be forged: connections of the context have them. */
void ts_forge_watch(SSL_CTX *context);

/* The forge is that of this session, which must not outlive it. */
void ts_forge_attach(struct ts_forge *forge, SSL *ssl);

/* OpenSSL has made these whole records. */
void ts_forge_count(struct ts_forge *forge, const char *data, size_t size);

/* Appends one record. Behind a KeyUpdate (RFC 8446, 4.6.3) there is another key. */
void ts_forge_add(struct ts_forge *forge, unsigned type, const char *data, size_t size,
                  struct ts_buf *wire);

#endif
