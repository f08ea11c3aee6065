/* Throw-away certificates, made when the server starts and gone when it ends.
 *
 * One authority signs a good server certificate and the spoilt ones. Its keys are never
 * used twice, so a leaked test key opens nothing.
 */
#ifndef TS_CERT_H
#define TS_CERT_H

#include <openssl/ssl.h>
#include <stdbool.h>

enum ts_cert_kind {
    TS_CERT_GOOD,
    TS_CERT_H2,          /* good, and its context prefers HTTP/2 */
    TS_CERT_FORGED,      /* good, TLS 1.3 only, and its records can be made by hand: tls_forge.h */
    TS_CERT_TLS12,       /* good, TLS 1.2 only */
    TS_CERT_MANY,        /* good for the addresses of --addresses too */
    TS_CERT_SELF_SIGNED, /* no authority */
    TS_CERT_WRONG_NAME,  /* for wrong.invalid only */
    TS_CERT_EXPIRED,     /* ended a day ago */
    TS_CERT_NOT_YET,     /* begins in a day */
    TS_CERT_COUNT
};

struct ts_certs {
    X509 *ca;
    EVP_PKEY *ca_key;
    X509 *server; /* the good one */
    EVP_PKEY *server_key;
    SSL_CTX *contexts[TS_CERT_COUNT];
};

/* Address number 'index' of --addresses: 127.0.1.1 … 127.0.1.250, 127.0.2.1 and so on.
 * Writes it to 'text' of 'size' bytes. */
void ts_cert_address(unsigned index, char *text, size_t size);

/* Makes the authority, the certificates and a server context for each kind. The good
 * one holds for localhost, 127.0.0.1, ::1, a.test … z.test, www.test, the same below
 * .example, *.haul.test and *.haul.example; that of TS_CERT_MANY also for the first
 * 'addresses' addresses. (A wildcard *.test holds for no client: there must be two
 * labels behind the star.) Returns false when OpenSSL refuses; call ts_certs_done then too. */
bool ts_certs_init(struct ts_certs *certs, unsigned addresses);

/* Frees everything. Works on half-made ones and on zeroed ones. */
void ts_certs_done(struct ts_certs *certs);

/* Writes ca.pem, server.pem and server.key (readable by the owner only) into 'dir'.
 * Returns false and sets errno when one cannot be written. */
bool ts_certs_write(const struct ts_certs *certs, const char *dir);

/* Deletes the files that ts_certs_write made. */
void ts_certs_remove(const char *dir);

#endif
