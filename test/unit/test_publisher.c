/* PR_SET_CHILD_SUBREAPER is Linux's own */
#undef _POSIX_C_SOURCE
#define _GNU_SOURCE
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/newfile.h"
#include "base/publisher.h"

/* The process that gives files their names: what it does, and when it ends. */

static char top[64];
static pid_t process;
static struct haul_publisher_file file[2];

static void make_world(void)
{
    snprintf(top, sizeof top, "/tmp/haul-publisher-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(chdir(top), 0);
}

static void remove_world(void)
{
    char command[128];

    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    ck_assert_int_eq(system(command), 0);
}

static void put_file(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(close(fd), 0);
}

static bool is_there(const char *name)
{
    return access(name, F_OK) == 0;
}

static void start(void)
{
    put_file("a.part");
    put_file("b.part");
    file[0] = (struct haul_publisher_file){.temporary = "a.part", .path = "a"};
    file[1] = (struct haul_publisher_file){.temporary = "b.part", .path = "b"};
    ck_assert_int_eq(haul_publisher_start(file, 2, &process), HAUL_OK);
    ck_assert_int_gt(process, 0);
}

static void stop(void)
{
    ck_assert_int_eq(close(file[0].fd), 0);
    ck_assert_int_eq(close(file[1].fd), 0);
    haul_publisher_wait(process);
    ck_assert_int_eq(waitpid(process, NULL, WNOHANG), -1);
}

START_TEST(told_word_is_done_to_its_own_file)
{
    start();
    ck_assert_int_eq(haul_publisher_tell(file[1].fd, HAUL_PUBLISHER_RENAME), 0);
    ck_assert(is_there("a.part") && !is_there("a") && !is_there("b.part") && is_there("b"));
    ck_assert_int_eq(haul_publisher_tell(file[0].fd, HAUL_PUBLISHER_REMOVE), 0);
    ck_assert(!is_there("a.part") && !is_there("a") && is_there("b"));
    stop();
}
END_TEST

START_TEST(failure_is_told_with_its_cause)
{
    start();
    ck_assert_int_eq(haul_publisher_tell(file[0].fd, HAUL_PUBLISHER_REMOVE), 0);
    ck_assert_int_eq(haul_publisher_tell(file[0].fd, HAUL_PUBLISHER_RENAME), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(haul_publisher_tell(file[0].fd, (enum haul_publisher_word)'x'), -1);
    ck_assert_int_eq(errno, EINVAL);
    ck_assert_int_eq(haul_publisher_tell(file[1].fd, HAUL_PUBLISHER_RENAME), 0);
    stop();
}
END_TEST

/* Words of no byte or of several are none, and do not keep it from hearing others. */
START_TEST(words_that_are_none_do_nothing)
{
    int error;

    start();
    ck_assert_int_eq(send(file[0].fd, "xn", 2, MSG_NOSIGNAL), 2);
    ck_assert_int_eq(recv(file[0].fd, &error, sizeof error, 0), (ssize_t)sizeof error);
    ck_assert_int_eq(error, EINVAL);
    ck_assert(is_there("a.part") && !is_there("a"));
    (void)send(file[0].fd, "", 0, MSG_NOSIGNAL); /* it hears no more from there */
    ck_assert_int_eq(haul_publisher_tell(file[1].fd, HAUL_PUBLISHER_RENAME), 0);
    stop();
}
END_TEST

static int count_descriptors(pid_t of)
{
    char path[64];
    DIR *dir;
    int count = 0;

    snprintf(path, sizeof path, "/proc/%ld/fd", (long)of);
    dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    while (readdir(dir))
        count++;
    ck_assert_int_eq(closedir(dir), 0);
    return count - 2;
}

/* It has answered, so it has done what it does first. */
START_TEST(process_holds_nothing_else_open)
{
    int other = open("other", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    start();
    ck_assert_int_eq(haul_publisher_tell(file[0].fd, HAUL_PUBLISHER_RENAME), 0);
    ck_assert_int_eq(count_descriptors(process), 2);
    ck_assert_int_eq(close(other), 0);
    stop();
}
END_TEST

START_TEST(process_is_not_ended_by_signals_for_its_group)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGPIPE};

    start();
    ck_assert_int_eq(haul_publisher_tell(file[0].fd, HAUL_PUBLISHER_RENAME), 0);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        ck_assert_int_eq(kill(process, signals[i]), 0);
    ck_assert_int_eq(haul_publisher_tell(file[1].fd, HAUL_PUBLISHER_RENAME), 0);
    stop();
}
END_TEST

START_TEST(process_that_is_gone_is_an_error)
{
    start();
    ck_assert_int_eq(kill(process, SIGKILL), 0);
    haul_publisher_wait(process);
    ck_assert_int_eq(haul_publisher_tell(file[0].fd, HAUL_PUBLISHER_RENAME), -1);
    ck_assert_int_eq(errno, ESRCH);
    ck_assert_int_eq(close(file[0].fd), 0);
    ck_assert_int_eq(close(file[1].fd), 0);
}
END_TEST

/* Orphans of this test become its children: so their end can be waited for. */
START_TEST(process_ends_with_a_parent_that_is_killed)
{
    pid_t parent;
    int status;

    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    parent = fork();
    ck_assert_int_ge(parent, 0);
    if (!parent) {
        start();
        raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(parent, &status, 0), parent);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_gt(waitpid(-1, &status, 0), 0);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(waitpid(-1, &status, 0), -1);
    ck_assert(is_there("a.part") && is_there("b.part"));
}
END_TEST

/* ---- new files ---- */

START_TEST(delegated_files_are_published_and_discarded)
{
    struct haul_newfile one, other, direct,
        none = {.fd = -1}, *const files[] = {&one, &direct, &none, &other};
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(haul_newfile_open(&one, "one", &message), HAUL_OK);
    ck_assert_int_eq(haul_newfile_open(&other, "other", &message), HAUL_OK);
    ck_assert_int_eq(haul_newfile_open(&direct, "/dev/null", &message), HAUL_OK);
    ck_assert_int_eq(haul_newfile_delegate(files, 4, &process), HAUL_OK);
    ck_assert(one.is_delegated && other.is_delegated && !direct.is_delegated && !none.is_delegated);
    ck_assert_int_eq(haul_newfile_publish(&one), HAUL_OK);
    ck_assert_int_eq(haul_newfile_publish(&direct), HAUL_OK);
    haul_newfile_discard(&other);
    haul_publisher_wait(process);
    ck_assert(is_there("one") && !is_there("other"));
    ck_assert_int_eq(unlink("one"), 0);
    ck_assert_int_eq(rmdir(top), 0); /* nothing is left */
    ck_assert_int_eq(mkdir(top, 0700), 0);
    haul_buf_done(&message);
}
END_TEST

START_TEST(without_files_there_is_no_process)
{
    struct haul_newfile none = {.fd = -1}, *const files[] = {&none};

    ck_assert_int_eq(haul_newfile_delegate(files, 1, &process), HAUL_OK);
    ck_assert_int_eq(process, 0);
    haul_publisher_wait(process);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("publisher");
    TCase *tcase = tcase_create("process");

    tcase_add_checked_fixture(tcase, make_world, remove_world);
    tcase_add_test(tcase, told_word_is_done_to_its_own_file);
    tcase_add_test(tcase, failure_is_told_with_its_cause);
    tcase_add_test(tcase, words_that_are_none_do_nothing);
    tcase_add_test(tcase, process_holds_nothing_else_open);
    tcase_add_test(tcase, process_is_not_ended_by_signals_for_its_group);
    tcase_add_test(tcase, process_that_is_gone_is_an_error);
    tcase_add_test(tcase, process_ends_with_a_parent_that_is_killed);
    tcase_add_test(tcase, delegated_files_are_published_and_discarded);
    tcase_add_test(tcase, without_files_there_is_no_process);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(make_suite());
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
