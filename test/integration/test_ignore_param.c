#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "saved.h"
#include "servers.h"

/* --ignore-param: a URL that was signed anew is the same URL, but for the request itself. */

#define SIGNED(path, n)                                                                            \
    it_url("%s%csig=%d&utm_source=m%d", path, strchr(path, '?') ? '&' : '?', n, n)
#define IGNORE "--ignore-param", "sig", "--ignore-param", "utm_*"

static size_t count_requests(const char *path)
{
    return json_array_size(it_log(path));
}

START_TEST(request_has_the_whole_url)
{
    const char *url = SIGNED("/any/x?id=1", 7);
    struct it_run run = it_haul(IT_ARGS("-q", "--format", "jsonl", IGNORE, url));

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_str(json_array_get(it_rows(run.out), 0), "url"), url);
    ck_assert_uint_eq(count_requests("/any/x?id=1&sig=7&utm_source=m7"), 1);
}
END_TEST

START_TEST(unique_fetches_what_differs_only_there_once)
{
    const char *urls[] = {SIGNED("/any/x", 1), SIGNED("/any/x", 2), SIGNED("/any/x?id=1", 3)};
    struct it_run run = it_haul(IT_ARGS("-q", "--format", "jsonl", "--order", "input", "--unique",
                                        IGNORE, urls[0], urls[1], urls[2]));
    const json_t *rows = it_rows(run.out);

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_str(json_array_get(rows, 1), "outcome"), "duplicate");
    ck_assert_uint_eq(it_count(rows, "ok"), 2);
    ck_assert_uint_eq(count_requests("/any/x"), 2);
    run = it_haul(IT_ARGS("--dry-run", "--unique", IGNORE, urls[0], urls[1], urls[2]));
    ck_assert_ptr_nonnull(strstr(run.out, it_text("duplicate\t%s\n", urls[1])));
}
END_TEST

/* The file has a name of the rest, so two signatures are no two names. */
START_TEST(resumed_run_knows_what_was_signed_anew)
{
    const char *dir = it_path("resume"), *journal = it_path("resume.journal");
    struct it_run run = SAVE(dir, "--journal", journal, IGNORE, SIGNED("/any/x?id=1", 1));
    const json_t *rows;

    ck_assert_int_eq(run.status, 0);
    run = SAVE(dir, "--journal", journal, "--resume", IGNORE, SIGNED("/any/y", 2),
               SIGNED("/any/x?id=1", 2));
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.err, "");
    ck_assert_str_eq(name_in(rows, 0), it_text("127.0.0.1%%3A%d/any/y", it_port("http")));
    ck_assert_str_eq(name_in(rows, 1),
                     it_text("127.0.0.1%%3A%d/any/x%%3Fid%%3D1", it_port("http")));
    ck_assert_str_eq(it_str(json_array_get(rows, 1), "url"), SIGNED("/any/x?id=1", 2));
    ck_assert_uint_eq(count_requests("/any/x"), 1);
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

START_TEST(what_is_there_is_skipped)
{
    const char *dir = it_path("skip"), *journal = it_path("skip.journal");
    struct it_run run = SAVE(dir, "--journal", journal, IGNORE, SIGNED("/any/x", 1));

    ck_assert_int_eq(run.status, 0);
    run = SAVE(dir, "--journal", journal, "--skip-existing", IGNORE, SIGNED("/any/x", 2));
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "skipped exists");
    ck_assert_uint_eq(count_requests("/any/x"), 1);
    run = SAVE(dir, "--skip-existing=name", IGNORE, SIGNED("/any/x", 3));
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "skipped exists");
    ck_assert_uint_eq(count_requests("/any/x"), 1);
    ck_assert_uint_eq(count_files(dir), 1);
}
END_TEST

/* By its ETag, at a URL that has never been asked. */
START_TEST(history_and_journal_know_the_validators)
{
    const char *history = it_path("etags.history"), *journal = it_path("etags.journal");
    const char *path = "/range?n=100&etag=a";
    struct it_run run =
        it_haul(IT_ARGS("-q", "--history", history, "--journal", journal, IGNORE, SIGNED(path, 1)));

    ck_assert_int_eq(run.status, 0);
    run = it_haul(IT_ARGS("-q", "--format", "jsonl", "--history", history, "--etags", IGNORE,
                          SIGNED(path, 2)));
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "unchanged");
    run = it_haul(
        IT_ARGS("-q", "--format", "jsonl", "--since", journal, "--etags", IGNORE, SIGNED(path, 3)));
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "unchanged");
    ck_assert_str_eq(run.err, "");
    ck_assert_int_eq(it_haul(IT_ARGS("history", IGNORE, history, SIGNED(path, 9))).status, 0);
    ck_assert_int_eq(it_haul(IT_ARGS("history", history, it_url("%s", path))).status, 0);
    ck_assert_int_eq(it_haul(IT_ARGS("history", history, SIGNED(path, 9))).status, 2);
}
END_TEST

/* What was begun with the old signature is gone on with. */
START_TEST(body_that_was_cut_is_gone_on_with)
{
    const char *dir = it_path("cut"), *path = "/range?n=100000&etag=a&cut=50000";
    struct it_run run = SAVE(dir, "-C", "--retry", "0", IGNORE, SIGNED(path, 1));
    const json_t *log;

    ck_assert_int_ne(run.status, 0);
    run = SAVE(dir, "-C", "--retry", "0", IGNORE, SIGNED(path, 2));
    ck_assert_msg(run.status == 0, "%s", run.out);
    log = it_log("/range");
    ck_assert_uint_eq(json_array_size(log), 2);
    ck_assert(it_log_has_header(json_array_get(log, 1), "Range"));
    check_rows_have_files(it_rows(run.out), dir);
    ck_assert_uint_eq(count_files(dir), 1);
}
END_TEST

START_TEST(report_of_a_list_finds_the_records)
{
    const char *journal = it_path("report.journal"), *list = it_path("report.list");
    const char *text = it_text("%s\n%s\n", SIGNED("/any/y", 2), SIGNED("/any/x", 2));
    struct it_run run = it_haul(IT_ARGS("-q", "--journal", journal, IGNORE, SIGNED("/any/x", 1)));

    ck_assert_int_eq(run.status, 0);
    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("report", "--format", "jsonl", IGNORE, "-i", list, journal));
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "pending stopped");
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 1)), "ok");
}
END_TEST

static const char other[] = "written with another --ignore-param";

static bool is_warned(const char *const *argv)
{
    struct it_run run = it_haul(argv);

    ck_assert_int_eq(run.status, 0);
    return strstr(run.err, other) != NULL;
}

/* In another order they are the same; and who never had any hears nothing. */
START_TEST(other_parameters_in_one_journal_are_told)
{
    const char *journal = it_path("other.journal"), *plain = it_path("plain.journal");
    const char *url = SIGNED("/any/x", 1);

    ck_assert(!is_warned(IT_ARGS("--journal", journal, IGNORE, "--ignore-param", "f[\"]a\"", url)));
    ck_assert(!is_warned(IT_ARGS("--journal", journal, "--resume", "--ignore-param", "f[\"]a\"",
                                 "--ignore-param", "utm_*", "--ignore-param", "sig", url)));
    ck_assert(is_warned(IT_ARGS("--since", journal, "--etags", IGNORE, url)));
    ck_assert(is_warned(IT_ARGS("--journal", journal, "--resume", IGNORE, url)));
    ck_assert(!is_warned(IT_ARGS("--journal", plain, url)));
    ck_assert(!is_warned(IT_ARGS("--journal", plain, "--resume", url)));
    ck_assert(is_warned(IT_ARGS("--journal", plain, "--resume", IGNORE, url)));
}
END_TEST

START_TEST(configuration_file_has_them_too)
{
    const char *file = it_path("ignore.conf"), *text = "ignore-param = sig\nignore-param = utm_*\n";
    struct it_run run;

    it_write(file, text, strlen(text));
    run = it_haul(IT_ARGS("-q", "--format", "jsonl", "--order", "input", "--unique", "-K", file,
                          SIGNED("/any/x", 1), SIGNED("/any/x", 2)));
    ck_assert_str_eq(it_str(json_array_get(it_rows(run.out), 1), "outcome"), "duplicate");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ignore_param");
    TCase *tcase = tcase_create("ignore_param");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_test(tcase, request_has_the_whole_url);
    tcase_add_test(tcase, unique_fetches_what_differs_only_there_once);
    tcase_add_test(tcase, resumed_run_knows_what_was_signed_anew);
    tcase_add_test(tcase, what_is_there_is_skipped);
    tcase_add_test(tcase, history_and_journal_know_the_validators);
    tcase_add_test(tcase, body_that_was_cut_is_gone_on_with);
    tcase_add_test(tcase, report_of_a_list_finds_the_records);
    tcase_add_test(tcase, other_parameters_in_one_journal_are_told);
    tcase_add_test(tcase, configuration_file_has_them_too);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
