#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fail_alloc.h"
#include "wire/exchange.h"
#include "wire/h1.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* As ck_assert, which tells its parent of each that holds: too slow for all ways to cut a text. */
#define REQUIRE(holds)                                                                             \
    do {                                                                                           \
        if (!(holds))                                                                              \
            ck_abort_msg("line %d: %s", __LINE__, #holds);                                         \
    } while (0)

enum { HEADER_BYTES = 300, HEADER_FIELDS = 6, INTERIM = 3, LARGE = 400000 };

static const struct haul_response_limits small = {
    .header_bytes = HEADER_BYTES, .header_fields = HEADER_FIELDS, .interim = INTERIM};

/* What came of some bytes. */
struct result {
    enum haul_h1_event last; /* MORE, END or FAILED */
    enum haul_reason reason;
    int heads, status; /* at the head */
    bool by_close;
    size_t consumed;
    int64_t header_bytes;
    int fields_seen;
    struct haul_buf body;
};

static struct haul_response response;
static struct haul_h1 h1;
static struct result got;

static void begin(const struct haul_request_facts *facts, const struct haul_response_limits *limits)
{
    haul_response_begin(&response, facts, limits);
    haul_h1_begin(&h1, &response);
    haul_buf_done(&got.body);
    got = (struct result){.last = HAUL_H1_MORE};
    haul_buf_init(&got.body, 0);
}

static void begin_get(void)
{
    begin(&(struct haul_request_facts){.range_total = -1}, &small);
}

static void begin_large(void)
{
    begin(&(struct haul_request_facts){.range_total = -1}, NULL);
}

static void set_up(void)
{
    haul_response_init(&response);
    haul_h1_init(&h1);
    begin_get();
}

static void tear_down(void)
{
    haul_buf_done(&got.body);
    haul_h1_done(&h1);
    haul_response_done(&response);
}

static void note_head(void)
{
    REQUIRE(got.heads++ == 0);
    REQUIRE(got.body.len == 0);
    REQUIRE(haul_response_is_complete(&response));
    got.status = response.status;
}

static void note_body(const char *piece, const char *at, const char *body, size_t len)
{
    REQUIRE(got.heads == 1);
    REQUIRE(len > 0);
    REQUIRE(body >= piece && body + len <= at);
    haul_buf_add(&got.body, body, len);
}

/* One piece, which a memory checker knows the end of. */
static void feed(const char *bytes, size_t size)
{
    char *piece = malloc(size + !size);
    const char *at = piece, *end = piece + size, *body = NULL;
    size_t len = 0;

    REQUIRE(piece);
    memcpy(piece, bytes, size);
    do {
        const char *before = at;
        bool is_over = got.last == HAUL_H1_END || got.last == HAUL_H1_FAILED;
        enum haul_h1_event event = haul_h1_next(&h1, &at, end, &body, &len);

        REQUIRE(at >= before && at <= end);
        REQUIRE(!is_over || (event == got.last && at == before));
        REQUIRE(h1.line.len <= (size_t)response.limits.header_bytes);
        got.last = event;
        if (event == HAUL_H1_HEAD)
            note_head();
        else if (event == HAUL_H1_BODY)
            note_body(piece, at, body, len);
    } while (got.last == HAUL_H1_HEAD || got.last == HAUL_H1_BODY);
    got.consumed += (size_t)(at - piece);
    if (got.last == HAUL_H1_MORE)
        REQUIRE(at == end);
    free(piece);
}

static void feed_text(const char *text)
{
    feed(text, strlen(text));
}

static void feed_filler(char byte, size_t times)
{
    while (times--)
        feed(&byte, 1);
}

static void finish(bool closes)
{
    got.by_close = closes && got.last == HAUL_H1_MORE;
    if (closes)
        got.last = haul_h1_close(&h1);
    got.reason = h1.reason;
    got.header_bytes = response.header_bytes;
    got.fields_seen = response.fields_seen;
}

/* ---- one table: what becomes of an answer, in whatever pieces ---- */

#define OK_200 "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK_200 "Transfer-Encoding: chunked\r\n\r\n"
#define FIFTY "0123456789012345678901234567890123456789012345678\n"

static const struct haul_request_facts plain = {.range_total = -1};
static const struct haul_request_facts head = {.head = true, .range_total = -1};
static const struct haul_request_facts conditional = {.validator = true, .range_total = -1};
static const struct haul_request_facts from_5 = {
    .range = true, .range_start = 5, .range_total = -1};

/* Whole by itself; `rest` is left unread. */
#define WHOLE(facts, wire, rest, code, text)                                                       \
    {                                                                                              \
        &(facts), wire rest, sizeof wire - 1, text, code, HAUL_REASON_NONE, false                  \
    }
/* Whole by the connection's end. */
#define CLOSED(facts, wire, code, text)                                                            \
    {                                                                                              \
        &(facts), wire, sizeof wire - 1, text, code, HAUL_REASON_NONE, true                        \
    }
/* Failed; code 0: before there was a head. */
#define FAILED(facts, wire, code, text, why)                                                       \
    {                                                                                              \
        &(facts), wire, 0, text, code, HAUL_REASON_##why, false                                    \
    }

static const struct row {
    const struct haul_request_facts *facts;
    const char *wire;
    size_t consumed; /* not compared where it failed */
    const char *body;
    int status;
    enum haul_reason reason;
    bool by_close;
} rows[] = {
    WHOLE(plain, OK_200 "Content-Length: 5\r\n\r\nhello", "", 200, "hello"),
    WHOLE(plain, OK_200 "Content-Length: 5\r\n\r\nhello", "HTTP/1.1 ", 200, "hello"),
    WHOLE(plain, OK_200 "Content-Length: 0\r\n\r\n", "", 200, ""),
    WHOLE(plain, OK_200 "Content-Length: 0\r\n\r\n", "x", 200, ""),
    WHOLE(plain, "HTTP/1.0 200\r\nContent-Length: 1\r\n\r\nh", "h", 200, "h"),
    WHOLE(plain, "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "", 200, "hi"),
    WHOLE(plain, "HTTP/1.1 404 Gone\r\nContent-Length: 2\r\n\r\nno", "", 404, "no"),
    WHOLE(plain, OK_200 "A: b\r\n c\r\n\td\r\nContent-Length: 2\r\n\r\nhi", "x", 200, "hi"),
    WHOLE(plain, OK_200 "Content-Length: 2\nA:\n b\n \n\nhi", "", 200, "hi"),
    WHOLE(plain, OK_200 "A : b\r\nB C: d\r\n: e\r\nContent-Length: 2\r\n\r\nhi", "", 200, "hi"),
    WHOLE(plain, OK_200 "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi", "x", 200,
          "hi"),
    FAILED(plain, OK_200 "A: b\r\n Content-Length: 2\r\n\r\nhi", 0, "", BAD_HEADER),
    FAILED(plain, OK_200 "Content-Length: x\r\n", 0, "", BAD_LENGTH), /* seen at the close */
    FAILED(plain, OK_200 "A: b\r\n c\r\n", 0, "", TRUNCATED),
    WHOLE(plain, "HTTP/1.1 204 \r\n\r\n", "hello", 204, ""),
    WHOLE(plain, "HTTP/1.1 204 \r\nContent-Length: 5\r\n\r\n", "hello", 204, ""),
    WHOLE(head, OK_200 "Content-Length: 5\r\n\r\n", "hello", 200, ""),
    WHOLE(head, OK_200 "\r\n", "hello", 200, ""),
    WHOLE(head, CHUNKED, "5\r\nhello\r\n0\r\n\r\n", 200, ""),
    WHOLE(conditional, "HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n", "hello", 304, ""),
    WHOLE(conditional, "HTTP/1.1 304 \r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\n", 304, ""),

    WHOLE(plain, CHUNKED "5\r\nhello\r\n0\r\n\r\n", "", 200, "hello"),
    WHOLE(plain, CHUNKED "5\r\nhello\r\n0\r\n\r\n", "\r\n", 200, "hello"),
    WHOLE(plain, CHUNKED "1\r\nh\r\n4;x=y\r\nello\r\n0\r\nA: b\r\n\r\n", "", 200, "hello"),
    WHOLE(plain, CHUNKED "0\r\n\r\n", "5", 200, ""),

    WHOLE(from_5,
          "HTTP/1.1 206 \r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n"
          "hello",
          "", 206, "hello"),
    WHOLE(from_5, "HTTP/1.1 206 \r\nContent-Range: bytes 5-9/10\r\n\r\nhello", "x", 206, "hello"),
    WHOLE(from_5,
          "HTTP/1.1 206 \r\nContent-Range: bytes 5-9/10\r\nTransfer-Encoding: chunked\r\n\r\n"
          "5\r\nhello\r\n0\r\n\r\n",
          "", 206, "hello"),
    /* Who reads it sees that it is short; the framing is in order. */
    WHOLE(from_5,
          "HTTP/1.1 206 \r\nContent-Range: bytes 5-9/10\r\nTransfer-Encoding: chunked\r\n\r\n"
          "2\r\nhe\r\n0\r\n\r\n",
          "", 206, "he"),
    FAILED(from_5,
           "HTTP/1.1 206 \r\nContent-Range: bytes 5-9/10\r\nTransfer-Encoding: chunked\r\n\r\n"
           "5\r\nhello\r\n1\r\nx\r\n0\r\n\r\n",
           206, "hello", BAD_RANGE),

    WHOLE(plain, "HTTP/1.1 100 Continue\r\n\r\n" OK_200 "Content-Length: 1\r\n\r\nx", "", 200, "x"),
    WHOLE(plain,
          "HTTP/1.1 103 \r\nContent-Length: 9\r\n\r\nHTTP/1.1 102 \r\n\r\n" OK_200
          "Content-Length: 1\r\n\r\nx",
          "", 200, "x"),

    CLOSED(plain, OK_200 "\r\nhello", 200, "hello"),
    CLOSED(plain, OK_200 "\r\n", 200, ""),
    CLOSED(plain, "HTTP/1.0 200 OK\r\nA: b\r\n\r\n\r\n0\r\n\r\n", 200, "\r\n0\r\n\r\n"),

    FAILED(plain, "", 0, "", EMPTY_REPLY),
    FAILED(plain, "H", 0, "", TRUNCATED),
    FAILED(plain, OK_200, 0, "", TRUNCATED),
    FAILED(plain, OK_200 "Content-Length: 5\r\n", 0, "", TRUNCATED),
    FAILED(plain, OK_200 "Content-Length: 5\r\n\r", 0, "", TRUNCATED),
    FAILED(plain, "HTTP/1.1 100 \r\n\r\n", 0, "", TRUNCATED),
    FAILED(plain, OK_200 "Content-Length: 5\r\n\r\n", 200, "", TRUNCATED),
    FAILED(plain, OK_200 "Content-Length: 5\r\n\r\nhell", 200, "hell", TRUNCATED),
    FAILED(plain, CHUNKED, 200, "", TRUNCATED),
    FAILED(plain, CHUNKED "5\r\nhello\r\n", 200, "hello", TRUNCATED),
    FAILED(plain, CHUNKED "5\r\nhello\r\n0\r\n", 200, "hello", TRUNCATED),
    FAILED(plain, CHUNKED "5\r\nhello\r\n0\r\nA: b\r\n", 200, "hello", TRUNCATED),

    FAILED(plain, "SSH-2.0-OpenSSH_9.2", 0, "", PROTOCOL),
    FAILED(plain, "<html>", 0, "", PROTOCOL),
    FAILED(plain, "x", 0, "", PROTOCOL),
    FAILED(plain, "\r\nHTTP/1.1 200 OK\r\n\r\n", 0, "", PROTOCOL),
    FAILED(plain, "http/1.1 200 OK\r\n\r\n", 0, "", PROTOCOL),
    FAILED(plain, "ICY 200 OK\r\n\r\n", 0, "", PROTOCOL),
    FAILED(plain, "HTTP/2 200 \r\n\r\n", 0, "", PROTOCOL),
    FAILED(plain, "HTTP/3", 0, "", PROTOCOL),
    FAILED(plain, "HTTP/1.2 200 OK\r\n\r\n", 0, "", PROTOCOL),
    FAILED(plain, "HTTP/1.1\n200", 0, "", PROTOCOL),
    FAILED(plain, "HTTP\n", 0, "", PROTOCOL),
    FAILED(plain, "HTTP/1.1 100 \r\n\r\nhello", 0, "", PROTOCOL),
    FAILED(plain, "HTTP/1.1 100 \r\n\r\nHTTP/2 200 \r\n\r\n", 0, "", PROTOCOL),
    FAILED(plain, "HTTP/1.1 101 \r\n\r\nhello", 0, "", BAD_STATUS),
    FAILED(plain, "HTTP/1.1 206 \r\nContent-Range: bytes 0-4/5\r\n\r\nhello", 0, "", BAD_STATUS),
    FAILED(plain, OK_200 "Content-Length: 5x\r\n\r\nhello", 0, "", BAD_LENGTH),
    FAILED(plain, OK_200 "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 0, "",
           BAD_FRAMING),
    FAILED(plain, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, "",
           BAD_FRAMING),
    FAILED(plain, CHUNKED "x", 200, "", BAD_FRAMING),
    FAILED(plain, CHUNKED "5\r\nhello5\r\n", 200, "hello", BAD_FRAMING),
    FAILED(plain, CHUNKED "0\r\njunk\r\n\r\n", 200, "", BAD_HEADER),

    /* The limits: 300 bytes, 6 fields, 3 interim answers. */
    FAILED(plain, OK_200 "A: " FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY, 0, "", BAD_HEADER),
    FAILED(plain, OK_200 "A: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n\r\n", 0, "",
           TOO_MANY_HEADERS),
    FAILED(plain,
           "HTTP/1.1 100 \r\n\r\nHTTP/1.1 100 \r\n\r\nHTTP/1.1 100 \r\n\r\nHTTP/1.1 100 \r\n\r\n",
           0, "", TOO_MANY_HEADERS),
    WHOLE(plain, CHUNKED "0\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n\r\n", "", 200, ""),
    FAILED(plain, CHUNKED "0\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n", 200, "",
           TOO_MANY_HEADERS),
};

static void check_row(int index)
{
    const struct row *row = &rows[index];

    finish(row->by_close || (row->reason != HAUL_REASON_NONE && got.last == HAUL_H1_MORE));
    REQUIRE(got.last == (row->reason ? HAUL_H1_FAILED : HAUL_H1_END));
    REQUIRE(got.reason == row->reason);
    REQUIRE(got.status == row->status);
    REQUIRE(got.heads == (row->status != 0));
    REQUIRE(strcmp(haul_buf_str(&got.body), row->body) == 0);
    if (row->reason)
        return;
    REQUIRE(got.consumed == row->consumed);
    REQUIRE(got.by_close == row->by_close);
    REQUIRE(haul_h1_ends_with_close(&h1) == row->by_close);
}

START_TEST(whole_input_gives_the_row_s_result)
{
    begin(rows[_i].facts, &small);
    feed_text(rows[_i].wire);
    check_row(_i);
}
END_TEST

START_TEST(input_in_any_three_pieces_gives_the_same)
{
    const char *wire = rows[_i].wire;
    size_t size = strlen(wire);

    for (size_t one = 0; one <= size; one++) {
        for (size_t two = one; two <= size; two++) {
            begin(rows[_i].facts, &small);
            feed(wire, one);
            feed(wire + one, two - one);
            feed(wire + two, size - two);
            check_row(_i);
        }
    }
}
END_TEST

START_TEST(input_byte_by_byte_gives_the_same)
{
    const char *wire = rows[_i].wire;

    begin(rows[_i].facts, &small);
    for (size_t i = 0; wire[i]; i++)
        feed(wire + i, 1);
    check_row(_i);
}
END_TEST

/* ---- the first bytes ---- */

START_TEST(no_status_line_fails_at_the_first_byte_that_says_so)
{
    static const char *const texts[] = {"S", "HTTX", "HTTP/2", "HTTP/1 ", "\r", "\n"};

    begin_get();
    for (const char *at = texts[_i]; at[1]; at++) {
        feed(at, 1);
        ck_assert_int_eq(got.last, HAUL_H1_MORE);
    }
    feed(texts[_i] + strlen(texts[_i]) - 1, 1);
    ck_assert_int_eq(got.last, HAUL_H1_FAILED);
    ck_assert_int_eq(h1.reason, HAUL_REASON_PROTOCOL);
}
END_TEST

/* ---- limits and memory ---- */

START_TEST(line_of_the_limit_is_read)
{
    feed_text(OK_200 "A:");
    feed_filler('x', HEADER_BYTES - strlen(OK_200 "A:\r\n\r\n"));
    feed_text("\r\n\r\n");
    ck_assert_int_eq(got.heads, 1);
    ck_assert_int_eq(response.header_bytes, HEADER_BYTES);
}
END_TEST

START_TEST(line_over_the_limit_is_too_large_before_its_end)
{
    feed_text(OK_200 "A:");
    feed_filler('x', HEADER_BYTES - strlen(OK_200 "A:"));
    ck_assert_int_eq(got.last, HAUL_H1_MORE);
    feed_text("x");
    ck_assert_int_eq(got.last, HAUL_H1_FAILED);
    ck_assert_int_eq(h1.reason, HAUL_REASON_HEADERS_TOO_LARGE);
}
END_TEST

/* However it is cut, the limit goes before what stands beyond it. */
START_TEST(no_status_line_beyond_the_limit_is_too_large)
{
    static const struct haul_response_limits tiny = {.header_bytes = 3};

    for (size_t piece = 1; piece <= 5; piece += 4) {
        begin(&plain, &tiny);
        for (const char *at = "HTTX\n"; *at; at += piece)
            feed(at, piece);
        finish(false);
        ck_assert_int_eq(got.reason, HAUL_REASON_HEADERS_TOO_LARGE);
    }
}
END_TEST

START_TEST(long_line_at_once_is_too_large_and_not_kept)
{
    static char line[LARGE];

    memset(line, 'x', sizeof line);
    feed_text(OK_200 "A:");
    feed(line, sizeof line);
    ck_assert_int_eq(h1.reason, HAUL_REASON_HEADERS_TOO_LARGE);
    ck_assert_uint_le(h1.line.cap, (size_t)2 * HEADER_BYTES);
}
END_TEST

START_TEST(head_in_many_pieces_is_read_and_its_memory_given_back)
{
    begin_large();
    feed_text(OK_200 "A: ");
    feed_filler('x', LARGE);
    ck_assert_uint_ge(h1.line.len, LARGE);
    feed_text("\r\nContent-Length: 1\r\n\r\nx");
    ck_assert_int_eq(got.last, HAUL_H1_END);
    ck_assert_int_eq(got.heads, 1);
    ck_assert_uint_le(h1.line.cap, 4096);
}
END_TEST

START_TEST(whole_lines_are_not_copied)
{
    feed_text(OK_200 "Content-Length: 5\r\nA: b\r\n\r\nhello");
    ck_assert_int_eq(got.last, HAUL_H1_END);
    ck_assert_uint_eq(h1.line.cap, 0);
}
END_TEST

START_TEST(no_memory_for_a_piece_is_the_reason)
{
    fail_alloc_arm(1);
    {
        const char *at = "HTTP/1.1 2", *body;
        size_t len;

        got.last = haul_h1_next(&h1, &at, at + strlen(at), &body, &len);
    }
    ck_assert(fail_alloc_disarm());
    ck_assert_int_eq(got.last, HAUL_H1_FAILED);
    ck_assert_int_eq(h1.reason, HAUL_REASON_NO_MEMORY);
    begin_get();
    feed_text("HTTP/1.1 2");
    feed_text("04 \r\n\r\n");
    ck_assert_int_eq(got.last, HAUL_H1_END);
}
END_TEST

/* ---- trailers ---- */

START_TEST(trailers_count_with_the_head)
{
    static const char trailers[] = "A: b\r\nCd: e\n";

    feed_text(CHUNKED "0\r\n");
    feed_text(trailers);
    feed_text("\r\n");
    finish(false);
    ck_assert_int_eq(got.last, HAUL_H1_END);
    ck_assert_int_eq(got.header_bytes, (int64_t)(strlen(CHUNKED) + strlen(trailers)));
    ck_assert_int_eq(got.fields_seen, 3);
}
END_TEST

START_TEST(trailers_have_what_the_head_has_left)
{
    size_t left = HEADER_BYTES - strlen(CHUNKED);

    for (size_t over = 0; over <= 1; over++) {
        begin_get();
        feed_text(CHUNKED "0\r\nA:");
        feed_filler('x', left - strlen("A:\r\n") + over);
        feed_text("\r\n");
        ck_assert_int_eq(got.last, over ? HAUL_H1_FAILED : HAUL_H1_MORE);
        feed_text("\r\n");
        finish(false);
        ck_assert_int_eq(got.reason, over ? HAUL_REASON_HEADERS_TOO_LARGE : HAUL_REASON_NONE);
        ck_assert_int_eq(got.last, over ? HAUL_H1_FAILED : HAUL_H1_END);
    }
}
END_TEST

START_TEST(head_of_the_limit_leaves_a_chunked_body_its_end)
{
    feed_text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA:");
    feed_filler('x', HEADER_BYTES - strlen(CHUNKED "A:\r\n"));
    feed_text("\r\n\r\n1\r\nx\r\n0\r\n\r\n");
    ck_assert_int_eq(got.last, HAUL_H1_END);
    ck_assert_int_eq(response.header_bytes, HEADER_BYTES);
}
END_TEST

/* ---- one answer after another ---- */

START_TEST(next_answer_begins_anew)
{
    static const char *const before[] = {OK_200 "Content-Length: 5\r\n\r\nhello", "HTTP/1.1 2",
                                         CHUNKED "5\r\nhe", "junk", OK_200 "\r\nhello"};

    feed_text(before[_i]);
    begin_get();
    finish(true);
    ck_assert_int_eq(got.reason, HAUL_REASON_EMPTY_REPLY);
    begin_get();
    feed_text(CHUNKED "2\r\nhi\r\n0\r\n\r\n");
    ck_assert_int_eq(got.last, HAUL_H1_END);
    ck_assert_str_eq(haul_buf_str(&got.body), "hi");
}
END_TEST

START_TEST(end_of_the_connection_behind_the_answer_changes_nothing)
{
    feed_text(OK_200 "Content-Length: 5\r\n\r\nhello");
    ck_assert_int_eq(haul_h1_close(&h1), HAUL_H1_END);
    ck_assert(!haul_h1_ends_with_close(&h1));
    begin_get();
    feed_text("junk");
    ck_assert_int_eq(haul_h1_close(&h1), HAUL_H1_FAILED);
    ck_assert_int_eq(h1.reason, HAUL_REASON_PROTOCOL);
}
END_TEST

/* ---- the request ---- */

static const struct {
    const char *url;
    bool absolute;
    const char *target;
} targets[] = {
    {"http://h.example/", false, "/"},
    {"http://h.example/a/b?c=/d", false, "/a/b?c=/d"},
    {"http://h.example", false, "/"},
    {"http://h.example?q=1/2", false, "/?q=1/2"},
    {"https://[::1]:8443/x", false, "/x"},
    {"http://h.example//x", false, "//x"},
    {"http://h.example/http://y/", false, "/http://y/"},
    {"http://h.example/a?b", true, "http://h.example/a?b"},
    {"http://h.example:81", true, "http://h.example:81/"},
    {"http://h.example?q", true, "http://h.example/?q"},
};

START_TEST(target_is_the_row_s)
{
    struct haul_buf fields, out, expected;
    struct haul_request request = {
        .method = "GET", .url = targets[_i].url, .authority = "h.example", .fields = &fields};

    haul_buf_init(&fields, 0);
    haul_buf_init(&out, 0);
    haul_buf_init(&expected, 0);
    haul_buf_addf(&expected, "GET %s HTTP/1.1\r\nHost: h.example\r\n\r\n", targets[_i].target);
    haul_h1_write_request(&request, targets[_i].absolute, NULL, &out);
    ck_assert_str_eq(haul_buf_str(&out), haul_buf_str(&expected));
    haul_buf_done(&expected);
    haul_buf_done(&out);
}
END_TEST

START_TEST(fields_stand_behind_the_extra_ones)
{
    struct haul_buf fields, out;
    struct haul_request request = {
        .method = "HEAD", .url = "http://h/", .authority = "h:81", .fields = &fields};

    haul_buf_init(&fields, 0);
    haul_buf_init(&out, 0);
    haul_buf_add_str(&fields, "A: b\r\nC: d\r\n");
    haul_buf_add_str(&out, "before ");
    haul_h1_write_request(&request, false, "P: q\r\n", &out);
    ck_assert_str_eq(haul_buf_str(&out), "before HEAD / HTTP/1.1\r\nHost: h:81\r\nP: q\r\n"
                                         "A: b\r\nC: d\r\n\r\n");
    haul_buf_done(&fields);
    haul_buf_done(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("h1");
    TCase *tcase = tcase_create("h1");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, whole_input_gives_the_row_s_result, 0, COUNT(rows));
    tcase_add_loop_test(tcase, input_in_any_three_pieces_gives_the_same, 0, COUNT(rows));
    tcase_add_loop_test(tcase, input_byte_by_byte_gives_the_same, 0, COUNT(rows));
    tcase_add_loop_test(tcase, no_status_line_fails_at_the_first_byte_that_says_so, 0, 6);
    tcase_add_test(tcase, line_of_the_limit_is_read);
    tcase_add_test(tcase, line_over_the_limit_is_too_large_before_its_end);
    tcase_add_test(tcase, no_status_line_beyond_the_limit_is_too_large);
    tcase_add_test(tcase, long_line_at_once_is_too_large_and_not_kept);
    tcase_add_test(tcase, head_in_many_pieces_is_read_and_its_memory_given_back);
    tcase_add_test(tcase, whole_lines_are_not_copied);
    tcase_add_test(tcase, no_memory_for_a_piece_is_the_reason);
    tcase_add_test(tcase, trailers_count_with_the_head);
    tcase_add_test(tcase, trailers_have_what_the_head_has_left);
    tcase_add_test(tcase, head_of_the_limit_leaves_a_chunked_body_its_end);
    tcase_add_loop_test(tcase, next_answer_begins_anew, 0, 5);
    tcase_add_test(tcase, end_of_the_connection_behind_the_answer_changes_nothing);
    tcase_add_loop_test(tcase, target_is_the_row_s, 0, COUNT(targets));
    tcase_add_test(tcase, fields_stand_behind_the_extra_ones);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
