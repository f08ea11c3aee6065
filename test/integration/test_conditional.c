#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "servers.h"

/* Asking only for what has changed since an earlier run. */

static const char *journal(const char *name)
{
    const char *path = it_path(name);

    (void)unlink(path);
    return path;
}

/* A first run over the URLs, and its journal. */
static const char *first_run(const char *url, const char *more)
{
    const char *path = journal("first");

    it_haul(IT_ARGS("--journal", path, "-j", "1", url, more));
    it_reset_server();
    return path;
}

static const json_t *ask_again(const char *since, const char *how, const char *url)
{
    struct it_run run = it_haul(
        IT_ARGS("--since", since, how, "--journal", journal("second"), "--format", "jsonl", url));
    const json_t *rows = it_rows(run.out);

    ck_assert_uint_eq(json_array_size(rows), 1);
    it_check_equation(run.err, 1);
    return json_array_get(rows, 0);
}

static void check_asked(const char *prefix, const char *header, bool asked)
{
    const json_t *log = it_log(prefix);

    ck_assert_uint_eq(json_array_size(log), 1);
    ck_assert_int_eq(it_log_has_header(json_array_get(log, 0), header), asked);
}

static void check_unchanged(const json_t *row)
{
    ck_assert_str_eq(it_verdict(row), "unchanged");
    ck_assert_int_eq(it_int(row, "http_code"), 304);
    ck_assert_int_eq(it_int(row, "size_body"), 1000);
    ck_assert_int_eq(it_int(row, "size_download"), 0);
}

START_TEST(page_with_the_same_etag_is_unchanged_and_has_its_old_size)
{
    const char *url = it_url("/range?n=1000&etag=one");
    const json_t *row = ask_again(first_run(url, NULL), "--etags", url);

    check_unchanged(row);
    ck_assert_str_eq(it_str(row, "etag"), "\"one\"");
    check_asked("/range", "If-None-Match", true);
    check_asked("/range", "If-Modified-Since", false);
}
END_TEST

/* The second run's journal serves a third. */
START_TEST(page_unchanged_twice_has_its_old_size)
{
    const char *url = it_url("/range?n=1000&etag=one"), *third = journal("third");

    check_unchanged(ask_again(first_run(url, NULL), "--etags", url));
    ck_assert_int_eq(rename(it_path("second"), third), 0);
    check_unchanged(ask_again(third, "--etags", url));
}
END_TEST

START_TEST(page_with_the_same_time_is_unchanged)
{
    const char *url = it_url("/range?n=1000&lm=1000000000");

    check_unchanged(ask_again(first_run(url, NULL), "-N", url));
    check_asked("/range", "If-Modified-Since", true);
    check_asked("/range", "If-None-Match", false);
}
END_TEST

/* The server's count of requests is not forgotten between the runs: the second one gets another. */
START_TEST(page_that_has_changed_is_fetched)
{
    const char *url = it_url("/range?n=1000&etag=one&change=1"), *first = journal("first");
    const json_t *row;

    it_haul(IT_ARGS("--journal", first, url));
    row = ask_again(first, "--etags", url);
    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_str_eq(it_str(row, "etag"), "\"another\"");
    ck_assert(it_log_has_header(json_array_get(it_log("/range"), 1), "If-None-Match"));
}
END_TEST

/* Where it was found before it is asked so, and nowhere on the way. */
START_TEST(page_behind_a_redirect_is_asked_for_where_it_is)
{
    const char *url = it_url("/redirect?to=/range%%3Fn=1000%%26etag=one");

    check_unchanged(ask_again(first_run(url, NULL), "--etags", url));
    check_asked("/redirect", "If-None-Match", false);
    check_asked("/range", "If-None-Match", true);
}
END_TEST

/*
 * What is hidden of a URL in the journal is known by the whole key of it; where a redirect led is
 * known by the text alone, and a hidden one is nobody's.
 */
START_TEST(page_whose_url_is_hidden_is_asked_for_unless_it_was_redirected)
{
    const char *url = _i ? it_url("/redirect?to=/range%%3Fn=1000%%26etag=one%%26token=secret-1")
                         : it_url("/range?n=1000&etag=one&token=secret-1");
    struct it_run run;

    (void)journal("first");
    it_haul(IT_ARGS("--journal", it_path("first"), "--redact", "token", "-q", url));
    it_reset_server();
    run = it_haul(IT_ARGS("--since", it_path("first"), "--etags", "--redact", "token", "--format",
                          "jsonl", url));
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), _i ? "ok" : "unchanged");
    check_asked("/range", "If-None-Match", !_i);
    it_reset_server(); /* one with another token is another one */
    run = it_haul(IT_ARGS("--since", it_path("first"), "--etags", "--redact", "token", "--format",
                          "jsonl", it_url("/range?n=1000&etag=one&token=secret-2")));
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "ok");
    check_asked("/range", "If-None-Match", false);
}
END_TEST

START_TEST(page_without_validator_is_fetched)
{
    const char *url = it_url("/size?n=7");

    ck_assert_str_eq(it_verdict(ask_again(first_run(url, NULL), "--etags", url)), "ok");
    check_asked("/size", "If-None-Match", false);
}
END_TEST

START_TEST(answer_304_that_was_not_asked_for_is_a_failure)
{
    const char *url = it_url("/status/304");
    const json_t *row = ask_again(first_run(it_url("/range?etag=one"), NULL), "--etags", url);

    ck_assert_str_eq(it_verdict(row), "failed bad-status");
}
END_TEST

START_TEST(url_that_stands_twice_is_unchanged_twice)
{
    const char *url = it_url("/range?n=1000&etag=one"), *since = first_run(url, url);
    struct it_run run =
        it_haul(IT_ARGS("--since", since, "--etags", "--format", "jsonl", url, url));

    ck_assert_uint_eq(it_count(it_rows(run.out), "unchanged"), 2);
    ck_assert_int_eq(run.status, 0);
}
END_TEST

static const char *file_of(const char *dir, const char *name)
{
    return it_text("%s/127.0.0.1%%3A%d/%s", dir, it_port("http"), name);
}

/* A file that is not as it was saved is no file to whoever asks what has changed. */
START_TEST(page_whose_file_was_cut_is_fetched)
{
    const char *url = it_url("/range?n=1000&etag=one"), *dir = it_path(it_text("cut-%d", _i));
    const char *file = file_of(dir, "range%3Fn%3D1000%26etag%3Done"), *first = journal("first");
    size_t len;

    ck_assert_int_eq(it_haul(IT_ARGS("-d", dir, "--journal", first, url)).status, 0);
    if (_i)
        it_write(file, "cut", 3);
    it_reset_server();
    it_haul(IT_ARGS("-d", dir, "--since", first, "--etags", url));
    check_asked("/range", "If-None-Match", !_i);
    (void)it_read(file, &len);
    ck_assert_uint_eq(len, 1000);
}
END_TEST

/* A journal that says "unchanged" is believed only where the file is. */
START_TEST(page_that_was_unchanged_and_has_lost_its_file_is_fetched)
{
    const char *url = it_url("/range?n=1000&etag=one"), *dir = it_path(it_text("lost-%d", _i));
    const char *file = file_of(dir, "range%3Fn%3D1000%26etag%3Done");
    const char *first = journal("first"), *second = journal("second");

    ck_assert_int_eq(it_haul(IT_ARGS("-d", dir, "--journal", first, url)).status, 0);
    it_haul(IT_ARGS("-d", dir, "--since", first, "--etags", "--journal", second, url));
    if (_i)
        ck_assert_int_eq(unlink(file), 0);
    it_reset_server();
    ck_assert_int_eq(it_haul(IT_ARGS("-d", dir, "--journal", second, "--resume", url)).status, 0);
    ck_assert_int_eq(it_stat("requests"), _i);
    ck_assert_int_eq(access(file, F_OK), 0);
}
END_TEST

static const struct {
    const char *const argv[6];
    const char *said;
} wrong[] = {
    {{"--etags", "http://127.0.0.1/"}, "need --since JOURNAL or --history"},
    {{"-N", "http://127.0.0.1/"}, "need --since JOURNAL or --history"},
    {{"--since", "/dev/null", "http://127.0.0.1/"}, "of use with --etags or --timestamping only"},
    {{"--etags", "--since", "/nowhere/x", "http://127.0.0.1/"}, "/nowhere/x: the earlier journal"},
    {{"--etags", "--since", "/etc/passwd", "http://127.0.0.1/"}, "not a journal of haul's"},
};

START_TEST(wrong_usage_is_told)
{
    struct it_run run = it_haul(wrong[_i].argv);

    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, wrong[_i].said));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conditional");
    TCase *tcase = tcase_create("conditional");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, page_with_the_same_etag_is_unchanged_and_has_its_old_size);
    tcase_add_test(tcase, page_unchanged_twice_has_its_old_size);
    tcase_add_test(tcase, page_with_the_same_time_is_unchanged);
    tcase_add_test(tcase, page_that_has_changed_is_fetched);
    tcase_add_test(tcase, page_behind_a_redirect_is_asked_for_where_it_is);
    tcase_add_loop_test(tcase, page_whose_url_is_hidden_is_asked_for_unless_it_was_redirected, 0,
                        2);
    tcase_add_test(tcase, page_without_validator_is_fetched);
    tcase_add_test(tcase, answer_304_that_was_not_asked_for_is_a_failure);
    tcase_add_test(tcase, url_that_stands_twice_is_unchanged_twice);
    tcase_add_loop_test(tcase, page_whose_file_was_cut_is_fetched, 0, 2);
    tcase_add_loop_test(tcase, page_that_was_unchanged_and_has_lost_its_file_is_fetched, 0, 2);
    tcase_add_loop_test(tcase, wrong_usage_is_told, 0, sizeof wrong / sizeof *wrong);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
