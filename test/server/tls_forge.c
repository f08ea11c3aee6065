#include "tls_forge.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum { HEAD = 5, TAG = 16, KEY_UPDATE = 24 };

/* ---- the key ---- */

static void read_hex(const char *text, unsigned char *out, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 2 * size && text[i] != '\0'; i++) {
        const char *digit = strchr(digits, text[i]);
        unsigned value = digit == NULL ? 0 : (unsigned)(digit - digits);
        out[i / 2] = (unsigned char)(i % 2 == 0 ? value << 4 : out[i / 2] | value);
    }
}

/* "LABEL CLIENT_RANDOM SECRET" */
static void on_key(const SSL *ssl, const char *line)
{
    static const char label[] = "SERVER_TRAFFIC_SECRET_0 ";
    struct ts_forge *forge = SSL_get_app_data(ssl);
    const char *secret = strrchr(line, ' ');
    if (forge == NULL || secret == NULL || strncmp(line, label, sizeof(label) - 1) != 0)
        return;
    read_hex(secret + 1, forge->secret, sizeof(forge->secret));
}

void ts_forge_watch(SSL_CTX *context)
{
    (void)SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    (void)SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set_keylog_callback(context, on_key);
}

void ts_forge_attach(struct ts_forge *forge, SSL *ssl)
{
    (void)SSL_set_app_data(ssl, forge);
}

/* HKDF-Expand-Label (RFC 8446, 7.1) with an empty context; what is wanted fits one block. */
static void derive(const unsigned char *secret, const char *label, unsigned char *out, size_t size)
{
    unsigned char block[EVP_MAX_MD_SIZE];
    struct ts_buf info = {0};
    ts_buf_add(&info, &(char[]){0, (char)size, (char)(6 + strlen(label))}, 3);
    ts_buf_add_text(&info, "tls13 ");
    ts_buf_add_text(&info, label);
    ts_buf_add(&info, "\0\1", 2);
    (void)HMAC(EVP_sha256(), secret, TS_FORGE_SECRET, (const unsigned char *)info.data, info.size,
               block, NULL);
    memcpy(out, block, size);
    ts_buf_done(&info);
}

static void renew(struct ts_forge *forge)
{
    unsigned char next[TS_FORGE_SECRET];
    derive(forge->secret, "traffic upd", next, sizeof(next));
    memcpy(forge->secret, next, sizeof(next));
    forge->count = 0;
}

/* ---- records ---- */

void ts_forge_count(struct ts_forge *forge, const char *data, size_t size)
{
    while (size >= HEAD) {
        size_t whole = HEAD + ((size_t)(unsigned char)data[3] << 8 | (unsigned char)data[4]);
        if (whole > size)
            break;
        forge->count++;
        data += whole;
        size -= whole;
    }
}

/* Section 5.2: the type stands behind the bytes, the head is authenticated, and the number of the
 * record is in the nonce (5.3). */
static void encrypt(struct ts_forge *forge, const unsigned char *head, unsigned char *body,
                    size_t size)
{
    unsigned char key[TS_FORGE_KEY];
    unsigned char iv[TS_FORGE_IV];
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int done = 0;
    derive(forge->secret, "key", key, sizeof(key));
    derive(forge->secret, "iv", iv, sizeof(iv));
    for (unsigned i = 0; i < 8; i++)
        iv[TS_FORGE_IV - 1 - i] ^= (unsigned char)(forge->count >> (8 * i) & 0xff);
    (void)EVP_EncryptInit_ex(cipher, EVP_aes_128_gcm(), NULL, key, iv);
    (void)EVP_EncryptUpdate(cipher, NULL, &done, head, HEAD);
    (void)EVP_EncryptUpdate(cipher, body, &done, body, (int)size);
    (void)EVP_EncryptFinal_ex(cipher, body + size, &done);
    (void)EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, TAG, body + size);
    EVP_CIPHER_CTX_free(cipher);
    forge->count++;
}

void ts_forge_add(struct ts_forge *forge, unsigned type, const char *data, size_t size,
                  struct ts_buf *wire)
{
    size_t sealed = size + 1 + TAG;
    unsigned char *record = (unsigned char *)ts_buf_reserve(wire, HEAD + sealed);
    const unsigned char head[HEAD] = {TS_RECORD_DATA, 3, 3, (unsigned char)(sealed >> 8),
                                      (unsigned char)(sealed & 0xff)};
    memcpy(record, head, HEAD);
    if (size > 0)
        memcpy(record + HEAD, data, size);
    record[HEAD + size] = (unsigned char)(type == TS_RECORD_SPOILT ? TS_RECORD_DATA : type);
    encrypt(forge, head, record + HEAD, size + 1);
    if (type == TS_RECORD_SPOILT)
        record[HEAD] ^= 1;
    wire->size += HEAD + sealed;
    if (type == TS_RECORD_HANDSHAKE && size > 0 && data[0] == KEY_UPDATE)
        renew(forge);
}
