/* getrandom */
#define _GNU_SOURCE
#include "base/hash.h"

#include <sodium.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>

#include "base/again.h"

_Static_assert(crypto_shorthash_BYTES == sizeof(uint64_t), "a hash is one number");

static unsigned char secret[crypto_shorthash_KEYBYTES]; /* [const after the process has begun] */

/*
 * Before main, and so before there is a second thread. Where getrandom(2) is not to be had, the
 * kernel has given each program sixteen random bytes (AT_RANDOM, getauxval(3)).
 */
__attribute__((constructor)) static void draw_secret(void)
{
    const void *given = (const void *)getauxval(AT_RANDOM);
    ssize_t got;

    HAUL_AGAIN(got, getrandom(secret, sizeof secret, 0));
    if (got != (ssize_t)sizeof secret && given)
        memcpy(secret, given, sizeof secret);
}

uint64_t haul_hash_keyed(const void *bytes, size_t len)
{
    uint64_t hash;

    (void)crypto_shorthash((unsigned char *)&hash, bytes, len, secret);
    return hash ? hash : 1;
}

uint64_t haul_hash_keyed_pair(uint64_t high, uint64_t low)
{
    const uint64_t pair[] = {high, low};

    return haul_hash_keyed(pair, sizeof pair);
}
