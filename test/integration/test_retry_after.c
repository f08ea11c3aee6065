#include <signal.h>
#include <time.h>

#include "batch.h"

/*
 * Origins that ask for less: by Retry-After and its like, by 429.
 */

/* ---- Retry-After ---- */

static const struct {
    const char *value, *verdict;
    int requests;
    json_int_t least_us; /* between the first two */
} waits[] = {
    {"0", "ok", 2, 0},
    {"1", "ok", 2, 1000000},
    {"1.5", "ok", 2, 1500000},
    {"-5", "ok", 2, 0},
    {"soon", "ok", 2, 0},
    {"", "ok", 2, 0},
    {"Sun,%2006%20Nov%201994%2008:49:37%20GMT", "ok", 2, 0},
    {"601", "failed http-503", 1, 0},
    {"86400", "failed http-503", 1, 0},
    {"100000000000000000000", "failed http-503", 1, 0},
    {"Fri,%2031%20Dec%209999%2023:59:59%20GMT", "failed http-503", 1, 0},
};
enum { WAIT_COUNT = sizeof waits / sizeof *waits };

START_TEST(retry_after_is_obeyed_or_the_url_fails_at_once)
{
    const json_t *log, *row;

    row = run_one("--retry-delay 1ms", it_url("/retry-after?n=1&v=%s", waits[_i].value));
    check_attempts(row, waits[_i].verdict, waits[_i].requests);
    log = it_log("/retry-after");
    ck_assert_uint_eq(json_array_size(log), (size_t)waits[_i].requests);
    if (waits[_i].requests > 1)
        ck_assert_int_ge(arrival_us(log, 1) - arrival_us(log, 0), waits[_i].least_us);
}
END_TEST

START_TEST(retry_after_as_a_date_is_obeyed)
{
    time_t until = time(NULL) + 3;
    struct tm parts;
    char date[64];
    const json_t *row;

    ck_assert_ptr_nonnull(gmtime_r(&until, &parts));
    ck_assert_uint_gt(strftime(date, sizeof date, "%a,%%20%d%%20%b%%20%Y%%20%T%%20GMT", &parts), 0);
    row = run_one("--retry-delay 1ms", it_url("/retry-after?n=1&v=%s", date));
    check_attempts(row, "ok", 2);
    ck_assert_int_ge(time(NULL), until);
}
END_TEST

START_TEST(rate_limit_reset_is_obeyed)
{
    const json_t *log;

    check_attempts(run_one("--retry-delay 1ms", it_url("/ratelimit?n=1&reset=1")), "ok", 2);
    log = it_log("/ratelimit");
    ck_assert_int_ge(arrival_us(log, 1) - arrival_us(log, 0), 1000000);
}
END_TEST

START_TEST(retry_after_beyond_retry_max_time_is_not_waited_for)
{
    const json_t *row = run_one("--retry-max-time 5", it_url("/retry-after?v=300"));

    check_attempts(row, "failed http-503", 1);
}
END_TEST

START_TEST(retry_after_of_another_status_is_not_a_pause)
{
    struct it_run done;

    begin_list();
    add(it_url("/retry-after?v=300&code=404"));
    add_many("/size?n=1", 3);
    done = run("-j 1", end_list());
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 3);
}
END_TEST

/* The origin asks for five minutes. One worker: it would be stuck if it waited for them. */
static struct it_process *start_paused(const char *options, int code)
{
    begin_list();
    add(it_url("/retry-after?v=300&code=%d", code));
    add_many("/size?n=1", 5);
    add(second_url("/size?n=1"));
    add(second_url(gate()));
    return start(options, end_list());
}

static void check_paused(struct it_process *process)
{
    struct it_run done;
    const json_t *rows;

    it_await_gate(gate_name(), 1);
    it_signal(process, SIGUSR1);
    it_await_error(process, "paused for");
    it_open_gate(gate_name());
    it_await_output(process, second_url(gate()));
    it_signal(process, SIGTERM);
    done = it_finish(process);
    ck_assert_int_eq(done.status, 143);
    rows = check_rows(&done);
    ck_assert_uint_eq(it_count(rows, "ok"), 2);
    ck_assert_int_eq(it_stat("requests"), 3);
}

static const int pausing[] = {429, 503};

START_TEST(origin_that_asks_to_wait_is_left_alone_while_another_is_served)
{
    check_paused(start_paused("-j 1", pausing[_i]));
}
END_TEST

START_TEST(url_that_is_not_tried_again_pauses_its_origin_too)
{
    check_paused(start_paused("-j 1 --retry 0", pausing[_i]));
}
END_TEST

START_TEST(pause_ends_and_the_rest_is_fetched)
{
    const json_t *log;
    struct it_run done;

    begin_list();
    add(it_url("/retry-after?v=1&n=1&code=429"));
    add_many("/size?n=1", 5);
    done = run("-j 1", end_list());
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 6);
    log = it_log("/");
    ck_assert_uint_eq(json_array_size(log), 7);
    for (size_t i = 1; i < 7; i++)
        ck_assert_int_ge(arrival_us(log, i) - arrival_us(log, 0), 1000000);
}
END_TEST

/* What another origin says after a redirect is that one's own affair. */
START_TEST(redirect_target_that_asks_to_wait_pauses_nobody_else)
{
    struct it_run done;

    begin_list();
    add(it_url("/redirect?to=%s", second_url("/retry-after?v=300")));
    add_many("/size?n=1", 5);
    done = run("-j 1 --retry 0", end_list());
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 5);
}
END_TEST

START_TEST(origin_that_keeps_asking_for_too_much_is_given_up)
{
    struct it_run done;
    const json_t *rows;

    begin_list();
    add_many("/retry-after?v=86400", 6);
    done = run("-j 1 --host-fail-limit 3", end_list());
    ck_assert_int_eq(done.status, 75);
    rows = check_rows(&done);
    ck_assert_uint_eq(count_verdicts(rows, "failed http-503"), 3);
    ck_assert_uint_eq(count_verdicts(rows, "skipped throttled"), 3);
    ck_assert_int_eq(it_stat("requests"), 3);
}
END_TEST

/* ---- slower after 429 ---- */

static size_t count_requests(const char *prefix)
{
    return json_array_size(it_log(prefix));
}

/* Eight at a time are told 429: four at a time go on, and stand at the gate. */
START_TEST(origin_that_says_429_gets_half_as_many_at_a_time)
{
    struct it_process *process;
    struct it_run done;

    begin_list();
    add_many("/latch?name=slow&n=8&timeout=20000&status=429", 8);
    add_many(gate(), 4);
    add_many("/size?n=1", 20);
    process = start("-j 8 --retry 0", end_list());
    it_await_gate(gate_name(), 4);
    it_signal(process, SIGUSR1);
    it_await_error(process, "status: 20 ready, 4 running, 0 parked");
    ck_assert_uint_eq(count_requests("/size"), 0);
    it_open_gate(gate_name());
    done = it_finish(process);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 24);
}
END_TEST

START_TEST(origin_comes_back_step_by_step)
{
    struct it_run done;

    begin_list();
    add_many("/latch?name=low&n=8&timeout=20000&status=429", 8);
    /* After 4 + 5 + 6 + 7 good answers it is eight again. */
    add_many("/size?n=1", 22);
    add_many("/latch?name=high&n=8&timeout=20000", 8);
    done = run("-j 8 --retry 0", end_list());
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 30);
}
END_TEST

START_TEST(origin_that_says_429_to_one_at_a_time_gets_gaps)
{
    const json_t *log;
    struct it_run done;

    begin_list();
    add_many("/status/429?x=1", 4);
    done = run("-j 1 --retry 0", end_list());
    ck_assert_uint_eq(it_count(check_rows(&done), "failed"), 4);
    log = it_log("/status");
    ck_assert_int_ge(arrival_us(log, 3) - arrival_us(log, 0), 300000);
}
END_TEST

/* ---- some URLs only ---- */

static const struct {
    const char *options;
    int twice, always; /* URLs that are throttled so, more of them than the limit */
} pools[] = {{"-j 1", 6, 8}, {"-j 16", 14, 30}, {"-j 64", 6, 8}, {"-j 2 --streams 8", 6, 8}};
enum { POOLS = sizeof pools / sizeof *pools, LIMIT = 4 };

/* `sick` of `count` URLs, evenly among them, at `path`. */
static void add_some(const char *path, int sick, int count)
{
    int done = 0;

    for (int i = 0; i < count; i++) {
        if ((i + 1) * sick / count > done)
            add(it_url("%s&i=%d", path, done++));
        add(it_url("/size?n=1&i=%d", i));
    }
}

/* They come one after the other in the end, when all others were served. */
START_TEST(urls_that_are_throttled_twice_come_through)
{
    int sick = pools[_i].twice;
    struct it_run done;

    begin_list();
    add_some("/flaky?n=2&code=429", sick, 100 - sick);
    done = run(it_text("--retry-delay 1ms --host-fail-limit %d %s", LIMIT, pools[_i].options),
               end_list());
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 100);
    ck_assert_int_eq(it_stat("requests"), 100 + 2 * sick);
}
END_TEST

START_TEST(pages_that_are_always_throttled_harm_no_others)
{
    int sick = pools[_i].always;
    struct it_run done;
    const json_t *rows;

    begin_list();
    add_some("/status/503?x=1", sick, 600 - sick);
    done = run(
        it_text("--retry 1 --retry-delay 1ms --host-fail-limit %d %s", LIMIT, pools[_i].options),
        end_list());
    ck_assert_int_eq(done.status, 75);
    rows = check_rows(&done);
    ck_assert_uint_eq(it_count(rows, "ok"), 600 - (size_t)sick);
    ck_assert_uint_eq(count_verdicts(rows, "failed http-503"), (size_t)sick);
    ck_assert_int_eq(it_stat("requests"), 600 + sick);
}
END_TEST

/* ---- 429 that says when to come back ---- */

static const struct {
    const char *options;
    int code;
    const char *verdict;
    int attempts;
} comebacks[] = {
    {"--retry 1", 429, "ok", 4},
    {"--retry 1", 503, "failed http-503", 2},
    {"--retry 0", 429, "failed http-429", 1},
    {"--retry 1 --retry-max-time 1ms", 429, "failed http-429", 1},
};
enum { COMEBACKS = sizeof comebacks / sizeof *comebacks };

START_TEST(too_many_requests_with_a_pause_uses_up_no_retry)
{
    const json_t *row = run_one(it_text("--retry-delay 1ms %s", comebacks[_i].options),
                                it_url("/retry-after?v=1&n=3&code=%d", comebacks[_i].code));

    check_attempts(row, comebacks[_i].verdict, comebacks[_i].attempts);
}
END_TEST

/* Each URL has its time. That of the host is another, and longer. */
START_TEST(pauses_without_end_end_with_retry_max_time)
{
    struct it_run done;
    const json_t *rows;

    begin_list();
    add_many("/retry-after?v=1&code=429", 4);
    done = run("-j 1 --retry-delay 1ms --retry-max-time 3", end_list());
    ck_assert_int_eq(done.status, 75);
    rows = check_rows(&done);
    ck_assert_uint_eq(count_verdicts(rows, "failed http-429"), 4);
    ck_assert_int_le(it_stat("requests"), 9); /* one a second */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("retry_after");
    TCase *tcase = tcase_create("retry_after");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, retry_after_is_obeyed_or_the_url_fails_at_once, 0, WAIT_COUNT);
    tcase_add_test(tcase, retry_after_as_a_date_is_obeyed);
    tcase_add_test(tcase, rate_limit_reset_is_obeyed);
    tcase_add_test(tcase, retry_after_beyond_retry_max_time_is_not_waited_for);
    tcase_add_test(tcase, retry_after_of_another_status_is_not_a_pause);
    tcase_add_loop_test(tcase, origin_that_asks_to_wait_is_left_alone_while_another_is_served, 0,
                        2);
    tcase_add_loop_test(tcase, url_that_is_not_tried_again_pauses_its_origin_too, 0, 2);
    tcase_add_test(tcase, pause_ends_and_the_rest_is_fetched);
    tcase_add_test(tcase, redirect_target_that_asks_to_wait_pauses_nobody_else);
    tcase_add_test(tcase, origin_that_keeps_asking_for_too_much_is_given_up);
    tcase_add_test(tcase, origin_that_says_429_gets_half_as_many_at_a_time);
    tcase_add_test(tcase, origin_comes_back_step_by_step);
    tcase_add_test(tcase, origin_that_says_429_to_one_at_a_time_gets_gaps);
    tcase_add_loop_test(tcase, urls_that_are_throttled_twice_come_through, 0, POOLS);
    tcase_add_loop_test(tcase, pages_that_are_always_throttled_harm_no_others, 0, POOLS);
    tcase_add_loop_test(tcase, too_many_requests_with_a_pause_uses_up_no_retry, 0, COMEBACKS);
    tcase_add_test(tcase, pauses_without_end_end_with_retry_max_time);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
