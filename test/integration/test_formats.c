/* openpty: POSIX has no short way to a terminal. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/* The report, its formats and orders, and what else is said on standard error. */

/* A list with something of everything; 7 lines. */
static const char *mixed_list(void)
{
    const char *path = it_path("mixed");
    const char *text =
        it_text("%s\n%s\nhttp://127.0.0.1:%d/\nftp://x/\n%s\n%s\nnothing://\"quo,ted\"\n",
                it_url("/size?n=1000000"), it_url("/status/404"), it_port("refused"),
                it_url("/any/=1+1,\"x\"?n=12"), it_url("/redirect-chain?n=3"));

    it_write(path, text, strlen(text));
    return path;
}

static struct it_run run_mixed(const char *format)
{
    struct it_run run =
        it_haul(IT_ARGS("-j", "3", "--format", format, "--order", "input", "-i", mixed_list()));

    ck_assert_int_eq(run.status, 1);
    return run;
}

/* Python's readers, as a second opinion: they print JSON Lines of texts, null as "". */
static const json_t *read_with_python(const char *report, size_t len, const char *program)
{
    struct it_run run = it_call(&(struct it_call){.program = "/usr/bin/env",
                                                  .argv = IT_ARGS("python3", "-c", program),
                                                  .input = report,
                                                  .input_len = len});

    ck_assert_msg(run.status == 0, "%.1000s", run.err);
    return it_rows(run.out);
}

static const char python_csv[] =
    "import csv,json,sys\n"
    "sys.stdin.reconfigure(encoding='utf-8',newline='')\n"
    "for r in csv.DictReader(sys.stdin,strict=True): print(json.dumps(r))\n";
static const char python_json[] =
    "import json,sys\n"
    "sys.stdin.reconfigure(encoding='utf-8')\n"
    "t=lambda v:'' if v is None else str(v).lower() if isinstance(v,bool) else str(v)\n"
    "for l in sys.stdin: print(json.dumps({k:t(v) for k,v in json.loads(l).items()}))\n";

/* What must be the same in two runs over the same list. */
static const char *const stable[] = {"url",      "outcome",       "reason",       "http_code",
                                     "line",     "size_body",     "content_type", "source",
                                     "scheme",   "num_redirects", "verified",     "method",
                                     "exitcode", "url_effective", "remote_ip",    "errormsg"};

/* A formula's apostrophe is the spreadsheet's, not the value's. */
static const char *without_apostrophe(const char *cell)
{
    return cell[0] == '\'' && strchr("=+-@", cell[1]) ? cell + 1 : cell;
}

static void check_same(const json_t *a, const json_t *b)
{
    ck_assert_uint_eq(json_array_size(a), json_array_size(b));
    for (size_t i = 0; i < json_array_size(a); i++) {
        for (size_t k = 0; k < sizeof stable / sizeof *stable; k++) {
            const char *left = it_str(json_array_get(a, i), stable[k]);
            const char *right = it_str(json_array_get(b, i), stable[k]);

            if (strcmp(stable[k], "errormsg") == 0 && *left && *right)
                continue; /* it tells times */
            ck_assert_str_eq(without_apostrophe(left), without_apostrophe(right));
        }
    }
}

static const json_t *read_jsonl(void)
{
    struct it_run run = run_mixed("jsonl");

    ck_assert_uint_eq(json_array_size(it_rows(run.out)), 7);
    return read_with_python(run.out, run.out_len, python_json);
}

START_TEST(csv_says_the_same_as_jsonl)
{
    struct it_run run = run_mixed("csv");

    check_same(read_jsonl(), read_with_python(run.out, run.out_len, python_csv));
}
END_TEST

/* One row of TSV as an object of texts. */
static json_t *read_tsv_row(const char *head, const char *row)
{
    json_t *object = json_object();

    for (;;) {
        size_t name = strcspn(head, "\t\n"), cell = strcspn(row, "\t\n");

        json_object_set_new(object, it_text("%.*s", (int)name, head), json_stringn(row, cell));
        ck_assert_int_eq(head[name], row[cell]);
        if (head[name] == '\n')
            return object;
        head += name + 1;
        row += cell + 1;
    }
}

START_TEST(tsv_says_the_same_as_jsonl)
{
    struct it_run run = run_mixed("tsv");
    const char *row = run.out;
    json_t *rows = json_array();

    while (*(row = strchr(row, '\n') + 1))
        json_array_append_new(rows, read_tsv_row(run.out, row));
    check_same(read_jsonl(), rows);
    json_decref(rows);
}
END_TEST

START_TEST(text_is_that_of_the_ancestor)
{
    struct it_run run = it_haul(IT_ARGS("-j", "3", it_url("/size?n=1256"), it_url("/size?n=0"),
                                        it_url("/size?n=1234567"), it_url("/status/404")));
    const char *urls[] = {it_url("/size?n=1256"), it_url("/size?n=0"), it_url("/size?n=1234567"),
                          it_url("/status/404")};

    ck_assert_str_eq(run.out, it_text("%-30s :      1,256\n%-30s :          0\n%-30s :  1,234,567\n"
                                      "%-30s : failed: http-404\n",
                                      urls[0], urls[1], urls[2], urls[3]));
}
END_TEST

START_TEST(text_has_the_lines_of_jsonl)
{
    struct it_run text = run_mixed("text");
    const json_t *rows = it_rows(run_mixed("jsonl").out);
    const char *at = text.out;

    ck_assert_uint_eq(it_lines(text.out), json_array_size(rows));
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *url = it_str(json_array_get(rows, i), "url");

        ck_assert_int_eq(strncmp(at, url, strlen(url)), 0);
        at = strchr(at, '\n') + 1;
    }
}
END_TEST

/* ---- orders ---- */

START_TEST(order_of_the_input_is_restored_behind_a_slow_first_url)
{
    struct haul_buf list;
    struct it_process *process;
    struct it_run run;
    const json_t *rows;

    haul_buf_init(&list, 0);
    haul_buf_addf(&list, "%s\n", it_url("/gate?name=first"));
    for (int i = 1; i < 500; i++)
        haul_buf_addf(&list, "%s\n", it_url("/size?n=%d", i));
    process = it_start(
        &(struct it_call){.argv = IT_ARGS("-j", "8", "--format", "jsonl", "--order", "input"),
                          .input = haul_buf_str(&list),
                          .keep_input = true});
    it_send(process, "");
    haul_buf_done(&list);
    it_await_requests(500);
    it_open_gate("first");
    run = it_finish(process);
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(json_array_size(rows), 500);
    for (size_t i = 0; i < 500; i++)
        ck_assert_int_eq(it_int(json_array_get(rows, i), "line"), (json_int_t)i + 1);
}
END_TEST

START_TEST(order_of_the_end_does_not_wait_for_a_slow_first_url)
{
    struct it_process *process = it_start(&(struct it_call){
        .argv = IT_ARGS("-j", "2", "--format", "jsonl", "--order", "done",
                        it_url("/gate?name=done"), it_url("/size?n=1"), it_url("/size?n=2"))});
    struct it_run run;
    const json_t *rows;

    it_await_output(process, "/size?n=2");
    it_open_gate("done");
    run = it_finish(process);
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 3);
    ck_assert_int_eq(it_int(json_array_get(rows, 2), "line"), 1);
}
END_TEST

enum { HELD_BACK = 100000, HELD_BACK_MAX_KB = 40 * 1024 };

static const char *held_back_list(void)
{
    const char *path = it_path("held-back"), *url = it_url("/any/x?n=1");
    FILE *file = fopen(path, "we");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_gt(fprintf(file, "%s\n", it_url("/gate?name=held")), 0);
    for (int i = 1; i < HELD_BACK; i++)
        ck_assert_int_gt(fprintf(file, "%s&i=%d\n", url, i), 0);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

/* Line by line: string functions that look for the end of the whole text would take for ever. */
static void check_held_back(const char *report)
{
    FILE *file = fopen(report, "re");
    char row[4096];

    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(row, sizeof row, file));
    ck_assert_ptr_nonnull(fgets(row, sizeof row, file));
    ck_assert_ptr_nonnull(strstr(row, "/gate?name=held"));
    for (int i = 1; i < HELD_BACK; i++) {
        const char *mark;

        ck_assert_ptr_nonnull(fgets(row, sizeof row, file));
        mark = strstr(row, "&i=");
        ck_assert_ptr_nonnull(mark);
        ck_assert_int_eq(atoi(mark + 3), i);
    }
    ck_assert_ptr_null(fgets(row, sizeof row, file));
    (void)fclose(file);
}

START_TEST(many_rows_held_back_take_little_memory)
{
    const char *report = it_path("held-report");
    struct it_process *process = it_start(
        &(struct it_call){.argv = IT_ARGS("-j", "16", "--format", "tsv", "--order", "input", "-Y",
                                          "0", "-o", report, "-i", held_back_list())});
    struct it_run run;

    it_await_requests(HELD_BACK);
    it_open_gate("held");
    run = it_finish(process);
    ck_assert_int_eq(run.status, 0);
    it_check_equation(run.err, HELD_BACK);
    check_held_back(report);
    (void)fprintf(stderr, "peak memory with %d rows held back: %ld kB\n", HELD_BACK, run.memory_kb);
    if (it_is_sanitized())
        (void)fputs("built with sanitizers: memory is not looked at\n", stderr);
    else
        ck_assert_int_lt(run.memory_kb, HELD_BACK_MAX_KB);
}
END_TEST

/* ---- standard error ---- */

START_TEST(summary_adds_up)
{
    struct it_run run = run_mixed("text");

    it_check_equation(run.err, 7);
    ck_assert_msg(strstr(run.err, "= 3 ok + 2 failed + 2 invalid") != NULL, "%s", run.err);
}
END_TEST

START_TEST(quiet_run_says_nothing)
{
    struct it_run run = it_haul(IT_ARGS("-q", "-i", mixed_list()));

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(run.err, "");
    ck_assert_uint_eq(it_lines(run.out), 7);
}
END_TEST

START_TEST(verbose_run_names_every_url_and_leaves_the_report_alone)
{
    struct it_run run = it_haul(IT_ARGS("-v", "-i", mixed_list()));

    ck_assert_uint_eq(it_lines(run.out), 7);
    ck_assert_ptr_nonnull(strstr(run.err, it_url("/status/404")));
    ck_assert_ptr_nonnull(strstr(run.err, "worker"));
    run = it_haul(IT_ARGS("-v", it_url("/status/404")));
    ck_assert_ptr_nonnull(strstr(run.err, " failed http-404 404, "));
}
END_TEST

START_TEST(progress_without_terminal_is_not_shown)
{
    struct it_run run = it_haul(IT_ARGS(it_url("/delay?ms=600")));

    ck_assert_ptr_null(strchr(run.err, '\r'));
    ck_assert_ptr_null(strchr(run.err, 0x1b));
}
END_TEST

START_TEST(plain_progress_has_lines_and_no_escapes)
{
    struct it_process *process = it_start(
        &(struct it_call){.argv = IT_ARGS("--progress=plain", it_url("/gate?name=plain"))});
    struct it_run run;

    it_await_error(process, "in flight");
    it_open_gate("plain");
    run = it_finish(process);
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_null(strchr(run.err, '\r'));
    ck_assert_ptr_null(strchr(run.err, 0x1b));
    ck_assert_int_eq(strncmp(run.err, "haul: ", 6), 0);
}
END_TEST

/* ---- a terminal ---- */

static void read_terminal(int fd, struct haul_buf *screen)
{
    struct pollfd set = {.fd = fd, .events = POLLIN};
    char *room = haul_buf_reserve(screen, 4096);
    ssize_t got;

    ck_assert_ptr_nonnull(room);
    if (poll(&set, 1, 5) <= 0)
        return;
    got = read(fd, room, 4096);
    if (got > 0)
        haul_buf_grew(screen, (size_t)got);
}

/* Carriage return and "erase to the end of the line" are all that a progress line needs. */
static void check_escapes(const char *screen)
{
    for (const char *at = screen; (at = strchr(at, 0x1b)); at++)
        ck_assert_msg(strncmp(at, "\x1b[K", 3) == 0, "escape sequence: %.20s", at + 1);
}

START_TEST(progress_on_a_terminal_erases_itself)
{
    struct haul_buf screen;
    struct it_process *process;
    struct it_run run;
    int master, slave;
    int64_t since_ms = it_now_ms();

    ck_assert_int_eq(
        openpty(&master, &slave, NULL, NULL, &(struct winsize){.ws_row = 24, .ws_col = 80}), 0);
    haul_buf_init(&screen, 0);
    process =
        it_start(&(struct it_call){.argv = IT_ARGS(it_url("/gate?name=tty"), it_url("/status/404")),
                                   .error = slave,
                                   .env = IT_ARGS("TERM=xterm", "NO_COLOR", "COLUMNS")});
    while (!strstr(haul_buf_str(&screen), "in flight")) {
        read_terminal(master, &screen);
        ck_assert_msg(it_now_ms() - since_ms < 20000, "no progress: %s", haul_buf_str(&screen));
    }
    it_open_gate("tty");
    while (!it_has_ended(process))
        read_terminal(master, &screen);
    for (int i = 0; i < 3; i++)
        read_terminal(master, &screen);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(run.out, it_text("%-30s :          5\n%-30s : failed: http-404\n",
                                      it_url("/gate?name=tty"), it_url("/status/404")));
    check_escapes(haul_buf_str(&screen));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&screen), "2 lines = 1 ok + 1 failed"));
    (void)close(master);
    (void)close(slave);
    haul_buf_done(&screen);
}
END_TEST

START_TEST(dumb_terminal_gets_no_progress)
{
    struct haul_buf screen;
    struct it_process *process;
    int master, slave;

    ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
    haul_buf_init(&screen, 0);
    process = it_start(&(struct it_call){
        .argv = IT_ARGS(it_url("/delay?ms=800")), .error = slave, .env = IT_ARGS("TERM=dumb")});
    while (!it_has_ended(process))
        read_terminal(master, &screen);
    read_terminal(master, &screen);
    ck_assert_int_eq(it_finish(process).status, 0);
    ck_assert_ptr_null(strchr(haul_buf_str(&screen), 0x1b));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&screen), "1 line = 1 ok"));
    (void)close(master);
    (void)close(slave);
    haul_buf_done(&screen);
}
END_TEST

static void add_formats(TCase *tcase)
{
    tcase_add_test(tcase, csv_says_the_same_as_jsonl);
    tcase_add_test(tcase, tsv_says_the_same_as_jsonl);
    tcase_add_test(tcase, text_is_that_of_the_ancestor);
    tcase_add_test(tcase, text_has_the_lines_of_jsonl);
    tcase_add_test(tcase, order_of_the_input_is_restored_behind_a_slow_first_url);
    tcase_add_test(tcase, order_of_the_end_does_not_wait_for_a_slow_first_url);
    tcase_add_test(tcase, many_rows_held_back_take_little_memory);
}

int main(void)
{
    Suite *suite = suite_create("formats");
    TCase *tcase = tcase_create("formats");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 120);
    add_formats(tcase);
    tcase_add_test(tcase, summary_adds_up);
    tcase_add_test(tcase, quiet_run_says_nothing);
    tcase_add_test(tcase, verbose_run_names_every_url_and_leaves_the_report_alone);
    tcase_add_test(tcase, progress_without_terminal_is_not_shown);
    tcase_add_test(tcase, plain_progress_has_lines_and_no_escapes);
    tcase_add_test(tcase, progress_on_a_terminal_erases_itself);
    tcase_add_test(tcase, dumb_terminal_gets_no_progress);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
