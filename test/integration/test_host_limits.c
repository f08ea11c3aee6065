#include <stdio.h>
#include <string.h>

#include "batch.h"

/*
 * How many requests at a time an origin gets, how far apart they are, and on how many connections.
 */

enum { ORIGINS = 20, MANY_URLS = 20 };

static json_int_t host_peak(int port)
{
    const json_t *stats = json_array_get(it_rows(it_ask("/stats")), 0);
    const json_t *hosts = json_object_get(stats, "hosts");
    const json_t *host = json_object_get(hosts, it_text("127.0.0.1:%d", port));

    ck_assert_msg(host != NULL, "nobody asked port %d", port);
    return it_int(host, "peak");
}

static bool is_for_port(const json_t *line, int port)
{
    return strcmp(it_str(line, "host"), it_text("127.0.0.1:%d", port)) == 0;
}

/* ---- how many at a time ---- */

static const int caps[] = {1, 2, 7};

/* The latch lets nobody go before `cap` are in: fewer at a time would end as 504. */
static void add_latches(int cap)
{
    for (int i = 0; i < 4 * cap; i++) {
        const char *rest = it_text("n=%d&timeout=20000&i=%d", cap, i);

        add(it_url("/latch?name=a&%s", rest));
        add(second_url(it_text("/latch?name=b&%s", rest)));
    }
}

static void check_cap(const char *options, int cap)
{
    struct it_run done;

    begin_list();
    add_latches(cap);
    done = run(it_text("%s --per-host %d", options, cap), end_list());
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 8 * (size_t)cap);
    ck_assert_int_eq(host_peak(it_port("http")), cap);
    ck_assert_int_eq(host_peak(it_port("http2nd")), cap);
}

START_TEST(per_host_is_reached)
{
    check_cap("-j 16", caps[_i]);
}
END_TEST

/* Slow answers and many workers: nothing but the limit keeps them from being asked for at once. */
START_TEST(per_host_is_never_exceeded)
{
    struct it_run done;

    begin_list();
    for (int i = 0; i < 30; i++) {
        add(it_url("/size?n=1&delay=30&i=%d", i));
        add(second_url(it_text("/size?n=1&delay=30&i=%d", i)));
    }
    done = run(it_text("-j 16 --per-host %d", caps[_i]), end_list());
    ck_assert_int_eq(done.status, 0);
    (void)check_rows(&done);
    ck_assert_int_le(host_peak(it_port("http")), caps[_i]);
    ck_assert_int_le(host_peak(it_port("http2nd")), caps[_i]);
}
END_TEST

START_TEST(per_host_counts_streams_too)
{
    check_cap("-j 4 --streams 4", caps[_i]);
}
END_TEST

/* ---- how far apart ---- */

enum { GAP_US = 50000, RATE_URLS = 10 };

static const char *const workers[] = {"-j 1", "-j 16", "-j 2 --streams 4"};

static void add_two_origins(int count)
{
    for (int i = 0; i < count; i++) {
        add(it_url("/size?n=1&i=%d", i));
        add(second_url(it_text("/size?n=1&i=%d", i)));
    }
}

/* The kth start is at least k gaps after the first one, which is after the program's own. */
static void check_arrivals(const char *options, int port, size_t count)
{
    const json_t *log;
    int64_t begun_us;
    struct it_run done;
    json_int_t number = 0;

    begin_list();
    add_two_origins(RATE_URLS);
    begun_us = it_now_ms() * 1000;
    done = run(options, end_list());
    ck_assert_int_eq(done.status, 0);
    (void)check_rows(&done);
    log = it_log("/size");
    for (size_t i = 0; i < json_array_size(log); i++)
        if (!port || is_for_port(json_array_get(log, i), port))
            ck_assert_int_ge(arrival_us(log, i), begun_us + number++ * GAP_US);
    ck_assert_uint_eq((size_t)number, count);
}

START_TEST(rate_holds_for_all_origins_together)
{
    check_arrivals(it_text("%s --rate 20/s", workers[_i]), 0, 2 * RATE_URLS);
}
END_TEST

START_TEST(rate_per_host_holds_for_each_origin)
{
    check_arrivals(it_text("%s --rate-per-host 20/s", workers[_i]), it_port("http"), RATE_URLS);
}
END_TEST

START_TEST(delay_holds_for_each_origin)
{
    check_arrivals(it_text("%s --delay 50ms", workers[_i]), it_port("http2nd"), RATE_URLS);
}
END_TEST

START_TEST(slower_of_rate_and_delay_counts)
{
    const char *both =
        _i ? "--delay 50ms --rate-per-host 1000/s" : "--delay 1ms --rate-per-host 20/s";

    check_arrivals(it_text("-j 16 %s", both), it_port("http"), RATE_URLS);
}
END_TEST

static const char *const gaps[] = {"--rate 20/s", "--rate-per-host 20/s", "--delay 50ms"};

/* A slow answer saves up no starts. One worker: the others begin after its end. */
START_TEST(time_without_starts_is_not_made_up_for)
{
    const json_t *log;
    struct it_run done;

    begin_list();
    add(it_url("/size?n=1&delay=400"));
    add_many("/size?n=1", 6);
    done = run(it_text("-j 1 %s", gaps[_i]), end_list());
    ck_assert_int_eq(done.status, 0);
    log = it_log("/size");
    ck_assert_uint_eq(json_array_size(log), 7);
    for (size_t i = 1; i < 7; i++)
        ck_assert_int_ge(arrival_us(log, i),
                         arrival_us(log, 0) + 400000 + (json_int_t)(i - 1) * GAP_US);
}
END_TEST

START_TEST(attempts_after_the_first_keep_the_rate_too)
{
    int64_t begun_us = it_now_ms() * 1000;
    const json_t *log, *row;

    row = run_one("--rate 5/s --retry 3 --retry-delay 1ms", it_url("/flaky?n=3"));
    ck_assert_str_eq(it_verdict(row), "ok");
    log = it_log("/flaky");
    ck_assert_uint_eq(json_array_size(log), 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_ge(arrival_us(log, i), begun_us + (json_int_t)i * 200000);
}
END_TEST

/* ---- connections ---- */

static void add_origins_in_turn(int origins, int urls)
{
    for (int i = 0; i < urls; i++)
        for (int origin = 1; origin <= origins; origin++)
            add(it_text("https://127.0.1.%d:%d/size?n=100&i=%d", origin, it_port("many-tls"), i));
}

START_TEST(workers_stay_with_their_origins)
{
    struct it_run done;
    json_int_t handshakes;

    begin_list();
    add_origins_in_turn(ORIGINS, MANY_URLS);
    done = run("-k -j 8", end_list());
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), ORIGINS * MANY_URLS);
    handshakes = it_stat("tls_handshakes");
    (void)fprintf(stderr, "# %lld TLS handshakes for %d origins\n", (long long)handshakes, ORIGINS);
    ck_assert_int_ge(handshakes, ORIGINS);
    ck_assert_int_le(handshakes, ORIGINS * 13 / 10 + 16);
}
END_TEST

/* The one worker has to go from origin to origin, and comes back to a connection. */
START_TEST(origins_that_take_turns_keep_their_connections)
{
    enum { IN_TURN = 6 };
    struct it_run done;

    begin_list();
    add_origins_in_turn(IN_TURN, 5);
    done = run("-k -j 1 --delay 10ms", end_list());
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), IN_TURN * 5);
    ck_assert_int_eq(it_stat("tls_handshakes"), IN_TURN);
}
END_TEST

START_TEST(one_origin_gets_no_more_connections_than_workers)
{
    struct it_run done;

    begin_list();
    add_many("/size?n=10", 500);
    done = run("-j 16", end_list());
    ck_assert_int_eq(done.status, 0);
    ck_assert_int_le(it_stat("connections"), 16 + 1); /* this question's */
}
END_TEST

static void begin_server(void)
{
    it_begin_server_with(IT_ARGS("--addresses", it_text("%d", ORIGINS)));
}

int main(void)
{
    Suite *suite = suite_create("host_limits");
    TCase *tcase = tcase_create("host_limits");

    tcase_add_unchecked_fixture(tcase, begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, per_host_is_reached, 0, 3);
    tcase_add_loop_test(tcase, per_host_is_never_exceeded, 0, 3);
    tcase_add_loop_test(tcase, per_host_counts_streams_too, 0, 3);
    tcase_add_loop_test(tcase, rate_holds_for_all_origins_together, 0, 3);
    tcase_add_loop_test(tcase, rate_per_host_holds_for_each_origin, 0, 3);
    tcase_add_loop_test(tcase, delay_holds_for_each_origin, 0, 3);
    tcase_add_loop_test(tcase, slower_of_rate_and_delay_counts, 0, 2);
    tcase_add_loop_test(tcase, time_without_starts_is_not_made_up_for, 0, 3);
    tcase_add_test(tcase, attempts_after_the_first_keep_the_rate_too);
    tcase_add_test(tcase, workers_stay_with_their_origins);
    tcase_add_test(tcase, origins_that_take_turns_keep_their_connections);
    tcase_add_test(tcase, one_origin_gets_no_more_connections_than_workers);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
