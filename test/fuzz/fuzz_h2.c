/*
 * Input: a byte that says how long the pieces are, one that says what is asked for (below), then
 * what a server of HTTP/2 sends.
 *
 * However it is cut, the same comes of each exchange: one end; `head` once, and before the body;
 * nothing behind the end. An answer is whole only if a frame of its stream had END_STREAM, and as
 * long as announced. What is sent stays in proportion to what came. One that is taken back hears no
 * more.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/h2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    /* the second byte */
    COUNT_MASK = 3, /* exchanges, less one */
    IS_HEAD = 4,
    REFUSES_HEAD = 8,
    REFUSES_BODY = 16,
    IS_BARE = 32, /* the server's SETTINGS are in the input, or are not */

    EXCHANGES_MAX = 4,
    FRAME_HEAD = 9,
    END_STREAM = 1,
    DATA = 0,
    HEADERS = 1
};

struct one {
    struct haul_exchange exchange;
    struct haul_response response;
    unsigned wish;
    int heads, ends;
    int64_t body_bytes;
    uint64_t hash; /* FNV-1a of the body */
};

struct play {
    struct haul_h2 *h2;
    struct one ones[EXCHANGES_MAX];
    int count;
    bool goes_on, is_over;
    size_t sent;
};

static const char settings[] = "\0\0\0\4\0\0\0\0\0";

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool on_head(void *arg)
{
    struct one *one = arg;

    require(!one->heads && !one->ends && haul_response_is_complete(&one->response));
    one->heads++;
    return !(one->wish & REFUSES_HEAD);
}

static bool on_body(void *arg, const char *bytes, size_t len)
{
    struct one *one = arg;

    require(one->heads == 1 && !one->ends && len > 0);
    one->body_bytes += (int64_t)len;
    for (size_t i = 0; i < len; i++)
        one->hash = (one->hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    return !(one->wish & REFUSES_BODY) || one->body_bytes < 4;
}

static const struct haul_exchange_events events = {on_head, on_body};

static void on_ended(void *arg, struct haul_exchange *exchange)
{
    struct one *one = exchange->arg;

    (void)arg;
    require(!one->ends);
    one->ends++;
    require(exchange->end == HAUL_END_STREAM || exchange->end == HAUL_END_CUT ||
            exchange->end == HAUL_END_FAILED);
    require((exchange->end == HAUL_END_FAILED) == (exchange->reason != HAUL_REASON_NONE));
    require((exchange->end == HAUL_END_STREAM) == (exchange->exitcode == 0));
}

static void pull(struct play *play)
{
    const char *bytes;
    ptrdiff_t len = haul_h2_pull(play->h2, &bytes);

    require(len >= 0);
    play->sent += (size_t)len;
}

static void begin(struct play *play, struct one *one, unsigned wish)
{
    static const struct haul_buf fields = {.data = NULL};
    struct haul_request_facts facts = {.head = wish & IS_HEAD, .range_total = -1};

    *one = (struct one){.wish = wish, .hash = UINT64_C(0xcbf29ce484222325)};
    haul_response_init(&one->response);
    haul_response_begin(&one->response, &facts, NULL);
    one->exchange.request = (struct haul_request){.method = wish & IS_HEAD ? "HEAD" : "GET",
                                                  .url = "https://host.test/",
                                                  .origin = "https://host.test:443",
                                                  .authority = "host.test",
                                                  .fields = &fields};
    one->exchange.response = &one->response;
    one->exchange.events = &events;
    one->exchange.arg = one;
    require(haul_h2_begin(play->h2, &one->exchange, 1));
}

static void start(struct play *play, unsigned wish)
{
    *play = (struct play){.count = (int)(wish & COUNT_MASK) + 1, .goes_on = true};
    require(haul_h2_create(on_ended, NULL, &play->h2) == HAUL_OK);
    for (int i = 0; i < play->count; i++)
        begin(play, &play->ones[i], wish);
    pull(play);
    play->sent = 0;
    if (!(wish & IS_BARE))
        play->goes_on = haul_h2_receive(play->h2, settings, sizeof settings - 1, 2);
}

static void stop(struct play *play)
{
    play->is_over = haul_h2_is_over(play->h2);
    require(haul_h2_room(play->h2) >= 0 && (!play->is_over || haul_h2_room(play->h2) == 0));
    haul_h2_close(play->h2, HAUL_REASON_EMPTY_REPLY, 52, "");
    require(haul_h2_active(play->h2) == 0);
    for (int i = 0; i < play->count; i++) {
        require(play->ones[i].ends == 1);
        haul_response_done(&play->ones[i].response);
    }
    haul_h2_free(play->h2);
}

/* `cancel_at`: after so many bytes the first exchange is taken back. */
static void give(struct play *play, const char *text, size_t size, size_t piece, size_t cancel_at)
{
    for (size_t at = 0; at < size && play->goes_on; at += piece) {
        size_t len = size - at < piece ? size - at : piece;

        if (at >= cancel_at && !play->ones[0].ends) {
            haul_h2_cancel(play->h2, &play->ones[0].exchange);
            play->ones[0].ends = 1;
        }
        play->goes_on = haul_h2_receive(play->h2, text + at, len, 3);
        pull(play);
    }
    /* An answer to each frame, a reset of each stream, GOAWAY with a text. */
    require(play->sent <= 2 * (size + sizeof settings) + (size_t)play->count * 13 + 200);
}

static bool has_end(const char *text, size_t size, int32_t stream)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + size;

    while (end - at >= FRAME_HEAD) {
        size_t len = (size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2];
        uint32_t of = (at[5] & 0x7fu) << 24 | (uint32_t)at[6] << 16 | (uint32_t)at[7] << 8 | at[8];

        if ((at[3] == DATA || at[3] == HEADERS) && at[4] & END_STREAM && of == (uint32_t)stream)
            return true;
        if (len > (size_t)(end - at) - FRAME_HEAD)
            return false;
        at += FRAME_HEAD + len;
    }
    return false;
}

static void check_end(const struct one *one, const char *text, size_t size)
{
    const struct haul_response *response = &one->response;

    if (one->exchange.end != HAUL_END_STREAM)
        return;
    require(has_end(text, size, one->exchange.stream));
    require(one->heads == 1 && !response->reason);
    require(haul_response_expected_bytes(response) < 0 ||
            haul_response_expected_bytes(response) == one->body_bytes);
}

static void check_same(const struct one *a, const struct one *b)
{
    const struct haul_exchange *x = &a->exchange, *y = &b->exchange;

    require(x->end == y->end && x->reason == y->reason && x->exitcode == y->exitcode);
    require(!strcmp(x->message, y->message) && x->answered == y->answered);
    require(x->unserved == y->unserved && x->wants_1_1 == y->wants_1_1);
    require(a->heads == b->heads && a->response.status == b->response.status);
    require(a->response.header_bytes == b->response.header_bytes);
    require(x->end == HAUL_END_CUT || (a->body_bytes == b->body_bytes && a->hash == b->hash));
}

static void play_in_pieces(struct play *play, unsigned wish, const char *text, size_t size,
                           size_t piece)
{
    start(play, wish);
    give(play, text, size, piece, SIZE_MAX);
    stop(play);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct play whole, pieces, bytes;
    const char *text;

    if (size < 3)
        return 0;
    text = (const char *)data + 2;
    size -= 2;
    play_in_pieces(&whole, data[1], text, size, size);
    play_in_pieces(&pieces, data[1], text, size, data[0] % 64 + 2u);
    play_in_pieces(&bytes, data[1], text, size, 1);
    require(whole.goes_on == pieces.goes_on && whole.goes_on == bytes.goes_on);
    require(whole.is_over == pieces.is_over && whole.is_over == bytes.is_over);
    for (int i = 0; i < whole.count; i++) {
        check_end(&whole.ones[i], text, size);
        check_same(&whole.ones[i], &pieces.ones[i]);
        check_same(&whole.ones[i], &bytes.ones[i]);
    }
    start(&pieces, data[1]);
    give(&pieces, text, size, 7, data[0]);
    stop(&pieces);
    return 0;
}
