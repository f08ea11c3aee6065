#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail_file.h"
#include "save_world.h"
#include "sink/archive.h"
#include "sink/body.h"
#include "sink/tar.h"

/*
 * A tar archive that grows, and one that is gone on with: what is cut off, what is left alone, and
 * that what cannot be written is not there.
 */

static struct haul_config config;
static struct haul_archive archive;
static struct haul_buf message;
static char path[1024];

static void begin(void)
{
    save_begin();
    haul_config_init(&config);
    haul_buf_init(&message, 0);
    snprintf(path, sizeof path, "%s", below("x.tar"));
    config.tar = path;
    archive = (struct haul_archive){.file = {.fd = -1}};
}

static void end(void)
{
    haul_archive_close(&archive);
    haul_buf_done(&message);
    save_end();
}

static enum haul_err open_again(enum haul_resume_mode resume)
{
    haul_archive_close(&archive);
    haul_buf_clear(&message);
    config.resume = resume;
    return haul_archive_open(&archive, &config, &message);
}

/* A member of so many bytes, on its way. */
static struct haul_parcel *make(const char *name, size_t size)
{
    struct haul_body_store store;
    struct haul_body body;
    struct haul_body_plan plan = {.url = "u", .name = name, .expected = -1};
    struct haul_parcel *parcel;

    ck_assert_int_eq(haul_body_store_open(&store, &config, &archive, NULL, &message), HAUL_OK);
    haul_body_init(&body, &store);
    ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_NONE);
    for (size_t at = 0; at < size; at++)
        ck_assert_int_eq(haul_body_write(&body, &"0123456789"[at % 10], 1), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_body_publish(&body, "", ""), HAUL_REASON_NONE);
    ck_assert_str_eq(haul_body_name(&body), name);
    parcel = haul_body_take_parcel(&body);
    ck_assert_ptr_nonnull(parcel);
    ck_assert_ptr_null(haul_body_take_parcel(&body));
    haul_body_done(&body);
    haul_body_store_close(&store);
    return parcel;
}

static int add(const char *name, size_t size)
{
    struct haul_parcel *parcel = make(name, size);
    int error = haul_archive_add(&archive, parcel, NULL);

    haul_parcel_free(parcel);
    return error;
}

static bool has(const char *name, int64_t size)
{
    int64_t at;

    return haul_members_find(archive.members, name, size, &at);
}

static long file_size(void)
{
    return (long)lseek(archive.file.fd, 0, SEEK_END);
}

static const char long_name[] =
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "456789.txt";

/* Two members; the second has an extended header, too, and 40448 bytes with its padding. */
enum { FIRST_END = HAUL_TAR_BEGIN + 1024, SECOND_END = FIRST_END + 1536 + 40448, SECOND = 40001 };

static void make_two(void)
{
    ck_assert_int_eq(open_again(HAUL_RESUME_NO), HAUL_OK);
    ck_assert_int_eq(add("d/one", 3), 0);
    ck_assert_int_eq(add(long_name, SECOND), 0);
    ck_assert_int_eq(file_size(), SECOND_END);
}

START_TEST(nothing_is_written_before_there_is_a_member)
{
    ck_assert_int_eq(open_again(HAUL_RESUME_NO), HAUL_OK);
    ck_assert_int_eq(file_size(), 0);
    ck_assert_int_eq(open_again(HAUL_RESUME_NO), HAUL_OK);
    ck_assert_int_eq(haul_archive_finish(&archive, NULL), 0);
    ck_assert_int_eq(file_size(), HAUL_TAR_RECORD);
    ck_assert_int_eq(open_again(HAUL_RESUME_NO), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), "--resume"));
}
END_TEST

START_TEST(end_is_cut_off_and_members_are_known)
{
    make_two();
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(haul_archive_finish(&archive, NULL), 0);
        ck_assert_int_eq(file_size() % HAUL_TAR_RECORD, 0);
        ck_assert_int_eq(open_again(HAUL_RESUME_YES), HAUL_OK);
        ck_assert_str_eq(haul_buf_str(&message), "");
        ck_assert_int_eq(file_size(), SECOND_END);
        ck_assert(has("d/one", 3));
        ck_assert(has(long_name, SECOND));
        ck_assert(!has("d/one", 4));
        ck_assert(!has("one", 3));
    }
}
END_TEST

/* Wherever the file was torn: what is before the tear is there, and no more. */
START_TEST(torn_at_any_byte_is_cut_back_to_the_last_whole_member)
{
    static char all[SECOND_END + HAUL_TAR_RECORD];
    int fd = open(config.tar, O_RDWR | O_CREAT, 0600); /* that does not append */
    long size;

    make_two();
    ck_assert_int_eq(haul_archive_finish(&archive, NULL), 0);
    size = file_size();
    ck_assert_int_eq(pread(archive.file.fd, all, (size_t)size, 0), size);
    for (long at = 0; at < size;
         at += labs(at - SECOND_END) < 600 || at < FIRST_END + 2100 ? 1 : 97) {
        long keep = at < HAUL_TAR_BEGIN ? 0
                    : at < FIRST_END    ? HAUL_TAR_BEGIN
                    : at < SECOND_END   ? FIRST_END
                                        : SECOND_END;

        ck_assert_int_eq(pwrite(fd, all, (size_t)size, 0), size);
        ck_assert_int_eq(ftruncate(fd, at), 0);
        ck_assert_int_eq(open_again(HAUL_RESUME_YES), HAUL_OK);
        ck_assert_msg(file_size() == keep, "%ld: %ld instead of %ld", at, file_size(), keep);
        ck_assert(has("d/one", 3) == (keep >= FIRST_END));
        ck_assert(has(long_name, SECOND) == (keep == SECOND_END));
        /* With an end, or a part of it, nothing is lost. */
        ck_assert_msg((message.len > 0) == (at != keep && at < SECOND_END), "%ld: %s", at,
                      haul_buf_str(&message));
    }
    close(fd);
}
END_TEST

START_TEST(foreign_file_is_left_alone_even_by_force)
{
    static const char *const texts[] = {"http://a.test/\n", "p", "pax_global_headeR"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (int resume = HAUL_RESUME_YES; resume <= HAUL_RESUME_FORCE; resume++) {
            bool may_be_begin = strcmp(texts[i], "p") == 0;

            write_file(config.tar, texts[i]);
            ck_assert_int_eq(open_again((enum haul_resume_mode)resume),
                             may_be_begin ? HAUL_OK : HAUL_ERR_USAGE);
            if (!may_be_begin)
                ck_assert_str_eq(read_file(config.tar), texts[i]);
        }
}
END_TEST

START_TEST(damage_is_cut_off_by_force_only)
{
    static const long places[] = {HAUL_TAR_BEGIN, FIRST_END, FIRST_END + 1024,
                                  FIRST_END + HAUL_TAR_BLOCK + 3};

    make_two();
    ck_assert_int_eq(haul_archive_finish(&archive, NULL), 0);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char byte, wrong;
        long size = file_size();

        ck_assert_int_eq(pread(archive.file.fd, &byte, 1, places[i]), 1);
        wrong = (char)~byte;
        haul_archive_close(&archive);
        ck_assert_int_eq(truncate(config.tar, size), 0);
        archive.file.fd = open(config.tar, O_RDWR);
        ck_assert_int_eq(pwrite(archive.file.fd, &wrong, 1, places[i]), 1);
        ck_assert_int_eq(open_again(HAUL_RESUME_YES), HAUL_ERR_USAGE);
        ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), "--resume=force"));
        ck_assert_int_eq(file_size(), size);
        ck_assert_int_eq(pwrite(archive.file.fd, &byte, 1, places[i]), 1);
    }
}
END_TEST

START_TEST(bytes_behind_the_end_are_damage)
{
    make_two();
    ck_assert_int_eq(haul_archive_finish(&archive, NULL), 0);
    ck_assert_int_eq(write(archive.file.fd, "x", 1), 1);
    ck_assert_int_eq(open_again(HAUL_RESUME_YES), HAUL_ERR_USAGE);
    ck_assert_int_eq(open_again(HAUL_RESUME_FORCE), HAUL_OK);
    ck_assert_int_eq(file_size(), SECOND_END);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), "damaged"));
}
END_TEST

START_TEST(member_that_cannot_be_written_is_not_there)
{
    static const int errors[] = {ENOSPC, EIO, EDQUOT};

    make_two();
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        for (size_t size = 3; size <= SECOND; size += SECOND - 3) {
            struct haul_parcel *parcel = make("lost", size);

            short_writes = true;
            let_fail(WRITE, errors[i], i == 0 ? -1 : 1);
            ck_assert_int_eq(haul_archive_add(&archive, parcel, NULL), errors[i]);
            fail_file_reset();
            haul_parcel_free(parcel);
            ck_assert_int_eq(file_size(), SECOND_END);
            ck_assert_int_eq(archive.file.error, 0);
        }
    ck_assert_int_eq(add("kept", 3), 0);
    ck_assert_int_eq(open_again(HAUL_RESUME_YES), HAUL_OK);
    ck_assert(has("kept", 3));
    ck_assert(!has("lost", 3));
}
END_TEST

START_TEST(archive_has_one_run_at_a_time)
{
    struct haul_archive other = {.file = {.fd = -1}};

    make_two();
    config.resume = HAUL_RESUME_YES;
    ck_assert_int_eq(haul_archive_open(&other, &config, &message), HAUL_ERR_LOCKED);
    haul_archive_close(&other);
    ck_assert_int_eq(file_size(), SECOND_END);
}
END_TEST

START_TEST(only_a_regular_file_is_an_archive)
{
    ck_assert_int_eq(symlink("elsewhere", config.tar), 0);
    ck_assert_int_eq(open_again(HAUL_RESUME_NO), HAUL_ERR_USAGE);
    ck_assert_int_eq(unlink(config.tar), 0);
    ck_assert_int_eq(mkfifo(config.tar, 0600), 0);
    ck_assert_int_eq(open_again(HAUL_RESUME_NO), HAUL_ERR_USAGE);
    ck_assert_int_eq(unlink(config.tar), 0);
    config.resume = HAUL_RESUME_YES;
    ck_assert_int_eq(open_again(HAUL_RESUME_YES), HAUL_OK);
    ck_assert_int_eq(file_size(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("archive");
    TCase *tcase = tcase_create("tar");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, nothing_is_written_before_there_is_a_member);
    tcase_add_test(tcase, end_is_cut_off_and_members_are_known);
    tcase_add_test(tcase, torn_at_any_byte_is_cut_back_to_the_last_whole_member);
    tcase_add_test(tcase, foreign_file_is_left_alone_even_by_force);
    tcase_add_test(tcase, damage_is_cut_off_by_force_only);
    tcase_add_test(tcase, bytes_behind_the_end_are_damage);
    tcase_add_test(tcase, member_that_cannot_be_written_is_not_there);
    tcase_add_test(tcase, archive_has_one_run_at_a_time);
    tcase_add_test(tcase, only_a_regular_file_is_an_archive);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
