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

#include "base/newfile.h"
#include "fail_alloc.h"

/* Another run that begins to write to the path at the moment in which the name is given; NULL: none
 * does. */
static const char *rival_path;

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

int __wrap_rename(const char *from, const char *to)
{
    struct haul_newfile rival;
    struct haul_buf message;

    if (rival_path) {
        haul_buf_init(&message, 0);
        ck_assert_int_eq(haul_newfile_open(&rival, rival_path, &message), HAUL_OK);
        haul_newfile_discard(&rival);
        haul_buf_done(&message);
    }
    return __real_rename(from, to);
}

/* Every test has a directory of its own, and is in it. Its entries are all that it makes. */
static char directory[64];

static void enter_directory(void)
{
    snprintf(directory, sizeof directory, "/tmp/haul-newfile-XXXXXX");
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

static void put_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void check_file(const char *name, const char *text)
{
    char is[128] = "";
    FILE *file = fopen(name, "r");

    ck_assert_msg(file, "%s is not there", name);
    is[fread(is, 1, sizeof is - 1, file)] = '\0';
    fclose(file);
    ck_assert_str_eq(is, text);
}

/* Entries of the directory, hidden ones too. */
static int count_entries(void)
{
    FILE *list = popen("ls -A | wc -l", "r");
    int count = -1;

    ck_assert_ptr_nonnull(list);
    ck_assert_int_eq(fscanf(list, "%d", &count), 1);
    pclose(list);
    return count;
}

static bool is_link(const char *name)
{
    struct stat info;

    return lstat(name, &info) == 0 && S_ISLNK(info.st_mode);
}

static void open_ok(struct haul_newfile *file, const char *path)
{
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert_msg(haul_newfile_open(file, path, &message) == HAUL_OK, "%s", haul_buf_str(&message));
    ck_assert_uint_eq(message.len, 0);
    ck_assert_int_ge(file->fd, 0);
    ck_assert_int_ne(fcntl(file->fd, F_GETFD) & FD_CLOEXEC, 0);
    haul_buf_done(&message);
}

static void write_file(const char *path, const char *text)
{
    struct haul_newfile file;

    open_ok(&file, path);
    ck_assert_int_eq(write(file.fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(haul_newfile_publish(&file), HAUL_OK);
    ck_assert_int_eq(file.fd, -1);
    haul_newfile_discard(&file); /* fine on one that was published */
}

START_TEST(file_written_appears_only_when_published)
{
    struct haul_newfile file;

    put_file("report", "old");
    open_ok(&file, "report");
    ck_assert_int_eq(write(file.fd, "new", 3), 3);
    check_file("report", "old");
    ck_assert_int_eq(haul_newfile_publish(&file), HAUL_OK);
    check_file("report", "new");
    ck_assert_int_eq(count_entries(), 1);
}
END_TEST

START_TEST(file_discarded_leaves_no_trace)
{
    struct haul_newfile file;

    put_file("report", "old");
    open_ok(&file, "report");
    ck_assert_int_eq(write(file.fd, "new", 3), 3);
    haul_newfile_discard(&file);
    haul_newfile_discard(&file);
    check_file("report", "old");
    ck_assert_int_eq(count_entries(), 1);
}
END_TEST

START_TEST(file_in_another_directory_is_made_there)
{
    ck_assert_int_eq(mkdir("sub", 0777), 0);
    write_file("sub/report", "x");
    check_file("sub/report", "x");
    ck_assert_int_eq(count_entries(), 1);
}
END_TEST

/* A run that was killed leaves one; in a container every run may have the same process id. */
START_TEST(temporary_left_by_a_killed_run_is_removed_by_the_next)
{
    char stale[64], absolute[128];

    snprintf(absolute, sizeof absolute, "%s/report", directory);
    snprintf(stale, sizeof stale, ".report.%ld.part", (long)getpid());
    put_file(stale, "stale");
    put_file(".report.1.part", "stale");
    put_file(".report.4194304-99.part", "stale");
    write_file("report", "new");
    check_file("report", "new");
    ck_assert_int_eq(count_entries(), 1);
    put_file(".report.1.part", "stale");
    write_file(absolute, "newer"); /* wherever the run is started from */
    ck_assert_int_eq(count_entries(), 1);
}
END_TEST

/* What a run that was killed cannot have left, by its name. */
START_TEST(files_that_are_no_temporaries_of_that_name_stay)
{
    static const char *const others[] = {
        ".report.part",       ".report.x.part",  ".report.1.part.gz", ".report.1-.part",
        ".report.1-2-3.part", ".report.-1.part", "report.1.part",     ".reports.1.part",
        ".repor.1.part",      ".report.1",       ".report.1.2.part",
    };
    enum { OTHERS = sizeof others / sizeof *others };

    for (int i = 0; i < OTHERS; i++)
        put_file(others[i], "precious");
    write_file("report", "new");
    for (int i = 0; i < OTHERS; i++)
        check_file(others[i], "precious");
    ck_assert_int_eq(count_entries(), OTHERS + 1);
}
END_TEST

/* And by what they are: not files, or files with another name, which is somebody's. */
START_TEST(things_that_haul_did_not_make_stay)
{
    put_file("victim", "precious");
    ck_assert_int_eq(mkdir(".report.1.part", 0777), 0);
    ck_assert_int_eq(mkfifo(".report.2.part", 0600), 0);
    ck_assert_int_eq(symlink("victim", ".report.3.part"), 0);
    ck_assert_int_eq(link("victim", ".report.4.part"), 0);
    write_file("report", "new");
    ck_assert_int_eq(count_entries(), 6);
    check_file("victim", "precious");
}
END_TEST

/* Two at a time: the second does not take the first one's for stale, nor while it is published. */
START_TEST(temporary_that_is_being_written_stays)
{
    struct haul_newfile first, second;

    open_ok(&first, "report");
    open_ok(&second, "report");
    ck_assert_int_eq(count_entries(), 2);
    ck_assert_int_eq(write(first.fd, "first", 5), 5);
    ck_assert_int_eq(haul_newfile_publish(&first), HAUL_OK);
    check_file("report", "first");
    ck_assert_int_eq(haul_newfile_publish(&second), HAUL_OK);
    check_file("report", "");
    ck_assert_int_eq(count_entries(), 1);
}
END_TEST

/* The file is closed by then, so that late failures are known, and its lock must not be. */
START_TEST(temporary_is_nobody_elses_until_it_has_its_name)
{
    struct haul_newfile file;

    open_ok(&file, "report");
    ck_assert_int_eq(write(file.fd, "first", 5), 5);
    rival_path = "report";
    ck_assert_int_eq(haul_newfile_publish(&file), HAUL_OK);
    rival_path = NULL;
    check_file("report", "first");
    ck_assert_int_eq(count_entries(), 1);
}
END_TEST

/* The lock is the process's: it ends with it, however that ends. */
START_TEST(temporary_of_a_process_that_lives_stays_until_it_is_killed)
{
    struct haul_newfile file;
    int ready[2];
    char byte;
    pid_t child;

    ck_assert_int_eq(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        open_ok(&file, "report");
        if (write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    write_file("report", "new");
    ck_assert_int_eq(count_entries(), 2);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_int_eq(count_entries(), 2);
    write_file("report", "newer");
    ck_assert_int_eq(count_entries(), 1);
}
END_TEST

START_TEST(link_planted_at_the_temporary_name_is_not_followed)
{
    char planted[64];

    put_file("victim", "precious");
    snprintf(planted, sizeof planted, ".report.%ld.part", (long)getpid());
    ck_assert_int_eq(symlink("victim", planted), 0);
    write_file("report", "new");
    check_file("victim", "precious");
    check_file("report", "new");
}
END_TEST

START_TEST(link_at_the_final_name_is_replaced_not_followed)
{
    put_file("victim", "precious");
    ck_assert_int_eq(symlink("victim", "report"), 0);
    write_file("report", "new");
    check_file("victim", "precious");
    check_file("report", "new");
    ck_assert(!is_link("report"));
}
END_TEST

START_TEST(device_is_written_to_directly)
{
    write_file("/dev/null", "x");
    ck_assert_int_eq(symlink("/dev/null", "report"), 0);
    write_file("report", "x");
    ck_assert(is_link("report"));
    ck_assert_int_eq(count_entries(), 1);
}
END_TEST

START_TEST(fifo_is_written_to_directly)
{
    char got[8] = "";
    int reader;

    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    reader = open("pipe", O_RDONLY | O_NONBLOCK);
    write_file("pipe", "hello");
    ck_assert_int_eq(read(reader, got, sizeof got - 1), 5);
    ck_assert_str_eq(got, "hello");
    ck_assert_int_eq(count_entries(), 1);
    close(reader);
}
END_TEST

/* /dev/stdout may lead to a plain file; a run as root must not put a file in its place in /dev. */
START_TEST(name_of_a_descriptor_that_is_a_file_is_written_to_directly)
{
    int fd = open("out", O_WRONLY | O_CREAT, 0600);
    char link[32];

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "before ", 7), 7);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    write_file(link, "after");
    check_file("out", "before after");
    ck_assert_int_eq(count_entries(), 1);
    close(fd);
}
END_TEST

/* A path that cannot be, and what the message must hold. */
static const struct refusal_row {
    const char *path, *cause;
    int error;
} refusal_rows[] = {
    {"nowhere/report", "No such file or directory", ENOENT},
    {"sub", "Is a directory", EISDIR},
    {"sub/", "Is a directory", EISDIR},
    {"plain/report", "Not a directory", ENOTDIR},
    {"", "No such file or directory", ENOENT},
};

START_TEST(path_that_cannot_be_written_is_refused_with_its_cause)
{
    const struct refusal_row *row = &refusal_rows[_i];
    struct haul_newfile file;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    mkdir("sub", 0777);
    put_file("plain", "");
    ck_assert_int_eq(haul_newfile_open(&file, row->path, &message), HAUL_ERR_IO);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), row->path));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), row->cause));
    ck_assert_int_eq(file.fd, -1);
    haul_newfile_discard(&file);
    ck_assert_int_eq(count_entries(), 2);
    haul_buf_done(&message);
}
END_TEST

START_TEST(long_name_can_be_written)
{
    char name[256];

    memset(name, 'n', 255);
    name[255] = '\0';
    write_file(name, "x");
    check_file(name, "x");
    ck_assert_int_eq(count_entries(), 1);
}
END_TEST

START_TEST(publication_that_fails_removes_the_temporary_and_says_why)
{
    struct haul_newfile file;

    open_ok(&file, "report");
    ck_assert_int_eq(mkdir("report", 0777), 0); /* somebody was quicker */
    errno = 0;
    ck_assert_int_eq(haul_newfile_publish(&file), HAUL_ERR_IO);
    ck_assert_int_eq(errno, EISDIR);
    ck_assert_int_eq(count_entries(), 1);
    haul_newfile_discard(&file);
}
END_TEST

START_TEST(opening_without_memory_fails_cleanly)
{
    struct haul_newfile file;
    struct haul_buf message;
    bool walking = true;

    haul_buf_init(&message, 0);
    haul_buf_pad(&message, ' ', 200); /* so that the message itself has its memory */
    for (long n = 1; walking; n++) {
        enum haul_err err;

        haul_buf_clear(&message);
        fail_alloc_arm(n);
        err = haul_newfile_open(&file, "report", &message);
        walking = fail_alloc_disarm();
        ck_assert_int_eq(err, walking ? HAUL_ERR_NOMEM : HAUL_OK);
        ck_assert_int_eq(count_entries(), !walking);
        if (walking)
            ck_assert_str_eq(haul_buf_str(&message), "report: cannot be written: out of memory");
    }
    haul_newfile_discard(&file);
    haul_buf_done(&message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("newfile");
    TCase *tcase = tcase_create("newfile");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, enter_directory, leave_directory);
    tcase_add_test(tcase, file_written_appears_only_when_published);
    tcase_add_test(tcase, file_discarded_leaves_no_trace);
    tcase_add_test(tcase, file_in_another_directory_is_made_there);
    tcase_add_test(tcase, temporary_left_by_a_killed_run_is_removed_by_the_next);
    tcase_add_test(tcase, files_that_are_no_temporaries_of_that_name_stay);
    tcase_add_test(tcase, things_that_haul_did_not_make_stay);
    tcase_add_test(tcase, temporary_that_is_being_written_stays);
    tcase_add_test(tcase, temporary_is_nobody_elses_until_it_has_its_name);
    tcase_add_test(tcase, temporary_of_a_process_that_lives_stays_until_it_is_killed);
    tcase_add_test(tcase, link_planted_at_the_temporary_name_is_not_followed);
    tcase_add_test(tcase, link_at_the_final_name_is_replaced_not_followed);
    tcase_add_test(tcase, device_is_written_to_directly);
    tcase_add_test(tcase, fifo_is_written_to_directly);
    tcase_add_test(tcase, name_of_a_descriptor_that_is_a_file_is_written_to_directly);
    tcase_add_loop_test(tcase, path_that_cannot_be_written_is_refused_with_its_cause, 0,
                        (int)(sizeof refusal_rows / sizeof *refusal_rows));
    tcase_add_test(tcase, long_name_can_be_written);
    tcase_add_test(tcase, publication_that_fails_removes_the_temporary_and_says_why);
    tcase_add_test(tcase, opening_without_memory_fails_cleanly);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
