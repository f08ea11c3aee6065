#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "servers.h"

/*
 * Name servers that say nothing. HAUL_MUTEDNS is the library of mutedns.c: preloaded, look-ups
 * never end. libcurl looks names up in threads of its own; a transfer, and the process, must not
 * wait for them.
 */

enum {
    LIMIT_MS = 2000,
    PATIENCE_MS = 20000 /* far below "for ever", and far above what a busy machine adds */
};

static struct it_process *start(const char *const *argv)
{
    return it_start(
        &(struct it_call){.argv = argv,
                          .env = IT_ARGS(it_text("LD_PRELOAD=%s", getenv("HAUL_MUTEDNS")),
                                         "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0")});
}

static void check_timeout(const json_t *row)
{
    ck_assert_str_eq(it_verdict(row), "failed timeout");
    ck_assert_int_eq(it_int(row, "num_connects"), 0);
}

static void check_time(const struct it_run *run, int64_t least_ms)
{
    ck_assert_int_ge(run->wall_ms, least_ms);
    ck_assert_int_lt(run->wall_ms, PATIENCE_MS);
}

static const struct {
    const char *option, *value;
} limits[] = {{"--connect-timeout", "2"}, {"-m", "2"}};

START_TEST(silent_name_server_does_not_stretch_a_timeout)
{
    struct it_run run = it_finish(start(IT_ARGS(limits[_i].option, limits[_i].value, "--retry", "0",
                                                "--format", "jsonl", "http://mute.test/")));

    check_timeout(json_array_get(it_rows(run.out), 0));
    ck_assert_int_eq(run.status, 75);
    check_time(&run, LIMIT_MS);
}
END_TEST

/* More names than workers: each look-up that was given up leaves a thread behind. */
START_TEST(silent_name_server_does_not_hold_up_the_next_name)
{
    struct it_run run = it_finish(
        start(IT_ARGS("-j", "4", "-m", "1", "--retry", "0", "--format", "jsonl", "--order", "input",
                      "http://a.test/", "http://b.test/", "http://c.test/", "http://d.test/",
                      "http://e.test/", "http://f.test/", "http://g.test/", "http://h.test/")));
    const json_t *rows = it_rows(run.out);

    ck_assert_uint_eq(json_array_size(rows), 8);
    for (size_t i = 0; i < 8; i++)
        check_timeout(json_array_get(rows, i));
    it_check_equation(run.err, 8);
    check_time(&run, LIMIT_MS);
}
END_TEST

/* On one worker, the literal address would have to wait for the limit if anything waited. */
START_TEST(silent_name_server_does_not_hold_up_other_hosts)
{
    struct it_process *process = start(
        IT_ARGS("-j", "2", "-m", "60", "--format", "jsonl", "--order", "done", "http://mute.test/",
                it_url("/size?n=5&i=1"), it_url("/size?n=5&i=2"), it_url("/size?n=5&i=3")));
    const json_t *rows;
    struct it_run run;

    it_await_requests(3);
    it_await_output(process, "i=3");
    it_signal(process, SIGTERM);
    it_signal(process, SIGTERM);
    run = it_finish(process);
    rows = it_rows(run.out);
    ck_assert_uint_eq(it_count(rows, "ok"), 3);
    ck_assert_uint_eq(it_count(rows, "pending"), 1);
    check_time(&run, 0);
}
END_TEST

START_TEST(signal_during_look_ups_ends_the_run)
{
    struct it_process *process =
        start(IT_ARGS("-j", "4", "--grace", "1", "--format", "jsonl", it_url("/size?n=5"),
                      "http://a.test/", "http://b.test/", "http://c.test/", "http://d.test/"));
    struct it_run run;

    it_await_output(process, "size?n=5");
    it_signal(process, SIGTERM);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 143);
    ck_assert_uint_eq(it_count(it_rows(run.out), "pending"), 4);
    it_check_equation(run.err, 5);
    check_time(&run, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dns");
    TCase *tcase = tcase_create("dns");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, silent_name_server_does_not_stretch_a_timeout, 0, 2);
    tcase_add_test(tcase, silent_name_server_does_not_hold_up_the_next_name);
    tcase_add_test(tcase, silent_name_server_does_not_hold_up_other_hosts);
    tcase_add_test(tcase, signal_during_look_ups_ends_the_run);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
