#include "sink/decode.h"

#include <brotli/decode.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/*
 * The stages of a body form a chain: what stage n makes fills its output buffer, and each time that
 * it did, the buffer goes through stage n + 1, and from the last one to the sink. So one buffer for
 * each stage is enough, whatever the ratio, and nothing is ever held back: when feed returns, all
 * that follows from the bytes so far has reached the sink.
 */

enum coding { CODING_GZIP, CODING_DEFLATE, CODING_BROTLI, CODING_ZSTD };

enum {
    OUTPUT_BYTES = 16 * 1024,
    ZSTD_WINDOW_LOG_MAX = 23,        /* 8 MiB: RFC 9659, 3 */
    ZSTD_KEPT_BYTES_MAX = 256 * 1024 /* one that met only small bodies takes less */
};

struct haul_decode_stage {
    enum coding coding;
    bool ended;   /* at the end of a stream, member or frame, and nothing of a next one was seen */
    bool padding; /* only zero bytes may follow */
    size_t head_len; /* deflate: bytes in `head`; 2: its form is decided */
    uint8_t head[2];
    int64_t in_bytes;  /* consumed */
    int64_t out_bytes; /* produced */

    bool z_ready;
    z_stream z;                 /* valid if z_ready; kept between responses */
    ZSTD_DCtx *zstd;            /* or NULL: not needed so far; kept if small */
    BrotliDecoderState *brotli; /* or NULL; of one response */

    uint8_t out[OUTPUT_BYTES];
};

/* Input that is being used up. */
struct span {
    const uint8_t *at;
    size_t len;
};

static void consume(struct haul_decode_stage *stage, struct span *in, size_t len)
{
    in->at += len;
    in->len -= len;
    stage->in_bytes += (int64_t)len;
}

/*
 * The step functions decode as much of `in` as fits into the stage's buffer, which is empty. They
 * consume what they used, tell in `*made` how much they produced (also when they fail), and know in
 * stage->ended whether the stream is at its end.
 */
static enum haul_reason step_zlib(struct haul_decode_stage *stage, struct span *in, size_t *made)
{
    z_stream *z = &stage->z;
    uInt given = in->len > UINT_MAX ? UINT_MAX : (uInt)in->len;
    int code;

    z->next_in = in->at;
    z->avail_in = given;
    z->next_out = stage->out;
    z->avail_out = sizeof stage->out;
    code = inflate(z, Z_NO_FLUSH);
    consume(stage, in, given - z->avail_in);
    *made = sizeof stage->out - z->avail_out;
    stage->ended = code == Z_STREAM_END;
    if (code == Z_MEM_ERROR)
        return HAUL_REASON_NO_MEMORY;
    /* Z_BUF_ERROR only says that there was nothing left to do. */
    return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR ? HAUL_REASON_NONE
                                                                       : HAUL_REASON_BAD_ENCODING;
}

static enum haul_reason brotli_reason(const BrotliDecoderState *state)
{
    BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(state);

    /* The allocation errors are one block of codes. */
    if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
        code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
        return HAUL_REASON_NO_MEMORY;
    return HAUL_REASON_BAD_ENCODING;
}

static enum haul_reason step_brotli(struct haul_decode_stage *stage, struct span *in, size_t *made)
{
    size_t in_left = in->len, out_left = sizeof stage->out;
    const uint8_t *next_in = in->at;
    uint8_t *next_out = stage->out;
    BrotliDecoderResult result = BrotliDecoderDecompressStream(stage->brotli, &in_left, &next_in,
                                                               &out_left, &next_out, NULL);

    consume(stage, in, in->len - in_left);
    *made = sizeof stage->out - out_left;
    stage->ended = result == BROTLI_DECODER_RESULT_SUCCESS;
    return result == BROTLI_DECODER_RESULT_ERROR ? brotli_reason(stage->brotli) : HAUL_REASON_NONE;
}

static enum haul_reason zstd_reason(size_t code)
{
    return ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation ? HAUL_REASON_NO_MEMORY
                                                                   : HAUL_REASON_BAD_ENCODING;
}

static enum haul_reason step_zstd(struct haul_decode_stage *stage, struct span *in, size_t *made)
{
    ZSTD_inBuffer input = {in->at, in->len, 0};
    ZSTD_outBuffer output = {stage->out, sizeof stage->out, 0};
    size_t code = ZSTD_decompressStream(stage->zstd, &output, &input);

    consume(stage, in, input.pos);
    *made = output.pos;
    stage->ended = code == 0;
    return ZSTD_isError(code) ? zstd_reason(code) : HAUL_REASON_NONE;
}

static enum haul_reason step(struct haul_decode_stage *stage, struct span *in, size_t *made)
{
    *made = 0;
    switch (stage->coding) {
    case CODING_GZIP:
    case CODING_DEFLATE:
        return step_zlib(stage, in, made);
    case CODING_BROTLI:
        return step_brotli(stage, in, made);
    case CODING_ZSTD:
        return step_zstd(stage, in, made);
    }
    return HAUL_REASON_INTERNAL;
}

static enum haul_reason skip_padding(struct haul_decode_stage *stage, struct span *in)
{
    stage->padding = true;
    while (in->len > 0 && in->at[0] == 0)
        consume(stage, in, 1);
    return in->len > 0 ? HAUL_REASON_BAD_ENCODING : HAUL_REASON_NONE;
}

/* Decides what bytes after the end of a stream are: the next member or frame, padding, garbage. */
static enum haul_reason go_on_after_end(struct haul_decode_stage *stage, struct span *in)
{
    switch (stage->coding) {
    case CODING_GZIP:
        if (stage->padding || in->at[0] == 0)
            return skip_padding(stage, in);
        if (in->at[0] != 0x1f) /* one stray byte would pass for the start of a member */
            return HAUL_REASON_BAD_ENCODING;
        return inflateReset(&stage->z) == Z_OK ? HAUL_REASON_NONE : HAUL_REASON_INTERNAL;
    case CODING_ZSTD: /* looks for the next frame by itself */
        return HAUL_REASON_NONE;
    case CODING_DEFLATE:
    case CODING_BROTLI:
        break;
    }
    return HAUL_REASON_BAD_ENCODING;
}

static enum haul_reason deliver(struct haul_decoder *dec, const uint8_t *bytes, size_t len)
{
    int64_t max = dec->limits.body_max > 0 ? dec->limits.body_max : INT64_MAX;
    uint64_t room = (uint64_t)(max - dec->size_body);
    size_t fits = len > room ? (size_t)room : len;

    if (fits > 0) {
        enum haul_reason reason = dec->sink ? dec->sink(dec->arg, bytes, fits) : HAUL_REASON_NONE;

        if (reason)
            return reason;
        dec->size_body += (int64_t)fits;
    }
    return fits < len ? HAUL_REASON_TOO_LARGE : HAUL_REASON_NONE;
}

static enum haul_reason check_ratio(const struct haul_decoder *dec,
                                    const struct haul_decode_stage *stage)
{
    int64_t ratio = dec->limits.ratio_max;

    if (ratio <= 0 || stage->out_bytes <= dec->limits.ratio_from)
        return HAUL_REASON_NONE;
    return stage->out_bytes / ratio > dec->stage[0]->in_bytes ? HAUL_REASON_TOO_LARGE
                                                              : HAUL_REASON_NONE;
}

static enum haul_reason feed_stage(struct haul_decoder *dec, int index, const uint8_t *bytes,
                                   size_t len);

static enum haul_reason pass_on(struct haul_decoder *dec, int index, size_t len)
{
    struct haul_decode_stage *stage = dec->stage[index];
    enum haul_reason reason;

    stage->out_bytes += (int64_t)len;
    reason = check_ratio(dec, stage);
    if (reason)
        return reason;
    return feed_stage(dec, index + 1, stage->out, len);
}

static enum haul_reason run_stage(struct haul_decoder *dec, int index, struct span in)
{
    struct haul_decode_stage *stage = dec->stage[index];
    enum haul_reason reason = HAUL_REASON_NONE, passed;
    size_t made = sizeof stage->out;

    /* A full buffer may hide more output, though there is no input left. */
    while (!reason && (in.len > 0 || (!stage->ended && made == sizeof stage->out))) {
        if (stage->ended) {
            reason = go_on_after_end(stage, &in);
            if (reason || in.len == 0)
                break;
        }
        reason = step(stage, &in, &made);
        passed = made > 0 ? pass_on(dec, index, made) : HAUL_REASON_NONE;
        reason = passed ? passed : reason;
    }
    return reason;
}

/* Bare deflate never begins like zlib's header: it would be a stored block with odd padding. */
static enum haul_reason choose_deflate_form(struct haul_decode_stage *stage)
{
    unsigned cmf = stage->head[0], flg = stage->head[1];
    bool wrapped = (cmf & 0x0f) == Z_DEFLATED && cmf >> 4 <= 7 && (cmf << 8 | flg) % 31 == 0;

    return inflateReset2(&stage->z, wrapped ? MAX_WBITS : -MAX_WBITS) == Z_OK
               ? HAUL_REASON_NONE
               : HAUL_REASON_NO_MEMORY;
}

/* Collects the first two bytes of a "deflate" body, and then lets them go their way. */
static enum haul_reason run_deflate_head(struct haul_decoder *dec, int index, struct span *in)
{
    struct haul_decode_stage *stage = dec->stage[index];
    enum haul_reason reason;

    while (stage->head_len < sizeof stage->head && in->len > 0) {
        stage->head[stage->head_len++] = in->at[0];
        in->at++;
        in->len--;
    }
    if (stage->head_len < sizeof stage->head)
        return HAUL_REASON_NONE;
    reason = choose_deflate_form(stage);
    if (reason)
        return reason;
    return run_stage(dec, index, (struct span){stage->head, sizeof stage->head});
}

static enum haul_reason feed_stage(struct haul_decoder *dec, int index, const uint8_t *bytes,
                                   size_t len)
{
    struct span in = {bytes, len};
    struct haul_decode_stage *stage;

    if (index == dec->stages)
        return deliver(dec, bytes, len);
    stage = dec->stage[index];
    if (stage->coding == CODING_DEFLATE && stage->head_len < sizeof stage->head) {
        enum haul_reason reason = run_deflate_head(dec, index, &in);

        if (reason)
            return reason;
    }
    return in.len > 0 ? run_stage(dec, index, in) : HAUL_REASON_NONE;
}

static enum haul_reason begin_zlib(struct haul_decode_stage *stage)
{
    const int window = stage->coding == CODING_GZIP ? MAX_WBITS + 16 : MAX_WBITS;

    if (stage->z_ready)
        return inflateReset2(&stage->z, window) == Z_OK ? HAUL_REASON_NONE : HAUL_REASON_NO_MEMORY;
    stage->z = (z_stream){0};
    stage->z_ready = inflateInit2(&stage->z, window) == Z_OK;
    return stage->z_ready ? HAUL_REASON_NONE : HAUL_REASON_NO_MEMORY;
}

static enum haul_reason begin_brotli(struct haul_decode_stage *stage)
{
    BrotliDecoderDestroyInstance(stage->brotli);
    stage->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    return stage->brotli ? HAUL_REASON_NONE : HAUL_REASON_NO_MEMORY;
}

static enum haul_reason begin_zstd(struct haul_decode_stage *stage)
{
    if (!stage->zstd)
        stage->zstd = ZSTD_createDCtx();
    if (!stage->zstd ||
        ZSTD_isError(ZSTD_DCtx_reset(stage->zstd, ZSTD_reset_session_and_parameters)) ||
        ZSTD_isError(ZSTD_DCtx_setParameter(stage->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX)))
        return HAUL_REASON_NO_MEMORY;
    return HAUL_REASON_NONE;
}

static enum haul_reason begin_stage(struct haul_decode_stage *stage, enum coding coding)
{
    stage->coding = coding;
    stage->ended = stage->padding = false;
    stage->head_len = 0;
    stage->in_bytes = stage->out_bytes = 0;
    switch (coding) {
    case CODING_GZIP:
    case CODING_DEFLATE:
        return begin_zlib(stage);
    case CODING_BROTLI:
        return begin_brotli(stage);
    case CODING_ZSTD:
        return begin_zstd(stage);
    }
    return HAUL_REASON_INTERNAL;
}

static void rest_stage(struct haul_decode_stage *stage)
{
    BrotliDecoderDestroyInstance(stage->brotli);
    stage->brotli = NULL;
    if (stage->zstd && ZSTD_sizeof_DCtx(stage->zstd) > ZSTD_KEPT_BYTES_MAX) {
        ZSTD_freeDCtx(stage->zstd);
        stage->zstd = NULL;
    }
}

static void free_stage(struct haul_decode_stage *stage)
{
    if (!stage)
        return;
    BrotliDecoderDestroyInstance(stage->brotli);
    ZSTD_freeDCtx(stage->zstd);
    if (stage->z_ready)
        inflateEnd(&stage->z);
    free(stage);
}

static void rest_all(struct haul_decoder *dec)
{
    for (int i = 0; i < HAUL_DECODE_STAGES_MAX; i++) {
        if (dec->stage[i])
            rest_stage(dec->stage[i]);
    }
}

static bool same_name(const char *text, size_t len, const char *name)
{
    if (strlen(name) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != name[i])
            return false;
    }
    return true;
}

/* Adds one member of Content-Encoding to the list of codings. */
static enum haul_reason add_coding(struct haul_decoder *dec, enum coding *codings, const char *name,
                                   size_t len)
{
    static const struct {
        const char *name;
        enum coding coding;
    } known[] = {{"gzip", CODING_GZIP},
                 {"x-gzip", CODING_GZIP},
                 {"deflate", CODING_DEFLATE},
                 {"br", CODING_BROTLI},
                 {"zstd", CODING_ZSTD}};

    if (len == 0 || same_name(name, len, "identity") || same_name(name, len, "none"))
        return HAUL_REASON_NONE;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!same_name(name, len, known[i].name))
            continue;
        if (dec->stages == HAUL_DECODE_STAGES_MAX)
            return HAUL_REASON_BAD_ENCODING;
        codings[dec->stages++] = known[i].coding;
        return HAUL_REASON_NONE;
    }
    return HAUL_REASON_BAD_ENCODING;
}

static enum haul_reason parse_codings(struct haul_decoder *dec, enum coding *codings,
                                      const char *list)
{
    enum haul_reason reason = HAUL_REASON_NONE;

    while (!reason && *list) {
        const char *name = list + strspn(list, " \t,");
        size_t len = strcspn(name, ",");

        list = name + len;
        while (len > 0 && (name[len - 1] == ' ' || name[len - 1] == '\t'))
            len--;
        reason = add_coding(dec, codings, name, len);
    }
    return reason;
}

/* The coding that was applied last is the first to be undone. */
static enum haul_reason begin_stages(struct haul_decoder *dec, const enum coding *codings)
{
    enum haul_reason reason = HAUL_REASON_NONE;

    for (int i = 0; i < dec->stages && !reason; i++) {
        if (!dec->stage[i])
            dec->stage[i] = calloc(1, sizeof *dec->stage[i]);
        if (!dec->stage[i])
            return HAUL_REASON_NO_MEMORY;
        reason = begin_stage(dec->stage[i], codings[dec->stages - 1 - i]);
    }
    return reason;
}

static const struct haul_decode_limits default_limits = {.ratio_max = HAUL_DECODE_RATIO_MAX,
                                                         .ratio_from = HAUL_DECODE_RATIO_FROM};

void haul_decoder_init(struct haul_decoder *dec)
{
    *dec = (struct haul_decoder){.limits = default_limits};
}

void haul_decoder_done(struct haul_decoder *dec)
{
    for (int i = 0; i < HAUL_DECODE_STAGES_MAX; i++)
        free_stage(dec->stage[i]);
    haul_decoder_init(dec);
}

enum haul_reason haul_decoder_begin(struct haul_decoder *dec, const char *content_encoding,
                                    const struct haul_decode_limits *limits, haul_decode_sink *sink,
                                    void *arg)
{
    enum coding codings[HAUL_DECODE_STAGES_MAX];

    rest_all(dec);
    dec->stages = 0;
    dec->limits = limits ? *limits : default_limits;
    dec->sink = sink;
    dec->arg = arg;
    dec->wire_bytes = dec->size_body = 0;
    dec->reason = parse_codings(dec, codings, content_encoding ? content_encoding : "");
    if (!dec->reason)
        dec->reason = begin_stages(dec, codings);
    return dec->reason;
}

enum haul_reason haul_decoder_feed(struct haul_decoder *dec, const uint8_t *bytes, size_t len)
{
    if (dec->reason || len == 0)
        return dec->reason;
    dec->wire_bytes += (int64_t)len;
    dec->reason = feed_stage(dec, 0, bytes, len);
    return dec->reason;
}

enum haul_reason haul_decoder_end(struct haul_decoder *dec)
{
    for (int i = 0; i < dec->stages && !dec->reason && dec->wire_bytes > 0; i++) {
        if (!dec->stage[i]->ended)
            dec->reason = HAUL_REASON_TRUNCATED;
    }
    rest_all(dec);
    return dec->reason;
}
