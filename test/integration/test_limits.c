#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * A poor place to run: what the system withholds ends in a message and a status, never in a crash.
 */

static void limit(int resource, rlim_t value)
{
    const struct rlimit both = {.rlim_cur = value, .rlim_max = value};

    if (setrlimit(resource, &both) != 0)
        _exit(125);
}

static void check_clean_end(const struct it_run *run)
{
    ck_assert_msg(run->signal == 0, "killed by signal %d: %.1000s", run->signal, run->err);
    ck_assert_int_ne(run->status, 125);
}

/* ---- memory for decoders ---- */

START_TEST(body_that_may_not_be_decoded_fails_for_memory_and_is_tried_again)
{
    const char *coded = it_url("/size?n=1000&gzip=1"), *plain = it_url("/size?n=1000");
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "--retry", "1", "--retry-delay", "1ms",
                                        "--decode-memory", "20K", coded, plain));
    const json_t *row = it_row(it_rows(run.out), coded);

    ck_assert_int_eq(run.status, 75);
    ck_assert_str_eq(it_verdict(row), "failed no-memory");
    ck_assert_str_eq(it_str(row, "errormsg"),
                     "to decode it would take more memory than --decode-memory allows");
    ck_assert_int_eq(it_int(row, "attempts"), 2);
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), plain)), "ok");
    run = it_haul(IT_ARGS("--decode-memory", "70K", coded));
    ck_assert_int_eq(run.status, 0);
}
END_TEST

/* ---- descriptors ---- */

static void few_descriptors(void)
{
    limit(RLIMIT_NOFILE, 20);
}

START_TEST(too_few_descriptors_are_named_with_a_way_out)
{
    struct it_run run = it_call(&(struct it_call){.argv = IT_ARGS("-j", "16", it_url("/size?n=1")),
                                                  .prepare = few_descriptors});

    check_clean_end(&run);
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, "file descriptors") != NULL, "%.1000s", run.err);
    ck_assert_str_eq(run.out, "");
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

static void enough_for_few_workers(void)
{
    limit(RLIMIT_NOFILE, 64);
}

START_TEST(fewer_workers_need_fewer_descriptors)
{
    struct it_run run = it_call(&(struct it_call){.argv = IT_ARGS("-j", "2", it_url("/size?n=1")),
                                                  .prepare = enough_for_few_workers});

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 1);
}
END_TEST

/* ---- memory ---- */

static rlim_t address_space;

static void little_memory(void)
{
    limit(RLIMIT_AS, address_space);
}

/* From nearly nothing to enough: each failure on the way is one that is reported. */
START_TEST(little_memory_ends_in_a_status)
{
    struct it_run run;

    if (it_is_sanitized())
        return; /* their shadow memory does not fit into any limit */
    address_space = (rlim_t)(20 + 10 * _i) << 20;
    run = it_call(&(struct it_call){
        .argv = IT_ARGS("-j", "8", it_url("/size?n=1"), it_url("/size?n=2"), it_url("/size?n=3")),
        .prepare = little_memory});
    if (run.status == 127)
        return; /* not even the loader had enough */
    check_clean_end(&run);
    if (run.status == 0)
        ck_assert_uint_eq(it_lines(run.out), 3);
    else
        ck_assert_str_ne(run.err, "");
}
END_TEST

/* ---- the size of files ---- */

static void small_files(void)
{
    limit(RLIMIT_FSIZE, 1000);
}

START_TEST(report_larger_than_files_may_be_gives_3)
{
    const char *path = it_path("large-report");
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    for (int i = 0; i < 200; i++)
        haul_buf_addf(&list, "%s\n", it_url("/size?n=1&i=%d", i));
    run = it_call(&(struct it_call){.argv = IT_ARGS("--format", "jsonl", "-o", path),
                                    .input = haul_buf_str(&list),
                                    .prepare = small_files});
    haul_buf_done(&list);
    check_clean_end(&run);
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, "cannot be written") != NULL, "%.1000s", run.err);
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

/* ---- standard streams that are not there ---- */

static int closed;

static void close_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (closed & 1 << fd)
            (void)close(fd);
}

START_TEST(closed_streams_do_no_harm)
{
    const char *path = it_path("list"), *text = it_text("%s\n", it_url("/size?n=1"));
    struct it_run run;

    closed = _i;
    it_write(path, text, strlen(text));
    run = it_call(&(struct it_call){.argv = IT_ARGS("-v", "-i", path), .prepare = close_streams});
    check_clean_end(&run);
    ck_assert_int_eq(run.status, closed & 1 << STDOUT_FILENO ? 3 : 0);
    if (!(closed & 1 << STDOUT_FILENO))
        ck_assert_uint_eq(it_lines(run.out), 1);
    ck_assert_str_eq(it_read(path, NULL), text);
}
END_TEST

START_TEST(closed_streams_do_no_harm_to_a_report_file)
{
    const char *path = it_path(it_text("report-%d", _i));
    struct it_run run;

    closed = _i;
    run = it_call(&(struct it_call){.argv = IT_ARGS("-o", path, it_url("/size?n=1")),
                                    .prepare = close_streams});
    check_clean_end(&run);
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(it_read(path, NULL)), 1);
}
END_TEST

START_TEST(closed_input_that_is_to_be_read_gives_3)
{
    struct it_run run;

    closed = 1;
    run = it_call(&(struct it_call){.argv = IT_ARGS("-"), .prepare = close_streams});
    check_clean_end(&run);
    ck_assert_int_ne(run.status, 0);
    ck_assert_str_ne(run.err, "");
}
END_TEST

/* ---- the environment ---- */

START_TEST(empty_environment_is_enough)
{
    struct it_run run = it_call(&(struct it_call){
        .argv = IT_ARGS(it_url("/size?n=1")),
        .env = IT_ARGS("HOME", "USER", "LOGNAME", "TERM", "LANG", "LC_ALL", "TMPDIR", "PATH")});

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 1);
}
END_TEST

START_TEST(missing_directory_for_temporary_files_does_not_matter_to_a_short_list)
{
    struct it_run run = it_call(&(struct it_call){.argv = IT_ARGS(it_url("/size?n=1")),
                                                  .env = IT_ARGS("TMPDIR=/nonexistent")});

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 1);
}
END_TEST

START_TEST(proxy_of_the_environment_is_not_used_unasked)
{
    const char *proxy = it_text("http_proxy=http://127.0.0.1:%d/", it_port("refused"));
    const char *const env[] = {proxy, NULL};
    struct it_run run =
        it_call(&(struct it_call){.argv = IT_ARGS(it_url("/size?n=1")), .env = env});

    ck_assert_int_eq(run.status, 0);
    run = it_call(
        &(struct it_call){.argv = IT_ARGS("--proxy-from-env", it_url("/size?n=1")), .env = env});
    ck_assert_int_eq(run.status, 75);
}
END_TEST

START_TEST(exceptions_from_the_environment_do_not_touch_a_proxy_that_was_asked_for)
{
    const char *proxy = it_text("http://127.0.0.1:%d/", it_port("refused"));
    const char *const env[] = {"no_proxy=*", "NO_PROXY=*", NULL};
    struct it_run run = it_call(&(struct it_call){
        .argv = IT_ARGS("-x", proxy, "--retry", "0", it_url("/size?n=1")), .env = env});

    ck_assert_int_eq(run.status, 75);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("limits");
    TCase *tcase = tcase_create("limits");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, body_that_may_not_be_decoded_fails_for_memory_and_is_tried_again);
    tcase_add_test(tcase, too_few_descriptors_are_named_with_a_way_out);
    tcase_add_test(tcase, fewer_workers_need_fewer_descriptors);
    tcase_add_loop_test(tcase, little_memory_ends_in_a_status, 0, 30);
    tcase_add_test(tcase, report_larger_than_files_may_be_gives_3);
    tcase_add_loop_test(tcase, closed_streams_do_no_harm, 0, 8);
    tcase_add_loop_test(tcase, closed_streams_do_no_harm_to_a_report_file, 0, 8);
    tcase_add_test(tcase, closed_input_that_is_to_be_read_gives_3);
    tcase_add_test(tcase, empty_environment_is_enough);
    tcase_add_test(tcase, missing_directory_for_temporary_files_does_not_matter_to_a_short_list);
    tcase_add_test(tcase, proxy_of_the_environment_is_not_used_unasked);
    tcase_add_test(tcase, exceptions_from_the_environment_do_not_touch_a_proxy_that_was_asked_for);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
