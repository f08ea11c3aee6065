/* F_OFD_SETLK */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/owned.h"

/* The rule itself. With files, and another user: test_planted. */

enum { USER = 1000, OTHER = 1001 };

static const struct judge_row {
    mode_t mode;
    uid_t owner;
    nlink_t links;
    uid_t user;
    enum haul_owned file, stream; /* the verdict where only files will do, and where streams do */
} judge_rows[] = {
    {S_IFREG, USER, 1, USER, HAUL_OWNED_OK, HAUL_OWNED_OK},
    {S_IFREG, 0, 1, USER, HAUL_OWNED_OK, HAUL_OWNED_OK},
    {S_IFREG, 0, 1, 0, HAUL_OWNED_OK, HAUL_OWNED_OK},
    {S_IFREG, OTHER, 1, USER, HAUL_OWNED_OTHERS, HAUL_OWNED_OTHERS},
    {S_IFREG, OTHER, 1, 0, HAUL_OWNED_OTHERS, HAUL_OWNED_OTHERS},
    {S_IFREG, USER, 2, USER, HAUL_OWNED_LINKED, HAUL_OWNED_LINKED},
    {S_IFREG, OTHER, 2, USER, HAUL_OWNED_OTHERS, HAUL_OWNED_OTHERS},
    {S_IFREG, USER, 0, USER, HAUL_OWNED_OK, HAUL_OWNED_OK}, /* removed while it was opened */
    {S_IFLNK, USER, 1, USER, HAUL_OWNED_SYMLINK, HAUL_OWNED_SYMLINK},
    {S_IFLNK, OTHER, 1, 0, HAUL_OWNED_SYMLINK, HAUL_OWNED_SYMLINK},
    {S_IFIFO, USER, 1, USER, HAUL_OWNED_KIND, HAUL_OWNED_OK},
    {S_IFIFO, OTHER, 1, USER, HAUL_OWNED_OTHERS, HAUL_OWNED_OTHERS},
    {S_IFIFO, OTHER, 1, 0, HAUL_OWNED_OTHERS, HAUL_OWNED_OTHERS},
    {S_IFCHR, 0, 1, USER, HAUL_OWNED_KIND, HAUL_OWNED_OK},
    {S_IFCHR, OTHER, 1, 0, HAUL_OWNED_OTHERS, HAUL_OWNED_OTHERS}, /* another's terminal */
    {S_IFBLK, 0, 1, 0, HAUL_OWNED_KIND, HAUL_OWNED_KIND},
    {S_IFSOCK, USER, 1, USER, HAUL_OWNED_KIND, HAUL_OWNED_KIND},
    {S_IFDIR, USER, 2, USER, HAUL_OWNED_KIND, HAUL_OWNED_KIND},
};

START_TEST(status_is_judged)
{
    const struct judge_row *row = &judge_rows[_i];
    const struct stat info = {
        .st_mode = row->mode | 0644, .st_uid = row->owner, .st_nlink = row->links};

    ck_assert_int_eq(haul_owned_judge(&info, row->user, HAUL_OWNED_FILE), row->file);
    ck_assert_int_eq(haul_owned_judge(&info, row->user, HAUL_OWNED_STREAM), row->stream);
}
END_TEST

static const struct {
    const char *path;
    bool is;
} descriptor_rows[] = {
    {"/dev/stdin", true},
    {"/dev/stdout", true},
    {"/dev/stderr", true},
    {"/dev/fd/0", true},
    {"/dev/fd/63", true},
    {"/proc/self/fd/3", true},
    {"/dev/null", false}, /* a device, with an owner */
    {"/dev/fd/", false},
    {"/dev/fd/3/x", false},
    {"/dev/fd/../shm/x", false},
    {"/dev/fd/-1", false},
    {"/proc/self/fd/", false},
    {"/proc/1/fd/3", false}, /* another's */
    {"/dev/shm/stdout", false},
    {"/dev/stdout/", false},
    {"dev/stdout", false},
    {"/tmp/stdout", false},
    {"", false},
};

START_TEST(name_of_a_descriptor_is_known)
{
    ck_assert_int_eq(haul_owned_is_descriptor(descriptor_rows[_i].path), descriptor_rows[_i].is);
}
END_TEST

/* ---- directories ---- */

static char directory[64];

static void enter_directory(void)
{
    snprintf(directory, sizeof directory, "/tmp/haul-owned-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
}

static void leave_directory(void)
{
    char command[128];

    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(directory_is_told_by_who_may_write_to_it)
{
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(mkdir("d", 0777), 0);
    ck_assert_int_eq(chmod("d", 0775), 0);
    ck_assert_int_eq(haul_owned_directory_of("d/x"), HAUL_OWNED_DIRECTORY_CLOSED);
    ck_assert_int_eq(chmod("d", 01777), 0);
    ck_assert_int_eq(haul_owned_directory_of("d/x"), HAUL_OWNED_DIRECTORY_SHARED);
    haul_owned_add_warning(&message, "d/x");
    ck_assert_uint_eq(message.len, 0);
    ck_assert_int_eq(chmod("d", 0777), 0);
    ck_assert_int_eq(haul_owned_directory_of("d/x//"), HAUL_OWNED_DIRECTORY_OPEN);
    ck_assert_int_eq(haul_owned_directory_of("x"), HAUL_OWNED_DIRECTORY_CLOSED);
    ck_assert_int_eq(haul_owned_directory_of("none/x"), HAUL_OWNED_DIRECTORY_CLOSED);
    haul_owned_add_warning(&message, "d/x");
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), "d/x: anybody can replace this file"));
    haul_buf_done(&message);
}
END_TEST

/* ---- locks ---- */

static int open_file(int flags)
{
    int fd = open("file", flags | O_CREAT, 0644);

    ck_assert_int_ge(fd, 0);
    return fd;
}

/* Who holds what, in a process of its own. */
enum holder { A_RUN, AN_EARLIER_VERSION, A_READER, A_THOROUGH_READER };

static void hold(enum holder who)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open("file", who == A_RUN || who == AN_EARLIER_VERSION ? O_RDWR : O_RDONLY);
    long holder;

    if (who == A_RUN && haul_owned_lock(fd, &holder) != HAUL_OWNED_LOCK_TAKEN)
        _exit(1);
    if (who == A_THOROUGH_READER)
        all.l_type = F_RDLCK;
    if (who != A_RUN && flock(fd, LOCK_EX))
        _exit(1);
    if ((who == AN_EARLIER_VERSION || who == A_THOROUGH_READER) && fcntl(fd, F_SETLK, &all))
        _exit(1);
}

static pid_t start_holder(enum holder who)
{
    int told[2];
    char word;
    pid_t child;

    ck_assert_int_eq(pipe(told), 0);
    child = fork();
    if (!child) {
        hold(who);
        if (write(told[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(told[1]);
    ck_assert_int_eq(read(told[0], &word, 1), 1);
    close(told[0]);
    return child;
}

static const struct {
    enum holder who;
    enum haul_owned_lock lock;
    bool is_known;
} lock_rows[] = {
    {A_RUN, HAUL_OWNED_LOCK_BUSY, true},
    {AN_EARLIER_VERSION, HAUL_OWNED_LOCK_BUSY, true},
    {A_READER, HAUL_OWNED_LOCK_PASSED, false},
    {A_THOROUGH_READER, HAUL_OWNED_LOCK_PASSED, false},
};

START_TEST(lock_is_a_runs_or_passed_by)
{
    int fd = open_file(O_RDWR);
    pid_t child = start_holder(lock_rows[_i].who);
    long holder;

    ck_assert_int_eq(haul_owned_lock(fd, &holder), lock_rows[_i].lock);
    ck_assert_int_eq(holder, lock_rows[_i].is_known ? child : 0);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    close(fd);
    fd = open_file(O_RDWR);
    ck_assert_int_eq(haul_owned_lock(fd, &holder), HAUL_OWNED_LOCK_TAKEN);
    close(fd);
}
END_TEST

/* Two runs in spite of a reader: the second finds the first. */
START_TEST(run_that_passed_a_reader_by_is_found_by_the_next)
{
    pid_t child;
    int one, two;
    long holder;

    close(open_file(O_RDWR));
    child = start_holder(A_READER);
    one = open_file(O_RDWR);
    two = open_file(O_RDWR);
    ck_assert_int_eq(haul_owned_lock(one, &holder), HAUL_OWNED_LOCK_PASSED);
    ck_assert_int_eq(haul_owned_lock(two, &holder), HAUL_OWNED_LOCK_BUSY);
    close(one);
    ck_assert_int_eq(haul_owned_lock(two, &holder), HAUL_OWNED_LOCK_PASSED);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

/* Locks when it may begin, tells whether it could, and holds it until it is killed. */
static void race(const int go[2], const int told[2])
{
    int fd = open("file", O_RDWR);
    char word;
    long holder;

    close(go[1]);
    if (read(go[0], &word, 1) != 0) /* the end, which all have at once */
        _exit(1);
    word = haul_owned_lock(fd, &holder) == HAUL_OWNED_LOCK_BUSY ? 'b' : 't';
    (void)!write(told[1], &word, 1);
    for (;;)
        pause();
}

/* Of many that begin at once one has it, each time. */
START_TEST(one_of_many_has_the_lock)
{
    enum { MANY = 8 };
    int go[2], told[2], taken = 0;
    pid_t child[MANY];
    char word;

    close(open_file(O_RDWR));
    ck_assert_int_eq(pipe(go), 0);
    ck_assert_int_eq(pipe(told), 0);
    for (int i = 0; i < MANY; i++) {
        child[i] = fork();
        if (!child[i])
            race(go, told);
    }
    close(go[0]);
    close(go[1]);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(read(told[0], &word, 1), 1);
        taken += word == 't';
    }
    for (int i = 0; i < MANY; i++) {
        kill(child[i], SIGKILL);
        ck_assert_int_eq(waitpid(child[i], NULL, 0), child[i]);
    }
    ck_assert_int_eq(taken, 1);
}
END_TEST

/* ---- opening ---- */

/*
 * Between looking and looking again somebody removes the file, as a run does with its lock,
 * and somebody may make it again: so many times.
 */
static int goes;
static bool comes;

int __real_lstat64(const char *path, struct stat *info);
int __wrap_lstat64(const char *path, struct stat *info);

int __wrap_lstat64(const char *path, struct stat *info)
{
    int failed;

    if (!goes)
        return __real_lstat64(path, info);
    goes--;
    (void)unlink(path);
    failed = __real_lstat64(path, info);
    if (comes)
        (void)close(open(path, O_RDWR | O_CREAT | O_EXCL, 0600));
    errno = failed ? ENOENT : 0;
    return failed;
}

static const struct {
    int goes;
    bool comes;
    bool is_opened, is_new;
} moments[] = {
    {0, false, true, false}, {1, false, true, true},        {1, true, true, false},
    {50, true, true, false}, {1000000, true, false, false}, /* not for ever */
};

START_TEST(file_that_comes_and_goes_is_opened)
{
    const struct haul_owned_how how = {
        .flags = O_RDWR, .creates = true, .mode = 0600, .use = HAUL_OWNED_FILE};
    struct haul_owned_found found;
    int fd;

    close(open_file(O_RDWR));
    goes = moments[_i].goes;
    comes = moments[_i].comes;
    fd = haul_owned_open("file", &how, &found);
    ck_assert_int_eq(fd >= 0, moments[_i].is_opened);
    ck_assert_int_eq(found.is_new, moments[_i].is_new);
    ck_assert_int_eq(found.verdict, HAUL_OWNED_OK);
    if (fd < 0)
        ck_assert(goes > 0);
    else
        close(fd);
    goes = 0;
}
END_TEST

START_TEST(file_in_no_directory_is_not_tried_again)
{
    const struct haul_owned_how how = {
        .flags = O_RDWR, .creates = true, .mode = 0600, .use = HAUL_OWNED_FILE};
    struct haul_owned_found found;

    ck_assert_int_eq(haul_owned_open("none/lock", &how, &found), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(found.verdict, HAUL_OWNED_OK);
}
END_TEST

/* The byte alone: a run has it or not, whoever has flock(2). */
START_TEST(byte_is_a_runs_or_passed_by)
{
    int fd = open_file(O_RDWR);
    pid_t child = start_holder(lock_rows[_i].who);
    static const enum haul_owned_lock expected[] = {
        [A_RUN] = HAUL_OWNED_LOCK_BUSY,
        [AN_EARLIER_VERSION] = HAUL_OWNED_LOCK_BUSY,
        [A_READER] = HAUL_OWNED_LOCK_TAKEN,
        [A_THOROUGH_READER] = HAUL_OWNED_LOCK_PASSED,
    };
    long holder;

    ck_assert_int_eq(haul_owned_lock_byte(fd, &holder), expected[lock_rows[_i].who]);
    if (lock_rows[_i].who == A_THOROUGH_READER)
        ck_assert_int_eq(haul_owned_await_byte(fd), 0); /* at once: he is no run */
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_int_eq(haul_owned_await_byte(fd), 0);
    ck_assert_int_eq(haul_owned_lock_byte(fd, &holder), HAUL_OWNED_LOCK_TAKEN);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("owned");
    TCase *tcase = tcase_create("rule"), *files = tcase_create("files");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, status_is_judged, 0, (int)(sizeof judge_rows / sizeof *judge_rows));
    tcase_add_loop_test(tcase, name_of_a_descriptor_is_known, 0,
                        (int)(sizeof descriptor_rows / sizeof *descriptor_rows));
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(files, enter_directory, leave_directory);
    tcase_add_test(files, directory_is_told_by_who_may_write_to_it);
    tcase_add_loop_test(files, lock_is_a_runs_or_passed_by, 0,
                        (int)(sizeof lock_rows / sizeof *lock_rows));
    tcase_add_loop_test(files, byte_is_a_runs_or_passed_by, 0,
                        (int)(sizeof lock_rows / sizeof *lock_rows));
    tcase_add_loop_test(files, file_that_comes_and_goes_is_opened, 0,
                        (int)(sizeof moments / sizeof *moments));
    tcase_add_test(files, file_in_no_directory_is_not_tried_again);
    tcase_add_test(files, run_that_passed_a_reader_by_is_found_by_the_next);
    tcase_add_loop_test(files, one_of_many_has_the_lock, 0, 40);
    suite_add_tcase(suite, files);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
