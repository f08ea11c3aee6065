#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "saved.h"
#include "servers.h"

/*
 * A file belongs to one URL for the life of a journal, however the list is edited meanwhile; and
 * what haul itself reads and writes is no URL's.
 */

/* ---- names of resumed records ---- */

static const char *const forms[] = {"flat", "{name}", "{n}", "{line}", "{host}-{ext}"};
enum { FORMS = sizeof forms / sizeof *forms };

static const char *list_of(const char *const *url, size_t count)
{
    const char *path = it_path("list"), *text = "";

    for (size_t i = 0; i < count; i++)
        text = it_text("%s%s\n", text, url[i]);
    it_write(path, text, strlen(text));
    return path;
}
#define LIST(...)                                                                                  \
    list_of((const char *const[]){__VA_ARGS__},                                                    \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void check_names(const json_t *rows, const char *dir, const char *const *expected)
{
    size_t count = json_array_size(rows);

    check_rows_have_files(rows, dir);
    for (size_t i = 0; i < count; i++) {
        if (expected[i])
            ck_assert_str_eq(name_in(rows, i), expected[i]);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(name_in(rows, i), name_in(rows, k));
    }
}

/* The list grows in front and is reordered; each body has a size of its own. */
START_TEST(resumed_names_are_given_to_nobody_else)
{
    const char *dir = it_path(it_text("grown-%d", _i));
    const char *journal = it_path(it_text("grown-journal-%d", _i));
    const char *option = _i < FORMS ? "--resume" : "--skip-existing";
    const char *x = it_url("/any/x/a.html?n=10"), *y = it_url("/any/y/a.html?n=20"),
               *z = it_url("/any/z/a.html?n=30"), *names[3];
    struct it_run run;

#define RUN(...) SAVE(dir, "--name", forms[_i % FORMS], "--journal", journal, "-i", __VA_ARGS__)
    run = RUN(LIST(x));
    ck_assert_int_eq(run.status, 0);
    names[0] = name_in(it_rows(run.out), 0);

    it_reset_server();
    run = RUN(LIST(z, x), option);
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("requests"), 1);
    names[2] = name_in(it_rows(run.out), 0);
    check_names(it_rows(run.out), dir, (const char *const[]){NULL, names[0]});

    it_reset_server();
    run = RUN(LIST(y, x, z), option);
    ck_assert_int_eq(it_stat("requests"), 1);
    names[1] = name_in(it_rows(run.out), 0);
    check_names(it_rows(run.out), dir, (const char *const[]){NULL, names[0], names[2]});

    it_reset_server();
    run = RUN(LIST(z, y, x), option);
    ck_assert_int_eq(it_stat("requests"), 0);
    check_names(it_rows(run.out), dir, (const char *const[]){names[2], names[1], names[0]});
    ck_assert_uint_eq(count_files(dir), 3);
#undef RUN
}
END_TEST

/* What has failed for good keeps its name, and so what comes after it: else the beginning that is
 * left of it would be another file's, and stay for ever. */
START_TEST(name_of_what_has_failed_is_given_to_nobody_else)
{
    const char *dir = it_path("failed"), *journal = it_path("failed-journal");
    const char *x = it_url("/status/404"), *z = it_url("/range/404?n=100&cut=40&etag=z");
    struct it_run run;

#define RUN(...) SAVE(dir, "--name", "{file}", "-C", "--journal", journal, x, z, __VA_ARGS__)
    run = RUN("--retry", "0");
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed http-404");
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 1)), "failed truncated");
    ck_assert(has_temporary(dir));
    it_reset_server();
    run = RUN("--resume", "--retry-failed=transient");
    ck_assert_int_eq(it_stat("requests"), 1);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 1)), "ok");
    ck_assert(it_log_has_header(json_array_get(it_log("/range"), 0), "Range"));
    ck_assert_str_ne(name_in(it_rows(run.out), 1), "404");
    ck_assert(!has_temporary(dir));
    ck_assert_uint_eq(count_files(dir), 1);
#undef RUN
}
END_TEST

/* ---- files that are there ---- */

/* Whatever they hold, and without a single request; but never another URL's. */
START_TEST(file_of_the_name_is_enough)
{
    const char *dir = it_path(it_text("by-name-%d", _i));
    const char *x = it_url("/any/x/a?n=10"), *y = it_url("/any/y/a?n=10"),
               *z = it_url("/any/b?n=3");
    const char *journal = it_text("--journal=%s", it_path(it_text("by-name-journal-%d", _i)));
    const char *option = _i ? journal : "--no-unique";
    struct it_run run;
    const json_t *rows;

    ck_assert_int_eq(mkdir(dir, 0755), 0);
    it_write(it_text("%s/a%%3Fn%%3D10", dir), "mine", 4);
    ck_assert_int_eq(symlink("nowhere", it_text("%s/b%%3Fn%%3D3", dir)), 0);
#define RUN(...) SAVE(dir, "--name", "flat", "--skip-existing=name", option, __VA_ARGS__)
    run = RUN(x, y, z);
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("requests"), 2);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "skipped exists");
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "size_body"), 4);
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "attempts"), 0);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), "ok");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 2)), "ok"); /* a link is no file */
    check_names(rows, dir, (const char *const[]){"a%3Fn%3D10", NULL, NULL});
    ck_assert(has_file(it_text("%s/a%%3Fn%%3D10", dir), "mine"));
    run = RUN(y, x, z);
    /* The journal knows whose they are; without one the first of the list has the plain name. */
    ck_assert_uint_eq(it_count(it_rows(run.out), "skipped"), _i ? 3 : 2);
    ck_assert_int_eq(it_stat("requests"), _i ? 2 : 3);
    if (_i)
        ck_assert_str_eq(name_in(it_rows(run.out), 0), name_in(rows, 1));
#undef RUN
}
END_TEST

/* Nor is it read: the row is the journal's still, though its digest is another one by now. */
START_TEST(file_of_the_name_is_not_read)
{
    const char *dir = it_path("unread"), *journal = it_path("unread-journal");
    const json_t *row;

#define RUN(...)                                                                                   \
    SAVE(dir, "--name", "flat", "--hash", "md5", "--journal", journal, it_url("/any/a?n=5"),       \
         __VA_ARGS__)
    ck_assert_int_eq(RUN("-q").status, 0);
    it_write(it_text("%s/a%%3Fn%%3D5", dir), "other", 5);
    it_reset_server();
    row = json_array_get(it_rows(RUN("--skip-existing=name").out), 0);
    ck_assert_int_eq(it_stat("requests"), 0);
    ck_assert_str_eq(it_verdict(row), "skipped exists");
    ck_assert_int_eq(it_int(row, "attempts"), 1);
#undef RUN
}
END_TEST

/* ---- records that are not believed ---- */

/* As journals say that were written before names were kept apart: the second run replaced the file
 * of the first one, and both are in one journal. The bodies have one size. */
START_TEST(record_of_a_file_that_became_anothers_is_not_believed)
{
    const char *dir = it_path("lost"), *journal = it_path("lost-journal");
    const char *x = it_url("/any/x/a?n=10"), *z = it_url("/any/z/a?n=10");
    const char *first = it_path("lost-1"), *second = it_path("lost-2"), *both;
    struct it_run run;

    ck_assert_int_eq(SAVE(dir, "--name", "flat", "--journal", first, x).status, 0);
    ck_assert_int_eq(SAVE(dir, "--name", "flat", "--journal", second, z).status, 0);
    both = it_text("%s%s", it_read(first, NULL), it_read(second, NULL));
    it_write(journal, both, strlen(both));
    it_reset_server();
    run = SAVE(dir, "--name", "flat", "--resume", "--journal", journal, x, z);
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("requests"), 1);
    check_names(it_rows(run.out), dir, (const char *const[]){NULL, "a%3Fn%3D10"});
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

START_TEST(record_with_a_digest_is_believed_if_the_file_has_it)
{
    const char *dir = it_path(it_text("digest-%d", _i)), *name;
    const char *journal = it_path(it_text("digest-journal-%d", _i));
    const char *hash = _i ? "md5" : "sha512", *url = it_url("/any/a?n=100000");
    char other[100000];
    struct it_run run;

#define RUN(...) SAVE(dir, "--name", "flat", "--hash", hash, "--journal", journal, url, __VA_ARGS__)
    name = it_text("%s/%s", dir, name_in(it_rows(RUN("-q").out), 0));
    memset(other, 'x', sizeof other);
    it_write(name, other, sizeof other);
    it_reset_server();
    run = RUN("--resume");
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("requests"), 1);
    ck_assert_int_ne(it_read(name, NULL)[0], 'x');
    run = RUN("--resume");
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("requests"), 1);
#undef RUN
}
END_TEST

/* One file is the file of both, and neither is fetched again for it. */
START_TEST(file_that_is_named_by_its_digest_is_everybodys_who_has_that)
{
    const char *dir = it_path("content"), *journal = it_path("content-journal");
    const char *x = it_url("/any/x?n=10"), *z = it_url("/any/z?n=10");
    struct it_run run;

    run = SAVE(dir, "--name", "{sha256}", "--journal", journal, x, z);
    ck_assert_int_eq(run.status, 0);
    it_reset_server();
    run = SAVE(dir, "--name", "{sha256}", "--journal", journal, "--resume", z, x);
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("requests"), 0);
    ck_assert_uint_eq(count_files(dir), 1);
}
END_TEST

/* ---- what has not changed ---- */

#define ASK(dir, since, journal, ...)                                                              \
    SAVE(dir, "--name", "{n}", "--etags", "--since", since, "--journal", journal, __VA_ARGS__)

/* Not changed is a URL's own body only. Both bodies have one size. */
START_TEST(what_was_saved_under_another_name_is_fetched)
{
    const char *dir = it_path("moved"), *first = it_path("moved-1"), *second = it_path("moved-2");
    const char *x = it_url("/range?n=100&etag=x"), *z = it_url("/range?n=100&etag=z");
    struct it_run run;

    ck_assert_int_eq(SAVE(dir, "--name", "{n}", "--journal", first, x, z).status, 0);
    run = ASK(dir, first, second, z, x);
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
    run = ASK(dir, second, it_path("moved-3"), z, x);
    ck_assert_uint_eq(it_count(it_rows(run.out), "unchanged"), 2);
    check_names(it_rows(run.out), dir, (const char *const[]){"1", "2"});
}
END_TEST

/* The record of what had not changed has its file, so that it can be resumed. */
START_TEST(what_had_not_changed_is_resumed_with_its_file)
{
    const char *dir = it_path("same"), *first = it_path("same-1"), *second = it_path("same-2");
    const char *x = it_url("/range?n=100&etag=x"), *z = it_url("/range?n=200&etag=z");
    const json_t *rows;

    ck_assert_int_eq(SAVE(dir, "--name", "{n}", "--journal", first, x).status, 0);
    rows = it_rows(ASK(dir, first, second, x).out);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "unchanged");
    it_reset_server();
    rows = it_rows(ASK(dir, first, second, "--resume", z, x).out);
    ck_assert_int_eq(it_stat("requests"), 1);
    check_names(rows, dir, (const char *const[]){NULL, "1"});
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), "unchanged");
}
END_TEST

/* A history has no names: which file holds what it knows? */
START_TEST(history_spares_no_download_where_names_do_not_say_the_url)
{
    static const char *const name[] = {"{n}", "{file}", "path"};
    const char *dir = it_path(it_text("told-%d", _i)), *db = it_path(it_text("told-%d.db", _i));
    const char *x = it_url("/range/x/a?n=100&etag=x"), *z = it_url("/range/z/a?n=100&etag=z");
    struct it_run run;

#define RUN(...) SAVE(dir, "--name", name[_i], "--etags", "--history", db, __VA_ARGS__)
    ck_assert_int_eq(RUN(x, z).status, 0);
    run = RUN(z, x);
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_count(it_rows(run.out), _i < 2 ? "ok" : "unchanged"), 2);
#undef RUN
}
END_TEST

/* Nor by the time of the file, if it is only that of whoever had that place. */
START_TEST(time_of_a_file_whose_name_is_a_place_is_not_asked_for)
{
    static const char *const name[] = {"{n}", "{line}-{ext}", "{file}", "{n}/{host}/{path}/{name}"};
    const char *dir = it_path(it_text("dated-%d", _i));
    const char *x = it_url("/range/x?n=100&lm=1000000000");
    struct it_run run;

    ck_assert_int_eq(SAVE(dir, "--name", name[_i], x).status, 0);
    run = SAVE(dir, "--name", name[_i], "-N", x);
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), _i < 2 ? "ok" : "unchanged");
}
END_TEST

/* Until a file that is written has a later time than whatever was written before. */
static void await_later_times(void)
{
    const char *path = it_path("moment");
    struct timespec now;
    struct stat info;

    it_write(path, "", 0);
    ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &now), 0);
    now.tv_nsec = now.tv_nsec / 1000000 * 1000000 + 999999;
    do {
        ck_assert_int_eq(chmod(path, 0600), 0);
        ck_assert_int_eq(stat(path, &info), 0);
    } while (info.st_ctim.tv_sec < now.tv_sec ||
             (info.st_ctim.tv_sec == now.tv_sec && info.st_ctim.tv_nsec <= now.tv_nsec));
}

/* The list was another one in between. A run that goes on with the journal proves nothing. */
START_TEST(file_that_another_run_has_replaced_is_fetched)
{
    const char *dir = it_path(it_text("replaced-%d", _i));
    const char *first = it_path(it_text("replaced-%d-1", _i));
    const char *form = _i & 1 ? "{file}" : "{n}";
    const char *x = it_url("/range/x/a?n=100&etag=x"), *z = it_url("/range/z/a?n=100&etag=z");
    const json_t *rows;

#define RUN(...) SAVE(dir, "--name", form, __VA_ARGS__)
    ck_assert_int_eq(RUN("--journal", first, x, z).status, 0);
    await_later_times();
    ck_assert_int_eq(RUN(z, x).status, 0);
    if (_i & 2)
        ck_assert_int_eq(RUN("--journal", first, "--resume", x, z).status, 0);
    rows = it_rows(RUN("--etags", "--since", first, x, z).out);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), _i & 1 ? "unchanged" : "ok");
#undef RUN
}
END_TEST

/* As a copy has it, and what was put in its place. */
START_TEST(file_that_was_touched_must_have_the_digest)
{
    const char *dir = it_path(it_text("touched-%d", _i));
    const char *first = it_path(it_text("touched-%d-1", _i));
    const char *x = it_url("/range?n=100&etag=x"), *file = it_text("%s/1", dir);
    bool has_digest = _i & 1, is_other = _i & 2;
    char bytes[100];
    const json_t *rows;

    ck_assert_int_eq(
        SAVE(dir, "--name", "{n}", "--hash", has_digest ? "md5" : "none", "--journal", first, x)
            .status,
        0);
    await_later_times();
    memcpy(bytes, it_read(file, NULL), sizeof bytes);
    if (is_other)
        bytes[50]++;
    it_write(file, bytes, sizeof bytes);
    rows = it_rows(SAVE(dir, "--name", "{n}", "--etags", "--since", first, x).out);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)),
                     has_digest && !is_other ? "unchanged" : "ok");
}
END_TEST

/* When it was killed it does not say. */
START_TEST(run_that_was_killed_proves_nothing)
{
    const char *dir = it_path("killed"), *first = it_path("killed-1"), *text;
    const char *x = it_url("/range?n=100&etag=x");
    const json_t *rows;

    ck_assert_int_eq(SAVE(dir, "--name", "{n}", "--journal", first, x).status, 0);
    text = it_read(first, NULL);
    ck_assert_int_eq(truncate(first, strstr(text, "{\"footer\"") - text), 0);
    rows = it_rows(SAVE(dir, "--name", "{n}", "--etags", "--since", first, x).out);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
}
END_TEST

static void cut_out(char *text, const char *begin, const char *end)
{
    char *from = strstr(text, begin), *to;

    ck_assert_ptr_nonnull(from);
    to = strstr(from + strlen(begin), end);
    ck_assert_ptr_nonnull(to);
    memmove(from, to + strlen(end), strlen(to + strlen(end)) + 1);
}

/* In journals of earlier versions it has none: it is the plain one, if the size is right. */
START_TEST(what_had_not_changed_is_resumed_without_a_name)
{
    const char *dir = it_path(it_text("nameless-%d", _i));
    const char *first = it_path(it_text("nameless-%d-1", _i));
    const char *second = it_path(it_text("nameless-%d-2", _i));
    const char *x = it_url("/range?n=100&etag=x");
    const json_t *rows;
    char *text;

    ck_assert_int_eq(SAVE(dir, "--name", "{n}", "--journal", first, x).status, 0);
    rows = it_rows(ASK(dir, first, second, x).out);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "unchanged");
    text = strdup(it_read(second, NULL));
    ck_assert_ptr_nonnull(text);
    cut_out(strstr(text, "\n{\"key\""), ",\"filename_effective\":\"", "\"");
    cut_out(strstr(text, "\n{\"key\""), ",\"crc\":\"", "\"");
    it_write(second, text, strlen(text));
    free(text);
    if (_i)
        it_write(it_text("%s/1", dir), "short", 5);
    it_reset_server();
    rows = it_rows(SAVE(dir, "--name", "{n}", "--journal", second, "--resume", x).out);
    ck_assert_int_eq(it_stat("requests"), _i);
    check_names(rows, dir, (const char *const[]){"1"});
}
END_TEST

/* ---- the run's own files ---- */

/* Names that are taken, what is there before the run, and one that is nobody's: the last. */
static const char *const taken[] = {"run.jsonl",      "run.db",      "run.db-wal", "run.db-shm",
                                    "run.db-journal", "run.db-lock", "out.csv",    "sum.json/sub",
                                    "more.jsonl",     "failed.txt",  "list.txt",   "conf.ini",
                                    "sums",           "user",        "ca.pem",     "stdin.txt",
                                    "stdout.txt",     "here/linked", "nobodys"};
enum { TAKEN = sizeof taken / sizeof *taken };

static const char *list_of_taken(void)
{
    const char *text = "";

    for (size_t i = 0; i < TAKEN; i++)
        text = it_text("%s%s\n  out=%s\n", text, it_url("/any/%zu?n=7", i), taken[i]);
    return text;
}

/* With --dir ., as users of wget have it. */
START_TEST(no_body_takes_the_place_of_a_file_of_the_run)
{
    const char *dir = it_path(it_text("own-%d", _i)), *list = list_of_taken(), *since;
    const char *there = it_path(it_text("since-there-%d", _i));
    const char *clobber = _i ? "--no-clobber" : "--clobber";
    struct it_run run;
    const json_t *rows;

    ck_assert_int_eq(mkdir(dir, 0755), 0);
    ck_assert_int_eq(mkdir(it_text("%s/here", dir), 0755), 0);
    it_write(it_text("%s/conf.ini", dir), "quiet = true\n", 13);
    it_write(it_text("%s/user", dir), "a:b\n", 4);
    ck_assert_int_eq(chmod(it_text("%s/user", dir), 0600), 0);
    it_write(it_text("%s/sums", dir), "", 0);
    it_write(it_text("%s/ca.pem", dir), it_read(it_ca_file(), NULL),
             strlen(it_read(it_ca_file(), NULL)));
    it_write(it_text("%s/list.txt", dir), list, strlen(list));
    it_write(it_text("%s/stdin.txt", dir), "", 0);
    since = it_text("%s/here/linked", dir);
    ck_assert_int_eq(SAVE(it_path("own-since"), "--journal", there, it_url("/any/x?n=1")).status,
                     0);
    it_reset_server();
    ck_assert_int_eq(symlink(there, since), 0);
    run = it_call(&(struct it_call){
        .program = "/bin/sh",
        .argv = IT_ARGS(
            "-c",
            it_text("cd %s && exec %s --no-config -K conf.ini --order input -d . -i list.txt -i - "
                    "--journal "
                    "run.jsonl --history ../own-%d/run.db -o out.csv --report jsonl:more.jsonl "
                    "--report tsv:- --report json:sum.json --save-failed failed.txt --sums sums "
                    "--user-file user "
                    "--cacert ca.pem --etags --since here/linked %s < stdin.txt > stdout.txt",
                    dir, getenv("HAUL_BIN"), _i, clobber))});
    ck_assert_msg(run.status == 1, "status %d: %s", run.status, run.err);
    rows = it_rows(it_read(it_text("%s/more.jsonl", dir), NULL));
    ck_assert_uint_eq(json_array_size(rows), TAKEN);
    for (size_t i = 0; i < TAKEN; i++)
        ck_assert_msg(strcmp(it_verdict(json_array_get(rows, i)),
                             i + 1 < TAKEN ? "invalid bad-name" : "ok") == 0,
                      "%s: %s", taken[i], it_verdict(json_array_get(rows, i)));
    ck_assert_int_eq(it_stat("requests"), 1);
    ck_assert_str_eq(it_read(it_text("%s/list.txt", dir), NULL), list);
    ck_assert_str_eq(it_read(it_text("%s/user", dir), NULL), "a:b\n");
    ck_assert(it_lines(it_read(it_text("%s/stdout.txt", dir), NULL)) > TAKEN);
    ck_assert(it_lines(it_read(it_text("%s/out.csv", dir), NULL)) >= TAKEN);
    ck_assert_ptr_nonnull(strstr(it_read(it_text("%s/run.jsonl", dir), NULL), "{\"footer\":"));
}
END_TEST

/* What the name is, only the body tells: it was fetched, and is not saved. */
START_TEST(no_digest_takes_the_place_of_a_file_of_the_run)
{
    const char *dir = it_path("own-digest"), *journal, *head;
    struct it_run run;

    ck_assert_int_eq(mkdir(dir, 0755), 0);
    /* of "abcde", the test server's five bytes */
    journal = it_text("%s/36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c", dir);
    run = SAVE(dir, "--name", "{sha256}", "--journal", journal, it_url("/any/a?n=5"),
               it_url("/any/a?n=6"));
    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed bad-name");
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 1)), "ok");
    head = it_read(journal, NULL);
    ck_assert(strncmp(head, "{\"journal\":", 11) == 0);
    ck_assert_uint_eq(count_files(dir), 2);
}
END_TEST

/* A report gets its name at the end: until then it is not there, and yet it is taken. */
START_TEST(number_that_a_report_will_have_is_left_out)
{
    const char *dir = it_path("own-number"), *report = it_text("%s/a.1", dir);
    struct it_run run;

    ck_assert_int_eq(SAVE(dir, "--name", "a", it_url("/any/a?n=5")).status, 0);
    run = SAVE(dir, "--name", "a", "--no-clobber", "--report", it_text("jsonl:%s", report),
               it_url("/any/a?n=5"));
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(name_in(it_rows(it_read(report, NULL)), 0), "a.2");
    ck_assert(has_file(it_text("%s/a.2", dir), "abcde"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ownership");
    TCase *names = tcase_create("names");
    TCase *own = tcase_create("own");

    tcase_set_timeout(names, 120);
    tcase_add_unchecked_fixture(names, it_begin_server, it_end_server);
    tcase_add_checked_fixture(names, it_reset_server, NULL);
    tcase_add_loop_test(names, resumed_names_are_given_to_nobody_else, 0, 2 * FORMS);
    tcase_add_test(names, name_of_what_has_failed_is_given_to_nobody_else);
    tcase_add_loop_test(names, file_of_the_name_is_enough, 0, 2);
    tcase_add_test(names, file_of_the_name_is_not_read);
    tcase_add_test(names, record_of_a_file_that_became_anothers_is_not_believed);
    tcase_add_loop_test(names, record_with_a_digest_is_believed_if_the_file_has_it, 0, 2);
    tcase_add_test(names, file_that_is_named_by_its_digest_is_everybodys_who_has_that);
    tcase_add_test(names, what_was_saved_under_another_name_is_fetched);
    tcase_add_test(names, what_had_not_changed_is_resumed_with_its_file);
    tcase_add_loop_test(names, what_had_not_changed_is_resumed_without_a_name, 0, 2);
    tcase_add_loop_test(names, history_spares_no_download_where_names_do_not_say_the_url, 0, 3);
    tcase_add_loop_test(names, time_of_a_file_whose_name_is_a_place_is_not_asked_for, 0, 4);
    tcase_add_loop_test(names, file_that_another_run_has_replaced_is_fetched, 0, 4);
    tcase_add_loop_test(names, file_that_was_touched_must_have_the_digest, 0, 4);
    tcase_add_test(names, run_that_was_killed_proves_nothing);
    suite_add_tcase(suite, names);
    tcase_set_timeout(own, 120);
    tcase_add_unchecked_fixture(own, it_begin_server, it_end_server);
    tcase_add_checked_fixture(own, it_reset_server, NULL);
    tcase_add_loop_test(own, no_body_takes_the_place_of_a_file_of_the_run, 0, 2);
    tcase_add_test(own, no_digest_takes_the_place_of_a_file_of_the_run);
    tcase_add_test(own, number_that_a_report_will_have_is_left_out);
    suite_add_tcase(suite, own);
    return it_main(suite);
}
