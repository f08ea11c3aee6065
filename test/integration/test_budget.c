#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/* Several reports of one run, and budgets. */

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

/* ---- failures ---- */

/* What a report says behind `before`; it must say it. */
static unsigned long number_behind(const char *text, const char *before)
{
    const char *at = strstr(text, before);

    ck_assert_msg(at != NULL, "%s: %s", before, text);
    return strtoul(at + strlen(before), NULL, 10);
}

enum { GIVEN_UP = 10, TRIED = 3 };

/*
 * One that is ok, and as many at a host that asks for too much patience as at one that is not
 * there: of each, TRIED fail and the others are skipped.
 */
static const char *list_of_given_up(void)
{
    const char *path = it_path("given-up.txt");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    haul_buf_addf(&list, "%s\n", it_url("/size?n=1"));
    for (int i = 0; i < GIVEN_UP; i++)
        haul_buf_addf(&list, "%s\nhttp://127.0.0.2:1/%d\n", it_url("/retry-after?v=86400&i=%d", i),
                      i);
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

static struct it_run run_given_up(const char *list)
{
    return it_haul(IT_ARGS("-j", "1", "--retry", "0", "--host-fail-limit", it_text("%d", TRIED),
                           "-i", list, "--history", it_path("given-up.db"), "--quiet-unless",
                           "always", "--budget", "failed=0", "--report",
                           file_of("json", it_path("given-up.json")), "--report",
                           file_of("html", it_path("given-up.html")), "--report",
                           file_of("markdown", it_path("given-up.md")), "--report",
                           file_of("junit", it_path("given-up.xml")), "--report",
                           file_of("prometheus", it_path("given-up.prom")), "--report",
                           file_of("github", it_path("given-up.github"))));
}

static unsigned long failed_of_groups(const json_t *groups)
{
    unsigned long failed = 0;

    for (size_t i = 0; i < json_array_size(groups); i++)
        failed += (unsigned long)it_int(json_array_get(groups, i), "failed");
    return failed;
}

static void check_json_failures(unsigned long failed)
{
    json_t *summary = json_loads(it_read(it_path("given-up.json"), NULL), 0, NULL);
    const json_t *outcomes = json_object_get(summary, "outcomes");
    const json_t *history = json_object_get(summary, "history");

    ck_assert_int_eq(it_int(outcomes, "failed"), 2 * TRIED);
    ck_assert_int_eq(it_int(outcomes, "skipped"), (json_int_t)failed - 2 * TRIED);
    ck_assert_int_eq(it_int(summary, "failed_urls"), (json_int_t)failed);
    ck_assert_uint_eq(json_array_size(json_object_get(summary, "failed")), failed);
    ck_assert_uint_eq(failed_of_groups(json_object_get(summary, "hosts")), failed);
    ck_assert_uint_eq(failed_of_groups(json_object_get(summary, "types")), failed);
    ck_assert_int_eq(it_int(json_object_get(summary, "before"), "failed"), (json_int_t)failed);
    ck_assert_uint_eq(json_array_size(history), 2);
    ck_assert_uint_eq(failed_of_groups(history), 2 * failed);
    json_decref(summary);
}

START_TEST(given_up_hosts_count_the_same_in_all_reports)
{
    unsigned long failed = 2 * GIVEN_UP;
    const char *list = list_of_given_up(), *text;
    struct it_run run = run_given_up(list);

    ck_assert_int_eq(run.status, 4);
    ck_assert_ptr_nonnull(strstr(run.out, it_text("%lu of 21 failed", failed)));
    ck_assert_ptr_null(strstr(run.out, "skipped, "));
    ck_assert_uint_eq(number_behind(run.out, "budget failed=0: EXCEEDED: "), failed);
    run = run_given_up(list);
    check_json_failures(failed);
    text = it_read(it_path("given-up.html"), NULL);
    ck_assert_uint_eq(number_behind(text, "<span class=\"name\">Failed</span> "
                                          "<span class=\"big bad\">"),
                      failed);
    ck_assert_ptr_null(strstr(text, "before: "));
    text = it_read(it_path("given-up.md"), NULL);
    ck_assert_ptr_nonnull(strstr(text, it_text(", %lu failed", failed)));
    ck_assert_uint_eq(number_behind(text, "\nand ") + 10, failed);
    text = it_read(it_path("given-up.xml"), NULL);
    ck_assert_uint_eq(number_behind(text, it_text("haul.urls\" tests=\"%lu\" failures=\"", failed)),
                      failed);
    ck_assert_ptr_nonnull(strstr(text, it_text(", %lu failed", failed)));
    text = it_read(it_path("given-up.prom"), NULL);
    ck_assert_uint_eq(number_behind(text, "\nhaul_failed_urls{site=\"2 hosts\"} "), failed);
    ck_assert_uint_eq(number_behind(text, "haul_host_failed_urls{site=\"2 hosts\",host="
                                          "\"127.0.0.2\"} "),
                      GIVEN_UP);
    text = it_read(it_path("given-up.github"), NULL);
    ck_assert_uint_eq(number_behind(text, "haul::and ") + 8, failed); /* one is the budget's */
    run = it_haul(IT_ARGS("diff", it_path("given-up.db")));
    ck_assert_ptr_null(strstr(run.out, " 6 failed"));
    ck_assert_ptr_nonnull(strstr(run.out, it_text(" %lu failed", failed)));
}
END_TEST

/* ---- budgets ---- */

START_TEST(budget_that_is_kept_gives_0_and_is_shown)
{
    struct it_run run = it_haul(IT_ARGS("--budget", "total<2k", it_url("/size?n=1256")));

    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(run.err, "\nbudget total<2k: kept: 1.2 KiB (1,256 bytes), limit "
                                          "2.0 KiB (2,048 bytes)\n"));
}
END_TEST

START_TEST(budget_that_is_exceeded_gives_4_and_names_the_worst)
{
    struct it_run run =
        it_haul(IT_ARGS("-q", "--budget", "url<1k", "--budget", "count<9", "--exit-zero",
                        "--no-exit-zero", it_url("/size?n=1256"), it_url("/size?n=5")));

    ck_assert_int_eq(run.status, 4);
    ck_assert_str_eq(run.err, it_text("budget url<1k: EXCEEDED: 1.2 KiB (1,256 bytes), limit "
                                      "1.0 KiB (1,024 bytes)\n  %s (1.2 KiB)\n"
                                      "budget count<9: kept: 2 URLs, limit 9 URLs\n",
                                      it_url("/size?n=1256")));
}
END_TEST

START_TEST(exceeded_budget_goes_before_failures_and_behind_trouble)
{
    struct it_run run =
        it_haul(IT_ARGS("--budget", "url<1", it_url("/size?n=2"), it_url("/status/404")));

    ck_assert_int_eq(run.status, 4);
    run = it_haul(
        IT_ARGS("--budget", "url<1", "--retry", "0", it_url("/size?n=2"), it_url("/status/503")));
    ck_assert_int_eq(run.status, 4);
    run = it_haul(IT_ARGS("--budget", "url<1", "-o", "/dev/full", it_url("/size?n=2")));
    ck_assert_int_eq(run.status, 3);
    run = it_haul(IT_ARGS("--budget", "url<1", "--exit-zero", it_url("/size?n=2")));
    ck_assert_int_eq(run.status, 0);
}
END_TEST

START_TEST(budget_that_cannot_be_known_does_not_change_the_status)
{
    struct it_run run = it_haul(IT_ARGS("--retry", "0", "--budget", "total<1k", it_url("/size?n=2"),
                                        it_url("/status/503")));

    ck_assert_int_eq(run.status, 75);
    ck_assert_ptr_nonnull(strstr(
        run.err, it_text("\nbudget total<1k: not known: at least 2 B, limit 1.0 KiB (1,024 bytes); "
                         "1 URL has no known length\n  %s (http-503)\n",
                         it_url("/status/503"))));
    run = it_haul(IT_ARGS("--budget", "total<1k", it_url("/size?n=2"), it_url("/status/404")));
    ck_assert_int_eq(run.status, 1); /* what is not there is known to have no size */
    ck_assert_ptr_nonnull(strstr(run.err, "total<1k: kept: 2 B, limit 1.0 KiB (1,024 bytes)\n"));
    run = it_haul(IT_ARGS("--budget", "path:/no<1", it_url("/size?n=2")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(run.err, "\nbudget path:/no<1: matches nothing: limit 1 B\n"));
    run = it_haul(IT_ARGS("--budget-empty=fail", "--budget", "path:/no<1", it_url("/size?n=2")));
    ck_assert_int_eq(run.status, 4);
}
END_TEST

START_TEST(budget_that_is_none_names_place_and_cause_and_fetches_nothing)
{
    struct it_run run = it_haul(IT_ARGS("--budget", "total<5X", it_url("/size?n=2")));

    ck_assert_int_eq(run.status, 2);
    ck_assert_str_eq(run.err, "haul: --budget total<5X: at character 7: not a size; the units are "
                              "k, M, G, T and P\n");
    run = it_haul(IT_ARGS("--budget", "growth<5%", it_url("/size?n=2")));
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "needs --history FILE"));
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

START_TEST(growth_is_that_since_the_last_complete_run)
{
    const char *history = it_path("growth.db"), *url = it_url("/size?n=1000");
    struct it_run run = it_haul(IT_ARGS("--history", history, "--budget", "growth<10%", url));

    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(run.err, "budget growth<10%: not known: limit 10 %; there "
                                          "is no earlier complete run\n"));
    run = it_haul(IT_ARGS("--history", history, "--budget", "growth<10%", url));
    ck_assert_int_eq(run.status, 0);
    run = it_haul(
        IT_ARGS("--history", history, "--budget", "growth<10%", url, it_url("/size?n=500")));
    ck_assert_int_eq(run.status, 4);
    ck_assert_ptr_nonnull(
        strstr(run.err, it_text("budget growth<10%%: EXCEEDED: 50 %%, limit 10 %%\n  %s (+500 B)\n",
                                it_url("/size?n=500"))));
}
END_TEST

/* ---- reports on the whole ---- */

START_TEST(every_format_is_written_with_the_verdict)
{
    static const char *const formats[] = {"html",       "markdown", "json",
                                          "prometheus", "junit",    "github"};
    const char *format = formats[_i], *path = it_path(format);
    struct it_run run = it_haul(
        IT_ARGS("--report", file_of(format, path), "--budget", "url<1k", it_url("/size?n=1256")));

    ck_assert_int_eq(run.status, 4);
    ck_assert_uint_eq(it_lines(run.out), 1);
    ck_assert_msg(strstr(it_read(path, NULL), "url&lt;1k") || strstr(it_read(path, NULL), "url<1k"),
                  "%s: %.2000s", format, it_read(path, NULL));
}
END_TEST

START_TEST(summary_report_goes_to_standard_output_alone)
{
    struct it_run run = it_haul(IT_ARGS("--report", "json:-", it_url("/size?n=1256")));
    json_t *root = json_loads(run.out, 0, NULL);

    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(json_is_object(root), "%s", run.out);
    json_decref(root);
}
END_TEST

START_TEST(summary_report_that_fails_leaves_the_others_whole)
{
    const char *csv = it_path("with-html.csv");
    struct it_run run = it_haul(IT_ARGS("--report", "html:/dev/full", "--report",
                                        file_of("csv", csv), it_url("/size?n=1256")));

    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "/dev/full: the report cannot be written"));
    ck_assert_uint_eq(it_lines(it_read(csv, NULL)), 2);
    ck_assert_uint_eq(it_lines(run.out), 1);
}
END_TEST

START_TEST(chart_is_drawn_on_standard_error)
{
    struct it_run plain = it_haul(IT_ARGS("-q", it_url("/size?n=1256")));
    struct it_run run = it_haul(IT_ARGS("-q", "--chart", it_url("/size?n=1256")));

    ck_assert_str_eq(plain.err, "");
    ck_assert_uint_gt(it_lines(run.err), 2);
    ck_assert_ptr_null(strchr(run.err, 0x1b));
}
END_TEST

static TCase *make_case(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("budget");
    TCase *reports = make_case("reports"), *budgets = make_case("budgets");

    tcase_add_test(reports, several_reports_are_written_at_once);
    tcase_add_test(reports, report_for_standard_output_replaces_the_other);
    tcase_add_test(reports, two_reports_for_one_place_are_wrong_usage);
    tcase_add_test(reports, report_that_cannot_be_made_fetches_nothing);
    tcase_add_test(reports, report_that_fails_leaves_the_others_whole);
    tcase_add_test(reports, run_ends_when_no_report_is_left);
    tcase_add_test(reports, exit_zero_hides_what_is_wrong_with_urls_only);
    tcase_add_loop_test(reports, every_format_is_written_with_the_verdict, 0, 6);
    tcase_add_test(reports, summary_report_goes_to_standard_output_alone);
    tcase_add_test(reports, summary_report_that_fails_leaves_the_others_whole);
    tcase_add_test(reports, chart_is_drawn_on_standard_error);
    tcase_add_test(reports, given_up_hosts_count_the_same_in_all_reports);
    tcase_add_test(budgets, budget_that_is_kept_gives_0_and_is_shown);
    tcase_add_test(budgets, budget_that_is_exceeded_gives_4_and_names_the_worst);
    tcase_add_test(budgets, exceeded_budget_goes_before_failures_and_behind_trouble);
    tcase_add_test(budgets, budget_that_cannot_be_known_does_not_change_the_status);
    tcase_add_test(budgets, budget_that_is_none_names_place_and_cause_and_fetches_nothing);
    tcase_add_test(budgets, growth_is_that_since_the_last_complete_run);
    suite_add_tcase(suite, reports);
    suite_add_tcase(suite, budgets);
    return it_main(suite);
}
