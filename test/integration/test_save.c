/* nftw, unshare, mount */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/hash.h"
#include "harness.h"
#include "servers.h"

/*
 * Saving: what is in the files, what they are called, and that nothing else is ever touched.
 */

enum { DIRECTORIES_MAX = 32, NO_NAMESPACE = 77 };

/* ---- trees ---- */

static struct haul_buf snapshot;
static const char *snapshot_without; /* a directory that does not count */
static unsigned files_found, temporaries_found;

static int look_at_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    const char *name = path + where->base;

    if (snapshot_without && strncmp(path, snapshot_without, strlen(snapshot_without)) == 0)
        return 0;
    files_found += S_ISREG(info->st_mode);
    temporaries_found += strncmp(name, ".haul-", 6) == 0;
    haul_buf_addf(&snapshot, "%s %o %lld", path, info->st_mode, (long long)info->st_size * !!type);
    if (S_ISREG(info->st_mode))
        haul_buf_addf(&snapshot, " %ld.%ld", (long)info->st_mtim.tv_sec, info->st_mtim.tv_nsec);
    haul_buf_add_char(&snapshot, '\n');
    return 0;
}

/* All that is below `path`, but for what is below `without` (or NULL). */
static const char *look_at_tree(const char *path, const char *without)
{
    const char *text;

    files_found = temporaries_found = 0;
    snapshot_without = without;
    haul_buf_init(&snapshot, 0);
    (void)nftw(path, look_at_one, DIRECTORIES_MAX, FTW_PHYS);
    text = it_text("%s", haul_buf_str(&snapshot));
    haul_buf_done(&snapshot);
    return text;
}

static unsigned count_files(const char *path)
{
    (void)look_at_tree(path, NULL);
    ck_assert_msg(!temporaries_found, "temporaries are left in %s", path);
    return files_found;
}

static bool has_file(const char *path, const char *text)
{
    struct stat info;

    return lstat(path, &info) == 0 && S_ISREG(info.st_mode) &&
           strcmp(it_read(path, NULL), text) == 0;
}

/* The directory of the test server's host below `dir`. */
static const char *host_dir(const char *dir)
{
    return it_text("%s/127.0.0.1%%3A%d", dir, it_port("http"));
}

/* Each row that is ok has its file, with its size. */
static void check_rows_have_files(const json_t *rows, const char *dir)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *path;
        struct stat info;

        if (strcmp(it_str(row, "outcome"), "ok") != 0)
            continue;
        path = it_text("%s/%s", dir, it_str(row, "filename_effective"));
        ck_assert_msg(lstat(path, &info) == 0 && S_ISREG(info.st_mode), "%s: no file", path);
        ck_assert_int_eq(info.st_size, it_int(row, "size_body"));
    }
}

#define SAVE(dir, ...)                                                                             \
    it_haul(IT_ARGS("-q", "--format", "jsonl", "--order", "input", "-d", dir, __VA_ARGS__))

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

/* ---- names ---- */

/* The paths of the server's catalogue that need saving. */
static const char *hostile_list(size_t *count)
{
    struct it_run run = it_call(
        &(struct it_call){.program = getenv("HAUL_TESTSERVER"), .argv = IT_ARGS("--list-faults")});
    const char *path = it_path("hostile");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    *count = 0;
    for (const char *line = run.out; (line = strstr(line, "\nname-")); line++) {
        const char *at = strstr(line, "\t/");

        ck_assert_ptr_nonnull(at);
        haul_buf_addf(&list, "%s%.*s\n", it_url("%s", ""), (int)strcspn(at + 1, "\t"), at + 1);
        ++*count;
    }
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

static void check_name(const char *name)
{
    ck_assert_int_ne(name[0], '/');
    for (const char *at = name; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
        ck_assert_msg(at[0] != '.' && at[0] != '-' && at[0] != '/' && at[0], "%s", name);
        ck_assert_uint_le(strcspn(at, "/"), 200);
    }
    ck_assert_uint_eq(strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                   "._-%~/"),
                      strlen(name));
}

START_TEST(hostile_names_touch_nothing_else)
{
    const char *room = it_path("hostile-room"), *dir = it_text("%s/a/b/c", room);
    const char *form = _i ? "flat" : "path", *list, *before;
    const json_t *rows;
    struct it_run run;
    size_t count;

    ck_assert_int_eq(mkdir(room, 0755), 0);
    ck_assert_int_eq(mkdir(it_text("%s/a", room), 0755), 0);
    ck_assert_int_eq(mkdir(it_text("%s/a/b", room), 0755), 0);
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    it_write(it_text("%s/a/etc", room), "etc", 3);
    list = hostile_list(&count);
    ck_assert_uint_ge(count, 25);
    before = look_at_tree(room, dir);
    run = SAVE(dir, "--name", form, "-j", "4", "-i", list);
    rows = it_rows(run.out);
    ck_assert_msg(run.status == 0, "status %d: %.1000s", run.status, run.err);
    ck_assert_str_eq(look_at_tree(room, dir), before);
    check_rows_have_files(rows, dir);
    ck_assert_uint_eq(count_files(dir), count);
    for (size_t i = 0; i < count; i++)
        check_name(it_str(json_array_get(rows, i), "filename_effective"));
    it_remove_tree(room);
}
END_TEST

static const char *name_in(const json_t *rows, size_t i)
{
    return it_str(json_array_get(rows, i), "filename_effective");
}

/* Whichever is slower: the list decides. The first URL is held until the others are saved. */
START_TEST(urls_of_one_name_are_told_apart_by_the_list)
{
    const char *one = it_url("/gate/../any/a/same.txt"), *two = it_url("/any/b/same.txt");
    const json_t *rows[2];

    for (int round = 0; round < 2; round++) {
        struct it_run run = SAVE(it_path(it_text("same-%d", round)), "--name", "flat", "-j",
                                 round ? "8" : "1", one, two, one, it_url("/any/c/same.txt"));

        ck_assert_int_eq(run.status, 0);
        rows[round] = it_rows(run.out);
        ck_assert_uint_eq(count_files(it_path(it_text("same-%d", round))), 3);
    }
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(name_in(rows[0], i), name_in(rows[1], i));
    ck_assert_str_eq(name_in(rows[0], 0), "same.txt");
    ck_assert_str_eq(name_in(rows[0], 2), "same.txt");
    ck_assert_msg(strncmp(name_in(rows[0], 1), "same~", 5) == 0, "%s", name_in(rows[0], 1));
    ck_assert_str_ne(name_in(rows[0], 1), name_in(rows[0], 3));
}
END_TEST

START_TEST(dry_run_tells_the_names_that_a_run_gives)
{
    const char *dir = it_path("dry"), *a = it_url("/any/one/x"), *b = it_url("/any/two/x");
    struct it_run dry = it_haul(IT_ARGS("--dry-run", "--name", "{name}", "-d", dir, a, b));
    struct it_run run;
    const json_t *rows;

    ck_assert_int_eq(dry.status, 0);
    ck_assert_int_ne(access(dir, F_OK), 0);
    run = SAVE(dir, "--name", "{name}", a, b);
    rows = it_rows(run.out);
    ck_assert_ptr_nonnull(strstr(dry.out, it_text("fetch\t%s\nfile\t%s\n", a, name_in(rows, 0))));
    ck_assert_ptr_nonnull(
        strstr(dry.out, it_text("fetch\t%s\nrenamed\t%s\n", b, name_in(rows, 1))));
    ck_assert_ptr_nonnull(strstr(dry.err, "of 1, another URL has the plain name"));
}
END_TEST

START_TEST(file_and_directory_of_one_name_are_both_saved)
{
    const char *file = it_url("/any/x"), *below = it_url("/any/x/y"), *dir;
    struct it_run run;

    for (int round = 0; round < 2; round++) {
        dir = it_path(it_text("both-%d", round));
        run = SAVE(dir, "-j", "1", round ? below : file, round ? file : below, it_url("/any/x/z"));
        ck_assert_msg(run.status == 0, "status %d: %s", run.status, run.out);
        check_rows_have_files(it_rows(run.out), dir);
        ck_assert_uint_eq(count_files(dir), 3);
    }
}
END_TEST

START_TEST(templates_make_names)
{
    const char *dir = it_path("templates");
    struct it_run run =
        SAVE(dir, "--name", "x/{n}-{line}{ext}", it_url("/any/a.html?q"), it_url("/any/b"));
    const json_t *rows = it_rows(run.out);

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(name_in(rows, 0), "x/1-1.html");
    ck_assert_str_eq(name_in(rows, 1), "x/2-2");
    run = SAVE(dir, "--name", "{sha256}", it_url("/any/a"), it_url("/size?n=3"), it_url("/any/b"));
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(name_in(rows, 0), it_str(json_array_get(rows, 0), "sha256"));
    ck_assert_str_eq(name_in(rows, 0), name_in(rows, 2));
    ck_assert_str_ne(name_in(rows, 0), name_in(rows, 1));
    ck_assert_uint_eq(count_files(dir), 4);
}
END_TEST

START_TEST(hidden_parameters_are_hidden_in_names)
{
    const char *dir = it_path("redacted");
    struct it_run run = SAVE(dir, "--redact", "token", it_url("/any/a?token=hunter2"),
                             it_url("/any/a?token=swordfish"));

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(count_files(dir), 2);
    ck_assert_ptr_null(strstr(run.out, "hunter2"));
    ck_assert_ptr_null(strstr(look_at_tree(dir, NULL), "hunter2"));
    ck_assert_ptr_null(strstr(look_at_tree(dir, NULL), "swordfish"));
}
END_TEST

START_TEST(list_says_where_its_files_go_and_what_they_must_be)
{
    static const char sum5[] = "sha-256=" /* of no body at all */
                               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const char *dir = it_path("given"), *list = it_path("given-list");
    const char *text =
        it_text("%s\n  out=my file.txt\n  dir=sub/er\n"
                "%s\n  out=../escape\n"
                "%s\n  dir=/tmp\n"
                "%s\n  checksum=%s\n"
                "%s\n  checksum=%s\n"
                "%s\n  checksum=md5=12\n",
                it_url("/size?n=1"), it_url("/size?n=2"), it_url("/size?n=3"), it_url("/size?n=0"),
                sum5, it_url("/size?n=5"), sum5, it_url("/size?n=6"));
    static const char *const verdicts[] = {"ok", "invalid bad-name", "invalid bad-name",
                                           "ok", "failed checksum",  "invalid bad-entry"};
    const json_t *rows;
    struct it_run run;

    it_write(list, text, strlen(text));
    run = SAVE(dir, "-i", list);
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 6);
    for (size_t i = 0; i < 6; i++)
        ck_assert_str_eq(it_verdict(json_array_get(rows, i)), verdicts[i]);
    ck_assert_str_eq(name_in(rows, 0), "sub/er/my file.txt");
    check_rows_have_files(rows, dir);
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

/* The forms that aria2's manual has examples of, read by aria2 itself. */
START_TEST(list_of_aria2_gives_the_files_that_aria2_gives)
{
    const char *theirs = it_path("theirs"), *ours = it_path("ours"), *list = it_path("aria2-list");
    const char *text = it_text(
        "# a comment\n"
        "%s\n"
        "%s\t%s\n  out=from a mirror\n"
        "%s\n  out=renamed.txt\n  dir=sub\n"
        "%s\n  out=checked\n"
        "  checksum=sha-256=19cc02f26df43cc571bc9ed7b0c4d29224a3ec229529221725ef76d021c8326f\n"
        "%s\n\tout=headed\n\theader=X-Test: here\n",
        it_url("/any/plain.txt"), it_url("/status/404"), it_url("/size?n=100"), it_url("/size?n=7"),
        it_url("/size?n=9"), it_url("/any/headed"));
    struct it_run run;
    const json_t *log;

    it_write(list, text, strlen(text));
    run = SAVE(ours, "--name", "{name}", "-i", list);
    ck_assert_int_eq(run.status, 0);
    run = it_call(&(struct it_call){
        .program = "/bin/sh",
        .argv = IT_ARGS("-c", it_text("mkdir %s && cd %s && aria2c --no-conf -q -j1 -s1 -x1 "
                                      "--file-allocation=none -d . -i %s",
                                      theirs, theirs, list))});
    ck_assert_int_eq(run.status, 0);
    run =
        it_call(&(struct it_call){.program = "/usr/bin/diff", .argv = IT_ARGS("-r", ours, theirs)});
    ck_assert_msg(run.status == 0, "%s%s", run.out, run.err);
    ck_assert_uint_eq(count_files(ours), 5);
    log = it_log("/any/headed");
    ck_assert_uint_eq(json_array_size(log), 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert(it_log_has_header(json_array_get(log, i), "X-Test"));
}
END_TEST

/* ---- what others put there ---- */

START_TEST(planted_links_lead_nowhere)
{
    const char *room = it_path("planted"), *dir = it_text("%s/dir", room);
    const char *host = host_dir(dir), *outside = it_text("%s/outside", room), *before;
    const char *name = it_text("127.0.0.1%%3A%d/t", it_port("http"));
    const char *temporary =
        it_text("%s/.haul-%016llx-0.part", host, (unsigned long long)haul_hash(name, strlen(name)));
    const json_t *rows;
    struct it_run run;

    ck_assert_int_eq(mkdir(room, 0755), 0);
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    ck_assert_int_eq(mkdir(host, 0755), 0);
    ck_assert_int_eq(mkdir(outside, 0755), 0);
    it_write(it_text("%s/secret", outside), "secret", 6);
    ck_assert_int_eq(symlink(it_text("%s/secret", outside), it_text("%s/final", host)), 0);
    ck_assert_int_eq(symlink(it_text("%s/secret", outside), temporary), 0);
    ck_assert_int_eq(symlink(outside, it_text("%s/any", host)), 0);
    before = look_at_tree(outside, NULL);
    run = SAVE(dir, it_url("/final"), it_url("/t"), it_url("/any/x"));
    rows = it_rows(run.out);
    (void)rows;
    ck_assert_str_eq(look_at_tree(outside, NULL), before);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 2)), "failed file-error");
    ck_assert_int_eq(run.status, 1);
}
END_TEST

static void await_temporary(const char *dir)
{
    int64_t since_ms = it_now_ms();

    for (;;) {
        (void)look_at_tree(dir, NULL);
        if (temporaries_found)
            return;
        it_pause(since_ms, "a temporary");
    }
}

START_TEST(directory_swapped_under_a_running_batch_gets_nothing)
{
    const char *room = it_path(it_text("swapped-%d", _i)), *dir = it_text("%s/dir", room);
    const char *outside = it_text("%s/outside", room), *before;
    const char *moved = it_text("%s/moved", dir);
    const char *slow = it_url("/size?n=60000&rate=30000"); /* too large to be held in memory */
    struct it_process *process;
    struct it_run run;

    ck_assert_int_eq(mkdir(room, 0755), 0);
    ck_assert_int_eq(mkdir(outside, 0755), 0);
    before = look_at_tree(outside, NULL);
    process =
        it_start(&(struct it_call){.argv = IT_ARGS("-q", "--format", "jsonl", "-j", "2", "-d", dir,
                                                   slow, it_url("/gate?name=swap%d", _i))});
    it_await_gate(it_text("swap%d", _i), 1);
    await_temporary(dir);
    ck_assert_int_eq(rename(host_dir(dir), moved), 0);
    if (_i)
        ck_assert_int_eq(symlink(outside, host_dir(dir)), 0);
    else
        ck_assert_int_eq(mkdir(host_dir(dir), 0755), 0);
    it_open_gate(it_text("swap%d", _i));
    run = it_finish(process);
    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), slow)), "failed file-error");
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), it_url("/gate?name=swap%d", _i))),
                     _i ? "failed file-error" : "ok");
    ck_assert_str_eq(look_at_tree(outside, NULL), before);
    ck_assert_uint_eq(count_files(moved), 0);
    check_rows_have_files(it_rows(run.out), dir);
}
END_TEST

/* All answers come at the same time, small ones and large ones, to both. */
START_TEST(two_runs_in_one_directory_do_not_disturb_each_other)
{
    enum { URLS = 20 };
    const char *dir = it_path("two"), *list = it_path("two-list");
    struct it_process *other;
    struct it_run run;
    struct haul_buf text;

    haul_buf_init(&text, 0);
    for (int i = 0; i < URLS; i++)
        haul_buf_addf(&text, "%s\n", it_url("/gate?name=two&size=%d&i=%d", i % 2 ? 5 : 50000, i));
    it_write(list, text.data, text.len);
    haul_buf_done(&text);
    other = it_start(&(struct it_call){.argv = IT_ARGS("-q", "-j", "20", "-d", dir, "-i", list)});
    it_await_gate("two", URLS);
    {
        struct it_process *mine = it_start(&(struct it_call){
            .argv = IT_ARGS("-q", "--format", "jsonl", "-j", "20", "-d", dir, "-i", list)});

        it_await_gate("two", 2 * URLS);
        it_open_gate("two");
        run = it_finish(mine);
    }
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_finish(other).status, 0);
    check_rows_have_files(it_rows(run.out), dir);
    ck_assert_uint_eq(count_files(dir), URLS);
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

/* ---- disks that are full ---- */

static const char *many_list(int count)
{
    const char *path = it_path("many");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (int i = 0; i < count; i++)
        haul_buf_addf(&list, "%s\n", it_url("/size?n=%d", 100000 + i));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

/* A disk of one MiB, in a name space of its own: for who may make one. */
static void mount_small_disk(void)
{
    if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("none", it_path("small"), "tmpfs", 0, "size=1m"))
        _exit(NO_NAMESPACE);
}

static void check_full(const struct it_run *run, const char *dir)
{
    const json_t *rows = it_rows(run->out);
    const char *said = strstr(run->err, "the disk is full");
    size_t full = 0;

    ck_assert_msg(run->status == 3, "status %d: %s", run->status, run->err);
    ck_assert_ptr_nonnull(said);
    ck_assert_ptr_nonnull(strstr(run->err, dir));
    ck_assert_ptr_null(strstr(said + 1, "the disk is full"));
    ck_assert_uint_eq(json_array_size(rows), 200);
    ck_assert_int_lt(it_stat("requests"), 100);
    for (size_t i = 0; i < 200; i++)
        full += strcmp(it_verdict(json_array_get(rows, i)), "failed disk-full") == 0;
    ck_assert_uint_ge(full, 3);
    ck_assert_uint_eq(full + it_count(rows, "ok") + it_count(rows, "pending"), 200);
    ck_assert_uint_gt(it_count(rows, "pending"), 100);
}

START_TEST(small_disk_that_fills_up_stops_the_run)
{
    const char *dir = it_path("small");
    struct it_run run;

    ck_assert_int_eq(mkdir(dir, 0755), 0);
    run = it_call(&(struct it_call){
        .argv = IT_ARGS("--format", "jsonl", "-j", "2", "-d", dir, "-i", many_list(200)),
        .prepare = mount_small_disk});
    if (run.status == NO_NAMESPACE) {
        (void)fputs("no disk can be mounted here: NOTHING IS TESTED HERE\n", stderr);
        return;
    }
    check_full(&run, dir);
    ck_assert_uint_ge(it_count(it_rows(run.out), "ok"), 5);
}
END_TEST

START_TEST(free_space_that_is_to_be_kept_is_as_a_full_disk)
{
    const char *dir = it_path("keep");
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "-j", "2", "-d", dir, "--keep-free",
                                        "1000P", "-i", many_list(200)));

    check_full(&run, dir);
    ck_assert_uint_eq(count_files(dir), 0);
}
END_TEST

static void limit_file_size(void)
{
    const struct rlimit limit = {.rlim_cur = 50000, .rlim_max = 50000};

    if (setrlimit(RLIMIT_FSIZE, &limit))
        _exit(126);
}

START_TEST(file_larger_than_allowed_fails_alone)
{
    const char *dir = it_path("limit");
    struct it_run run = it_call(
        &(struct it_call){.argv = IT_ARGS("-q", "--format", "jsonl", "--order", "input", "-d", dir,
                                          it_url("/size?n=90000"), it_url("/size?n=40000")),
                          .prepare = limit_file_size});

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed too-large");
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 1)), "ok");
    ck_assert_uint_eq(count_files(dir), 1);
}
END_TEST

START_TEST(enough_is_enough)
{
    const char *dir = it_path("enough");
    struct it_run run = SAVE(dir, "-j", "1", "--max-total", "250k", "-i", many_list(200));
    const json_t *rows = it_rows(run.out);

    ck_assert_int_eq(run.status, 75);
    ck_assert_uint_ge(it_count(rows, "ok"), 3);
    ck_assert_uint_le(it_count(rows, "ok"), 50);
    ck_assert_uint_eq(it_count(rows, "ok") + it_count(rows, "pending"), 200);
    ck_assert_uint_eq(count_files(dir), it_count(rows, "ok"));
}
END_TEST

/* Six attempts receive 100,000 bytes each, and none gets to its end. */
START_TEST(what_failed_attempts_received_counts)
{
    const char *url = it_url("/range?n=200000&cut=100000");
    struct it_run run = it_haul(IT_ARGS("--retry", "5", "--retry-delay", "1ms", "-o", "/dev/null",
                                        "--max-total", "550000", url));

    ck_assert_msg(strstr(run.err, "--max-total is reached") != NULL, "%s", run.err);
    run = it_haul(IT_ARGS("--retry", "5", "--retry-delay", "1ms", "-o", "/dev/null", "--max-total",
                          "650000", url));
    ck_assert_msg(strstr(run.err, "--max-total is reached") == NULL, "%s", run.err);
}
END_TEST

/* ---- a fault in any file operation ---- */

static const struct {
    const char *name;
    bool kills;
} modes[] = {{"kill", true},   {"torn", true},    {"after", true}, {"short", false},
             {"eintr", false}, {"enospc", false}, {"eio", false}};
enum { MODE_COUNT = sizeof modes / sizeof *modes, WALK_URLS = 4, WALK_MAX = 400 };

static const int walk_size[WALK_URLS] = {0, 3, 70000, 2000000};

static const char *walk_list(void)
{
    const char *path = it_path("walk-list");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (int i = 0; i < WALK_URLS; i++)
        haul_buf_addf(&list, "%s\n", it_url("/size?n=%d&d=%d/x", walk_size[i], i));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

/* Every file that has a final name is whole. Returns how many there are. */
static unsigned check_whole(const char *dir, const char *fault)
{
    unsigned count = 0;

    for (int i = 0; i < WALK_URLS; i++) {
        const char *path =
            it_text("%s/size%%3Fn%%3D%d%%26d%%3D%d%%2Fx", host_dir(dir), walk_size[i], i);
        struct stat info;

        if (lstat(path, &info))
            continue;
        ck_assert_msg(info.st_size == walk_size[i], "%s: %s has %lld bytes", fault, path,
                      (long long)info.st_size);
        count++;
    }
    return count;
}

#define WALK_ARGS(dir, journal, list, ...)                                                         \
    IT_ARGS("-q", "-j", "1", "--format", "jsonl", "--order", "input", "--sync", "each",            \
            "--journal", journal, "-d", dir, "-i", list, __VA_ARGS__)

static const char *locks_env(bool has_locks)
{
    return it_text("FAULT_LOCKS=%s", has_locks ? "some" : "none");
}

/* Without a fault, but on the same file system. */
static struct it_run run_again(const char *const *argv, bool has_locks)
{
    const char *const env[] = {it_text("LD_PRELOAD=%s", getenv("HAUL_FAULTLIB")),
                               "FAULT_PATH=walk-dir", locks_env(has_locks), NULL};

    return it_call(&(struct it_call){.argv = argv, .env = env});
}

/* Returns whether there were as many calls. */
static bool check_one_fault(int mode, bool has_locks, long nth, const char *list)
{
    const char *fault = it_text("%s:%ld", modes[mode].name, nth);
    const char *dir = it_path(it_text("walk-dir-%d-%s-%ld", has_locks, modes[mode].name, nth));
    const char *journal =
        it_path(it_text("walk-journal-%d-%s-%ld", has_locks, modes[mode].name, nth));
    const char *counted = it_text("%s.counted", journal);
    const char *const env[] = {it_text("LD_PRELOAD=%s", getenv("HAUL_FAULTLIB")),
                               it_text("FAULT=%s", fault),
                               it_text("FAULT_COUNT=%s", counted),
                               "FAULT_PATH=walk-dir",
                               locks_env(has_locks),
                               NULL};
    struct it_run run = it_call(
        &(struct it_call){.argv = WALK_ARGS(dir, journal, list, "--retry", "0"), .env = env});
    bool is_hit = run.status == -1 || strtol(it_read(counted, NULL), NULL, 10) >= nth;

    if (!is_hit)
        ck_assert_msg(run.status == 0, "%s: %d: %s", fault, run.status, run.err);
    ck_assert_msg((run.status == -1) == (is_hit && modes[mode].kills), "%s: %d", fault, run.status);
    (void)check_whole(dir, fault);
    if (run.status >= 0 && run.status != 2)
        ck_assert_msg(check_whole(dir, fault) == count_files(dir), "%s: other files", fault);
    if (strcmp(modes[mode].name, "short") == 0 || strcmp(modes[mode].name, "eintr") == 0)
        ck_assert_msg(run.status == 0, "%s: %d: %s", fault, run.status, run.out);
    if (!access(journal, F_OK) && is_hit) {
        struct it_run told = it_haul(IT_ARGS("report", "--format", "jsonl", journal));

        if (told.status != 2)
            check_rows_have_files(it_rows(told.out), dir);
    }
    run = run_again(WALK_ARGS(dir, journal, list, "--resume", "--retry-failed"), has_locks);
    ck_assert_msg(run.status == 0, "%s: resumed: %d: %s", fault, run.status, run.err);
    ck_assert_uint_eq(check_whole(dir, fault), WALK_URLS);
    ck_assert_msg(count_files(dir) == WALK_URLS, "%s: other files", fault);
    check_rows_have_files(it_rows(run.out), dir);
    it_remove_tree(dir);
    return is_hit;
}

/* And on a file system without locks, where only some are tried. */
START_TEST(fault_in_any_file_operation_leaves_no_half_file)
{
    static const int without_locks[] = {0, 2, 5}; /* kill, after, enospc */
    bool has_locks = _i < MODE_COUNT;
    int mode = has_locks ? _i : without_locks[_i - MODE_COUNT];
    const char *list = walk_list();
    long nth = 0;

    if (it_is_sanitized() || !getenv("HAUL_FAULTLIB"))
        return;
    while (nth < WALK_MAX && check_one_fault(mode, has_locks, ++nth, list))
        ;
    /* Each file: created, written, synced, named, its directory synced; and the directory made. */
    ck_assert_int_ge(nth, 4 * 5 + 2);
    ck_assert_int_lt(nth, WALK_MAX);
}
END_TEST

/* ---- a fault while a file is gone on with ---- */

enum { PART_SIZE = 300000, PART_CUT = 100000 };

/* The server's pattern, so that nothing of it can be in the wrong place. */
static bool is_pattern(const char *path, size_t size)
{
    size_t len;
    const char *bytes = it_read(path, &len);

    if (len != size)
        return false;
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != (char)('a' + (i + i / 251) % 26))
            return false;
    return true;
}

#define PART_ARGS(dir, url, ...)                                                                   \
    IT_ARGS("-q", "-j", "1", "--format", "jsonl", "--sync", "each", "--retry-delay", "1ms", "-C",  \
            "--name", "part", "-d", dir, url, __VA_ARGS__)

/* Returns whether there were as many calls. */
static bool check_one_part(int mode, long nth)
{
    const char *fault = it_text("%s:%ld", modes[mode].name, nth);
    const char *dir = it_path(it_text("walk-dir-part-%s-%ld", modes[mode].name, nth));
    const char *path = it_text("%s/part", dir), *counted = it_path("part-counted");
    const char *url = it_url("/range?n=%d&cut=%d&etag=one", PART_SIZE, PART_CUT);
    const char *const env[] = {it_text("LD_PRELOAD=%s", getenv("HAUL_FAULTLIB")),
                               it_text("FAULT=%s", fault), it_text("FAULT_COUNT=%s", counted),
                               "FAULT_PATH=walk-dir", NULL};
    struct it_run run = it_haul(PART_ARGS(dir, url, "--retry", "0"));
    bool is_hit;

    ck_assert_int_ne(run.status, 0);
    (void)unlink(counted);
    run = it_call(&(struct it_call){.argv = PART_ARGS(dir, url, "--retry", "0"), .env = env});
    is_hit = run.status == -1 || strtol(it_read(counted, NULL), NULL, 10) >= nth;
    ck_assert_msg((run.status == -1) == (is_hit && modes[mode].kills), "%s: %d", fault, run.status);
    if (!is_hit)
        ck_assert_msg(run.status == 0, "%s: %d: %s", fault, run.status, run.err);
    if (access(path, F_OK) == 0)
        ck_assert_msg(is_pattern(path, PART_SIZE), "%s: a half file", fault);
    run = it_haul(PART_ARGS(dir, url, "--retry", "1"));
    ck_assert_msg(run.status == 0, "%s: resumed: %d: %s", fault, run.status, run.out);
    ck_assert_msg(is_pattern(path, PART_SIZE), "%s: another file", fault);
    ck_assert_msg(count_files(dir) == 1, "%s: other files", fault);
    it_remove_tree(dir);
    return is_hit;
}

START_TEST(fault_while_a_part_is_gone_on_with_leaves_it_or_the_whole)
{
    long nth = 0;

    if (it_is_sanitized() || !getenv("HAUL_FAULTLIB"))
        return;
    while (nth < WALK_MAX && check_one_part(_i, ++nth))
        ;
    /* Cut to size, written, dated, synced, the second file removed, named, its directory synced. */
    ck_assert_int_ge(nth, 6 + PART_SIZE / (32 << 10) - PART_CUT / (32 << 10));
    ck_assert_int_lt(nth, WALK_MAX);
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
    TCase *tcase = tcase_create("save"), *walks = tcase_create("walks");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_test(tcase, real_files_are_saved_as_they_are_and_not_fetched_twice);
    tcase_add_loop_test(tcase, hostile_names_touch_nothing_else, 0, 2);
    tcase_add_test(tcase, urls_of_one_name_are_told_apart_by_the_list);
    tcase_add_test(tcase, dry_run_tells_the_names_that_a_run_gives);
    tcase_add_test(tcase, file_and_directory_of_one_name_are_both_saved);
    tcase_add_test(tcase, templates_make_names);
    tcase_add_test(tcase, hidden_parameters_are_hidden_in_names);
    tcase_add_test(tcase, list_says_where_its_files_go_and_what_they_must_be);
    tcase_add_test(tcase, list_of_aria2_gives_the_files_that_aria2_gives);
    tcase_add_test(tcase, planted_links_lead_nowhere);
    tcase_add_loop_test(tcase, directory_swapped_under_a_running_batch_gets_nothing, 0, 2);
    tcase_add_test(tcase, two_runs_in_one_directory_do_not_disturb_each_other);
    tcase_add_test(tcase, old_files_are_replaced_or_kept);
    tcase_add_test(tcase, what_is_there_is_fetched_unless_its_size_is_right);
    tcase_add_loop_test(tcase, journal_is_believed_only_where_the_file_is, 0, 2);
    tcase_add_test(tcase, failed_ones_leave_nothing);
    tcase_add_test(tcase, checksums_decide);
    tcase_add_loop_test(tcase, checksums_that_are_not_compared_are_told_once, 0, 3);
    tcase_add_test(tcase, files_have_the_time_of_the_server);
    tcase_add_test(tcase, small_disk_that_fills_up_stops_the_run);
    tcase_add_test(tcase, free_space_that_is_to_be_kept_is_as_a_full_disk);
    tcase_add_test(tcase, file_larger_than_allowed_fails_alone);
    tcase_add_test(tcase, enough_is_enough);
    tcase_add_test(tcase, what_failed_attempts_received_counts);
    tcase_add_loop_test(tcase, wrong_use_is_told, 0, WRONG_USES);
    tcase_add_test(tcase, nothing_is_written_without_a_directory);
    tcase_set_timeout(walks, 240);
    tcase_add_unchecked_fixture(walks, it_begin_server, it_end_server);
    tcase_add_checked_fixture(walks, it_reset_server, NULL);
    tcase_add_loop_test(walks, fault_in_any_file_operation_leaves_no_half_file, 0, MODE_COUNT + 3);
    tcase_add_loop_test(walks, fault_while_a_part_is_gone_on_with_leaves_it_or_the_whole, 0,
                        MODE_COUNT);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, walks);
    return it_main(suite);
}
