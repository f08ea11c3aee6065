#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal/journal.h"
#include "numbered_key.h"

/* A journal in a directory of its own, as a run writes it. */
static char directory[64], path[96];
static struct haul_config config;
static struct haul_journal_options options;

static int synced_before, fails_before;
static int note_sync(void *arg)
{
    ck_assert_ptr_eq(arg, &options);
    synced_before++;
    return fails_before;
}
static struct haul_journal *journal;
static struct haul_resume *resume;
static struct haul_buf message;

static void begin(void)
{
    snprintf(directory, sizeof directory, "/tmp/test_journal.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/journal", directory);
    options = (struct haul_journal_options){.path = path,
                                            .resume = HAUL_JOURNAL_NEW,
                                            .sync_us = -1,
                                            .config = &config,
                                            .version = "0",
                                            .libcurl = "0"};
    haul_buf_init(&message, 0);
}

static void end(void)
{
    haul_resume_free(resume);
    haul_journal_free(journal);
    haul_buf_done(&message);
    unlink(path);
    rmdir(directory);
}

static enum haul_err open_as(enum haul_journal_resume how)
{
    haul_resume_free(resume);
    haul_journal_free(journal);
    haul_buf_clear(&message);
    options.resume = how;
    return haul_journal_open(&options, &journal, &resume, &message);
}

static enum haul_err add(uint64_t key)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = "http://example.com/";
    rec.line = key;
    return haul_journal_add(journal, &rec, NUMBERED_KEY(key), 0);
}

static bool is_done(uint64_t key)
{
    struct haul_resume_place place;

    return haul_resume_take(resume, NUMBERED_KEY(key), &place);
}

static off_t size_now(void)
{
    struct stat info;

    ck_assert_int_eq(stat(path, &info), 0);
    return info.st_size;
}

static void append(const char *text)
{
    FILE *file = fopen(path, "a");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void check_message(const char *text)
{
    ck_assert_msg(strstr(haul_buf_str(&message), text), "no '%s' in: %s", text,
                  haul_buf_str(&message));
}

START_TEST(what_records_speak_of_is_synced_first)
{
    synced_before = fails_before = 0;
    options.sync_us = 0;
    options.first = (struct haul_syncer_first){.sync = note_sync, .arg = &options};
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_OK);
    synced_before = 0;
    ck_assert_int_eq(add(1), HAUL_OK);
    ck_assert_int_eq(haul_journal_flush(journal), HAUL_OK);
    ck_assert_int_eq(synced_before, 1);
    fails_before = EIO;
    ck_assert_int_eq(add(2), HAUL_OK);
    ck_assert_int_eq(haul_journal_flush(journal), HAUL_ERR_IO);
    ck_assert_int_eq(haul_journal_errno(journal), EIO);
}
END_TEST

START_TEST(records_written_are_done_in_the_next_run)
{
    struct haul_ledger ledger = {.lines = 2};

    options.sync_us = _i;
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_OK);
    ck_assert_ptr_null(resume);
    ck_assert_int_eq(add(1), HAUL_OK);
    ck_assert_int_eq(haul_journal_flush(journal), HAUL_OK);
    ck_assert_int_eq(add(2), HAUL_OK);
    ck_assert_int_eq(haul_journal_finish(journal, &ledger, &(struct haul_inputs){0}, 0), HAUL_OK);
    ck_assert_int_eq(size_now(), (off_t)haul_journal_size(journal));
    ck_assert_int_eq(open_as(HAUL_JOURNAL_RESUME), HAUL_OK);
    ck_assert_uint_eq(message.len, 0);
    ck_assert(is_done(1) && is_done(2) && !is_done(3));
    ck_assert_int_eq(size_now(), (off_t)haul_journal_size(journal));
}
END_TEST

START_TEST(record_not_flushed_is_not_in_the_file)
{
    off_t size;

    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_OK);
    size = size_now();
    ck_assert_int_eq(add(1), HAUL_OK);
    ck_assert_int_eq(size_now(), size);
    ck_assert_int_eq(haul_journal_flush(journal), HAUL_OK);
    ck_assert_int_gt(size_now(), size);
}
END_TEST

START_TEST(pending_record_is_not_written)
{
    struct haul_record rec;
    off_t size;

    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_OK);
    size = size_now();
    haul_record_init(&rec);
    rec.outcome = HAUL_OUTCOME_PENDING;
    ck_assert_int_eq(haul_journal_add(journal, &rec, NUMBERED_KEY(1), 0), HAUL_OK);
    ck_assert_int_eq(haul_journal_flush(journal), HAUL_OK);
    ck_assert_int_eq(size_now(), size);
}
END_TEST

START_TEST(journal_with_records_is_not_begun_anew)
{
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_OK);
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_ERR_USAGE);
    check_message("--resume");
    check_message(path);
}
END_TEST

START_TEST(resume_without_a_file_begins_one)
{
    ck_assert_int_eq(open_as(HAUL_JOURNAL_RESUME), HAUL_OK);
    ck_assert_ptr_nonnull(resume);
    ck_assert_uint_eq(haul_resume_count(resume), 0);
    ck_assert_uint_eq(message.len, 0);
}
END_TEST

START_TEST(torn_last_line_is_cut_off_with_a_message)
{
    off_t size;

    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_OK);
    ck_assert_int_eq(add(1), HAUL_OK);
    ck_assert_int_eq(haul_journal_flush(journal), HAUL_OK);
    size = size_now();
    append("{\"key\":\"12");
    ck_assert_int_eq(open_as(HAUL_JOURNAL_RESUME), HAUL_OK);
    check_message(":3: the last line is torn or foreign; 10 bytes cut off");
    ck_assert(is_done(1));
    ck_assert_int_eq(open_as(HAUL_JOURNAL_RESUME), HAUL_OK);
    ck_assert_uint_eq(message.len, 0);
    ck_assert_int_gt(size_now(), size);
}
END_TEST

START_TEST(damage_in_the_middle_is_refused_unless_forced)
{
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_OK);
    append("nonsense\n");
    ck_assert_int_eq(add(1), HAUL_OK);
    ck_assert_int_eq(haul_journal_flush(journal), HAUL_OK);
    ck_assert_int_eq(open_as(HAUL_JOURNAL_RESUME), HAUL_ERR_USAGE);
    check_message(":2: the journal is damaged here");
    check_message("--resume=force");
    ck_assert_int_eq(open_as(HAUL_JOURNAL_FORCE), HAUL_OK);
    check_message(":2: the journal is damaged here; 1 line skipped");
    ck_assert(is_done(1));
}
END_TEST

enum { TEXT_MAX = 4096 };

static void read_text(char text[TEXT_MAX])
{
    FILE *file = fopen(path, "r");

    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, TEXT_MAX - 1, file)] = '\0';
    ck_assert(feof(file));
    fclose(file);
}

/* What is no journal is left as it is, byte for byte, with --resume and with force. */
static const char *const others[] = {
    "http://example.com/",
    "http://example.com/a\nhttp://example.com/b\n",
    "{\"name\":1}",
    "{\"name\":1}\n",
    "{\"journal\":1,\"articles\":[]}\n",
    "{\"journal\":\"Nature\"}\n",
    "{\"journal\":3,\"haul\":\"",              /* torn, and of a later version */
    "{\"journal\":1,\"haul\":\"0\"\n\"x\":1}", /* laid out by hand */
    "{\"journal\":1\n",
    "{\"footer\":1}\n",
    "{\"url\":\"http://x/\",\"outcome\":\"ok\",\"reason\":null}\n", /* a report of haul's */
    "\n",
    " ",
};

static void check_left_alone(void)
{
    char before[TEXT_MAX], now[TEXT_MAX];

    read_text(before);
    for (int how = HAUL_JOURNAL_NEW; how <= HAUL_JOURNAL_FORCE; how++) {
        ck_assert_int_eq(open_as((enum haul_journal_resume)how), HAUL_ERR_USAGE);
        check_message("not a journal of haul's");
        ck_assert_ptr_null(strstr(haul_buf_str(&message), "force"));
    }
    read_text(now);
    ck_assert_str_eq(now, before);
}

START_TEST(file_that_is_no_journal_is_left_as_it_is)
{
    append(others[_i]);
    check_left_alone();
}
END_TEST

/* The beginning of a journal, with something else instead of its first bytes. */
static void write_changed(const char *front, size_t dropped)
{
    char text[TEXT_MAX];

    haul_journal_free(journal);
    journal = NULL;
    (void)unlink(path);
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_OK);
    ck_assert_int_eq(add(1), HAUL_OK);
    ck_assert_int_eq(haul_journal_flush(journal), HAUL_OK);
    read_text(text);
    ck_assert_int_eq(truncate(path, 0), 0);
    append(front);
    append(text + dropped);
}

/* Sound lines behind it make it no journal of haul's: it may be anything that somebody has put
 * together. */
START_TEST(journal_with_something_in_front_is_left_as_it_is)
{
    static const char *const fronts[] = {
        "\xef\xbb\xbf", "\n", "http://example.com/\n", " ", "{\"name\":1}\n", "{\"journal\":1\n"};

    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++) {
        write_changed(fronts[i], 0);
        check_left_alone();
    }
    write_changed("x", 1);
    check_left_alone();
}
END_TEST

/* ... but a header is still seen to be one. */
START_TEST(journal_whose_header_is_damaged_is_gone_on_with_by_force)
{
    static const char *const fronts[] = {"{\"journal\":1,\"haul\":\"",
                                         "{\"journal\":1,\"haul\":\"\n"};

    for (size_t i = 0; i < 2; i++) {
        write_changed(fronts[i], strlen(fronts[0]) + 1);
        ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_ERR_USAGE);
        check_message("the journal has records already");
        ck_assert_int_eq(open_as(HAUL_JOURNAL_RESUME), HAUL_ERR_USAGE);
        check_message(":1: the journal is damaged here");
        ck_assert_int_eq(open_as(HAUL_JOURNAL_FORCE), HAUL_OK);
        ck_assert(is_done(1));
    }
}
END_TEST

/* Killed in the middle of its very first write: nothing was fetched, and nothing is lost. */
START_TEST(header_cut_anywhere_is_begun_anew)
{
    off_t size;

    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_OK);
    size = size_now();
    for (off_t len = 0; len < size; len++) {
        ck_assert_int_eq(truncate(path, len), 0);
        ck_assert_int_eq(open_as(HAUL_JOURNAL_RESUME), HAUL_OK);
        if (len)
            check_message(":1: the last line is torn or foreign");
        ck_assert_uint_eq(haul_resume_count(resume), 0);
    }
}
END_TEST

/* ---- the lock ---- */

START_TEST(second_run_is_refused_and_told_who_has_it)
{
    int ready[2];
    char text[32], byte;
    pid_t child;

    ck_assert_int_eq(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        if (open_as(HAUL_JOURNAL_NEW) == HAUL_OK && write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(open_as(HAUL_JOURNAL_RESUME), HAUL_ERR_LOCKED);
    snprintf(text, sizeof text, "(process %ld)", (long)child);
    check_message(text);
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_ERR_LOCKED);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_int_eq(open_as(HAUL_JOURNAL_RESUME), HAUL_OK);
}
END_TEST

START_TEST(symbolic_link_is_not_written_through)
{
    char target[128];

    snprintf(target, sizeof target, "%s/target", directory);
    ck_assert_int_eq(symlink(target, path), 0);
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_ERR_USAGE);
    check_message("symbolic link");
    ck_assert_int_ne(access(target, F_OK), 0);
}
END_TEST

START_TEST(directory_that_is_not_there_is_an_error)
{
    options.path = "/tmp/no/such/directory/journal";
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_ERR_IO);
    check_message("No such file or directory");
}
END_TEST

/* ---- disks that are full ---- */

START_TEST(full_device_is_an_error_at_once)
{
    options.path = "/dev/full";
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_ERR_IO);
    check_message("No space left on device");
}
END_TEST

/* The limit lets a part of a line through, as a full disk does. */
START_TEST(file_that_fills_up_keeps_whole_lines_only)
{
    struct rlimit limit;
    uint64_t key = 0;
    enum haul_err err = HAUL_OK;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_OK);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = 2000;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    while (!err) {
        ck_assert_int_eq(add(++key), HAUL_OK);
        ck_assert_int_eq(add(++key), HAUL_OK);
        err = haul_journal_flush(journal);
    }
    ck_assert_int_eq(err, HAUL_ERR_IO);
    ck_assert_int_ne(haul_journal_errno(journal), 0);
    ck_assert_int_eq(add(9), HAUL_ERR_IO);
    ck_assert_int_eq(
        haul_journal_finish(journal, &(struct haul_ledger){0}, &(struct haul_inputs){0}, 3),
        HAUL_ERR_IO);
    ck_assert_int_eq(size_now(), (off_t)haul_journal_size(journal));
    ck_assert_int_lt(size_now(), 2000);
    limit.rlim_cur = limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(open_as(HAUL_JOURNAL_RESUME), HAUL_OK);
    ck_assert_uint_eq(message.len, 0);
    ck_assert(is_done(1));
    ck_assert(!is_done(key));
}
END_TEST

/* ---- what the header says ---- */

static const char *const secrets[] = {"s3cret-token", "s3cret-password", "s3cret-proxy",
                                      "s3cret-url"};

START_TEST(header_has_the_options_and_no_secrets)
{
    char text[4096] = "";
    FILE *file;

    haul_config_init(&config);
    ck_assert_int_eq(haul_config_add_string(&config, &config.headers, "X-Key: s3cret-token"),
                     HAUL_OK);
    ck_assert_int_eq(haul_config_add_source(&config, HAUL_SOURCE_FILE, "list\"\n.txt"), HAUL_OK);
    ck_assert_int_eq(
        haul_config_add_source(&config, HAUL_SOURCE_URL, "http://me:s3cret-url@h/?t=s3cret-token"),
        HAUL_OK);
    config.user = "me:s3cret-password";
    config.proxy = "http://me:s3cret-proxy@h/";
    ck_assert_int_eq(open_as(HAUL_JOURNAL_NEW), HAUL_OK);
    file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(text, sizeof text, file));
    ck_assert_int_eq(fgetc(file), EOF);
    fclose(file);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        ck_assert_ptr_null(strstr(text, secrets[i]));
    ck_assert_ptr_nonnull(strstr(text, "\"headers\":[\"X-Key\"]"));
    ck_assert_ptr_nonnull(strstr(text, "\"user\":true"));
    ck_assert_ptr_nonnull(strstr(text, "\"urls\":1"));
    haul_config_done(&config);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_file");
    TCase *writing = tcase_create("writing");
    TCase *faults = tcase_create("faults");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(writing, begin, end);
    tcase_add_loop_test(writing, records_written_are_done_in_the_next_run, -1, 2);
    tcase_add_test(writing, record_not_flushed_is_not_in_the_file);
    tcase_add_test(writing, pending_record_is_not_written);
    tcase_add_test(writing, journal_with_records_is_not_begun_anew);
    tcase_add_test(writing, resume_without_a_file_begins_one);
    tcase_add_test(writing, header_has_the_options_and_no_secrets);
    tcase_add_checked_fixture(faults, begin, end);
    tcase_add_loop_test(faults, file_that_is_no_journal_is_left_as_it_is, 0,
                        (int)(sizeof others / sizeof *others));
    tcase_add_test(faults, journal_with_something_in_front_is_left_as_it_is);
    tcase_add_test(faults, journal_whose_header_is_damaged_is_gone_on_with_by_force);
    tcase_add_test(faults, header_cut_anywhere_is_begun_anew);
    tcase_add_test(faults, torn_last_line_is_cut_off_with_a_message);
    tcase_add_test(faults, damage_in_the_middle_is_refused_unless_forced);
    tcase_add_test(faults, what_records_speak_of_is_synced_first);
    tcase_add_test(faults, second_run_is_refused_and_told_who_has_it);
    tcase_add_test(faults, symbolic_link_is_not_written_through);
    tcase_add_test(faults, directory_that_is_not_there_is_an_error);
    tcase_add_test(faults, full_device_is_an_error_at_once);
    tcase_add_test(faults, file_that_fills_up_keeps_whole_lines_only);
    suite_add_tcase(suite, writing);
    suite_add_tcase(suite, faults);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
