#include "base/unzstd.h"

#include <stdbool.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    MAGIC_LEN = 4,
    SKIPPABLE_HEAD_LEN = 8, /* magic and length: RFC 8878, 3.1.2 */
    BLOCK_HEAD_LEN = 3,
    HEAD_LEN_MIN = MAGIC_LEN + 1,
    HEAD_LEN_MAX = MAGIC_LEN + 14, /* 3.1.1 and 3.1.1.1 */
    BLOCK_MAX = 128 * 1024,        /* bytes of one, unpacked: 3.1.1.2.4 */
    PAGES = 16 * 1024              /* what is at the edges, and libzstd writes beyond a block */
};

struct haul_unzstd {
    ZSTD_DCtx *zstd;
    unsigned char head[HEAD_LEN_MAX]; /* of the frame, as far as it has come */
    size_t head_len;
    bool has_begun; /* libzstd has the head */
    size_t wanted;  /* bytes that it asks for */
    size_t own;     /* bytes allocated before it had a window */
    size_t moved;   /* bytes that went through the window, at least as many as it has written */
    bool has_more;  /* of a block that is unpacked, some may be in the window still */
};

struct haul_unzstd *haul_unzstd_create(int window_log_max)
{
    struct haul_unzstd *unzstd = calloc(1, sizeof *unzstd);

    if (!unzstd)
        return NULL;
    unzstd->zstd = ZSTD_createDCtx();
    if (unzstd->zstd &&
        !ZSTD_isError(ZSTD_DCtx_setParameter(unzstd->zstd, ZSTD_d_windowLogMax, window_log_max))) {
        unzstd->own = haul_unzstd_size(unzstd);
        return unzstd;
    }
    haul_unzstd_free(unzstd);
    return NULL;
}

void haul_unzstd_free(struct haul_unzstd *unzstd)
{
    if (!unzstd)
        return;
    ZSTD_freeDCtx(unzstd->zstd);
    free(unzstd);
}

size_t haul_unzstd_size(const struct haul_unzstd *unzstd)
{
    return sizeof *unzstd + ZSTD_sizeof_DCtx(unzstd->zstd);
}

/* libzstd unpacks a block when the one before is out, and puts one behind the other. */
size_t haul_unzstd_touched(const struct haul_unzstd *unzstd)
{
    size_t size = haul_unzstd_size(unzstd);
    size_t touched = unzstd->own + PAGES + (unzstd->has_more ? BLOCK_MAX : 0);

    return touched < size && unzstd->moved < size - touched ? touched + unzstd->moved : size;
}

static void await_head(struct haul_unzstd *unzstd)
{
    unzstd->head_len = 0;
    unzstd->has_begun = false;
}

enum haul_err haul_unzstd_begin(struct haul_unzstd *unzstd)
{
    await_head(unzstd);
    unzstd->moved = haul_unzstd_size(unzstd) - unzstd->own;
    unzstd->has_more = false;
    return ZSTD_isError(ZSTD_DCtx_reset(unzstd->zstd, ZSTD_reset_session_only)) ? HAUL_ERR_NOMEM
                                                                                : HAUL_OK;
}

/* ---- the head of a frame ---- */

static bool is_skippable(const struct haul_unzstd *unzstd)
{
    return (unzstd->head[0] & 0xf0) == 0x50;
}

/* Whether the last byte that has come may stand where it does, if it is of the magic number. */
static bool fits_magic(const struct haul_unzstd *unzstd)
{
    static const unsigned char frame[] = {0x28, 0xb5, 0x2f, 0xfd};
    static const unsigned char skippable[] = {0x50, 0x2a, 0x4d, 0x18};
    size_t at = unzstd->head_len - 1;

    if (at >= MAGIC_LEN)
        return true;
    if (is_skippable(unzstd))
        return !at || unzstd->head[at] == skippable[at];
    return unzstd->head[at] == frame[at];
}

/* How long it is, as far as is known. */
static size_t head_length(const struct haul_unzstd *unzstd)
{
    static const size_t content_size[] = {0, 2, 4, 8}, dictionary_id[] = {0, 1, 2, 4};
    unsigned descriptor = unzstd->head[MAGIC_LEN];
    bool is_single_segment = descriptor & 0x20;
    size_t size = content_size[descriptor >> 6];

    if (unzstd->head_len < HEAD_LEN_MIN)
        return HEAD_LEN_MIN;
    if (is_skippable(unzstd))
        return SKIPPABLE_HEAD_LEN;
    /* There is either the window's size or that of the content, which has a byte at least then. */
    return HEAD_LEN_MIN + dictionary_id[descriptor & 3] + (size ? size : is_single_segment) +
           !is_single_segment;
}

/* HAUL_ERR_END: it needs more bytes. */
static enum haul_err collect_head(struct haul_unzstd *unzstd, const unsigned char **in,
                                  size_t *in_len)
{
    while (unzstd->head_len < head_length(unzstd)) {
        if (!*in_len)
            return HAUL_ERR_END;
        unzstd->head[unzstd->head_len++] = *(*in)++;
        --*in_len;
        if (!fits_magic(unzstd))
            return HAUL_ERR_SYNTAX;
    }
    return HAUL_OK;
}

/* ---- unpacking ---- */

static enum haul_err as_err(size_t code)
{
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

/*
 * Gives libzstd what it asks for and no more: an error takes with it what the same call had made
 * before. What it asks for has the head of the block after the next one in it.
 */
static size_t portion(const struct haul_unzstd *unzstd, size_t len)
{
    size_t wanted =
        unzstd->wanted > BLOCK_HEAD_LEN ? unzstd->wanted - BLOCK_HEAD_LEN : unzstd->wanted;

    return len < wanted ? len : wanted;
}

static enum haul_err decompress(struct haul_unzstd *unzstd, ZSTD_inBuffer *input,
                                unsigned char **out, size_t *out_len)
{
    ZSTD_outBuffer output = {*out, *out_len, 0};
    size_t code = ZSTD_decompressStream(unzstd->zstd, &output, input);

    *out += output.pos;
    *out_len -= output.pos;
    unzstd->wanted = ZSTD_isError(code) ? 0 : code;
    unzstd->has_more = output.pos == output.size;
    if (unzstd->moved < haul_unzstd_size(unzstd))
        unzstd->moved += input->pos + output.pos;
    if (code == 0)
        await_head(unzstd);
    return as_err(code);
}

static enum haul_err begin_frame(struct haul_unzstd *unzstd, unsigned char **out, size_t *out_len)
{
    ZSTD_inBuffer input = {unzstd->head, unzstd->head_len, 0};

    unzstd->has_begun = true;
    return decompress(unzstd, &input, out, out_len);
}

enum haul_err haul_unzstd_step(struct haul_unzstd *unzstd, const unsigned char **in, size_t *in_len,
                               unsigned char **out, size_t *out_len)
{
    ZSTD_inBuffer input = {NULL, 0, 0};
    enum haul_err err = HAUL_OK;

    if (!unzstd->has_begun) {
        err = collect_head(unzstd, in, in_len);
        if (err)
            return err == HAUL_ERR_END ? HAUL_OK : err;
        err = begin_frame(unzstd, out, out_len);
    }
    if (err)
        return err;
    input = (ZSTD_inBuffer){*in, portion(unzstd, *in_len), 0};
    err = decompress(unzstd, &input, out, out_len);
    *in += input.pos;
    *in_len -= input.pos;
    return err;
}
