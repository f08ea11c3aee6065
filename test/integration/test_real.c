/* nftw */
#define _GNU_SOURCE
#include <ctype.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * A real server (nginx) and real files: the documentation of the system's packages, and a tree of
 * our own with odd names and sizes. Every body must have the size that its file has on disk.
 */

enum { FILES_MAX = 6000, OWN_FILES = 1500, SIZE_MAX_BYTES = 2 << 20, DIRECTORIES_MAX = 32 };

static struct {
    char *path; /* below the root, with a slash in front */
    long long size;
} files[FILES_MAX];
static size_t file_count;
static size_t root_len;
static bool has_nginx;

/* ---- the files ---- */

static const char *root(void)
{
    return it_path("site");
}

static void write_own_file(int number)
{
    static const char *const odd[] = {
        "plain", "a b", "100%",   "q?x=1",      "#hash", "\xC3\xA9t\xC3\xA9",
        "a+b",   "'q'", "\"dq\"", "semi;colon", "[x]",   "~tilde"};
    size_t size = (size_t)(number * 37 % 9973) + (number % 100 == 0 ? 500000 : 0);
    struct haul_buf text;
    const char *path = it_text("%s/own/%s-%d.txt", root(), odd[number % 12], number);

    haul_buf_init(&text, 0);
    while (text.len < size)
        haul_buf_addf(&text, "line %zu of file %d\n", text.len, number);
    it_write(path, text.len ? text.data : "", size);
    haul_buf_done(&text);
}

static void make_site(void)
{
    ck_assert_int_eq(mkdir(root(), 0755), 0);
    ck_assert_int_eq(mkdir(it_text("%s/own", root()), 0755), 0);
    for (int i = 0; i < OWN_FILES; i++)
        write_own_file(i);
    if (access("/usr/share/doc", R_OK) == 0)
        ck_assert_int_eq(symlink("/usr/share/doc", it_text("%s/doc", root())), 0);
}

static int take_file(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)where;
    if (type != FTW_F || !S_ISREG(info->st_mode) || info->st_size > SIZE_MAX_BYTES)
        return 0;
    if (file_count == FILES_MAX)
        return 1;
    files[file_count].path = strdup(path + root_len);
    files[file_count++].size = (long long)info->st_size;
    return 0;
}

/* The doc tree is entered at its own name, because the walk follows no links. */
static void find_files(void)
{
    root_len = strlen(root());
    (void)nftw(it_text("%s/own", root()), take_file, DIRECTORIES_MAX, FTW_PHYS);
    (void)nftw(it_text("%s/doc/", root()), take_file, DIRECTORIES_MAX, FTW_PHYS);
}

static void begin(void)
{
    it_begin_server();
    make_site();
    find_files();
    has_nginx = it_nginx_start(root());
    if (!has_nginx)
        (void)fputs("no nginx on this system: NOTHING IS TESTED HERE\n", stderr);
}

static void end(void)
{
    it_nginx_stop();
    it_end_server();
    for (size_t i = 0; i < file_count; i++)
        free(files[i].path);
}

/* ---- one run over all of them ---- */

static void add_encoded(struct haul_buf *list, const char *path)
{
    for (; *path; path++) {
        unsigned char byte = (unsigned char)*path;

        if (isalnum(byte) || strchr("/-._~", byte))
            haul_buf_add_char(list, *path);
        else
            haul_buf_addf(list, "%%%02X", byte);
    }
    haul_buf_add_char(list, '\n');
}

static const char *write_list(const char *origin)
{
    const char *path = it_path("files");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (size_t i = 0; i < file_count; i++) {
        haul_buf_add_str(&list, origin);
        add_encoded(&list, files[i].path);
    }
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

static const json_t *fetch_all(enum it_nginx_port which, const char *jobs, const char *option)
{
    bool is_tls = which == IT_NGINX_TLS || which == IT_NGINX_H2;
    const char *origin =
        it_text("%s://127.0.0.1:%d", is_tls ? "https" : "http", it_nginx_port(which));
    struct it_run run =
        it_haul(IT_ARGS("-j", jobs, "--format", "jsonl", "--order", "input", "--cacert",
                        it_ca_file(), option, "-i", write_list(origin)));
    const json_t *rows = it_rows(run.out);

    ck_assert_msg(run.status == 0, "status %d: %.1000s", run.status, run.err);
    ck_assert_uint_eq(json_array_size(rows), file_count);
    it_check_equation(run.err, file_count);
    return rows;
}

static void check_sizes(const json_t *rows)
{
    for (size_t i = 0; i < file_count; i++) {
        const json_t *row = json_array_get(rows, i);

        ck_assert_msg(it_int(row, "size_body") == files[i].size, "%s: %lld, not %lld",
                      files[i].path, (long long)it_int(row, "size_body"), files[i].size);
        ck_assert_str_eq(it_verdict(row), "ok");
        ck_assert_msg(json_is_true(json_object_get(row, "verified")), "%s", files[i].path);
    }
}

static const struct {
    enum it_nginx_port port;
    const char *jobs, *option;
} runs[] = {
    {IT_NGINX_PLAIN, "1", "--compressed"},    {IT_NGINX_PLAIN, "16", "--compressed"},
    {IT_NGINX_PLAIN, "128", "--compressed"},  {IT_NGINX_PLAIN, "4", "--streams=8"},
    {IT_NGINX_GZIP, "16", "--no-compressed"}, {IT_NGINX_TLS, "8", "--compressed"},
    {IT_NGINX_H2, "4", "--compressed"},       {IT_NGINX_H2, "2", "--streams=16"},
};
enum { RUN_COUNT = sizeof runs / sizeof *runs };

START_TEST(every_body_has_the_size_of_its_file)
{
    if (!has_nginx)
        return;
    check_sizes(fetch_all(runs[_i].port, runs[_i].jobs, runs[_i].option));
}
END_TEST

static const char *const gzip_jobs[] = {"1", "16", "128"};

START_TEST(compressed_text_is_smaller_on_the_wire_and_as_large_in_the_report)
{
    const json_t *rows;

    if (!has_nginx)
        return;
    rows = fetch_all(IT_NGINX_GZIP, gzip_jobs[_i], "--compressed");
    check_sizes(rows);
    for (size_t i = 0; i < file_count; i++) {
        const json_t *row = json_array_get(rows, i);
        bool is_text = strncmp(files[i].path, "/own/", 5) == 0 && files[i].size > 200;

        if (is_text)
            ck_assert_int_lt(it_int(row, "size_download"), it_int(row, "size_body"));
    }
}
END_TEST

static const json_t *fetch_one(const char *path, const char *option)
{
    struct it_run run =
        it_haul(IT_ARGS("--format", "jsonl", "--cacert", it_ca_file(), option,
                        it_text("https://127.0.0.1:%d%s", it_nginx_port(IT_NGINX_H2), path)));

    return json_array_get(it_rows(run.out), 0);
}

START_TEST(http2_is_spoken_where_the_server_can)
{
    const json_t *row;

    if (!has_nginx)
        return;
    row = fetch_one("/own/plain-12.txt", "--http2");
    ck_assert_str_eq(it_str(row, "http_version"), "2");
    row = fetch_one("/own/plain-12.txt", "--http1.1");
    ck_assert_str_eq(it_str(row, "http_version"), "1.1");
}
END_TEST

START_TEST(redirect_of_a_real_server_is_followed)
{
    const json_t *row;

    if (!has_nginx)
        return;
    row = fetch_one("/moved/own/plain-12.txt", "--http2");
    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_int_eq(it_int(row, "num_redirects"), 1);
    ck_assert_int_eq(it_int(row, "size_body"), 12 * 37);
}
END_TEST

START_TEST(upstream_that_hangs_is_a_status)
{
    if (!has_nginx)
        return;
    ck_assert_str_eq(it_verdict(fetch_one("/upstream/hang", "--retry=0")), "failed http-504");
}
END_TEST

START_TEST(rate_limit_is_passed_with_retries)
{
    const char *url;
    struct it_run run;

    if (!has_nginx)
        return;
    url = it_text("http://127.0.0.1:%d/limited", it_nginx_port(IT_NGINX_PLAIN));
    run = it_haul(
        IT_ARGS("-j", "2", "--format", "jsonl", "--retry", "5", "--retry-delay", "1.2", url, url));
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
    run = it_haul(IT_ARGS("-j", "3", "--format", "jsonl", "--retry", "0", url, url, url, url));
    ck_assert_uint_ge(it_count(it_rows(run.out), "failed"), 1);
    ck_assert_int_eq(run.status, 75);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("real");
    TCase *tcase = tcase_create("real");

    tcase_add_unchecked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, every_body_has_the_size_of_its_file, 0, RUN_COUNT);
    tcase_add_loop_test(tcase, compressed_text_is_smaller_on_the_wire_and_as_large_in_the_report, 0,
                        3);
    tcase_add_test(tcase, http2_is_spoken_where_the_server_can);
    tcase_add_test(tcase, redirect_of_a_real_server_is_followed);
    tcase_add_test(tcase, upstream_that_hangs_is_a_status);
    tcase_add_test(tcase, rate_limit_is_passed_with_retries);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
