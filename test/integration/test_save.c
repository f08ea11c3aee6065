/* nftw */
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "saved.h"
#include "servers.h"

/*
 * Saving: what is in the files, and what becomes of those that were there before.
 */

/* ---- real files, a real server ---- */

enum { REAL_FILES = 10000, REAL_SIZE_MAX = 1 << 20 };
static char *real_file[REAL_FILES];
static size_t real_count;
static const char real_root[] = "/usr/share";

static int take_real(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)where;
    if (type != FTW_F || !S_ISREG(info->st_mode) || info->st_size > REAL_SIZE_MAX ||
        access(path, R_OK) != 0 || !(info->st_mode & S_IROTH))
        return 0;
    real_file[real_count++] = strdup(path + sizeof real_root - 1);
    return real_count == REAL_FILES;
}

static const char *real_list(const char *origin)
{
    const char *path = it_path("real-list");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (size_t i = 0; i < real_count; i++) {
        haul_buf_add_str(&list, origin);
        for (const char *at = real_file[i]; *at; at++)
            haul_buf_addf(&list,
                          isalnum((unsigned char)*at) || strchr("/-._", *at) ? "%c" : "%%%02X",
                          (unsigned char)*at);
        haul_buf_add_char(&list, '\n');
    }
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

/* What a path of the original is called in the copy: told here once more, in another way. */
static const char *mapped(const char *path)
{
    char name[8192];
    size_t n = 0;

    for (const char *at = path; *at; at++) {
        bool first = at > path && at[-1] == '/';

        if (isalnum((unsigned char)*at) || *at == '_' || *at == '/' ||
            (!first && (*at == '.' || *at == '-')))
            name[n++] = *at;
        else
            n += (size_t)sprintf(name + n, "%%%02X", (unsigned char)*at);
    }
    name[n] = '\0';
    return it_text("%s", name);
}

static bool is_same_file(const char *path, const char *other)
{
    FILE *one = fopen(path, "rb"), *two = fopen(other, "rb");
    static char a[1 << 16], b[1 << 16];
    bool same = one && two;
    size_t got;

    do {
        got = same ? fread(a, 1, sizeof a, one) : 0;
        same = same && fread(b, 1, sizeof b, two) == got && memcmp(a, b, got) == 0;
    } while (same && got);
    if (one)
        fclose(one);
    if (two)
        fclose(two);
    return same;
}

START_TEST(real_files_are_saved_as_they_are_and_not_fetched_twice)
{
    const char *dir = it_path("real"), *journal = it_path("real-journal"), *origin, *host;
    struct it_run run;

    (void)nftw(real_root, take_real, DIRECTORIES_MAX, FTW_PHYS);
    if (!it_nginx_start(real_root)) {
        (void)fputs("no nginx on this system: NOTHING IS TESTED HERE\n", stderr);
        return;
    }
    origin = it_text("http://127.0.0.1:%d", it_nginx_port(IT_NGINX_PLAIN));
    host = it_text("%s/127.0.0.1%%3A%d", dir, it_nginx_port(IT_NGINX_PLAIN));
    run = SAVE(dir, "-j", "16", "--journal", journal, "-i", real_list(origin));
    ck_assert_msg(run.status == 0, "status %d: %.1000s", run.status, run.err);
    ck_assert_uint_eq(count_files(dir), real_count);
    for (size_t i = 0; i < real_count; i++) {
        const char *copy = it_text("%s%s", host, mapped(real_file[i]));

        ck_assert_msg(is_same_file(it_text("%s%s", real_root, real_file[i]), copy),
                      "%s is not as it was", copy);
    }
    it_nginx_stop(); /* whoever asks now gets no answer */
    run =
        SAVE(dir, "-j", "16", "--skip-existing", "--journal", journal, "-i", it_path("real-list"));
    ck_assert_msg(run.status == 0, "status %d: %.1000s", run.status, run.err);
    ck_assert_uint_eq(it_count(it_rows(run.out), "skipped"), real_count);
    for (size_t i = 0; i < real_count; i++)
        free(real_file[i]);
}
END_TEST

/* ---- files that are there ---- */

START_TEST(old_files_are_replaced_or_kept)
{
    const char *dir = it_path("old"), *url = it_url("/any/x");
    const char *path = it_text("%s/any/x", host_dir(dir));
    struct it_run run;

    ck_assert_int_eq(SAVE(dir, url).status, 0);
    it_write(path, "mine", 4);
    ck_assert_int_eq(SAVE(dir, url).status, 0);
    ck_assert(!has_file(path, "mine"));
    it_write(path, "mine", 4);
    run = SAVE(dir, "--no-clobber", url, url);
    ck_assert_int_eq(run.status, 0);
    ck_assert(has_file(path, "mine"));
    check_rows_have_files(it_rows(run.out), dir);
    ck_assert_uint_eq(count_files(dir), 3);
    ck_assert_int_eq(access(it_text("%s.2", path), F_OK), 0);
}
END_TEST

START_TEST(what_is_there_is_fetched_unless_its_size_is_right)
{
    const char *dir = it_path("skip"), *small = it_url("/size?n=5"),
               *large = it_url("/size?n=300000");
    const char *empty = it_url("/size?n=0"), *cut = it_url("/size?n=6");
    const json_t *rows;
    struct it_run run;

    ck_assert_int_eq(SAVE(dir, small, large, cut).status, 0);
    it_write(it_text("%s/size%%3Fn%%3D6", host_dir(dir)), "cut", 3);
    it_reset_server();
    run = SAVE(dir, "--skip-existing", small, large, cut, empty);
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "skipped exists");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), "skipped exists");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 2)), "ok");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 3)), "ok");
    ck_assert_int_lt(it_int(json_array_get(rows, 1), "size_download"), 200000);
    check_rows_have_files(rows, dir);
    ck_assert_uint_eq(count_files(dir), 4);
    run = SAVE(dir, "--skip-existing", empty);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "skipped exists");
}
END_TEST

START_TEST(journal_is_believed_only_where_the_file_is)
{
    const char *dir = it_path(it_text("believed-%d", _i));
    const char *journal = it_path(it_text("believed-journal-%d", _i));
    const char *a = it_url("/size?n=1"), *b = it_url("/size?n=2"), *c = it_url("/size?n=3");
    const char *option = _i ? "--skip-existing" : "--resume";
    struct it_run run;

    run = SAVE(dir, "--journal", journal, a, b, c, it_url("/status/404"));
    ck_assert_int_eq(run.status, 1);
    ck_assert_int_eq(unlink(it_text("%s/size%%3Fn%%3D1", host_dir(dir))), 0);
    it_write(it_text("%s/size%%3Fn%%3D2", host_dir(dir)), "longer", 6);
    it_reset_server();
    run = SAVE(dir, "--journal", journal, option, a, b, c, it_url("/status/404"));
    ck_assert_int_eq(run.status, 1);
    ck_assert_int_eq(it_stat("requests"), _i ? 3 : 2);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 2)), _i ? "skipped exists" : "ok");
    check_rows_have_files(it_rows(run.out), dir);
    ck_assert_uint_eq(count_files(dir), 3);
    /* The records that were replaced count. */
    it_reset_server();
    run = SAVE(dir, "--journal", journal, "--resume", a, b, c, it_url("/status/404"));
    ck_assert_int_eq(it_stat("requests"), 0);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 3);
}
END_TEST

/* ---- what is in them ---- */

START_TEST(failed_ones_leave_nothing)
{
    const char *dir = it_path("failed");
    struct it_run run =
        SAVE(dir, "--retry", "0", it_url("/status/404"), it_url("/fault/end-one-short"),
             it_url("/fault/end-in-body"), it_url("/size?n=0"));

    ck_assert_int_ne(run.status, 0);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 1);
    ck_assert_uint_eq(count_files(dir), 1);
    check_rows_have_files(it_rows(run.out), dir);
}
END_TEST

START_TEST(checksums_decide)
{
    const char *dir = it_path("sums-dir"), *sums = it_path("sums"), *text, *digest;
    const char *a = it_url("/size?n=1000"), *b = it_url("/size?n=2000"), *c = it_url("/size?n=3");
    struct it_run run =
        it_haul(IT_ARGS("-q", "--format", "jsonl", "--hash", "sha256", "--order", "input", a, b));
    const json_t *rows = it_rows(run.out);

    ck_assert_int_eq(run.status, 0);
    digest = it_str(json_array_get(rows, 0), "sha256");
    text =
        it_text("%s  127.0.0.1%%3A%d/size%%3Fn%%3D1000\n%s *./127.0.0.1%%3A%d/size%%3Fn%%3D2000\n",
                digest, it_port("http"), digest, it_port("http"));
    it_write(sums, text, strlen(text));
    run = SAVE(dir, "--sums", sums, a, b, c);
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), "failed checksum");
    ck_assert_ptr_nonnull(strstr(it_str(json_array_get(rows, 1), "errormsg"), digest));
    ck_assert_str_eq(it_verdict(json_array_get(rows, 2)), "ok");
    ck_assert_uint_eq(count_files(dir), 2);
    /* The system's own program agrees. */
    run = it_call(&(struct it_call){
        .program = "/bin/sh",
        .argv =
            IT_ARGS("-c", it_text("cd %s && head -n 1 %s | sha256sum -c --status", dir, sums))});
    ck_assert_int_eq(run.status, 0);
}
END_TEST

START_TEST(checksums_that_are_not_compared_are_told_once)
{
    static const char *const methods[] = {"head", "auto", "get"};
    const char *list = it_path("uncompared"), *place = it_text("%s:3: checksums are not", list);
    const char *text = it_text("%s\n  dir=x\n%s\n  checksum=md5=%032d\n%s\n  checksum=md5=%032d\n",
                               it_url("/size?n=1"), it_url("/size?n=2"), 0, it_url("/size?n=3"), 0);
    struct it_run run;
    const char *said;

    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("-q", "--method", methods[_i], "-i", list));
    said = strstr(run.err, place);
    ck_assert_msg(!!said == (_i < 2), "%s", run.err);
    ck_assert(!said || !strstr(said + strlen(place), "checksums are not"));
    ck_assert_int_eq(run.status, _i < 2 ? 0 : 1);
}
END_TEST

START_TEST(files_have_the_time_of_the_server)
{
    const char *dir = it_path("times");
    const char *url;
    struct stat original, copy;
    struct it_run run;

    ck_assert_int_eq(mkdir(it_path("times-root"), 0755), 0);
    it_write(it_path("times-root/x"), "x", 1);
    {
        const struct timespec times[] = {{.tv_sec = 784111777}, {.tv_sec = 784111777}};

        ck_assert_int_eq(utimensat(AT_FDCWD, it_path("times-root/x"), times, 0), 0);
    }
    if (!it_nginx_start(it_path("times-root")))
        return;
    url = it_text("http://127.0.0.1:%d/x", it_nginx_port(IT_NGINX_PLAIN));
    run = SAVE(dir, "--name", "flat", url);
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(stat(it_path("times-root/x"), &original), 0);
    ck_assert_int_eq(stat(it_text("%s/x", dir), &copy), 0);
    ck_assert_int_eq(copy.st_mtime, original.st_mtime);
    run = SAVE(dir, "--name", "flat", "--no-mtime", url);
    ck_assert_int_eq(stat(it_text("%s/x", dir), &copy), 0);
    ck_assert_int_gt(copy.st_mtime, original.st_mtime);
    it_nginx_stop();
}
END_TEST

/* ---- wrong use ---- */

START_TEST(wrong_use_is_told)
{
    static const char *const wrong[][5] = {{"-d", "/no/such/directory", "http://127.0.0.1:1/"},
                                           {"-d", "/dev/null", "http://127.0.0.1:1/"},
                                           {"-d", "/tmp", "-I", "http://127.0.0.1:1/"},
                                           {"--skip-existing", "http://127.0.0.1:1/"},
                                           {"--sums", "/dev/null", "http://127.0.0.1:1/"},
                                           {"--name", "../x", "http://127.0.0.1:1/"},
                                           {"--name", "{what}", "http://127.0.0.1:1/"},
                                           {"--hash", "crc32", "http://127.0.0.1:1/"},
                                           {"--hash", "md5", "-I", "http://127.0.0.1:1/"},
                                           {"--hash", "md5", "--method", "auto", "127.0.0.1:1"},
                                           {"-d", "/tmp", "--sums", "/etc/passwd", NULL}};
    struct it_run run = it_haul(wrong[_i]);

    ck_assert_int_eq(run.status, 2);
    ck_assert_uint_ge(it_lines(run.err), 1);
}
END_TEST
enum { WRONG_USES = 11 };

START_TEST(nothing_is_written_without_a_directory)
{
    const char *room = it_path("nothing");
    struct it_run run;

    ck_assert_int_eq(mkdir(room, 0755), 0);
    run = it_call(&(struct it_call){
        .program = "/bin/sh",
        .argv = IT_ARGS("-c", it_text("cd %s && exec '%s' -q --hash md5 '%s'", room,
                                      getenv("HAUL_BIN"), it_url("/size?n=5")))});
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(count_files(room), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("save");
    TCase *tcase = tcase_create("save");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_test(tcase, real_files_are_saved_as_they_are_and_not_fetched_twice);
    tcase_add_test(tcase, old_files_are_replaced_or_kept);
    tcase_add_test(tcase, what_is_there_is_fetched_unless_its_size_is_right);
    tcase_add_loop_test(tcase, journal_is_believed_only_where_the_file_is, 0, 2);
    tcase_add_test(tcase, failed_ones_leave_nothing);
    tcase_add_test(tcase, checksums_decide);
    tcase_add_loop_test(tcase, checksums_that_are_not_compared_are_told_once, 0, 3);
    tcase_add_test(tcase, files_have_the_time_of_the_server);
    tcase_add_loop_test(tcase, wrong_use_is_told, 0, WRONG_USES);
    tcase_add_test(tcase, nothing_is_written_without_a_directory);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
