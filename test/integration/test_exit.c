/* pipe2: the descriptors of the tests must not leak into the program. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "servers.h"

/* The exit status: what scripts look at first. */

static const char *refused(void)
{
    return it_text("http://127.0.0.1:%d/", it_port("refused"));
}

static int status_of(const char *const *argv)
{
    return it_haul(argv).status;
}

START_TEST(all_ok_gives_0)
{
    ck_assert_int_eq(status_of(IT_ARGS(it_url("/size?n=1"), it_url("/size?n=2"))), 0);
}
END_TEST

START_TEST(first_url_404_gives_1)
{
    ck_assert_int_eq(status_of(IT_ARGS(it_url("/status/404"), it_url("/size?n=2"))), 1);
}
END_TEST

START_TEST(last_url_404_gives_1)
{
    ck_assert_int_eq(status_of(IT_ARGS(it_url("/size?n=2"), it_url("/status/404"))), 1);
}
END_TEST

START_TEST(accepted_404_gives_0)
{
    ck_assert_int_eq(status_of(IT_ARGS("--accept", "404", it_url("/status/404"))), 0);
}
END_TEST

START_TEST(refused_only_gives_75)
{
    ck_assert_int_eq(status_of(IT_ARGS(refused())), 75);
}
END_TEST

START_TEST(refused_and_ok_gives_75)
{
    ck_assert_int_eq(status_of(IT_ARGS(refused(), it_url("/size?n=1"))), 75);
}
END_TEST

START_TEST(refused_and_404_gives_1)
{
    ck_assert_int_eq(status_of(IT_ARGS(refused(), it_url("/status/404"))), 1);
}
END_TEST

START_TEST(timeouts_only_give_75)
{
    ck_assert_int_eq(
        status_of(IT_ARGS("-m", "1", "--retry", "1", it_url("/hang?1"), it_url("/hang?2"))), 75);
}
END_TEST

START_TEST(status_503_only_gives_75)
{
    ck_assert_int_eq(status_of(IT_ARGS(it_url("/status/503"))), 75);
}
END_TEST

START_TEST(status_501_gives_1)
{
    ck_assert_int_eq(status_of(IT_ARGS(it_url("/status/501"))), 1);
}
END_TEST

START_TEST(invalid_line_gives_1)
{
    ck_assert_int_eq(status_of(IT_ARGS(it_url("/size?n=1"), "ftp://127.0.0.1/")), 1);
}
END_TEST

START_TEST(unknown_option_gives_2_and_fetches_nothing)
{
    ck_assert_int_eq(status_of(IT_ARGS("--no-such-option", it_url("/size?n=1"))), 2);
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

START_TEST(missing_list_gives_2_names_it_and_fetches_nothing)
{
    struct it_run run = it_haul(IT_ARGS(it_url("/size?n=1"), "-i", it_path("no-such-list")));

    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "no-such-list"));
    ck_assert_str_eq(run.out, "");
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

START_TEST(empty_list_gives_0)
{
    struct it_run run;

    it_write(it_path("empty"), "", 0);
    run = it_haul(IT_ARGS("-i", it_path("empty")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.out, "");
    it_check_equation(run.err, 0);
}
END_TEST

START_TEST(help_and_version_give_0)
{
    struct it_run help = it_haul(IT_ARGS("--help")), version = it_haul(IT_ARGS("--version"));

    ck_assert_int_eq(help.status, 0);
    ck_assert_ptr_nonnull(strstr(help.out, "--jobs"));
    ck_assert_int_eq(version.status, 0);
    ck_assert_ptr_nonnull(strstr(version.out, "libcurl"));
}
END_TEST

/* ---- a report that cannot be written ---- */

START_TEST(full_device_gives_3_and_says_so)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct it_run run =
        it_call(&(struct it_call){.argv = IT_ARGS(it_url("/size?n=1")), .output = full});

    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, "report cannot be written") != NULL, "%s", run.err);
    (void)close(full);
}
END_TEST

START_TEST(full_device_as_report_file_gives_3)
{
    struct it_run run = it_haul(IT_ARGS("-o", "/dev/full", it_url("/size?n=1")));

    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, "cannot be written") != NULL, "%s", run.err);
}
END_TEST

static void close_stdout(void)
{
    (void)close(STDOUT_FILENO);
}

START_TEST(closed_output_gives_3)
{
    struct it_run run =
        it_call(&(struct it_call){.argv = IT_ARGS(it_url("/size?n=1")), .prepare = close_stdout});

    ck_assert_int_eq(run.status, 3);
}
END_TEST

START_TEST(reader_that_goes_away_gives_3_and_ends_the_run)
{
    struct it_process *process = it_start(
        &(struct it_call){.argv = IT_ARGS("-j", "2", "--format", "jsonl"), .keep_input = true});
    struct it_run run;

    it_send(process, it_text("%s\n", it_url("/size?n=1")));
    it_await_output(process, "/size?n=1");
    it_close_output(process);
    for (int i = 0; i < 100; i++)
        it_send(process, it_text("%s\n", it_url("/size?n=2&i=%d", i)));
    run = it_finish(process);
    ck_assert_int_eq(run.signal, 0);
    ck_assert_int_eq(run.status, 3);
}
END_TEST

START_TEST(closed_output_while_input_stays_open_ends_the_run)
{
    int pipe_end[2];
    struct it_process *process;
    int64_t since_ms = it_now_ms();

    ck_assert_int_eq(pipe2(pipe_end, O_CLOEXEC), 0);
    process = it_start(&(struct it_call){
        .argv = IT_ARGS("--format", "jsonl"), .keep_input = true, .output = pipe_end[1]});
    (void)close(pipe_end[0]);
    (void)close(pipe_end[1]);
    it_send(process, it_text("%s\n", it_url("/size?n=1")));
    while (!it_has_ended(process))
        it_pause(since_ms, "the end of a run without a reader");
    ck_assert_int_eq(it_finish(process).status, 3);
}
END_TEST

START_TEST(report_in_missing_directory_gives_3_and_names_the_path)
{
    const char *path = it_path("no-such-directory/report");
    struct it_run run = it_haul(IT_ARGS("-o", path, it_url("/size?n=1")));

    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, path) != NULL, "%s", run.err);
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

START_TEST(report_that_is_a_directory_gives_3)
{
    const char *path = it_path("directory");
    struct it_run run;

    ck_assert_int_eq(mkdir(path, 0700), 0);
    run = it_haul(IT_ARGS("-o", path, it_url("/size?n=1")));
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, path) != NULL, "%s", run.err);
}
END_TEST

START_TEST(failed_run_leaves_the_old_report_alone)
{
    const char *path = it_path("old-report");
    struct it_run run;

    it_write(path, "old\n", 4);
    run = it_haul(IT_ARGS("-o", path, "-i", it_path("no-such-list")));
    ck_assert_int_eq(run.status, 2);
    ck_assert_str_eq(it_read(path, NULL), "old\n");
    run = it_haul(IT_ARGS("-o", path, it_url("/size?n=1")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(it_read(path, NULL), "/size?n=1"));
}
END_TEST

/* ---- signals ---- */

static const struct {
    int number, status;
} signals[] = {{SIGTERM, 143}, {SIGINT, 130}, {SIGHUP, 129}};

START_TEST(signal_gives_128_and_its_number)
{
    struct it_process *process = it_start(
        &(struct it_call){.argv = IT_ARGS("--grace", "0.1", "--format", "jsonl", it_url("/hang"))});
    struct it_run run;

    it_await_requests(1);
    it_signal(process, signals[_i].number);
    run = it_finish(process);
    ck_assert_int_eq(run.status, signals[_i].status);
    ck_assert_uint_eq(json_array_size(it_rows(run.out)), 1);
}
END_TEST

START_TEST(signal_goes_before_failures)
{
    struct it_process *process =
        it_start(&(struct it_call){.argv = IT_ARGS("--grace", "0.1", "--format", "jsonl",
                                                   it_url("/status/404"), it_url("/hang"))});

    it_await_requests(2);
    it_await_output(process, "/status/404");
    it_signal(process, SIGTERM);
    ck_assert_int_eq(it_finish(process).status, 143);
}
END_TEST

static void add_statuses(TCase *tcase)
{
    tcase_add_test(tcase, all_ok_gives_0);
    tcase_add_test(tcase, first_url_404_gives_1);
    tcase_add_test(tcase, last_url_404_gives_1);
    tcase_add_test(tcase, accepted_404_gives_0);
    tcase_add_test(tcase, refused_only_gives_75);
    tcase_add_test(tcase, refused_and_ok_gives_75);
    tcase_add_test(tcase, refused_and_404_gives_1);
    tcase_add_test(tcase, timeouts_only_give_75);
    tcase_add_test(tcase, status_503_only_gives_75);
    tcase_add_test(tcase, status_501_gives_1);
    tcase_add_test(tcase, invalid_line_gives_1);
    tcase_add_test(tcase, unknown_option_gives_2_and_fetches_nothing);
    tcase_add_test(tcase, missing_list_gives_2_names_it_and_fetches_nothing);
    tcase_add_test(tcase, empty_list_gives_0);
    tcase_add_test(tcase, help_and_version_give_0);
}

/* ---- calls that are not what was meant ---- */

static const char *list_of_one(const char *name)
{
    const char *path = it_path(name), *text = it_text("%s\n", it_url("/size?n=1"));

    it_write(path, text, strlen(text));
    return path;
}

static void check_list_is_kept(const char *option, const char *value)
{
    const char *list = list_of_one("kept");
    struct it_run run =
        it_haul(IT_ARGS("-i", list, option, *value ? it_text("%s%s", value, list) : list));

    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "is to be read, and would be overwritten"));
    ck_assert_str_eq(it_read(list, NULL), it_text("%s\n", it_url("/size?n=1")));
}

START_TEST(list_as_place_of_a_report_gives_2_and_is_kept)
{
    check_list_is_kept("-o", "");
    check_list_is_kept("--report", "json:");
    check_list_is_kept("--save-failed", "");
}
END_TEST

START_TEST(list_as_place_by_another_name_gives_2_and_is_kept)
{
    const char *list = list_of_one("one"), *other = it_path("other");

    ck_assert_int_eq(link(list, other), 0);
    ck_assert_int_eq(it_haul(IT_ARGS("-i", list, "-o", other)).status, 2);
    ck_assert_int_gt((int)strlen(it_read(list, NULL)), 0);
}
END_TEST

START_TEST(journal_as_place_of_its_own_report_gives_2_and_is_kept)
{
    const char *journal = it_path("journal"), *before;

    ck_assert_int_eq(it_haul(IT_ARGS("--journal", journal, it_url("/size?n=1"))).status, 0);
    before = it_read(journal, NULL);
    ck_assert_int_eq(it_haul(IT_ARGS("report", journal, "-o", journal)).status, 2);
    ck_assert_str_eq(it_read(journal, NULL), before);
}
END_TEST

START_TEST(file_named_as_a_url_is_pointed_out)
{
    const char *list = list_of_one("urls.txt");
    struct it_run run = it_haul(IT_ARGS("--retry", "0", "--deny-net", "0.0.0.0/0,::/0", list));

    ck_assert_ptr_nonnull(strstr(run.err, "urls.txt: taken as a URL, but there is a file of that "
                                          "name; a list is written @FILE or -i FILE"));
    run = it_haul(IT_ARGS(it_text("@%s", list)));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_null(strstr(run.err, "taken as a URL"));
    run = it_haul(IT_ARGS("report", list));
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_null(strstr(run.err, "taken as a URL"));
}
END_TEST

START_TEST(end_of_max_duration_is_said)
{
    struct it_run run = it_haul(IT_ARGS("-j", "1", "--max-duration", "100ms", "--grace", "0",
                                        it_url("/hang"), it_url("/hang")));

    ck_assert_int_eq(run.status, 75);
    ck_assert_ptr_nonnull(strstr(run.err, "the time of --max-duration is over"));
}
END_TEST

START_TEST(keep_without_history_gives_2)
{
    struct it_run run = it_haul(IT_ARGS("--keep", "5", it_url("/size?n=1")));

    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "--keep needs --history FILE"));
}
END_TEST

static void add_slips(TCase *tcase)
{
    tcase_add_test(tcase, list_as_place_of_a_report_gives_2_and_is_kept);
    tcase_add_test(tcase, list_as_place_by_another_name_gives_2_and_is_kept);
    tcase_add_test(tcase, journal_as_place_of_its_own_report_gives_2_and_is_kept);
    tcase_add_test(tcase, file_named_as_a_url_is_pointed_out);
    tcase_add_test(tcase, end_of_max_duration_is_said);
    tcase_add_test(tcase, keep_without_history_gives_2);
}

int main(void)
{
    Suite *suite = suite_create("exit");
    TCase *tcase = tcase_create("exit");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    add_statuses(tcase);
    add_slips(tcase);
    tcase_add_test(tcase, full_device_gives_3_and_says_so);
    tcase_add_test(tcase, full_device_as_report_file_gives_3);
    tcase_add_test(tcase, closed_output_gives_3);
    tcase_add_test(tcase, reader_that_goes_away_gives_3_and_ends_the_run);
    tcase_add_test(tcase, closed_output_while_input_stays_open_ends_the_run);
    tcase_add_test(tcase, report_in_missing_directory_gives_3_and_names_the_path);
    tcase_add_test(tcase, report_that_is_a_directory_gives_3);
    tcase_add_test(tcase, failed_run_leaves_the_old_report_alone);
    tcase_add_loop_test(tcase, signal_gives_128_and_its_number, 0, 3);
    tcase_add_test(tcase, signal_goes_before_failures);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
