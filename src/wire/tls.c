#include "wire/tls.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <string.h>

enum { BUFFER_SIZE = 17 << 10 }; /* a record, and more */

static int place = -1; /* [const after init] of the connection's haul_tls, in its SSL_CTX */

/* Linked with both, haul and libcurl have the same OpenSSL if its major version is the same. */
static bool is_ours(void)
{
    static const char wanted[] = "OpenSSL/3";
    const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;

    return library && !strncmp(library, wanted, sizeof wanted - 1) && OPENSSL_VERSION_MAJOR == 3;
}

bool haul_tls_init(void)
{
    if (is_ours() && place < 0)
        place = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    return place >= 0;
}

static void note_choice(const SSL *ssl, struct haul_tls *tls)
{
    const unsigned char *chosen = NULL;
    unsigned len = 0;

    SSL_get0_alpn_selected(ssl, &chosen, &len);
    tls->is_done = true;
    tls->chose_h2 = len == 2 && !memcmp(chosen, "h2", 2);
}

/* RFC 8446, 6.2. */
static bool is_about_certs(int alert)
{
    switch (alert) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_CERTIFICATE_REQUIRED:
        return true;
    default:
        return false;
    }
}

static void note_alert(struct haul_tls *tls, int alert)
{
    if (alert == SSL_AD_CLOSE_NOTIFY)
        tls->said_goodbye = true;
    else if (is_about_certs(alert))
        tls->refuses_cert = true;
}

static void on_info(const SSL *ssl, int where, int value)
{
    struct haul_tls *tls = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), place);

    if (!tls)
        return;
    if (where & SSL_CB_HANDSHAKE_DONE)
        tls->ssl = (void *)(uintptr_t)ssl; /* libcurl's, and not const there */
    if ((where & SSL_CB_HANDSHAKE_DONE) && !tls->is_done)
        note_choice(ssl, tls);
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
        note_alert(tls, value & 0xff);
}

void haul_tls_add_buffer(struct haul_tls *tls)
{
    BIO *below = tls->ssl ? SSL_get_rbio(tls->ssl) : NULL;
    BIO *buffer = below ? BIO_new(BIO_f_buffer()) : NULL;

    if (!buffer)
        return;
    if (BIO_set_read_buffer_size(buffer, BUFFER_SIZE) <= 0 || !BIO_up_ref(below)) {
        BIO_free(buffer);
        return;
    }
    SSL_set0_rbio(tls->ssl, BIO_push(buffer, below));
    tls->buffer = buffer;
}

bool haul_tls_has_bytes(const struct haul_tls *tls)
{
    return tls->buffer && (BIO_pending((BIO *)tls->buffer) > 0 || SSL_pending(tls->ssl) > 0);
}

void haul_tls_forget(struct haul_tls *tls)
{
    tls->ssl = tls->buffer = NULL;
}

bool haul_tls_prepare(void *ssl_ctx, struct haul_tls *tls)
{
    static const unsigned char both[] = "\x02h2\x08http/1.1", only[] = "\x08http/1.1";
    SSL_CTX *ctx = ssl_ctx;

    tls->is_done = tls->chose_h2 = tls->said_goodbye = tls->refuses_cert = false;
    SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);            /* 17 kB of each idle connection */
    SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER); /* what waits is kept elsewhere */
    SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);     /* said_goodbye tells it apart */
    SSL_CTX_set_info_callback(ctx, on_info);
    if (!SSL_CTX_set_ex_data(ctx, place, tls))
        return false;
    return !(tls->offers_h2 ? SSL_CTX_set_alpn_protos(ctx, both, sizeof both - 1)
                            : SSL_CTX_set_alpn_protos(ctx, only, sizeof only - 1));
}
