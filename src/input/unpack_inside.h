#ifndef HAUL_INPUT_UNPACK_INSIDE_H
#define HAUL_INPUT_UNPACK_INSIDE_H

#include <stddef.h>

#include "haul/err.h"
#include "input/unpack.h"

/*
 * What unpack.c asks of each coding: to unpack one member (frame, stream) from its first byte to
 * its last. What stands between and behind them, limits on the text, and buffers are unpack.c's.
 */

/* Bytes on their way; `step` moves on what it used and filled. */
struct haul_unpack_io {
    const unsigned char *in;
    size_t in_len;
    unsigned char *out;
    size_t out_len; /* room */
};

struct haul_coding {
    const char *name;
    struct haul_unpack_magic {
        const char *bytes;
        size_t len;
        unsigned char loose; /* bits of the first byte that may be anything */
    } magic[2];              /* the second one may be of length 0 */
    unsigned ratio_max;      /* bytes of text for each one that is compressed */
    void *(*create)(void);   /* NULL: out of memory */
    void (*free)(void *state);
    /* Makes the state ready for a member. HAUL_ERR_NOMEM. */
    enum haul_err (*begin)(void *state);
    /*
     * Unpacks what there is and what there is room for; there may be nothing. HAUL_OK;
     * HAUL_ERR_END: the member is at its end, and all its text is out; HAUL_ERR_SYNTAX;
     * HAUL_ERR_RANGE: it asks for more than HAUL_UNPACK_MEMORY_MAX; HAUL_ERR_NOMEM.
     */
    enum haul_err (*step)(void *state, struct haul_unpack_io *io);
};

extern const struct haul_coding haul_unpack_gzip, haul_unpack_zstd, haul_unpack_xz;

#endif
