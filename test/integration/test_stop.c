#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/* Stopping: whatever happens, every line that was read has its row. */

static const char *gate_list(const char *name, int count)
{
    const char *path = it_path(name);
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (int i = 0; i < count; i++)
        haul_buf_addf(&list, "%s\n", it_url("/gate?name=%s&i=%d", name, i));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

/*
 * The window is one smaller than the list: its last line comes out as pending as soon as the signal
 * has been seen, so that a test knows. What was admitted comes out when a worker has time for it.
 */
static struct it_process *start(int jobs, const char *grace, const char *name, int count)
{
    const char *list = gate_list(name, count);

    return it_start(&(struct it_call){.argv = IT_ARGS("-j", it_text("%d", jobs), "--grace", grace,
                                                      "--window", it_text("%d", count - 1),
                                                      "--format", "jsonl", "-i", list)});
}

static void check_rows(const struct it_run *run, size_t lines, size_t ok)
{
    const json_t *rows = it_rows(run->out);

    ck_assert_uint_eq(json_array_size(rows), lines);
    ck_assert_uint_eq(it_count(rows, "ok"), ok);
    ck_assert_uint_eq(it_count(rows, "pending"), lines - ok);
    it_check_equation(run->err, lines);
}

START_TEST(in_flight_may_finish_after_the_first_signal)
{
    struct it_process *process = start(4, "50", "drain", 20);
    struct it_run run;

    it_await_gate("drain", 4);
    it_signal(process, SIGTERM);
    it_await_output(process, "pending");
    it_open_gate("drain");
    run = it_finish(process);
    ck_assert_int_eq(run.status, 143);
    check_rows(&run, 20, 4);
    ck_assert_int_eq(it_stat("requests"), 4);
}
END_TEST

START_TEST(in_flight_become_pending_when_the_grace_is_over)
{
    struct it_process *process = start(4, "1", "grace", 20);
    int64_t begun_ms;
    struct it_run run;

    it_await_gate("grace", 4);
    begun_ms = it_now_ms();
    it_signal(process, SIGTERM);
    run = it_finish(process);
    ck_assert_int_ge(it_now_ms() - begun_ms, 900);
    ck_assert_int_eq(run.status, 143);
    check_rows(&run, 20, 0);
    ck_assert_int_eq(it_stat("requests"), 4);
}
END_TEST

START_TEST(second_signal_ends_it_at_once)
{
    struct it_process *process = start(4, "1h", "second", 20);
    struct it_run run;

    it_await_gate("second", 4);
    it_signal(process, SIGTERM);
    it_await_output(process, "pending");
    it_signal(process, SIGTERM);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 143);
    check_rows(&run, 20, 0);
}
END_TEST

START_TEST(second_signal_of_another_kind_does_not_change_the_status)
{
    struct it_process *process = start(2, "1h", "kind", 6);
    struct it_run run;

    it_await_gate("kind", 2);
    it_signal(process, SIGINT);
    it_await_output(process, "pending");
    it_signal(process, SIGTERM);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 130);
    check_rows(&run, 6, 0);
}
END_TEST

START_TEST(signal_while_waiting_for_more_input_ends_it)
{
    struct it_process *process =
        it_start(&(struct it_call){.argv = IT_ARGS("--format", "jsonl"), .keep_input = true});
    int64_t since_ms = it_now_ms();
    struct it_run run;

    it_send(process, it_text("%s\n%s\n", it_url("/size?n=1"), it_url("/size?n=2")));
    it_await_output(process, "/size?n=1");
    it_await_output(process, "/size?n=2");
    it_signal(process, SIGTERM);
    while (!it_has_ended(process))
        it_pause(since_ms, "the end of a run whose input stays open");
    run = it_finish(process);
    ck_assert_int_eq(run.status, 143);
    check_rows(&run, 2, 2);
}
END_TEST

START_TEST(signal_before_any_input_ends_it)
{
    struct it_process *process =
        it_start(&(struct it_call){.argv = IT_ARGS(it_url("/size?n=3"), "-"), .keep_input = true});
    int64_t since_ms = it_now_ms();

    it_await_output(process, "/size?n=3");
    it_signal(process, SIGINT);
    while (!it_has_ended(process))
        it_pause(since_ms, "the end of a run whose input stays open");
    ck_assert_int_eq(it_finish(process).status, 130);
}
END_TEST

START_TEST(signal_while_connecting_ends_it)
{
    const char *url = it_text("http://127.0.0.1:%d/", it_port("blackhole"));
    struct it_process *process =
        it_start(&(struct it_call){.argv = IT_ARGS("--grace", "0.2", "--connect-timeout", "1h",
                                                   "--format", "jsonl", it_url("/size?n=1"), url)});
    struct it_run run;

    it_await_output(process, "/size?n=1");
    it_signal(process, SIGTERM);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 143);
    check_rows(&run, 2, 1);
}
END_TEST

START_TEST(long_queue_is_given_up_whole)
{
    struct it_process *process = start(64, "50", "long", 1000);
    struct it_run run;

    it_await_gate("long", 64);
    it_signal(process, SIGTERM);
    it_await_output(process, "pending");
    it_open_gate("long");
    run = it_finish(process);
    ck_assert_int_eq(run.status, 143);
    check_rows(&run, 1000, 64);
    ck_assert_int_eq(it_stat("requests"), 64);
}
END_TEST

START_TEST(more_than_the_window_is_accounted_for)
{
    struct it_process *process = it_start(
        &(struct it_call){.argv = IT_ARGS("-j", "2", "--window", "5", "--grace", "0.1", "--format",
                                          "jsonl", "-i", gate_list("window", 300))});
    struct it_run run;

    it_await_gate("window", 2);
    it_signal(process, SIGTERM);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 143);
    check_rows(&run, 300, 0);
}
END_TEST

START_TEST(report_file_of_a_stopped_run_is_complete)
{
    const char *path = it_path("stopped-report");
    struct it_process *process =
        it_start(&(struct it_call){.argv = IT_ARGS("-j", "2", "--grace", "0.1", "--format", "jsonl",
                                                   "-o", path, "-i", gate_list("file", 30))});
    struct it_run run;

    it_await_gate("file", 2);
    it_signal(process, SIGTERM);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 143);
    ck_assert_str_eq(run.out, "");
    run.out = it_read(path, NULL);
    check_rows(&run, 30, 0);
}
END_TEST

START_TEST(rows_held_back_come_out_in_order)
{
    struct it_process *process = it_start(&(struct it_call){
        .argv = IT_ARGS("-j", "2", "--grace", "0.1", "--format", "jsonl", "--order", "input",
                        it_url("/gate?name=order"), it_url("/size?n=1"), it_url("/size?n=2"))});
    const json_t *rows;
    struct it_run run;

    it_await_requests(3);
    it_signal(process, SIGTERM);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 143);
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(it_int(json_array_get(rows, i), "line"), (json_int_t)i + 1);
}
END_TEST

/* A pipe holds 64 KiB, and the harness reads it only while it waits for something in it. */
START_TEST(report_that_nobody_reads_is_ended_by_the_third_signal)
{
    /* More rows than pipe and buffers take, and fewer than these and the results queue do. */
    enum { URLS = 2000, STUCK = 300 };
    struct it_process *process = it_start(&(struct it_call){
        .argv = IT_ARGS("-j", "2", "--format", "jsonl", "-i", gate_list("unread", URLS))});
    int64_t since_ms = it_now_ms();
    siginfo_t info = {0};
    struct it_run run;

    it_open_gate("unread");
    it_await_requests(STUCK);
    while (info.si_pid != it_pid(process)) {
        it_signal(process, SIGINT);
        it_pause(since_ms, "the end of a run whose report is not read");
        ck_assert_int_eq(waitid(P_PID, (id_t)it_pid(process), &info, WEXITED | WNOHANG | WNOWAIT),
                         0);
    }
    run = it_finish(process);
    ck_assert_int_eq(run.signal, SIGINT);
}
END_TEST

/* As under nohup(1). */
START_TEST(signal_that_was_ignored_before_stays_ignored)
{
    struct it_process *process;
    struct it_run run;

    (void)signal(SIGHUP, SIG_IGN);
    process = it_start(
        &(struct it_call){.argv = IT_ARGS("-j", "1", "--format", "jsonl",
                                          it_url("/gate?name=nohup"), it_url("/size?n=1"))});
    (void)signal(SIGHUP, SIG_DFL);
    it_await_gate("nohup", 1);
    it_signal(process, SIGHUP);
    it_open_gate("nohup");
    run = it_finish(process);
    ck_assert_int_eq(run.status, 0);
    check_rows(&run, 2, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stop");
    TCase *tcase = tcase_create("stop");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, in_flight_may_finish_after_the_first_signal);
    tcase_add_test(tcase, in_flight_become_pending_when_the_grace_is_over);
    tcase_add_test(tcase, second_signal_ends_it_at_once);
    tcase_add_test(tcase, second_signal_of_another_kind_does_not_change_the_status);
    tcase_add_test(tcase, signal_while_waiting_for_more_input_ends_it);
    tcase_add_test(tcase, signal_before_any_input_ends_it);
    tcase_add_test(tcase, signal_while_connecting_ends_it);
    tcase_add_test(tcase, long_queue_is_given_up_whole);
    tcase_add_test(tcase, more_than_the_window_is_accounted_for);
    tcase_add_test(tcase, report_file_of_a_stopped_run_is_complete);
    tcase_add_test(tcase, rows_held_back_come_out_in_order);
    tcase_add_test(tcase, report_that_nobody_reads_is_ended_by_the_third_signal);
    tcase_add_test(tcase, signal_that_was_ignored_before_stays_ignored);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
