#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/* Several reports of one run, budgets, and what cron is told. */

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static const char *file_of(const char *kind, const char *path)
{
    return it_text("%s:%s", kind, path);
}

/* ---- several reports ---- */

START_TEST(several_reports_are_written_at_once)
{
    const char *csv = it_path("several.csv"), *jsonl = it_path("several.jsonl");
    const char *text = it_path("several.txt");
    struct it_run run =
        it_haul(IT_ARGS("--report", file_of("csv", csv), "--report", file_of("jsonl", jsonl), "-o",
                        text, it_url("/size?n=1256"), it_url("/status/404")));

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(run.out, "");
    ck_assert_uint_eq(it_lines(it_read(text, NULL)), 2);
    ck_assert_uint_eq(it_lines(it_read(csv, NULL)), 3);
    ck_assert_uint_eq(json_array_size(it_rows(it_read(jsonl, NULL))), 2);
    ck_assert_ptr_nonnull(strstr(it_read(text, NULL), "1,256"));
}
END_TEST

START_TEST(report_for_standard_output_replaces_the_other)
{
    struct it_run run = it_haul(IT_ARGS("--report", "jsonl:-", it_url("/size?n=1256")));

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(json_array_size(it_rows(run.out)), 1);
}
END_TEST

START_TEST(two_reports_for_one_place_are_wrong_usage)
{
    struct it_run run =
        it_haul(IT_ARGS("--report", "jsonl:-", "--report", "csv:-", it_url("/size?n=1256")));
    const char *path = it_path("twice");

    ck_assert_int_eq(run.status, 2);
    ck_assert_str_eq(run.err, "haul: two reports cannot go to one place: standard output\n");
    run = it_haul(IT_ARGS("--report", file_of("csv", path), "-o", path, it_url("/size?n=1")));
    ck_assert_int_eq(run.status, 2);
    ck_assert(!is_there(path));
}
END_TEST

START_TEST(report_that_cannot_be_made_fetches_nothing)
{
    const char *good = it_path("good.csv"), *bad = it_path("no-such-directory/bad.csv");
    struct it_run run = it_haul(IT_ARGS("--report", file_of("csv", good), "--report",
                                        file_of("csv", bad), it_url("/size?n=1")));

    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "no-such-directory/bad.csv: cannot be written"));
    ck_assert(!is_there(good));
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

/* Writing to /dev/full fails late: at the first flush. */
START_TEST(report_that_fails_leaves_the_others_whole)
{
    const char *csv = it_path("left.csv"), *journal = it_path("left-journal");
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    for (int i = 0; i < 500; i++)
        haul_buf_addf(&list, "%s\n", it_url("/size?n=%d", i));
    run = it_call(&(struct it_call){.argv = IT_ARGS("-j", "4", "--report", file_of("csv", csv),
                                                    "--report", "tsv:/dev/full", "--format",
                                                    "jsonl", "--journal", journal),
                                    .input = haul_buf_str(&list)});
    haul_buf_done(&list);
    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(
        run.err, "haul: /dev/full: the report cannot be written: No space left on device\n"));
    ck_assert_uint_eq(json_array_size(it_rows(run.out)), 500);
    ck_assert_uint_eq(it_lines(it_read(csv, NULL)), 501);
    ck_assert_uint_ge(it_lines(it_read(journal, NULL)), 500);
    it_check_equation(run.err, 500);
}
END_TEST

START_TEST(run_ends_when_no_report_is_left)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    for (int i = 0; i < 3000; i++)
        haul_buf_addf(&list, "%s\n", it_url("/size?n=%d", i));
    run = it_call(&(struct it_call){.argv = IT_ARGS("-j", "1", "--report", "csv:/dev/full"),
                                    .input = haul_buf_str(&list),
                                    .output = full});
    haul_buf_done(&list);
    (void)close(full);
    ck_assert_int_eq(run.status, 3);
    ck_assert_int_lt(it_stat("requests"), 3000);
}
END_TEST

/* ---- --exit-zero ---- */

START_TEST(exit_zero_hides_what_is_wrong_with_urls_only)
{
    struct it_run run = it_haul(IT_ARGS("--exit-zero", it_url("/status/404")));

    ck_assert_int_eq(run.status, 0);
    run = it_haul(IT_ARGS("--exit-zero", "--retry", "0", it_url("/status/503")));
    ck_assert_int_eq(run.status, 0);
    run = it_haul(IT_ARGS("--exit-zero", "-o", "/dev/full", it_url("/status/404")));
    ck_assert_int_eq(run.status, 3);
    run = it_haul(IT_ARGS("--exit-zero", "--jobs", "0", it_url("/status/404")));
    ck_assert_int_eq(run.status, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("budget");
    TCase *reports = tcase_create("reports");

    tcase_set_timeout(reports, 60);
    tcase_add_unchecked_fixture(reports, it_begin_server, it_end_server);
    tcase_add_checked_fixture(reports, it_reset_server, NULL);
    tcase_add_test(reports, several_reports_are_written_at_once);
    tcase_add_test(reports, report_for_standard_output_replaces_the_other);
    tcase_add_test(reports, two_reports_for_one_place_are_wrong_usage);
    tcase_add_test(reports, report_that_cannot_be_made_fetches_nothing);
    tcase_add_test(reports, report_that_fails_leaves_the_others_whole);
    tcase_add_test(reports, run_ends_when_no_report_is_left);
    tcase_add_test(reports, exit_zero_hides_what_is_wrong_with_urls_only);
    suite_add_tcase(suite, reports);
    return it_main(suite);
}
