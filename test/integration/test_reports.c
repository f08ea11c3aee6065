#define _GNU_SOURCE /* pipe2 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "haul/exit.h"
#include "servers.h"

/* Reports as files and as filters: what they leave behind, and how they end. */

static int count_entries(const char *path)
{
    DIR *dir = opendir(path);
    int count = 0;

    ck_assert_ptr_nonnull(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 2;
}

static const char *make_directory(const char *name)
{
    const char *path = it_path(name);

    ck_assert_int_eq(mkdir(path, 0777), 0);
    return path;
}

/* A run whose one request is under way. */
static struct it_process *start_at_gate(const char *report, const char *failed, const char *gate)
{
    const char *url = it_url("/gate?name=%s", gate);
    struct it_process *process = it_start(&(struct it_call){
        .argv = IT_ARGS("-q", "--format", "csv", "-o", report, "--save-failed", failed, url)});

    it_await_gate(gate, 1);
    return process;
}

/* The one of a killed run is removed by the next, that of a run which goes on is not. */
START_TEST(report_of_a_killed_run_is_removed_by_the_next)
{
    const char *directory = make_directory("killed"), *report = it_text("%s/r.csv", directory);
    const char *failed = it_text("%s/f", directory);
    struct it_process *killed = start_at_gate(report, failed, "killed"), *going;

    it_signal(killed, SIGKILL);
    ck_assert_int_eq(it_finish(killed).status, -1);
    ck_assert_int_eq(count_entries(directory), 2);
    going = start_at_gate(report, failed, "going");
    ck_assert_int_eq(count_entries(directory), 2);
    ck_assert_int_eq(
        it_haul(IT_ARGS("-q", "--format", "csv", "-o", report, it_url("/size?n=1"))).status, 0);
    ck_assert_int_eq(count_entries(directory), 3);
    it_open_gate("going");
    ck_assert_int_eq(it_finish(going).status, 0);
    ck_assert_int_eq(count_entries(directory), 2);
    ck_assert_uint_eq(it_lines(it_read(report, NULL)), 2);
}
END_TEST

/* ---- filters ---- */

enum { ROWS = 3000 };

/* The journal of a run over lines that are no URLs: nothing need be fetched. */
static const char *make_journal(void)
{
    const char *journal = it_path("filter.journal"), *list = it_path("filter.list");
    struct haul_buf text;

    (void)unlink(journal);
    haul_buf_init(&text, 0);
    for (int i = 0; i < ROWS; i++)
        haul_buf_addf(&text, "ftp://example.com/some/path/that/is/not/short/%d\n", i);
    it_write(list, text.data, text.len);
    haul_buf_done(&text);
    ck_assert_int_eq(
        it_haul(IT_ARGS("-q", "-o", "/dev/null", "--journal", journal, "-i", list)).status, 1);
    return journal;
}

/* Runs with a pipe for standard output that nobody reads: more goes in than it takes. */
static struct it_run run_without_reader(const char *const *argv)
{
    struct it_process *process;
    int pipe_end[2];

    ck_assert_int_eq(pipe2(pipe_end, O_CLOEXEC), 0);
    (void)close(pipe_end[0]);
    process = it_start(&(struct it_call){.argv = argv, .output = pipe_end[1]});
    (void)close(pipe_end[1]);
    return it_finish(process);
}

START_TEST(filter_whose_reader_leaves_ends_quietly)
{
    const char *journal = make_journal(), *list = it_path("filter.list");
    const char *saved = it_path("filter.csv"), *history = it_path("filter.db");
    const char *const one = it_path("one.journal");
    const char *const *const all[] = {
        IT_ARGS("report", "--format", "csv", journal),
        IT_ARGS("report", journal),
        IT_ARGS("report", "--format", "json", journal),
        IT_ARGS("report", "--format", "jsonl", "--report", it_text("csv:%s", saved), journal),
        IT_ARGS("diff", "--format", "csv", one, journal),
        IT_ARGS("history", history),
        IT_ARGS("--dry-run", "-i", list),
        IT_ARGS("--help"),
    };

    ck_assert_int_eq(
        it_haul(IT_ARGS("-q", "--journal", one, "--history", history, it_url("/size?n=1"))).status,
        0);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct it_run run = run_without_reader(all[i]);

        ck_assert_msg(run.status == HAUL_EXIT_SIGNAL + SIGPIPE, "%zu: %d: %s", i, run.status,
                      run.err);
        ck_assert_msg(!*run.err, "%zu: %s", i, run.err);
    }
    ck_assert_uint_eq(it_lines(it_read(saved, NULL)), ROWS + 1); /* the other report is whole */
}
END_TEST

/* As users do it; sort(1) beside it says what a filter does. */
START_TEST(filter_before_head_ends_like_sort)
{
    const char *script = "set -o pipefail; \"$0\" report --format csv \"$1\" | head -1;"
                         "echo $?; seq 100000 | sort | head -1; echo $?";
    struct it_run run = it_call(&(struct it_call){
        .program = "/bin/bash", .argv = IT_ARGS("-c", script, getenv("HAUL_BIN"), make_journal())});

    ck_assert_str_eq(run.err, "");
    ck_assert_ptr_nonnull(strstr(run.out, "\n141\n1\n141\n"));
}
END_TEST

/* ---- attempts ---- */

static double seconds(const json_t *row, const char *key)
{
    return json_real_value(json_object_get(row, key));
}

START_TEST(attempts_are_told_and_timed)
{
    const char *journal = it_path("attempts.journal"), *rows = it_path("attempts.jsonl");
    const char *url = it_url("/flaky?n=2&code=503&key=told");
    struct it_run run =
        it_haul(IT_ARGS("-v", "--retry", "3", "--retry-delay", "100ms", "--journal", journal,
                        "--report", it_text("jsonl:%s", rows), url, it_url("/size?n=1")));
    const json_t *row = it_row(it_rows(it_read(rows, NULL)), url);
    const char *first, *second, *third;

    ck_assert_int_eq(run.status, 0);
    first = strstr(run.out, "\n    attempt 1, at 0.000 s: http-503\n");
    ck_assert_ptr_nonnull(first);
    second = strstr(first, "\n    attempt 2, at 0.");
    ck_assert_ptr_nonnull(second);
    third = strstr(second, "\n    attempt 3, at 0.");
    ck_assert_ptr_nonnull(third);
    ck_assert_ptr_nonnull(strstr(third, " s: ok\n"));
    ck_assert_uint_eq(it_lines(run.out), 5); /* none for the other URL */
    ck_assert(seconds(row, "time_elapsed") >= seconds(row, "time_total") + 0.2);
    ck_assert(seconds(row, "time_elapsed") >= seconds(row, "time_parked"));
    run = it_haul(IT_ARGS("report", "-q", "--format", "jsonl", journal));
    ck_assert(seconds(it_row(it_rows(run.out), url), "time_elapsed") ==
              seconds(row, "time_elapsed"));
    row = it_row(it_rows(run.out), it_url("/size?n=1"));
    ck_assert(seconds(row, "time_elapsed") == seconds(row, "time_total"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reports");
    TCase *tcase = tcase_create("reports");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_test(tcase, report_of_a_killed_run_is_removed_by_the_next);
    tcase_add_test(tcase, filter_whose_reader_leaves_ends_quietly);
    tcase_add_test(tcase, filter_before_head_ends_like_sort);
    tcase_add_test(tcase, attempts_are_told_and_timed);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
