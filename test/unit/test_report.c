#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/escape.h"
#include "model/field.h"
#include "report/report.h"
#include "report/row.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct haul_record ok_record(const char *url, int64_t size_body)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = url;
    rec.source = "urls.txt";
    rec.line = 12;
    rec.outcome = HAUL_OUTCOME_OK;
    rec.size_body = size_body;
    return rec;
}

static struct haul_record bad_record(enum haul_outcome outcome, enum haul_reason reason,
                                     const char *errormsg)
{
    struct haul_record rec = ok_record("http://example.com/", -1);

    rec.outcome = outcome;
    rec.reason = reason;
    rec.errormsg = errormsg;
    return rec;
}

/* --- text ------------------------------------------------------------------------------------- */

static const struct haul_row_text_style a_pipe = {.is_terminal = false, .columns = 200};
static const struct haul_row_text_style a_terminal = {.is_terminal = true, .columns = 60};

static void assert_text(const struct haul_record *rec, const struct haul_row_text_style *style,
                        const char *wanted)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_row_text(&buf, rec, style);
    ck_assert_str_eq(haul_buf_str(&buf), wanted);
    haul_buf_done(&buf);
}

static const struct length_row {
    const char *url;
    int64_t length;
    const char *line;
} length_rows[] = {
    {"http://example.com/", 1256, "http://example.com/            :      1,256\n"},
    {"http://example.com/", 0, "http://example.com/            :          0\n"},
    {"http://example.com/", -1, "http://example.com/            :          -\n"},
    {"http://example.com/", 12345678, "http://example.com/            : 12,345,678\n"},
    {"http://example.com/", 123456789, "http://example.com/            : 123,456,789\n"},
    {"http://example.com/", INT64_MAX,
     "http://example.com/            : 9,223,372,036,854,775,807\n"},
    {"http://example.com/0123456789a", 999, "http://example.com/0123456789a :        999\n"},
    {"http://example.com/0123456789ab", 999, "http://example.com/0123456789ab :        999\n"},
    {"\x1b[2J", 1, "\\x1b[2J                        :          1\n"},
    {"", 1, "                               :          1\n"},
};

START_TEST(length_in_a_pipe_stands_in_its_columns)
{
    struct haul_record rec = ok_record(length_rows[_i].url, length_rows[_i].length);

    assert_text(&rec, &a_pipe, length_rows[_i].line);
    rec.outcome = HAUL_OUTCOME_UNCHANGED;
    assert_text(&rec, &a_pipe, length_rows[_i].line);
}
END_TEST

START_TEST(length_of_a_head_may_be_unknown)
{
    struct haul_record rec = ok_record("http://example.com/", 0);

    rec.method = "HEAD";
    rec.size_body = 1256;
    assert_text(&rec, &a_pipe, "http://example.com/            :      1,256\n");
    rec.size_body = -1;
    assert_text(&rec, &a_pipe, "http://example.com/            :          -\n");
}
END_TEST

static const struct word_row {
    enum haul_outcome outcome;
    enum haul_reason reason;
    const char *errormsg;
    const char *words;
} word_rows[] = {
    {HAUL_OUTCOME_FAILED, HAUL_REASON_HTTP_STATUS, "The requested URL returned 404",
     "failed: http-404"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_TLS, "certificate has expired",
     "failed: tls (certificate has expired)"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_DNS, NULL, "failed: dns"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_DNS, "", "failed: dns"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_RESET, "\x1b[31m\n%s", "failed: reset (\\x1b[31m\\x0a%s)"},
    {HAUL_OUTCOME_INVALID, HAUL_REASON_BAD_URL, NULL, "invalid: line 12: bad-url"},
    {HAUL_OUTCOME_PENDING, HAUL_REASON_STOPPED, NULL, "pending: stopped"},
    {HAUL_OUTCOME_DUPLICATE, HAUL_REASON_NONE, NULL, "duplicate"},
    {HAUL_OUTCOME_SKIPPED, HAUL_REASON_NONE, NULL, "skipped"},
};

START_TEST(words_stand_where_the_number_would)
{
    const struct word_row *row = &word_rows[_i];
    struct haul_record rec = bad_record(row->outcome, row->reason, row->errormsg);
    char line[200];

    rec.http_code = 404;
    snprintf(line, sizeof line, "http://example.com/            : %s\n", row->words);
    assert_text(&rec, &a_pipe, line);
}
END_TEST

START_TEST(invalid_argument_is_called_one)
{
    struct haul_record rec = bad_record(HAUL_OUTCOME_INVALID, HAUL_REASON_SCHEME, NULL);

    rec.source = NULL;
    assert_text(&rec, &a_pipe, "http://example.com/            : invalid: argument 12: scheme\n");
}
END_TEST

START_TEST(long_message_is_cut)
{
    char message[500] = "";
    struct haul_record rec = bad_record(HAUL_OUTCOME_FAILED, HAUL_REASON_TLS, message);
    struct haul_buf buf;

    memset(message, 'm', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    haul_buf_init(&buf, 0);
    haul_row_text(&buf, &rec, &a_pipe);
    ck_assert_uint_eq(buf.len, 33 + strlen("failed: tls ()\n") + 100);
    haul_buf_clear(&buf);
    rec.url = "http://h/";
    haul_row_text(&buf, &rec, &(struct haul_row_text_style){.is_terminal = true, .columns = 90});
    ck_assert_uint_eq(buf.len, 72 + 3 + strlen("failed: tls\n"));
    haul_buf_clear(&buf);
    haul_row_text(&buf, &rec, &(struct haul_row_text_style){.is_terminal = true, .columns = 120});
    ck_assert_uint_eq(buf.len, 120 + 1);
    haul_buf_done(&buf);
}
END_TEST

START_TEST(long_url_on_a_terminal_loses_its_middle)
{
    struct haul_record rec = ok_record("http://example.com/a/b/c/d/e/f/g/h/i/index.html", 1256);
    struct haul_row_text_style utf8 = a_terminal;

    assert_text(&rec, &a_terminal, "http://example.com/a.../f/g/h/i/index.html :      1,256\n");
    utf8.utf8 = true;
    assert_text(&rec, &utf8,
                "http://example.com/a/\xe2\x80\xa6"
                "e/f/g/h/i/index.html :      1,256\n");
}
END_TEST

static const struct {
    bool is_terminal;
    int columns, width;
} width_rows[] = {{false, 200, 30}, {true, 0, 62},  {true, 1, 30},   {true, 48, 30},
                  {true, 49, 31},   {true, 90, 72}, {true, 200, 72}, {true, -5, 62}};

START_TEST(width_of_the_url_follows_the_terminal)
{
    struct haul_row_text_style style = {.is_terminal = width_rows[_i].is_terminal,
                                        .columns = width_rows[_i].columns};

    ck_assert_int_eq(haul_row_text_url_width(&style), width_rows[_i].width);
}
END_TEST

/* --- fields ----------------------------------------------------------------------------------- */

static const struct haul_attached full_attached[] = {{"tag", "a, \\b"}, {"n\"", "\t\xff"}};

static struct haul_record full_record(void)
{
    return (struct haul_record){
        .mirror = 2,
        .size_method = "range",
        .attached = full_attached,
        .attached_count = 2,
        .seq = 4,
        .line = 5,
        .source = "urls.txt",
        .url = "http://example.com/a",
        .outcome = HAUL_OUTCOME_FAILED,
        .reason = HAUL_REASON_HTTP_STATUS,
        .verified = true,
        .exitcode = 22,
        .http_code = 404,
        .errormsg = "not, found",
        .content_length = 10,
        .size_download = 2000000,
        .size_body = 30,
        .size_header = 40,
        .size_request = 50,
        .started_us = INT64_C(1709251199999999),
        .time_namelookup_us = 1,
        .time_connect_us = 20,
        .time_appconnect_us = 300,
        .time_pretransfer_us = 4000,
        .time_starttransfer_us = 50000,
        .time_redirect_us = 0,
        .time_total_us = 2000000,
        .time_queue_us = 12345678,
        .time_parked_us = 9,
        .url_effective = "HTTP://example.com/b",
        .method = "GET",
        .http_version = "1.1",
        .content_type = "text/html",
        .etag = "\"x\"",
        .last_modified = "Thu, 29 Feb 2024 00:00:00 GMT",
        .remote_ip = "192.0.2.1",
        .filename_effective = "h/a",
        .md5 = "m",
        .sha1 = "s1",
        .sha256 = "s2",
        .sha512 = "s5",
        .remote_port = 80,
        .num_redirects = 1,
        .num_connects = 2,
        .num_headers = 3,
        .attempts = 3,
        .worker = 7,
        .ssl_verify_result = 20,
    };
}

static void assert_row(void (*render)(struct haul_buf *buf, const struct haul_record *rec),
                       const struct haul_record *rec, const char *wanted)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    render(&buf, rec);
    ck_assert_str_eq(haul_buf_str(&buf), wanted);
    haul_buf_done(&buf);
}

START_TEST(full_record_fills_every_key)
{
    struct haul_record rec = full_record();

    assert_row(haul_row_jsonl, &rec,
               "{\"url\":\"http://example.com/a\",\"outcome\":\"failed\",\"reason\":\"http-404\","
               "\"http_code\":404,\"size_body\":30,\"size_download\":2000000,"
               "\"content_length\":10,\"content_type\":\"text/html\",\"time_total\":2.000000,"
               "\"speed_download\":1000000,\"verified\":true,"
               "\"started\":\"2024-02-29T23:59:59.999Z\",\"attempts\":3,\"num_retries\":2,"
               "\"url_effective\":\"HTTP://example.com/b\",\"num_redirects\":1,"
               "\"method\":\"GET\",\"scheme\":\"http\",\"http_version\":\"1.1\","
               "\"remote_ip\":\"192.0.2.1\",\"remote_port\":80,\"num_connects\":2,"
               "\"num_headers\":3,\"size_header\":40,\"size_request\":50,"
               "\"time_namelookup\":0.000001,\"time_connect\":0.000020,"
               "\"time_appconnect\":0.000300,\"time_pretransfer\":0.004000,"
               "\"time_starttransfer\":0.050000,\"time_redirect\":0.000000,"
               "\"time_queue\":12.345678,\"time_parked\":0.000009,\"ssl_verify_result\":20,"
               "\"exitcode\":22,\"etag\":\"\\\"x\\\"\","
               "\"last_modified\":\"Thu, 29 Feb 2024 00:00:00 GMT\",\"worker\":7,\"line\":5,"
               "\"source\":\"urls.txt\",\"errormsg\":\"not, found\","
               "\"attached\":{\"tag\":\"a, \\\\b\",\"n\\\"\":\"\\u0009\\\\xff\"},\"mirror\":2,"
               "\"size_method\":\"range\","
               "\"filename_effective\":\"h/"
               "a\",\"md5\":\"m\",\"sha1\":\"s1\",\"sha256\":\"s2\",\"sha512\":\"s5\"}\n");
    assert_row(
        haul_row_csv, &rec,
        "http://example.com/a,failed,http-404,404,30,2000000,10,text/html,2.000000,1000000,"
        "true,2024-02-29T23:59:59.999Z,3,2,HTTP://example.com/b,1,GET,http,1.1,192.0.2.1,"
        "80,2,3,40,50,0.000001,0.000020,0.000300,0.004000,0.050000,0.000000,12.345678,"
        "0.000009,20,22,\"\"\"x\"\"\",\"Thu, 29 Feb 2024 00:00:00 GMT\",7,5,urls.txt,"
        "\"not, found\","
        "\"{\"\"tag\"\":\"\"a, "
        "\\\\\\\\b\"\",\"\"n\\\\\"\"\"\":\"\"\\\\u0009\\\\\\\\xff\"\"}\",2,range,h/a,m,s1,s2,s5\n");
    assert_row(haul_row_tsv, &rec,
               "http://example.com/a\tfailed\thttp-404\t404\t30\t2000000\t10\ttext/html\t2.000000\t"
               "1000000\ttrue\t2024-02-29T23:59:59.999Z\t3\t2\tHTTP://example.com/b\t1\tGET\thttp\t"
               "1.1\t192.0.2.1\t80\t2\t3\t40\t50\t0.000001\t0.000020\t0.000300\t0.004000\t"
               "0.050000\t0.000000\t12.345678\t0.000009\t20\t22\t\"x\"\t"
               "Thu, 29 Feb 2024 00:00:00 GMT\t7\t5\turls.txt\tnot, found\t"
               "{\"tag\":\"a, "
               "\\\\\\\\b\",\"n\\\\\"\":\"\\\\u0009\\\\\\\\xff\"}\t2\trange\th/a\tm\ts1\ts2\ts5\n");
}
END_TEST

START_TEST(unknown_values_are_null_or_empty)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = "u";
    rec.outcome = HAUL_OUTCOME_OK;
    rec.reason = HAUL_REASON_NONE;
    assert_row(haul_row_jsonl, &rec,
               "{\"url\":\"u\",\"outcome\":\"ok\",\"reason\":null,\"http_code\":null,"
               "\"size_body\":null,\"size_download\":null,\"content_length\":null,"
               "\"content_type\":null,\"time_total\":null,\"speed_download\":null,"
               "\"verified\":false,\"started\":null,\"attempts\":0,\"num_retries\":0,"
               "\"url_effective\":null,\"num_redirects\":0,\"method\":null,\"scheme\":null,"
               "\"http_version\":null,\"remote_ip\":null,\"remote_port\":null,"
               "\"num_connects\":0,\"num_headers\":0,\"size_header\":null,"
               "\"size_request\":null,\"time_namelookup\":null,\"time_connect\":null,"
               "\"time_appconnect\":null,\"time_pretransfer\":null,"
               "\"time_starttransfer\":null,\"time_redirect\":null,\"time_queue\":0.000000,"
               "\"time_parked\":0.000000,\"ssl_verify_result\":0,\"exitcode\":0,"
               "\"etag\":null,\"last_modified\":null,\"worker\":null,\"line\":0,"
               "\"source\":null,\"errormsg\":null,\"attached\":null,\"mirror\":null,"
               "\"size_method\":null,\"filename_effective\":null,\"md5\":null,\"sha1\":null,"
               "\"sha256\":null,\"sha512\":null}\n");
    assert_row(
        haul_row_csv, &rec,
        "u,ok,,,,,,,,,false,,0,0,,0,,,,,,0,0,,,,,,,,,0.000000,0.000000,0,0,,,,0,,,,,,,,,,\n");
}
END_TEST

static const struct {
    int64_t us;
    const char *text; /* or NULL */
} started_rows[] = {
    {0, NULL},
    {-1, NULL},
    {1, "1970-01-01T00:00:00.000Z"},
    {INT64_C(951782400000000), "2000-02-29T00:00:00.000Z"},
    {INT64_C(951868799999999), "2000-02-29T23:59:59.999Z"},
    {INT64_C(951868800000000), "2000-03-01T00:00:00.000Z"},
    {INT64_C(1735689599001000), "2024-12-31T23:59:59.001Z"},
    {INT64_C(1735689600000000), "2025-01-01T00:00:00.000Z"},
    {INT64_C(4107542400000000), "2100-03-01T00:00:00.000Z"},
    {INT64_C(253402300799999999), "9999-12-31T23:59:59.999Z"},
    {INT64_MAX, "294247-01-10T04:00:54.775Z"},
};

START_TEST(time_of_start_is_rfc_3339)
{
    struct haul_record rec = ok_record("u", 1);
    struct haul_value value;
    size_t i = 0;

    rec.started_us = started_rows[_i].us;
    while (strcmp(haul_fields[i].name, "started") != 0)
        i++;
    haul_fields[i].get(&rec, &value);
    ck_assert_int_eq(value.kind, started_rows[_i].text ? HAUL_VALUE_TEXT : HAUL_VALUE_NONE);
    if (!started_rows[_i].text)
        return;
    ck_assert_uint_eq(value.text_len, strlen(started_rows[_i].text));
    ck_assert_int_eq(memcmp(value.text, started_rows[_i].text, value.text_len), 0);
}
END_TEST

START_TEST(header_line_names_the_columns)
{
    struct haul_buf csv, tsv;

    haul_buf_init(&csv, 0);
    haul_buf_init(&tsv, 0);
    haul_row_csv_header(&csv);
    haul_row_tsv_header(&tsv);
    ck_assert_int_eq(strncmp(csv.data, "url,outcome,reason,http_code,size_body,size_download,", 53),
                     0);
    ck_assert_str_eq(strrchr(csv.data, ',') + 1, "sha512\n");
    for (size_t i = 0; i < csv.len; i++)
        ck_assert_int_eq(tsv.data[i], csv.data[i] == ',' ? '\t' : csv.data[i]);
    haul_buf_done(&csv);
    haul_buf_done(&tsv);
}
END_TEST

/* --- the report as a whole -------------------------------------------------------------------- */

static int open_scratch(char path[])
{
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    return fd;
}

static struct haul_report *create(enum haul_format format, enum haul_order order, int fd,
                                  bool is_terminal)
{
    const struct haul_report_options options = {
        .format = format, .order = order, .fd = fd, .is_terminal = is_terminal, .memory_max = 100};
    struct haul_report *report;

    ck_assert_int_eq(haul_report_create(&report, &options), HAUL_OK);
    return report;
}

static void add(struct haul_report *report, uint64_t seq, const char *url)
{
    struct haul_record rec = ok_record(url, 1);

    rec.seq = seq;
    ck_assert_int_eq(haul_report_add(report, &rec), HAUL_OK);
}

static const struct order_row {
    enum haul_order order;
    bool is_terminal;
    const char *urls; /* first letters of the rows in the file after a flush, and at the end */
    const char *all;
} order_rows[] = {
    {HAUL_ORDER_INPUT, false, "", "abc"},  {HAUL_ORDER_INPUT, true, "", "abc"},
    {HAUL_ORDER_DONE, false, "cb", "cba"}, {HAUL_ORDER_DONE, true, "cb", "cba"},
    {HAUL_ORDER_AUTO, false, "", "abc"},   {HAUL_ORDER_AUTO, true, "", "abc"},
};

START_TEST(only_text_is_in_input_order_unless_asked_otherwise)
{
    enum haul_format format = (enum haul_format)_i;

    ck_assert(haul_report_is_in_input_order(HAUL_ORDER_INPUT, format));
    ck_assert(!haul_report_is_in_input_order(HAUL_ORDER_DONE, format));
    ck_assert(haul_report_is_in_input_order(HAUL_ORDER_AUTO, format) ==
              (format == HAUL_FORMAT_TEXT));
}
END_TEST

static void assert_first_letters(int fd, const char *letters)
{
    char text[1000];
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    const char *at = text;

    ck_assert_int_ge(len, 0);
    text[len] = '\0';
    for (; *letters; letters++) {
        ck_assert_int_eq(*at, *letters);
        at = strchr(at, '\n') + 1;
    }
    ck_assert_int_eq(*at, '\0');
}

START_TEST(rows_come_in_the_order_asked_for)
{
    char path[] = "/tmp/haul-test-XXXXXX";
    int fd = open_scratch(path);
    struct haul_report *report =
        create(HAUL_FORMAT_TEXT, order_rows[_i].order, fd, order_rows[_i].is_terminal);
    uint64_t gaps = 77;

    add(report, 2, "c");
    add(report, 1, "b");
    ck_assert_int_eq(haul_report_flush(report), HAUL_OK);
    assert_first_letters(fd, order_rows[_i].urls);
    add(report, 0, "a");
    ck_assert_int_eq(haul_report_finish(report, &gaps), HAUL_OK);
    assert_first_letters(fd, order_rows[_i].all);
    ck_assert_uint_eq(gaps, 0);
    haul_report_free(report);
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(lost_records_are_counted_at_the_end)
{
    char path[] = "/tmp/haul-test-XXXXXX";
    int fd = open_scratch(path);
    struct haul_report *report = create(HAUL_FORMAT_TEXT, HAUL_ORDER_INPUT, fd, false);
    uint64_t gaps;

    add(report, 3, "d");
    add(report, 0, "a");
    ck_assert_int_eq(haul_report_finish(report, &gaps), HAUL_OK);
    ck_assert_uint_eq(gaps, 2);
    assert_first_letters(fd, "ad");
    haul_report_free(report);
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(report_without_rows_has_its_header)
{
    static const char *const letters[] = {"", "u", "u", ""};
    char path[] = "/tmp/haul-test-XXXXXX";
    int fd = open_scratch(path);
    struct haul_report *report = create((enum haul_format)_i, HAUL_ORDER_INPUT, fd, false);

    ck_assert_int_eq(haul_report_finish(report, NULL), HAUL_OK);
    assert_first_letters(fd, letters[_i]);
    haul_report_free(report);
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(full_disk_fails_the_report)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct haul_report *report = create(HAUL_FORMAT_TEXT, HAUL_ORDER_INPUT, fd, false);
    struct haul_record rec = ok_record("u", 1);

    add(report, 0, "a");
    ck_assert_int_eq(haul_report_flush(report), HAUL_ERR_IO);
    ck_assert_int_eq(haul_report_errno(report), ENOSPC);
    rec.seq = 1;
    ck_assert_int_eq(haul_report_add(report, &rec), HAUL_ERR_IO);
    ck_assert_int_eq(haul_report_finish(report, NULL), HAUL_ERR_IO);
    haul_report_free(report);
    close(fd);
}
END_TEST

START_TEST(record_that_comes_twice_fails_the_report)
{
    char path[] = "/tmp/haul-test-XXXXXX";
    int fd = open_scratch(path);
    struct haul_report *report = create(HAUL_FORMAT_TEXT, HAUL_ORDER_INPUT, fd, false);
    struct haul_record rec = ok_record("u", 1);

    add(report, 0, "a");
    ck_assert_int_eq(haul_report_add(report, &rec), HAUL_ERR_RANGE);
    ck_assert_int_eq(haul_report_finish(report, NULL), HAUL_ERR_RANGE);
    haul_report_free(report);
    close(fd);
    unlink(path);
}
END_TEST

/* --- other people's parsers ------------------------------------------------------------------- */

enum { RANDOM_TEXTS = 3000, TEXT_MAX = 40 };

static const char *const hostile[] = {
    "http://example.com/",
    "",
    "'",
    "'=1",
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\r",
    "\n",
    "a\nb",
    "a,b",
    "\"",
    "\"\"",
    "a\"b,c\n",
    "\\",
    "\\n",
    "\\x41",
    "\\\\",
    "<script>alert(1)</script>",
    "a&b&amp;c",
    "' onload='x",
    "\" onload=\"x",
    "</p>",
    "<!--",
    "]]>",
    "\x1b[31m",
    "\x7f\x80\xff",
    "\xc3\xbc\xe6\x97\xa5\xf0\x9f\x98\x80",
    "\xed\xa0\x80\xed\xb0\x80",
    "\xc0\xaf",
    "\xe6\x97",
    "\xe2\x80\xae"
    "gpj",
    "\xe2\x80\xa8",
    "\xc2\x85",
    "%s%n%p",
    " ",
    " a ",
    "  =1",
    "\xef\xbc\x9d"
    "1",
    "null",
    "{\"a\":1}",
    "#",
    ";",
    "a;b|c",
    "\v\f",
    "&#0;",
    "&lt",
};

static uint32_t next_random(void)
{
    static uint32_t state = 2463534242U;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* Half the bytes from a few that mean something somewhere, half from all but NUL. */
static void make_random(char text[TEXT_MAX + 1])
{
    static const char special[] = "\\\"',;<>&=+-@\t\r\n x0ntr\xc3\xbc\xe2\x80\xa8\xf0\x9f\x98\x80";
    size_t len = next_random() % TEXT_MAX;

    for (size_t i = 0; i < len; i++) {
        if (next_random() % 2)
            text[i] = special[next_random() % (sizeof special - 1)];
        else
            text[i] = (char)(1 + next_random() % 255);
    }
    text[len] = '\0';
}

static void add_paragraph(struct haul_buf *page, const char *text)
{
    haul_buf_add_str(page, "<p title=\"");
    haul_escape_html(page, text, strlen(text));
    haul_buf_add_str(page, "\">");
    haul_escape_html(page, text, strlen(text));
    haul_buf_add_str(page, "</p>\n");
}

/* What is written for each hostile text, and where. */
struct exchange {
    struct haul_report *report; /* or NULL: the page */
    struct haul_buf page;
    struct haul_buf originals; /* hexadecimal */
    uint64_t seq;
};

static void add_hostile(struct exchange *exchange, const char *text)
{
    struct haul_record rec = ok_record(text, 1);

    rec.errormsg = rec.content_type = rec.etag = text;
    rec.seq = exchange->seq++;
    for (const char *at = text; *at; at++)
        haul_buf_addf(&exchange->originals, "%02x", (unsigned)(unsigned char)*at);
    haul_buf_add_char(&exchange->originals, '\n');
    if (exchange->report)
        ck_assert_int_eq(haul_report_add(exchange->report, &rec), HAUL_OK);
    else
        add_paragraph(&exchange->page, text);
}

static void write_all(int fd, const struct haul_buf *buf)
{
    ck_assert_int_eq(buf->err, HAUL_OK);
    ck_assert_int_eq(write(fd, buf->data, buf->len), (ssize_t)buf->len);
}

static void write_exchange(enum haul_format format, bool is_page, int rows_fd, int originals_fd)
{
    struct exchange exchange = {.seq = 0};
    char text[TEXT_MAX + 1];

    haul_buf_init(&exchange.page, 0);
    haul_buf_init(&exchange.originals, 0);
    if (!is_page)
        exchange.report = create(format, HAUL_ORDER_INPUT, rows_fd, false);
    for (int i = 0; i < COUNT(hostile); i++)
        add_hostile(&exchange, hostile[i]);
    for (int i = 0; i < RANDOM_TEXTS; i++) {
        make_random(text);
        add_hostile(&exchange, text);
    }
    if (is_page)
        write_all(rows_fd, &exchange.page);
    else
        ck_assert_int_eq(haul_report_finish(exchange.report, NULL), HAUL_OK);
    write_all(originals_fd, &exchange.originals);
    haul_report_free(exchange.report);
    haul_buf_done(&exchange.page);
    haul_buf_done(&exchange.originals);
}

/* The script stands beside this file; HAUL_TEST_DIR says so where __FILE__ does not. */
static void find_script(char *path, size_t size)
{
    const char *directory = getenv("HAUL_TEST_DIR"), *slash = strrchr(__FILE__, '/');

    if (directory)
        snprintf(path, size, "%s/check_parsers.py", directory);
    else
        snprintf(path, size, "%.*scheck_parsers.py", slash ? (int)(slash - __FILE__) + 1 : 0,
                 __FILE__);
}

static int run_script(const char *format, const char *rows, const char *originals)
{
    char script[1000];
    int status;
    pid_t child;

    find_script(script, sizeof script);
    child = fork();
    if (child == 0) {
        execlp("python3", "python3", script, format, rows, originals, (char *)NULL);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static const struct {
    const char *name;
    enum haul_format format;
    bool is_page;
} parser_rows[] = {{"csv", HAUL_FORMAT_CSV, false},
                   {"tsv", HAUL_FORMAT_TSV, false},
                   {"jsonl", HAUL_FORMAT_JSONL, false},
                   {"html", HAUL_FORMAT_TEXT, true}};

START_TEST(hostile_text_is_read_back_by_python)
{
    char rows[] = "/tmp/haul-test-XXXXXX", originals[] = "/tmp/haul-test-XXXXXX";
    int rows_fd = open_scratch(rows), originals_fd = open_scratch(originals), status;

    write_exchange(parser_rows[_i].format, parser_rows[_i].is_page, rows_fd, originals_fd);
    status = run_script(parser_rows[_i].name, rows, originals);
    close(rows_fd);
    close(originals_fd);
    unlink(rows);
    unlink(originals);
    ck_assert_msg(status == 0, "check_parsers.py %s: status %d (127: no python3)",
                  parser_rows[_i].name, WEXITSTATUS(status));
}
END_TEST

START_TEST(hostile_text_is_json_to_jansson)
{
    struct haul_record rec = full_record();
    char text[TEXT_MAX + 1];
    struct haul_buf buf;
    json_t *row;

    haul_buf_init(&buf, 0);
    rec.url = rec.errormsg = rec.url_effective = text;
    for (int i = 0; i < RANDOM_TEXTS; i++) {
        make_random(text);
        haul_buf_clear(&buf);
        haul_row_jsonl(&buf, &rec);
        row = json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, NULL);
        ck_assert_msg(row != NULL, "not JSON: %s", haul_buf_str(&buf));
        ck_assert_uint_eq(json_object_size(row), haul_field_count);
        json_decref(row);
    }
    haul_buf_done(&buf);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *text = tcase_create("text");
    TCase *fields = tcase_create("fields");
    TCase *whole = tcase_create("whole");
    TCase *parsers = tcase_create("parsers");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(text, length_in_a_pipe_stands_in_its_columns, 0, COUNT(length_rows));
    tcase_add_test(text, length_of_a_head_may_be_unknown);
    tcase_add_loop_test(text, words_stand_where_the_number_would, 0, COUNT(word_rows));
    tcase_add_test(text, invalid_argument_is_called_one);
    tcase_add_test(text, long_message_is_cut);
    tcase_add_test(text, long_url_on_a_terminal_loses_its_middle);
    tcase_add_loop_test(text, width_of_the_url_follows_the_terminal, 0, COUNT(width_rows));
    tcase_add_test(fields, full_record_fills_every_key);
    tcase_add_test(fields, unknown_values_are_null_or_empty);
    tcase_add_loop_test(fields, time_of_start_is_rfc_3339, 0, COUNT(started_rows));
    tcase_add_test(fields, header_line_names_the_columns);
    tcase_add_loop_test(whole, rows_come_in_the_order_asked_for, 0, COUNT(order_rows));
    tcase_add_loop_test(whole, only_text_is_in_input_order_unless_asked_otherwise, 0, 4);
    tcase_add_test(whole, lost_records_are_counted_at_the_end);
    tcase_add_loop_test(whole, report_without_rows_has_its_header, 0, 4);
    tcase_add_test(whole, full_disk_fails_the_report);
    tcase_add_test(whole, record_that_comes_twice_fails_the_report);
    tcase_set_timeout(parsers, 60);
    tcase_add_loop_test(parsers, hostile_text_is_read_back_by_python, 0, COUNT(parser_rows));
    tcase_add_test(parsers, hostile_text_is_json_to_jansson);
    suite_add_tcase(suite, text);
    suite_add_tcase(suite, fields);
    suite_add_tcase(suite, whole);
    suite_add_tcase(suite, parsers);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
