#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/opener.h"

/* The process that opens what this one may not. */

static const char *const names[] = {"one", "two", "pipe"};
static char top[64];
static struct haul_opener *opener;

static void put(const char *name, const char *text)
{
    FILE *file = fopen(name, "we");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void begin(void)
{
    snprintf(top, sizeof top, "/tmp/haul-opener-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(chdir(top), 0);
    put("one", "old");
    put("other", "other");
    ck_assert_int_eq(haul_opener_start(names, 3, &opener), HAUL_OK);
}

static void end(void)
{
    char command[128];

    haul_opener_free(opener);
    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    ck_assert_int_eq(system(command), 0);
}

static void check_text(const char *name, const char *wanted)
{
    int fd = haul_opener_open(opener, name);
    char text[16] = "";

    ck_assert_msg(fd >= 0, "%s: %s", name, strerror(errno));
    ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    ck_assert_int_ge(read(fd, text, sizeof text - 1), 0);
    ck_assert_str_eq(text, wanted);
    close(fd);
}

static void check_refused(const char *name, int error)
{
    ck_assert_int_eq(haul_opener_open(opener, name), -1);
    ck_assert_int_eq(errno, error);
}

START_TEST(name_is_what_stands_there_when_it_is_opened)
{
    check_text("one", "old");
    put("new", "new");
    ck_assert_int_eq(rename("new", "one"), 0);
    check_text("one", "new");
    check_refused("two", ENOENT);
    ck_assert_int_eq(symlink("other", "two"), 0);
    check_text("two", "other");
    ck_assert_int_eq(unlink("one"), 0);
    check_refused("one", ENOENT);
}
END_TEST

START_TEST(name_that_it_was_not_told_is_refused)
{
    check_refused("other", EACCES);
    check_refused("./one", EACCES);
    check_refused("", EACCES);
    check_text("one", "old");
}
END_TEST

START_TEST(fifo_is_not_waited_for)
{
    int fd;

    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    fd = haul_opener_open(opener, "pipe");
    ck_assert_int_ge(fd, 0);
    close(fd);
}
END_TEST

START_TEST(nothing_of_the_parent_stays_open_in_it)
{
    struct haul_opener *second;
    int ends[2];
    char byte;

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(haul_opener_start(names, 3, &second), HAUL_OK);
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &byte, 1), 0); /* while it lives */
    close(ends[0]);
    haul_opener_free(second);
    check_text("one", "old");
}
END_TEST

/* As from a terminal, or timeout(1): it ends when haul does. Check gives each case a group. */
START_TEST(signals_to_the_group_do_not_end_it)
{
    static const int sent[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

    check_text("one", "old");
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        ck_assert(signal(sent[i], SIG_IGN) != SIG_ERR);
        ck_assert_int_eq(kill(0, sent[i]), 0);
    }
    check_text("one", "old");
}
END_TEST

START_TEST(it_has_ended_when_it_was_freed)
{
    haul_opener_free(opener);
    opener = NULL;
    ck_assert_int_eq(waitpid(-1, NULL, 0), -1);
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(children_that_are_ignored_do_not_matter)
{
    struct haul_opener *second;

    ck_assert(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    ck_assert_int_eq(haul_opener_start(names, 3, &second), HAUL_OK);
    haul_opener_free(second);
    ck_assert(signal(SIGCHLD, SIG_DFL) != SIG_ERR);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("opener");
    TCase *tcase = tcase_create("open");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, name_is_what_stands_there_when_it_is_opened);
    tcase_add_test(tcase, name_that_it_was_not_told_is_refused);
    tcase_add_test(tcase, fifo_is_not_waited_for);
    tcase_add_test(tcase, nothing_of_the_parent_stays_open_in_it);
    tcase_add_test(tcase, signals_to_the_group_do_not_end_it);
    tcase_add_test(tcase, it_has_ended_when_it_was_freed);
    tcase_add_test(tcase, children_that_are_ignored_do_not_matter);
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
