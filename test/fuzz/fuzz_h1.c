/*
 * Input: one byte that says what the request was and what the limits are, one that says how long
 * the pieces are, then what the server sent before it closed the connection.
 *
 * However it is cut, the events are the same; the head comes once, and before the body; each byte
 * read is one of the head, of the body or of its framing; an answer ends only where it is complete;
 * a line never takes more memory than its limit; and a failure stays, and reads nothing more.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/h1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RANGE_START = 5, ROUNDED_UP = 128 }; /* the least that a buffer takes */

struct result {
    enum haul_h1_event last; /* MORE, END or FAILED */
    enum haul_reason reason; /* of it, or of the close */
    int heads, status;
    size_t consumed, body_bytes;
    int64_t header_bytes;
    uint64_t hash; /* FNV-1a of the body */
    bool is_whole, ends_with_close;
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void take_body(struct result *result, const char *body, size_t len)
{
    require(result->heads == 1 && len > 0);
    result->body_bytes += len;
    for (size_t i = 0; i < len; i++)
        result->hash = (result->hash ^ (unsigned char)body[i]) * UINT64_C(0x100000001b3);
}

static void check_memory(const struct haul_h1 *h1)
{
    size_t max = (size_t)h1->response->limits.header_bytes;

    require((size_t)h1->response->header_bytes + h1->line.len <= max);
    require(h1->line.cap <= 2 * max + ROUNDED_UP);
}

static void feed(struct haul_h1 *h1, const char *piece, size_t size, struct result *result)
{
    const char *at = piece, *end = piece + size, *body;
    bool goes_on = true;
    size_t len;

    while (goes_on) {
        enum haul_h1_event before = result->last;
        const char *from = at;

        result->last = haul_h1_next(h1, &at, end, &body, &len);
        require(at >= from && at <= end);
        if (before == HAUL_H1_END || before == HAUL_H1_FAILED)
            require(result->last == before && at == from);
        goes_on = result->last == HAUL_H1_HEAD || result->last == HAUL_H1_BODY;
        if (result->last == HAUL_H1_HEAD) {
            require(++result->heads == 1 && haul_response_is_complete(h1->response));
            result->status = h1->response->status;
        } else if (result->last == HAUL_H1_BODY) {
            require(body >= from && body + len <= at);
            take_body(result, body, len);
        }
        check_memory(h1);
    }
    require(result->last != HAUL_H1_MORE || at == end);
    result->consumed += (size_t)(at - piece);
}

/* Where there is no framing, all that was read is head or body. */
static void check_sum(const struct haul_h1 *h1, const struct result *result)
{
    const struct haul_response *res = h1->response;
    size_t header_bytes = (size_t)res->header_bytes;

    require(result->body_bytes == (size_t)res->wire_bytes);
    if (!haul_response_is_complete(res))
        require(result->consumed == header_bytes + h1->line.len && !result->heads);
    else if (!res->chunked || haul_response_has_no_body(res))
        require(result->consumed == header_bytes + result->body_bytes);
    else
        require(result->consumed >= header_bytes + result->body_bytes);
}

static void check_end(const struct haul_h1 *h1, const struct result *result)
{
    const struct haul_response *res = h1->response;
    int64_t expected = haul_response_expected_bytes(res);

    require(result->heads == 1 && !res->reason && res->version / 10 == 1);
    if (haul_response_has_no_body(res))
        require(!result->body_bytes && !result->ends_with_close);
    else if (res->chunked)
        require(haul_chunked_is_done(&h1->chunked) && !result->ends_with_close);
    else
        require(result->ends_with_close == (expected < 0) &&
                (expected < 0 || (size_t)expected == result->body_bytes));
}

static struct result read_in_pieces(struct haul_h1 *h1, struct haul_response *res, const char *text,
                                    size_t size, size_t piece)
{
    struct result result = {.hash = UINT64_C(0xcbf29ce484222325)};

    for (size_t at = 0; at < size; at += piece)
        feed(h1, text + at, size - at < piece ? size - at : piece, &result);
    if (result.last != HAUL_H1_FAILED)
        check_sum(h1, &result);
    result.is_whole = haul_h1_close(h1) == HAUL_H1_END;
    result.reason = h1->reason;
    result.header_bytes = res->header_bytes;
    result.ends_with_close = haul_h1_ends_with_close(h1);
    require(result.is_whole == (result.reason == HAUL_REASON_NONE));
    require(result.last != HAUL_H1_END || result.is_whole);
    require(result.last != HAUL_H1_FAILED || !result.is_whole);
    require((result.reason == HAUL_REASON_EMPTY_REPLY) == (size == 0));
    if (result.is_whole)
        check_end(h1, &result);
    return result;
}

/* A piece of the body that goes beyond its range is refused as a whole. */
static void check_same(const struct result *a, const struct result *b)
{
    require(a->last == b->last && a->reason == b->reason && a->is_whole == b->is_whole);
    require(a->heads == b->heads && a->status == b->status);
    require(a->ends_with_close == b->ends_with_close);
    if (a->reason != HAUL_REASON_BAD_RANGE)
        require(a->body_bytes == b->body_bytes && a->hash == b->hash);
    if (a->last != HAUL_H1_FAILED)
        require(a->consumed == b->consumed && a->header_bytes == b->header_bytes);
}

static void begin(struct haul_h1 *h1, struct haul_response *res, unsigned options)
{
    static const int64_t header_bytes[] = {40, 300, 2000, 0};
    struct haul_request_facts facts = {.head = options & 1,
                                       .validator = options & 2,
                                       .range = options & 4,
                                       .range_start = options & 8 ? 0 : RANGE_START,
                                       .range_total = -1};
    struct haul_response_limits limits = {.header_bytes = header_bytes[options >> 4 & 3],
                                          .header_fields = options & 64 ? 3 : 0,
                                          .interim = options & 128 ? 2 : 0};

    haul_response_begin(res, &facts, &limits);
    haul_h1_begin(h1, res);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_response res;
    struct haul_h1 h1;
    struct result results[3];

    if (size < 2)
        return 0;
    haul_response_init(&res);
    haul_h1_init(&h1);
    for (int i = 0; i < 3; i++) {
        size_t pieces[] = {size, data[1] % 64 + 2u, 1};

        begin(&h1, &res, data[0]);
        results[i] = read_in_pieces(&h1, &res, (const char *)data + 2, size - 2, pieces[i]);
        check_same(&results[0], &results[i]);
    }
    haul_h1_done(&h1);
    haul_response_done(&res);
    return 0;
}
