#include "sink/decode.h"

#include <brotli/decode.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/span.h"
#include "base/unzstd.h"

/*
 * The stages of a body form a chain: what stage n makes fills its output buffer, and each time that
 * it did, the buffer goes through stage n + 1, and from the last one to the sink. So one buffer for
 * each stage is enough, whatever the ratio, and nothing is ever held back: when feed returns, all
 * that follows from the bytes so far has reached the sink.
 */

enum {
    ZSTD_WINDOW_LOG_MAX = 23,        /* 8 MiB: RFC 9659, 3 */
    ZSTD_KEPT_BYTES_MAX = 256 * 1024 /* one that met only small bodies takes less */
};

struct haul_decode_stage {
    struct haul_decode_memory *memory; /* the decoder's */
    const struct coding *coding;
    bool ended;   /* at the end of a stream, member or frame, and nothing of a next one was seen */
    bool padding; /* only zero bytes may follow */
    size_t head_len; /* deflate: bytes in `head`; 2: its form is decided */
    uint8_t head[2];
    int64_t in_bytes;  /* consumed */
    int64_t out_bytes; /* produced */

    bool z_ready;
    z_stream z;                 /* valid if z_ready; kept between responses */
    struct haul_unzstd *zstd;   /* or NULL: not needed so far; kept if small */
    size_t zstd_size;           /* bytes of it that are counted */
    BrotliDecoderState *brotli; /* or NULL; of one response */

    uint8_t out[16 * 1024];
};

/* Input that is being used up. */
struct input {
    const uint8_t *at;
    size_t len;
};

struct coding {
    const char *name;
    int window_bits;    /* of zlib */
    bool has_two_forms; /* "deflate": the first two bytes tell which */
    enum haul_reason (*begin)(struct haul_decode_stage *stage);
    /*
     * Decodes as much of `in` as fits into the stage's buffer, which is empty. Consumes what it
     * used, tells in `*made` how much it produced (also when it fails), and knows in stage->ended
     * whether the stream is at its end.
     */
    enum haul_reason (*step)(struct haul_decode_stage *stage, struct input *in, size_t *made);
    /*
     * Looks what bytes after the end of a stream are: the next member or frame, padding, garbage.
     * NULL: always garbage.
     */
    enum haul_reason (*go_on)(struct haul_decode_stage *stage, struct input *in);
};

static void consume(struct haul_decode_stage *stage, struct input *in, size_t len)
{
    in->at += len;
    in->len -= len;
    stage->in_bytes += (int64_t)len;
}

static enum haul_reason step_zlib(struct haul_decode_stage *stage, struct input *in, size_t *made)
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

static enum haul_reason step_brotli(struct haul_decode_stage *stage, struct input *in, size_t *made)
{
    size_t in_left = in->len, out_left = sizeof stage->out;
    const uint8_t *next_in = in->at;
    uint8_t *next_out = stage->out;
    BrotliDecoderResult result = BrotliDecoderDecompressStream(stage->brotli, &in_left, &next_in,
                                                               &out_left, &next_out, NULL);
    BrotliDecoderErrorCode code;

    consume(stage, in, in->len - in_left);
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

/* libzstd allocates by itself, a window at a time, which nobody has written to before the next
 * step. */
static enum haul_reason count_zstd(struct haul_decode_stage *stage)
{
    if (haul_decode_memory_settle(stage->memory, &stage->zstd_size, haul_unzstd_size(stage->zstd)))
        return HAUL_REASON_NONE;
    free_zstd(stage);
    return HAUL_REASON_NO_MEMORY;
}

static enum haul_reason step_zstd(struct haul_decode_stage *stage, struct input *in, size_t *made)
{
    size_t in_len = in->len, out_len = sizeof stage->out;
    const unsigned char *next_in = in->at;
    unsigned char *next_out = stage->out;
    enum haul_err err = haul_unzstd_step(stage->zstd, &next_in, &in_len, &next_out, &out_len);

    consume(stage, in, in->len - in_len);
    *made = sizeof stage->out - out_len;
    stage->ended = err == HAUL_ERR_END;
    if (!err || stage->ended)
        return count_zstd(stage);
    return err == HAUL_ERR_NOMEM ? HAUL_REASON_NO_MEMORY : HAUL_REASON_BAD_ENCODING;
}

static enum haul_reason next_member(struct haul_decode_stage *stage, struct input *in)
{
    if (stage->padding || in->at[0] == 0) {
        stage->padding = true;
        while (in->len > 0 && in->at[0] == 0)
            consume(stage, in, 1);
        return in->len > 0 ? HAUL_REASON_BAD_ENCODING : HAUL_REASON_NONE;
    }
    if (in->at[0] != 0x1f) /* one stray byte would pass for the start of a member */
        return HAUL_REASON_BAD_ENCODING;
    return inflateReset(&stage->z) == Z_OK ? HAUL_REASON_NONE : HAUL_REASON_INTERNAL;
}

/* base/unzstd.h looks at each. */
static enum haul_reason next_frame(struct haul_decode_stage *stage, struct input *in)
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

static const struct coding known[] = {
    {"gzip", MAX_WBITS + 16, false, begin_zlib, step_zlib, next_member},
    {"x-gzip", MAX_WBITS + 16, false, begin_zlib, step_zlib, next_member},
    {"deflate", MAX_WBITS, true, begin_zlib, step_zlib, NULL},
    {"br", 0, false, begin_brotli, step_brotli, NULL},
    {"zstd", 0, false, begin_zstd, step_zstd, next_frame}};

/* ---- the chain ---- */

static enum haul_reason deliver(struct haul_decoder *dec, const uint8_t *bytes, size_t len)
{
    int64_t max = dec->limits.body_max > 0 ? dec->limits.body_max : INT64_MAX;
    uint64_t room = (uint64_t)(max - dec->size_body);
    size_t fits = len > room ? (size_t)room : len;
    enum haul_reason reason = HAUL_REASON_NONE;

    if (fits > 0 && dec->sink)
        reason = dec->sink(dec->arg, bytes, fits);
    if (reason)
        return reason;
    dec->size_body += (int64_t)fits;
    return fits < len ? HAUL_REASON_TOO_LARGE : HAUL_REASON_NONE;
}

static enum haul_reason feed_stage(struct haul_decoder *dec, int index, const uint8_t *bytes,
                                   size_t len);

static enum haul_reason pass_on(struct haul_decoder *dec, int index, size_t len)
{
    struct haul_decode_stage *stage = dec->stage[index];
    int64_t ratio = dec->limits.ratio_max;

    stage->out_bytes += (int64_t)len;
    if (ratio > 0 && stage->out_bytes > dec->limits.ratio_from &&
        stage->out_bytes / ratio > dec->stage[0]->in_bytes)
        return HAUL_REASON_TOO_LARGE;
    return feed_stage(dec, index + 1, stage->out, len);
}

static enum haul_reason run_stage(struct haul_decoder *dec, int index, struct input in)
{
    struct haul_decode_stage *stage = dec->stage[index];
    enum haul_reason reason = HAUL_REASON_NONE, passed;
    size_t made = sizeof stage->out;

    /* A full buffer may hide more output, though there is no input left. */
    while (!reason && (in.len > 0 || (!stage->ended && made == sizeof stage->out))) {
        if (stage->ended) {
            reason =
                stage->coding->go_on ? stage->coding->go_on(stage, &in) : HAUL_REASON_BAD_ENCODING;
            if (reason || in.len == 0)
                break;
        }
        made = 0;
        reason = stage->coding->step(stage, &in, &made);
        passed = made > 0 ? pass_on(dec, index, made) : HAUL_REASON_NONE;
        reason = passed ? passed : reason;
    }
    return reason;
}

/*
 * Collects the first two bytes of a "deflate" body, which tell its form, and then lets them go
 * their way. Bare deflate never begins like zlib's header: it would be a stored block with odd
 * padding.
 */
static enum haul_reason run_deflate_head(struct haul_decoder *dec, int index, struct input *in)
{
    struct haul_decode_stage *stage = dec->stage[index];
    const uint8_t *cmf = stage->head, *flg = cmf + 1; /* RFC 1950, 2.2 */
    bool wrapped;

    while (stage->head_len < sizeof stage->head && in->len > 0) {
        stage->head[stage->head_len++] = *in->at++;
        in->len--;
    }
    if (stage->head_len < sizeof stage->head)
        return HAUL_REASON_NONE;
    wrapped = (*cmf & 0x0f) == Z_DEFLATED && *cmf >> 4 <= 7 && (*cmf << 8 | *flg) % 31 == 0;
    if (inflateReset2(&stage->z, wrapped ? MAX_WBITS : -MAX_WBITS) != Z_OK)
        return HAUL_REASON_NO_MEMORY;
    return run_stage(dec, index, (struct input){stage->head, sizeof stage->head});
}

static enum haul_reason feed_stage(struct haul_decoder *dec, int index, const uint8_t *bytes,
                                   size_t len)
{
    enum haul_reason reason = HAUL_REASON_NONE;
    struct input in = {bytes, len};
    struct haul_decode_stage *stage;

    if (index == dec->stages)
        return deliver(dec, bytes, len);
    stage = dec->stage[index];
    if (stage->coding->has_two_forms && stage->head_len < sizeof stage->head)
        reason = run_deflate_head(dec, index, &in);
    return !reason && in.len > 0 ? run_stage(dec, index, in) : reason;
}

static void free_stage(struct haul_decode_stage *stage)
{
    if (!stage)
        return;
    BrotliDecoderDestroyInstance(stage->brotli);
    free_zstd(stage);
    if (stage->z_ready)
        inflateEnd(&stage->z);
    haul_decode_memory_give(stage->memory, stage);
}

/* Keeps what costs little: of the first stage, since few bodies have more than one. */
static void rest_all(struct haul_decoder *dec)
{
    bool is_short = dec->memory.allowance && haul_allowance_is_short(dec->memory.allowance);
    int kept = is_short ? 0 : 1;
    struct haul_decode_stage *stage = dec->stage[0];

    for (int i = kept; i < HAUL_DECODE_STAGES_MAX; i++) {
        free_stage(dec->stage[i]);
        dec->stage[i] = NULL;
    }
    if (!kept || !stage)
        return;
    BrotliDecoderDestroyInstance(stage->brotli);
    stage->brotli = NULL;
    if (stage->zstd_size > ZSTD_KEPT_BYTES_MAX)
        free_zstd(stage);
}

/* ---- the list of codings ---- */

/* Adds one member of Content-Encoding to the list of codings. */
static enum haul_reason add_coding(struct haul_decoder *dec, const struct coding **codings,
                                   struct haul_span name)
{
    if (!name.len || haul_span_is_word(name, "identity") || haul_span_is_word(name, "none"))
        return HAUL_REASON_NONE;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!haul_span_is_word(name, known[i].name) || dec->stages == HAUL_DECODE_STAGES_MAX)
            continue;
        codings[dec->stages++] = &known[i];
        return HAUL_REASON_NONE;
    }
    return HAUL_REASON_BAD_ENCODING;
}

static enum haul_reason parse_codings(struct haul_decoder *dec, const struct coding **codings,
                                      const char *list)
{
    enum haul_reason reason = HAUL_REASON_NONE;

    while (!reason && *list) {
        struct haul_span name = {list, strcspn(list, ",")};

        list += name.len + (list[name.len] == ',');
        reason = add_coding(dec, codings, haul_span_trim(name));
    }
    return reason;
}

static struct haul_decode_stage *make_stage(struct haul_decode_memory *memory)
{
    struct haul_decode_stage *stage = haul_decode_memory_take(memory, sizeof *stage);

    if (!stage)
        return NULL;
    memset(stage, 0, offsetof(struct haul_decode_stage, out));
    stage->memory = memory;
    return stage;
}

/* The coding that was applied last is the first to be undone. */
static enum haul_reason begin_stages(struct haul_decoder *dec, const struct coding **codings)
{
    enum haul_reason reason = HAUL_REASON_NONE;

    for (int i = 0; i < dec->stages && !reason; i++) {
        struct haul_decode_stage *stage = dec->stage[i];

        if (!stage)
            stage = dec->stage[i] = make_stage(&dec->memory);
        if (!stage)
            return HAUL_REASON_NO_MEMORY;
        stage->coding = codings[dec->stages - 1 - i];
        stage->ended = stage->padding = false;
        stage->head_len = 0;
        stage->in_bytes = stage->out_bytes = 0;
        reason = stage->coding->begin(stage);
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
    const struct coding *codings[HAUL_DECODE_STAGES_MAX];

    rest_all(dec);
    dec->stages = 0;
    dec->limits = limits ? *limits : default_limits;
    dec->memory.was_refused = false;
    if (!dec->stage[0]) /* what is taken is given back to the same */
        dec->memory.allowance = dec->limits.memory;
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
    for (int i = 0; i < dec->stages && !dec->reason && dec->wire_bytes > 0; i++)
        if (!dec->stage[i]->ended)
            dec->reason = HAUL_REASON_TRUNCATED;
    rest_all(dec);
    return dec->reason;
}
