#include "model/key.h"

#include <assert.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "model/identity.h"

/* Part of the format, as the order of the bytes is. */
static const char domain[] = "haul-key-2:";
static const char letters[] = {[HAUL_KEY_URL] = 'u',
                               [HAUL_KEY_INVALID] = 'i',
                               [HAUL_KEY_DUPLICATE] = 'd',
                               [HAUL_KEY_FILE] = 'f'};

enum { PREFIX = sizeof domain - 1 + 2, DIGEST = 32 };
static_assert(DIGEST == crypto_hash_sha256_BYTES, "SHA-256");

/*
 * To find the method takes OpenSSL as long as to compute it, so it is found once. It is kept to the
 * end of the process. NULL: without memory.
 */
static const EVP_MD *find_method(void)
{
    static _Atomic(EVP_MD *) kept;
    EVP_MD *method = atomic_load(&kept), *first = NULL;

    if (method)
        return method;
    method = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!method || atomic_compare_exchange_strong(&kept, &first, method))
        return method;
    EVP_MD_free(method); /* another thread was quicker */
    return first;
}

static bool digest_quickly(const char prefix[PREFIX], const char *text, size_t len,
                           unsigned char digest[DIGEST])
{
    const EVP_MD *method = find_method();
    EVP_MD_CTX *context = method ? EVP_MD_CTX_new() : NULL;
    bool is_done = context && EVP_DigestInit_ex2(context, method, NULL) &&
                   EVP_DigestUpdate(context, prefix, PREFIX) &&
                   EVP_DigestUpdate(context, text, len) &&
                   EVP_DigestFinal_ex(context, digest, NULL);

    EVP_MD_CTX_free(context);
    return is_done;
}

/* The same, three times as slow, but it needs no memory: a key is never in want of anything. */
static void digest_surely(const char prefix[PREFIX], const char *text, size_t len,
                          unsigned char digest[DIGEST])
{
    crypto_hash_sha256_state state;

    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, (const unsigned char *)prefix, PREFIX);
    (void)crypto_hash_sha256_update(&state, (const unsigned char *)text, len);
    (void)crypto_hash_sha256_final(&state, digest);
}

static uint64_t read_number(const unsigned char *bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

uint64_t haul_key_make_old(enum haul_key_kind kind, const char *text, size_t len)
{
    uint64_t key = haul_hash_mix(haul_hash(text, len) + (uint64_t)kind * 0x9e3779b97f4a7c15u);

    return key ? key : 1;
}

struct haul_key haul_key_make(enum haul_key_kind kind, const char *text, size_t len)
{
    char prefix[PREFIX];
    unsigned char digest[DIGEST];

    if (kind == HAUL_KEY_INVALID && len > HAUL_KEY_INVALID_MAX)
        len = HAUL_KEY_INVALID_MAX;
    memcpy(prefix, domain, sizeof domain - 1);
    prefix[PREFIX - 2] = letters[kind];
    prefix[PREFIX - 1] = ':';
    if (!digest_quickly(prefix, text, len, digest))
        digest_surely(prefix, text, len, digest);
    return (struct haul_key){.high = read_number(digest),
                             .low = read_number(digest + 8),
                             .old = haul_key_make_old(kind, text, len)};
}

struct haul_key haul_key_of_url(enum haul_key_kind kind, const struct haul_strings *ignored,
                                const char *url, size_t len)
{
    struct haul_buf identity;
    struct haul_key key;

    if (!ignored->count)
        return haul_key_make(kind, url, len);
    haul_buf_init(&identity, 0);
    haul_identity_add(&identity, ignored, url, len);
    /* Without memory it is another URL. */
    key = identity.err ? haul_key_make(kind, url, len)
                       : haul_key_make(kind, haul_buf_str(&identity), identity.len);
    haul_buf_done(&identity);
    return key;
}
