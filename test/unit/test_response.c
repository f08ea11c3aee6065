#include <check.h>
#include <string.h>

#include "head_feed.h"
#include "http/response.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static const struct haul_request_facts get = {.range_total = -1};
static const struct haul_request_facts head = {.head = true, .range_total = -1};
static const struct haul_request_facts conditional = {.validator = true, .range_total = -1};
static const struct haul_request_facts resume = {
    .range = true, .range_start = 5, .range_total = 20};
static const struct haul_request_facts resume_blind = {
    .range = true, .range_start = 5, .range_total = -1};

static struct haul_response res;

static void set_up(void)
{
    haul_response_init(&res);
}

static void tear_down(void)
{
    haul_response_done(&res);
}

static enum haul_reason answer(const struct haul_request_facts *request, const char *text)
{
    haul_response_begin(&res, request, NULL);
    return head_feed_str(&res, text);
}

#define OK11 "HTTP/1.1 200 OK\r\n"
#define BYTES(literal) (literal), sizeof(literal) - 1

/* Whole header blocks of an answer to GET, and what is wrong with them. */
static const struct form_case {
    const char *bytes;
    size_t len;
    enum haul_reason reason;
} form_cases[] = {
    /* status lines */
    {BYTES("HTTP/1.1 200 OK\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/1.0 200 OK\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/1.1 200 \r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/1.1 200\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/1.1 200 OK\n\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/1.1 200 caf\xe9\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/2 200 \r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/3 200 \r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/1.2 200 OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/2.0 200 OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/0.9 200 OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("http/1.1 200 OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/1.1  200 OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/1.1\t200 OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/1.1 20 OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/1.1 2000 OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/1.1 200OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/1.1 -20 OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/1.1 \r\n"), HAUL_REASON_PROTOCOL},
    {BYTES(" HTTP/1.1 200 OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("SSH-2.0-OpenSSH_9.2\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("ICY 200 OK\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/1.1 200 O\0K\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES("HTTP/1.1 200 O\rK\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES("HTTP/1.1 200 OK"), HAUL_REASON_BAD_HEADER},

    /* fields */
    {BYTES(OK11 "A: b\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A:b\n\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A:\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "!#$%&'*+-.^_`|~09azAZ: b\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A: \xff\x1b[31m\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "A: b\0c\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A\0: b\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A: b\rc\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A: b\r\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "\r\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A: b"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A: b\r"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "A\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "HTTP/1.1 200 OK\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 " A: b\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 "\tA: b\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES(OK11 " \r\n"), HAUL_REASON_BAD_HEADER},

    /* Content-Length */
    {BYTES(OK11 "Content-Length: 0\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "CONTENT-LENGTH:\t5 \t\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "Content-Length: 0005\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "Content-Length: 5, 5\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "Content-Length: 5\r\ncontent-length: 5\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "Content-Length: 9223372036854775807\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "Content-Length: 9223372036854775808\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: 18446744073709551621\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: 5, 6\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: 5,\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: ,5\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length:\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: 5abc\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: +5\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: -5\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: 5.5\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: 0x5\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: 5 5\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: 5;5\r\n\r\n"), HAUL_REASON_BAD_LENGTH},
    {BYTES(OK11 "Content-Length: \"5\"\r\n\r\n"), HAUL_REASON_BAD_LENGTH},

    /* Transfer-Encoding */
    {BYTES(OK11 "Transfer-Encoding: chunked\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "transfer-encoding: CHUNKED \r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "Transfer-Encoding: identity\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "Transfer-Encoding: Identity\r\nContent-Length: 5\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "Transfer-Encoding: identity, chunked\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES(OK11 "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n"),
     HAUL_REASON_NONE},
    {BYTES("HTTP/1.0 200 OK\r\nTransfer-Encoding: identity\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/2 200 \r\ntransfer-encoding: identity\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: chunked, identity\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"),
     HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: identity;a=b\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: identity,\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: ,chunked\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: identity, gzip\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: identity, chunked\r\nContent-Length: 5\r\n\r\n"),
     HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: gzip, chunked\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: chunked, gzip\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: chunked, chunked\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: chunked;a=b\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: xchunked\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: \x0b"
                "chunked\r\n\r\n"),
     HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding:\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
     HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"),
     HAUL_REASON_BAD_FRAMING},
    {BYTES(OK11 "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
     HAUL_REASON_BAD_FRAMING},
    {BYTES("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), HAUL_REASON_BAD_FRAMING},
    {BYTES("HTTP/2 200 \r\ntransfer-encoding: chunked\r\n\r\n"), HAUL_REASON_BAD_FRAMING},

    /* Location */
    {BYTES("HTTP/1.1 301 M\r\nLocation: /a\r\nLocation: /a\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/1.1 301 M\r\nLocation: /a\r\nLocation: /b\r\n\r\n"), HAUL_REASON_BAD_REDIRECT},
    {BYTES(OK11 "Location: /a\r\nLocation: /aa\r\n\r\n"), HAUL_REASON_BAD_REDIRECT},

    /* statuses that cannot answer a plain GET */
    {BYTES("HTTP/1.1 101 Switching Protocols\r\n\r\n"), HAUL_REASON_BAD_STATUS},
    {BYTES("HTTP/1.1 206 P\r\nContent-Range: bytes 0-4/5\r\n\r\n"), HAUL_REASON_BAD_STATUS},
    {BYTES("HTTP/1.1 304 Not Modified\r\n\r\n"), HAUL_REASON_BAD_STATUS},
    {BYTES("HTTP/1.1 600 ?\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/1.1 999 ?\r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/2 999 \r\n\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/1.1 1000 ?\r\n\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/1.1 99 ?\r\n\r\n"), HAUL_REASON_PROTOCOL},
    {BYTES("HTTP/1.1 099 ?\r\n\r\n"), HAUL_REASON_BAD_STATUS},
    {BYTES("HTTP/1.1 000 ?\r\n\r\n"), HAUL_REASON_BAD_STATUS},
    {BYTES("HTTP/1.1 599 ?\r\n\r\n"), HAUL_REASON_NONE},

    /* interim responses */
    {BYTES("HTTP/1.1 100 Continue\r\n\r\n" OK11 "\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/1.1 103 E\r\nContent-Length: x\r\n\r\n" OK11 "\r\n"), HAUL_REASON_NONE},
    {BYTES("HTTP/1.1 103 E\r\nno colon\r\n\r\n"), HAUL_REASON_BAD_HEADER},
    {BYTES("HTTP/1.1 100 Continue\r\n\r\n\r\n"), HAUL_REASON_PROTOCOL},

    /* trailers are only counted */
    {BYTES(OK11 "Transfer-Encoding: chunked\r\n\r\nContent-Length: 7\r\n no colon\r\n\r\n"),
     HAUL_REASON_NONE},
};

START_TEST(header_block_is_judged_by_form)
{
    const struct form_case *wanted = &form_cases[_i];
    enum haul_reason reason;

    haul_response_begin(&res, &get, NULL);
    reason = head_feed(&res, wanted->bytes, wanted->len);
    ck_assert_msg(reason == wanted->reason, "%.*s: %s", (int)wanted->len, wanted->bytes,
                  haul_reason_text(reason));
}
END_TEST

static const struct range_case {
    const struct haul_request_facts *request;
    const char *text; /* after "HTTP/1.1 206 P\r\n" */
    enum haul_reason reason;
    int64_t expected_bytes;
} range_cases[] = {
    {&resume, "Content-Range: bytes 5-19/20\r\n", HAUL_REASON_NONE, 15},
    {&resume, "Content-Range: BYTES 5-19/20\r\nContent-Length: 15\r\n", HAUL_REASON_NONE, 15},
    {&resume, "Content-Range: bytes 5-19/20\r\nContent-Range: bytes 5-19/20\r\n", HAUL_REASON_NONE,
     15},
    {&resume, "Content-Range: bytes 5-19/20\r\nContent-Length: 14\r\n", HAUL_REASON_BAD_RANGE, 15},
    {&resume, "Content-Range: bytes 4-19/20\r\n", HAUL_REASON_BAD_RANGE, 16},
    {&resume, "Content-Range: bytes 0-19/20\r\n", HAUL_REASON_BAD_RANGE, 20},
    {&resume, "Content-Range: bytes 5-18/20\r\n", HAUL_REASON_BAD_RANGE, 14},
    {&resume, "Content-Range: bytes 5-20/21\r\n", HAUL_REASON_BAD_RANGE, 16},
    {&resume, "Content-Range: bytes 5-19/*\r\n", HAUL_REASON_BAD_RANGE, 15},
    {&resume, "Content-Range: bytes 5-19/20\r\nContent-Range: bytes 5-18/20\r\n",
     HAUL_REASON_BAD_RANGE, 14},
    {&resume, "", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Type: multipart/byteranges; boundary=x\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Range: bytes 5-20/20\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Range: bytes 5-4/20\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Range: bytes */20\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Range: bytes 5-/20\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Range: bytes -19/20\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Range: bytes 5-19\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Range: bytes 5-19/\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Range: bytes5-19/20\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Range: items 5-19/20\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Range: bytes 5-9223372036854775807/*\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume, "Content-Range: bytes\r\n", HAUL_REASON_BAD_RANGE, -1},
    {&resume_blind, "Content-Range: bytes 5-19/20\r\n", HAUL_REASON_NONE, 15},
    {&resume_blind, "Content-Range: bytes 5-19/*\r\n", HAUL_REASON_NONE, 15},
    {&resume_blind, "Content-Range: bytes 5-18/20\r\n", HAUL_REASON_BAD_RANGE, 14},
};

START_TEST(partial_content_must_be_the_range_asked)
{
    const struct range_case *wanted = &range_cases[_i];
    enum haul_reason reason;

    haul_response_begin(&res, wanted->request, NULL);
    head_feed_str(&res, "HTTP/1.1 206 P\r\n");
    head_feed_str(&res, wanted->text);
    reason = head_feed_str(&res, "\r\n");
    ck_assert_msg(reason == wanted->reason, "%s: %s", wanted->text, haul_reason_text(reason));
    ck_assert_int_eq(haul_response_expected_bytes(&res), wanted->expected_bytes);
}
END_TEST

START_TEST(content_range_beside_whole_body_is_ignored)
{
    ck_assert_int_eq(answer(&resume, OK11 "Content-Range: junk\r\nContent-Length: 20\r\n\r\n"),
                     HAUL_REASON_NONE);
    ck_assert_int_eq(haul_response_expected_bytes(&res), 20);
}
END_TEST

START_TEST(not_modified_after_own_validator_is_fine)
{
    ck_assert_int_eq(answer(&conditional, "HTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\n"),
                     HAUL_REASON_NONE);
    ck_assert(haul_response_has_no_body(&res));
    ck_assert_int_eq(haul_response_expected_bytes(&res), 0);
}
END_TEST

START_TEST(values_are_kept_without_white_space)
{
    ck_assert_int_eq(answer(&get, OK11 "Content-Length: 7\r\n"
                                       "Content-Type: \ttext/html; charset=utf-8 \r\n"
                                       "CONTENT-ENCODING: gzip\r\n"
                                       "Content-Encoding: br\r\n"
                                       "ETag: W/\"a\"\r\n"
                                       "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                       "Accept-Ranges: none, Bytes\r\n"
                                       "Location:  /x y \r\n"
                                       "Other: x\r\n\r\n"),
                     HAUL_REASON_NONE);
    ck_assert_int_eq(res.version, 11);
    ck_assert_int_eq(res.status, 200);
    ck_assert_int_eq(res.fields, 9);
    ck_assert_int_eq(res.content_length, 7);
    ck_assert_str_eq(res.content_type, "text/html; charset=utf-8");
    ck_assert_str_eq(res.content_encoding, "gzip, br");
    ck_assert_str_eq(res.etag, "W/\"a\"");
    ck_assert_str_eq(res.last_modified, "Sun, 06 Nov 1994 08:49:37 GMT");
    ck_assert_str_eq(haul_response_location(&res), "/x y");
}
END_TEST

START_TEST(identity_is_no_coding)
{
    answer(&get, OK11 "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\n");
    ck_assert(!res.chunked);
    ck_assert_int_eq(haul_response_expected_bytes(&res), 5);
    answer(&get, OK11 "Transfer-Encoding: identity\r\n\r\n");
    ck_assert_int_eq(haul_response_expected_bytes(&res), -1);
    answer(&get, OK11 "Transfer-Encoding: identity, chunked\r\n\r\n");
    ck_assert(res.chunked);
}
END_TEST

START_TEST(second_begin_remembers_nothing)
{
    answer(&resume, "HTTP/1.1 206 P\r\nContent-Range: bytes 5-19/20\r\nETag: \"a\"\r\n"
                    "Location: /a\r\nContent-Encoding: gzip\r\nbad\r\n");
    ck_assert_int_eq(res.reason, HAUL_REASON_BAD_HEADER);
    ck_assert_int_eq(answer(&get, OK11 "\r\n"), HAUL_REASON_NONE);
    ck_assert_int_eq(res.content_length, -1);
    ck_assert_int_eq(haul_response_expected_bytes(&res), -1);
    ck_assert_str_eq(res.etag, "");
    ck_assert_str_eq(res.content_encoding, "");
    ck_assert_ptr_null(haul_response_location(&res));
    ck_assert_int_eq(res.header_bytes, (int64_t)strlen(OK11) + 2);
    ck_assert_int_eq(res.fields_seen, 0);
}
END_TEST

START_TEST(interim_response_voids_its_fields)
{
    ck_assert_int_eq(answer(&get, "HTTP/1.1 103 Early\r\nContent-Length: 5\r\nETag: \"a\"\r\n"
                                  "Location: /a\r\n\r\n"),
                     HAUL_REASON_NONE);
    ck_assert(!haul_response_is_complete(&res));
    ck_assert_int_eq(head_feed_str(&res, "HTTP/1.1 302 F\r\nLocation: /b\r\n\r\n"),
                     HAUL_REASON_NONE);
    ck_assert(haul_response_is_complete(&res));
    ck_assert_int_eq(res.content_length, -1);
    ck_assert_str_eq(res.etag, "");
    ck_assert_str_eq(haul_response_location(&res), "/b");
    ck_assert_int_eq(res.interim, 1);
    ck_assert_int_eq(res.fields, 1);
    ck_assert_int_eq(res.fields_seen, 4);
}
END_TEST

START_TEST(trailers_change_no_value)
{
    answer(&get, OK11 "Transfer-Encoding: chunked\r\n\r\n");
    ck_assert_int_eq(haul_response_body(&res, 5), HAUL_REASON_NONE);
    ck_assert_int_eq(
        head_feed_str(&res, "Content-Length: 3\r\nLocation: /t\r\nHTTP/1.1 404 N\r\n\r\n"),
        HAUL_REASON_NONE);
    ck_assert_int_eq(res.content_length, -1);
    ck_assert_int_eq(res.status, 200);
    ck_assert_ptr_null(haul_response_location(&res));
    ck_assert_int_eq(res.fields, 1);
    ck_assert_int_eq(res.fields_seen, 4);
}
END_TEST

START_TEST(validators_that_differ_are_not_kept)
{
    answer(&get, OK11 "ETag: \"a\"\r\nETag: \"b\"\r\nETag: \"a\"\r\n"
                      "Last-Modified: x\r\nLast-Modified: x\r\n\r\n");
    ck_assert_str_eq(res.etag, "");
    ck_assert_str_eq(res.last_modified, "x");
}
END_TEST

/* One field whose value is `len` times 'a'. */
static enum haul_reason long_value(const char *name, size_t len)
{
    struct haul_buf line;
    enum haul_reason reason;

    haul_buf_init(&line, 0);
    haul_buf_add_str(&line, name);
    haul_buf_add_str(&line, ": ");
    haul_buf_pad(&line, 'a', len);
    haul_buf_add_str(&line, "\r\n");
    reason = head_feed(&res, line.data, line.len);
    haul_buf_done(&line);
    return reason;
}

START_TEST(values_too_long_to_keep_are_absent_or_fail)
{
    answer(&get, OK11);
    ck_assert_int_eq(long_value("ETag", HAUL_RESPONSE_TAG_MAX - 1), HAUL_REASON_NONE);
    ck_assert_uint_eq(strlen(res.etag), HAUL_RESPONSE_TAG_MAX - 1);
    answer(&get, OK11);
    ck_assert_int_eq(long_value("ETag", HAUL_RESPONSE_TAG_MAX), HAUL_REASON_NONE);
    ck_assert_str_eq(res.etag, "");
    ck_assert_int_eq(long_value("Content-Type", HAUL_RESPONSE_TYPE_MAX), HAUL_REASON_NONE);
    ck_assert_str_eq(res.content_type, "");
    ck_assert_int_eq(long_value("Location", HAUL_RESPONSE_LOCATION_MAX), HAUL_REASON_NONE);
    ck_assert_int_eq(long_value("Location", HAUL_RESPONSE_LOCATION_MAX), HAUL_REASON_NONE);
    ck_assert_int_eq(long_value("Content-Encoding", HAUL_RESPONSE_CODING_MAX - 1),
                     HAUL_REASON_NONE);
    ck_assert_int_eq(long_value("Content-Encoding", 1), HAUL_REASON_BAD_ENCODING);
    answer(&get, OK11);
    ck_assert_int_eq(long_value("Location", HAUL_RESPONSE_LOCATION_MAX + 1),
                     HAUL_REASON_BAD_REDIRECT);
}
END_TEST

START_TEST(header_bytes_stop_exactly_at_the_limit)
{
    struct haul_response_limits limits = {.header_bytes = (int64_t)strlen(OK11 "A: b\r\n\r\n")};

    haul_response_begin(&res, &get, &limits);
    ck_assert_int_eq(head_feed_str(&res, OK11 "A: b\r\n\r\n"), HAUL_REASON_NONE);
    ck_assert_int_eq(head_feed_str(&res, "\n"), HAUL_REASON_HEADERS_TOO_LARGE);
    ck_assert_int_eq(res.header_bytes, limits.header_bytes);
    ck_assert_int_eq(head_feed_str(&res, "\n"), HAUL_REASON_HEADERS_TOO_LARGE);
}
END_TEST

START_TEST(endless_trailers_stop)
{
    int64_t lines = 0;

    answer(&get, OK11 "Transfer-Encoding: chunked\r\n\r\n");
    while (long_value("Trailer", 1000) == HAUL_REASON_NONE)
        ck_assert_int_lt(++lines, 600);
    ck_assert_int_eq(res.reason, HAUL_REASON_HEADERS_TOO_LARGE);
}
END_TEST

START_TEST(fields_stop_exactly_at_the_limit)
{
    answer(&get, OK11);
    for (int i = 0; i < 4999; i++)
        ck_assert_int_eq(head_feed_str(&res, "A:\r\n"), HAUL_REASON_NONE);
    ck_assert_int_eq(head_feed_str(&res, "A:\r\n\r\n"), HAUL_REASON_NONE);
    ck_assert_int_eq(head_feed_str(&res, "A:\r\n"), HAUL_REASON_TOO_MANY_HEADERS); /* a trailer */
}
END_TEST

START_TEST(interim_responses_stop_exactly_at_the_limit)
{
    haul_response_begin(&res, &get, NULL);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(head_feed_str(&res, "HTTP/1.1 102 P\r\n\r\n"), HAUL_REASON_NONE);
    ck_assert_int_eq(head_feed_str(&res, "HTTP/1.1 102 P\r\n\r\n"), HAUL_REASON_TOO_MANY_HEADERS);
}
END_TEST

static const struct body_case {
    const struct haul_request_facts *request;
    const char *text;
    size_t len; /* body bytes, given in one piece and then one more byte */
    enum haul_reason reason, one_more;
} body_cases[] = {
    {&get, OK11 "Content-Length: 5\r\n\r\n", 5, HAUL_REASON_NONE, HAUL_REASON_BAD_LENGTH},
    {&get, OK11 "Content-Length: 0\r\n\r\n", 0, HAUL_REASON_NONE, HAUL_REASON_BAD_LENGTH},
    {&get, OK11 "\r\n", 1000, HAUL_REASON_NONE, HAUL_REASON_NONE},
    {&get, OK11 "Transfer-Encoding: chunked\r\n\r\n", 9, HAUL_REASON_NONE, HAUL_REASON_NONE},
    {&get, OK11, 1, HAUL_REASON_PROTOCOL, HAUL_REASON_PROTOCOL},
    {&get, "", 1, HAUL_REASON_PROTOCOL, HAUL_REASON_PROTOCOL},
    {&get, "HTTP/1.1 100 C\r\n\r\n", 1, HAUL_REASON_PROTOCOL, HAUL_REASON_PROTOCOL},
    {&get, "HTTP/1.1 204 N\r\n\r\n", 0, HAUL_REASON_NONE, HAUL_REASON_BAD_FRAMING},
    {&get, "HTTP/1.1 204 N\r\nContent-Length: 5\r\n\r\n", 0, HAUL_REASON_NONE,
     HAUL_REASON_BAD_FRAMING},
    {&head, OK11 "Content-Length: 5\r\n\r\n", 0, HAUL_REASON_NONE, HAUL_REASON_BAD_FRAMING},
    {&conditional, "HTTP/1.1 304 N\r\n\r\n", 0, HAUL_REASON_NONE, HAUL_REASON_BAD_FRAMING},
    {&resume, "HTTP/1.1 206 P\r\nContent-Range: bytes 5-19/20\r\n\r\n", 15, HAUL_REASON_NONE,
     HAUL_REASON_BAD_RANGE},
};

START_TEST(body_may_not_exceed_what_was_announced)
{
    const struct body_case *wanted = &body_cases[_i];

    answer(wanted->request, wanted->text);
    ck_assert_int_eq(haul_response_body(&res, wanted->len), wanted->reason);
    ck_assert_int_eq(haul_response_body(&res, 1), wanted->one_more);
    ck_assert_int_eq(res.reason, wanted->one_more);
}
END_TEST

static const struct redirect_case {
    const char *text;
    bool is_redirect;
} redirect_cases[] = {
    {"HTTP/1.1 301 M\r\nLocation: /a\r\n\r\n", true},
    {"HTTP/1.1 302 M\r\nLocation: /a\r\n\r\n", true},
    {"HTTP/1.1 303 M\r\nLocation: /a\r\n\r\n", true},
    {"HTTP/1.1 307 M\r\nLocation: /a\r\n\r\n", true},
    {"HTTP/1.1 308 M\r\nLocation: /a\r\n\r\n", true},
    {"HTTP/1.1 300 M\r\nLocation: /a\r\n\r\n", false},
    {"HTTP/1.1 305 M\r\nLocation: /a\r\n\r\n", false},
    {"HTTP/1.1 200 M\r\nLocation: /a\r\n\r\n", false},
    {"HTTP/1.1 301 M\r\n\r\n", false},
    {"HTTP/1.1 301 M\r\nLocation: \r\n\r\n", false},
    {"HTTP/1.1 301 M\r\nLocation: /a\r\n", false},
    {"HTTP/1.1 301 M\r\nLocation: /a\r\nLocation: /b\r\n\r\n", false},
};

START_TEST(redirect_needs_status_and_location)
{
    answer(&get, redirect_cases[_i].text);
    ck_assert_int_eq(haul_response_is_redirect(&res), redirect_cases[_i].is_redirect);
}
END_TEST

static const struct wait_case {
    const char *text;
    int64_t delay_s; /* seen from second 1767225600 */
} wait_cases[] = {
    {"HTTP/1.1 503 S\r\nRetry-After: 7\r\n\r\n", 7},
    {"HTTP/1.1 503 S\r\nRetry-After: 7\r\nRetry-After: 9\r\n\r\n", 9},
    {"HTTP/1.1 503 S\r\nRetry-After: 7\r\nRateLimit-Reset: 9\r\n\r\n", 7},
    {"HTTP/1.1 429 S\r\nRetry-After: junk\r\nX-RateLimit-Reset: 1767225609\r\n\r\n", 9},
    {"HTTP/1.1 429 S\r\nRateLimit-Reset: 9\r\n\r\n", 9},
    {"HTTP/1.1 200 S\r\nRateLimit-Reset: 9\r\n\r\n", -1},
    {"HTTP/1.1 429 S\r\n\r\n", -1},
};

/* What becomes of the connection, by what the answer itself says. */
static const struct {
    const struct haul_request_facts *request;
    const char *text;
    bool keeps_open;
} connection_case[] = {
    {&get, OK11 "Content-Length: 5\r\n\r\n", true},
    {&get, OK11 "Transfer-Encoding: chunked\r\n\r\n", true},
    {&get, OK11 "\r\n", false},
    {&head, OK11 "\r\n", true},
    {&get, "HTTP/1.1 204 No Content\r\n\r\n", true},
    {&get, OK11 "Content-Length: 5\r\nConnection: close\r\n\r\n", false},
    {&get, OK11 "Content-Length: 5\r\nConnection: x, CLOSE\r\n\r\n", false},
    {&get, OK11 "Content-Length: 5\r\nConnection: keep-alive\r\n\r\n", true},
    {&get, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false},
    {&get, "HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n" OK11 "Content-Length: 5\r\n\r\n",
     true},
    {&get, OK11 "Content-Length: 5\r\n", false}, /* not complete */
    /* by RFC 9112, 6.3, its body ends with the connection; by RFC 2616, 4.4, with its length */
    {&get, OK11 "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\n", false},
    {&get, OK11 "Content-Length: 5\r\nConnection : close\r\n\r\n", false},
};

START_TEST(connection_stays_open_unless_the_answer_says_otherwise)
{
    (void)answer(connection_case[_i].request, connection_case[_i].text);
    ck_assert_int_eq(haul_response_keeps_open(&res), connection_case[_i].keeps_open);
}
END_TEST

START_TEST(wait_comes_from_the_server)
{
    answer(&get, wait_cases[_i].text);
    ck_assert_int_eq(haul_response_retry_after_s(&res, 1767225600), wait_cases[_i].delay_s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("response");
    TCase *form = tcase_create("form");
    TCase *values = tcase_create("values");
    TCase *limits = tcase_create("limits");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(form, set_up, tear_down);
    tcase_add_checked_fixture(values, set_up, tear_down);
    tcase_add_checked_fixture(limits, set_up, tear_down);
    tcase_add_loop_test(form, header_block_is_judged_by_form, 0, COUNT(form_cases));
    tcase_add_loop_test(form, partial_content_must_be_the_range_asked, 0, COUNT(range_cases));
    tcase_add_test(form, content_range_beside_whole_body_is_ignored);
    tcase_add_test(form, not_modified_after_own_validator_is_fine);
    tcase_add_test(values, values_are_kept_without_white_space);
    tcase_add_test(values, identity_is_no_coding);
    tcase_add_test(values, second_begin_remembers_nothing);
    tcase_add_test(values, interim_response_voids_its_fields);
    tcase_add_test(values, trailers_change_no_value);
    tcase_add_test(values, validators_that_differ_are_not_kept);
    tcase_add_test(values, values_too_long_to_keep_are_absent_or_fail);
    tcase_add_loop_test(values, redirect_needs_status_and_location, 0, COUNT(redirect_cases));
    tcase_add_loop_test(values, connection_stays_open_unless_the_answer_says_otherwise, 0,
                        COUNT(connection_case));
    tcase_add_loop_test(values, wait_comes_from_the_server, 0, COUNT(wait_cases));
    tcase_add_test(limits, header_bytes_stop_exactly_at_the_limit);
    tcase_add_test(limits, endless_trailers_stop);
    tcase_add_test(limits, fields_stop_exactly_at_the_limit);
    tcase_add_test(limits, interim_responses_stop_exactly_at_the_limit);
    tcase_add_loop_test(limits, body_may_not_exceed_what_was_announced, 0, COUNT(body_cases));
    suite_add_tcase(suite, form);
    suite_add_tcase(suite, values);
    suite_add_tcase(suite, limits);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
