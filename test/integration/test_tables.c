#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "servers.h"

/* Lists that are tables, reports, compressed or of another character set. */

static const char *list_of(const char *text)
{
    const char *path = it_path("list");

    it_write(path, text, strlen(text));
    return path;
}

static const json_t *only_row(struct it_run run)
{
    const json_t *rows = it_rows(run.out);

    ck_assert_uint_eq(json_array_size(rows), 1);
    it_check_equation(run.err, 1);
    return json_array_get(rows, 0);
}

/* ---- columns ---- */

static const json_t *attached_of(const json_t *row)
{
    return json_object_get(row, "attached");
}

START_TEST(columns_of_a_table_are_passed_through)
{
    const char *list = list_of(it_text("tag,url,\"a \"\"b\"\"\"\r\nx,%s,\"1,\n2\"\r\ny,%s\r\n",
                                       it_url("/size?n=1"), it_url("/size?n=2")));
    const char *journal = it_path("journal.table");
    struct it_run run = it_haul(IT_ARGS("--url-column", "url", "--journal", journal, "--format",
                                        "jsonl", "--order", "input", "-i", list));
    const json_t *rows = it_rows(run.out);

    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
    ck_assert_str_eq(it_str(attached_of(json_array_get(rows, 0)), "tag"), "x");
    ck_assert_str_eq(it_str(attached_of(json_array_get(rows, 0)), "a \"b\""), "1,\n2");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), "invalid bad-entry");
    it_check_equation(run.err, 2);
    run = it_haul(IT_ARGS("report", "--format", "jsonl", "--order", "input", journal));
    rows = it_rows(run.out);
    ck_assert_str_eq(it_str(attached_of(json_array_get(rows, 0)), "a \"b\""), "1,\n2");
}
END_TEST

/* What a line of JSON Lines may have wrong is told, and the rest is fetched. */
START_TEST(json_lines_are_a_table)
{
    const char *list = list_of(
        it_text("{\"id\":18446744073709551615,\"a\":{\"url\":\"%s\"},\"s\":\"\\u00fc\\n\"}\n"
                "\n{\"a\":{\"url\":7}}\n{\"a\":\n[]\n",
                it_url("/size?n=1")));
    struct it_run run = it_haul(
        IT_ARGS("--url-column", "a.url", "--format", "jsonl", "--order", "input", "-i", list));
    const json_t *rows = it_rows(run.out), *row = json_array_get(rows, 0);
    static const char *const wrong[] = {"the field 'a.url' is no string, but a number",
                                        "no JSON object: a value is missing, at byte 6 of the line",
                                        "no JSON object: it does not begin with '{'"};

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_str_eq(it_str(attached_of(row), "id"), "18446744073709551615");
    ck_assert_str_eq(it_str(attached_of(row), "s"), "\xc3\xbc\n");
    for (size_t i = 0; i < 3; i++) {
        row = json_array_get(rows, i + 1);
        ck_assert_str_eq(it_verdict(row), "invalid bad-entry");
        ck_assert_int_eq(it_int(row, "line"), (int)i + 3);
        ck_assert_ptr_nonnull(strstr(it_str(row, "errormsg"), wrong[i]));
    }
    it_check_equation(run.err, 4);
}
END_TEST

static const char *const separated[] = {
    "url;\"n,a\"\n%s;\"x;y\"\n",
    "url\t\"n,a\"\n%s\tx;y\n",
    "url|n,a\n%s|x;y\n",
};

START_TEST(cells_are_separated_as_the_first_line_or_an_option_says)
{
    static const char *const option[] = {"", "", "--delimiter=|"};
    const char *url = it_url("/size?n=1"), *text = separated[_i];
    const char *at = strstr(text, "%s");
    const char *list = list_of(it_text("%.*s%s%s", (int)(at - text), text, url, at + 2));
    struct it_run run = it_haul(IT_ARGS("--url-column", "url", "--format", "jsonl", "-i", list,
                                        *option[_i] ? option[_i] : NULL));

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_str(attached_of(only_row(run)), "n,a"), "x;y");
}
END_TEST

static const char *const report_formats[] = {"jsonl", "csv", "tsv"};

/* The same URLs come out of a report that went into it, the broken one too. */
START_TEST(report_is_a_list_of_its_urls)
{
    const char *format = report_formats[_i], *report = it_path("report.again");
    const char *list =
        list_of(it_text("note,url,\"a,\"\n=1,\"%s\",'=q\n\"x\ny\",%s,\\n\n-2,=bad uri:,\n",
                        it_url("/size?n=1&x='a,b'"), it_url("/status?code=404")));
    struct it_run run = it_haul(IT_ARGS("--url-column", "url", "--order", "input", "--format",
                                        format, "-o", report, "-i", list));
    static const char *const notes[] = {"=1", "x\ny", "-2"};
    const json_t *rows;

    ck_assert_int_eq(run.status, 1);
    run = it_haul(IT_ARGS("--order", "input", "--format", "jsonl", "-i", report));
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 3);
    ck_assert_str_eq(it_str(json_array_get(rows, 0), "url"), it_url("/size?n=1&x='a,b'"));
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), "failed http-404");
    ck_assert_str_eq(it_str(json_array_get(rows, 2), "url"), "=bad uri:");
    it_check_equation(run.err, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(it_str(attached_of(json_array_get(rows, i)), "note"), notes[i]);
    ck_assert_str_eq(it_str(attached_of(json_array_get(rows, 0)), "a,"), "'=q");
    ck_assert_str_eq(it_str(attached_of(json_array_get(rows, 1)), "a,"), "\\n");
}
END_TEST

START_TEST(column_that_is_not_there_is_wrong_usage)
{
    const char *list = list_of("tag,link\nx,http://127.0.0.1/\n");
    struct it_run run = it_haul(IT_ARGS("--url-column", "url", "-i", list));

    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(
        strstr(run.err, ": the header line: there is no column 'url'; there are 'tag', 'link'"));
    ck_assert_ptr_null(strstr(run.err, "after line"));
}
END_TEST

static const char *host_of(const char *url)
{
    return url + strlen("http://");
}

START_TEST(first_row_of_a_table_without_header_is_fetched_or_warned_of)
{
    const char *list = list_of(it_text("1,%s\n", host_of(it_url("/size?n=3"))));
    struct it_run run;

    run = it_haul(IT_ARGS("--url-column", "2", "--format", "jsonl", "-i", list));
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("requests"), 0);
    ck_assert_ptr_nonnull(strstr(run.err, "list:1: the header line has what looks like a URL"));
    run = it_haul(IT_ARGS("--dry-run", "--url-column", "2", "-i", list));
    ck_assert_ptr_nonnull(strstr(run.err, "list:1: the header line has what looks like a URL"));
    run = it_haul(IT_ARGS("--url-column", "2", "--no-header", "--format", "jsonl", "-i", list));
    ck_assert_int_eq(it_int(only_row(run), "size_body"), 3);
    ck_assert_str_eq(it_str(attached_of(only_row(run)), "column1"), "1");
    ck_assert_ptr_null(strstr(run.err, "header line"));
}
END_TEST

START_TEST(secret_in_a_column_is_hidden_as_in_a_url)
{
    const char *list =
        list_of(it_text("url,from\n%s,http://x/?token=geheim&a=1\n", it_url("/size?n=1")));
    struct it_run run =
        it_haul(IT_ARGS("--url-column", "1", "--redact", "token", "--format", "jsonl", "-i", list));

    ck_assert_ptr_null(strstr(run.out, "geheim"));
    ck_assert_str_eq(it_str(attached_of(only_row(run)), "from"), "http://x/?token=***&a=1");
}
END_TEST

/* ---- compressed lists ---- */

/* A file made by a command of the system: of those that a list's author would use. */
static const char *packed_by(const char *command, const char *text, size_t cut)
{
    const char *path = it_path("list.packed"), *bytes;
    size_t len;

    it_write(it_path("list.plain"), text, strlen(text));
    ck_assert_int_eq(system(it_text("%s <'%s' >'%s'", command, it_path("list.plain"), path)), 0);
    bytes = it_read(path, &len);
    it_write(path, bytes, len - cut);
    return path;
}

static const char *two_urls(void)
{
    return it_text("%s\n%s\n", it_url("/size?n=1"), it_url("/size?n=2"));
}

static const struct {
    const char *command, *name;
} packers[] = {{"gzip", "gzip"},
               {"zstd -q", "zstd"},
               {"xz", "xz"},
               {"xz -9e --check=sha256", "xz"},
               {"zstd -q --ultra -22 --long=27", "zstd"}};
enum { PACKERS = sizeof packers / sizeof *packers };

START_TEST(compressed_list_is_read)
{
    const char *list = packed_by(packers[_i].command, two_urls(), 0);
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "-i", list));

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
}
END_TEST

/* gzip and zstd end with a checksum, xz with an index: the text is there before either. */
START_TEST(compressed_list_cut_off_is_an_error_and_what_came_is_fetched)
{
    const char *list = packed_by(packers[_i].command, two_urls(), 4);
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "-i", list));

    ck_assert_int_eq(run.status, 3);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
    ck_assert_ptr_nonnull(strstr(
        run.err, it_text("list.packed: after line 2: the %s data end before", packers[_i].name)));
}
END_TEST

static const char *const charsets[] = {"UTF-16", "UTF-16LE", "UTF-16BE"};

START_TEST(list_in_utf_16_is_read)
{
    const char *to = charsets[_i];
    const char *mark =
        strcmp(to, "UTF-16") == 0 ? "" : "\xef\xbb\xbf"; /* iconv(1) writes its own */
    const char *list = packed_by(
        it_text("iconv -f UTF-8 -t %s | gzip", to),
        it_text("%s%s\r\n%s\r\n", mark, it_url("/size?n=1&x=\xc3\xbc"), it_url("/size?n=2")), 0);
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "-i", list));

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
    ck_assert_ptr_nonnull(strstr(run.out, "/size?n=1&x=%C3%BC\""));
}
END_TEST

/* Half of the last line end is missing, so that line is not whole. */
START_TEST(list_in_utf_16_that_is_damaged_is_an_error)
{
    const char *list = packed_by("iconv -f UTF-8 -t UTF-16", two_urls(), 1);
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "-i", list));

    ck_assert_int_eq(run.status, 3);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 1);
    ck_assert_ptr_nonnull(strstr(run.err, "list.packed: after line 1: the UTF-16 text is damaged"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables");
    TCase *tcase = tcase_create("tables");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, columns_of_a_table_are_passed_through);
    tcase_add_test(tcase, json_lines_are_a_table);
    tcase_add_loop_test(tcase, cells_are_separated_as_the_first_line_or_an_option_says, 0, 3);
    tcase_add_loop_test(tcase, report_is_a_list_of_its_urls, 0, 3);
    tcase_add_test(tcase, column_that_is_not_there_is_wrong_usage);
    tcase_add_test(tcase, first_row_of_a_table_without_header_is_fetched_or_warned_of);
    tcase_add_test(tcase, secret_in_a_column_is_hidden_as_in_a_url);
    tcase_add_loop_test(tcase, compressed_list_is_read, 0, PACKERS);
    tcase_add_loop_test(tcase, compressed_list_cut_off_is_an_error_and_what_came_is_fetched, 0,
                        PACKERS);
    tcase_add_loop_test(tcase, list_in_utf_16_is_read, 0, 3);
    tcase_add_test(tcase, list_in_utf_16_that_is_damaged_is_an_error);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
