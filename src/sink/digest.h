#ifndef HAUL_SINK_DIGEST_H
#define HAUL_SINK_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "haul/config.h"
#include "haul/err.h"

/*
 * Digests of bodies, computed while the bytes pass (OpenSSL's EVP). MD5 and SHA-1 are here because
 * lists have them: they prove that nothing was damaged, not that nobody meant to.
 */

enum { HAUL_DIGEST_HEX_MAX = 128 }; /* digits of the longest one */
#define HAUL_DIGEST_HEX "0123456789abcdefABCDEF"

/* A digest that a body must have. */
struct haul_checksum {
    enum haul_hash hash;               /* NONE: it need not have any */
    char hex[HAUL_DIGEST_HEX_MAX + 1]; /* lower case */
};

/* The word of a digest in options and reports, static: "sha256". "" for NONE. */
const char *haul_digest_word(enum haul_hash hash);

/* Which digest has so many hexadecimal digits; NONE if none of ours. */
enum haul_hash haul_digest_of_length(size_t digits);

/* Makes one of a digest's hexadecimal digits; their number tells which, as above. */
void haul_checksum_set(struct haul_checksum *checksum, const char *hex);

/*
 * Reads "sha-256=0123...", as aria2's lists have it: md5, sha-1, sha-256 or sha-512 (the dash may
 * be left out), in either case. Returns whether it is one; if not, `checksum` has hash NONE. Pure.
 */
bool haul_checksum_parse(const char *text, struct haul_checksum *checksum);

/* What computes them, for one body after the other. One thread at a time. */
struct haul_digester;

/* Makes one that can compute all. HAUL_ERR_NOMEM; HAUL_ERR_LIBRARY: OpenSSL has one of them not. */
HAUL_MUST_USE enum haul_err haul_digester_create(struct haul_digester **out);
void haul_digester_free(struct haul_digester *digester);

/* Begins a body whose digests `wanted` are asked for: bits, 1 << HAUL_HASH_SHA256 and so on. */
HAUL_MUST_USE enum haul_err haul_digester_begin(struct haul_digester *digester, unsigned wanted);

/* Takes the next bytes. A failure is told by haul_digester_end. */
void haul_digester_add(struct haul_digester *digester, const void *bytes, size_t len);

/* Ends the body. HAUL_OK, or HAUL_ERR_LIBRARY. */
HAUL_MUST_USE enum haul_err haul_digester_end(struct haul_digester *digester);

/* After haul_digester_end: a digest that was wanted, in lower case; NULL if it was not. The
 * digester's, until the next begin. */
const char *haul_digester_hex(const struct haul_digester *digester, enum haul_hash hash);

#endif
