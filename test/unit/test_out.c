#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/out.h"

enum { LONG = 3 * HAUL_OUT_BUFFER_SIZE + 17 };

/* What the nth byte of a long text is. */
static unsigned char byte_at(size_t n)
{
    return (unsigned char)(n * 31 + n / 251);
}

/* A file without a name, to write to and to read back. */
static int open_scratch(void)
{
    char path[] = "/tmp/haul-test-XXXXXX";
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    unlink(path);
    return fd;
}

static void assert_content(int fd, size_t len)
{
    unsigned char *bytes = malloc(len + 1);

    ck_assert_ptr_nonnull(bytes);
    ck_assert_int_eq(pread(fd, bytes, len + 1, 0), (ssize_t)len);
    for (size_t i = 0; i < len; i++)
        ck_assert_uint_eq(bytes[i], byte_at(i));
    free(bytes);
}

static void add_range(struct haul_out *out, size_t from, size_t to)
{
    unsigned char *bytes = malloc(to - from + 1);

    ck_assert_ptr_nonnull(bytes);
    for (size_t i = from; i < to; i++)
        bytes[i - from] = byte_at(i);
    haul_out_add(out, bytes, to - from);
    free(bytes);
}

static const size_t steps[] = {
    1, 7, HAUL_OUT_BUFFER_SIZE - 1, HAUL_OUT_BUFFER_SIZE, HAUL_OUT_BUFFER_SIZE + 1, LONG};

START_TEST(bytes_in_steps_come_out_whole)
{
    int fd = open_scratch();
    struct haul_out *out = haul_out_create(fd);

    for (size_t at = 0; at < LONG; at += steps[_i])
        add_range(out, at, at + steps[_i] < LONG ? at + steps[_i] : LONG);
    ck_assert_int_eq(haul_out_flush(out), HAUL_OK);
    ck_assert_int_eq(haul_out_error(out), 0);
    assert_content(fd, LONG);
    haul_out_free(out);
    close(fd);
}
END_TEST

START_TEST(few_bytes_wait_for_the_flush)
{
    int fd = open_scratch();
    struct haul_out *out = haul_out_create(fd);

    add_range(out, 0, 100);
    assert_content(fd, 0);
    ck_assert_int_eq(haul_out_flush(out), HAUL_OK);
    assert_content(fd, 100);
    haul_out_free(out);
    close(fd);
}
END_TEST

START_TEST(free_writes_and_closes_nothing)
{
    int fd = open_scratch();
    struct haul_out *out = haul_out_create(fd);

    add_range(out, 0, 100);
    haul_out_free(out);
    assert_content(fd, 0);
    ck_assert_int_eq(close(fd), 0);
    haul_out_free(NULL);
}
END_TEST

START_TEST(full_disk_is_told_at_every_flush)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct haul_out *out = haul_out_create(fd);

    add_range(out, 0, 10);
    ck_assert_int_eq(haul_out_error(out), 0);
    ck_assert_int_eq(haul_out_flush(out), HAUL_ERR_IO);
    ck_assert_int_eq(haul_out_error(out), ENOSPC);
    ck_assert_int_eq(haul_out_flush(out), HAUL_ERR_IO);
    haul_out_free(out);
    close(fd);
}
END_TEST

START_TEST(after_an_error_nothing_more_is_written)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC), scratch = open_scratch();
    struct haul_out *out = haul_out_create(fd);

    add_range(out, 0, LONG);
    ck_assert_int_eq(haul_out_error(out), ENOSPC);
    ck_assert_int_eq(dup2(scratch, fd), fd);
    add_range(out, 0, LONG);
    ck_assert_int_eq(haul_out_flush(out), HAUL_ERR_IO);
    assert_content(scratch, 0);
    haul_out_free(out);
    close(fd);
    close(scratch);
}
END_TEST

START_TEST(output_that_another_fails_stays_failed)
{
    int fd = open_scratch();
    struct haul_out *out = haul_out_create(fd);

    add_range(out, 0, 100);
    haul_out_fail(out, ENOMEM);
    haul_out_fail(out, EIO);
    ck_assert_int_eq(haul_out_error(out), ENOMEM);
    add_range(out, 100, LONG);
    ck_assert_int_eq(haul_out_flush(out), HAUL_ERR_IO);
    assert_content(fd, 0);
    haul_out_free(out);
    close(fd);
}
END_TEST

START_TEST(reader_gone_is_an_error_and_no_signal)
{
    struct haul_out *out;
    int end[2];

    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(pipe(end), 0);
    close(end[0]);
    out = haul_out_create(end[1]);
    add_range(out, 0, 10);
    ck_assert_int_eq(haul_out_flush(out), HAUL_ERR_IO);
    ck_assert_int_eq(haul_out_error(out), EPIPE);
    haul_out_free(out);
    close(end[1]);
}
END_TEST

static volatile sig_atomic_t interruptions;

static void interrupt(int number)
{
    (void)number;
    interruptions++;
}

/*
 * Reads all, a little at a time, and shoots at the writer as it goes: before each read, when the
 * pipe is full and the writer waits in write(2) or poll(2). The first signal of a volley cuts short
 * a write that has moved some bytes, the next ones meet one that has moved none.
 */
static int read_and_interrupt(int fd, pid_t writer)
{
    unsigned char bytes[4096];
    size_t total = 0;
    ssize_t n;

    for (;;) {
        for (int i = 0; i < 4; i++) {
            kill(writer, SIGUSR1);
            sched_yield();
        }
        n = read(fd, bytes, sizeof bytes);
        if (n <= 0)
            return n == 0 && total == 4 * (size_t)LONG ? 0 : 1;
        for (ssize_t i = 0; i < n; i++, total++) {
            if (bytes[i] != byte_at(total))
                return 2;
        }
    }
}

/* Loop: 0 blocking, 1 not. */
START_TEST(slow_reader_and_signals_lose_nothing)
{
    struct sigaction action = {.sa_handler = interrupt}; /* without SA_RESTART */
    struct haul_out *out;
    int end[2], status;
    pid_t reader;

    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    ck_assert_int_eq(pipe(end), 0);
    reader = fork();
    if (reader == 0) {
        close(end[1]);
        _exit(read_and_interrupt(end[0], getppid()));
    }
    close(end[0]);
    if (_i)
        ck_assert_int_eq(fcntl(end[1], F_SETFL, O_NONBLOCK), 0);
    out = haul_out_create(end[1]);
    for (size_t at = 0; at < 4 * (size_t)LONG; at += LONG)
        add_range(out, at, at + LONG);
    ck_assert_int_eq(haul_out_flush(out), HAUL_OK);
    haul_out_free(out);
    close(end[1]);
    while (waitpid(reader, &status, 0) < 0)
        ck_assert_int_eq(errno, EINTR);
    ck_assert_int_eq(status, 0);
    ck_assert_int_gt(interruptions, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("out");
    TCase *writing = tcase_create("writing");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(writing, bytes_in_steps_come_out_whole, 0,
                        (int)(sizeof steps / sizeof *steps));
    tcase_add_test(writing, few_bytes_wait_for_the_flush);
    tcase_add_test(writing, free_writes_and_closes_nothing);
    tcase_add_test(writing, full_disk_is_told_at_every_flush);
    tcase_add_test(writing, after_an_error_nothing_more_is_written);
    tcase_add_test(writing, output_that_another_fails_stays_failed);
    tcase_add_test(writing, reader_gone_is_an_error_and_no_signal);
    tcase_add_loop_test(writing, slow_reader_and_signals_lose_nothing, 0, 2);
    suite_add_tcase(suite, writing);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
