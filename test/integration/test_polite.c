#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * What haul owes to the servers that it asks: how many requests at a time, how far apart, how often
 * again, and when to leave them alone.
 *
 * No case relies on being fast. That something has not happened is shown by what would have had to
 * come first: a gate that is shut, a latch, an answer that asks for minutes. Times are lower bounds
 * only, and between moments of which one must follow the other.
 */

enum { ARGS_MAX = 40, ORIGINS = 20, MANY_URLS = 20 };

/* ---- runs ---- */

/* Options as on a command line, words with one blank between; then the list. */
static const char *const *make_args(const char *options, const char *list)
{
    static const char *argv[ARGS_MAX];
    const char *word = options;
    int count = 0;

    while (*word && count < ARGS_MAX - 5) {
        int len = (int)strcspn(word, " ");

        argv[count++] = it_text("%.*s", len, word);
        word += len;
        word += *word == ' ';
    }
    argv[count++] = "--format";
    argv[count++] = "jsonl";
    argv[count++] = "-i";
    argv[count++] = list;
    argv[count] = NULL;
    return argv;
}

static struct it_run run(const char *options, const char *list)
{
    return it_haul(make_args(options, list));
}

static struct it_process *start(const char *options, const char *list)
{
    return it_start(&(struct it_call){.argv = make_args(options, list)});
}

static const char *second_url(const char *path)
{
    return it_text("http://127.0.0.1:%d%s", it_port("http2nd"), path);
}

static const char *refused_url(int i)
{
    return it_text("http://127.0.0.1:%d/?i=%d", it_port("refused"), i);
}

/* A gate stays open; each case, being a process, has one of its own. */
static const char *gate_name(void)
{
    return it_text("polite-%ld", (long)getpid());
}

static const char *gate(void)
{
    return it_text("/gate?name=%s", gate_name());
}

static struct haul_buf list;

static void begin_list(void)
{
    haul_buf_done(&list);
    haul_buf_init(&list, 0);
}

static void add(const char *url)
{
    haul_buf_addf(&list, "%s\n", url);
}

/* `count` URLs of the first origin that differ in their last parameter. */
static void add_many(const char *path, int count)
{
    for (int i = 0; i < count; i++)
        add(it_url("%s&i=%d", path, i));
}

static const char *end_list(void)
{
    const char *path = it_path("list");

    it_write(path, list.data, list.len);
    return path;
}

/* Each line that was read has its row, and one only. */
static const json_t *check_rows_read(const struct it_run *done)
{
    const json_t *rows = it_rows(done->out);
    size_t count = json_array_size(rows);
    json_t *seen = json_object();

    for (size_t i = 0; i < count; i++)
        json_object_set_new(seen, it_str(json_array_get(rows, i), "url"), json_true());
    ck_assert_uint_eq(json_object_size(seen), count);
    json_decref(seen);
    it_check_equation(done->err, count);
    return rows;
}

/* All of them were read, which is so unless the run was aborted. */
static const json_t *check_rows(const struct it_run *done)
{
    const json_t *rows = check_rows_read(done);

    ck_assert_uint_eq(json_array_size(rows), it_lines(haul_buf_str(&list)));
    return rows;
}

static const json_t *run_one(const char *options, const char *url)
{
    struct it_run done;

    begin_list();
    add(url);
    done = run(options, end_list());
    return json_array_get(check_rows(&done), 0);
}

static size_t count_verdicts(const json_t *rows, const char *verdict)
{
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(rows); i++)
        count += strcmp(it_verdict(json_array_get(rows, i)), verdict) == 0;
    return count;
}

/* ---- what the server saw ---- */

static json_int_t host_peak(int port)
{
    const json_t *stats = json_array_get(it_rows(it_ask("/stats")), 0);
    const json_t *hosts = json_object_get(stats, "hosts");
    const json_t *host = json_object_get(hosts, it_text("127.0.0.1:%d", port));

    ck_assert_msg(host != NULL, "nobody asked port %d", port);
    return it_int(host, "peak");
}

static size_t count_requests(const char *prefix)
{
    return json_array_size(it_log(prefix));
}

/* When the request of that number came; microseconds of the clock of it_now_ms. */
static json_int_t arrival_us(const json_t *log, size_t number)
{
    return it_int(json_array_get(log, number), "time_us");
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

/* ---- how often ---- */

static void check_attempts(const json_t *row, const char *verdict, json_int_t attempts)
{
    ck_assert_str_eq(it_verdict(row), verdict);
    ck_assert_int_eq(it_int(row, "attempts"), attempts);
    ck_assert_int_eq(it_int(row, "num_retries"), attempts - 1);
}

static const struct {
    const char *options, *path, *verdict;
    int requests;
} attempts[] = {
    {"", "/flaky?n=2", "ok", 3},
    {"", "/flaky?n=3", "failed http-503", 3},
    {"--retry 0", "/flaky?n=2", "failed http-503", 1},
    {"--retry 1", "/flaky?n=1", "ok", 2},
    {"--retry 5", "/flaky?n=5", "ok", 6},
    {"", "/flaky?n=1&code=408", "ok", 2},
    {"", "/flaky?n=1&code=429", "ok", 2},
    {"", "/flaky?n=1&code=500", "ok", 2},
    {"", "/flaky?n=1&code=502", "ok", 2},
    {"", "/flaky?n=1&code=504", "ok", 2},
    {"", "/flaky?n=1&code=501", "failed http-501", 1},
    {"", "/flaky?n=1&code=404", "failed http-404", 1},
    {"--retry-on 404", "/flaky?n=1&code=404", "ok", 2},
    {"--retry-on 404", "/flaky?n=1&code=503", "failed http-503", 1},
    {"--retry-on !503", "/flaky?n=1&code=503", "failed http-503", 1},
    {"--retry-on !503", "/flaky?n=1&code=500", "ok", 2},
    {"--retry-all-errors", "/flaky?n=1&code=404", "ok", 2},
    {"--accept 503", "/flaky?n=1", "ok", 1},
    {"", "/flaky?n=2&mode=reset", "ok", 3},
    {"", "/flaky?n=2&mode=truncate", "ok", 3},
    {"-m 0.3", "/flaky?n=1&mode=hang", "ok", 2},
    {"--retry 0", "/flaky?n=1&mode=truncate", "failed truncated", 1},
    {"", "/status/404", "failed http-404", 1},
    {"", "/fault/chunk-minus", "failed bad-framing", 1},
    {"--retry-all-errors", "/fault/chunk-minus", "failed bad-framing", 3},
};
enum { ATTEMPT_COUNT = sizeof attempts / sizeof *attempts };

START_TEST(attempts_are_as_many_as_the_failure_deserves)
{
    const json_t *row = run_one(it_text("-j 2 --retry-delay 1ms %s", attempts[_i].options),
                                it_url("%s", attempts[_i].path));

    check_attempts(row, attempts[_i].verdict, attempts[_i].requests);
    ck_assert_int_eq(it_stat("requests"), attempts[_i].requests);
}
END_TEST

START_TEST(default_wait_before_another_attempt_ends_well)
{
    check_attempts(run_one("-j 1", it_url("/flaky?n=2")), "ok", 3);
}
END_TEST

START_TEST(refused_connection_is_tried_again_only_if_asked_for)
{
    const char *options = _i ? "--retry-delay 1ms --retry-connrefused" : "--retry-delay 1ms";

    check_attempts(run_one(options, refused_url(0)), "failed connect", _i ? 3 : 1);
}
END_TEST

START_TEST(retry_delay_is_kept)
{
    const json_t *log;

    check_attempts(run_one("--retry-delay 300ms", it_url("/flaky?n=2")), "ok", 3);
    log = it_log("/flaky");
    ck_assert_int_ge(arrival_us(log, 1) - arrival_us(log, 0), 300000);
    ck_assert_int_ge(arrival_us(log, 2) - arrival_us(log, 1), 300000);
}
END_TEST

START_TEST(retry_max_time_ends_the_attempts)
{
    check_attempts(run_one("--retry-delay 1h --retry-max-time 10", it_url("/flaky?n=1")),
                   "failed http-503", 1);
}
END_TEST

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

/* ---- ending early ---- */

/*
 * Two workers. Both stand at the gate when the last of `failures` has failed, and the window is too
 * small for the list: what the dispatcher still has comes out as pending as soon as the batch is
 * halted, so that the test knows.
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
} halts[] = {{"soon,fail=3", 0, 3},
             {"soon,fail=1", 0, 1},
             {"soon,fail=10%", 0, 3},
             {"soon,fail=10%", 30, 4}};

START_TEST(halt_soon_lets_what_is_under_way_finish)
{
    struct it_process *process = start_halted(it_text("--halt %s --grace 1ms", halts[_i].when),
                                              halts[_i].good, halts[_i].failures);
    size_t failures = (size_t)halts[_i].failures, ok = (size_t)halts[_i].good + 2;
    struct it_run done;
    const json_t *rows;

    it_await_output(process, "pending");
    it_await_gate(gate_name(), 2);
    it_open_gate(gate_name());
    done = it_finish(process);
    ck_assert_int_eq(done.status, 1);
    rows = check_rows(&done);
    ck_assert_uint_eq(it_count(rows, "ok"), ok);
    ck_assert_uint_eq(it_count(rows, "failed"), failures);
    ck_assert_uint_eq(it_count(rows, "pending"), json_array_size(rows) - ok - failures);
    ck_assert_int_eq(it_stat("requests"), (json_int_t)(ok + failures));
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
    it_await_output(process, "pending");
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

/* ---- times in the report ---- */

static double seconds(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    ck_assert_msg(json_is_number(value), "%s is no number", key);
    return json_number_value(value);
}

/* Far below what must be: the clock is read a moment after the event, on a busy machine. */
START_TEST(time_parked_holds_the_wait_for_another_attempt)
{
    const json_t *row = run_one("--retry-delay 1", it_url("/flaky?n=2"));

    check_attempts(row, "ok", 3);
    ck_assert_double_ge(seconds(row, "time_parked"), 1.5);
}
END_TEST

START_TEST(time_parked_holds_the_wait_for_politeness)
{
    struct it_run done;

    begin_list();
    add_many("/size?n=1", 2);
    done = run("-j 2 --delay 1", end_list());
    ck_assert_double_ge(seconds(it_row(check_rows(&done), it_url("/size?n=1&i=1")), "time_parked"),
                        0.5);
}
END_TEST

START_TEST(time_queue_holds_the_wait_for_a_worker)
{
    const json_t *row;
    struct it_run done;

    begin_list();
    add(it_url("/size?n=1&delay=1000"));
    add(it_url("/size?n=2"));
    done = run("-j 1", end_list());
    row = it_row(check_rows(&done), it_url("/size?n=2"));
    ck_assert_double_ge(seconds(row, "time_queue"), 0.5);
    ck_assert(seconds(row, "time_parked") == 0.0);
}
END_TEST

/* ---- connections ---- */

static void add_origins_in_turn(void)
{
    for (int i = 0; i < MANY_URLS; i++)
        for (int origin = 1; origin <= ORIGINS; origin++)
            add(it_text("https://127.0.1.%d:%d/size?n=100&i=%d", origin, it_port("many-tls"), i));
}

START_TEST(workers_stay_with_their_origins)
{
    struct it_run done;
    json_int_t handshakes;

    begin_list();
    add_origins_in_turn();
    done = run("-k -j 8", end_list());
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), ORIGINS * MANY_URLS);
    handshakes = it_stat("tls_handshakes");
    (void)fprintf(stderr, "# %lld TLS handshakes for %d origins\n", (long long)handshakes, ORIGINS);
    ck_assert_int_ge(handshakes, ORIGINS);
    ck_assert_int_le(handshakes, ORIGINS * 13 / 10 + 16);
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

/* Adds a test case with the fixtures that all of them have. */
static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_unchecked_fixture(tcase, begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    return tcase;
}

static void add_pace(TCase *tcase)
{
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
    tcase_add_test(tcase, one_origin_gets_no_more_connections_than_workers);
}

static void add_retries(TCase *tcase)
{
    tcase_add_loop_test(tcase, attempts_are_as_many_as_the_failure_deserves, 0, ATTEMPT_COUNT);
    tcase_add_test(tcase, default_wait_before_another_attempt_ends_well);
    tcase_add_loop_test(tcase, refused_connection_is_tried_again_only_if_asked_for, 0, 2);
    tcase_add_test(tcase, retry_delay_is_kept);
    tcase_add_test(tcase, retry_max_time_ends_the_attempts);
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
    tcase_add_test(tcase, time_parked_holds_the_wait_for_another_attempt);
    tcase_add_test(tcase, time_parked_holds_the_wait_for_politeness);
    tcase_add_test(tcase, time_queue_holds_the_wait_for_a_worker);
}

static void add_ends(TCase *tcase)
{
    tcase_add_test(tcase, origin_that_cannot_be_reached_is_given_up);
    tcase_add_test(tcase, limit_of_zero_never_gives_up);
    tcase_add_test(tcase, bad_answers_are_no_failures_to_reach);
    tcase_add_test(tcase, parked_urls_of_an_origin_given_up_are_reported);
    tcase_add_loop_test(tcase, halt_soon_lets_what_is_under_way_finish, 0, 4);
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
}

int main(void)
{
    Suite *suite = suite_create("polite");

    add_pace(add_case(suite, "pace"));
    add_retries(add_case(suite, "retries"));
    add_ends(add_case(suite, "ends"));
    return it_main(suite);
}
