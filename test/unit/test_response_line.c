#include <check.h>
#include <string.h>

#include "head_feed.h"
#include "http/response.h"

/*
 * Lines of fields that the grammar does not have (http/response_line.h): which are taken, what they
 * say, and which are refused.
 */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define OK11 "HTTP/1.1 200 OK\r\n"
#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct haul_request_facts get = {.range_total = -1};

static struct haul_response res;

static void set_up(void)
{
    haul_response_init(&res);
    haul_response_begin(&res, &get, NULL);
}

static void tear_down(void)
{
    haul_response_done(&res);
}

/* Whole header blocks, and what is wrong with them. */
static const struct {
    const char *bytes;
    size_t len;
    enum haul_reason reason;
} forms[] = {
    /* odd names */
    {BYTES(OK11 ": b\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 ":\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A : b\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A \t: b\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A B: c\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A(b): c\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A\x01: c\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "\xc3\xa9: c\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "X-Content-Length: 7\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A B: c\rd\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A B: c\0d\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A B\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES("HTTP/2 200 \r\na : b\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES("HTTP/2 200 \r\na b: c\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES("HTTP/2 200 \r\n: c\r\n"), HAUL_REASON_BAD_HEADER},
    /* another head, or the body already */
    {BYTES(OK11 "HTTP/1.1 200 OK: fine\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "http/1.0 200 : \r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "<p class=\"a\">Note: b</p>\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "{\"a\": 1}\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "[\"a:b\"]\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "\"a\": 1\r\n"), HAUL_REASON_BAD_HEADER},
    /* what somebody else could take for framing */
    {BYTES(OK11 "Content-Length : 5\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "content-length\t: 5\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Content Length: 5\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Content-\x0bLength: 5\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Content\xe2\x80\x91Length: 5\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "\x0c"
                "Content-Length: 5\r\n"),
     HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A Content-Length: 5\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Content_Length : 5\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Transfer-Encoding : chunked\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Transfer-Encoding\xa0: chunked\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "(Transfer-Encoding): chunked\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Content-Range : bytes 0-4/10\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES("HTTP/1.1 103 E\r\nContent-Length : 5\r\n"), HAUL_REASON_BAD_HEADER},

    /* folded lines */
    {BYTES(OK11 "A: b\r\n folded\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A: b\n\tfolded: c\n\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A:\r\n b\r\n c\r\n \r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A : b\r\n c\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A B: c\r\n d\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/1.0 200 OK\r\nA: b\r\n c\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/2 200 \r\na: b\r\n c\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A\r\n : b\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A: b\r\r\n c\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A: b\r\n c\rd\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A: b\r\n c\0d\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A: b\r\n c"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Content-Length:\r\n 5\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Content-Length: 5\r\n 5\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Content-Length: 5\r\n \r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Transfer-Encoding:\r\n chunked\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Transfer-Encoding: identity,\r\n chunked\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Content-Range:\r\n bytes 0-4/10\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A: b\r\n Content-Length: 5\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A: b\r\n c\r\n\tTransfer-Encoding : chunked\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A B: c\r\n Content-Length: 5\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "Access-Control-Expose-Headers: A,\r\n Content-Length\r\n\r\n"), HAUL_REASON_NONE},
};

START_TEST(line_is_taken_or_refused)
{
    enum haul_reason reason = head_feed(&res, forms[_i].bytes, forms[_i].len);

    ck_assert_msg(reason == forms[_i].reason, "%.*s: %s", (int)forms[_i].len, forms[_i].bytes,
                  haul_reason_text(reason));
    ck_assert_int_eq(haul_response_is_complete(&res), !reason);
}
END_TEST

/* What folds, odd names and blanks make of values: as if they had been written in one line. */
static const struct {
    const char *fields, *type, *location;
    int count;
} unfolded_case[] = {
    {"Content-Type: text/html;\r\n charset=utf-8\r\n", "text/html; charset=utf-8", NULL, 1},
    {"Content-Type: text/html; \t\r\n \t charset=utf-8 \r\n", "text/html; charset=utf-8", NULL, 1},
    {"Content-Type:\n\ttext/html\n \n", "text/html", NULL, 1},
    {"Content-Type: a\r\n b\r\n\tc\r\n", "a b c", NULL, 1},
    {"Content-Type: a\r\n \r\n\t\r\n b\r\n", "a b", NULL, 1},
    {"Content-Type : a/b\r\nLocation\t: /a\r\n", "a/b", "/a", 2},
    {"Location:\r\n /a\r\nLocation: /a\r\n", "", "/a", 2},
    {"Content Type: a/b\r\n", "", NULL, 1},
    {"Content-Typ\xc3\xa9: a/b\r\n: c/d\r\n", "", NULL, 2},
    {"X: y\r\n Content-Type: a/b\r\n", "", NULL, 1},
};

START_TEST(value_of_a_folded_line_is_that_of_one_line)
{
    ck_assert_int_eq(head_feed_str(&res, OK11), HAUL_REASON_NONE);
    ck_assert_int_eq(head_feed_str(&res, unfolded_case[_i].fields), HAUL_REASON_NONE);
    ck_assert_int_eq(head_feed_str(&res, "\r\n"), HAUL_REASON_NONE);
    ck_assert_str_eq(res.content_type, unfolded_case[_i].type);
    ck_assert_pstr_eq(haul_response_location(&res), unfolded_case[_i].location);
    ck_assert_int_eq(res.fields, unfolded_case[_i].count);
    ck_assert_int_eq(res.header_bytes,
                     (int64_t)(strlen(OK11) + strlen(unfolded_case[_i].fields) + 2));
}
END_TEST

START_TEST(folded_connection_is_read)
{
    ck_assert_int_eq(
        head_feed_str(&res, OK11 "Content-Length: 5\r\nConnection: keep-alive,\r\n close\r\n\r\n"),
        HAUL_REASON_NONE);
    ck_assert(!haul_response_keeps_open(&res));
}
END_TEST

START_TEST(folded_line_is_one_field_and_all_of_its_bytes_count)
{
    const struct haul_response_limits limits = {
        .header_bytes = (int64_t)strlen(OK11 "A: b\r\n c\r\n"), .header_fields = 1};

    haul_response_begin(&res, &get, &limits);
    ck_assert_int_eq(head_feed_str(&res, OK11 "A: b\r\n c\r\n"), HAUL_REASON_NONE);
    ck_assert_int_eq(head_feed_str(&res, "\r\n"), HAUL_REASON_HEADERS_TOO_LARGE);
    haul_response_begin(&res, &get, &(struct haul_response_limits){.header_fields = 1});
    ck_assert_int_eq(head_feed_str(&res, OK11 "A B: b\r\n"), HAUL_REASON_NONE);
    ck_assert_int_eq(head_feed_str(&res, ": b\r\n"), HAUL_REASON_TOO_MANY_HEADERS);
}
END_TEST

/* Names and continued lines of many bytes are searched for framing in linear time. */
START_TEST(long_odd_names_are_read_in_linear_time)
{
    struct haul_buf line;

    head_feed_str(&res, OK11);
    haul_buf_init(&line, 0);
    for (int i = 0; i < 20000; i++)
        haul_buf_add_str(&line, i % 2 ? "content-len " : "transfer-encodin\r\n ");
    haul_buf_add_str(&line, ": b\r\n");
    ck_assert_int_eq(haul_response_header_line(&res, line.data, line.len), HAUL_REASON_BAD_HEADER);
    haul_response_begin(&res, &get, NULL);
    head_feed_str(&res, OK11);
    haul_buf_clear(&line);
    haul_buf_add_str(&line, "A:");
    haul_buf_pad(&line, ' ', 250000);
    for (int i = 0; i < 60000; i++)
        haul_buf_add_str(&line, "\r\n c");
    haul_buf_add_str(&line, "\r\n");
    ck_assert_int_eq(haul_response_header_line(&res, line.data, line.len), HAUL_REASON_NONE);
    haul_buf_done(&line);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("response_line");
    TCase *tcase = tcase_create("response_line");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, line_is_taken_or_refused, 0, COUNT(forms));
    tcase_add_loop_test(tcase, value_of_a_folded_line_is_that_of_one_line, 0, COUNT(unfolded_case));
    tcase_add_test(tcase, folded_connection_is_read);
    tcase_add_test(tcase, folded_line_is_one_field_and_all_of_its_bytes_count);
    tcase_add_test(tcase, long_odd_names_are_read_in_linear_time);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
