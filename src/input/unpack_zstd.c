#include <zstd.h>
#include <zstd_errors.h>

#include "input/unpack_inside.h"

enum { WINDOW_LOG_MAX = 27 };
_Static_assert(1 << WINDOW_LOG_MAX == HAUL_UNPACK_MEMORY_MAX, "the window is what takes memory");

static void *create(void)
{
    ZSTD_DCtx *zstd = ZSTD_createDCtx();

    if (zstd && ZSTD_isError(ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
        ZSTD_freeDCtx(zstd);
        return NULL;
    }
    return zstd;
}

static void destroy(void *state)
{
    ZSTD_freeDCtx(state);
}

static enum haul_err begin(void *state)
{
    return ZSTD_isError(ZSTD_DCtx_reset(state, ZSTD_reset_session_only)) ? HAUL_ERR_NOMEM : HAUL_OK;
}

static enum haul_err step(void *state, struct haul_unpack_io *io)
{
    ZSTD_inBuffer in = {io->in, io->in_len, 0};
    ZSTD_outBuffer out = {io->out, io->out_len, 0};
    size_t code = ZSTD_decompressStream(state, &out, &in);

    io->in += in.pos;
    io->in_len -= in.pos;
    io->out += out.pos;
    io->out_len -= out.pos;
    if (!ZSTD_isError(code))
        return code ? HAUL_OK : HAUL_ERR_END;
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation:
        return HAUL_ERR_NOMEM;
    case ZSTD_error_frameParameter_windowTooLarge:
        return HAUL_ERR_RANGE;
    default:
        return HAUL_ERR_SYNTAX;
    }
}

/* The second one is of skippable frames, with which some writers begin a file. */
const struct haul_coding haul_unpack_zstd = {
    .name = "zstd",
    .magic = {{"\x28\xb5\x2f\xfd", 4, 0}, {"\x50\x2a\x4d\x18", 4, 0x0f}},
    .ratio_max = HAUL_UNPACK_RATIO_ZSTD,
    .create = create,
    .free = destroy,
    .begin = begin,
    .step = step};
