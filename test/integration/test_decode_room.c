#include <signal.h>
#include <string.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * More bodies at a time than there is memory to decode them: none fails of that, they wait for one
 * another. Overlap is forced by a gate in front of the end of each body. That nothing waits for
 * ever, the clock of each case sees to.
 */

/* zstd: frames that ask for a window of 8 MiB, of 30,000 bytes and of 8 MiB of x. */
#define ZSTD_HEAD "28b52ffd0068"
#define ZSTD_BLOCK "02001078"
#define ZSTD_BLOCKS ZSTD_BLOCK ZSTD_BLOCK ZSTD_BLOCK ZSTD_BLOCK ZSTD_BLOCK ZSTD_BLOCK ZSTD_BLOCK
#define ZSTD_SMALL ZSTD_HEAD "83a90378"
#define ZSTD_LARGE                                                                                 \
    ZSTD_HEAD ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS  \
        ZSTD_BLOCKS ZSTD_BLOCKS "03001078"
/* 8 MiB of x in br, with a window of 16 MiB, and that in gzip. */
#define TWICE "1f8b08000000000002039bffff7ffd0fd50f8f363a287cffc70f00ec6e36270e000000"

enum { SMALL = 30000, LARGE = 8 << 20 };

/* A URL of its own; its end is behind that gate if there is one. */
static const char *body_url(int number, const char *coding, const char *hex, const char *gate)
{
    const char *hold = gate ? it_text("&framing=chunked&hold=%s", gate) : "";

    return it_url("/bytes/%d?coding=%s&hex=%s%s", number, coding, hex, hold);
}

static const char *write_list(const char *coding, const char *hex, const char *gate, int count)
{
    const char *path = it_path(gate);
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (int i = 0; i < count; i++)
        haul_buf_addf(&list, "%s\n", body_url(i, coding, hex, gate));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

/* The C library would write to all that is allocated, if it were asked to. */
static struct it_process *start(const char *workers, const char *memory, const char *list)
{
    const char *const *argv = IT_ARGS("-j", workers, "--decode-memory", memory, "--retry", "0",
                                      "--format", "jsonl", "-y", "60", "-i", list);

    return it_start(&(struct it_call){.argv = argv, .env = IT_ARGS("MALLOC_PERTURB_")});
}

static void check_all_ok(const char *out, size_t count, json_int_t size)
{
    const json_t *rows = it_rows(out), *row;
    size_t i;

    ck_assert_uint_eq(json_array_size(rows), count);
    json_array_foreach(rows, i, row)
    {
        ck_assert_str_eq(it_verdict(row), "ok");
        ck_assert_int_eq(it_int(row, "size_body"), size);
        ck_assert_int_eq(it_int(row, "attempts"), 1);
    }
}

/* Waits until all have asked, and all but so many, at most, were given up again. */
static void await_holders(json_int_t requests, json_int_t count)
{
    int64_t since_ms = it_now_ms();

    it_await_requests(requests);
    while (it_stat("in_progress") > count)
        it_pause(since_ms, it_text("%lld that hold memory", (long long)count));
}

/* ---- many at a time ---- */

START_TEST(windows_that_stay_empty_take_no_room)
{
    enum { COUNT = 150 };
    struct it_process *process =
        start("150", "64M", write_list("zstd", ZSTD_SMALL, "small", COUNT));
    struct it_run run;

    it_await_gate("small", COUNT);
    it_open_gate("small");
    run = it_finish(process);
    ck_assert_int_eq(run.status, 0);
    check_all_ok(run.out, COUNT, SMALL);
    ck_assert_int_eq(it_stat("requests"), COUNT);
    if (!it_is_sanitized())
        ck_assert_int_le(run.memory_kb, 100 * 1024); /* the windows are 1.2 GB */
}
END_TEST

static void finish_well(struct it_process *process, const char *gate, size_t count)
{
    struct it_run run;

    it_open_gate(gate);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 0);
    check_all_ok(run.out, count, LARGE);
}

START_TEST(bodies_wait_for_one_another)
{
    enum { COUNT = 20, FIT = 7 };
    struct it_process *process = start("20", "64M", write_list("zstd", ZSTD_LARGE, "large", COUNT));

    await_holders(COUNT, FIT);
    finish_well(process, "large", COUNT);
    ck_assert_int_ge(it_stat("requests"), COUNT + COUNT - FIT); /* the others had to wait ... */
    ck_assert_int_le(it_stat("requests"), 2 * COUNT);           /* ... and asked twice, not more */
}
END_TEST

START_TEST(two_stages_do_not_lock_one_another_out)
{
    enum { COUNT = 16, FIT = 3 };
    struct it_process *process = start("16", "30M", write_list("br,gzip", TWICE, "twice", COUNT));

    await_holders(COUNT, FIT);
    finish_well(process, "twice", COUNT);
}
END_TEST

/* Who waits has nothing of the connection that the others are served on. */
START_TEST(streams_of_one_connection_wait_for_one_another)
{
    enum { COUNT = 256 };
    const char *path = it_path("streams");
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    for (int i = 0; i < COUNT; i++)
        haul_buf_addf(&list, "https://127.0.0.1:%d/bytes/%d?coding=zstd&hold=1&hex=%s\n",
                      it_port("h2"), i, ZSTD_LARGE);
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    run = it_haul(IT_ARGS("-j", "1", "--streams", "256", "--decode-memory", "64M", "--retry", "0",
                          "--format", "jsonl", "--cacert", it_ca_file(), "--connect-timeout", "60",
                          "-y", "60", "-i", path));
    ck_assert_int_eq(run.status, 0);
    check_all_ok(run.out, COUNT, LARGE);
}
END_TEST

/* ---- one holds, one waits ---- */

struct pair {
    const char *holds, *waits; /* URLs; of the first one the end is behind the gate "pair" */
    struct it_process *process;
};

/* The same of the listener http2nd. */
static const char *other_port(const char *url)
{
    return it_text("http://127.0.0.1:%d%s", it_port("http2nd"), strstr(url, "/bytes"));
}

static struct it_process *begin_pair(const char *const *argv)
{
    (void)it_ask("/gate/close?name=pair");
    (void)it_ask("/gate/close?name=never");
    return it_start(&(struct it_call){.argv = argv, .keep_input = true});
}

/* The second body has been refused when this returns; `lines` end in that of the first one, which
 * are so many requests all in all, and `last` comes behind the second one. */
static struct pair hold(struct it_process *process, const char *holds, const char *lines,
                        int requests, const char *last)
{
    struct pair pair = {.holds = holds,
                        .waits = other_port(body_url(2, "zstd", ZSTD_LARGE, "never")),
                        .process = process};

    it_send(process, lines);
    it_await_gate("pair", 1);
    it_send(process, it_text("%s\n%s\n", pair.waits, last));
    it_close_input(process);
    await_holders(requests + 1, 1);
    return pair;
}

static struct pair start_pair(const char *const *argv)
{
    const char *holds = body_url(1, "zstd", ZSTD_LARGE, "pair");

    return hold(begin_pair(argv), holds, it_text("%s\n", holds), 1, "");
}

/* One thread: what is at the gate "pair" is decoded before the second one is connected. */
#define PAIR                                                                                       \
    "-j", "1", "--streams", "2", "--decode-memory", "10M", "--retry", "0", "--format", "jsonl"

START_TEST(holder_that_stalls_is_ended_and_who_waits_is_not)
{
    struct pair pair = start_pair(IT_ARGS(PAIR, "-y", "2", "-"));
    struct it_run run;

    it_open_gate("never");
    run = it_finish(pair.process);
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), pair.holds)), "failed stall");
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), pair.waits)), "ok");
    ck_assert_int_eq(it_stat("requests"), 3);
}
END_TEST

/* The holder sends no more than keeps it alive: whoever comes after it goes on all the same. */
START_TEST(waiting_ends_where_nobody_gives_anything_back)
{
    struct it_process *process = begin_pair(IT_ARGS(PAIR, "-Y", "0", "-"));
    const char *holds = body_url(1, "zstd", ZSTD_LARGE, "pair");
    const char *last = other_port(it_url("/bytes/3?hex=78"));
    struct it_run run;
    const json_t *row;
    struct pair pair;

    pair = hold(process, holds, it_text("%s\n", holds), 1, last);
    it_await_output(process, last);
    it_open_gate("pair");
    run = it_finish(process);
    row = it_row(it_rows(run.out), pair.waits);
    ck_assert_str_eq(it_verdict(row), "failed no-memory");
    ck_assert_int_eq(it_int(row, "exitcode"), 27);
    ck_assert_str_eq(it_str(row, "errormsg"),
                     "others keep the memory to decode the body, which --decode-memory limits");
    ck_assert(json_is_null(json_object_get(row, "http_code"))); /* nothing was under way */
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), last)), "ok");
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), holds)), "ok");
}
END_TEST

START_TEST(signal_ends_waiting_at_once)
{
    struct pair pair = start_pair(IT_ARGS(PAIR, "--grace", "60s", "-"));
    struct it_run run;

    it_signal(pair.process, SIGTERM);
    it_await_output(pair.process, pair.waits);
    it_open_gate("pair");
    run = it_finish(pair.process);
    ck_assert_int_eq(run.status, 128 + SIGTERM);
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), pair.waits)), "pending stopped");
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), pair.holds)), "ok");
}
END_TEST

START_TEST(second_signal_ends_holders_and_those_who_wait)
{
    struct pair pair = start_pair(IT_ARGS(PAIR, "--grace", "0s", "-"));
    struct it_run run;

    it_signal(pair.process, SIGTERM);
    it_signal(pair.process, SIGTERM);
    run = it_finish(pair.process);
    ck_assert_int_eq(run.status, 128 + SIGTERM);
    ck_assert_uint_eq(it_count(it_rows(run.out), "pending"), 2);
}
END_TEST

/* ---- holders that end badly, each in another way: what they had is there for who waits ---- */

static void check_end(struct pair pair, const char *verdict)
{
    struct it_run run;

    it_open_gate("never");
    it_open_gate("pair");
    run = it_finish(pair.process);
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), pair.holds)), verdict);
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), pair.waits)), "ok");
}

/* It ends on a used connection, by what says nothing of it, and a fresh one brings no answer. */
START_TEST(holder_whose_second_try_brings_nothing_keeps_nothing)
{
    struct it_process *process = begin_pair(IT_ARGS(PAIR, "-"));
    const char *first = it_url("/size?n=1");
    const char *holds = it_text("%s&rest=ff&once=1", body_url(1, "zstd", ZSTD_LARGE, "pair"));

    it_send(process, it_text("%s\n", first));
    it_await_output(process, first);
    check_end(hold(process, holds, it_text("%s\n", holds), 2, ""), "failed empty-reply");
}
END_TEST

/* The file is packed itself; that its checksum is not of what is in it, is looked at beside. */
static struct pair hold_other_form(const char *grace, const char *more)
{
    const char *holds =
        it_url("/bytes/f.zst?coding=zstd&hex=%s&framing=chunked&hold=pair%s", ZSTD_LARGE, more);
    const char *text = it_text("%s\n checksum=sha-256=%064d\n", holds, 0), *list = it_path("form");

    it_write(list, text, strlen(text));
    return hold(
        begin_pair(IT_ARGS(PAIR, "-d", it_path("files"), "--grace", grace, "-i", list, "-i", "-")),
        holds, "", 1, "");
}

static const struct other_end {
    const char *more, *verdict;
} other_ends[] = {{"&cut=1", "failed truncated"}, {"&rest=ff", "failed checksum"}};

START_TEST(holder_whose_other_form_does_not_end_keeps_nothing)
{
    const struct other_end *end = &other_ends[_i];

    check_end(hold_other_form("1s", end->more), end->verdict);
}
END_TEST

START_TEST(second_signal_ends_a_holder_of_the_other_form)
{
    struct pair pair = hold_other_form("0s", "");
    struct it_run run;

    it_signal(pair.process, SIGTERM);
    it_signal(pair.process, SIGTERM);
    run = it_finish(pair.process);
    ck_assert_int_eq(run.status, 128 + SIGTERM);
    ck_assert_uint_eq(it_count(it_rows(run.out), "pending"), 2);
}
END_TEST

/* ---- more than there is ---- */

START_TEST(body_beyond_the_limit_by_itself_fails_and_is_asked_for_twice)
{
    const char *url = body_url(1, "zstd", ZSTD_LARGE, NULL);
    struct it_run run =
        it_haul(IT_ARGS("--decode-memory", "4M", "--retry", "0", "--format", "jsonl", url));
    const json_t *row = it_row(it_rows(run.out), url);

    ck_assert_str_eq(it_verdict(row), "failed no-memory");
    ck_assert_str_eq(it_str(row, "errormsg"),
                     "to decode it would take more memory than --decode-memory allows");
    ck_assert_int_eq(it_int(row, "attempts"), 1);
    ck_assert_int_eq(it_stat("requests"), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode_room");
    TCase *tcase = tcase_create("room");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, windows_that_stay_empty_take_no_room);
    tcase_add_test(tcase, bodies_wait_for_one_another);
    tcase_add_test(tcase, two_stages_do_not_lock_one_another_out);
    tcase_add_test(tcase, streams_of_one_connection_wait_for_one_another);
    tcase_add_test(tcase, holder_that_stalls_is_ended_and_who_waits_is_not);
    tcase_add_test(tcase, waiting_ends_where_nobody_gives_anything_back);
    tcase_add_test(tcase, signal_ends_waiting_at_once);
    tcase_add_test(tcase, second_signal_ends_holders_and_those_who_wait);
    tcase_add_test(tcase, holder_whose_second_try_brings_nothing_keeps_nothing);
    tcase_add_loop_test(tcase, holder_whose_other_form_does_not_end_keeps_nothing, 0,
                        (int)(sizeof other_ends / sizeof *other_ends));
    tcase_add_test(tcase, second_signal_ends_a_holder_of_the_other_form);
    tcase_add_test(tcase, body_beyond_the_limit_by_itself_fails_and_is_asked_for_twice);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
