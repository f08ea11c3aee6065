/* realpath */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "model/key.h"
#include "planter.h"

/* What haul writes, where others have been before. */

/* ---- outputs ---- */

/* How each file that haul writes is named, and where the file is then. */
static const struct output {
    const char *option, *ending;
    bool is_replaced; /* by rename(2): nothing is followed, and root may */
} outputs[] = {
    {"-o", "", true},         {"--save-failed", "", true}, {"--report=json:", "", true},
    {"--journal", "", false}, {"--tar", "", false},        {"--warc", "-00000.warc.gz", false},
    {"--history", "", false},
};
enum { OUTPUTS = sizeof outputs / sizeof *outputs };

static struct it_run run_with(const struct output *output)
{
    const char *base = in_shared("x");

    return output->option[strlen(output->option) - 1] == ':'
               ? it_haul(
                     IT_ARGS(it_text("%s%s", output->option, base), "-q", it_url("/size?n=100")))
               : it_haul(IT_ARGS(output->option, base, "-q", it_url("/size?n=100")));
}

static const char *file_of(const struct output *output)
{
    return in_shared(it_text("x%s", output->ending));
}

static void check_victim(void)
{
    size_t len;

    it_read(victim, &len);
    ck_assert_uint_eq(len, 0);
    ck_assert_int_ne(access(it_path("made"), F_OK), 0);
}

START_TEST(fifo_at_an_output_is_refused)
{
    const struct output *output = &outputs[_i];
    struct it_run run;

    as_nobody(plant_fifo, file_of(output));
    run = run_with(output);
    check_refused(&run, NOBODYS);
}
END_TEST

/* Such a reader gets it all. */
START_TEST(fifo_with_a_reader_gets_nothing)
{
    const struct output *output = &outputs[_i];
    struct it_run run;
    char got[16];
    int reader;

    as_nobody(plant_fifo, file_of(output));
    reader = open(file_of(output), O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(reader, 0);
    run = run_with(output);
    check_refused(&run, NOBODYS);
    ck_assert_int_le(read(reader, got, sizeof got), 0);
    close(reader);
}
END_TEST

static void check_not_followed(const struct output *output)
{
    struct it_run run = run_with(output);
    struct stat info;

    check_victim();
    ck_assert_int_eq(lstat(file_of(output), &info), 0);
    if (output->is_replaced) {
        ck_assert_msg(run.status == 0, "%s", run.err);
        ck_assert(S_ISREG(info.st_mode) && info.st_uid == 0);
    } else {
        check_refused(&run, ": ");
        ck_assert(S_ISLNK(info.st_mode));
    }
}

START_TEST(link_at_an_output_is_not_followed)
{
    as_nobody(plant_link, file_of(&outputs[_i]));
    check_not_followed(&outputs[_i]);
}
END_TEST

START_TEST(dangling_link_at_an_output_is_not_followed)
{
    as_nobody(plant_dangling_link, file_of(&outputs[_i]));
    check_not_followed(&outputs[_i]);
}
END_TEST

static int plant_link_to_fifo(const char *path)
{
    return mkfifo(in_shared("pipe"), 0666) || symlink(in_shared("pipe"), path);
}

START_TEST(link_to_a_fifo_is_not_followed)
{
    as_nobody(plant_link_to_fifo, file_of(&outputs[_i]));
    check_not_followed(&outputs[_i]);
}
END_TEST

/* As /dev/stdout has: but /dev/shm is below /dev, too. */
START_TEST(link_below_dev_that_is_no_descriptors_is_replaced)
{
    const char *path = it_text("/dev/shm/haul-planted-%ld", (long)getpid());
    struct stat info;
    struct it_run run;
    bool is_replaced;

    as_nobody(plant_link, path);
    run = it_haul(IT_ARGS("-o", path, "-q", it_url("/size?n=100")));
    is_replaced = lstat(path, &info) == 0 && S_ISREG(info.st_mode);
    unlink(path);
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert(is_replaced);
    check_victim();
}
END_TEST

START_TEST(hard_link_at_an_output_is_not_written_to)
{
    const struct output *output = &outputs[_i];
    struct it_run run;

    ck_assert_int_eq(plant_hard_link(file_of(output)), 0);
    run = run_with(output);
    check_victim();
    if (output->is_replaced)
        ck_assert_msg(run.status == 0, "%s", run.err);
    else
        check_refused(&run, "hard link");
}
END_TEST

START_TEST(empty_file_of_another_user_is_not_used)
{
    const struct output *output = &outputs[_i];
    struct it_run run;
    struct stat info;

    as_nobody(plant_empty, file_of(output));
    run = run_with(output);
    ck_assert_int_eq(stat(file_of(output), &info), 0);
    if (output->is_replaced) {
        ck_assert_msg(run.status == 0, "%s", run.err);
        ck_assert_int_eq(info.st_uid, 0);
    } else {
        check_refused(&run, NOBODYS);
        ck_assert_int_eq(info.st_size, 0);
    }
}
END_TEST

/* What a user expects of `sudo haul -o report.txt` in a directory of his own. */
START_TEST(report_of_a_user_is_replaced_by_root_and_not_written_into)
{
    const char *path = it_path("own/report");
    struct it_run run;
    size_t len;

    ck_assert_int_eq(mkdir(it_path("own"), 0777), 0);
    ck_assert_int_eq(chown(it_path("own"), NOBODY, NOBODY), 0);
    it_write(path, "old", 3);
    ck_assert_int_eq(chown(path, NOBODY, NOBODY), 0);
    ck_assert_int_eq(link(path, it_path("own/kept")), 0);
    run = it_haul(IT_ARGS("-o", path, "-q", it_url("/size?n=100")));
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_str_eq(it_read(it_path("own/kept"), &len), "old");
    ck_assert_str_ne(it_read(path, &len), "old");
}
END_TEST

/* Nobody, in turn, cannot replace what root has there: that is told before anything is fetched. */
START_TEST(report_that_cannot_be_replaced_is_told_first)
{
    const char *path = in_shared("report");
    struct it_run run;

    it_write(path, "old", 3);
    it_reset_server();
    run = it_call(&(struct it_call){.argv = IT_ARGS("-o", path, "-q", it_url("/size?n=100")),
                                    .prepare = become_nobody});
    check_refused(&run, "another user (uid 0)");
    ck_assert_uint_eq(json_array_size(it_log("/size")), 0);
}
END_TEST

/* ---- locks ---- */

static plant *const locks[] = {plant_empty, plant_fifo, plant_link, plant_dangling_link,
                               plant_directory};
enum { LOCKS = sizeof locks / sizeof *locks };

/* A run locks the history itself, too; so it goes on, each night. */
START_TEST(planted_lock_of_a_history_is_passed_by_and_named)
{
    as_nobody(locks[_i], in_shared("h-lock"));
    for (int i = 0; i < 2; i++) {
        struct it_run run = it_haul(IT_ARGS("--history", in_shared("h"), it_url("/size?n=100")));
        struct stat info;

        ck_assert_msg(run.status == 0, "status %d: %s", run.status, run.err);
        ck_assert_msg(strstr(run.err, in_shared("h-lock")), "%s", run.err);
        ck_assert_int_eq(lstat(in_shared("h-lock"), &info), 0);
        ck_assert_uint_eq(info.st_uid, NOBODY);
    }
    check_victim();
}
END_TEST

static const char *const neighbours[] = {"h-journal", "h-wal", "h-shm"};

START_TEST(planted_neighbour_of_a_history_is_named)
{
    struct it_run run = it_haul(IT_ARGS("--history", in_shared("h"), "-q", it_url("/size?n=100")));

    ck_assert_msg(run.status == 0, "%s", run.err);
    as_nobody(plant_empty, in_shared(neighbours[_i]));
    run = it_haul(IT_ARGS("--history", in_shared("h"), "-q", it_url("/size?n=100")));
    check_refused(&run, NOBODYS);
    ck_assert_msg(strstr(run.err, in_shared(neighbours[_i])), "%s", run.err);
}
END_TEST

/* No part of the way but the last is asked for being a link. */
START_TEST(history_below_an_own_link_to_a_directory_is_used)
{
    const char *below = it_path("way");
    struct it_run run;

    (void)unlink(below);
    ck_assert_int_eq(symlink(shared, below), 0);
    run = it_haul(IT_ARGS("--history", it_text("%s/h", below), "-q", it_url("/size?n=100")));
    ck_assert_msg(run.status == 0, "%s", run.err);
    run = it_haul(IT_ARGS("history", it_text("%s/h", below)));
    ck_assert_msg(run.status == 0, "%s", run.err);
}
END_TEST

START_TEST(history_is_nobody_elses_to_read_and_so_to_lock)
{
    struct it_run run = it_haul(IT_ARGS("--history", in_shared("h"), "-q", it_url("/size?n=100")));
    struct stat info;

    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_int_eq(stat(in_shared("h"), &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
}
END_TEST

/* Holds all locks on a file that somebody can hold who may only read it. */
static pid_t hold_as_nobody(const char *path)
{
    struct flock all = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    int told[2], fd;
    pid_t child;
    char word;

    ck_assert_int_eq(pipe(told), 0);
    child = fork();
    if (!child) {
        become_nobody();
        fd = open(path, O_RDONLY);
        if (fd < 0 || access(path, W_OK) == 0 || flock(fd, LOCK_EX) || fcntl(fd, F_SETLK, &all) ||
            write(told[1], "x", 1) != 1)
            _exit(98);
        for (;;)
            pause();
    }
    close(told[1]);
    ck_assert_int_eq(read(told[0], &word, 1), 1);
    close(told[0]);
    return child;
}

START_TEST(reader_who_holds_a_lock_stops_nothing)
{
    const char *journal = it_path("j"), *tar = it_path("t");
    const char *const *args =
        IT_ARGS("--journal", journal, "--resume", "--tar", tar, it_url("/size?n=100"));
    struct it_run run = it_haul(args);
    pid_t first, second;

    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_int_eq(chmod(journal, 0644), 0);
    ck_assert_int_eq(chmod(tar, 0644), 0);
    first = hold_as_nobody(journal);
    second = hold_as_nobody(tar);
    run = it_haul(args);
    kill(first, SIGKILL);
    kill(second, SIGKILL);
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_ptr_nonnull(strstr(run.err, it_text("%s: somebody who may only read it", journal)));
    ck_assert_ptr_nonnull(strstr(run.err, it_text("%s: somebody who may only read it", tar)));
}
END_TEST

/* ---- waiting, and warning ---- */

/* Until the process has become haul: before, signals are those of the test. */
static void await_program(pid_t pid)
{
    int64_t since_ms = it_now_ms();
    char program[600] = "", *wanted = realpath(getenv("HAUL_BIN"), NULL);

    ck_assert_ptr_nonnull(wanted);
    while (strcmp(program, wanted) != 0) {
        ssize_t len = readlink(it_text("/proc/%ld/exe", (long)pid), program, sizeof program - 1);

        program[len > 0 ? len : 0] = '\0';
        it_pause(since_ms, "the program");
    }
    free(wanted);
}

/* One's own FIFO is waited for, as by other programs; and a signal ends that. */
START_TEST(own_fifo_is_waited_for_until_a_signal)
{
    struct it_process *process;
    struct it_run run;
    int reader;

    ck_assert_int_eq(mkfifo(in_shared("pipe"), 0600), 0);
    process = it_start(
        &(struct it_call){.argv = IT_ARGS("-o", in_shared("pipe"), "-q", it_url("/size?n=100"))});
    if (_i) {
        reader = open(in_shared("pipe"), O_RDONLY); /* returns once it is there */
        ck_assert_int_ge(reader, 0);
        run = it_finish(process);
        ck_assert_msg(run.status == 0, "%s", run.err);
        close(reader);
    } else {
        await_program(it_pid(process));
        it_signal(process, SIGTERM);
        ck_assert_int_eq(it_finish(process).signal, SIGTERM);
    }
}
END_TEST

static const char *const replaceable[] = {"--journal", "--history"};

START_TEST(directory_in_which_all_can_be_replaced_is_told)
{
    struct it_run run;

    ck_assert_int_eq(chmod(shared, 0777), 0);
    run = it_haul(IT_ARGS(replaceable[_i], in_shared("x"), it_url("/size?n=100")));
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_msg(strstr(run.err, it_text("%s: anybody can replace this file", in_shared("x"))),
                  "%s", run.err);
}
END_TEST

/* ---- temporaries ---- */

static int plant_many(const char *path)
{
    int failed = mkfifo(it_text("%s/.haul-pRobe", path), 0666);

    /* Any process, as haul numbered its own; and the files that the list will be saved as. */
    for (int i = 0; i < 5000 && !failed; i++)
        failed = close(open(it_text("%s/.report.%d.part", path, i + 2), O_CREAT | O_WRONLY, 0644));
    for (int i = 0; i < 5000 && !failed; i++) {
        const char *saved = it_text("h/%d", i / 100);
        const struct haul_key key = haul_key_make(HAUL_KEY_FILE, saved, strlen(saved));

        failed =
            close(open(it_text("%s/h/.haul-%016llx%016llx-%d.part", path,
                               (unsigned long long)key.high, (unsigned long long)key.low, i % 100),
                       O_CREAT | O_WRONLY, 0644));
    }
    return failed;
}

/* Those of haul's own process, whose number is known to whoever starts it. */
static const char *own_beginning;

static void plant_own(void)
{
    for (int i = 0; i < 100; i++) {
        char name[600];

        snprintf(name, sizeof name, i ? "%s.%ld-%d.part" : "%s.%ld.part", own_beginning,
                 (long)getpid(), i);
        if (close(open(name, O_CREAT | O_WRONLY, 0644)) || chown(name, NOBODY, NOBODY))
            _exit(98);
    }
}

START_TEST(temporaries_that_were_planted_use_up_no_names)
{
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    for (int i = 0; i < 50; i++)
        haul_buf_addf(&list, "%s\n  out=h/%d\n", it_url("/size?n=40000&i=%d", i), i);
    it_write(it_path("list"), haul_buf_str(&list), list.len);
    ck_assert_int_eq(mkdir(in_shared("h"), 0777), 0);
    ck_assert_int_eq(chmod(in_shared("h"), 01777), 0);
    as_nobody(plant_many, shared);
    own_beginning = in_shared(".report");
    run = it_call(&(struct it_call){
        .argv = IT_ARGS("-o", in_shared("report"), "--dir", shared, "-i", it_path("list"), "-q"),
        .prepare = plant_own});
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_int_eq(access(in_shared("h/49"), F_OK), 0);
    haul_buf_done(&list);
}
END_TEST

START_TEST(planted_probe_is_passed_by)
{
    struct it_run run;

    as_nobody(plant_directory, in_shared(".haul-Probe"));
    run = it_haul(IT_ARGS("--dir", shared, "-q", it_url("/size?n=100")));
    ck_assert_msg(run.status == 0, "%s", run.err);
}
END_TEST

/* ---- the directory ---- */

static int plant_link_to_directory(const char *path)
{
    return symlink(it_path("home"), path);
}

static const char *const spellings[] = {"dl",     "dl/",       "dl//",   "dl/.",
                                        "dl/./",  "dl//.//./", "./dl/.", "dl/../home/.",
                                        "dl/sub", "dl/sub/."};
enum { SPELLINGS = sizeof spellings / sizeof *spellings };

START_TEST(directory_that_is_another_users_link_is_refused)
{
    struct it_run run;

    ck_assert_int_eq(mkdir(it_path("home"), 0755), 0);
    as_nobody(plant_link_to_directory, in_shared("dl"));
    run = it_haul(IT_ARGS("--dir", in_shared(spellings[_i]), "-q", it_url("/size?n=100")));
    check_refused(&run, NOBODYS);
    ck_assert_int_eq(rmdir(it_path("home")), 0); /* nothing is in it */
}
END_TEST

START_TEST(directory_that_is_an_own_link_is_followed)
{
    struct it_run run;

    ck_assert_int_eq(mkdir(it_path("home"), 0700), 0);
    ck_assert_int_eq(plant_link_to_directory(in_shared("dl")), 0);
    run = it_haul(IT_ARGS("--dir", in_shared("dl"), "-q", it_url("/size?n=100")));
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_int_ne(rmdir(it_path("home")), 0);
}
END_TEST

static const char *const forms[] = {"dl", "dl/", "dl/.", "dl/./", "dl//.", "./dl/."};
enum { FORMS = sizeof forms / sizeof *forms };

START_TEST(directory_of_another_user_in_a_shared_one_is_refused)
{
    struct it_run run;

    as_nobody(plant_directory, in_shared("dl"));
    run = it_haul(IT_ARGS("--dir", in_shared(forms[_i]), "-q", it_url("/size?n=100")));
    check_refused(&run, NOBODYS);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, fifo_at_an_output_is_refused, 0, OUTPUTS);
    tcase_add_loop_test(tcase, fifo_with_a_reader_gets_nothing, 0, OUTPUTS);
    tcase_add_loop_test(tcase, link_at_an_output_is_not_followed, 0, OUTPUTS);
    tcase_add_loop_test(tcase, dangling_link_at_an_output_is_not_followed, 0, OUTPUTS);
    tcase_add_loop_test(tcase, link_to_a_fifo_is_not_followed, 0, OUTPUTS);
    tcase_add_test(tcase, link_below_dev_that_is_no_descriptors_is_replaced);
    tcase_add_loop_test(tcase, hard_link_at_an_output_is_not_written_to, 0, OUTPUTS);
    tcase_add_loop_test(tcase, empty_file_of_another_user_is_not_used, 0, OUTPUTS);
    tcase_add_test(tcase, report_of_a_user_is_replaced_by_root_and_not_written_into);
    tcase_add_test(tcase, report_that_cannot_be_replaced_is_told_first);
    tcase_add_loop_test(tcase, planted_lock_of_a_history_is_passed_by_and_named, 0, LOCKS);
    tcase_add_loop_test(tcase, planted_neighbour_of_a_history_is_named, 0, 3);
    tcase_add_test(tcase, history_below_an_own_link_to_a_directory_is_used);
    tcase_add_loop_test(tcase, own_fifo_is_waited_for_until_a_signal, 0, 2);
    tcase_add_loop_test(tcase, directory_in_which_all_can_be_replaced_is_told, 0, 2);
    tcase_add_test(tcase, history_is_nobody_elses_to_read_and_so_to_lock);
    tcase_add_test(tcase, reader_who_holds_a_lock_stops_nothing);
    tcase_add_test(tcase, temporaries_that_were_planted_use_up_no_names);
    tcase_add_test(tcase, planted_probe_is_passed_by);
    tcase_add_loop_test(tcase, directory_that_is_another_users_link_is_refused, 0, SPELLINGS);
    tcase_add_test(tcase, directory_that_is_an_own_link_is_followed);
    tcase_add_loop_test(tcase, directory_of_another_user_in_a_shared_one_is_refused, 0, FORMS);
}

int main(void)
{
    return planted_main("planted", add_cases);
}
