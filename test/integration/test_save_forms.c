#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "saved.h"
#include "servers.h"

/*
 * The forms of names (--name) that take more than a URL: columns, digests, types, and what two URLs
 * of one name come to.
 */

static const char pattern_sha256[] = /* of the 5 bytes that the server gives */
    "36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c";

START_TEST(presigned_urls_are_named_without_their_query)
{
    const char *query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20240229"
                        "&X-Amz-Signature=0123456789abcdef";
    const char *dir = it_path("presigned");
    struct it_run run =
        SAVE(dir, "--name", "{file}", it_url("/any/bucket/part-00001.parquet?%s", query),
             it_url("/any/bucket/part-00002.parquet?%s", query),
             it_url("/any/other/part-00001.parquet?%s", query));
    const json_t *rows = it_rows(run.out);

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(name_in(rows, 0), "part-00001.parquet");
    ck_assert_str_eq(name_in(rows, 1), "part-00002.parquet");
    ck_assert_msg(strncmp(name_in(rows, 2), "part-00001~", 11) == 0, "%s", name_in(rows, 2));
    check_rows_have_files(rows, dir);
    ck_assert_uint_eq(count_files(dir), 3);
}
END_TEST

START_TEST(type_gives_an_extension_where_there_is_none)
{
    static const struct {
        const char *path, *name;
    } want[] = {
        {"/any/a?type=text/html%3B+charset%3Dutf-8&n=5", "a.html"},
        {"/any/b?type=image/png&n=70000", "b.png"},
        {"/any/c.php?type=text/html", "c.php"},
        {"/any/d?type=x/unknown", "d.bin"},
        {"/any/v1.2?type=application/json&n=0", "v1.2.json"},
        {"/any/e?type=../../../etc/passwd", "e.bin"},
    };
    enum { COUNT = sizeof want / sizeof *want };
    const char *url[COUNT], *dir = it_path("types");
    const json_t *rows;
    struct it_run run;

    for (size_t i = 0; i < COUNT; i++)
        url[i] = it_url("%s", want[i].path);
    run = SAVE(dir, "--name", "{file}{type-ext}", url[0], url[1], url[2], url[3], url[4], url[5]);
    rows = it_rows(run.out);
    ck_assert_msg(run.status == 0, "%s", run.out);
    for (size_t i = 0; i < COUNT; i++)
        ck_assert_str_eq(name_in(rows, i), want[i].name);
    check_rows_have_files(rows, dir);
    ck_assert_uint_eq(count_files(dir), COUNT);
}
END_TEST

/* Whichever comes first. That the second has another name is known before the first one's type. */
START_TEST(type_never_makes_one_name_of_two)
{
    const char *bare = it_url("/any/x?type=text/html"), *full = it_url("/any/x.html?n=7");

    for (int round = 0; round < 4; round++) {
        bool swapped = round % 2;
        const char *dir = it_path(it_text("one-%d", round));
        struct it_run run = SAVE(dir, "--name", "{file}{type-ext}", "-j", round / 2 ? "8" : "1",
                                 swapped ? full : bare, swapped ? bare : full);
        const json_t *rows = it_rows(run.out);

        ck_assert_int_eq(run.status, 0);
        ck_assert_str_eq(name_in(rows, 0), "x.html");
        ck_assert_msg(strncmp(name_in(rows, 1), "x~", 2) == 0, "%s", name_in(rows, 1));
        check_rows_have_files(rows, dir);
        ck_assert_uint_eq(count_files(dir), 2);
    }
}
END_TEST

/* Small ones are held in memory until they are whole, large ones lie elsewhere until then. */
START_TEST(buckets_are_made_of_the_digest)
{
    const char *dir = it_path("buckets");
    struct it_run run =
        SAVE(dir, "--hash", "sha256", "--name", "{sha256:2}/{sha256:1}/{path}/{stem}{type-ext}",
             it_url("/any/36/a"), it_url("/any/b?n=70000"), it_url("/any/go/a?type=text/css"));
    const json_t *rows = it_rows(run.out);

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_str(json_array_get(rows, 0), "sha256"), pattern_sha256);
    ck_assert_msg(strncmp(name_in(rows, 0), "36/3/any/36~", 12) == 0, "%s", name_in(rows, 0));
    for (size_t i = 1; i < 3; i++) {
        const char *sum = it_str(json_array_get(rows, i), "sha256");

        ck_assert_str_eq(name_in(rows, i),
                         it_text("%.2s/%.1s/any/%s", sum, sum, i == 1 ? "b.txt" : "go/a.css"));
    }
    check_rows_have_files(rows, dir);
    ck_assert_uint_eq(count_files(dir), 3);
}
END_TEST

START_TEST(columns_make_names)
{
    const char *table = it_path("table.csv"), *dir = it_path("columns");
    const char *text = it_text("id,url,title\n"
                               "17,%s,plain\n"
                               "../../up,%s,\"a/b\"\n"
                               "17,%s,again\n"
                               ",%s,none\n",
                               it_url("/any/1.jpg"), it_url("/any/2.jpg"), it_url("/any/3.jpg"),
                               it_url("/any/4.jpg"));
    static const char *const names[] = {"17.jpg", "%2E.%2F..%2Fup.jpg", "17~", "%2Ejpg"};
    const json_t *rows[2];

    it_write(table, text, strlen(text));
    for (int round = 0; round < 2; round++) {
        struct it_run run = SAVE(dir, "--url-column", "url", "--name", "{col:id}{ext}", "-j",
                                 round ? "8" : "1", "-i", table);

        ck_assert_msg(run.status == 0, "%s", run.out);
        rows[round] = it_rows(run.out);
        check_rows_have_files(rows[round], dir);
        ck_assert_uint_eq(count_files(dir), 4);
    }
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(name_in(rows[0], i), name_in(rows[1], i));
        ck_assert_msg(strncmp(name_in(rows[0], i), names[i], strlen(names[i])) == 0, "%s",
                      name_in(rows[0], i));
    }
}
END_TEST

START_TEST(entry_without_the_column_is_invalid)
{
    const char *table = it_path("narrow.csv"), *dir = it_path("missing");
    const char *text = it_text("id,url\n17,%s\n", it_url("/any/1"));
    struct it_run run;

    it_write(table, text, strlen(text));
    run = SAVE(dir, "--url-column", "url", "--name", "{col:ID}", "-i", table, it_url("/any/2"));
    ck_assert_int_eq(run.status, 1);
    for (size_t i = 0; i < 2; i++)
        ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), i)), "invalid bad-name");
    ck_assert_uint_eq(json_array_size(it_log("/any/")), 0);
}
END_TEST

START_TEST(name_is_told_as_the_file_has_it)
{
    const char *table = it_path("dry.csv");
    const char *text = it_text("url,note\n%s,token=hunter2\n", it_url("/any/x"));
    struct it_run run;

    it_write(table, text, strlen(text));
    run = it_haul(IT_ARGS("--dry-run", "-d", it_path("dry"), "--redact", "token", "--url-column",
                          "url", "--name", "{sha256:3}/{col:note}/{sha256}-{n:03}{type-ext}", "-i",
                          table));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(
        strstr(run.out, "\nfile\t{sha256:3}/token%3D%2A%2A%2A/{sha256}-001{type-ext}\n"));
    run = it_haul(IT_ARGS("-d", it_path("dry"), "--redact", "token", "--url-column", "url",
                          "--name", "{col:note}/{n:03}", "-i", table, "--format", "jsonl"));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(run.out, "\"filename_effective\":\"token%3D%2A%2A%2A/001\""));
    ck_assert_int_eq(access(it_path("dry/token%3D%2A%2A%2A/001"), F_OK), 0);
    run = it_haul(IT_ARGS("--dry-run", "-d", it_path("dry"), "--name", "{n:6}", it_url("/any/x")));
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "filled up with zeros as in {n:06}"));
}
END_TEST

START_TEST(dry_run_says_which_name_is_none)
{
    const char *list = it_path("bad-names"), *text;
    struct it_run run;

    text = it_text("%s\n  out=../escape\n", it_url("/any/x"));
    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("--dry-run", "-d", it_path("dry"), "-i", list));
    ck_assert_int_eq(run.status, 1);
    ck_assert_msg(strstr(run.out, ":1: out=../escape names no place below --dir") != NULL, "%s",
                  run.out);
}
END_TEST

/* What is left of a body is found again although its name is not known. */
START_TEST(body_that_was_cut_is_gone_on_with)
{
    const char *dir = it_path("cut");
    struct it_run run =
        SAVE(dir, "--continue", "--retry-delay", "1ms", "--name", "{sha256:1}/{stem}{type-ext}",
             it_url("/range?n=100000&etag=a&cut=50000"));
    const json_t *rows = it_rows(run.out);

    ck_assert_msg(run.status == 0, "%s", run.out);
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "attempts"), 2);
    ck_assert_ptr_nonnull(strstr(name_in(rows, 0), "/range."));
    check_rows_have_files(rows, dir);
    ck_assert_uint_eq(count_files(dir), 1);
}
END_TEST

/* The journal knows the name, and so nothing is fetched again. */
START_TEST(resumed_run_believes_late_names)
{
    const char *dir = it_path("resumed"), *journal = it_path("resumed.jsonl");
    const char *one = it_url("/any/x?type=text/html"), *other = it_url("/any/y");
    const json_t *rows;
    struct it_run run;

    run = SAVE(dir, "--journal", journal, "--name", "{sha256:2}/{file}{type-ext}", one);
    ck_assert_int_eq(run.status, 0);
    run = SAVE(dir, "--journal", journal, "--resume", "--name", "{sha256:2}/{file}{type-ext}",
               other, one);
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(name_in(rows, 0), "36/y.txt");
    ck_assert_str_eq(name_in(rows, 1), "36/x.html");
    ck_assert_uint_eq(json_array_size(it_log("/any/x")), 1);
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("save_forms");
    TCase *tcase = tcase_create("save_forms");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_test(tcase, presigned_urls_are_named_without_their_query);
    tcase_add_test(tcase, type_gives_an_extension_where_there_is_none);
    tcase_add_test(tcase, type_never_makes_one_name_of_two);
    tcase_add_test(tcase, buckets_are_made_of_the_digest);
    tcase_add_test(tcase, columns_make_names);
    tcase_add_test(tcase, entry_without_the_column_is_invalid);
    tcase_add_test(tcase, name_is_told_as_the_file_has_it);
    tcase_add_test(tcase, dry_run_says_which_name_is_none);
    tcase_add_test(tcase, body_that_was_cut_is_gone_on_with);
    tcase_add_test(tcase, resumed_run_believes_late_names);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
