#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "batch.h"
#include "reader.h"

/*
 * A host that must wait does not hold up the others, wherever its URLs stand in the list, and what
 * is spilled for it comes back: in order, whatever happens in between.
 *
 * The slow host stands at a gate, or pauses for minutes. So what is done meanwhile was not only
 * lucky.
 */

enum { SLOW = 500, OTHERS = 200, ADDRESSES = 20, ALL = SLOW + OTHERS };

static void begin_server(void)
{
    it_begin_server_with(IT_ARGS("--addresses", it_text("%d", ADDRESSES)));
}

static void add_others(const char *path)
{
    for (int i = 0; i < OTHERS; i++)
        add(it_text("http://127.0.1.%d:%d%s&i=%d", i % ADDRESSES + 1, it_port("many"), path, i));
}

/* The slow host's lines, then the others'. */
static const char *make_list(const char *first, const char *path)
{
    begin_list();
    add(it_url("%s", first));
    for (int i = 1; i < SLOW; i++)
        add(it_url("%s&i=%d", path, i));
    add_others("/size?n=3");
    return end_list();
}

static void check_order_of_slow(const char *path)
{
    const json_t *log = it_log(path);
    int last = 0;

    for (size_t i = 0; i < json_array_size(log); i++) {
        const char *asked = it_str(json_array_get(log, i), "path");
        const char *number = strstr(asked, "&i=");
        int at;

        if (!number || !strstr(asked, "slow=1"))
            continue;
        ck_assert_int_eq(sscanf(number, "&i=%d", &at), 1);
        ck_assert_int_gt(at, last);
        last = at;
    }
}

static struct it_run open_and_finish(struct it_process *process)
{
    it_open_gate(gate_name());
    return it_finish(process);
}

/* ---- the others are done first ---- */

static const char *const at_the_gate[] = {
    "--window 8 -j 2 --per-host 1",
    "--window 8 -j 16 --per-host 1",
    "--window 8 -j 64 --per-host 1",
    "--window 8 -j 1 --streams 8 --per-host 1",
    "--window 100 -j 4 --streams 4 --per-host 1 --unique",
};

START_TEST(others_are_done_before_the_second_of_a_slow_host)
{
    struct it_process *process =
        start(at_the_gate[_i], make_list(it_text("%s&slow=0", gate()), "/size?n=3&slow=1"));
    struct it_run done;

    it_await_requests(OTHERS + 1);
    ck_assert_uint_eq(json_array_size(it_log("/size")), OTHERS);
    done = open_and_finish(process);
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), ALL);
    check_order_of_slow("/size");
}
END_TEST

/*
 * The list is read on a pipe that says nothing more: it is left for what is spilled. The report
 * goes to a file, for nobody reads a pipe while others are waited for.
 */
START_TEST(list_that_stalls_is_left_for_a_refill)
{
    const char *report = it_path("report"),
               *list = it_read(make_list(it_text("%s&slow=0", gate()), "/size?n=3&slow=1"), NULL);
    struct it_process *process =
        it_start(&(struct it_call){.argv = IT_ARGS("--window", "4", "-j", "4", "--per-host", "1",
                                                   "--format", "jsonl", "-o", report, "-i", "-"),
                                   .keep_input = true});
    struct it_run done;

    it_send(process, list);
    it_await_requests(OTHERS);
    it_open_gate(gate_name());
    it_await_requests(ALL);
    it_close_input(process);
    done = it_finish(process);
    ck_assert_int_eq(done.status, 0);
    it_check_equation(done.err, ALL);
    ck_assert_uint_eq(it_count(it_rows(it_read(report, NULL)), "ok"), ALL);
}
END_TEST

/* The others are done before the sitemap comes, which is none. */
START_TEST(sitemap_that_stalls_does_not_hold_up_what_is_spilled)
{
    struct it_process *process;
    const char *list;
    struct it_run done;

    begin_list();
    for (int i = 0; i < OTHERS; i++)
        add(it_url("/size?n=3&i=%d", i));
    list = end_list();
    process = start(it_text("--window 8 -j 4 --rate-per-host 500/s -i %s --sitemap "
                            "http://127.0.1.1:%d%s&timeout=60000",
                            list, it_port("many"), gate()),
                    "/dev/null");
    it_await_requests(OTHERS + 1);
    ck_assert_uint_eq(json_array_size(it_log("/size")), OTHERS);
    done = open_and_finish(process);
    ck_assert_uint_eq(it_count(it_rows(done.out), "ok"), OTHERS);
}
END_TEST

/* ---- a reader that stops ---- */

/* More rows than pipe, buffer, results queue and a batch of spilled jobs take. */
enum { UNREAD = 4000 };

START_TEST(spilled_jobs_wait_for_the_reader_of_the_report)
{
    struct reader reader;
    struct it_process *process;
    struct it_run done;

    begin_list();
    add(it_url("%s", gate()));
    for (int i = 1; i < UNREAD; i++)
        add(it_url("/size?n=3&i=%d", i));
    add(it_text("http://127.0.1.1:%d/size?n=3", it_port("many")));
    process = reader_start(&reader, "--window 8 -j 2 --per-host 1", end_list());
    it_await_requests(2);
    it_open_gate(gate_name());
    reader_await_standstill(&reader, process, 1000);
    ck_assert_int_lt(it_stat("requests"), UNREAD);
    done = reader_finish(&reader, process);
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), UNREAD + 1);
}
END_TEST

/* ---- limits of the spill ---- */

START_TEST(without_a_spill_the_window_is_full)
{
    struct it_process *process = start("--window 8 -j 4 --per-host 1 --spill-max 0",
                                       make_list(it_text("%s&slow=0", gate()), "/size?n=3&slow=1"));
    int64_t since_ms = it_now_ms();
    struct it_run done;

    it_await_gate(gate_name(), 1);
    for (int i = 0; i < 20; i++) { /* the worker that finds nothing comes in its own time */
        it_signal(process, SIGUSR1);
        it_pause(since_ms, "the window");
    }
    it_await_error(process, "window full");
    ck_assert_uint_eq(json_array_size(it_log("/size")), 0);
    done = open_and_finish(process);
    ck_assert_int_eq(done.status, 0);
    ck_assert_ptr_null(strstr(done.err, "spilled"));
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), ALL);
}
END_TEST

START_TEST(spill_that_is_full_is_told_once_and_loses_nothing)
{
    const char *told = "no more URLs of hosts that must wait are spilled", *said;
    struct it_process *process = start("--window 8 -j 4 --per-host 1 --spill-max 1",
                                       make_list(it_text("%s&slow=0", gate()), "/size?n=3&slow=1"));
    struct it_run done;

    it_await_error(process, told);
    done = open_and_finish(process);
    ck_assert_int_eq(done.status, 0);
    said = strstr(done.err, told);
    ck_assert_ptr_nonnull(said);
    ck_assert_ptr_null(strstr(said + 1, told));
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), ALL);
    check_order_of_slow("/size");
}
END_TEST

START_TEST(status_says_what_is_spilled)
{
    struct it_process *process = start("--window 8 -j 4 --per-host 1",
                                       make_list(it_text("%s&slow=0", gate()), "/size?n=3&slow=1"));
    struct it_run done;

    it_await_requests(OTHERS + 1);
    it_signal(process, SIGUSR1);
    it_await_error(process, it_text("127.0.0.1:%d: ", it_port("http")));
    done = open_and_finish(process);
    ck_assert_int_eq(done.status, 0);
    ck_assert_ptr_nonnull(strstr(done.err, "spilled, "));
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), ALL);
}
END_TEST

/* ---- stopped, and gone on with ---- */

static const char *const workers[] = {"-j 1", "-j 16", "-j 64", "-j 2 --streams 8"};

/* The slow host asks for minutes; its one job is parked, and all its others wait. */
START_TEST(stopped_run_goes_on_where_it_was)
{
    const char *options =
        it_text("--window 8 %s --journal %s", workers[_i], it_path(it_text("journal-%d", _i)));
    const char *path = make_list("/retry-after?v=500&code=503&n=1", "/size?n=3&slow=1");
    struct it_process *process = start(it_text("%s --per-host 1", options), path);
    struct it_run done;
    const json_t *rows;

    it_await_requests(OTHERS + 1);
    it_signal(process, SIGTERM);
    done = it_finish(process);
    ck_assert_int_eq(done.status, 128 + SIGTERM);
    rows = check_rows(&done);
    ck_assert_uint_eq(it_count(rows, "ok") + it_count(rows, "pending"), ALL);
    ck_assert_uint_ge(it_count(rows, "pending"), SLOW);
    done = run(it_text("%s --resume", options), path);
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), ALL);
}
END_TEST

/* ---- jobs with more to them ---- */

START_TEST(spilled_jobs_are_saved_and_tried_again)
{
    const char *dir = it_path("saved"), *path;
    struct it_process *process;
    struct it_run done;

    begin_list();
    add(it_url("%s", gate()));
    for (int i = 1; i < 100; i++)
        add(it_url("/flaky?n=1&mode=reset&key=%d", i));
    add_others("/size?n=3");
    path = end_list();
    process = start(it_text("--window 8 -j 4 --per-host 1 --retry 2 --retry-delay 1ms -d %s "
                            "--name url",
                            dir),
                    path);
    it_await_requests(OTHERS + 1);
    done = open_and_finish(process);
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 100 + OTHERS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("window");
    TCase *tcase = tcase_create("window");

    tcase_add_unchecked_fixture(tcase, begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_loop_test(tcase, others_are_done_before_the_second_of_a_slow_host, 0,
                        sizeof at_the_gate / sizeof *at_the_gate);
    tcase_add_test(tcase, list_that_stalls_is_left_for_a_refill);
    tcase_add_test(tcase, sitemap_that_stalls_does_not_hold_up_what_is_spilled);
    tcase_add_test(tcase, spilled_jobs_wait_for_the_reader_of_the_report);
    tcase_add_test(tcase, without_a_spill_the_window_is_full);
    tcase_add_test(tcase, spill_that_is_full_is_told_once_and_loses_nothing);
    tcase_add_test(tcase, status_says_what_is_spilled);
    tcase_add_loop_test(tcase, stopped_run_goes_on_where_it_was, 0, 4);
    tcase_add_test(tcase, spilled_jobs_are_saved_and_tried_again);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
