#ifndef HAUL_SINK_PRESS_H
#define HAUL_SINK_PRESS_H

#include <stddef.h>

#include "base/buf.h"

struct libdeflate_compressor;

/*
 * Compresses what is in memory as a whole (libdeflate), in a fraction of the time that zlib needs:
 * zlib clears and fills tables for a stream of any length before it has seen a byte.
 *
 * It has 200 KiB of tables, made when they are first needed, and is shared by all that one thread
 * packs. That thread's.
 */
struct haul_press {
    struct libdeflate_compressor *compressor; /* NULL: none was needed so far */
    struct haul_buf whole;                    /* room for its user: what is to be compressed, ... */
    struct haul_buf packed;                   /* ... and what that came to */
};

/* Allocates nothing. */
void haul_press_init(struct haul_press *press);
void haul_press_done(struct haul_press *press);

/* Appends one whole stream of bare deflate (RFC 1951) to `to`. Returns 0 or an errno. */
int haul_press_deflate(struct haul_press *press, const void *bytes, size_t len,
                       struct haul_buf *to);

#endif
