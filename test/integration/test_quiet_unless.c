#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/* What cron is told: --quiet-unless. */

static const char *file_of(const char *kind, const char *path)
{
    return it_text("%s:%s", kind, path);
}

static void check_silence(const struct it_run *run)
{
    ck_assert_int_eq(run->status, 0);
    ck_assert_uint_eq(run->out_len, 0);
    ck_assert_msg(run->err_len == 0, "%s", run->err);
}

START_TEST(nothing_to_tell_is_told_by_silence)
{
    const char *history = it_path("silence.db"), *url = it_url("/size?n=1256");
    const char *csv = it_path("silence.csv");
    struct it_run run = it_haul(IT_ARGS("--quiet-unless", "fail", url));

    check_silence(&run);
    run = it_haul(IT_ARGS("--quiet-unless", "fail", "--format", "jsonl", "-v", "--progress=plain",
                          "--chart", url));
    check_silence(&run);
    run = it_haul(IT_ARGS("--quiet-unless", "fail,budget", "--budget", "total<2k", "--report",
                          file_of("csv", csv), url));
    check_silence(&run);
    ck_assert_uint_eq(it_lines(it_read(csv, NULL)), 2);
    run = it_haul(IT_ARGS("--quiet-unless", "change", "--history", history, url));
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_gt(run.out_len, 0); /* the first run */
    run = it_haul(IT_ARGS("--quiet-unless", "change,fail", "--history", history, url));
    check_silence(&run);
}
END_TEST

/* A journal that has to be mended says so at the start of the run; that is no news for cron. */
START_TEST(messages_before_the_run_are_held_back_too)
{
    const char *journal = it_path("mended-journal"), *url = it_url("/size?n=1256");
    struct it_run run = it_haul(IT_ARGS("--journal", journal, url));
    FILE *file;

    ck_assert_int_eq(run.status, 0);
    file = fopen(journal, "ae");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs("{\"torn", file), 0);
    ck_assert_int_eq(fclose(file), 0);
    run = it_haul(IT_ARGS("--journal", journal, "--resume", "--quiet-unless", "fail", url));
    check_silence(&run);
}
END_TEST

START_TEST(first_line_says_it_all)
{
    const char *history = it_path("first.db");
    struct it_run run =
        it_haul(IT_ARGS("--quiet-unless", "fail", "--history", history, it_url("/size?n=1000")));
    const char *title = "haul: 127.0.0.1: ";

    check_silence(&run);
    run =
        it_haul(IT_ARGS("--quiet-unless", "fail,budget", "--history", history, "--budget", "url<1k",
                        it_url("/size?n=1000"), it_url("/size?n=2000"), it_url("/status/404")));
    ck_assert_int_eq(run.status, 4);
    ck_assert_msg(strncmp(run.out, title, strlen(title)) == 0, "%s", run.out);
    ck_assert_ptr_nonnull(strstr(run.out, ": 1 of 3 failed, +2.0 KiB (+200.0 %) since 20"));
    ck_assert_ptr_nonnull(
        strstr(run.out, it_text(", 1 budget exceeded\nnow failing: http-404: %s\nbudget url<1k: "
                                "EXCEEDED: ",
                                it_url("/status/404"))));
    ck_assert_ptr_nonnull(
        strstr(run.out, it_text("\nadded: +2.0 KiB: %s\n", it_url("/size?n=2000"))));
    ck_assert_ptr_null(strstr(run.out, "report"));
    ck_assert_str_eq(run.err, "");
}
END_TEST

/* What fails as it did last night is no news; who wants to hear of it every night can. */
START_TEST(what_fails_still_is_told_once)
{
    const char *history = it_path("still.db"), *list = it_path("still.txt");
    const char *broken = it_url("/status/404"), *good = it_url("/size?n=1000"), *since, *text;
    const char *invalid = "nothing://here\n";
    struct it_run run;

    text = it_text("%s\n%s\n%s", broken, good, invalid);
    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("--quiet-unless", "fail", "--history", history, "-i", list));
    ck_assert_int_eq(run.status, 1);
    ck_assert_ptr_nonnull(strstr(run.out, it_text("\nfailed: http-404: %s\n", broken)));
    run = it_haul(IT_ARGS("--quiet-unless", "change,fail", "--history", history, "-i", list));
    ck_assert_int_eq(run.status, 1);
    ck_assert_uint_eq(run.out_len + run.err_len, 0);
    run = it_haul(IT_ARGS("--quiet-unless", "failing", "--history", history, "-o", "/dev/null",
                          "--report", file_of("csv", it_path("still.csv")), "-i", list));
    ck_assert_int_eq(run.status, 1);
    since = strstr(run.out, "\nstill failing: 1 URL since 20");
    ck_assert_msg(since != NULL, "%s", run.out);
    ck_assert_ptr_nonnull(strstr(since, it_text(" UTC\nreport: %s\n", it_path("still.csv"))));
    ck_assert_ptr_null(strstr(run.out, "now failing"));

    text = it_text("%s\n%s\n%s%s?2\n", broken, good, invalid, broken);
    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("--quiet-unless", "fail", "--history", history, "-i", list));
    ck_assert_ptr_nonnull(strstr(run.out, it_text("\nnow failing: http-404: %s?2\n", broken)));
    ck_assert_ptr_nonnull(strstr(run.out, "\nstill failing: 1 URL since 20"));

    text = it_text("%s\n%s\n%sno-scheme://x\n", broken, good, invalid);
    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("--quiet-unless", "fail", "--history", history, "-i", list));
    ck_assert_uint_gt(run.out_len, 0); /* another line is no URL */
    run = it_haul(IT_ARGS("--quiet-unless", "fail", "--history", history, "-i", list));
    ck_assert_uint_eq(run.out_len + run.err_len, 0);
}
END_TEST

START_TEST(rows_for_programs_follow_what_is_said_to_people)
{
    struct it_run run = it_haul(IT_ARGS("--quiet-unless", "always", "--format", "jsonl",
                                        it_url("/size?n=1256"), it_url("/size?n=7")));

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(json_array_size(it_rows(run.out)), 2);
    ck_assert_str_eq(run.err, "haul: 127.0.0.1: 2 URLs, none failed, 1.2 KiB in all\n");
}
END_TEST

START_TEST(mail_of_many_failures_is_short)
{
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    for (int i = 0; i < 5000; i++)
        haul_buf_addf(&list, "%s\nnothing://%d\n", it_url("/status/404?i=%d", i), i);
    run = it_call(&(struct it_call){.argv = IT_ARGS("-j", "8", "--quiet-unless", "fail"),
                                    .input = haul_buf_str(&list)});
    haul_buf_done(&list);
    ck_assert_int_eq(run.status, 1);
    ck_assert_uint_le(it_lines(run.out) + it_lines(run.err), 45);
    ck_assert_uint_lt(run.out_len + run.err_len, 10000);
    ck_assert_ptr_nonnull(strstr(run.out, ": 5,000 of 5,000 failed, 5,000 invalid, "));
    ck_assert_ptr_nonnull(
        strstr(run.out, it_text("\nfailed: 5,000 x http-404 below %s\n", it_url("/status/"))));
    ck_assert_ptr_nonnull(strstr(run.err, "haul: 4990 more lines are no URLs"));
}
END_TEST

START_TEST(hostile_urls_cannot_write_lines_of_their_own)
{
    const char *list = it_text("%s\n", it_url("/status/404?\x1b[2J\r<b>&\xe2\x80\xae%%0ahaul:"));
    struct it_run run = it_call(&(struct it_call){
        .argv = IT_ARGS("--quiet-unless", "fail", "--budget", "failed=0"), .input = list});

    ck_assert_ptr_null(strchr(run.out, 0x1b));
    ck_assert_ptr_null(strchr(run.out, '\r'));
    ck_assert_ptr_null(strstr(run.out, "\nhaul:"));
    ck_assert_ptr_null(strstr(run.out, "\xe2\x80\xae"));
    ck_assert_ptr_null(strchr(run.err, 0x1b));
}
END_TEST

START_TEST(trouble_of_its_own_is_told_in_any_case)
{
    struct it_run run = it_haul(
        IT_ARGS("--quiet-unless", "fail", "--report", "csv:/dev/full", it_url("/size?n=1")));
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "/dev/full: the report cannot be written"));
    run = it_call(&(struct it_call){
        .argv = IT_ARGS("--quiet-unless", "always", "--format", "csv", it_url("/size?n=1")),
        .output = full});
    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "the report cannot be written: No space left"));
    run = it_call(&(struct it_call){
        .argv = IT_ARGS("--quiet-unless", "always", it_url("/size?n=1")), .output = full});
    ck_assert_int_eq(run.status, 3);
    (void)close(full);
    run = it_haul(IT_ARGS("--quiet-unless", "change", it_url("/size?n=1")));
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "needs --history FILE"));
}
END_TEST

START_TEST(run_that_was_stopped_is_told)
{
    struct it_process *process = it_start(
        &(struct it_call){.argv = IT_ARGS("--quiet-unless", "budget", "--budget", "count<9",
                                          "--grace", "0", it_url("/gate?name=stopped"))});
    struct it_run run;

    it_await_gate("stopped", 1);
    it_signal(process, SIGTERM);
    run = it_finish(process);
    it_open_gate("stopped");
    ck_assert_int_eq(run.status, 128 + SIGTERM);
    ck_assert_ptr_nonnull(strstr(run.out, "not complete"));
    ck_assert_ptr_nonnull(strstr(run.out, "budget count<9: not known: "));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quiet_unless");
    TCase *tcase = tcase_create("quiet");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_test(tcase, nothing_to_tell_is_told_by_silence);
    tcase_add_test(tcase, messages_before_the_run_are_held_back_too);
    tcase_add_test(tcase, first_line_says_it_all);
    tcase_add_test(tcase, what_fails_still_is_told_once);
    tcase_add_test(tcase, rows_for_programs_follow_what_is_said_to_people);
    tcase_add_test(tcase, mail_of_many_failures_is_short);
    tcase_add_test(tcase, hostile_urls_cannot_write_lines_of_their_own);
    tcase_add_test(tcase, trouble_of_its_own_is_told_in_any_case);
    tcase_add_test(tcase, run_that_was_stopped_is_told);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
