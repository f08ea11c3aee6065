/* posix_openpt: a terminal */
#define _GNU_SOURCE

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"

enum { LONG = 300000 };
static char text[LONG];

/* A process that reads all of a pipe, and ends with 0 if it is what `text` is. */
static pid_t start_reader(const int end[2])
{
    pid_t reader = fork();
    size_t done = 0;
    char part[777];
    ssize_t len;

    ck_assert_int_ge(reader, 0);
    if (reader)
        return reader;
    close(end[1]);
    while ((len = read(end[0], part, sizeof part)) > 0) {
        if (done + (size_t)len > LONG || memcmp(part, text + done, (size_t)len) != 0)
            _exit(1);
        done += (size_t)len;
    }
    _exit(done != LONG);
}

START_TEST(full_pipe_is_waited_for)
{
    size_t written;
    int end[2], status;
    pid_t reader;

    for (size_t i = 0; i < LONG; i++)
        text[i] = (char)(i * 31 + i / 251);
    ck_assert_int_eq(pipe(end), 0);
    /* loop 1: a pipe that takes a part, or says EAGAIN */
    if (_i)
        ck_assert_int_eq(fcntl(end[1], F_SETFL, O_NONBLOCK), 0);
    reader = start_reader(end);
    close(end[0]);
    ck_assert_int_eq(haul_io_write_all(end[1], text, LONG, &written), 0);
    ck_assert_uint_eq(written, LONG);
    close(end[1]);
    ck_assert_int_eq(waitpid(reader, &status, 0), reader);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(reader_gone_is_epipe)
{
    size_t written = 1;
    int end[2];

    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(pipe(end), 0);
    close(end[0]);
    ck_assert_int_eq(haul_io_write_all(end[1], "x", 1, &written), EPIPE);
    ck_assert_uint_eq(written, 0);
    close(end[1]);
}
END_TEST

START_TEST(full_disk_is_enospc)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(haul_io_write_all(fd, "x", 1, NULL), ENOSPC);
    ck_assert_int_eq(haul_io_write_all(fd, "x", 0, NULL), 0);
    close(fd);
    ck_assert_int_eq(haul_io_write_all(-1, "x", 1, NULL), EBADF);
}
END_TEST

/* ---- readers that are not waited for ---- */

/* A reader who takes his time has all, though nobody waits for him any longer. */
START_TEST(slow_reader_gets_all_of_it)
{
    int end[2], until[2], status;
    pid_t reader;

    for (size_t i = 0; i < LONG; i++)
        text[i] = (char)(i * 31 + i / 251);
    ck_assert_int_eq(pipe(end), 0);
    ck_assert_int_eq(pipe(until), 0);
    if (_i) /* the end is there from the beginning */
        ck_assert_int_eq(write(until[1], "x", 1), 1);
    reader = start_reader(end);
    close(end[0]);
    ck_assert_int_eq(
        haul_io_write_until(end[1], text, LONG, &(struct haul_patience){.end = until[0]}), 0);
    close(end[1]);
    ck_assert_int_eq(waitpid(reader, &status, 0), reader);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(reader_who_takes_nothing_is_left_in_the_end)
{
    int end[2], until[2], capacity;

    ck_assert_int_eq(pipe(end), 0);
    ck_assert_int_eq(pipe(until), 0);
    ck_assert_int_eq(write(until[1], "x", 1), 1);
    ck_assert_int_eq(
        haul_io_write_until(end[1], text, LONG, &(struct haul_patience){.end = until[0]}),
        ECANCELED);
    ck_assert_int_eq(ioctl(end[0], FIONREAD, &capacity), 0);
    ck_assert_int_gt(capacity, 0); /* what the pipe could take, it has */
    ck_assert(!haul_io_write_now(end[1], "x", 1));
}
END_TEST

/* Text of lines, as rows are: what fills a terminal's room byte by byte must not block either. */
START_TEST(terminal_that_takes_nothing_is_left_in_the_end)
{
    static const int line_lens[] = {1, 40, 300};
    int master = posix_openpt(O_RDWR | O_NOCTTY), terminal, until[2];

    ck_assert_int_ge(master, 0);
    ck_assert_int_eq(grantpt(master), 0);
    ck_assert_int_eq(unlockpt(master), 0);
    terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(terminal, 0);
    for (int i = 0; i < LONG; i++)
        text[i] = i % line_lens[_i] == line_lens[_i] - 1 ? '\n' : 'x';
    ck_assert_int_eq(pipe(until), 0);
    ck_assert_int_eq(write(until[1], "x", 1), 1);
    ck_assert_int_eq(
        haul_io_write_until(terminal, text, LONG, &(struct haul_patience){.end = until[0]}),
        ECANCELED);
    close(terminal);
    close(master);
}
END_TEST

/* Two writers of one pipe, as after 2>&1: the second one knows what the first one has found out. */
START_TEST(reader_who_was_left_is_not_waited_for_again)
{
    struct haul_patience patience;
    int end[2], until[2], other;
    struct timespec begin, now;

    ck_assert_int_eq(pipe(end), 0);
    ck_assert_int_eq(pipe(until), 0);
    patience = (struct haul_patience){.end = until[0]};
    other = dup(end[1]);
    ck_assert_int_eq(write(until[1], "x", 1), 1);
    ck_assert_int_eq(haul_io_write_until(end[1], text, LONG, &patience), ECANCELED);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    ck_assert_int_eq(haul_io_write_until(other, text, LONG, &patience), ECANCELED);
    clock_gettime(CLOCK_MONOTONIC, &now);
    ck_assert_int_lt((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000,
                     HAUL_IO_LAST_MS / 2);
}
END_TEST

START_TEST(file_has_no_reader_to_wait_for)
{
    FILE *file = tmpfile();
    int until[2];

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(pipe(until), 0);
    ck_assert_int_eq(write(until[1], "x", 1), 1);
    ck_assert_int_eq(
        haul_io_write_until(fileno(file), text, LONG, &(struct haul_patience){.end = until[0]}), 0);
    ck_assert_int_eq(lseek(fileno(file), 0, SEEK_CUR), LONG);
    ck_assert(haul_io_write_now(fileno(file), "x", 1));
    fclose(file);
}
END_TEST

START_TEST(only_a_short_line_is_written_now)
{
    int end[2];

    ck_assert_int_eq(pipe(end), 0);
    ck_assert(haul_io_write_now(end[1], text, PIPE_BUF));
    ck_assert(!haul_io_write_now(end[1], text, PIPE_BUF + 1));
    close(end[0]);
    signal(SIGPIPE, SIG_IGN);
    ck_assert(!haul_io_write_now(end[1], "x", 1));
    ck_assert_int_eq(haul_io_write_until(end[1], "x", 1, &(struct haul_patience){.end = end[1]}),
                     EPIPE);
}
END_TEST

START_TEST(error_has_a_text)
{
    char room[HAUL_IO_ERROR_MAX];

    ck_assert_str_eq(haul_io_error_text(ENOENT, room), "No such file or directory");
    ck_assert_ptr_eq(haul_io_error_text(ENOSPC, room), room);
    ck_assert_str_eq(haul_io_error_text(99999, room), "error 99999");
    ck_assert_str_eq(haul_io_error_text(-5, room), "error -5");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("io");
    TCase *tests = tcase_create("io");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tests, full_pipe_is_waited_for, 0, 2);
    tcase_add_test(tests, reader_gone_is_epipe);
    tcase_add_test(tests, full_disk_is_enospc);
    tcase_add_loop_test(tests, slow_reader_gets_all_of_it, 0, 2);
    tcase_add_test(tests, reader_who_takes_nothing_is_left_in_the_end);
    tcase_add_loop_test(tests, terminal_that_takes_nothing_is_left_in_the_end, 0, 3);
    tcase_add_test(tests, reader_who_was_left_is_not_waited_for_again);
    tcase_add_test(tests, file_has_no_reader_to_wait_for);
    tcase_add_test(tests, only_a_short_line_is_written_now);
    tcase_add_test(tests, error_has_a_text);
    tcase_set_timeout(tests, 15);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
