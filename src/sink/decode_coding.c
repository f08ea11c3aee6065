#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sink/decode_inside.h"

enum {
    ZSTD_WINDOW_LOG_MAX = 23,        /* 8 MiB: RFC 9659, 3 */
    ZSTD_KEPT_BYTES_MAX = 256 * 1024 /* one that met only small bodies takes less */
};

/* What a stage takes at most, its own buffer included; for the table in decode.h. */
enum {
    ZLIB_MOST = 64 << 10,
    ZSTD_MOST = 9 << 20,
    BROTLI_WINDOW_LOG_MAX = 24,
    BROTLI_TABLES = 5 << 20, /* beside the window */
    BROTLI_MOST = (1 << BROTLI_WINDOW_LOG_MAX) + BROTLI_TABLES
};

void haul_decode_consume(struct haul_decode_stage *stage, struct haul_decode_input *in, size_t len)
{
    in->at += len;
    in->len -= len;
    stage->in_bytes += (int64_t)len;
}

static enum haul_reason step_zlib(struct haul_decode_stage *stage, struct haul_decode_input *in,
                                  size_t *made)
{
    z_stream *z = &stage->z;
    uInt given = in->len > UINT_MAX ? UINT_MAX : (uInt)in->len;
    int code;

    z->next_in = in->at;
    z->avail_in = given;
    z->next_out = stage->out;
    z->avail_out = sizeof stage->out;
    code = inflate(z, Z_NO_FLUSH);
    haul_decode_consume(stage, in, given - z->avail_in);
    *made = sizeof stage->out - z->avail_out;
    stage->ended = code == Z_STREAM_END;
    if (code == Z_MEM_ERROR)
        return HAUL_REASON_NO_MEMORY;
    /* Z_BUF_ERROR only says that there was nothing left to do. */
    return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR ? HAUL_REASON_NONE
                                                                       : HAUL_REASON_BAD_ENCODING;
}

/* The size of the window is in the first bits: RFC 7932, 9.1. */
static int64_t most_of_brotli(uint8_t first)
{
    int log = 16;

    if (first & 1)
        log = first >> 1 & 7 ? 17 + (first >> 1 & 7) : 8 + (first >> 4 & 7);
    if (first & 1 && log < 10) /* 17, or none */
        log = 17;
    return ((int64_t)1 << log) + BROTLI_TABLES;
}

static enum haul_reason step_brotli(struct haul_decode_stage *stage, struct haul_decode_input *in,
                                    size_t *made)
{
    size_t in_left = in->len, out_left = sizeof stage->out;
    const uint8_t *next_in = in->at;
    uint8_t *next_out = stage->out;
    BrotliDecoderResult result = BrotliDecoderDecompressStream(stage->brotli, &in_left, &next_in,
                                                               &out_left, &next_out, NULL);
    BrotliDecoderErrorCode code;

    if (!stage->in_bytes && in->len > 0)
        stage->most = most_of_brotli(in->at[0]);
    haul_decode_consume(stage, in, in->len - in_left);
    *made = sizeof stage->out - out_left;
    stage->ended = result == BROTLI_DECODER_RESULT_SUCCESS;
    if (result != BROTLI_DECODER_RESULT_ERROR)
        return HAUL_REASON_NONE;
    code = BrotliDecoderGetErrorCode(stage->brotli);
    /* The allocation errors are one block of codes. */
    return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
                   code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
               ? HAUL_REASON_NO_MEMORY
               : HAUL_REASON_BAD_ENCODING;
}

static void free_zstd(struct haul_decode_stage *stage)
{
    haul_unzstd_free(stage->zstd);
    stage->zstd = NULL;
    (void)haul_decode_memory_settle(stage->memory, &stage->zstd_size, 0);
}

/*
 * libzstd allocates by itself, a window at a time, which nobody has written to before the next
 * step. Of most bodies it stays nearly empty: only what was written to counts.
 */
static enum haul_reason count_zstd(struct haul_decode_stage *stage)
{
    if (haul_decode_memory_settle(stage->memory, &stage->zstd_size,
                                  haul_unzstd_touched(stage->zstd)))
        return HAUL_REASON_NONE;
    free_zstd(stage);
    return HAUL_REASON_NO_MEMORY;
}

static enum haul_reason step_zstd(struct haul_decode_stage *stage, struct haul_decode_input *in,
                                  size_t *made)
{
    size_t in_len = in->len, out_len = sizeof stage->out;
    const unsigned char *next_in = in->at;
    unsigned char *next_out = stage->out;
    enum haul_err err = haul_unzstd_step(stage->zstd, &next_in, &in_len, &next_out, &out_len);

    haul_decode_consume(stage, in, in->len - in_len);
    *made = sizeof stage->out - out_len;
    stage->ended = err == HAUL_ERR_END;
    if (!err || stage->ended)
        return count_zstd(stage);
    return err == HAUL_ERR_NOMEM ? HAUL_REASON_NO_MEMORY : HAUL_REASON_BAD_ENCODING;
}

static enum haul_reason next_member(struct haul_decode_stage *stage, struct haul_decode_input *in)
{
    if (stage->padding || in->at[0] == 0) {
        stage->padding = true;
        while (in->len > 0 && in->at[0] == 0)
            haul_decode_consume(stage, in, 1);
        return in->len > 0 ? HAUL_REASON_BAD_ENCODING : HAUL_REASON_NONE;
    }
    if (in->at[0] != 0x1f) /* one stray byte would pass for the start of a member */
        return HAUL_REASON_BAD_ENCODING;
    return inflateReset(&stage->z) == Z_OK ? HAUL_REASON_NONE : HAUL_REASON_INTERNAL;
}

/* base/unzstd.h looks at each. */
static enum haul_reason next_frame(struct haul_decode_stage *stage, struct haul_decode_input *in)
{
    (void)stage;
    (void)in;
    return HAUL_REASON_NONE;
}

static enum haul_reason begin_zlib(struct haul_decode_stage *stage)
{
    const int bits = stage->coding->window_bits;
    int code;

    stage->z.zalloc = haul_decode_memory_take_items;
    stage->z.zfree = haul_decode_memory_give;
    stage->z.opaque = stage->memory;
    code = stage->z_ready ? inflateReset2(&stage->z, bits) : inflateInit2(&stage->z, bits);
    stage->z_ready = stage->z_ready || code == Z_OK;
    return code == Z_OK ? HAUL_REASON_NONE : HAUL_REASON_NO_MEMORY;
}

static enum haul_reason begin_brotli(struct haul_decode_stage *stage)
{
    BrotliDecoderDestroyInstance(stage->brotli);
    stage->brotli = BrotliDecoderCreateInstance(haul_decode_memory_take, haul_decode_memory_give,
                                                stage->memory);
    return stage->brotli ? HAUL_REASON_NONE : HAUL_REASON_NO_MEMORY;
}

static enum haul_reason begin_zstd(struct haul_decode_stage *stage)
{
    if (!stage->zstd)
        stage->zstd = haul_unzstd_create(ZSTD_WINDOW_LOG_MAX);
    return stage->zstd && !haul_unzstd_begin(stage->zstd) ? count_zstd(stage)
                                                          : HAUL_REASON_NO_MEMORY;
}

static const struct haul_decode_coding known[] = {
    {"gzip", ZLIB_MOST, MAX_WBITS + 16, false, begin_zlib, step_zlib, next_member},
    {"x-gzip", ZLIB_MOST, MAX_WBITS + 16, false, begin_zlib, step_zlib, next_member},
    {"deflate", ZLIB_MOST, MAX_WBITS, true, begin_zlib, step_zlib, NULL},
    {"br", BROTLI_MOST, 0, false, begin_brotli, step_brotli, NULL},
    {"zstd", ZSTD_MOST, 0, false, begin_zstd, step_zstd, next_frame}};

const struct haul_decode_coding *haul_decode_coding_find(struct haul_span name)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (haul_span_is_word(name, known[i].name))
            return &known[i];
    return NULL;
}

/* ---- a stage ---- */

struct haul_decode_stage *haul_decode_stage_create(struct haul_decode_memory *memory)
{
    struct haul_decode_stage *stage = haul_decode_memory_take(memory, sizeof *stage);

    if (!stage)
        return NULL;
    memset(stage, 0, offsetof(struct haul_decode_stage, out));
    stage->memory = memory;
    return stage;
}

void haul_decode_stage_free(struct haul_decode_stage *stage)
{
    if (!stage)
        return;
    BrotliDecoderDestroyInstance(stage->brotli);
    free_zstd(stage);
    if (stage->z_ready)
        inflateEnd(&stage->z);
    haul_decode_memory_give(stage->memory, stage);
}

void haul_decode_stage_rest(struct haul_decode_stage *stage)
{
    BrotliDecoderDestroyInstance(stage->brotli);
    stage->brotli = NULL;
    if (stage->zstd && haul_unzstd_size(stage->zstd) > ZSTD_KEPT_BYTES_MAX)
        free_zstd(stage);
}
