/*
 * Input: one byte that chooses the codings, one that gives the size of the pieces, then the wire.
 *
 * However the wire is cut into pieces, the same body comes out; the limits of size and of memory
 * hold, and what is given to the sink is what is counted. Who has reserved what the codings may
 * come to take is never refused, though there is not a byte more.
 */
#include <stdlib.h>
#include <string.h>

#include "sink/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const codings[] = {"gzip", "deflate",       "br",       "zstd",
                                      "",     "gzip, deflate", "zstd, br", "gzip, zstd, gzip"};

enum { STAGE_MAX = 21 << 20 }; /* bytes: sink/decode.h */

static struct haul_allowance memory;

struct result {
    enum haul_reason reason;
    int64_t given, counted;
    uint64_t hash; /* FNV-1a of the body */
};

static enum haul_reason observe(void *arg, const uint8_t *bytes, size_t len)
{
    struct result *result = arg;

    if (len == 0)
        abort();
    result->given += (int64_t)len;
    for (size_t i = 0; i < len; i++)
        result->hash = (result->hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return HAUL_REASON_NONE;
}

static struct result decode(struct haul_decoder *dec, const char *coding,
                            const struct haul_decode_limits *limits, const uint8_t *wire,
                            size_t size, size_t piece)
{
    struct result result = {.hash = UINT64_C(0xcbf29ce484222325)};

    (void)haul_decoder_begin(dec, coding, limits, observe, &result);
    while (size > 0) {
        size_t len = size < piece ? size : piece;

        (void)haul_decoder_feed(dec, wire, len);
        if (atomic_load(&memory.used) > (int64_t)dec->stages * STAGE_MAX)
            abort();
        wire += len;
        size -= len;
    }
    result.reason = haul_decoder_end(dec);
    result.counted = dec->size_body;
    if (result.given != result.counted)
        abort();
    if (limits->body_max > 0 && result.counted > limits->body_max)
        abort();
    if (result.reason == HAUL_REASON_TOO_LARGE && limits->ratio_max == 0 &&
        result.counted != limits->body_max)
        abort();
    return result;
}

static void decode_reserved(const char *coding, const uint8_t *wire, size_t size, size_t piece)
{
    static struct haul_allowance all;
    const struct haul_decode_limits limits = {.body_max = 1 << 20, .memory = &all};
    struct haul_decoder dec;
    int64_t most;

    haul_decoder_init(&dec);
    (void)haul_decoder_begin(&dec, coding, NULL, NULL, NULL);
    most = dec.most;
    all.max = most + most / 15 + 1; /* it leaves a sixteenth */
    haul_decoder_done(&dec);
    if (!haul_decoder_reserve(&dec, &all, most))
        abort();
    (void)haul_decoder_begin(&dec, coding, &limits, NULL, NULL);
    for (; size > 0; wire += piece, size -= piece) {
        piece = size < piece ? size : piece;
        (void)haul_decoder_feed(&dec, wire, piece);
    }
    if (dec.memory.was_refused)
        abort();
    (void)haul_decoder_end(&dec);
    haul_decoder_done(&dec);
    if (atomic_load(&all.used))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct haul_decode_limits limits = {.body_max = 1 << 20, .memory = &memory};
    const struct haul_decode_limits ratio = {
        .ratio_max = 20, .ratio_from = 1000, .memory = &memory};
    const struct haul_decode_limits small = {.body_max = 100, .memory = &memory};
    struct haul_decoder dec;
    struct result whole, pieces;
    const char *coding;
    size_t piece;

    if (size < 2)
        return 0;
    coding = codings[data[0] % (sizeof codings / sizeof codings[0])];
    piece = data[1] % 64 + 1u;
    data += 2;
    size -= 2;
    haul_decoder_init(&dec);
    whole = decode(&dec, coding, &limits, data, size, size ? size : 1);
    pieces = decode(&dec, coding, &limits, data, size, piece);
    if ((whole.reason == HAUL_REASON_NONE) != (pieces.reason == HAUL_REASON_NONE))
        abort();
    if (whole.reason == HAUL_REASON_NONE &&
        (whole.hash != pieces.hash || whole.counted != pieces.counted))
        abort();
    (void)decode(&dec, coding, &small, data, size, piece);
    (void)decode(&dec, coding, &ratio, data, size, piece);
    haul_decoder_done(&dec);
    if (atomic_load(&memory.used))
        abort();
    decode_reserved(coding, data, size, piece);
    return 0;
}
