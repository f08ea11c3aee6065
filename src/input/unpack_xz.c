#include <lzma.h>
#include <stdlib.h>

#include "input/unpack_inside.h"

static void *create(void)
{
    return calloc(1, sizeof(lzma_stream)); /* as LZMA_STREAM_INIT */
}

static void destroy(void *state)
{
    lzma_end(state);
    free(state);
}

static enum haul_err begin(void *state)
{
    return lzma_stream_decoder(state, HAUL_UNPACK_MEMORY_MAX, LZMA_TELL_UNSUPPORTED_CHECK) ==
                   LZMA_OK
               ? HAUL_OK
               : HAUL_ERR_NOMEM;
}

static enum haul_err step(void *state, struct haul_unpack_io *io)
{
    lzma_stream *stream = state;
    lzma_ret code;

    stream->next_in = io->in;
    stream->avail_in = io->in_len;
    stream->next_out = io->out;
    stream->avail_out = io->out_len;
    code = lzma_code(stream, LZMA_RUN);
    io->in = stream->next_in;
    io->in_len = stream->avail_in;
    io->out = stream->next_out;
    io->out_len = stream->avail_out;
    switch (code) {
    case LZMA_OK:
    case LZMA_BUF_ERROR: /* there was nothing to do */
        return HAUL_OK;
    case LZMA_STREAM_END:
        return HAUL_ERR_END;
    case LZMA_MEM_ERROR:
        return HAUL_ERR_NOMEM;
    case LZMA_MEMLIMIT_ERROR:
        return HAUL_ERR_RANGE;
    default:
        return HAUL_ERR_SYNTAX;
    }
}

const struct haul_coding haul_unpack_xz = {.name = "xz",
                                           .magic = {{"\xfd"
                                                      "7zXZ\0",
                                                      6, 0}},
                                           .ratio_max = HAUL_UNPACK_RATIO_XZ,
                                           .create = create,
                                           .free = destroy,
                                           .begin = begin,
                                           .step = step};
