#include "sink/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

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

enum haul_hash haul_digest_of_length(size_t digits)
{
    int i = HAUL_HASH_COUNT - 1;

    while (i > HAUL_HASH_NONE && hashes[i].digits != digits)
        i--;
    return (enum haul_hash)i;
}

void haul_checksum_set(struct haul_checksum *checksum, const char *hex)
{
    size_t digits = strlen(hex);

    checksum->hash = haul_digest_of_length(digits);
    for (size_t i = 0; checksum->hash != HAUL_HASH_NONE && i <= digits; i++)
        checksum->hex[i] = haul_ascii_lower(hex[i]);
}

/* Whether a text is the word of a digest, its dashes left out, in either case. */
static bool is_word(const char *text, size_t len, const char *word)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != '-' && haul_ascii_lower(text[i]) != *word++)
            return false;
    return !*word;
}

bool haul_checksum_parse(const char *text, struct haul_checksum *checksum)
{
    size_t len = strcspn(text, "=");
    const char *hex = text + len + (text[len] == '=');
    int hash = HAUL_HASH_COUNT - 1;

    checksum->hash = HAUL_HASH_NONE;
    while (hash > HAUL_HASH_NONE && !is_word(text, len, hashes[hash].word))
        hash--;
    if (strspn(hex, HAUL_DIGEST_HEX) != hashes[hash].digits || hex[hashes[hash].digits])
        return false;
    haul_checksum_set(checksum, hex);
    return checksum->hash != HAUL_HASH_NONE;
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
    if (err)
        haul_digester_free(digester);
    *out = err ? NULL : digester;
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
