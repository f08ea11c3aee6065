#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "haul/exit.h"
#include "servers.h"

/* Which columns rows have: --fields, and the columns of lists. */

static const char *write_list(const char *name, const char *text)
{
    const char *path = it_path(name);

    it_write(path, text, strlen(text));
    return path;
}

/* The rows of a table as Python's csv reads them: objects of strings. */
static const json_t *read_table(const char *text)
{
    static const char script[] =
        "import csv, json, sys\n"
        "for row in csv.DictReader(open(0, newline='', encoding='utf-8'), strict=True):\n"
        "    print(json.dumps(row))\n";
    struct it_run run = it_call(&(struct it_call){
        .program = "/usr/bin/env", .argv = IT_ARGS("python3", "-c", script), .input = text});

    ck_assert_msg(run.status == 0, "%s", run.err);
    return it_rows(run.out);
}

static const char *header_of(const char *text)
{
    return it_text("%.*s", (int)strcspn(text, "\n"), text);
}

static const char *first_list(void)
{
    return write_list("first.csv", it_text("id,link,name\n"
                                           "1,%s,\"a \"\"b\"\",\nc\"\n"
                                           "=2,%s,C:\\new\n",
                                           it_url("/size?n=1"), it_url("/size?n=2")));
}

static const char *second_list(void)
{
    return write_list("second.csv", it_text("url,link,id\nown,%s,3\n", it_url("/size?n=3")));
}

static void check_both(const char *csv)
{
    const json_t *rows = read_table(csv);
    const json_t *one = it_row(rows, it_url("/size?n=1")), *two = it_row(rows, it_url("/size?n=2"));
    const json_t *three = it_row(rows, it_url("/size?n=3"));
    json_t *attached = json_loads(it_str(one, "attached"), 0, NULL);

    ck_assert_uint_eq(json_array_size(rows), 3);
    ck_assert_ptr_nonnull(strstr(header_of(csv), ",time_elapsed,"));
    ck_assert_str_eq(it_str(one, "id"), "1");
    ck_assert_str_eq(it_str(one, "name"), "a \"b\",\nc");
    ck_assert_str_eq(it_str(one, "list_url"), "");
    ck_assert_str_eq(it_str(two, "id"), "'=2"); /* no spreadsheet runs it */
    ck_assert_str_eq(it_str(two, "name"), "C:\\new");
    ck_assert_str_eq(it_str(three, "id"), "3");
    ck_assert_str_eq(it_str(three, "list_url"), "own");
    ck_assert_str_eq(it_str(three, "name"), "");
    ck_assert_str_eq(it_str(attached, "name"), "a \"b\",\nc");
    ck_assert_uint_eq(json_object_size(attached), 2);
    json_decref(attached);
}

/* The header is the same whichever row is done first. */
START_TEST(columns_of_two_tables_are_columns_of_the_report)
{
    const char *first = first_list(), *second = second_list(), *journal = it_path("tables.journal");
    struct it_run run = it_haul(IT_ARGS("-q", "--format", "csv", "--url-column", "link", "-j", "1",
                                        "-i", second, "-i", first, "--journal", journal));

    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(header_of(run.out), ",list_url,id,name"));
    check_both(run.out);
    run = it_haul(IT_ARGS("report", "-q", "--format", "csv", journal));
    ck_assert_int_eq(run.status, 0);
    check_both(run.out);
    run = it_haul(IT_ARGS("report", "-q", "--format", "csv", "--url-column", "link", "-i", first,
                          "-i", second, journal));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(header_of(run.out), ",id,name,list_url"));
    check_both(run.out);
    run = it_haul(IT_ARGS("report", "-q", "--format", "tsv", journal));
    ck_assert_ptr_nonnull(strstr(run.out, "\ta \"b\",\\nc"));
}
END_TEST

/* It can be read only once: what its first row has is known when that is done. */
START_TEST(columns_of_a_table_from_a_pipe_are_those_of_its_first_row)
{
    struct it_run run = it_call(&(struct it_call){
        .argv = IT_ARGS("-q", "--format", "csv", "--url-column", "link", "-i", "-"),
        .input = it_text("link,id\n%s,7\n", it_url("/size?n=1"))});
    const json_t *rows = read_table(run.out);

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_str(it_row(rows, it_url("/size?n=1")), "id"), "7");
}
END_TEST

START_TEST(rows_without_columns_have_none_added)
{
    struct it_run run = it_haul(IT_ARGS("-q", "--format", "csv", it_url("/size?n=1")));

    ck_assert_ptr_nonnull(strstr(run.out, ",time_elapsed\n"));
    run = it_haul(IT_ARGS("-q", "--format", "csv", "-i", "/dev/null")); /* no row at all */
    ck_assert_ptr_nonnull(strstr(run.out, ",time_elapsed\n"));
    ck_assert_uint_eq(it_lines(run.out), 1);
}
END_TEST

START_TEST(chosen_fields_are_all_that_rows_have)
{
    const char *journal = it_path("fields.journal"), *list = first_list();
    const char *fields = "size_body,col:id,url,errormsg";
    struct it_run run =
        it_haul(IT_ARGS("-q", "-j", "1", "--format", "csv", "--fields", fields, "--order", "input",
                        "--url-column", "link", "-i", list, "--journal", journal));
    const json_t *rows;

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.out, it_text("size_body,id,url,errormsg\n1,1,%s,\n2,'=2,%s,\n",
                                      it_url("/size?n=1"), it_url("/size?n=2")));
    run = it_haul(IT_ARGS("report", "-q", "--format", "jsonl", "--fields", fields, journal));
    ck_assert_int_eq(run.status, 0);
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 2);
    ck_assert_uint_eq(json_object_size(json_array_get(rows, 0)), 4);
    ck_assert_str_eq(it_str(it_row(rows, it_url("/size?n=2")), "id"), "=2");
    run = it_haul(IT_ARGS("report", "-q", "--format", "tsv", "--fields", "url", journal));
    ck_assert_int_eq(strncmp(run.out, "url\nhttp", 8), 0);
}
END_TEST

START_TEST(unknown_field_is_refused_with_the_known_ones)
{
    struct it_run run = it_haul(IT_ARGS("--fields", "url,sise_body", it_url("/size?n=1")));

    ck_assert_int_eq(run.status, HAUL_EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(run.err, "sise_body"));
    ck_assert_ptr_nonnull(strstr(run.err, "size_body, size_download,"));
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("columns");
    TCase *tcase = tcase_create("columns");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_test(tcase, columns_of_two_tables_are_columns_of_the_report);
    tcase_add_test(tcase, columns_of_a_table_from_a_pipe_are_those_of_its_first_row);
    tcase_add_test(tcase, rows_without_columns_have_none_added);
    tcase_add_test(tcase, chosen_fields_are_all_that_rows_have);
    tcase_add_test(tcase, unknown_field_is_refused_with_the_known_ones);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
