#include "h2_world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Not ck_assert: that writes to a file each time, and this is looked at often. */
#define REQUIRE(what)                                                                              \
    do {                                                                                           \
        if (!(what))                                                                               \
            ck_abort_msg("not so: %s", #what);                                                     \
    } while (0)

enum { BODY_KEPT = 65536, PREFACE = 24, FRAME_HEAD = 9 };

static bool on_head(void *arg)
{
    struct h2_one *one = arg;

    REQUIRE(one->lent && !one->had_head && !one->had_end);
    REQUIRE(haul_response_is_complete(&one->response));
    REQUIRE(one->exchange.answered);
    one->had_head = true;
    return !one->refuses_head;
}

static bool on_body(void *arg, const char *bytes, size_t len)
{
    struct h2_one *one = arg;

    REQUIRE(one->lent && one->had_head && !one->had_end && len > 0);
    one->body_bytes += (int64_t)len;
    if (one->body.len + len <= BODY_KEPT)
        haul_buf_add(&one->body, bytes, len);
    return one->body_bytes <= one->takes_body;
}

static const struct haul_exchange_events events = {on_head, on_body};

static void on_ended(void *arg, struct haul_exchange *exchange)
{
    struct h2_one *one = exchange->arg;

    (void)arg;
    REQUIRE(one->lent && !one->had_end);
    REQUIRE(exchange->end != HAUL_END_NONE);
    REQUIRE((exchange->end == HAUL_END_FAILED) == (exchange->reason != HAUL_REASON_NONE));
    REQUIRE((exchange->end == HAUL_END_STREAM) == (exchange->exitcode == 0));
    REQUIRE(one->had_head || exchange->end == HAUL_END_FAILED);
    one->had_end = true;
}

void h2_world_start_silent(struct h2_world *world)
{
    *world = (struct h2_world){.goes_on = true, .now_us = 1000};
    world->ones = calloc(H2_WORLD_MAX, sizeof *world->ones);
    REQUIRE(world->ones);
    haul_buf_init(&world->sent, 0);
    REQUIRE(haul_h2_create(on_ended, world, &world->h2) == HAUL_OK);
}

void h2_world_start(struct h2_world *world)
{
    static const char settings[] = "\0\0\0\4\0\0\0\0\0\0\0\0\4\1\0\0\0\0";

    h2_world_start_silent(world);
    h2_world_pull(world);
    h2_world_receive(world, settings, sizeof settings - 1);
}

void h2_world_stop(struct h2_world *world)
{
    haul_h2_close(world->h2, HAUL_REASON_EMPTY_REPLY, 52, "");
    REQUIRE(haul_h2_active(world->h2) == 0);
    for (int i = 0; i < world->count; i++) {
        struct h2_one *one = &world->ones[i];

        REQUIRE(!one->lent || one->had_end);
        if (one->lent) {
            haul_response_done(&one->response);
            haul_buf_done(&one->fields);
            haul_buf_done(&one->body);
        }
    }
    haul_h2_free(world->h2);
    haul_buf_done(&world->sent);
    free(world->ones);
}

struct h2_one *h2_world_ask(struct h2_world *world, int number, const char *method, const char *url,
                            const char *fields)
{
    struct h2_one *one = &world->ones[number];
    struct haul_request_facts facts = {.head = !strcmp(method, "HEAD"), .range_total = -1};

    REQUIRE(number < H2_WORLD_MAX && !one->lent);
    if (number >= world->count)
        world->count = number + 1;
    *one = (struct h2_one){.lent = true, .takes_body = INT64_MAX};
    haul_response_init(&one->response);
    haul_response_begin(&one->response, &facts, NULL);
    haul_buf_init(&one->fields, 0);
    haul_buf_add_str(&one->fields, fields);
    haul_buf_init(&one->body, 0);
    one->exchange.request = (struct haul_request){.method = method,
                                                  .url = url,
                                                  .origin = "https://host.test:443",
                                                  .authority = "host.test",
                                                  .fields = &one->fields};
    one->exchange.response = &one->response;
    one->exchange.events = &events;
    one->exchange.arg = one;
    REQUIRE(haul_h2_begin(world->h2, &one->exchange, world->now_us));
    h2_world_pull(world);
    return one;
}

struct h2_one *h2_world_begin(struct h2_world *world, int number)
{
    return h2_world_ask(world, number, "GET", "https://host.test/", "User-Agent: test\r\n");
}

void h2_world_pull(struct h2_world *world)
{
    const char *bytes;
    ptrdiff_t len;

    while (!world->muted && (len = haul_h2_pull(world->h2, &bytes)) != 0) {
        REQUIRE(len > 0);
        haul_buf_add(&world->sent, bytes, (size_t)len);
    }
}

void h2_world_receive(struct h2_world *world, const char *bytes, size_t len)
{
    size_t piece = world->piece ? world->piece : len;

    for (size_t at = 0; at < len && world->goes_on; at += piece) {
        world->now_us++;
        world->goes_on = haul_h2_receive(world->h2, bytes + at, len - at < piece ? len - at : piece,
                                         world->now_us);
        h2_world_pull(world);
    }
}

void h2_world_play(struct h2_world *world, const struct ts_frame *list, int32_t stream)
{
    for (const struct ts_frame *at = list; at->body != TS_BODY_LAST; at++) {
        struct ts_buf bytes = {0};
        uint64_t times = at->times ? at->times : 1;
        bool forever = at->times == TS_FOREVER;

        if (at->body == TS_BODY_NOTHING)
            continue;
        ts_frame_add(&bytes, at, (struct ts_streams){.ours = (uint32_t)stream, .over = 1});
        while (times-- > 0 && world->goes_on && (!forever || haul_h2_active(world->h2) > 0))
            h2_world_receive(world, bytes.data, bytes.size);
        ts_buf_done(&bytes);
    }
}

const char *h2_world_told(const struct h2_one *one, char out[static 256])
{
    static const char *const ends[] = {"none",  "length", "chunks", "stream",
                                       "close", "cut",    "failed"};
    char word[HAUL_REASON_WORD_MAX];
    const struct haul_exchange *exchange = &one->exchange;

    haul_reason_word(&(struct haul_record){.reason = exchange->reason}, word);
    snprintf(out, 256, "%d '%.*s' %s%s%s%s%s", one->had_head ? one->response.status : 0,
             (int)(one->body.len < 100 ? one->body.len : 100), haul_buf_str(&one->body),
             ends[exchange->end], *word ? " " : "", word, exchange->unserved ? " unserved" : "",
             exchange->wants_1_1 ? " 1.1" : "");
    return out;
}

/* The next frame that was sent behind *at, or NULL. */
static const unsigned char *next_frame(const struct h2_world *world, size_t *at)
{
    const unsigned char *bytes = (const unsigned char *)world->sent.data + *at;

    if (*at >= world->sent.len)
        return NULL;
    REQUIRE(world->sent.len - *at >= FRAME_HEAD);
    *at += FRAME_HEAD + ((size_t)bytes[0] << 16 | (size_t)bytes[1] << 8 | bytes[2]);
    REQUIRE(*at <= world->sent.len);
    return bytes;
}

int h2_world_sent(const struct h2_world *world, int type)
{
    const unsigned char *frame;
    size_t at = PREFACE;
    int count = 0;

    while ((frame = next_frame(world, &at)))
        count += frame[3] == type;
    return count;
}

int64_t h2_world_sent_code(const struct h2_world *world, int type)
{
    const unsigned char *frame;
    size_t at = PREFACE;
    int64_t code = -1;

    while ((frame = next_frame(world, &at))) {
        const unsigned char *value = frame + FRAME_HEAD + (type == TS_FRAME_GOAWAY ? 4 : 0);

        if (frame[3] == type)
            code = (int64_t)value[0] << 24 | value[1] << 16 | value[2] << 8 | value[3];
    }
    return code;
}
