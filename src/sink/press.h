#ifndef HAUL_SINK_PRESS_H
#define HAUL_SINK_PRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct libdeflate_compressor;

/*
 * Compresses what is in memory as a whole (libdeflate), in a fraction of the time that zlib needs:
 * zlib clears and fills tables for a stream of any length before it has seen a byte.
 *
 * It has 200 KiB of tables, made when they are first needed, and is shared by all that one thread
 * packs. What has HAUL_PRESS_STORED_MAX bytes or fewer needs none: it is stored. That thread's.
 */
enum { HAUL_PRESS_TAGS = 2048, HAUL_PRESS_STORED_MAX = 1 << 10 };

struct haul_press {
    struct libdeflate_compressor *compressor; /* NULL: none was needed so far */
    struct libdeflate_compressor *storer;     /* the same; of what is stored */
    struct haul_buf whole;                    /* room for its user: what is to be compressed, ... */
    uint64_t tags[HAUL_PRESS_TAGS];           /* of payloads, each in its place; 0: none */
    struct haul_buf packed;                   /* ... and what that came to */
};

/* Allocates nothing. */
void haul_press_init(struct haul_press *press);
void haul_press_done(struct haul_press *press);

/* Appends one whole stream of bare deflate (RFC 1951) to `to`: compressed, or stored if it is
 * short. Returns 0 or an errno. */
int haul_press_deflate(struct haul_press *press, const void *bytes, size_t len,
                       struct haul_buf *to);

/*
 * Notes the tag (not 0) of a payload that goes into the archive. Whether it has been noted before,
 * as far as is remembered: then that payload is probably there by now, and its response not needed.
 */
bool haul_press_note(struct haul_press *press, uint64_t tag);

#endif
