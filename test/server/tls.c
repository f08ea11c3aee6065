#include "tls.h"

#include <openssl/err.h>
#include <stdlib.h>

struct ts_tls *ts_tls_create(SSL_CTX *context)
{
    struct ts_tls *tls = ts_memory_take(1, sizeof(*tls));
    tls->ssl = SSL_new(context);
    tls->from_peer = BIO_new(BIO_s_mem());
    tls->to_peer = BIO_new(BIO_s_mem());
    if (tls->ssl == NULL || tls->from_peer == NULL || tls->to_peer == NULL) {
        BIO_free(tls->from_peer);
        BIO_free(tls->to_peer);
        SSL_free(tls->ssl);
        free(tls);
        return NULL;
    }
    SSL_set_bio(tls->ssl, tls->from_peer, tls->to_peer);
    SSL_set_accept_state(tls->ssl);
    return tls;
}

void ts_tls_free(struct ts_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_free(tls->ssl);
    free(tls);
}

static void collect(struct ts_tls *tls, struct ts_buf *wire)
{
    char *data = NULL;
    long size = BIO_get_mem_data(tls->to_peer, &data);
    if (size > 0)
        ts_buf_add(wire, data, (size_t)size);
    (void)BIO_reset(tls->to_peer);
}

static enum ts_tls_state state_after(struct ts_tls *tls, int result)
{
    int error = SSL_get_error(tls->ssl, result);
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return TS_TLS_OPEN;
    return error == SSL_ERROR_ZERO_RETURN ? TS_TLS_CLOSED : TS_TLS_FAILED;
}

static enum ts_tls_state decrypt(struct ts_tls *tls, struct ts_buf *plain)
{
    enum { STEP = 16 * 1024 };
    for (;;) {
        int size = SSL_read(tls->ssl, ts_buf_reserve(plain, STEP), STEP);
        if (size <= 0)
            return state_after(tls, size);
        plain->size += (size_t)size;
    }
}

enum ts_tls_state ts_tls_receive(struct ts_tls *tls, const char *data, size_t size,
                                 struct ts_buf *plain, struct ts_buf *wire)
{
    (void)BIO_write(tls->from_peer, data, (int)size);
    enum ts_tls_state state = TS_TLS_OPEN;
    if (!tls->ready) {
        int result = SSL_do_handshake(tls->ssl);
        tls->ready = result == 1;
        if (!tls->ready)
            state = state_after(tls, result);
    }
    if (tls->ready)
        state = decrypt(tls, plain);
    collect(tls, wire);
    return state;
}

bool ts_tls_seal(struct ts_tls *tls, const char *data, size_t size, struct ts_buf *wire)
{
    int written = SSL_write(tls->ssl, data, (int)size);
    ERR_clear_error();
    collect(tls, wire);
    return written == (int)size;
}

void ts_tls_finish(struct ts_tls *tls, struct ts_buf *wire)
{
    if (tls->ready)
        (void)SSL_shutdown(tls->ssl);
    ERR_clear_error();
    collect(tls, wire);
}
