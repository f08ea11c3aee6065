#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "model/key.h"
#include "saved.h"
#include "servers.h"

/*
 * What saved files are called, and that nothing else is ever touched.
 */

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

/* How many names there are. Newer versions of libcurl take %2e for a dot, as RFC 3986 (6.2.2.2)
 * does, so that two of the URLs are the same. */
static size_t count_names(const json_t *rows, size_t count)
{
    size_t names = 0;

    for (size_t i = 0, j; i < count; i++) {
        const char *name = it_str(json_array_get(rows, i), "filename_effective");

        for (j = 0; j < i; j++)
            if (strcmp(it_str(json_array_get(rows, j), "filename_effective"), name) == 0)
                break;
        names += j == i;
    }
    return names;
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
    ck_assert_uint_ge(count_names(rows, count), count - 1);
    ck_assert_uint_eq(count_files(dir), count_names(rows, count));
    for (size_t i = 0; i < count; i++)
        check_name(it_str(json_array_get(rows, i), "filename_effective"));
    it_remove_tree(room);
}
END_TEST

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
    run = SAVE(dir, "--list-keys", "all", "-i", list);
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 6);
    for (size_t i = 0; i < 6; i++)
        ck_assert_str_eq(it_verdict(json_array_get(rows, i)), verdicts[i]);
    ck_assert_str_eq(it_str(json_array_get(rows, 1), "errormsg"),
                     "out=../escape names no place below --dir: a part of the name is \"..\"; mend "
                     "the list, or leave its keys out with --list-keys none");
    ck_assert_str_eq(it_str(json_array_get(rows, 2), "errormsg"),
                     "dir=/tmp names no place below --dir: the name must be relative; --list-keys "
                     "safe puts it there");
    ck_assert_str_eq(name_in(rows, 0), "sub/er/my file.txt");
    check_rows_have_files(rows, dir);
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

static bool holds(const char *bytes, size_t len, const char *text)
{
    size_t n = strlen(text);

    for (size_t at = 0; at + n <= len; at++)
        if (memcmp(bytes + at, text, n) == 0)
            return true;
    return false;
}

/* In a directory, an archive, and all that is said of them: no byte turns a name round. */
START_TEST(names_that_cannot_be_read_as_they_are_are_encoded)
{
    static const char turn[] = "\xE2\x80\xAE", shown[] = "%E2%80%AEb/%C2%9Ba%E2%80%A8%FF.bin";
    const char *list = it_path("unseen"), *tar = it_path("unseen.tar"), *dir = it_path("unseen.d");
    const char *text = it_text("%s\n out=\xC2\x9B"
                               "a\xE2\x80\xA8\xFF.bin\n dir=%sb\n",
                               it_url("/size?n=7"), turn),
               *bytes;
    struct it_run run;
    size_t len;

    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("-v", "--format", "jsonl", "--dir", dir, "-i", list));
    ck_assert_str_eq(it_str(json_array_get(it_rows(run.out), 0), "filename_effective"), shown);
    ck_assert_uint_eq(strlen(it_read(it_text("%s/%s", dir, shown), NULL)), 7);
    ck_assert(!holds(run.err, run.err_len, turn) && !holds(run.out, run.out_len, turn));
    run = it_haul(IT_ARGS("--dry-run", "--dir", dir, "-i", list));
    ck_assert_ptr_nonnull(strstr(run.out, it_text("file\t%s\n", shown)));
    run = it_haul(IT_ARGS("-q", "--tar", tar, "-i", list));
    ck_assert_int_eq(run.status, 0);
    bytes = it_read(tar, &len);
    ck_assert(holds(bytes, len, shown) && !holds(bytes, len, turn));
}
END_TEST

START_TEST(absolute_directory_of_a_list_is_put_below_dir)
{
    const char *dir = it_path("rerooted"), *list = it_path("rerooted-list");
    const char *text = it_text("%s\n dir=/iso_images\n out = a\n%s\n dir=%s/sub\n out=b\n",
                               it_url("/size?n=1"), it_url("/size?n=2"), dir);
    struct it_run run;

    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("--dry-run", "-d", dir, "-i", list));
    ck_assert_ptr_nonnull(strstr(run.out, "file\tiso_images/a\n"));
    ck_assert_ptr_nonnull(strstr(run.out, "file\tsub/b\n"));
    run = it_haul(IT_ARGS("-d", dir, "--format", "jsonl", "--order", "input", "-i", list));
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(name_in(it_rows(run.out), 0), "iso_images/a");
    ck_assert_str_eq(name_in(it_rows(run.out), 1), "sub/b");
    ck_assert_ptr_nonnull(
        strstr(run.err, "-list:1: dir=/iso_images is absolute, and is put below"));
    ck_assert_ptr_null(strstr(run.err, "-list:4:"));
    run = it_haul(IT_ARGS("-d", it_path("unkeyed"), "--list-keys", "none", "--name", "{n}",
                          "--format", "jsonl", "--order", "input", "-i", list));
    ck_assert_str_eq(name_in(it_rows(run.out), 0), "1");
    ck_assert_ptr_nonnull(strstr(run.err, "the keys of this list are left out"));
}
END_TEST

/* What aria2 has not got it saves; haul gets it, and puts it where aria2 would have. */
START_TEST(session_that_aria2_saved_is_read)
{
    const char *dir = it_path("session-dir"), *list = it_path("session-list");
    const char *session = it_path("session");
    const char *text = it_text("%s\t%s\n out = a b \n checksum=SHA-256=%s\n%s\n dir=%s/c\n out=d\n",
                               it_url("/flaky?n=1"), it_url("/flaky?n=1&m"),
                               "8ecc5f94c57b05d6c5e0ee316bee4875427e1845bbeef3ead59df29c72aab36e",
                               it_url("/flaky?n=1&o"), dir);
    struct it_run run;

    it_write(list, text, strlen(text));
    run = it_call(&(struct it_call){
        .program = "/bin/sh",
        .argv = IT_ARGS("-c", it_text("aria2c --no-conf -q -j1 -s1 -x1 -m1 --file-allocation=none "
                                      "--user-agent=a -d %s --save-session=%s -i %s",
                                      dir, session, list))});
    ck_assert_int_ne(run.status, 0);
    run = SAVE(dir, "--retry-delay", "0.001", "-i", session);
    ck_assert_msg(run.status == 0, "%s%s", run.out, run.err);
    ck_assert_uint_eq(count_files(dir), 2);
    run = it_call(
        &(struct it_call){.program = "/bin/sh",
                          .argv = IT_ARGS("-c", it_text("cd %s && test -f 'a b' -a -f c/d", dir))});
    ck_assert_int_eq(run.status, 0);
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
        "%s\n\tout=headed\n\theader=X-Token: here\n",
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
        ck_assert(it_log_has_header(json_array_get(log, i), "X-Token"));
}
END_TEST

/* ---- what others put there ---- */

START_TEST(planted_links_lead_nowhere)
{
    const char *room = it_path("planted"), *dir = it_text("%s/dir", room);
    const char *host = host_dir(dir), *outside = it_text("%s/outside", room), *before;
    const char *name = it_text("127.0.0.1%%3A%d/t", it_port("http"));
    const struct haul_key key = haul_key_make(HAUL_KEY_FILE, name, strlen(name));
    const char *temporary = it_text("%s/.haul-%016llx%016llx-0.part", host,
                                    (unsigned long long)key.high, (unsigned long long)key.low);
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

    while (!has_temporary(dir))
        it_pause(since_ms, "a temporary");
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

int main(void)
{
    Suite *suite = suite_create("save_names");
    TCase *tcase = tcase_create("save_names");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_loop_test(tcase, hostile_names_touch_nothing_else, 0, 2);
    tcase_add_test(tcase, urls_of_one_name_are_told_apart_by_the_list);
    tcase_add_test(tcase, dry_run_tells_the_names_that_a_run_gives);
    tcase_add_test(tcase, file_and_directory_of_one_name_are_both_saved);
    tcase_add_test(tcase, templates_make_names);
    tcase_add_test(tcase, hidden_parameters_are_hidden_in_names);
    tcase_add_test(tcase, list_says_where_its_files_go_and_what_they_must_be);
    tcase_add_test(tcase, absolute_directory_of_a_list_is_put_below_dir);
    tcase_add_test(tcase, session_that_aria2_saved_is_read);
    tcase_add_test(tcase, list_of_aria2_gives_the_files_that_aria2_gives);
    tcase_add_test(tcase, names_that_cannot_be_read_as_they_are_are_encoded);
    tcase_add_test(tcase, planted_links_lead_nowhere);
    tcase_add_loop_test(tcase, directory_swapped_under_a_running_batch_gets_nothing, 0, 2);
    tcase_add_test(tcase, two_runs_in_one_directory_do_not_disturb_each_other);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
