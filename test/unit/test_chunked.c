#include <check.h>
#include <string.h>

#include "base/buf.h"
#include "http/chunked.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { TRAILER_BYTES = 524288, TRAILERS = 5000 }; /* allowed */

struct result {
    enum haul_reason reason;
    bool done;
    size_t consumed;
    struct haul_buf body;
};

static struct haul_chunked chunked;
static struct result got;

static void set_up(void)
{
    haul_chunked_begin(&chunked, TRAILER_BYTES, TRAILERS);
    got = (struct result){.reason = HAUL_REASON_NONE};
    haul_buf_init(&got.body, 0);
}

static void tear_down(void)
{
    haul_buf_done(&got.body);
}

static void start_again(void)
{
    tear_down();
    set_up();
}

/* One piece, up to its end; then the decoder has to say that there is no more. */
static void feed(const char *piece, size_t size)
{
    const char *at = piece, *end = piece + size, *body;
    size_t len;

    do {
        got.reason = haul_chunked_next(&chunked, &at, end, &body, &len);
        ck_assert(at >= piece && at <= end);
        if (got.reason == HAUL_REASON_NONE && len) {
            ck_assert(body >= piece && body + len == at);
            haul_buf_add(&got.body, body, len);
        }
    } while (got.reason == HAUL_REASON_NONE && len);
    got.consumed += (size_t)(at - piece);
    got.done = haul_chunked_is_done(&chunked);
    if (got.reason == HAUL_REASON_NONE && !got.done)
        ck_assert_ptr_eq(at, end);
}

static void feed_text(const char *text)
{
    feed(text, strlen(text));
}

static void feed_times(const char *text, size_t times)
{
    while (times--)
        feed_text(text);
}

/* ---- one table: what is read, in whatever pieces ---- */

#define GOOD(wire, body)                                                                           \
    {                                                                                              \
        wire, sizeof wire - 1, body, HAUL_REASON_NONE, true, 0                                     \
    }
#define MORE(wire, body, rest)                                                                     \
    {                                                                                              \
        wire rest, sizeof wire rest - 1, body, HAUL_REASON_NONE, true, sizeof rest - 1             \
    }
#define SHORT(wire, body)                                                                          \
    {                                                                                              \
        wire, sizeof wire - 1, body, HAUL_REASON_NONE, false, 0                                    \
    }
#define BAD(wire, body)                                                                            \
    {                                                                                              \
        wire, sizeof wire - 1, body, HAUL_REASON_BAD_FRAMING, false, 0                             \
    }
#define BAD_TRAILER(wire, body)                                                                    \
    {                                                                                              \
        wire, sizeof wire - 1, body, HAUL_REASON_BAD_HEADER, false, 0                              \
    }
#define ZEROS_30 "000000000000000000000000000000"
#define ZEROS_60 ZEROS_30 ZEROS_30

static const struct {
    const char *wire;
    size_t size;
    const char *body;
    enum haul_reason reason;
    bool done;
    size_t left_over; /* bytes behind a complete body */
} rows[] = {
    GOOD("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
    GOOD("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
    GOOD("0005\r\nhello\r\n000\r\n\r\n", "hello"),
    GOOD("0\r\n\r\n", ""),
    GOOD("1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\n", "hello"),
    GOOD("5;a=b\r\nhello\r\n0\r\n\r\n", "hello"),
    GOOD("5;a=\"b c\"\r\nhello\r\n0;last\r\n\r\n", "hello"),
    GOOD("5;a=\"b\r\nhello\r\n0\r\n\r\n", "hello"), /* the line's end is the line's end */
    GOOD("5;\tx\r\nhello\r\n0\r\n\r\n", "hello"),
    GOOD("5\r\nhello\r\n0\r\nX-A: b\r\n\r\n", "hello"),
    GOOD("5\r\nhello\r\n0\r\nX-A: b\r\nX-B:\r\n\r\n", "hello"),
    GOOD("5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", "hello"),
    GOOD("5 \r\nhello\r\n0\r\n\r\n", "hello"),
    GOOD("5 \t ;x\r\nhello\r\n0 \r\n\r\n", "hello"),
    GOOD("5\nhello\n0\n\n", "hello"),
    GOOD("5\nhello\r\n0\r\n\r\n", "hello"),
    GOOD("5\r\nhello\r\n0\nX-A: b\n\n", "hello"),
    GOOD("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"), /* data that looks like framing */
    GOOD("7\r\n0\r\n\r\n0\r\r\n0\r\n\r\n", "0\r\n\r\n0\r"),
    GOOD(ZEROS_30 "5\r\nhello\r\n0\r\n\r\n", "hello"),
    GOOD(ZEROS_60 "0005\r\nhello\r\n0\r\n\r\n", "hello"), /* 64 digits */
    MORE("5\r\nhello\r\n0\r\n\r\n", "hello", "HTTP/1.1 200 OK\r\n\r\n"),
    MORE("0\r\n\r\n", "", "\0"),
    MORE("0\n\n", "", "\n"),

    BAD(" 5\r\nhello\r\n0\r\n\r\n", ""),
    BAD("-5\r\nhello\r\n0\r\n\r\n", ""),
    BAD("+5\r\nhello\r\n0\r\n\r\n", ""),
    BAD("0x5\r\nhello\r\n0\r\n\r\n", ""),
    BAD("5z\r\nhello\r\n0\r\n\r\n", ""),
    BAD("5 bytes\r\nhello\r\n0\r\n\r\n", ""),
    BAD("5 5\r\nhello\r\n0\r\n\r\n", ""),
    BAD("g\r\nhello\r\n0\r\n\r\n", ""),
    BAD("\r\nhello\r\n0\r\n\r\n", ""),
    BAD("\nhello\r\n0\r\n\r\n", ""),
    BAD(";a=b\r\nhello\r\n0\r\n\r\n", ""),
    BAD("5.0\r\nhello\r\n0\r\n\r\n", ""),
    BAD("5,0\r\nhello\r\n0\r\n\r\n", ""),
    BAD("5\0\r\nhello\r\n0\r\n\r\n", ""),
    BAD("5;\0\r\nhello\r\n0\r\n\r\n", ""),
    BAD("5;\x7f\r\nhello\r\n0\r\n\r\n", ""),
    BAD("5;a\rb\r\nhello\r\n0\r\n\r\n", ""),
    BAD("\xb5\r\nhello\r\n0\r\n\r\n", ""),
    BAD("10000000000000005\r\nhello\r\n0\r\n\r\n", ""),
    BAD("ffffffffffffffff\r\nhello\r\n0\r\n\r\n", ""),
    BAD("8000000000000000\r\nhello\r\n0\r\n\r\n", ""),
    BAD("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\r\nhello\r\n", ""),
    BAD(ZEROS_60 "00005\r\nhello\r\n0\r\n\r\n", ""), /* 65 digits */
    BAD("5\r\nhello\r\nffffffffffffffff\r\nx", "hello"),
    BAD("3\r\nhello\r\n0\r\n\r\n", "hel"),
    BAD("6\r\nhello\r\n0\r\n\r\n", "hello\r"),
    BAD("5\r\nhello0\r\n\r\n", "hello"),
    BAD("5\r\nhello\r0\r\n\r\n", "hello"),
    BAD("5\r\nhello\n0\r\n\r\n", "hello"), /* LF behind the data, CRLF behind its size */
    BAD("5\r\nhello\r\n\r\n", "hello"),
    BAD("5\rhello\r\n0\r\n\r\n", ""),
    BAD("5\r\r\nhello\r\n0\r\n\r\n", ""),
    BAD("0\rX", ""),
    BAD("0\r\n\rX", ""),
    BAD("0\r\nX-A: b\rX-B: c\r\n\r\n", ""),
    BAD("hello", ""),
    BAD("<html><body>hello</body></html>", ""),

    BAD_TRAILER("5\r\nhello\r\n0\r\nHTTP/1.1 404 Not Found\r\n\r\n", "hello"),
    BAD_TRAILER("5\r\nhello\r\n0\r\njunk\r\n\r\n", "hello"),
    BAD_TRAILER("5\r\nhello\r\n0\r\nX-A: \0\r\n\r\n", "hello"),
    BAD_TRAILER("5\r\nhello\r\n0\r\nX-A: \x1b[m\r\n\r\n", "hello"),
    BAD_TRAILER("0\r\nX-A: b\r\njunk\n\n", ""),
    BAD_TRAILER("0\r\n junk\r\n\r\n", ""),
    BAD_TRAILER("0\r\nX-A: b\r\n c\0\r\n\r\n", ""),

    /* what is taken of heads, too */
    GOOD("0\r\nX-A: b\r\n c\r\n\td\r\n \r\n\r\n", ""),
    GOOD("0\nX-A: b\n c\n\n", ""),
    GOOD("0\r\n: b\r\nX A: b\r\nX-A : b\r\n\r\n", ""),

    SHORT("", ""),
    SHORT("5", ""),
    SHORT("5;a=", ""),
    SHORT("5\r", ""),
    SHORT("5\r\n", ""),
    SHORT("5\r\nhe", "he"),
    SHORT("5\r\nhell", "hell"),
    SHORT("5\r\nhello", "hello"),
    SHORT("5\r\nhello\r", "hello"),
    SHORT("5\r\nhello\r\n", "hello"),
    SHORT("5\r\nhello\r\n0", "hello"),
    SHORT("5\r\nhello\r\n0\r\n", "hello"),
    SHORT("5\r\nhello\r\n0\r\n\r", "hello"),
    SHORT("5\r\nhello\r\n0\r\nX-A: b\r\n", "hello"),
    SHORT("ff\r\nhello\r\n0\r\n\r\n", "hello\r\n0\r\n\r\n"),
    SHORT("100000005\r\nhello", "hello"),
    SHORT("7fffffffffffffff\r\nhello", "hello"),
};

static void check_row(int row, size_t first, size_t second)
{
    ck_assert_msg(got.reason == rows[row].reason, "row %d (%zu, %zu): %s", row, first, second,
                  haul_reason_text(got.reason));
    ck_assert_msg(got.done == rows[row].done, "row %d (%zu, %zu)", row, first, second);
    ck_assert_uint_eq(got.body.len, strlen(rows[row].body));
    ck_assert_str_eq(haul_buf_str(&got.body), rows[row].body);
    if (got.done)
        ck_assert_uint_eq(got.consumed, rows[row].size - rows[row].left_over);
}

/* Two cuts: pieces of [0, first), [first, second), [second, size). */
static void feed_row(int row, size_t first, size_t second)
{
    start_again();
    feed(rows[row].wire, first);
    feed(rows[row].wire + first, second - first);
    feed(rows[row].wire + second, rows[row].size - second);
    check_row(row, first, second);
}

START_TEST(whole_input_gives_the_row_s_result)
{
    feed(rows[_i].wire, rows[_i].size);
    check_row(_i, 0, 0);
}
END_TEST

START_TEST(input_in_any_three_pieces_gives_the_same)
{
    for (size_t first = 0; first <= rows[_i].size; first++)
        for (size_t second = first; second <= rows[_i].size; second++)
            feed_row(_i, first, second);
}
END_TEST

START_TEST(input_byte_by_byte_gives_the_same)
{
    for (size_t i = 0; i < rows[_i].size; i++)
        feed(rows[_i].wire + i, 1);
    if (rows[_i].size == 0)
        feed("", 0);
    check_row(_i, 1, 1);
}
END_TEST

/* ---- what must not change any more ---- */

START_TEST(fault_then_good_input_stays_a_fault)
{
    feed_text("5\r\nhello!");
    ck_assert_int_eq(got.reason, HAUL_REASON_BAD_FRAMING);
    feed_text("\r\n0\r\n\r\n");
    ck_assert_int_eq(got.reason, HAUL_REASON_BAD_FRAMING);
    ck_assert(!got.done);
    ck_assert_str_eq(haul_buf_str(&got.body), "hello");
}
END_TEST

START_TEST(complete_body_then_more_leaves_it_unread)
{
    const char *more = "5\r\nworld\r\n", *at = more, *body;
    size_t len;

    feed_text("0\r\n\r\n");
    ck_assert(got.done);
    ck_assert_int_eq(haul_chunked_next(&chunked, &at, more + strlen(more), &body, &len),
                     HAUL_REASON_NONE);
    ck_assert_ptr_eq(at, more);
    ck_assert_uint_eq(len, 0);
    ck_assert(haul_chunked_is_done(&chunked));
}
END_TEST

START_TEST(no_input_changes_nothing)
{
    static const char *const pieces[] = {"5", "\r", "\nhel", "lo", "\r\n", "0\r\n", "\r\n"};

    for (int i = 0; i < COUNT(pieces); i++) {
        feed("", 0);
        ck_assert(!got.done);
        feed_text(pieces[i]);
        ck_assert_int_eq(got.reason, HAUL_REASON_NONE);
    }
    ck_assert(got.done);
    ck_assert_str_eq(haul_buf_str(&got.body), "hello");
}
END_TEST

/* ---- limits ---- */

static void feed_filler(char byte, size_t size)
{
    char block[1000];

    memset(block, byte, sizeof block);
    for (; size > sizeof block; size -= sizeof block)
        feed(block, sizeof block);
    feed(block, size);
}

/* A size line of so many bytes, its CR included. */
static void feed_size_line(size_t bytes)
{
    feed_text("5;");
    feed_filler('x', bytes - 3);
    feed_text("\r\nhello\r\n");
}

START_TEST(size_line_of_the_limit_is_read)
{
    feed_size_line(HAUL_CHUNKED_LINE_MAX);
    feed_size_line(HAUL_CHUNKED_LINE_MAX); /* each by itself */
    ck_assert_int_eq(got.reason, HAUL_REASON_NONE);
    ck_assert_str_eq(haul_buf_str(&got.body), "hellohello");
}
END_TEST

START_TEST(size_line_over_the_limit_is_refused)
{
    feed_size_line(HAUL_CHUNKED_LINE_MAX + 1);
    ck_assert_int_eq(got.reason, HAUL_REASON_BAD_FRAMING);
    ck_assert_uint_eq(got.body.len, 0);
}
END_TEST

START_TEST(blanks_without_end_are_refused)
{
    feed_text("5");
    feed_filler(' ', HAUL_CHUNKED_LINE_MAX);
    ck_assert_int_eq(got.reason, HAUL_REASON_BAD_FRAMING);
}
END_TEST

START_TEST(trailers_of_the_limit_are_read)
{
    feed_text("0\r\n");
    feed_times("X-A: b\r\n", TRAILERS);
    feed_text("\r\n");
    ck_assert_int_eq(got.reason, HAUL_REASON_NONE);
    ck_assert(got.done);
}
END_TEST

START_TEST(trailers_over_the_limit_are_too_many)
{
    feed_text("0\r\n");
    feed_times("X-A: b\r\n", TRAILERS);
    ck_assert_int_eq(got.reason, HAUL_REASON_NONE);
    feed_text("X-A: b\r\n\r\n");
    ck_assert_int_eq(got.reason, HAUL_REASON_TOO_MANY_HEADERS);
    ck_assert(!got.done);
}
END_TEST

START_TEST(trailer_without_end_is_too_large)
{
    feed_text("0\r\nX-A: ");
    feed_filler('x', TRAILER_BYTES - 5);
    ck_assert_int_eq(got.reason, HAUL_REASON_NONE);
    feed_text("x");
    ck_assert_int_eq(got.reason, HAUL_REASON_HEADERS_TOO_LARGE);
}
END_TEST

START_TEST(many_large_trailers_are_too_large)
{
    feed_text("0\r\n");
    for (int i = 0; i < 600; i++) {
        feed_text("X-A: ");
        feed_filler('x', 1000);
        feed_text("\r\n");
    }
    ck_assert_int_eq(got.reason, HAUL_REASON_HEADERS_TOO_LARGE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chunked");
    TCase *tcase = tcase_create("chunked");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, whole_input_gives_the_row_s_result, 0, COUNT(rows));
    tcase_add_loop_test(tcase, input_in_any_three_pieces_gives_the_same, 0, COUNT(rows));
    tcase_add_loop_test(tcase, input_byte_by_byte_gives_the_same, 0, COUNT(rows));
    tcase_add_test(tcase, fault_then_good_input_stays_a_fault);
    tcase_add_test(tcase, complete_body_then_more_leaves_it_unread);
    tcase_add_test(tcase, no_input_changes_nothing);
    tcase_add_test(tcase, size_line_of_the_limit_is_read);
    tcase_add_test(tcase, size_line_over_the_limit_is_refused);
    tcase_add_test(tcase, blanks_without_end_are_refused);
    tcase_add_test(tcase, trailers_of_the_limit_are_read);
    tcase_add_test(tcase, trailers_over_the_limit_are_too_many);
    tcase_add_test(tcase, trailer_without_end_is_too_large);
    tcase_add_test(tcase, many_large_trailers_are_too_large);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
