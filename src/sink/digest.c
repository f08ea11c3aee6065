#include "sink/digest.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *word, *openssl;
    size_t digits;
} hashes[HAUL_HASH_COUNT] = {[HAUL_HASH_NONE] = {"", NULL, 0},
                             [HAUL_HASH_MD5] = {"md5", "MD5", 32},
                             [HAUL_HASH_SHA1] = {"sha1", "SHA1", 40},
                             [HAUL_HASH_SHA256] = {"sha256", "SHA256", 64},
                             [HAUL_HASH_SHA512] = {"sha512", "SHA512", 128}};

struct haul_digester {
    unsigned wanted;
    bool failed;
    struct {
        EVP_MD *method;
        EVP_MD_CTX *context;
        char hex[HAUL_DIGEST_HEX_MAX + 1];
    } of[HAUL_HASH_COUNT];
};

const char *haul_digest_word(enum haul_hash hash)
{
    return hashes[hash].word;
}

size_t haul_digest_hex_length(enum haul_hash hash)
{
    return hashes[hash].digits;
}

enum haul_hash haul_digest_of_length(size_t digits)
{
    int i = HAUL_HASH_COUNT - 1;

    while (i > HAUL_HASH_NONE && hashes[i].digits != digits)
        i--;
    return (enum haul_hash)i;
}

/* Which digest `len` bytes name, dashes left out. */
static enum haul_hash find_word(const char *text, size_t len)
{
    char word[8];
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '-')
            continue;
        if (n == sizeof word - 1)
            return HAUL_HASH_NONE;
        word[n++] = text[i];
    }
    word[n] = '\0';
    for (int i = HAUL_HASH_NONE + 1; i < HAUL_HASH_COUNT; i++)
        if (strcasecmp(word, hashes[i].word) == 0)
            return (enum haul_hash)i;
    return HAUL_HASH_NONE;
}

bool haul_checksum_parse(const char *text, struct haul_checksum *checksum)
{
    const char *equals = strchr(text, '='), *hex = equals ? equals + 1 : "";
    enum haul_hash hash = equals ? find_word(text, (size_t)(equals - text)) : HAUL_HASH_NONE;

    checksum->hash = HAUL_HASH_NONE;
    if (hash == HAUL_HASH_NONE || strlen(hex) != hashes[hash].digits)
        return false;
    for (size_t i = 0; i <= hashes[hash].digits; i++)
        checksum->hex[i] = (char)tolower((unsigned char)hex[i]);
    if (strspn(checksum->hex, "0123456789abcdef") != hashes[hash].digits)
        return false;
    checksum->hash = hash;
    return true;
}

/* ---- computing ---- */

enum haul_err haul_digester_create(struct haul_digester **out)
{
    struct haul_digester *digester = calloc(1, sizeof *digester);
    enum haul_err err = digester ? HAUL_OK : HAUL_ERR_NOMEM;

    for (int i = HAUL_HASH_NONE + 1; i < HAUL_HASH_COUNT && !err; i++) {
        digester->of[i].method = EVP_MD_fetch(NULL, hashes[i].openssl, NULL);
        digester->of[i].context = EVP_MD_CTX_new();
        if (!digester->of[i].method)
            err = HAUL_ERR_LIBRARY;
        else if (!digester->of[i].context)
            err = HAUL_ERR_NOMEM;
    }
    if (err) {
        haul_digester_free(digester);
        digester = NULL;
    }
    *out = digester;
    return err;
}

void haul_digester_free(struct haul_digester *digester)
{
    if (!digester)
        return;
    for (int i = 0; i < HAUL_HASH_COUNT; i++) {
        EVP_MD_CTX_free(digester->of[i].context);
        EVP_MD_free(digester->of[i].method);
    }
    free(digester);
}

static bool is_wanted(const struct haul_digester *digester, int hash)
{
    return digester->wanted >> hash & 1;
}

enum haul_err haul_digester_begin(struct haul_digester *digester, unsigned wanted)
{
    digester->wanted = wanted & ~1u;
    digester->failed = false;
    for (int i = 0; i < HAUL_HASH_COUNT; i++)
        if (is_wanted(digester, i) &&
            !EVP_DigestInit_ex2(digester->of[i].context, digester->of[i].method, NULL))
            digester->failed = true;
    return digester->failed ? HAUL_ERR_LIBRARY : HAUL_OK;
}

void haul_digester_add(struct haul_digester *digester, const void *bytes, size_t len)
{
    for (int i = 0; i < HAUL_HASH_COUNT && !digester->failed; i++)
        if (is_wanted(digester, i) && !EVP_DigestUpdate(digester->of[i].context, bytes, len))
            digester->failed = true;
}

static void write_hex(char *to, const unsigned char *bytes, size_t digits)
{
    static const char digit[] = "0123456789abcdef";

    for (size_t i = 0; i < digits; i += 2) {
        to[i] = digit[bytes[i / 2] >> 4];
        to[i + 1] = digit[bytes[i / 2] & 15];
    }
    to[digits] = '\0';
}

enum haul_err haul_digester_end(struct haul_digester *digester)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];

    for (int i = 0; i < HAUL_HASH_COUNT && !digester->failed; i++) {
        if (!is_wanted(digester, i))
            continue;
        if (EVP_DigestFinal_ex(digester->of[i].context, bytes, NULL))
            write_hex(digester->of[i].hex, bytes, hashes[i].digits);
        else
            digester->failed = true;
    }
    return digester->failed ? HAUL_ERR_LIBRARY : HAUL_OK;
}

const char *haul_digester_hex(const struct haul_digester *digester, enum haul_hash hash)
{
    return is_wanted(digester, (int)hash) ? digester->of[hash].hex : NULL;
}
