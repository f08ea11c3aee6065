#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define ROW(in, out)                                                                               \
    {                                                                                              \
        in, sizeof(in) - 1, out                                                                    \
    }

typedef void escape_fn(struct haul_buf *buf, const void *bytes, size_t len);

/* Bytes in (NULs too), text out. */
struct row {
    const char *in;
    size_t len;
    const char *out;
};

static void check_row(escape_fn *escape, const struct row *row)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    escape(&buf, row->in, row->len);
    ck_assert_str_eq(haul_buf_str(&buf), row->out);
    ck_assert_int_eq(buf.err, HAUL_OK);
    haul_buf_done(&buf);
}

/* --- what stays and what does not ------------------------------------------------------------- */

static void terminal_utf8(struct haul_buf *buf, const void *bytes, size_t len)
{
    haul_escape_terminal(buf, bytes, len, true, 0);
}

static void terminal_ascii(struct haul_buf *buf, const void *bytes, size_t len)
{
    haul_escape_terminal(buf, bytes, len, false, 0);
}

static const struct row terminal_utf8_rows[] = {
    ROW("", ""),
    ROW("http://example.com/~a?b=c&d#e", "http://example.com/~a?b=c&d#e"),
    ROW("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
    ROW("a\nb\rc\td\x00z", "a\\x0ab\\x0dc\\x09d\\x00z"),
    ROW("\x7f", "\\x7f"),
    ROW("a\\x1b", "a\\\\x1b"),
    ROW("%s%n", "%s%n"),
    ROW("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"),
    ROW("\xe6\x97\xa5\xf0\x9f\x98\x80", "\xe6\x97\xa5\xf0\x9f\x98\x80"),
    /* C1: the one-byte CSI of some terminals, raw and as UTF-8. */
    ROW("\x9b"
        "31m",
        "\\x9b31m"),
    ROW("\xc2\x9b", "\\xc2\\x9b"),
    /* bidi override, zero width space, line separator, byte order mark, tag, noncharacters */
    ROW("\xe2\x80\xae", "\\xe2\\x80\\xae"),
    ROW("\xe2\x81\xa6", "\\xe2\\x81\\xa6"),
    ROW("\xe2\x80\x8b", "\\xe2\\x80\\x8b"),
    ROW("\xe2\x80\xa8", "\\xe2\\x80\\xa8"),
    ROW("\xef\xbb\xbf", "\\xef\\xbb\\xbf"),
    ROW("\xf3\xa0\x80\x81", "\\xf3\\xa0\\x80\\x81"),
    ROW("\xef\xbf\xbe", "\\xef\\xbf\\xbe"),
    ROW("\xf4\x8f\xbf\xbf", "\\xf4\\x8f\\xbf\\xbf"),
    /* overlong, surrogate, above U+10FFFF, cut short, a tail alone, never valid */
    ROW("\xc0\xaf", "\\xc0\\xaf"),
    ROW("\xe0\x80\xaf", "\\xe0\\x80\\xaf"),
    ROW("\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"),
    ROW("\xed\xa0\x80", "\\xed\\xa0\\x80"),
    ROW("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"),
    ROW("\xe6\x97", "\\xe6\\x97"),
    ROW("\xe6\x97z", "\\xe6\\x97z"),
    ROW("\x80", "\\x80"),
    ROW("\xff\xfe", "\\xff\\xfe"),
};

START_TEST(text_for_utf8_terminal_keeps_what_is_plain)
{
    check_row(terminal_utf8, &terminal_utf8_rows[_i]);
}
END_TEST

static const struct row terminal_ascii_rows[] = {
    ROW("plain ~!", "plain ~!"),
    ROW("\xc3\xbc", "\\xc3\\xbc"),
    ROW("\\\x1b\xff", "\\\\\\x1b\\xff"),
};

START_TEST(text_for_ascii_terminal_is_ascii)
{
    check_row(terminal_ascii, &terminal_ascii_rows[_i]);
}
END_TEST

static const struct row tsv_rows[] = {
    ROW("a\tb\nc\rd\\e\x00\x1f\x7f", "a\\tb\\nc\\rd\\\\e\\x00\\x1f\\x7f"),
    ROW("\xc3\xbc\xff", "\xc3\xbc\\xff"),
    /* Unicode line ends: Python's splitlines takes them for one */
    ROW("\xc2\x85\xe2\x80\xa9", "\\xc2\\x85\\xe2\\x80\\xa9"),
    ROW("a,\"b\"", "a,\"b\""),
};

START_TEST(text_for_tsv_has_no_separators)
{
    check_row(haul_escape_tsv, &tsv_rows[_i]);
}
END_TEST

static const struct row csv_rows[] = {
    ROW("", ""),
    ROW("http://example.com/", "http://example.com/"),
    ROW("a,b", "\"a,b\""),
    ROW("say \"hi\"", "\"say \"\"hi\"\"\""),
    ROW(" a", "\" a\""),
    ROW("a ", "\"a \""),
    ROW("a\r\nb", "\"a\r\nb\""),
    ROW("a\tb", "\"a\tb\""),
    ROW("a;b", "\"a;b\""),
    ROW("a\\b", "a\\b"),
    ROW("C:\\new\\x41", "C:\\new\\x41"),
    ROW("{\"a\":\"\\\\ \\u0009\"}", "\"{\"\"a\"\":\"\"\\\\ \\u0009\"\"}\""),
    ROW("\x1b[31m\xe2\x80\xae", "\\x1b[31m\\xe2\\x80\\xae"),
    ROW("=1+1", "'=1+1"),
    ROW("'=1+1", "''=1+1"),
    ROW("'", "'"),
    ROW("'x=", "'x="),
    ROW("+1", "'+1"),
    ROW("-1", "'-1"),
    ROW("@SUM(A1)", "'@SUM(A1)"),
    ROW("\t=1", "\"'\t=1\""),
    ROW("\r=1", "\"'\r=1\""),
    ROW("  =1", "\"'  =1\""),
    ROW("=1,2", "\"'=1,2\""),
    ROW("\xef\xbc\x9d"
        "1",
        "'\xef\xbc\x9d"
        "1"),
    ROW("a=b", "a=b"),
    ROW("\x00=1", "\\x00=1"),
};

START_TEST(text_for_csv_is_one_inert_cell)
{
    check_row(haul_escape_csv, &csv_rows[_i]);
}
END_TEST

static const struct row json_rows[] = {
    ROW("a\"b\\c/d", "a\\\"b\\\\c/d"),
    ROW("\x00\n\x1f\x7f", "\\u0000\\u000a\\u001f\\u007f"),
    ROW("\xc3\xbc\xf0\x9f\x98\x80", "\xc3\xbc\xf0\x9f\x98\x80"),
    ROW("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae", "\\u2028\\u2029\\u202e"),
    ROW("\xf3\xa0\x80\x81", "\\udb40\\udc01"),
    ROW("\xff\xed\xa0\x80", "\\\\xff\\\\xed\\\\xa0\\\\x80"),
};

START_TEST(text_for_json_is_valid_utf8)
{
    check_row(haul_escape_json, &json_rows[_i]);
}
END_TEST

static const struct row html_rows[] = {
    ROW("<a href=\"x\" b='y'>&amp;", "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;"),
    ROW("\x00\x1b\n\xff", "\\x00\\x1b\\x0a\\xff"),
    ROW("a\\b\xc3\xbc", "a\\b\xc3\xbc"),
};

START_TEST(text_for_html_is_no_markup)
{
    check_row(haul_escape_html, &html_rows[_i]);
}
END_TEST

/* --- widths ----------------------------------------------------------------------------------- */

struct width_row {
    const char *in;
    bool utf8;
    size_t max;
    const char *end;    /* what is too long cut at the end */
    const char *middle; /* the same, shortened in its middle */
};

static const struct width_row width_rows[] = {
    {"abcdef", false, 6, "abcdef", "abcdef"},
    {"abcdefg", false, 6, "abc...", "ab...g"},
    {"abcdefg", true, 6, "abcde\xe2\x80\xa6",
     "abc\xe2\x80\xa6"
     "fg"},
    {"abcdefg", false, 3, "...", "..."},
    {"abcdefg", false, 2, "..", ".."},
    {"abcdefg", true, 1, "\xe2\x80\xa6", "\xe2\x80\xa6"},
    {"abcdefg", false, 0, "abcdefg", "abcdefg"},
    /* an escape is never cut in half */
    {"ab\x1b\x1b\x1b", false, 8, "ab...", "ab..."},
    {"ab\x1b\x1b\x1b", false, 9, "ab\\x1b...", "ab..."},
    {"ab\x1b\x1b\x1b", false, 11, "ab\\x1b...", "ab...\\x1b"},
    /* wide characters take two columns */
    {"\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5", true, 6, "\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5",
     "\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5"},
    {"\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5", true, 5, "\xe6\x97\xa5\xe6\x97\xa5\xe2\x80\xa6",
     "\xe6\x97\xa5\xe2\x80\xa6\xe6\x97\xa5"},
    {"http://example.com/a/very/long/path/index.html", false, 30, "http://example.com/a/very/l...",
     "http://example...th/index.html"},
};

/* The columns of what comes out of these rows: wide ones are U+65E5 only. */
static size_t columns_of(const char *text)
{
    size_t columns = 0;

    for (; *text; text++)
        columns += ((unsigned char)*text & 0xc0) == 0x80 ? 0 : *text == '\xe6' ? 2 : 1;
    return columns;
}

START_TEST(too_wide_text_is_cut_to_the_width)
{
    const struct width_row *row = &width_rows[_i];
    struct haul_buf buf;
    size_t columns;

    haul_buf_init(&buf, 0);
    columns = haul_escape_terminal(&buf, row->in, strlen(row->in), row->utf8, row->max);
    ck_assert_str_eq(haul_buf_str(&buf), row->end);
    ck_assert_uint_eq(columns, columns_of(row->end));
    haul_buf_clear(&buf);
    columns = haul_escape_terminal_middle(&buf, row->in, strlen(row->in), row->utf8, row->max);
    ck_assert_str_eq(haul_buf_str(&buf), row->middle);
    ck_assert_uint_eq(columns, columns_of(row->middle));
    haul_buf_done(&buf);
}
END_TEST

START_TEST(nothing_at_null_gives_nothing)
{
    static escape_fn *const all[] = {terminal_utf8,   terminal_ascii,   haul_escape_tsv,
                                     haul_escape_csv, haul_escape_json, haul_escape_html};
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    for (int i = 0; i < COUNT(all); i++)
        all[i](&buf, NULL, 0);
    haul_escape_terminal_middle(&buf, NULL, 0, true, 5);
    ck_assert_uint_eq(buf.len, 0);
    haul_buf_done(&buf);
}
END_TEST

START_TEST(full_buffer_keeps_its_error)
{
    static escape_fn *const all[] = {terminal_utf8, haul_escape_tsv, haul_escape_csv,
                                     haul_escape_json, haul_escape_html};
    struct haul_buf buf;

    for (int i = 0; i < COUNT(all); i++) {
        haul_buf_init(&buf, 4);
        all[i](&buf, "\x01\x02<<<<<<", 8);
        ck_assert_int_eq(buf.err, HAUL_ERR_LIMIT);
        ck_assert_uint_le(buf.len, 4);
        haul_buf_done(&buf);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("escape");
    TCase *sinks = tcase_create("sinks");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(sinks, text_for_utf8_terminal_keeps_what_is_plain, 0,
                        COUNT(terminal_utf8_rows));
    tcase_add_loop_test(sinks, text_for_ascii_terminal_is_ascii, 0, COUNT(terminal_ascii_rows));
    tcase_add_loop_test(sinks, text_for_tsv_has_no_separators, 0, COUNT(tsv_rows));
    tcase_add_loop_test(sinks, text_for_csv_is_one_inert_cell, 0, COUNT(csv_rows));
    tcase_add_loop_test(sinks, text_for_json_is_valid_utf8, 0, COUNT(json_rows));
    tcase_add_loop_test(sinks, text_for_html_is_no_markup, 0, COUNT(html_rows));
    tcase_add_loop_test(sinks, too_wide_text_is_cut_to_the_width, 0, COUNT(width_rows));
    tcase_add_test(sinks, nothing_at_null_gives_nothing);
    tcase_add_test(sinks, full_buffer_keeps_its_error);
    suite_add_tcase(suite, sinks);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
