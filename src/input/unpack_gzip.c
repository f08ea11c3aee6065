#define ZLIB_CONST /* next_in points to const */

#include <stdlib.h>
#include <zlib.h>

#include "input/unpack_inside.h"

enum { GZIP_ONLY = 16 };

static void *create(void)
{
    z_stream *stream = calloc(1, sizeof *stream);

    if (stream && inflateInit2(stream, GZIP_ONLY + MAX_WBITS) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static void destroy(void *state)
{
    inflateEnd(state);
    free(state);
}

static enum haul_err begin(void *state)
{
    return inflateReset(state) == Z_OK ? HAUL_OK : HAUL_ERR_NOMEM;
}

static enum haul_err step(void *state, struct haul_unpack_io *io)
{
    z_stream *stream = state;
    int code;

    stream->next_in = io->in;
    stream->avail_in = (uInt)io->in_len;
    stream->next_out = io->out;
    stream->avail_out = (uInt)io->out_len;
    code = inflate(stream, Z_NO_FLUSH);
    io->in = stream->next_in;
    io->in_len = stream->avail_in;
    io->out = stream->next_out;
    io->out_len = stream->avail_out;
    if (code == Z_STREAM_END)
        return HAUL_ERR_END;
    if (code == Z_MEM_ERROR)
        return HAUL_ERR_NOMEM;
    /* Z_BUF_ERROR only says that there was nothing to do. */
    return code == Z_OK || code == Z_BUF_ERROR ? HAUL_OK : HAUL_ERR_SYNTAX;
}

const struct haul_coding haul_unpack_gzip = {.name = "gzip",
                                             .magic = {{"\x1f\x8b", 2, 0}},
                                             .ratio_max = HAUL_UNPACK_RATIO_GZIP,
                                             .create = create,
                                             .free = destroy,
                                             .begin = begin,
                                             .step = step};
