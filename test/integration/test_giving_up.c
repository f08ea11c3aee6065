#include <signal.h>

#include "batch.h"

/*
 * When an origin is given up, and when the whole batch: no URL is lost then, wherever it is. And
 * what a run says of itself meanwhile.
 */

/* ---- giving up ---- */

START_TEST(origin_that_cannot_be_reached_is_given_up)
{
    struct it_run done;
    const json_t *rows;
    size_t tried;

    begin_list();
    for (int i = 0; i < 50; i++) {
        add(it_url("/size?n=1&i=%d", i));
        add(refused_url(i));
        add(second_url(it_text("/size?n=1&i=%d", i)));
    }
    done = run("-j 4 --host-fail-limit 5", end_list());
    ck_assert_int_eq(done.status, 75);
    rows = check_rows(&done);
    tried = count_verdicts(rows, "failed connect");
    ck_assert_uint_eq(it_count(rows, "ok"), 100);
    ck_assert_uint_ge(tried, 5);
    ck_assert_uint_le(tried, 5 + 3); /* those under way */
    ck_assert_uint_eq(count_verdicts(rows, "skipped host-down"), 50 - tried);
}
END_TEST

START_TEST(limit_of_zero_never_gives_up)
{
    struct it_run done;

    begin_list();
    for (int i = 0; i < 30; i++)
        add(refused_url(i));
    done = run("-j 4 --host-fail-limit 0", end_list());
    ck_assert_uint_eq(count_verdicts(check_rows(&done), "failed connect"), 30);
}
END_TEST

/* An answer of any kind begins the count anew. */
START_TEST(bad_answers_are_no_failures_to_reach)
{
    struct it_run done;

    begin_list();
    add_many("/status/404?x=1", 20);
    done = run("-j 2 --host-fail-limit 2", end_list());
    ck_assert_uint_eq(count_verdicts(check_rows(&done), "failed http-404"), 20);
}
END_TEST

/* What is parked for an hour comes out, too; it was tried, and has failed. */
START_TEST(parked_urls_of_an_origin_given_up_are_reported)
{
    struct it_run done;
    const json_t *rows;

    begin_list();
    for (int i = 0; i < 6; i++)
        add(refused_url(i));
    done = run("-j 1 --host-fail-limit 3 --retry-connrefused --retry-delay 1h", end_list());
    rows = check_rows(&done);
    ck_assert_uint_eq(count_verdicts(rows, "failed connect"), 3);
    ck_assert_uint_eq(count_verdicts(rows, "skipped host-down"), 3);
}
END_TEST

/* ---- one incident ---- */

static const struct {
    const char *options;
    int at_a_time;
    int connecting; /* at least so many of these connect at the same time, more than LIMIT */
} pools[] = {{"-j 1", 1, 1}, {"-j 16", 16, 12}, {"-j 2 --streams 8", 16, 1}, {"-j 64", 64, 12}};
enum { POOLS = sizeof pools / sizeof *pools, LIMIT = 10, STANDING_URLS = 200 };

/* All connect, and nobody answers: the server stands still until all of the first have failed. */
static struct it_process *start_standing_still(const char *options, int connecting)
{
    struct it_process *process;

    begin_list();
    for (int i = 0; i < STANDING_URLS; i++)
        add(it_text("https://127.0.0.1:%d/size?n=1&i=%d", it_port("tls"), i));
    it_signal_server(SIGSTOP);
    process =
        start(it_text("-k --retry 0 --connect-timeout 3 --host-fail-limit %d %s", LIMIT, options),
              end_list());
    it_await_output(process, it_text("i=%d\"", connecting - 1));
    return process;
}

START_TEST(standstill_of_a_moment_is_one_failure)
{
    size_t at_a_time = (size_t)pools[_i].at_a_time, failed;
    struct it_process *process = start_standing_still(pools[_i].options, pools[_i].connecting);
    struct it_run done;
    const json_t *rows;

    it_signal(process, SIGUSR1);
    it_await_error(process, "in a row to reach the host, the last one ");
    it_signal_server(SIGCONT);
    done = it_finish(process);
    ck_assert_int_eq(done.status, 75);
    rows = check_rows(&done);
    failed = count_verdicts(rows, "failed timeout");
    ck_assert_uint_ge(failed, (size_t)pools[_i].connecting);
    ck_assert_uint_lt(failed, at_a_time + LIMIT); /* the others were made one at a time */
    ck_assert_uint_eq(it_count(rows, "ok"), STANDING_URLS - failed);
}
END_TEST

START_TEST(row_of_a_skipped_url_names_the_incident)
{
    struct it_run done;
    const json_t *row;

    begin_list();
    for (int i = 0; i < 4; i++)
        add(refused_url(i));
    done = run("-j 1 --host-fail-limit 3", end_list());
    row = it_row(check_rows(&done), refused_url(3));
    ck_assert_str_eq(it_verdict(row), "skipped host-down");
    ck_assert_ptr_nonnull(strstr(it_str(row, "errormsg"), "3 failures in a row to reach the host"));
    ck_assert_ptr_nonnull(strstr(it_str(row, "errormsg"), " s ago: connect"));
}
END_TEST

/* ---- nothing but 503 ---- */

static const char *const maintenance[] = {"/status/503?x=1", "/retry-after?v=0&code=503",
                                          "/status/429?x=1"};
enum { KINDS = sizeof maintenance / sizeof *maintenance, SITE = 40, STRIKES = 4 };

static void check_skipped(const json_t *rows)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);

        if (strcmp(it_str(row, "outcome"), "skipped") != 0)
            continue;
        ck_assert_str_eq(it_verdict(row), "skipped host-throttled");
        ck_assert_int_eq(it_int(row, "attempts"), 0);
        ck_assert_ptr_nonnull(strstr(it_str(row, "errormsg"), "times in a row 429 or 503"));
    }
}

/* As few requests as are in flight until it is one at a time, and then the incidents of the limit.
 */
START_TEST(site_in_maintenance_is_given_up)
{
    int at_a_time = pools[_i / KINDS].at_a_time < SITE ? pools[_i / KINDS].at_a_time : SITE;
    struct it_run done;
    const json_t *rows;

    begin_list();
    add_many(maintenance[_i % KINDS], SITE);
    done = run(it_text("--retry 3 --retry-delay 1ms --host-fail-limit %d %s", STRIKES,
                       pools[_i / KINDS].options),
               end_list());
    ck_assert_int_eq(done.status, 75);
    rows = check_rows(&done);
    check_skipped(rows);
    ck_assert_uint_eq(it_count(rows, "skipped") + it_count(rows, "failed"), SITE);
    ck_assert_int_le(it_stat("requests"), 2 * at_a_time + STRIKES);
    if (at_a_time == 1)
        ck_assert_uint_eq(it_count(rows, "skipped"), SITE - STRIKES);
}
END_TEST

/* Never tried ones are as good as failed for another run, and for its exit status. */
START_TEST(throttled_site_is_tried_again_in_another_run)
{
    const char *journal = it_path("throttled"), *saved = it_path("throttled.txt");
    const char *options =
                   it_text("-j 1 --retry 0 --host-fail-limit 2 --journal %s --save-failed %s",
                           journal, saved),
               *list;
    struct it_run done;
    const json_t *rows;

    begin_list();
    add_many("/flaky?n=1&code=503", 5);
    list = end_list();
    done = run(options, list);
    ck_assert_int_eq(done.status, 75);
    ck_assert_uint_eq(count_verdicts(check_rows(&done), "skipped host-throttled"), 3);
    ck_assert_ptr_nonnull(strstr(it_read(saved, NULL), "# skipped: host-throttled: "));
    /* Two of them were told so already: those come first. */
    done =
        run(it_text("%s --resume --retry-failed=transient --retry 1 --host-fail-limit 9", options),
            list);
    rows = check_rows_read(&done);
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(rows, "ok"), 5);
}
END_TEST

/* ---- ending early ---- */

/*
 * Two workers. One stands at the gate when the last of `failures` has failed; the other is on its
 * way there, or is halted before it sets out. The window is too small for the list: what the
 * dispatcher still has comes out as pending as soon as the batch is halted, so that the test knows.
 */
static struct it_process *start_halted(const char *options, int good, int failures)
{
    begin_list();
    add(it_url("%s", gate()));
    add_many("/size?n=1", good);
    add_many("/status/404?x=1", failures);
    add_many(gate(), 30);
    return start(it_text("-j 2 --window 10 %s", options), end_list());
}

static const struct {
    const char *when;
    int good, failures;
} halts[] = {{"soon,fail=3", 0, 3}, {"soon,fail=1", 0, 1}, {"soon,fail=3", 30, 3}};

START_TEST(halt_soon_lets_what_is_under_way_finish)
{
    struct it_process *process = start_halted(it_text("--halt %s --grace 1ms", halts[_i].when),
                                              halts[_i].good, halts[_i].failures);
    size_t failures = (size_t)halts[_i].failures, good = (size_t)halts[_i].good, ok;
    struct it_run done;
    const json_t *rows;

    it_await_output(process, "pending");
    it_await_gate(gate_name(), 1);
    it_open_gate(gate_name());
    done = it_finish(process);
    ck_assert_int_eq(done.status, 1);
    rows = check_rows(&done);
    ok = it_count(rows, "ok");
    ck_assert(ok == good + 1 || ok == good + 2);
    ck_assert_uint_eq(it_count(rows, "failed"), failures);
    ck_assert_uint_eq(it_count(rows, "pending"), json_array_size(rows) - ok - failures);
    ck_assert_int_eq(it_stat("requests"), (json_int_t)(ok + failures));
}
END_TEST

static const char *const wide[] = {"-j 8", "-j 64", "-j 2 --streams 8"};
static const int wide_slots[] = {8, 64, 16};

/*
 * Of each hundred the 5 that fail do so first, and at once; all others are under way or wait: these
 * have not failed.
 */
START_TEST(share_of_failures_is_one_of_the_whole_list)
{
    struct it_process *process;
    struct it_run done;
    const json_t *rows;

    begin_list();
    for (int i = 0; i < 4; i++) {
        add_many(it_text("/status/404?x=%d", i), 5);
        add_many(it_text("%s&x=%d", gate(), i), 95);
    }
    process = start(it_text("%s --halt soon,fail=10%%", wide[_i]), end_list());
    it_await_gate(gate_name(), wide_slots[_i]);
    it_open_gate(gate_name());
    done = it_finish(process);
    ck_assert_int_eq(done.status, 1);
    rows = check_rows(&done);
    ck_assert_uint_eq(it_count(rows, "ok"), 380);
    ck_assert_uint_eq(it_count(rows, "failed"), 20);
}
END_TEST

START_TEST(share_of_failures_that_is_too_large_halts)
{
    struct it_process *process;
    struct it_run done;
    const json_t *rows;
    size_t slots = (size_t)wide_slots[_i];

    begin_list();
    add_many(it_text("%s&first=1", gate()), 4);
    add_many("/status/404?x=1", 50);
    add_many(gate(), 346);
    process = start(it_text("%s --halt soon,fail=10%% --grace 1h", wide[_i]), end_list());
    it_await_error(process, "halted: ");
    it_await_gate(gate_name(), 4);
    it_open_gate(gate_name());
    done = it_finish(process);
    ck_assert_int_eq(done.status, 1);
    rows = check_rows(&done);
    ck_assert_uint_ge(it_count(rows, "failed"), 10);
    ck_assert_uint_le(it_count(rows, "ok"), slots);
    ck_assert_uint_eq(it_count(rows, "ok") + it_count(rows, "failed") + it_count(rows, "pending"),
                      400);
}
END_TEST

START_TEST(halt_now_gives_up_what_is_under_way)
{
    struct it_run done = it_finish(start_halted("--halt now,fail=2", 0, 2));
    const json_t *rows = check_rows_read(&done);

    ck_assert_int_eq(done.status, 1);
    ck_assert_uint_eq(it_count(rows, "failed"), 2);
    ck_assert_uint_eq(it_count(rows, "pending"), json_array_size(rows) - 2);
}
END_TEST

static const char *const patient[] = {"soon,fail=4", "now,fail=4", "soon,fail=10%", "never"};

/* 3 of 33 are less than 10 %. */
START_TEST(too_few_failures_halt_nothing)
{
    struct it_run done;
    const json_t *rows;

    begin_list();
    add_many("/size?n=1", 30);
    add_many("/status/404?x=1", 3);
    add_many("/size?n=2", 20);
    done = run(it_text("-j 1 --halt %s", patient[_i]), end_list());
    ck_assert_int_eq(done.status, 1);
    rows = check_rows(&done);
    ck_assert_uint_eq(it_count(rows, "ok"), 50);
    ck_assert_uint_eq(it_count(rows, "failed"), 3);
}
END_TEST

START_TEST(attempt_that_is_repeated_is_no_failure_yet)
{
    struct it_run done;

    begin_list();
    add_many("/flaky?n=2&code=500", 3);
    done = run("-j 1 --halt now,fail=1 --retry-delay 1ms", end_list());
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 3);
}
END_TEST

START_TEST(max_duration_ends_the_run)
{
    struct it_run done;
    const json_t *rows;

    begin_list();
    add_many(gate(), 20);
    done = run("-j 2 --max-duration 1 --grace 100ms", end_list());
    ck_assert_int_eq(done.status, 75);
    rows = check_rows_read(&done);
    ck_assert_uint_eq(it_count(rows, "pending"), json_array_size(rows));
    ck_assert_int_ge(done.wall_ms, 1000);
    ck_assert_int_le(it_stat("requests"), 2);
}
END_TEST

START_TEST(max_duration_lets_what_is_under_way_finish)
{
    struct it_process *process;
    struct it_run done;
    const json_t *rows;

    begin_list();
    add_many(gate(), 20);
    process = start("-j 2 --window 10 --max-duration 1 --grace 1h", end_list());
    it_await_output(process, "pending");
    it_open_gate(gate_name());
    done = it_finish(process);
    ck_assert_int_eq(done.status, 75);
    rows = check_rows(&done);
    ck_assert_uint_eq(it_count(rows, "ok"), 2);
    ck_assert_uint_eq(it_count(rows, "pending"), 18);
}
END_TEST

START_TEST(max_duration_that_is_not_reached_changes_nothing)
{
    ck_assert_str_eq(it_verdict(run_one("--max-duration 1h", it_url("/size?n=1"))), "ok");
}
END_TEST

/* ---- jobs in all places at once ---- */

/* One worker: when it stands at the gate, the first URL is parked for minutes, the rest waits. */
static struct it_process *start_everywhere(const char *options)
{
    struct it_process *process;

    begin_list();
    add(second_url("/retry-after?v=300"));
    add(second_url("/size?n=1"));
    add_many(gate(), 20);
    process = start(it_text("-j 1 --window 12 %s", options), end_list());
    it_await_gate(gate_name(), 1);
    return process;
}

static void check_everywhere(struct it_process *process, size_t ok, int status)
{
    struct it_run done = it_finish(process);
    const json_t *rows = check_rows(&done),
                 *parked = it_row(rows, second_url("/retry-after?v=300"));

    ck_assert_int_eq(done.status, status);
    ck_assert_uint_eq(it_count(rows, "ok"), ok);
    ck_assert_uint_eq(it_count(rows, "pending"), json_array_size(rows) - ok);
    ck_assert_str_eq(it_verdict(parked), "pending stopped");
    ck_assert_int_eq(it_int(parked, "attempts"), 1);
    ck_assert_int_eq(it_int(parked, "http_code"), 503);
}

START_TEST(parked_url_comes_out_of_a_drain)
{
    struct it_process *process = start_everywhere("--grace 1h");

    it_signal(process, SIGTERM);
    it_await_output(process, "pending");
    it_open_gate(gate_name());
    check_everywhere(process, 1, 143);
}
END_TEST

START_TEST(parked_url_comes_out_when_the_grace_is_over)
{
    struct it_process *process = start_everywhere("--grace 100ms");

    it_signal(process, SIGINT);
    check_everywhere(process, 0, 130);
}
END_TEST

START_TEST(parked_url_comes_out_of_an_abort)
{
    struct it_process *process = start_everywhere("--grace 1h");

    it_signal(process, SIGTERM);
    it_await_output(process, "&i=19\""); /* an abort leaves unread what has not been read by then */
    it_signal(process, SIGTERM);
    check_everywhere(process, 0, 143);
}
END_TEST

START_TEST(parked_url_comes_out_when_the_time_is_over)
{
    check_everywhere(start_everywhere("--max-duration 2 --grace 10ms"), 0, 75);
}
END_TEST

/* One worker: the first URL is parked when the failure that halts the batch is met. */
START_TEST(parked_url_comes_out_of_a_halt)
{
    struct it_run done;
    const json_t *rows;

    begin_list();
    add(second_url("/retry-after?v=300"));
    add(it_url("/status/404"));
    add_many(gate(), 20);
    done = run("-j 1 --halt now,fail=1", end_list());
    ck_assert_int_eq(done.status, 1);
    rows = check_rows_read(&done);
    ck_assert_str_eq(it_verdict(it_row(rows, second_url("/retry-after?v=300"))), "pending stopped");
    ck_assert_uint_eq(it_count(rows, "failed"), 1);
    ck_assert_uint_eq(it_count(rows, "pending"), json_array_size(rows) - 1);
}
END_TEST

/* ---- what it says meanwhile ---- */

static const int status_signals[] = {SIGUSR1, SIGUSR2};

START_TEST(status_is_written_and_the_run_goes_on)
{
    struct it_process *process;
    struct it_run done;

    begin_list();
    add_many(gate(), 3);
    process = start("-j 2", end_list());
    it_await_gate(gate_name(), 2);
    it_signal(process, status_signals[_i]);
    it_await_error(process, "status: 1 ready, 2 running, 0 parked, 1 origins");
    it_await_error(process, it_text("http://127.0.0.1:%d: 1 ready, 2 running", it_port("http")));
    it_await_error(process, "running for ");
    it_await_error(process, it_url("%s&i=0", gate()));
    it_open_gate(gate_name());
    done = it_finish(process);
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 3);
}
END_TEST

START_TEST(status_of_a_quiet_run_tells_of_parked_urls)
{
    struct it_process *process = start_everywhere("-q");

    it_signal(process, SIGUSR1);
    it_await_error(process, "1 parked");
    it_await_error(process, "the first parked one is due in ");
    it_await_error(process, "paused for ");
    it_signal(process, SIGTERM);
    it_signal(process, SIGTERM);
    (void)it_finish(process);
}
END_TEST

/* ---- another time ---- */

/* The name leads to an address where nobody listens, and then to the server. */
static const char *name_at(const char *address)
{
    return it_text("again.test:%d:%s", it_port("http"), address);
}

START_TEST(given_up_ones_are_tried_again_and_saved)
{
    const char *journal = it_path("given-up"), *saved = it_path("given-up.txt"), *list, *text;
    struct it_run run;

    begin_list();
    for (int i = 1; i <= 6; i++)
        add(it_text("http://again.test:%d/size?n=%d", it_port("http"), i));
    list = end_list();
#define AGAIN_ARGS(address, ...)                                                                   \
    IT_ARGS("-j", "1", "--retry", "0", "--host-fail-limit", "2", "--resolve", name_at(address),    \
            "--format", "jsonl", "--journal", journal, "--save-failed", saved, "-i", list,         \
            __VA_ARGS__)
    run = it_haul(AGAIN_ARGS("127.0.0.9", "-q"));
    ck_assert_int_eq(run.status, 75);
    ck_assert_uint_eq(it_count(it_rows(run.out), "failed"), 2);
    ck_assert_uint_eq(it_count(it_rows(run.out), "skipped"), 4);
    text = it_read(saved, NULL);
    for (int i = 1; i <= 6; i++)
        ck_assert_ptr_nonnull(
            strstr(text, it_text("\nhttp://again.test:%d/size?n=%d\n", it_port("http"), i)));
    run = it_haul(AGAIN_ARGS("127.0.0.1", "--resume", "--retry-failed=transient"));
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 6);
    ck_assert_int_eq(it_stat("requests"), 6);
    ck_assert_uint_eq(strlen(it_read(saved, NULL)), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("giving_up");
    TCase *tcase = tcase_create("giving_up");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, origin_that_cannot_be_reached_is_given_up);
    tcase_add_test(tcase, limit_of_zero_never_gives_up);
    tcase_add_test(tcase, given_up_ones_are_tried_again_and_saved);
    tcase_add_test(tcase, bad_answers_are_no_failures_to_reach);
    tcase_add_test(tcase, parked_urls_of_an_origin_given_up_are_reported);
    tcase_add_loop_test(tcase, standstill_of_a_moment_is_one_failure, 1, POOLS);
    tcase_add_test(tcase, row_of_a_skipped_url_names_the_incident);
    tcase_add_loop_test(tcase, site_in_maintenance_is_given_up, 0, POOLS * KINDS);
    tcase_add_test(tcase, throttled_site_is_tried_again_in_another_run);
    tcase_add_loop_test(tcase, halt_soon_lets_what_is_under_way_finish, 0, 3);
    tcase_add_loop_test(tcase, share_of_failures_is_one_of_the_whole_list, 0, 3);
    tcase_add_loop_test(tcase, share_of_failures_that_is_too_large_halts, 0, 3);
    tcase_add_test(tcase, halt_now_gives_up_what_is_under_way);
    tcase_add_loop_test(tcase, too_few_failures_halt_nothing, 0, 4);
    tcase_add_test(tcase, attempt_that_is_repeated_is_no_failure_yet);
    tcase_add_test(tcase, max_duration_ends_the_run);
    tcase_add_test(tcase, max_duration_lets_what_is_under_way_finish);
    tcase_add_test(tcase, max_duration_that_is_not_reached_changes_nothing);
    tcase_add_test(tcase, parked_url_comes_out_of_a_drain);
    tcase_add_test(tcase, parked_url_comes_out_when_the_grace_is_over);
    tcase_add_test(tcase, parked_url_comes_out_of_an_abort);
    tcase_add_test(tcase, parked_url_comes_out_when_the_time_is_over);
    tcase_add_test(tcase, parked_url_comes_out_of_a_halt);
    tcase_add_loop_test(tcase, status_is_written_and_the_run_goes_on, 0, 2);
    tcase_add_test(tcase, status_of_a_quiet_run_tells_of_parked_urls);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
