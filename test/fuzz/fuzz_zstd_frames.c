#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/unpack.h"
#include "largest.h"
#include "sink/decode.h"

/*
 * Frames of Zstandard, as a body and as a list: whether they are well does not depend on where they
 * are cut, nor does what comes out of them; but of a block that is damaged more or less may come.
 * What is read as a body is the same as a list. The first byte chooses the pieces, the rest are the
 * frames.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 1 << 20, BODY_WINDOW = 8 << 20, MARGIN = 1 << 20 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

struct frames {
    const uint8_t *bytes;
    size_t len, piece;
};

struct result {
    struct haul_buf text;
    int verdict; /* the reader's own word for it; 0: well */
};

static size_t piece_at(const struct frames *frames, size_t at)
{
    return frames->len - at < frames->piece ? frames->len - at : frames->piece;
}

/* ---- a body ---- */

static enum haul_reason collect(void *arg, const uint8_t *bytes, size_t len)
{
    haul_buf_add(arg, bytes, len);
    return HAUL_REASON_NONE;
}

static void read_body(const struct frames *frames, struct result *result)
{
    const struct haul_decode_limits limits = {.body_max = TEXT_MAX};
    struct haul_decoder dec;

    haul_decoder_init(&dec);
    fuzz_largest_reset();
    (void)haul_decoder_begin(&dec, "zstd", &limits, collect, &result->text);
    for (size_t at = 0; at < frames->len; at += frames->piece)
        (void)haul_decoder_feed(&dec, frames->bytes + at, piece_at(frames, at));
    result->verdict = (int)haul_decoder_end(&dec);
    require(fuzz_largest < BODY_WINDOW + MARGIN);
    haul_decoder_done(&dec);
}

/* ---- a list ---- */

static const struct haul_coding *zstd_coding(void)
{
    bool is_open;

    return haul_unpack_detect("\x28\xb5\x2f\xfd", 4, &is_open);
}

static void read_list(const struct frames *frames, struct result *result)
{
    struct haul_unpack *unpack = haul_unpack_create(zstd_coding());
    enum haul_err err = HAUL_ERR_END;
    const char *text;
    size_t len;

    require(unpack != NULL);
    fuzz_largest_reset();
    for (size_t at = 0; at < frames->len && err == HAUL_ERR_END; at += frames->piece) {
        haul_unpack_feed(unpack, (const char *)frames->bytes + at, piece_at(frames, at));
        while (result->text.len < TEXT_MAX &&
               (err = haul_unpack_next(unpack, &text, &len)) == HAUL_OK)
            haul_buf_add(&result->text, text, len);
    }
    if (result->text.len >= TEXT_MAX)
        haul_buf_cut(&result->text, TEXT_MAX);
    require(fuzz_largest < (size_t)HAUL_UNPACK_MEMORY_MAX + MARGIN);
    result->verdict = err != HAUL_ERR_END ? (int)err : haul_unpack_is_whole(unpack) ? 0 : -1;
    haul_unpack_free(unpack);
}

/* ---- the same ---- */

static bool is_same_text(const struct result *one, const struct result *other)
{
    return one->text.len == other->text.len &&
           (!one->text.len || memcmp(one->text.data, other->text.data, one->text.len) == 0);
}

/* As far as both go. */
static bool agree(const struct result *one, const struct result *other)
{
    size_t len = one->text.len < other->text.len ? one->text.len : other->text.len;

    return !len || memcmp(one->text.data, other->text.data, len) == 0;
}

static void read_both_ways(void (*read)(const struct frames *, struct result *),
                           const struct frames *frames, struct result *whole)
{
    const struct frames at_once = {frames->bytes, frames->len, frames->len};
    struct result pieces;

    haul_buf_init(&whole->text, 0);
    haul_buf_init(&pieces.text, 0);
    read(&at_once, whole);
    read(frames, &pieces);
    require(!whole->verdict == !pieces.verdict && agree(whole, &pieces));
    require(whole->verdict || is_same_text(whole, &pieces));
    haul_buf_done(&pieces.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frames frames = {data + 1, size - 1, 0};
    struct result body, list;

    if (size < 2)
        return 0;
    frames.piece = (size_t)data[0] + 1;
    read_both_ways(read_body, &frames, &body);
    read_both_ways(read_list, &frames, &list);
    if (!body.verdict) /* a list may be followed by zeros, and have a larger window */
        require(!list.verdict && is_same_text(&body, &list));
    haul_buf_done(&body.text);
    haul_buf_done(&list.text);
    return 0;
}
