/* The bytes of test bodies, and gzip.
 *
 * Byte i of pattern 0 is 'a' + (i + i / 251) % 26. It is printable, cheap to check in
 * any language, and a body that is shifted, mixed or cut does not match. Pattern v,
 * another content of the same length, is pattern 0 from byte 251 * v on.
 */
#ifndef TS_PATTERN_H
#define TS_PATTERN_H

#include "buf.h"

#include <stdint.h>

/* Appends bytes first..first+size-1 of a pattern. */
void ts_pattern_add(struct ts_buf *out, uint64_t first, size_t size, unsigned version);

/* Appends 'data' as one gzip member (RFC 1952). */
void ts_gzip_add(struct ts_buf *out, const char *data, size_t size);

/* Appends 'data' in the zlib format (RFC 1950; "deflate" in HTTP). */
void ts_zlib_add(struct ts_buf *out, const char *data, size_t size);

enum { TS_BOMB_BLOCK = 1024 * 1024 };

/* A compression bomb in three parts: a gzip head, one block that decodes to
 * TS_BOMB_BLOCK zero bytes and may be repeated, and the end for exactly 'blocks' of them.
 * Only 'end' depends on 'blocks'. */
void ts_bomb_add_head(struct ts_buf *out);
void ts_bomb_add_block(struct ts_buf *out);
void ts_bomb_add_end(struct ts_buf *out, unsigned blocks);

#endif
