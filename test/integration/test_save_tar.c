#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_walk.h"
#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * Bodies in a tar archive: GNU tar and Python's tarfile read it, at its end and before; and
 * whatever becomes of a run, what its journal believes in is in the archive, whole and right.
 */

/* ---- looking at archives ---- */

/* The members that Python's tarfile finds whole; all of the archive must be, unless `is_torn`. */
static const json_t *look(const char *archive, bool is_torn)
{
    const char *script = it_text("%s/test/integration/look_tar.py", getenv("HAUL_SOURCE_ROOT"));
    struct it_run run = it_call(&(struct it_call){
        .program = "/usr/bin/env",
        .argv = IT_ARGS("python3", script, is_torn ? "--torn" : "--whole", archive)});

    ck_assert_msg(run.status == 0, "%s: %s", archive, run.err);
    return it_rows(run.out);
}

/* The last member of that name, as it would be extracted; NULL: none. */
static const json_t *member(const json_t *members, const char *name)
{
    for (size_t i = json_array_size(members); i > 0; i--)
        if (strcmp(it_str(json_array_get(members, i - 1), "name"), name) == 0)
            return json_array_get(members, i - 1);
    return NULL;
}

/* Each row that is ok has its member, with its digest. Returns how many there are. */
static unsigned check_believed(const json_t *rows, const json_t *members, const char *what)
{
    unsigned count = 0;

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i), *found;

        if (strcmp(it_str(row, "outcome"), "ok") != 0)
            continue;
        count++;
        found = member(members, it_str(row, "filename_effective"));
        ck_assert_msg(found != NULL, "%s: %s is not there", what,
                      it_str(row, "filename_effective"));
        ck_assert_msg(it_int(found, "size") == it_int(row, "size_body") &&
                          !strcmp(it_str(found, "sha256"), it_str(row, "sha256")),
                      "%s: %s is another body", what, it_str(row, "filename_effective"));
    }
    return count;
}

#define TAR(archive, ...)                                                                          \
    it_haul(IT_ARGS("-q", "--format", "jsonl", "--order", "input", "--hash", "sha256", "--tar",    \
                    archive, __VA_ARGS__))

/* ---- what is in it ---- */

static const char *list_of(const char *name, const int *sizes, size_t count)
{
    const char *path = it_path(name);
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (size_t i = 0; i < count; i++)
        haul_buf_addf(&list, "%s\n", it_url("/size?n=%d&d=%zu/x", sizes[i], i));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

static const int some_sizes[] = {0, 1, 511, 512, 513, 32768, 32769, 70000, 1000000};
enum { SOME = sizeof some_sizes / sizeof *some_sizes };

START_TEST(members_are_what_was_fetched)
{
    const char *archive = it_path("some.tar"), *list = list_of("some", some_sizes, SOME);
    struct it_run run = TAR(archive, "-i", list);
    const json_t *rows = it_rows(run.out), *members = look(archive, false);
    struct stat info;

    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
    ck_assert_uint_eq(json_array_size(members), SOME);
    ck_assert_uint_eq(check_believed(rows, members, "some"), SOME);
    ck_assert_int_eq(stat(archive, &info), 0);
    ck_assert_int_eq(info.st_size % 10240, 0);
}
END_TEST

/* What failed is no member, however much of it came. */
START_TEST(failed_body_is_no_member)
{
    const char *archive = it_path("failed.tar");
    struct it_run run = TAR(archive, "--retry", "1", "--retry-delay", "1ms", it_url("/size?n=5"),
                            it_url("/range?n=200000&cut=100000"), it_url("/status/404"));

    ck_assert_int_ne(run.status, 0);
    ck_assert_uint_eq(json_array_size(look(archive, false)), 1);
    ck_assert_uint_eq(check_believed(it_rows(run.out), look(archive, false), "failed"), 1);
}
END_TEST

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const char *const odd_names[] = {HUNDRED,
                                        HUNDRED "x",
                                        "d/" HUNDRED,
                                        HUNDRED "/" HUNDRED,
                                        HUNDRED TEN "/" HUNDRED "/" TEN "/" HUNDRED TEN,
                                        "\xc3\xa4\xe2\x82\xac/\xf0\x9f\x90\xb4",
                                        "not \xff utf-8",
                                        "quo\"te and \\ and *",
                                        "..x/.hidden",
                                        "-rf"};
enum { ODD = sizeof odd_names / sizeof *odd_names };

START_TEST(odd_names_are_read_by_others)
{
    const char *archive = it_path("odd.tar"), *path = it_path("odd");
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    for (size_t i = 0; i < ODD; i++)
        haul_buf_addf(&list, "%s\n out=%s\n", it_url("/size?n=%zu", 10 + i), odd_names[i]);
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    run = TAR(archive, "-i", path);
    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
    ck_assert_uint_eq(json_array_size(look(archive, false)), ODD);
    for (size_t i = 0; i < ODD; i++)
        ck_assert_int_eq(it_int(json_array_get(look(archive, false), i), "size") / 10, 1);
}
END_TEST

START_TEST(member_has_the_time_of_the_answer)
{
    const char *archive = it_path("dated.tar");
    struct it_run run = TAR(archive, "--name", "x", it_url("/range?n=5&lm=1000000000"));
    struct it_run listed = it_call(
        &(struct it_call){.program = "/usr/bin/env",
                          .argv = IT_ARGS("TZ=UTC0", "tar", "--full-time", "-tvf", archive)});

    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(strstr(listed.out, "2001-09-09 01:46:40") != NULL, "%s", listed.out);
}
END_TEST

/* ---- standard output ---- */

START_TEST(stream_is_read_by_tar_and_the_report_goes_elsewhere)
{
    const char *list = list_of("stream", some_sizes, SOME);
    const char *script = it_text("'%s' --tar - --format csv -i '%s' | tar -tf - | sort -u | wc -l",
                                 getenv("HAUL_BIN"), list);
    struct it_run run =
        it_call(&(struct it_call){.program = "/bin/sh", .argv = IT_ARGS("-c", script)});

    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(strtol(run.out, NULL, 10), SOME);
    ck_assert_ptr_nonnull(strstr(run.err, "size%3Fn%3D70000"));
}
END_TEST

START_TEST(reader_who_leaves_ends_the_run)
{
    const char *list = list_of("left", some_sizes, SOME);
    const char *script =
        it_text("{ '%s' -j 1 --tar - -i '%s' -o /dev/null; echo $? >&2; } | head -c 1",
                getenv("HAUL_BIN"), list);
    struct it_run run =
        it_call(&(struct it_call){.program = "/bin/sh", .argv = IT_ARGS("-c", script)});

    ck_assert_msg(strstr(run.err, "standard output: the archive cannot be written") != NULL, "%s",
                  run.err);
    ck_assert_ptr_nonnull(strstr(run.err, "\n3\n"));
}
END_TEST

/* ---- what is refused ---- */

static void check_refused(struct it_run run, const char *words)
{
    ck_assert_int_eq(run.status, 2);
    ck_assert_msg(strstr(run.err, words) != NULL, "%s", run.err);
    ck_assert_int_eq(it_stat("requests"), 0);
}

START_TEST(archive_that_is_there_is_not_replaced)
{
    const char *archive = it_path("there.tar"), *journal = it_path("there.jsonl");

    it_write(archive, "mine", 4);
    check_refused(TAR(archive, it_url("/size?n=5")), "--resume");
    check_refused(TAR(archive, "--journal", journal, "--resume=force", it_url("/size?n=5")),
                  "not an archive of haul's");
    ck_assert_str_eq(it_read(archive, NULL), "mine");
}
END_TEST

START_TEST(options_of_directories_are_refused)
{
    const char *archive = it_path("refused.tar"), *url = it_url("/size?n=5");

    check_refused(TAR(archive, "-d", it_path("dir"), url), "--dir");
    check_refused(TAR(archive, "-C", url), "--continue");
    check_refused(TAR(archive, "--skip-existing", url), "--skip-existing");
    check_refused(TAR(archive, "--no-clobber", url), "--no-clobber");
    check_refused(TAR(archive, "--head", url), "--head");
    check_refused(TAR("-", "--report", "json:-", url), "standard output");
    check_refused(TAR("-", "--journal", it_path("refused.j"), "--resume", url), "--resume");
    check_refused(TAR(archive, "--save-failed", archive, url), "one file");
    check_refused(TAR(archive, "--journal", archive, url), "one file");
    ck_assert_int_ne(access(archive, F_OK), 0);
}
END_TEST

/* ---- going on ---- */

START_TEST(resumed_archive_has_what_was_added_to_the_list)
{
    const char *archive = it_path("grown.tar"), *journal = it_path("grown.jsonl");
    struct it_run run =
        TAR(archive, "--journal", journal, "-i", list_of("grown", some_sizes, SOME - 2));

    ck_assert_int_eq(run.status, 0);
    it_reset_server();
    run = TAR(archive, "--journal", journal, "--resume", "-i", list_of("grown", some_sizes, SOME));
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_int_eq(it_stat("requests"), 2);
    ck_assert_uint_eq(json_array_size(look(archive, false)), SOME);
    ck_assert_uint_eq(check_believed(it_rows(run.out), look(archive, false), "grown"), SOME);
}
END_TEST

/* The journal alone is not believed: without its archive, all of it is fetched again. */
START_TEST(member_that_is_gone_is_fetched_again)
{
    const char *archive = it_path("gone.tar"), *journal = it_path("gone.jsonl");
    const char *list = list_of("gone", some_sizes, SOME);

    ck_assert_int_eq(TAR(archive, "--journal", journal, "-i", list).status, 0);
    ck_assert_int_eq(unlink(archive), 0);
    it_reset_server();
    ck_assert_int_eq(TAR(archive, "--journal", journal, "--resume", "-i", list).status, 0);
    ck_assert_int_eq(it_stat("requests"), SOME);
    ck_assert_uint_eq(json_array_size(look(archive, false)), SOME);
}
END_TEST

/* With a digest, the bytes are compared; and then the newer member counts. */
START_TEST(member_that_was_changed_is_fetched_again)
{
    const char *archive = it_path("changed.tar"), *journal = it_path("changed.jsonl");
    const char *url = it_url("/size?n=700");
    int fd;

    ck_assert_int_eq(TAR(archive, "--journal", journal, url).status, 0);
    fd = open(archive, O_WRONLY);
    ck_assert_int_eq(pwrite(fd, "!", 1, 1024 + 512 + 100), 1);
    close(fd);
    for (int round = 0; round < 3; round++) {
        it_reset_server();
        ck_assert_int_eq(TAR(archive, "--journal", journal, "--resume", url).status, 0);
        ck_assert_int_eq(it_stat("requests"), round == 0);
        ck_assert_uint_eq(json_array_size(look(archive, false)), 2);
    }
}
END_TEST

enum { KILLED_URLS = 300, KILLED_AFTER = 40 };

/* Killed when some are done, and others are under way. */
START_TEST(killed_run_is_gone_on_with)
{
    const char *archive = it_path("killed.tar"), *journal = it_path("killed.jsonl");
    int sizes[KILLED_URLS];
    const char *list, *const *argv;
    struct it_process *process;
    int64_t since = it_now_ms();
    struct it_run run;
    unsigned believed;

    for (int i = 0; i < KILLED_URLS; i++)
        sizes[i] = i % 50 == 49 ? 200000 : i * 7;
    list = list_of("killed", sizes, KILLED_URLS);
    argv = IT_ARGS("-q", "-j", "4", "--format", "jsonl", "--hash", "sha256", "--rate", "400/s",
                   "--tar", archive, "--journal", journal, "-i", list);
    process = it_start(&(struct it_call){.argv = argv});
    while (access(journal, F_OK) || it_lines(it_read(journal, NULL)) < KILLED_AFTER)
        it_pause(since, "the first records");
    it_signal(process, SIGKILL);
    (void)it_finish(process);
    run = it_haul(IT_ARGS("report", "--format", "jsonl", journal));
    believed = check_believed(it_rows(run.out), look(archive, true), "killed");
    ck_assert_uint_ge(believed, KILLED_AFTER / 2);
    it_reset_server();
    run = TAR(archive, "--journal", journal, "--resume", "-i", list);
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_int_eq(it_stat("requests"), KILLED_URLS - (int)believed);
    ck_assert_uint_eq(check_believed(it_rows(run.out), look(archive, false), "resumed"),
                      KILLED_URLS);
}
END_TEST

/* ---- a fault in any file operation: of the archive, its scratch files, and the journal ---- */

enum { WALK_URLS = 4 };

static struct archive_walk make_walk(void)
{
    static const int sizes[WALK_URLS] = {0, 3, 70000, 5};
    static const char *const others[] = {NULL};

    return (struct archive_walk){.option = "--tar",
                                 .file = "x.tar",
                                 .others = others,
                                 .list = list_of("walk-list", sizes, WALK_URLS),
                                 .urls = WALK_URLS,
                                 .look = look,
                                 .check = check_believed};
}

START_TEST(run_that_is_stopped_leaves_a_whole_archive)
{
    const struct archive_walk walk = make_walk();

    archive_stop(&walk, _i);
}
END_TEST

START_TEST(fault_in_any_file_operation_leaves_no_half_member)
{
    const struct archive_walk walk = make_walk();
    long calls = archive_walk(&walk, _i);

    /* The archive: created, begun, four members, one of them from a file, each synced; ended. */
    if (calls)
        ck_assert_int_ge(calls, 1 + 1 + 4 + 4 + 4 + 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("save_tar");
    TCase *tcase = tcase_create("archives"), *walks = tcase_create("walks");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_test(tcase, members_are_what_was_fetched);
    tcase_add_test(tcase, failed_body_is_no_member);
    tcase_add_test(tcase, odd_names_are_read_by_others);
    tcase_add_test(tcase, member_has_the_time_of_the_answer);
    tcase_add_test(tcase, stream_is_read_by_tar_and_the_report_goes_elsewhere);
    tcase_add_test(tcase, reader_who_leaves_ends_the_run);
    tcase_add_test(tcase, archive_that_is_there_is_not_replaced);
    tcase_add_test(tcase, options_of_directories_are_refused);
    tcase_add_test(tcase, resumed_archive_has_what_was_added_to_the_list);
    tcase_add_test(tcase, member_that_is_gone_is_fetched_again);
    tcase_add_test(tcase, member_that_was_changed_is_fetched_again);
    tcase_add_test(tcase, killed_run_is_gone_on_with);
    tcase_add_loop_test(tcase, run_that_is_stopped_leaves_a_whole_archive, 0, ARCHIVE_STOPS);
    tcase_set_timeout(walks, 240);
    tcase_add_unchecked_fixture(walks, it_begin_server, it_end_server);
    tcase_add_checked_fixture(walks, it_reset_server, NULL);
    tcase_add_loop_test(walks, fault_in_any_file_operation_leaves_no_half_member, 0,
                        ARCHIVE_FAULTS);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, walks);
    return it_main(suite);
}
