#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "list_world.h"

static int writer;

/* Puts a pipe in the place of standard input; `writer` is its other end. */
static void enter_pipe(void)
{
    int ends[2];

    enter_directory();
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    writer = ends[1];
}

static void send_text(const char *text)
{
    ck_assert_int_eq(write(writer, text, strlen(text)), (ssize_t)strlen(text));
}

static const struct haul_source pipe_then_file[] = {{HAUL_SOURCE_FILE, "-"},
                                                    {HAUL_SOURCE_FILE, "a"}};

START_TEST(pipe_gives_lines_as_they_arrive)
{
    struct haul_list *list = create(pipe_then_file, 1);

    send_text("1\n2\n3");
    assert_entry(list, "-", 1, "1");
    assert_entry(list, "-", 2, "2");
    send_text("4\n");
    assert_entry(list, "-", 3, "34");
    send_text("5");
    close(writer);
    assert_entry(list, "-", 4, "5");
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(standard_input_stays_open_and_blocking)
{
    struct haul_list *list = create(pipe_then_file, 1);

    close(writer);
    assert_nothing(list, "standard input: no URL was found in it: it is empty");
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
    ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
}
END_TEST

START_TEST(nonblocking_standard_input_is_waited_for)
{
    struct haul_list *list = create(pipe_then_file, 1);

    ck_assert_int_eq(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK), 0);
    send_text("1\n");
    assert_entry(list, "-", 1, "1");
    close(writer);
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(interrupt_gives_what_was_read_then_closed_then_files)
{
    struct haul_list *list;

    write_file("a", "x\ny\n");
    list = create(pipe_then_file, 2);
    send_text("1\n2\nhalf");
    assert_entry(list, "-", 1, "1");
    haul_list_interrupt(list, false);
    send_text("late\n");
    assert_entry(list, "-", 2, "2");
    assert_next(list, HAUL_ERR_CLOSED);
    ck_assert_str_eq(haul_list_message(list), "");
    assert_entry(list, "a", 1, "x");
    assert_entry(list, "a", 2, "y");
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

/* Nothing is lost by it, not even the first byte, which does not tell yet what the list is. */
START_TEST(nudged_list_is_left_and_gone_on_with)
{
    struct haul_list *list = create(pipe_then_file, 1);

    haul_list_nudge(list);
    assert_next(list, HAUL_ERR_AGAIN);
    send_text("1");
    haul_list_nudge(list);
    haul_list_nudge(list);
    assert_next(list, HAUL_ERR_AGAIN);
    send_text("2\n3\nhalf");
    assert_entry(list, "-", 1, "12");
    haul_list_nudge(list);
    assert_next(list, HAUL_ERR_AGAIN);
    close(writer);
    assert_entry(list, "-", 2, "3");
    assert_entry(list, "-", 3, "half");
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(nudged_list_can_still_be_interrupted)
{
    struct haul_list *list = create(pipe_then_file, 1);

    haul_list_nudge(list);
    haul_list_interrupt(list, false);
    assert_next(list, HAUL_ERR_CLOSED);
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

/* However often it is nudged, a list's last line waits for its keys no longer than for a moment. */
START_TEST(nudges_do_not_hold_back_the_last_line)
{
    struct haul_list *list = create(pipe_then_file, 1);
    struct haul_list_entry entry;
    enum haul_err err;
    int nudges = 0;

    send_text("1\n");
    do {
        haul_list_nudge(list);
        err = haul_list_next(list, &entry);
        poll(NULL, 0, 100);
    } while (err == HAUL_ERR_AGAIN && ++nudges < 50);
    ck_assert_int_eq(err, HAUL_OK);
    haul_list_free(list);
}
END_TEST

START_TEST(abort_closes_at_once_and_for_good)
{
    struct haul_list *list;

    write_file("a", "x\ny\n");
    list = create(pipe_then_file + 1, 1);
    assert_entry(list, "a", 1, "x");
    haul_list_interrupt(list, true);
    assert_next(list, HAUL_ERR_CLOSED);
    haul_list_interrupt(list, false);
    assert_next(list, HAUL_ERR_CLOSED);
    haul_list_free(list);
}
END_TEST

START_TEST(interrupt_many_times_never_blocks)
{
    struct haul_list *list = create(pipe_then_file, 1);

    errno = 4711;
    for (int i = 0; i < 200000; i++)
        haul_list_interrupt(list, false);
    ck_assert_int_eq(errno, 4711);
    assert_next(list, HAUL_ERR_CLOSED);
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

/* Whether the main thread sleeps in the kernel: the state letter of its line in /proc. */
static bool main_thread_sleeps(void)
{
    char text[512] = "";
    FILE *file;
    const char *after_name;

    snprintf(text, sizeof text, "/proc/self/task/%d/stat", (int)getpid());
    file = fopen(text, "r");
    if (!file)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    after_name = strrchr(text, ')');
    return after_name && after_name[2] == 'S';
}

struct waker {
    struct haul_list *list;
    bool abort;
};

static void *interrupt_sleeper(void *arg)
{
    const struct waker *waker = arg;
    int seen = 0;

    while (seen < 1000)
        seen = main_thread_sleeps() ? seen + 1 : 0;
    haul_list_interrupt(waker->list, waker->abort);
    return NULL;
}

START_TEST(interrupt_from_other_thread_ends_wait)
{
    struct waker waker = {create(pipe_then_file, 1), _i == 1};
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_sleeper, &waker), 0);
    assert_next(waker.list, HAUL_ERR_CLOSED);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    assert_next(waker.list, waker.abort ? HAUL_ERR_CLOSED : HAUL_ERR_END);
    haul_list_free(waker.list);
}
END_TEST

static struct haul_list *signalled;

static void on_alarm(int number)
{
    (void)number;
    haul_list_interrupt(signalled, false);
}

START_TEST(interrupt_from_signal_handler_ends_wait)
{
    struct sigaction action = {.sa_handler = on_alarm};

    signalled = create(pipe_then_file, 1);
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    alarm(1);
    assert_next(signalled, HAUL_ERR_CLOSED);
    haul_list_free(signalled);
}
END_TEST

START_TEST(fifo_without_writer_is_waited_for_and_interrupted)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "fifo"}};
    struct waker waker = {NULL, false};
    pthread_t thread;

    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    waker.list = create(source, 1);
    ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_sleeper, &waker), 0);
    assert_next(waker.list, HAUL_ERR_CLOSED);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    haul_list_free(waker.list);
}
END_TEST

START_TEST(fifo_gives_what_its_writer_sends)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "fifo"}};
    struct haul_list *list;
    pid_t child;

    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    list = create(source, 1);
    child = fork();
    if (child == 0) {
        int fd = open("fifo", O_WRONLY | O_CLOEXEC);

        _exit(write(fd, "1\n2", 3) != 3);
    }
    assert_entry(list, "fifo", 1, "1");
    assert_entry(list, "fifo", 2, "2");
    assert_next(list, HAUL_ERR_END);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    haul_list_free(list);
}
END_TEST

START_TEST(standard_input_that_is_file_is_read_to_end_when_interrupted)
{
    struct haul_list *list;
    int fd;

    write_file("a", "1\n2\n");
    fd = open("a", O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    close(fd);
    list = create(pipe_then_file, 1);
    haul_list_interrupt(list, false);
    assert_entry(list, "-", 1, "1");
    assert_entry(list, "-", 2, "2");
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

START_TEST(device_without_bytes_ends)
{
    static const struct haul_source source[] = {{HAUL_SOURCE_FILE, "/dev/null"}};
    struct haul_list *list = create(source, 1);

    assert_nothing(list, "/dev/null: no URL was found in it: it is empty");
    assert_next(list, HAUL_ERR_END);
    haul_list_free(list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("list_pipe");
    TCase *tcase = tcase_create("pipe");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, enter_pipe, leave_directory);
    tcase_add_test(tcase, pipe_gives_lines_as_they_arrive);
    tcase_add_test(tcase, standard_input_stays_open_and_blocking);
    tcase_add_test(tcase, nonblocking_standard_input_is_waited_for);
    tcase_add_test(tcase, interrupt_gives_what_was_read_then_closed_then_files);
    tcase_add_test(tcase, abort_closes_at_once_and_for_good);
    tcase_add_test(tcase, nudged_list_is_left_and_gone_on_with);
    tcase_add_test(tcase, nudged_list_can_still_be_interrupted);
    tcase_add_test(tcase, nudges_do_not_hold_back_the_last_line);
    tcase_add_test(tcase, interrupt_many_times_never_blocks);
    tcase_add_loop_test(tcase, interrupt_from_other_thread_ends_wait, 0, 2);
    tcase_add_test(tcase, interrupt_from_signal_handler_ends_wait);
    tcase_add_test(tcase, fifo_without_writer_is_waited_for_and_interrupted);
    tcase_add_test(tcase, fifo_gives_what_its_writer_sends);
    tcase_add_test(tcase, standard_input_that_is_file_is_read_to_end_when_interrupted);
    tcase_add_test(tcase, device_without_bytes_ends);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
