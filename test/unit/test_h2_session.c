/* What a session of HTTP/2 does with many streams, with floods, and when it ends. */
#include <check.h>
#include <string.h>

#include "catalogue_frames.h"
#include "fail_alloc.h"
#include "h2_world.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct h2_world world;
static char told[256];

static void play_for(const struct h2_one *one, const struct ts_frame *list)
{
    h2_world_play(&world, list, one->exchange.stream);
}

/* ---- how many at a time ---- */

START_TEST(server_that_has_said_nothing_is_trusted_with_100)
{
    h2_world_start_silent(&world);
    ck_assert_int_eq(haul_h2_room(world.h2), 100);
    h2_world_begin(&world, 0);
    ck_assert_int_eq(haul_h2_room(world.h2), 99);
    ck_assert_int_eq(haul_h2_active(world.h2), 1);
    h2_world_stop(&world);
}
END_TEST

START_TEST(server_without_limit_gets_as_many_as_haul_has)
{
    h2_world_start(&world);
    ck_assert_int_eq(haul_h2_room(world.h2), HAUL_H2_STREAMS_MAX);
    for (int i = 0; i < HAUL_H2_STREAMS_MAX; i++)
        h2_world_begin(&world, i);
    ck_assert_int_eq(haul_h2_room(world.h2), 0);
    ck_assert_int_eq(h2_world_sent(&world, TS_FRAME_HEADERS), HAUL_H2_STREAMS_MAX);
    for (int i = 0; i < HAUL_H2_STREAMS_MAX; i++)
        play_for(&world.ones[i], LIST(HEAD(FIVE), DATA_END("hello")));
    ck_assert_int_eq(haul_h2_room(world.h2), HAUL_H2_STREAMS_MAX);
    for (int i = 0; i < HAUL_H2_STREAMS_MAX; i++)
        ck_assert_str_eq(h2_world_told(&world.ones[i], told), "200 'hello' stream");
    h2_world_stop(&world);
}
END_TEST

START_TEST(limit_of_one_holds_one_after_the_other)
{
    h2_world_start(&world);
    h2_world_play(&world, LIST(SETTINGS("\0\x03\0\0\0\x01")), 1);
    for (int i = 0; i < 3; i++) {
        struct h2_one *one;

        ck_assert_int_eq(haul_h2_room(world.h2), 1);
        one = h2_world_begin(&world, i);
        ck_assert_int_eq(haul_h2_room(world.h2), 0);
        play_for(one, LIST(HEAD(FIVE), DATA_END("hello")));
        ck_assert_str_eq(h2_world_told(one, told), "200 'hello' stream");
    }
    h2_world_stop(&world);
}
END_TEST

START_TEST(limit_below_what_is_under_way_leaves_no_room)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    h2_world_begin(&world, 1);
    h2_world_play(&world, LIST(SETTINGS("\0\x03\0\0\0\x01")), 1);
    ck_assert_int_eq(haul_h2_room(world.h2), 0);
    ck_assert(!haul_h2_is_over(world.h2));
    play_for(one, LIST(HEAD(FIVE), DATA_END("hello")));
    ck_assert_int_eq(haul_h2_room(world.h2), 0);
    h2_world_stop(&world);
}
END_TEST

START_TEST(requests_beyond_the_limit_wait_and_are_sent)
{
    h2_world_start_silent(&world);
    world.muted = true;
    for (int i = 0; i < 3; i++)
        h2_world_begin(&world, i);
    h2_world_play(&world, LIST(SETTINGS("\0\x03\0\0\0\x01")), 1);
    world.muted = false;
    h2_world_pull(&world);
    ck_assert_int_eq(h2_world_sent(&world, TS_FRAME_HEADERS), 1);
    play_for(&world.ones[0], LIST(HEAD_END(OK_LINE)));
    ck_assert_int_eq(h2_world_sent(&world, TS_FRAME_HEADERS), 2);
    h2_world_stop(&world);
}
END_TEST

START_TEST(reset_of_one_stream_leaves_the_other)
{
    struct h2_one *a, *b;

    h2_world_start(&world);
    a = h2_world_begin(&world, 0);
    b = h2_world_begin(&world, 1);
    play_for(a, LIST(HEAD(FIVE), DATA("he")));
    play_for(b, LIST(HEAD(FIVE), DATA("h"), RST(CANCEL)));
    play_for(a, LIST(DATA_END("llo")));
    ck_assert_str_eq(h2_world_told(a, told), "200 'hello' stream");
    ck_assert_str_eq(h2_world_told(b, told), "200 'h' failed reset");
    ck_assert(world.goes_on);
    h2_world_stop(&world);
}
END_TEST

/* ---- GOAWAY ---- */

START_TEST(goaway_parts_what_is_served_from_what_is_not)
{
    struct h2_one *a, *b;

    h2_world_start(&world);
    a = h2_world_begin(&world, 0);
    b = h2_world_begin(&world, 1);
    play_for(a, LIST(GOAWAY(OURS, ENHANCE_YOUR_CALM)));
    ck_assert_str_eq(h2_world_told(b, told), "0 '' failed reset unserved");
    ck_assert_str_eq(b->exchange.message,
                     "HTTP/2 connection is given up by the server: ENHANCE_YOUR_CALM");
    ck_assert(haul_h2_is_over(world.h2));
    ck_assert_int_eq(haul_h2_room(world.h2), 0);
    ck_assert(world.goes_on);
    play_for(a, LIST(HEAD(FIVE), DATA("hello")));
    ck_assert(world.goes_on);
    play_for(a, LIST(DATA_END("")));
    ck_assert_str_eq(h2_world_told(a, told), "200 'hello' stream");
    ck_assert(!world.goes_on);
    h2_world_stop(&world);
}
END_TEST

START_TEST(goaway_of_an_idle_connection_ends_it)
{
    h2_world_start(&world);
    h2_world_play(&world, LIST(GOAWAY(CONNECTION, NO_ERROR)), 1);
    ck_assert(!world.goes_on);
    ck_assert(haul_h2_is_over(world.h2));
    h2_world_stop(&world);
}
END_TEST

START_TEST(goaway_before_a_request_is_sent_leaves_it_unserved)
{
    struct h2_one *one;

    h2_world_start(&world);
    world.muted = true;
    one = h2_world_begin(&world, 0);
    h2_world_play(&world, LIST(GOAWAY(LAST_EVER, NO_ERROR)), 1);
    ck_assert_str_eq(h2_world_told(one, told), "0 '' failed reset unserved");
    world.muted = false;
    h2_world_pull(&world);
    ck_assert_int_eq(h2_world_sent(&world, TS_FRAME_HEADERS), 0);
    h2_world_stop(&world);
}
END_TEST

/* ---- taken back ---- */

START_TEST(cancelled_exchange_hears_no_more)
{
    struct h2_one *a, *b;

    h2_world_start(&world);
    a = h2_world_begin(&world, 0);
    b = h2_world_begin(&world, 1);
    play_for(a, LIST(HEAD(FIVE), DATA("he")));
    haul_h2_cancel(world.h2, &a->exchange);
    a->had_end = true; /* any event would fail now */
    ck_assert_int_eq(haul_h2_active(world.h2), 1);
    play_for(a, LIST(DATA("llo"), HEAD_END("x: y"), RST(CANCEL)));
    play_for(b, LIST(HEAD(FIVE), DATA_END("hello")));
    ck_assert_int_eq(a->exchange.end, HAUL_END_NONE);
    ck_assert_int_eq(a->body_bytes, 2);
    ck_assert_str_eq(h2_world_told(b, told), "200 'hello' stream");
    ck_assert_int_eq(h2_world_sent_code(&world, TS_FRAME_RST_STREAM), 8);
    h2_world_stop(&world);
}
END_TEST

START_TEST(exchange_cancelled_before_it_was_sent_is_never_sent)
{
    struct h2_one *one;

    h2_world_start(&world);
    world.muted = true;
    one = h2_world_begin(&world, 0);
    haul_h2_cancel(world.h2, &one->exchange);
    one->had_end = true;
    world.muted = false;
    h2_world_pull(&world);
    ck_assert_int_eq(h2_world_sent(&world, TS_FRAME_HEADERS), 0);
    ck_assert_int_eq(h2_world_sent(&world, TS_FRAME_RST_STREAM), 0);
    h2_world_stop(&world);
}
END_TEST

/* ---- the end of the connection ---- */

START_TEST(good_end_is_a_truncated_answer_or_none)
{
    struct h2_one *begun, *silent;

    h2_world_start(&world);
    begun = h2_world_begin(&world, 0);
    silent = h2_world_begin(&world, 1);
    play_for(begun, LIST(HEAD(OK_LINE), DATA("hello")));
    haul_h2_close(world.h2, HAUL_REASON_EMPTY_REPLY, 52, "");
    ck_assert_str_eq(h2_world_told(begun, told), "200 'hello' failed truncated");
    ck_assert_int_eq(begun->exchange.exitcode, 18);
    ck_assert_str_eq(h2_world_told(silent, told), "0 '' failed empty-reply");
    ck_assert_int_eq(silent->exchange.exitcode, 52);
    h2_world_stop(&world);
}
END_TEST

START_TEST(bad_end_is_told_as_it_was)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    play_for(one, LIST(PART(HEADERS, 0, OK_LINE)));
    haul_h2_close(world.h2, HAUL_REASON_RESET, 56, "Connection reset by peer");
    ck_assert_str_eq(h2_world_told(one, told), "0 '' failed reset");
    ck_assert_str_eq(one->exchange.message, "Connection reset by peer");
    h2_world_stop(&world);
}
END_TEST

START_TEST(bytes_behind_a_failure_change_nothing)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    play_for(one, LIST({FRAME(PING, 0, "1"), ON(CONNECTION)}));
    ck_assert(!world.goes_on);
    ck_assert(haul_h2_is_over(world.h2));
    ck_assert_int_eq(h2_world_sent_code(&world, TS_FRAME_GOAWAY), 6);
    world.goes_on = true;
    play_for(one, LIST(HEAD(FIVE)));
    ck_assert(!world.goes_on && !one->had_head);
    h2_world_stop(&world);
}
END_TEST

/* nghttp2 alone would wait until the server has acknowledged that it must not push. */
START_TEST(push_before_the_acknowledgement_breaks_the_connection)
{
    struct h2_one *one;

    h2_world_start_silent(&world);
    one = h2_world_begin(&world, 0);
    play_for(one, LIST(SETTINGS(""), HEAD(OK_LINE),
                       {FRAME(PUSH_PROMISE, WHOLE, "\0\0\0\x02\x82\x84\x87\x41\x01x")}));
    ck_assert(!world.goes_on);
    ck_assert_int_eq(h2_world_sent_code(&world, TS_FRAME_GOAWAY), 1);
    haul_h2_close(world.h2, HAUL_REASON_RESET, 56, "");
    ck_assert_str_eq(h2_world_told(one, told), "200 '' failed protocol");
    h2_world_stop(&world);
}
END_TEST

START_TEST(server_that_does_not_begin_with_settings_breaks_the_connection)
{
    struct h2_one *one;

    h2_world_start_silent(&world);
    one = h2_world_begin(&world, 0);
    play_for(one, LIST(HEAD(FIVE), DATA_END("hello")));
    ck_assert(!world.goes_on);
    haul_h2_close(world.h2, HAUL_REASON_RESET, 56, "");
    ck_assert_str_eq(h2_world_told(one, told), "0 '' failed protocol");
    h2_world_stop(&world);
}
END_TEST

/* ---- floods ---- */

#define SOME(...)                                                                                  \
    {                                                                                              \
        {__VA_ARGS__, .times = HAUL_H2_IDLE_FRAMES_MAX - 1},                                       \
        {                                                                                          \
            .body = TS_BODY_LAST                                                                   \
        }                                                                                          \
    }
#define ONE_MORE(...)                                                                              \
    {                                                                                              \
        {__VA_ARGS__},                                                                             \
        {                                                                                          \
            .body = TS_BODY_LAST                                                                   \
        }                                                                                          \
    }
#define ROW(...)                                                                                   \
    {                                                                                              \
        SOME(__VA_ARGS__), ONE_MORE(__VA_ARGS__)                                                   \
    }

/* The first frame behind a head of our stream, and its trailers after a flood that is none yet. */
static const struct {
    struct ts_frame some[2], one_more[2];
} floods[] = {
    ROW(FRAME(PING, 0, "12345678"), ON(CONNECTION)),
    ROW(FRAME(PING, TS_FLAG_ACK, "12345678"), ON(CONNECTION)),
    ROW(FRAME(SETTINGS, 0, ""), ON(CONNECTION)),
    ROW(FRAME(SETTINGS, 0, "\0\x04\0\0\xff\xff"), ON(CONNECTION)),
    ROW(FRAME(PRIORITY, 0, "\0\0\0\0\x10")),
    ROW(FRAME(WINDOW_UPDATE, 0, "\0\0\0\1"), ON(CONNECTION)),
    ROW(FRAME(WINDOW_UPDATE, 0, "\0\0\0\1")),
    ROW(FRAME(DATA, 0, "")),
    ROW(FRAME(DATA, TS_FLAG_PADDED, "\x02\0\0")),
    ROW(FRAME(DATA, TS_FLAG_PADDED, "\xff"), FILL("\0", 255)),
    ROW(FRAME(DATA, 0, "x"), ON(OVER)),
    ROW(FIELDS(HEADERS, WHOLE, OK_LINE), ON(OVER)),
    ROW(FRAME(RST_STREAM, 0, "\0\0\0\x08"), ON(OVER)),
    ROW(.type = 0xfa, .text = "hello", .text_size = 5),
    ROW(.type = 0xfa, .stream = TS_STREAM_CONNECTION),
};

/* A stream below ours that is over. */
static struct h2_one *begin_behind_another(void)
{
    struct h2_one *one = h2_world_begin(&world, 0);

    play_for(one, LIST(RST(CANCEL)));
    return h2_world_begin(&world, 1);
}

START_TEST(frames_that_bring_nothing_are_a_flood_above_the_limit)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = begin_behind_another();
    play_for(one, LIST(HEAD(OK_LINE)));
    play_for(one, floods[_i].some);
    play_for(one, floods[_i].one_more);
    ck_assert(world.goes_on && !one->had_end);
    play_for(one, floods[_i].one_more);
    ck_assert(!world.goes_on);
    ck_assert_int_eq(h2_world_sent_code(&world, TS_FRAME_GOAWAY), 11);
    haul_h2_close(world.h2, HAUL_REASON_RESET, 56, "");
    ck_assert_str_eq(h2_world_told(one, told), "200 '' failed flood");
    h2_world_stop(&world);
}
END_TEST

START_TEST(byte_of_a_body_ends_the_count)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = begin_behind_another();
    play_for(one, LIST(HEAD(OK_LINE)));
    for (int i = 0; i < 3; i++) {
        play_for(one, floods[_i].some);
        play_for(one, LIST(DATA("x")));
    }
    play_for(one, LIST(DATA_END("")));
    ck_assert_str_eq(h2_world_told(one, told), "200 'xxx' stream");
    h2_world_stop(&world);
}
END_TEST

START_TEST(continuations_are_a_flood_above_the_limit)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    play_for(one, LIST(PART(HEADERS, 0, OK_LINE)));
    play_for(one, LIST({FRAME(CONTINUATION, 0, ""), .times = HAUL_H2_IDLE_FRAMES_MAX - 3}));
    ck_assert(world.goes_on); /* two came at the start */
    play_for(one, LIST({FRAME(CONTINUATION, 0, "")}));
    ck_assert(!world.goes_on);
    haul_h2_close(world.h2, HAUL_REASON_RESET, 56, "");
    ck_assert_str_eq(h2_world_told(one, told), "0 '' failed flood");
    h2_world_stop(&world);
}
END_TEST

/* It sends a byte of a body from time to time, and never reads. */
START_TEST(answers_that_are_not_read_are_bounded)
{
    struct h2_one *one;
    const char *bytes;
    int rounds = 0;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    play_for(one, LIST(HEAD(OK_LINE)));
    world.muted = true;
    while (world.goes_on && rounds < 100) {
        play_for(one, LIST({FRAME(PING, 0, "12345678"), ON(CONNECTION), .times = 999}, DATA("x")));
        rounds++;
    }
    ck_assert_int_eq(rounds, 11);
    ck_assert_int_le(haul_h2_pull(world.h2, &bytes), 17 * HAUL_H2_IDLE_FRAMES_MAX + 200);
    haul_h2_close(world.h2, HAUL_REASON_RESET, 56, "");
    ck_assert_str_eq(h2_world_told(one, told), "200 'xxxxxxxxxx' failed flood");
    h2_world_stop(&world);
}
END_TEST

/* What is on its way when a stream is reset is much, and no flood. */
START_TEST(data_of_a_cancelled_stream_is_no_flood)
{
    struct h2_one *one, *other;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    other = h2_world_begin(&world, 1);
    play_for(one, LIST(HEAD(OK_LINE)));
    haul_h2_cancel(world.h2, &one->exchange);
    one->had_end = true;
    play_for(one, LIST({FRAME(DATA, 0, ""), FILL("y", 1400), .times = 12000}));
    play_for(other, LIST(HEAD(FIVE), DATA_END("hello")));
    ck_assert_str_eq(h2_world_told(other, told), "200 'hello' stream");
    h2_world_stop(&world);
}
END_TEST

/* ---- no memory ---- */

static void on_ended(void *arg, struct haul_exchange *exchange)
{
    (void)arg;
    (void)exchange;
}

START_TEST(session_without_memory_is_not_made)
{
    struct haul_h2 *h2;
    bool walking = true;

    for (long n = 1; walking; n++) {
        enum haul_err err;

        fail_alloc_arm(n);
        err = haul_h2_create(on_ended, NULL, &h2);
        walking = fail_alloc_disarm();
        ck_assert_int_eq(err, walking ? HAUL_ERR_NOMEM : HAUL_OK);
        ck_assert_int_eq(h2 == NULL, walking);
        haul_h2_free(h2);
    }
}
END_TEST

START_TEST(exchange_without_memory_is_not_begun_or_fails)
{
    static const char answer[] = "\0\0\0\4\0\0\0\0\0" /* SETTINGS, and 200 */
                                 "\0\0\7\1\5\0\0\0\3\x88\0\1x\2yz";
    bool walking = true;

    for (long n = 1; walking; n++) {
        struct h2_one *one;
        const char *bytes;
        bool begun, goes_on = true;

        h2_world_start_silent(&world);
        world.muted = true;
        one = h2_world_begin(&world, 0);
        haul_h2_cancel(world.h2, &one->exchange);
        fail_alloc_arm(n);
        begun = haul_h2_begin(world.h2, &one->exchange, 1);
        if (begun && haul_h2_pull(world.h2, &bytes) >= 0)
            goes_on = haul_h2_receive(world.h2, answer, sizeof answer - 1, 2);
        walking = fail_alloc_disarm();
        haul_h2_close(world.h2, HAUL_REASON_RESET, 56, "");
        if (begun)
            ck_assert(one->had_end);
        if (begun && one->exchange.reason)
            ck_assert_int_eq(one->exchange.reason, HAUL_REASON_NO_MEMORY);
        ck_assert(walking || (begun && goes_on && one->exchange.end == HAUL_END_STREAM));
        one->had_end = true;
        h2_world_stop(&world);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("h2_session");
    TCase *tcase = tcase_create("h2_session");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, server_that_has_said_nothing_is_trusted_with_100);
    tcase_add_test(tcase, server_without_limit_gets_as_many_as_haul_has);
    tcase_add_test(tcase, limit_of_one_holds_one_after_the_other);
    tcase_add_test(tcase, limit_below_what_is_under_way_leaves_no_room);
    tcase_add_test(tcase, requests_beyond_the_limit_wait_and_are_sent);
    tcase_add_test(tcase, reset_of_one_stream_leaves_the_other);
    tcase_add_test(tcase, goaway_parts_what_is_served_from_what_is_not);
    tcase_add_test(tcase, goaway_of_an_idle_connection_ends_it);
    tcase_add_test(tcase, goaway_before_a_request_is_sent_leaves_it_unserved);
    tcase_add_test(tcase, cancelled_exchange_hears_no_more);
    tcase_add_test(tcase, exchange_cancelled_before_it_was_sent_is_never_sent);
    tcase_add_test(tcase, good_end_is_a_truncated_answer_or_none);
    tcase_add_test(tcase, bad_end_is_told_as_it_was);
    tcase_add_test(tcase, bytes_behind_a_failure_change_nothing);
    tcase_add_test(tcase, push_before_the_acknowledgement_breaks_the_connection);
    tcase_add_test(tcase, server_that_does_not_begin_with_settings_breaks_the_connection);
    tcase_add_loop_test(tcase, frames_that_bring_nothing_are_a_flood_above_the_limit, 0,
                        COUNT(floods));
    tcase_add_loop_test(tcase, byte_of_a_body_ends_the_count, 0, COUNT(floods));
    tcase_add_test(tcase, continuations_are_a_flood_above_the_limit);
    tcase_add_test(tcase, answers_that_are_not_read_are_bounded);
    tcase_add_test(tcase, data_of_a_cancelled_stream_is_no_flood);
    tcase_add_test(tcase, session_without_memory_is_not_made);
    tcase_add_test(tcase, exchange_without_memory_is_not_begun_or_fails);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
