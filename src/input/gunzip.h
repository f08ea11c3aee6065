#ifndef HAUL_INPUT_GUNZIP_H
#define HAUL_INPUT_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "haul/err.h"

/*
 * A list that is compressed with gzip (RFC 1952), read as it comes, in pieces of any size. Several
 * members one after the other are one text, as for gzip(1); zeros behind the last one are fine.
 * Memory is a window and one piece, whatever the text's length. One thread at a time.
 */
struct haul_gunzip;

/*
 * From 64 MiB of text on, more than this many times the compressed bytes is an attack: no list
 * of URLs is so monotonous.
 */
enum { HAUL_GUNZIP_RATIO_MAX = 250, HAUL_GUNZIP_RATIO_FROM = 64 << 20 };

/* Whether the first two bytes of a file say that it is compressed. */
bool haul_gunzip_is_magic(const char *bytes);

/* Makes a reader; NULL: out of memory. To be freed; NULL is fine. */
struct haul_gunzip *haul_gunzip_create(void);
void haul_gunzip_free(struct haul_gunzip *gunzip);

/* Gives the next bytes, the caller's until next has returned HAUL_ERR_END. */
void haul_gunzip_feed(struct haul_gunzip *gunzip, const char *bytes, size_t len);

/*
 * Gives the next piece of text, valid until the next call. HAUL_OK; HAUL_ERR_END: more bytes are
 * needed; HAUL_ERR_SYNTAX: they are damaged, or are followed by something else; HAUL_ERR_LIMIT: see
 * HAUL_GUNZIP_RATIO_MAX; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_gunzip_next(struct haul_gunzip *gunzip, const char **text,
                                             size_t *len);

/* Whether the bytes may end here. */
bool haul_gunzip_is_whole(const struct haul_gunzip *gunzip);

#endif
