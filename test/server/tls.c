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
    ts_forge_attach(&tls->forge, tls->ssl);
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
    if (size > 0 && tls->ready)
        ts_forge_count(&tls->forge, data, (size_t)size);
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

static void seal_by_hand(struct ts_tls *tls, const char *data, size_t size, struct ts_buf *wire)
{
    while (size > 0) {
        size_t piece = size < TS_FORGE_MAX ? size : TS_FORGE_MAX;
        ts_forge_add(&tls->forge, TS_RECORD_DATA, data, piece, wire);
        data += piece;
        size -= piece;
    }
}

bool ts_tls_seal(struct ts_tls *tls, const char *data, size_t size, struct ts_buf *wire)
{
    if (tls->is_forged) {
        seal_by_hand(tls, data, size, wire);
        return true;
    }
    int written = SSL_write(tls->ssl, data, (int)size);
    ERR_clear_error();
    collect(tls, wire);
    return written == (int)size;
}

void ts_tls_finish(struct ts_tls *tls, struct ts_buf *wire)
{
    if (tls->is_forged)
        ts_forge_add(&tls->forge, TS_RECORD_ALERT, "\x01\x00", 2, wire);
    else if (tls->ready)
        (void)SSL_shutdown(tls->ssl);
    ERR_clear_error();
    collect(tls, wire);
}

void ts_tls_forge(struct ts_tls *tls, const struct ts_record *record, struct ts_buf *wire)
{
    size_t before = wire->size;
    tls->is_forged = true;
    ts_forge_add(&tls->forge, record->type, record->data, record->size, wire);
    size_t size = wire->size - before;
    wire->size -= record->missing < size ? record->missing : size;
}

void ts_tls_renegotiate(struct ts_tls *tls, struct ts_buf *wire)
{
    if (SSL_renegotiate(tls->ssl) == 1)
        (void)SSL_do_handshake(tls->ssl);
    ERR_clear_error();
    collect(tls, wire);
}

bool ts_tls_is_busy(const struct ts_tls *tls)
{
    return tls != NULL && tls->ready && SSL_in_init(tls->ssl) != 0;
}
