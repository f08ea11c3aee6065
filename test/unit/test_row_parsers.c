#include <check.h>
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
#include "sample_record.h"

/* What other people's parsers read in rows that hold hostile text. */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static int open_scratch(char path[])
{
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    return fd;
}

static struct haul_report *create(enum haul_format format, int fd)
{
    const struct haul_report_options options = {
        .format = format, .order = HAUL_ORDER_INPUT, .fd = fd, .memory_max = 100};
    struct haul_report *report;

    ck_assert_int_eq(haul_report_create(&report, &options), HAUL_OK);
    return report;
}

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
    struct haul_record rec = sample_record(text, 1);
    const struct haul_attached columns[] = {{"a", text}, {"b", ""}};

    rec.attached = columns;
    rec.attached_count = COUNT(columns);
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
        exchange.report = create(format, rows_fd);
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
    struct haul_record rec = sample_full_record();
    char text[TEXT_MAX + 1];
    struct haul_buf buf;
    json_t *row;

    haul_buf_init(&buf, 0);
    rec.url = rec.errormsg = rec.url_effective = text;
    for (int i = 0; i < RANDOM_TEXTS; i++) {
        make_random(text);
        haul_buf_clear(&buf);
        haul_row_jsonl(&buf, &rec, NULL);
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
    Suite *suite = suite_create("row_parsers");
    TCase *tcase = tcase_create("parsers");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, hostile_text_is_read_back_by_python, 0, COUNT(parser_rows));
    tcase_add_test(tcase, hostile_text_is_json_to_jansson);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
