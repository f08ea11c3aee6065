#ifndef HAUL_INPUT_UNPACK_H
#define HAUL_INPUT_UNPACK_H

#include <stddef.h>

#include "haul/err.h"

/*
 * Undoes gzip (RFC 1952) where there is any: a stream that begins with its magic bytes is unpacked,
 * any other passes as it is. Pure, fed in pieces of any size. Members that follow each other are one
 * stream (RFC 1952, 2.2), and zero bytes after the last are padding, as for gzip itself.
 *
 * It makes no more than HAUL_UNPACK_PIECE bytes at a time, however much a bomb holds: how much is
 * too much is for the caller to say.
 *
 * The order of calls: create; feed, and next until HAUL_ERR_END, as often as there are bytes; finish,
 * and next until HAUL_ERR_END; free. One thread at a time.
 */
struct haul_unpack;

enum { HAUL_UNPACK_PIECE = 65536 };

/* On success *out is the caller's, to be freed with haul_unpack_free. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_unpack_create(struct haul_unpack **out);
void haul_unpack_free(struct haul_unpack *unpack);

/*
 * Gives the next `len` bytes. They stay the caller's, are not copied, and must stay unchanged until
 * haul_unpack_next has returned HAUL_ERR_END.
 */
void haul_unpack_feed(struct haul_unpack *unpack, const char *bytes, size_t len);

/* Says that no more bytes will come. */
void haul_unpack_finish(struct haul_unpack *unpack);

/*
 * HAUL_OK: *bytes is the next piece, *len bytes (at least 1), valid until the next call.
 * HAUL_ERR_END: more must be fed; after finish: this was all, and it was whole. HAUL_ERR_SYNTAX: it
 * is damaged, or ends too early (haul_unpack_message says which). HAUL_ERR_NOMEM. After the last two
 * it can only be freed.
 */
HAUL_MUST_USE enum haul_err haul_unpack_next(struct haul_unpack *unpack, const char **bytes,
                                             size_t *len);

/* After HAUL_ERR_SYNTAX: what is wrong, a static phrase. */
const char *haul_unpack_message(const struct haul_unpack *unpack);

#endif
