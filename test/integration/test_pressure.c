#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "reader.h"

/*
 * Somebody pauses, and no URL is lost: the reader of the report, or the server. And what a signal
 * does meanwhile.
 *
 * Each pause lasts until it has shown what it is for: nothing moves any more, for longer than
 * haul's own limits, or an attempt has failed.
 */

/* Seconds of patience that haul has, and that outlast a busy machine. */
static int limit_s(void)
{
    return it_is_sanitized() ? 10 : 2;
}

/* A second of haul's own grace, and then what a busy machine takes: not a minute. */
enum { GRACE_S = 1, END_MAX_MS = 10000, ASK_MS = 100 };

static int64_t end_max_ms(void)
{
    return END_MAX_MS * (it_is_sanitized() ? 3 : 1);
}

static const struct shape {
    const char *options;
    int width; /* transfers at a time */
    bool tls;  /* and a connection for each URL */
} shapes[] = {
    {"-j 1", 1, false},
    {"-j 1", 1, true},
    {"-j 16", 16, false},
    {"-j 16", 16, true},
    {"-j 64", 64, false},
    {"-j 64", 64, true},
    {"-j 2 --streams 8", 16, false},
    {"-j 2 --streams 8", 16, true},
};

enum { SHAPES = sizeof shapes / sizeof *shapes };

static void add_urls(const struct shape *shape, int count)
{
    for (int i = 0; i < count; i++)
        add(shape->tls ? it_text("https://127.0.0.1:%d/size?n=5&close=1&i=%d", it_port("tls"), i)
                       : it_url("/size?n=5&i=%d", i));
}

/* A transfer that gets no service for limit_s() has failed. */
static const char *impatient(const struct shape *shape)
{
    return it_text("%s -k --connect-timeout %d --speed-time %d", shape->options, limit_s(),
                   limit_s());
}

/* ---- the reader ---- */

/* More rows than pipe, buffer, results queue and this window take. */
enum { UNREAD_URLS = 1500, UNREAD_WINDOW = 128, MEMORY_MAX_KB = 32 * 1024 };

static struct it_process *start_unread(struct reader *reader, const struct shape *shape,
                                       const char *options)
{
    begin_list();
    add_urls(shape, UNREAD_URLS);
    return reader_start(
        reader, it_text("%s --window %d%s", impatient(shape), UNREAD_WINDOW, options), end_list());
}

static void check_all_ok(const struct it_run *run)
{
    const json_t *rows = check_rows(run);

    ck_assert_uint_eq(it_count(rows, "ok"), json_array_size(rows));
    ck_assert_int_eq(run->status, 0);
}

static json_int_t count_retries(const struct it_run *run)
{
    const json_t *rows = it_rows(run->out);
    json_int_t count = 0;

    for (size_t i = 0; i < json_array_size(rows); i++)
        count += it_int(json_array_get(rows, i), "num_retries");
    return count;
}

START_TEST(reader_that_stops_costs_nothing_but_time)
{
    struct reader reader;
    struct it_process *process = start_unread(&reader, &shapes[_i], "");
    struct it_run run;

    reader_await_standstill(&reader, process, limit_s() * 1000 + 500);
    ck_assert_int_lt(it_stat("requests"), UNREAD_URLS);
    run = reader_finish(&reader, process);
    check_all_ok(&run);
    ck_assert_int_eq(it_stat("requests"), UNREAD_URLS);
    ck_assert_int_eq(count_retries(&run), 0); /* nor had anything to be tried twice */
    (void)fprintf(stderr, "peak memory of %s: %ld kB\n", shapes[_i].options, reader.peak_kb);
    if (!it_is_sanitized())
        ck_assert_int_le(reader.peak_kb, MEMORY_MAX_KB);
}
END_TEST

/* Each row is longer than the pipe: while nobody reads, the collector writes the first. */
START_TEST(total_is_kept_while_nobody_reads)
{
    static char word[READER_PIPE_SIZE];
    struct reader reader;
    struct it_process *process;
    struct it_run run;

    memset(word, 'x', sizeof word - 1);
    begin_list();
    for (int i = 0; i < 50; i++)
        add(it_url("/size?n=100000&i=%d&of=%s", i, word));
    process = reader_start(&reader, "-j 1 --max-total 250k", end_list());
    reader_await_standstill(&reader, process, 500);
    run = reader_finish(&reader, process);
    ck_assert_int_eq(run.status, 75);
    ck_assert_uint_eq(count_verdicts(check_rows(&run), "ok"), 3);
    ck_assert_int_eq(it_stat("requests"), 3);
}
END_TEST

static size_t count_done(const char *journal)
{
    struct it_run run = it_haul(IT_ARGS("report", "--format", "jsonl", journal));

    return it_count(it_rows(run.out), "ok");
}

/* The last row may have been cut by the pipe. */
static void check_shown(const char *out, size_t done)
{
    ck_assert_uint_le(it_lines(out), done);
}

START_TEST(reader_that_stops_and_a_signal_lose_nothing)
{
    const struct shape *shape = &shapes[_i];
    const char *journal = it_path(it_text("unread-%d", _i));
    struct reader reader;
    struct it_process *process = start_unread(
        &reader, shape, it_text(" --grace %d --sync none --journal %s", GRACE_S, journal));
    struct it_run done;
    json_int_t requests;
    size_t known;

    reader_await_standstill(&reader, process, 500);
    it_signal(process, SIGINT);
    done = reader_finish_unread(&reader, process, GRACE_S * 1000 + end_max_ms());
    ck_assert_int_eq(done.status, 130);
    known = count_done(journal);
    check_shown(done.out, known);
    requests = it_stat("requests");
    done = run(it_text("%s -k --resume --journal %s", shape->options, journal), it_path("list"));
    check_all_ok(&done);
    ck_assert_int_eq(it_stat("requests") - requests, UNREAD_URLS - (json_int_t)known);
    ck_assert_uint_eq(count_done(journal), UNREAD_URLS);
}
END_TEST

/* One who takes longer for what the collector has in hand than a lost thread is waited for. */
START_TEST(slow_reader_has_all_rows_after_a_signal)
{
    struct reader reader;
    struct it_process *process = start_unread(&reader, &shapes[0], " --grace 100ms");
    struct it_run done;
    const json_t *rows;

    reader_await_standstill(&reader, process, 500);
    it_signal(process, SIGINT);
    reader_read_slowly(&reader, 13000);
    done = reader_finish(&reader, process);
    ck_assert_int_eq(done.status, 130);
    ck_assert_ptr_null(strstr(done.err, "given up"));
    rows = it_rows(done.out);
    ck_assert_uint_eq(json_array_size(rows), UNREAD_URLS);
    ck_assert_uint_eq(it_count(rows, "ok") + it_count(rows, "pending"), UNREAD_URLS);
}
END_TEST

/* All is done, and nobody reads the summary: it is the last thing that haul waits for. */
START_TEST(summary_that_nobody_reads_does_not_outlast_a_signal)
{
    const char filler[READER_PIPE_SIZE] = "";
    const char *report = it_path("unread-summary.jsonl");
    int64_t since_ms = it_now_ms();
    struct it_process *process;
    int fd[2];

    ck_assert_int_eq(pipe(fd), 0);
    ck_assert_int_eq(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
    while (write(fd[1], filler, sizeof filler) > 0)
        continue;
    ck_assert_int_eq(fcntl(fd[1], F_SETFL, 0), 0);
    begin_list();
    add_urls(&shapes[0], 1);
    process = start_call((struct it_call){.error = fd[1]}, it_text("--grace 100ms -o %s", report),
                         end_list());
    while (access(report, F_OK)) /* it is there when the run is over */
        it_pause(since_ms, "the report");
    it_signal(process, SIGINT);
    since_ms = it_now_ms();
    while (!it_has_ended(process)) {
        ck_assert_msg(it_now_ms() - since_ms < end_max_ms(), "it does not end");
        it_pause(since_ms, "the end");
    }
    ck_assert_int_eq(it_finish(process).status, 0);
    (void)close(fd[0]);
    (void)close(fd[1]);
}
END_TEST

/* ---- the server ---- */

/* The number in front of `word` in the last line that has one; -1: there is none. */
static long last_figure(const char *text, const char *word)
{
    long figure = -1;

    for (const char *at = text; (at = strstr(at, word)); at++) {
        const char *digit = at;

        while (digit > text && digit[-1] >= '0' && digit[-1] <= '9')
            digit--;
        if (digit < at)
            figure = atol(digit);
    }
    return figure;
}

/* Asks until as many attempts as may run have failed and wait, or some of them for long enough. */
static void await_failures(struct it_process *process, const char *errors, int width)
{
    int64_t since_ms = it_now_ms(), asked_ms = 0, waited_ms = 0;
    long parked = 0;

    while (parked < width && !(parked > 0 && waited_ms > 2000 * limit_s())) {
        if (it_has_ended(process)) /* which takes rows, too */
            return;
        if (it_now_ms() - asked_ms > ASK_MS) {
            asked_ms = it_now_ms();
            it_signal(process, SIGUSR1);
        }
        it_pause(since_ms, "an attempt that has failed");
        parked = last_figure(it_read(errors, NULL), " parked, ");
        waited_ms = it_now_ms() - since_ms;
    }
}

static void await_answers(json_int_t count)
{
    int64_t since_ms = it_now_ms();

    it_await_requests(count);
    while (it_stat("in_progress"))
        it_pause(since_ms, "the last answer");
}

/*
 * The first half of the list makes the server well known. When it is answered, the server stands
 * still, and only then comes the second half: so each worker's next attempt meets it so.
 */
START_TEST(server_that_stands_still_for_a_while_loses_nothing)
{
    enum { HALF = 100 };
    const struct shape *shape = &shapes[_i];
    const char *errors = it_path(it_text("errors-%d", _i)), *text, *rest;
    int fd = open(errors, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct it_process *process =
        start_call((struct it_call){.error = fd, .keep_input = true}, impatient(shape), "-");
    struct it_run run;

    (void)close(fd);
    begin_list();
    add_urls(shape, 2 * HALF);
    rest = text = it_read(end_list(), NULL);
    for (int i = 0; i < HALF; i++)
        rest = strchr(rest, '\n') + 1;
    it_send(process, it_text("%.*s", (int)(rest - text), text));
    await_answers(HALF);
    it_signal_server(SIGSTOP);
    it_send(process, rest);
    it_close_input(process);
    await_failures(process, errors, shape->width);
    it_signal_server(SIGCONT);
    run = it_finish(process);
    run.err = it_read(errors, NULL);
    check_all_ok(&run);
}
END_TEST

/* ---- signals ---- */

/* What the first signal is answered with: one line, which names what is under way and what a
 * second signal does. */
static void check_stop_line(const char *text, const char *under_way)
{
    const char *line = strstr(text, "haul: ");

    ck_assert_msg(line != NULL, "nothing was said: '%s'", text);
    ck_assert_msg(strstr(line, under_way) != NULL, "not a word of %s: '%s'", under_way, text);
    ck_assert_msg(strstr(line, "second") || strstr(line, "again") || strstr(line, "another"),
                  "not a word of a second signal: '%s'", text);
}

static const char *await_stop_line(const char *errors)
{
    int64_t since_ms = it_now_ms();
    const char *text;

    while (!strchr(text = it_read(errors, NULL), '\n')) {
        ck_assert_msg(it_now_ms() - since_ms < end_max_ms(), "the first signal is not answered");
        it_pause(since_ms, "an answer to the first signal");
    }
    return text;
}

START_TEST(first_signal_is_answered_while_transfers_hang)
{
    const char *errors = it_path("stop-errors");
    int fd = open(errors, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct it_process *process;
    struct it_run run;

    begin_list();
    add_many(gate(), 5);
    process = start_call((struct it_call){.error = fd}, "-j 3 --grace 1h", end_list());
    (void)close(fd);
    it_await_gate(gate_name(), 3);
    it_signal(process, SIGINT);
    check_stop_line(await_stop_line(errors), "3 ");
    ck_assert(!it_has_ended(process));
    it_signal(process, SIGINT);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 130);
    run.err = it_read(errors, NULL);
    ck_assert_uint_eq(it_count(check_rows(&run), "pending"), 5);
}
END_TEST

/* Its collector can say nothing, for it waits for the reader. */
START_TEST(first_signal_is_answered_while_nobody_reads)
{
    struct reader reader;
    struct it_process *process = start_unread(&reader, &shapes[2], " --grace 1h");
    struct it_run run;

    reader_await_standstill(&reader, process, 500);
    it_signal(process, SIGINT);
    it_await_error(process, "\n");
    it_signal(process, SIGINT);
    run = reader_finish_unread(&reader, process, end_max_ms());
    ck_assert_int_eq(run.status, 130);
    check_stop_line(run.err, "");
}
END_TEST

static void begin_case(void)
{
    it_signal_server(SIGCONT); /* a case that failed may have left it stopped */
    it_reset_server();
}

int main(void)
{
    Suite *suite = suite_create("pressure");
    TCase *tcase = tcase_create("pressure");

    (void)unsetenv("MALLOC_PERTURB_"); /* it makes resident what is only reserved */
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, begin_case, NULL);
    tcase_set_timeout(tcase, 90);
    tcase_add_loop_test(tcase, reader_that_stops_costs_nothing_but_time, 0, SHAPES);
    tcase_add_test(tcase, total_is_kept_while_nobody_reads);
    tcase_add_loop_test(tcase, reader_that_stops_and_a_signal_lose_nothing, 0, SHAPES);
    tcase_add_test(tcase, slow_reader_has_all_rows_after_a_signal);
    tcase_add_test(tcase, summary_that_nobody_reads_does_not_outlast_a_signal);
    tcase_add_loop_test(tcase, server_that_stands_still_for_a_while_loses_nothing, 0, SHAPES);
    tcase_add_test(tcase, first_signal_is_answered_while_transfers_hang);
    tcase_add_test(tcase, first_signal_is_answered_while_nobody_reads);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
