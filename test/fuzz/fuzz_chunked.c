/*
 * Input: one byte that says how long the pieces are, then a chunked body.
 *
 * However it is cut, the result is the same; every byte of the body was in the input, in that
 * order; a fault stays; and a body is complete only behind a last chunk and a blank line.
 */
#include <stdlib.h>
#include <string.h>

#include "http/chunked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
    enum haul_reason reason;
    bool done;
    size_t consumed, body_bytes;
    uint64_t hash; /* FNV-1a of the body */
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void take_body(struct result *result, const char *body, size_t len)
{
    result->body_bytes += len;
    for (size_t i = 0; i < len; i++)
        result->hash = (result->hash ^ (unsigned char)body[i]) * UINT64_C(0x100000001b3);
}

static void feed(struct haul_chunked *chunked, const char *piece, size_t size,
                 struct result *result)
{
    const char *at = piece, *end = piece + size, *body;
    size_t len;

    do {
        enum haul_reason before = result->reason;

        result->reason = haul_chunked_next(chunked, &at, end, &body, &len);
        require(at >= piece && at <= end);
        require(!before || (result->reason == before && at == piece));
        require(!result->reason || !len);
        if (len)
            require(body >= piece && body + len == at);
        take_body(result, body, len);
    } while (!result->reason && len);
    result->consumed += (size_t)(at - piece);
}

static struct result read_in_pieces(const char *text, size_t size, size_t piece)
{
    struct haul_chunked chunked;
    struct result result = {.hash = UINT64_C(0xcbf29ce484222325)};

    haul_chunked_begin(&chunked, 524288, 5000);
    for (size_t at = 0; at < size; at += piece)
        feed(&chunked, text + at, size - at < piece ? size - at : piece, &result);
    result.done = haul_chunked_is_done(&chunked);
    require(!result.done || !result.reason);
    require(result.done || result.reason || result.consumed == size);
    require(result.body_bytes <= result.consumed);
    return result;
}

static bool is_last_chunk(const char *line, const char *end)
{
    const char *at = line;

    while (at < end && *at == '0')
        at++;
    return at > line && at < end && strchr(" \t;\r\n", *at) && *at;
}

/* Whether a line that says 0 is there, and a blank one at the end. */
static bool has_end(const char *text, size_t size)
{
    const char *end = text + size;
    bool last = is_last_chunk(text, end);

    for (const char *at = text; at < end && !last; at++)
        last = *at == '\n' && is_last_chunk(at + 1, end);
    if (!last || end[-1] != '\n')
        return false;
    return end[-2] == '\n' || (end[-2] == '\r' && end[-3] == '\n');
}

static void check_same(const struct result *a, const struct result *b)
{
    require(a->reason == b->reason && a->done == b->done && a->consumed == b->consumed);
    require(a->body_bytes == b->body_bytes && a->hash == b->hash);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct result whole, pieces, bytes;
    const char *text;

    if (size < 2)
        return 0;
    text = (const char *)data + 1;
    whole = read_in_pieces(text, size - 1, size - 1);
    pieces = read_in_pieces(text, size - 1, data[0] % 64 + 2u);
    bytes = read_in_pieces(text, size - 1, 1);
    check_same(&whole, &pieces);
    check_same(&whole, &bytes);
    require(!whole.done || has_end(text, whole.consumed));
    return 0;
}
