/* unshare, mount */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "saved.h"
#include "servers.h"

/*
 * Saving where the file system fails: disks that are full, limits, and a fault in any operation.
 */

enum { NO_NAMESPACE = 77 };

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

/* ---- bodies that are only announced ---- */

enum { ANNOUNCED = 200, BLOCK_MAX = 4096 };

/* Files below `dir` that are being written, and the bytes that they take on the disk. */
struct usage {
    int files;
    int64_t bytes;
};

static struct usage usage_of(const char *dir)
{
    struct usage usage = {0, 0};
    struct dirent *entry;
    DIR *folder = opendir(host_dir(dir));

    while (folder && (entry = readdir(folder)) != NULL) {
        struct stat info;

        if (strstr(entry->d_name, ".part") &&
            fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
            usage.files++;
            usage.bytes += (int64_t)info.st_blocks * 512;
        }
    }
    if (folder)
        closedir(folder);
    return usage;
}

/* 200 times 10 GB, of which hardly a byte comes. */
START_TEST(length_that_is_only_announced_takes_no_space)
{
    const char *dir = it_path("announced"), *path = it_path("huge");
    int64_t since_ms = it_now_ms();
    struct it_process *process;
    struct usage usage;
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (int i = 0; i < ANNOUNCED; i++)
        haul_buf_addf(&list, "%s\n", it_url("/size?n=10000000000&rate=1&write=1&i=%d", i));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    process = it_start(&(struct it_call){
        .argv = IT_ARGS("-q", "-j", "20", "--streams", "10", "-d", dir, "-i", path)});
    while ((usage = usage_of(dir)).files < ANNOUNCED)
        it_pause(since_ms, "for the files of all bodies");
    it_signal(process, SIGTERM);
    it_signal(process, SIGTERM);
    ck_assert_int_eq(it_finish(process).status, 128 + SIGTERM);
    ck_assert_msg(usage.bytes <= (int64_t)ANNOUNCED * BLOCK_MAX, "%lld bytes are taken",
                  (long long)usage.bytes);
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
    ck_assert_uint_eq(it_count(rows, "ok"), 3);
    ck_assert_uint_eq(it_count(rows, "pending"), 197);
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

int main(void)
{
    Suite *suite = suite_create("save_faults");
    TCase *tcase = tcase_create("disks"), *walks = tcase_create("walks");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_test(tcase, small_disk_that_fills_up_stops_the_run);
    tcase_add_test(tcase, free_space_that_is_to_be_kept_is_as_a_full_disk);
    tcase_add_test(tcase, length_that_is_only_announced_takes_no_space);
    tcase_add_test(tcase, file_larger_than_allowed_fails_alone);
    tcase_add_test(tcase, enough_is_enough);
    tcase_add_test(tcase, what_failed_attempts_received_counts);
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
