#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "servers.h"

/*
 * Going on with what was begun: which request is made for it, what answers are believed, and that
 * no file is ever made of two.
 */

enum { SIZE = 200000, CUT = 100000 };

static const char *dir;

static void begin_case(void)
{
    it_reset_server();
    dir = it_path("continue-dir");
    it_remove_tree(dir);
}

#define CONTINUE(...)                                                                              \
    it_haul(                                                                                       \
        IT_ARGS("-q", "--format", "jsonl", "--retry-delay", "1ms", "-C", "-d", dir, __VA_ARGS__))

/* ---- what is there ---- */

/*
 * The path of the only file below the directory of the server's host whose name ends so; "": none.
 */
static const char *find_file(const char *end)
{
    const char *path = it_text("%s/127.0.0.1%%3A%d", dir, it_port("http")), *found = "";
    DIR *stream = opendir(path);
    struct dirent *entry;

    while (stream && (entry = readdir(stream))) {
        size_t len = strlen(entry->d_name);

        if (len < strlen(end) || strcmp(entry->d_name + len - strlen(end), end) != 0 ||
            strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        ck_assert_msg(!*found, "%s has more than one file *%s", path, end);
        found = it_text("%s/%s", path, entry->d_name);
    }
    if (stream)
        closedir(stream);
    return found;
}

static int64_t size_of(const char *path)
{
    struct stat info;

    return *path && lstat(path, &info) == 0 ? info.st_size : -1;
}

static void check_nothing_is_left(void)
{
    ck_assert_str_eq(find_file(".part"), "");
    ck_assert_str_eq(find_file(".info"), "");
}

/* The file of a row has what the server sends for `path`. */
static void check_content(const json_t *row, const char *path)
{
    struct it_run run =
        it_haul(IT_ARGS("-q", "--format", "jsonl", "--hash", "sha256", it_url("%s", path)));
    struct it_run sum = it_call(&(struct it_call){
        .program = "/usr/bin/sha256sum",
        .argv = IT_ARGS(it_text("%s/%s", dir, it_str(row, "filename_effective")))});

    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(sum.status, 0);
    ck_assert_int_eq(strncmp(sum.out, it_str(json_array_get(it_rows(run.out), 0), "sha256"), 64),
                     0);
    check_nothing_is_left();
}

/* ---- what was asked for ---- */

static const char *sent(const json_t *line, const char *name)
{
    const json_t *headers = json_object_get(line, "headers");

    for (size_t i = 0; i < json_array_size(headers); i++) {
        const json_t *field = json_array_get(headers, i);

        if (strcasecmp(json_string_value(json_array_get(field, 0)), name) == 0)
            return json_string_value(json_array_get(field, 1));
    }
    return "";
}

/* The requests for /range, a letter each: R with a Range, and - without. */
static const char *requests(void)
{
    const json_t *log = it_log("/range");
    const char *text = "";

    for (size_t i = 0; i < json_array_size(log); i++) {
        const json_t *line = json_array_get(log, i);
        bool has_range = *sent(line, "Range");

        ck_assert_int_eq(has_range, *sent(line, "If-Range") != '\0');
        if (has_range)
            ck_assert_str_eq(sent(line, "Accept-Encoding"), "identity");
        text = it_text("%s%c", text, has_range ? 'R' : '-');
    }
    return text;
}

/* ---- answers ---- */

static const struct {
    const char *query;   /* of /range */
    const char *verdict; /* after a second attempt */
    const char *requests;
    bool leaves_part;
    const char *same; /* what the file has, if it is ok */
} answers[] = {
    {"&etag=one", "ok", "-R", false, "/size?n=200000"},
    {"&lm=1000000000", "ok", "-R", false, "/size?n=200000"},
    {"&etag=one&lm=1000000000", "ok", "-R", false, "/size?n=200000"},
    {"&etag=one&change=1", "ok", "-R", false, "/size?n=200000&version=1"},
    {"&etag=one&fault=ignored", "ok", "-R", false, "/size?n=200000"},
    /* The whole is asked for at once, and this server cuts it again. */
    {"&etag=one&fault=wrong-start", "failed truncated", "-R-", true, NULL},
    {"&etag=one&fault=wrong-total", "failed truncated", "-R-", true, NULL},
    {"&etag=one&fault=from-zero", "failed truncated", "-R-", true, NULL},
    {"&etag=one&fault=unlabelled", "failed truncated", "-R-", true, NULL},
    {"&etag=one&fault=unknown-total", "failed truncated", "-R-", true, NULL},
    {"&etag=one&fault=other-unit", "failed truncated", "-R-", true, NULL},
    {"&etag=one&fault=junk", "failed truncated", "-R-", true, NULL},
    {"&etag=one&fault=changed", "failed truncated", "-R-", true, NULL},
    {"&etag=one&fault=416", "failed truncated", "-R-", true, NULL},
    {"&etag=one&fault=416-complete", "failed truncated", "-R-", true, NULL},
    {"&etag=one&fault=multipart", "failed truncated", "-R-", true, NULL},
    {"&etag=one&fault=short", "failed truncated", "-R-", true, NULL},
    /* Nothing that could be proved to be the same. */
    {"", "failed truncated", "--", false, NULL},
    {"&etag=W/%22one%22", "failed truncated", "--", false, NULL},
    {"&etag=W/%22one%22&lm=1000000000", "failed truncated", "--", false, NULL},
    {"&lm=4000000000", "failed truncated", "--", false, NULL},
    {"&lm=yesterday", "failed truncated", "--", false, NULL},
};
enum { ANSWERS = sizeof answers / sizeof answers[0] };

START_TEST(only_what_fits_is_put_behind_what_is_left)
{
    const char *url = it_url("/range?n=%d&cut=%d%s", SIZE, CUT, answers[_i].query);
    struct it_run run = CONTINUE("--retry", "1", url);
    const json_t *row = json_array_get(it_rows(run.out), 0);

    ck_assert_str_eq(it_verdict(row), answers[_i].verdict);
    ck_assert_str_eq(requests(), answers[_i].requests);
    if (!answers[_i].same) {
        ck_assert_int_eq(size_of(find_file(".part")), answers[_i].leaves_part ? CUT : -1);
        ck_assert_int_eq(*find_file(".info") != '\0', answers[_i].leaves_part);
        return;
    }
    ck_assert_int_eq(it_int(row, "size_body"), SIZE);
    check_content(row, answers[_i].same);
}
END_TEST

/* A server that falls silent is what this is for most of all. */
START_TEST(what_came_before_a_silence_is_gone_on_with)
{
    const char *url = it_url("/range?n=%d&cut=%d&stall=1&etag=one", SIZE, CUT);
    static const char *const limits[][4] = {{"-Y", "1", "-y", "1"}, {"-m", "1", "--retry", "2"}};
    struct it_run run =
        CONTINUE("--retry", "1", limits[_i][0], limits[_i][1], limits[_i][2], limits[_i][3], url);
    const json_t *row = json_array_get(it_rows(run.out), 0);

    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_str_eq(requests(), "-R");
    check_content(row, "/size?n=200000");
}
END_TEST

/* ---- runs ---- */

static const char *await_part(int64_t size)
{
    int64_t since = it_now_ms();

    while (size_of(find_file(".part")) < size || size_of(find_file(".info")) <= 0)
        it_pause(since, "the beginning of the file");
    return find_file(".part");
}

/* Begins to save `url`, which stalls, and ends the run by a signal. */
static struct it_run begin_and_end(const char *url, int number)
{
    struct it_process *process = it_start(&(struct it_call){
        .argv = IT_ARGS("-q", "--format", "jsonl", "--grace", "0", "-C", "-d", dir, url)});

    (void)await_part(CUT / 2);
    it_signal(process, number);
    return it_finish(process);
}

START_TEST(run_that_was_ended_is_gone_on_with)
{
    static const int numbers[] = {SIGKILL, SIGTERM};
    const char *url = it_url("/range?n=%d&cut=%d&stall=1&etag=one&lm=1000000000", SIZE, CUT);
    struct it_run run = begin_and_end(url, numbers[_i]);
    int64_t left = size_of(find_file(".part"));
    const json_t *row, *log;
    struct stat info;

    if (numbers[_i] == SIGTERM)
        ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "pending stopped");
    ck_assert_int_gt(left, 0);
    ck_assert_int_le(left, CUT);
    run = CONTINUE("--hash", "sha256", url);
    row = json_array_get(it_rows(run.out), 0);
    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_str_eq(requests(), "-R");
    log = it_log("/range");
    ck_assert_str_eq(sent(json_array_get(log, 1), "Range"),
                     it_text("bytes=%lld-", (long long)left));
    ck_assert_str_eq(sent(json_array_get(log, 1), "If-Range"), "\"one\"");
    ck_assert_int_eq(it_int(row, "size_body"), SIZE);
    ck_assert_int_eq(it_int(row, "size_download"), SIZE - left);
    check_content(row, "/size?n=200000");
    ck_assert_int_eq(stat(it_text("%s/%s", dir, it_str(row, "filename_effective")), &info), 0);
    ck_assert_int_eq(info.st_mtime, 1000000000);
    run =
        it_haul(IT_ARGS("-q", "--format", "jsonl", "--hash", "sha256", it_url("/size?n=%d", SIZE)));
    ck_assert_str_eq(it_str(row, "sha256"), it_str(json_array_get(it_rows(run.out), 0), "sha256"));
}
END_TEST

/* ---- what is not ours ---- */

static void write_over(const char *path, const char *text)
{
    ck_assert_int_eq(unlink(path), 0);
    it_write(path, text, strlen(text));
}

static void replace_part(const char *part, const char *info)
{
    const char *text = it_text("%0*d", CUT, 0);

    (void)info;
    it_write(it_path("foreign"), text, CUT);
    ck_assert_int_eq(rename(it_path("foreign"), part), 0);
}

static void link_part(const char *part, const char *info)
{
    (void)info;
    ck_assert_int_eq(rename(part, it_path("elsewhere")), 0);
    ck_assert_int_eq(symlink(it_path("elsewhere"), part), 0);
}

static void hard_link_part(const char *part, const char *info)
{
    (void)info;
    (void)unlink(it_path("second"));
    ck_assert_int_eq(link(part, it_path("second")), 0);
}

static void remove_info(const char *part, const char *info)
{
    (void)part;
    ck_assert_int_eq(unlink(info), 0);
}

static void tear_info(const char *part, const char *info)
{
    (void)part;
    ck_assert_int_eq(truncate(info, size_of(info) - 1), 0);
}

static void forge_info(const char *part, const char *info)
{
    (void)part;
    write_over(info, "haul-part 2\n1 2 4 5\n00000000000000000000000000000001\n\n\"one\"\n\n\n0\n");
}

static void lengthen_part(const char *part, const char *info)
{
    (void)info;
    ck_assert_int_eq(truncate(part, SIZE + 1), 0);
}

static void (*const meddle[])(const char *part, const char *info) = {
    replace_part, link_part, hard_link_part, remove_info, tear_info, forge_info, lengthen_part};

START_TEST(what_haul_did_not_leave_is_not_used)
{
    const char *url = it_url("/range?n=%d&cut=%d&etag=one", SIZE, CUT);
    struct it_run run = CONTINUE("--retry", "0", url);

    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed truncated");
    ck_assert_int_eq(size_of(find_file(".part")), CUT);
    meddle[_i](find_file(".part"), find_file(".info"));
    run = CONTINUE("--retry", "0", url);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed truncated");
    ck_assert_str_eq(requests(), "--");
    if (meddle[_i] == link_part)
        ck_assert_int_eq(size_of(it_path("elsewhere")), CUT);
}
END_TEST

START_TEST(another_url_of_the_same_name_is_not_gone_on_with)
{
    const char *list = it_path("list"), *text;
    struct it_run run;

    text = it_text("%s\n out=same\n", it_url("/range?n=%d&cut=%d&etag=one", SIZE, CUT));
    it_write(list, text, strlen(text));
    run = CONTINUE("--retry", "0", "-i", list);
    ck_assert_int_ne(run.status, 0);
    text = it_text("%s\n out=same\n", it_url("/range?n=%d&cut=%d&etag=one&x", SIZE, CUT));
    it_write(list, text, strlen(text));
    run = CONTINUE("--retry", "0", "-i", list);
    ck_assert_int_ne(run.status, 0);
    ck_assert_str_eq(requests(), "--");
}
END_TEST

START_TEST(whole_file_has_to_have_its_checksum)
{
    const char *list = it_path("list");
    const char *text = it_text("%s\n checksum=sha-256=%064d\n",
                               it_url("/range?n=%d&cut=%d&etag=one", SIZE, CUT), 0);
    struct it_run run;

    it_write(list, text, strlen(text));
    run = CONTINUE("--retry", "1", "-i", list);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed checksum");
    ck_assert_str_eq(requests(), "-R");
    check_nothing_is_left();
}
END_TEST

START_TEST(without_the_option_nothing_is_left)
{
    const char *url = it_url("/range?n=%d&cut=%d&etag=one", SIZE, CUT);
    struct it_run run = CONTINUE("--retry", "0", url);

    ck_assert_int_eq(size_of(find_file(".part")), CUT);
    run = it_haul(IT_ARGS("-q", "--retry", "1", "--retry-delay", "1ms", "-d", dir, url));
    ck_assert_int_ne(run.status, 0);
    ck_assert_str_eq(requests(), "---");
    check_nothing_is_left();
    run = it_haul(IT_ARGS("-C", url));
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "--dir"));
}
END_TEST

START_TEST(file_beyond_the_largest_size_is_not_completed)
{
    const char *url = it_url("/range?n=%d&cut=%d&etag=one", SIZE, CUT);
    struct it_run run = CONTINUE("--retry", "0", url);

    run = CONTINUE("--retry", "0", "--max-filesize", it_text("%d", SIZE - 1), url);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed too-large");
    ck_assert_str_eq(requests(), "-R");
    run = CONTINUE("--retry", "0", "--max-filesize", it_text("%d", SIZE), url);
}
END_TEST

/* ---- only what is newer ---- */

START_TEST(file_that_is_not_older_is_not_fetched_again)
{
    const char *url = it_url("/range?n=1000&lm=1000000000");
    struct it_run run = it_haul(IT_ARGS("-q", "--format", "jsonl", "-N", "-d", dir, url));
    const json_t *row = json_array_get(it_rows(run.out), 0);
    const char *path = it_text("%s/%s", dir, it_str(row, "filename_effective"));

    ck_assert_str_eq(it_verdict(row), "ok");
    run = CONTINUE("-N", url);
    row = json_array_get(it_rows(run.out), 0);
    ck_assert_str_eq(it_str(row, "outcome"), "unchanged");
    ck_assert_int_eq(it_int(row, "size_body"), 1000);
    ck_assert_str_eq(sent(json_array_get(it_log("/range"), 1), "If-Modified-Since"),
                     "Sun, 09 Sep 2001 01:46:40 GMT");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/etc/passwd", path), 0);
    run = CONTINUE("-N", url);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "ok");
    ck_assert_str_eq(sent(json_array_get(it_log("/range"), 2), "If-Modified-Since"), "");
    ck_assert_int_eq(size_of(path), 1000);
}
END_TEST

/* A file is there, and the beginning of a newer one: both conditions are sent. */
START_TEST(newer_file_is_gone_on_with)
{
    const char *url = it_url("/range?n=%d&cut=%d&lm=1000000000&etag=one", SIZE, CUT);
    const char *path;
    struct it_run run = CONTINUE("--retry", "1", url);
    const json_t *row = json_array_get(it_rows(run.out), 0), *line;

    ck_assert_str_eq(it_verdict(row), "ok");
    path = it_text("%s/%s", dir, it_str(row, "filename_effective"));
    it_write(path, "old", 3);
    ck_assert_int_eq(utimensat(AT_FDCWD, path, (const struct timespec[2]){{1, 0}, {1, 0}}, 0), 0);
    run = CONTINUE("--retry", "1", "-N", url);
    row = json_array_get(it_rows(run.out), 0);
    ck_assert_str_eq(it_verdict(row), "ok");
    line = json_array_get(it_log("/range"), 3);
    ck_assert_str_eq(sent(line, "If-Modified-Since"), "Thu, 01 Jan 1970 00:00:01 GMT");
    ck_assert_str_eq(sent(line, "If-Range"), "\"one\"");
    ck_assert_int_eq(it_int(row, "size_body"), SIZE);
    check_content(row, "/size?n=200000");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("continue");
    TCase *tcase = tcase_create("continue");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, begin_case, NULL);
    tcase_add_loop_test(tcase, only_what_fits_is_put_behind_what_is_left, 0, ANSWERS);
    tcase_add_loop_test(tcase, what_came_before_a_silence_is_gone_on_with, 0, 2);
    tcase_add_loop_test(tcase, run_that_was_ended_is_gone_on_with, 0, 2);
    tcase_add_loop_test(tcase, what_haul_did_not_leave_is_not_used, 0,
                        sizeof meddle / sizeof meddle[0]);
    tcase_add_test(tcase, another_url_of_the_same_name_is_not_gone_on_with);
    tcase_add_test(tcase, whole_file_has_to_have_its_checksum);
    tcase_add_test(tcase, without_the_option_nothing_is_left);
    tcase_add_test(tcase, file_beyond_the_largest_size_is_not_completed);
    tcase_add_test(tcase, file_that_is_not_older_is_not_fetched_again);
    tcase_add_test(tcase, newer_file_is_gone_on_with);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
