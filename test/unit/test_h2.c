/* What an answer of HTTP/2 becomes, frame by frame, whole and in pieces of any size. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "catalogue_frames.h"
#include "h2_world.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define PUSH                                                                                       \
    {                                                                                              \
        FRAME(PUSH_PROMISE, WHOLE, "\0\0\0\x02\x82\x84\x87\x41\x01x")                              \
    }
#define WINDOW(literal)                                                                            \
    {                                                                                              \
        FRAME(WINDOW_UPDATE, 0, literal)                                                           \
    }
#define UNKNOWN                                                                                    \
    {                                                                                              \
        .type = 0xfa, .text = "hello", .text_size = 5                                              \
    }
#define PRIORITY_OF_OURS                                                                           \
    {                                                                                              \
        FRAME(PRIORITY, 0, "\0\0\0\0\x10")                                                         \
    }

static struct h2_world world;
static char told[256];

/* ---- one answer ---- */

static const struct {
    const struct ts_frame *frames;
    const char *told;
    int exitcode;
    bool fails; /* the session */
} rows[] = {
    {LIST(HEAD(FIVE), DATA_END("hello")), "200 'hello' stream", 0, false},
    {LIST(HEAD(OK_LINE), DATA("hel"), DATA("lo"), DATA_END("")), "200 'hello' stream", 0, false},
    {LIST(HEAD_END(OK_LINE)), "200 '' stream", 0, false},
    {LIST(HEAD(OK_LINE), HEAD_END("x: y")), "200 '' stream", 0, false},
    {LIST(HEAD(":status: 103\nlink: x"), HEAD(FIVE), DATA_END("hello")), "200 'hello' stream", 0,
     false},
    {LIST(HEAD(FIVE), DATA("hello"), RST(NO_ERROR)), "200 'hello' failed reset", 92, false},
    {LIST(RST(NO_ERROR)), "0 '' failed reset", 92, false},
    {LIST(RST(PROTOCOL_ERROR)), "0 '' failed protocol", 92, false},
    {LIST(RST(REFUSED_STREAM)), "0 '' failed reset unserved", 92, false},
    {LIST(HEAD(OK_LINE), RST(REFUSED_STREAM)), "200 '' failed reset", 92, false},
    {LIST(RST(HTTP_1_1_REQUIRED)), "0 '' failed reset 1.1", 92, false},
    {LIST(HEAD(FIVE), DATA_END("hello"), RST(CANCEL)), "200 'hello' stream", 0, false},
    {LIST(HEAD(FIVE), DATA_END("hell")), "200 'hell' failed truncated", 18, false},
    {LIST(HEAD(FIVE), DATA("hell"), HEAD_END("x: y")), "200 'hell' failed truncated", 18, false},
    {LIST(HEAD_END(FIVE)), "200 '' failed truncated", 18, false},
    {LIST(HEAD(FIVE), DATA_END("hello, world")), "200 'hello' failed bad-length", 8, false},
    {LIST(HEAD(FIVE), DATA("hello"), DATA("x")), "200 'hello' failed bad-length", 8, false},
    {LIST(HEAD(":status: 204"), DATA_END("x")), "204 '' failed bad-framing", 8, false},
    {LIST(HEAD(":status: 206")), "0 '' failed bad-status", 8, false},
    {LIST(HEAD(":status: 101")), "0 '' failed bad-status", 8, false},
    {LIST(HEAD(":status: 20")), "0 '' failed bad-status", 8, false},
    {LIST(HEAD(":status: 2000")), "0 '' failed bad-status", 8, false},
    {LIST(HEAD(":status: 2x0")), "0 '' failed bad-status", 8, false},
    {LIST(HEAD(OK_LINE "\n" OK_LINE)), "0 '' failed bad-status", 8, false},
    {LIST(HEAD("x: y\n" OK_LINE)), "0 '' failed protocol", 8, false},
    {LIST(HEAD("")), "0 '' failed protocol", 8, false},
    {LIST(HEAD(OK_LINE "\nx: y\n" OK_LINE)), "0 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE "\n:path: /")), "0 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE "\nX: y")), "0 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE "\na b: y")), "0 '' failed bad-header", 8, false},
    {LIST(BLOCK("\x88\x00\x00\x01y")), "0 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE "\nx: a\rb")), "0 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE "\nx: a\0b")), "0 '' failed bad-header", 8, false},
    {LIST(BLOCK("\x88\x00\x01x\x03"
                "a\nb")),
     "0 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE "\nconnection: close")), "0 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE "\nkeep-alive: 1")), "0 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE "\nproxy-connection: x")), "0 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE "\ntransfer-encoding: chunked")), "0 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE "\nupgrade: h2c")), "0 '' failed bad-header", 8, false},
    {LIST(HEAD(FIVE "\ncontent-length: 6")), "0 '' failed bad-length", 8, false},
    {LIST(HEAD(FIVE "\ncontent-length: 5\nx:  y "), DATA_END("hello")), "200 'hello' stream", 0,
     false},
    {LIST(HEAD_END(":status: 100")), "0 '' failed protocol", 8, false},
    {LIST(HEAD(OK_LINE), DATA("he"), HEAD("x: y")), "200 'he' failed protocol", 8, false},
    {LIST(HEAD(OK_LINE), DATA("he"), HEAD_END(OK_LINE)), "200 'he' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE), DATA("he"), HEAD_END("X: y")), "200 'he' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE), DATA("he"), HEAD_END("x: a\nb: c\nupgrade: x")),
     "200 'he' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE), HEAD_END("x: a\0b")), "200 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE), HEAD_END("x: a\rb")), "200 '' failed bad-header", 8, false},
    {LIST(HEAD(OK_LINE), {FRAME(HEADERS, WHOLE | END,
                                "\x00\x01x\x03"
                                "a\nb")}),
     "200 '' failed bad-header", 8, false},
    {LIST(HEAD(":status: 100"), DATA("x")), "0 '' failed protocol", 8, false},
    {LIST({FIELDS(HEADERS, WHOLE, ":status: 100"), .times = 100}, HEAD_END(OK_LINE)),
     "200 '' stream", 0, false},
    {LIST({FIELDS(HEADERS, WHOLE, ":status: 100"), .times = 101}), "0 '' failed too-many-headers",
     8, false},
    {LIST({FRAME(HEADERS, WHOLE, "\x88\x40\x01x\x01y"), FILL("\xbe", 5000)}),
     "0 '' failed too-many-headers", 8, false},
    /* A head in many frames is no flood. */
    {LIST(PART(HEADERS, 0, OK_LINE), {FIELDS(CONTINUATION, 0, "x: y"), .times = 500},
          PART(CONTINUATION, WHOLE, "z: z"), DATA_END("hello")),
     "200 'hello' stream", 0, false},
    {LIST(WINDOW("\x7f\xff\xff\xff")), "0 '' failed protocol", 92, false},
    {LIST(GOAWAY(CONNECTION, NO_ERROR)), "0 '' failed reset unserved", 16, false},
    {LIST(HEAD(OK_LINE), GOAWAY(CONNECTION, NO_ERROR)), "200 '' failed reset", 16, false},
    {LIST(GOAWAY(OURS, NO_ERROR), HEAD(FIVE), DATA_END("hello")), "200 'hello' stream", 0, false},
    {LIST(HEAD(FIVE), DATA("h"), GOAWAY(LAST_EVER, NO_ERROR), GOAWAY(OURS, NO_ERROR),
          DATA_END("ello")),
     "200 'hello' stream", 0, false},
    /* What breaks the connection is told when it is closed. */
    {LIST(PUSH, HEAD(FIVE), DATA_END("hello")), "0 '' failed protocol", 16, true},
    {LIST(DATA("x")), "0 '' failed protocol", 16, true},
    {LIST(BLOCK("\x88\x80")), "0 '' failed protocol", 16, true},
    {LIST({FRAME(DATA, 0, ""), .says = 16385}), "0 '' failed protocol", 16, true},
    {LIST(PART(HEADERS, 0, OK_LINE), DATA("x")), "0 '' failed protocol", 16, true},
    {LIST({FRAME(PING, 0, "1234567"), ON(CONNECTION)}), "0 '' failed protocol", 16, true},
    {LIST({FRAME(GOAWAY, 0, "1234"), ON(CONNECTION)}), "0 '' failed protocol", 16, true},
    {LIST(SETTINGS("\0\x04\x80\0\0\0")), "0 '' failed protocol", 16, true},
    {LIST({FRAME(DATA, 0, "x"), ON(CONNECTION)}), "0 '' failed protocol", 16, true},
};

static void play_row(int number, size_t piece)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    world.piece = piece;
    h2_world_play(&world, rows[number].frames, one->exchange.stream);
    ck_assert_int_eq(world.goes_on, !rows[number].fails && haul_h2_room(world.h2) > 0);
    haul_h2_close(world.h2, HAUL_REASON_EMPTY_REPLY, 52, "");
    ck_assert_str_eq(h2_world_told(one, told), rows[number].told);
    ck_assert_int_eq(one->exchange.exitcode, rows[number].exitcode);
    h2_world_stop(&world);
}

START_TEST(row_is_told_whole_and_in_pieces)
{
    play_row(_i, 0);
    for (size_t piece = 1; piece < 40; piece++)
        play_row(_i, piece);
}
END_TEST

/* ---- each frame at each moment ---- */

enum { MOMENTS = 5 };

static const struct ts_frame answer[MOMENTS][2] = {
    {HEAD(FIVE)}, {DATA("he")}, {DATA("llo")}, {DATA_END("")}, {PING}};

/* What becomes of the answer if the frame stands before its first, second ... frame. The frames
 * between HEADERS and CONTINUATION are another matter: rows. */
static const struct {
    const struct ts_frame frame[2];
    const char *told[MOMENTS];
} moments[] = {
#define FINE "200 'hello' stream"
#define ALL(text)                                                                                  \
    {                                                                                              \
        text, text, text, text, text                                                               \
    }
#define UNTIL_END(before, head, he, hello)                                                         \
    {                                                                                              \
        before, head, he, hello, FINE                                                              \
    }
#define BREAKS(word)                                                                               \
    UNTIL_END("0 '' failed " word, "200 '' failed " word, "200 'he' failed " word,                 \
              "200 'hello' failed " word)
    {{PING, {.body = TS_BODY_LAST}}, ALL(FINE)},
    {{SETTINGS("\0\x04\0\0\0\0"), {.body = TS_BODY_LAST}}, ALL(FINE)},
    {{SETTINGS("\0\x01\0\0\0\0"), {.body = TS_BODY_LAST}}, ALL(FINE)},
    {{SETTINGS("\0\x03\0\0\0\0"), {.body = TS_BODY_LAST}}, ALL(FINE)},
    {{SETTINGS("\0\x05\0\x00\x80\0"), {.body = TS_BODY_LAST}}, ALL(FINE)},
    {{PRIORITY_OF_OURS, {.body = TS_BODY_LAST}}, ALL(FINE)},
    {{UNKNOWN, {.body = TS_BODY_LAST}}, ALL(FINE)},
    {{WINDOW("\0\0\0\x01"), {.body = TS_BODY_LAST}}, ALL(FINE)},
    {{GOAWAY(OURS, NO_ERROR), {.body = TS_BODY_LAST}}, ALL(FINE)},
    {{GOAWAY(LAST_EVER, INTERNAL_ERROR), {.body = TS_BODY_LAST}}, ALL(FINE)},
    {{RST(CANCEL), {.body = TS_BODY_LAST}}, BREAKS("reset")},
    {{PUSH, {.body = TS_BODY_LAST}}, BREAKS("protocol")},
    {{PART(CONTINUATION, WHOLE, "x: y"), {.body = TS_BODY_LAST}}, BREAKS("protocol")},
    {{SETTINGS("\0\x04\0\0\0"), {.body = TS_BODY_LAST}}, BREAKS("protocol")},
    {{{FRAME(PING, 0, "1")}, {.body = TS_BODY_LAST}}, BREAKS("protocol")},
    {{{FRAME(HEADERS, WHOLE, "\xff\xff\xff\xff\xff\xff")}, {.body = TS_BODY_LAST}},
     BREAKS("protocol")},
    {{GOAWAY(CONNECTION, NO_ERROR), {.body = TS_BODY_LAST}},
     UNTIL_END("0 '' failed reset unserved", "200 '' failed reset", "200 'he' failed reset",
               "200 'hello' failed reset")},
    {{HEAD_END("x: y"), {.body = TS_BODY_LAST}},
     UNTIL_END("0 '' failed protocol", "200 '' failed truncated", "200 'he' failed truncated",
               FINE)},
    {{DATA("x"), {.body = TS_BODY_LAST}},
     UNTIL_END("0 '' failed protocol", "200 'xhell' failed bad-length",
               "200 'hexll' failed bad-length", "200 'hello' failed bad-length")},
};

START_TEST(frame_at_each_moment_does_what_it_says)
{
    for (int at = 0; at < MOMENTS; at++) {
        struct h2_one *one;

        h2_world_start(&world);
        one = h2_world_begin(&world, 0);
        for (int i = 0; i < MOMENTS; i++) {
            struct ts_frame list[] = {answer[i][0], {.body = TS_BODY_LAST}};

            if (i == at)
                h2_world_play(&world, moments[_i].frame, one->exchange.stream);
            h2_world_play(&world, list, one->exchange.stream);
        }
        haul_h2_close(world.h2, HAUL_REASON_EMPTY_REPLY, 52, "");
        ck_assert_str_eq(h2_world_told(one, told), moments[_i].told[at]);
        h2_world_stop(&world);
    }
}
END_TEST

/* ---- events that do not want the rest ---- */

START_TEST(head_that_is_refused_cuts_the_stream)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    one->refuses_head = true;
    h2_world_play(&world, LIST(HEAD(FIVE), DATA_END("hello")), one->exchange.stream);
    ck_assert_str_eq(h2_world_told(one, told), "200 '' cut");
    ck_assert_int_eq(h2_world_sent_code(&world, TS_FRAME_RST_STREAM), 8);
    ck_assert(world.goes_on);
    h2_world_stop(&world);
}
END_TEST

START_TEST(body_that_is_refused_cuts_the_stream)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    one->takes_body = 3;
    h2_world_play(&world, LIST(HEAD(FIVE), DATA("he"), DATA("ll"), DATA_END("o")),
                  one->exchange.stream);
    ck_assert_str_eq(h2_world_told(one, told), "200 'hell' cut");
    ck_assert_int_eq(h2_world_sent_code(&world, TS_FRAME_RST_STREAM), 8);
    h2_world_stop(&world);
}
END_TEST

START_TEST(answer_that_is_malformed_resets_the_stream_only)
{
    struct h2_one *bad, *good;

    h2_world_start(&world);
    bad = h2_world_begin(&world, 0);
    good = h2_world_begin(&world, 1);
    h2_world_play(&world, LIST(HEAD(OK_LINE "\nX: y"), DATA_END("evil")), bad->exchange.stream);
    h2_world_play(&world, LIST(HEAD(FIVE), DATA_END("hello")), good->exchange.stream);
    ck_assert_str_eq(h2_world_told(bad, told), "0 '' failed bad-header");
    ck_assert_str_eq(h2_world_told(good, told), "200 'hello' stream");
    ck_assert_int_eq(h2_world_sent_code(&world, TS_FRAME_RST_STREAM), 1);
    ck_assert_int_eq(h2_world_sent(&world, TS_FRAME_GOAWAY), 0);
    h2_world_stop(&world);
}
END_TEST

/* ---- what an exchange says ---- */

START_TEST(reset_is_told_to_people_by_its_name)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    h2_world_play(&world, LIST(RST(INTERNAL_ERROR)), one->exchange.stream);
    ck_assert_str_eq(one->exchange.message,
                     "HTTP/2 stream was reset by the server: INTERNAL_ERROR");
    h2_world_stop(&world);
}
END_TEST

START_TEST(violation_is_told_to_people_by_its_name)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    h2_world_play(&world, LIST({FRAME(DATA, 0, "x"), ON(CONNECTION)}), 1);
    haul_h2_close(world.h2, HAUL_REASON_RESET, 56, "Connection reset by peer");
    ck_assert_str_eq(one->exchange.message,
                     "HTTP/2 was violated: PROTOCOL_ERROR: DATA: stream_id == 0");
    h2_world_stop(&world);
}
END_TEST

START_TEST(moments_are_those_of_the_calls)
{
    struct h2_one *one;

    h2_world_start(&world);
    world.now_us = 5000;
    one = h2_world_begin(&world, 0);
    h2_world_play(&world, LIST(PING, HEAD(FIVE), DATA_END("hello")), one->exchange.stream);
    ck_assert_int_eq(one->exchange.sent_us, 5000);
    ck_assert_int_eq(one->exchange.first_us, 5002);
    ck_assert_int_eq(one->exchange.http_version, 20);
    h2_world_stop(&world);
}
END_TEST

START_TEST(header_bytes_are_counted_as_lines)
{
    struct h2_one *one;

    h2_world_start(&world);
    one = h2_world_begin(&world, 0);
    h2_world_play(&world, LIST(HEAD(FIVE), DATA("hello"), HEAD_END("x: y")), one->exchange.stream);
    ck_assert_int_eq(one->response.header_bytes,
                     (int64_t)strlen("HTTP/2 200 \r\ncontent-length: 5\r\n\r\nx: y\r\n\r\n"));
    ck_assert_int_eq(one->response.fields_seen, 2);
    h2_world_stop(&world);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("h2");
    TCase *tcase = tcase_create("h2");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, row_is_told_whole_and_in_pieces, 0, COUNT(rows));
    tcase_add_loop_test(tcase, frame_at_each_moment_does_what_it_says, 0, COUNT(moments));
    tcase_add_test(tcase, head_that_is_refused_cuts_the_stream);
    tcase_add_test(tcase, body_that_is_refused_cuts_the_stream);
    tcase_add_test(tcase, answer_that_is_malformed_resets_the_stream_only);
    tcase_add_test(tcase, reset_is_told_to_people_by_its_name);
    tcase_add_test(tcase, violation_is_told_to_people_by_its_name);
    tcase_add_test(tcase, moments_are_those_of_the_calls);
    tcase_add_test(tcase, header_bytes_are_counted_as_lines);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
