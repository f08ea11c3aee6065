#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail_file.h"
#include "save_world.h"

/* ---- writing ---- */

/* Announced or not, a large one is not held in memory; a small one is, until it is whole. */
START_TEST(file_appears_when_it_is_whole)
{
    static const int64_t announced[] = {LARGE, -1, 5};
    size_t len = _i < 2 ? LARGE : 5;
    struct stat info;

    ck_assert_int_eq(haul_file_begin(&file, "h/a/b", announced[_i], 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, large, len), HAUL_REASON_NONE);
    ck_assert_int_ne(access(below("dir/h/a/b"), F_OK), 0);
    ck_assert_uint_eq(count_temporaries(), _i < 2);
    ck_assert_int_eq(access(below("dir/h"), F_OK) == 0, _i < 2);
    ck_assert_int_eq(haul_file_publish(&file, "h/a/b", &plain_end, &got), HAUL_REASON_NONE);
    ck_assert_str_eq(haul_buf_str(&got), "h/a/b");
    ck_assert_int_eq(stat(below("dir/h/a/b"), &info), 0);
    ck_assert_int_eq(info.st_size, (off_t)len);
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

START_TEST(small_file_that_fails_never_was_on_the_disk)
{
    ck_assert_int_eq(haul_file_begin(&file, "h/a", 5, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "hel", 3), HAUL_REASON_NONE);
    haul_file_discard(&file);
    ck_assert_int_ne(access(below("dir/h"), F_OK), 0);
    ck_assert_int_eq(calls[WRITE] + calls[MKDIR], 0);
}
END_TEST

START_TEST(file_has_what_was_written)
{
    ck_assert_int_eq(save("h/a/b", "hello", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/h/a/b")), "hello");
    ck_assert_uint_eq(count_temporaries(), 0);
    ck_assert_int_eq(haul_tree_size(&tree, "h/a/b"), 5);
    ck_assert_int_eq(haul_tree_size(&tree, "h/a"), -1);
    ck_assert_int_eq(haul_tree_size(&tree, "h/x/y"), -1);
}
END_TEST

START_TEST(file_is_removed_if_it_is_the_one_that_was_seen)
{
    const struct haul_file_id none = {0};
    struct haul_file_id id[2];

    ck_assert_int_eq(haul_tree_identify(&tree, "h/a", &id[0]), -1);
    ck_assert_uint_eq(id[0].inode, 0);
    ck_assert_int_eq(save("h/a", "hello", &plain_end), HAUL_REASON_NONE);
    ck_assert_int_eq(save("h/b", "other", &plain_end), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_tree_identify(&tree, "h/a", &id[0]), 5);
    ck_assert_int_eq(haul_tree_identify(&tree, "h/b", &id[1]), 5);
    haul_tree_remove(&tree, "h/a", &none);
    haul_tree_remove(&tree, "h/a", &id[1]);
    ck_assert_str_eq(read_file(below("dir/h/a")), "hello");
    haul_tree_remove(&tree, "h/a", &id[0]);
    ck_assert_int_eq(haul_tree_size(&tree, "h/a"), -1);
    ck_assert_int_eq(haul_tree_size(&tree, "h/b"), 5);
}
END_TEST

START_TEST(pieces_of_any_size_make_the_same_file)
{
    char bytes[70000];
    struct stat info;
    size_t sent = 0;

    short_writes = true;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i % 251);
    ck_assert_int_eq(haul_file_begin(&file, "x", -1, 0, NULL), HAUL_REASON_NONE);
    for (size_t piece = 1; sent < sizeof bytes; piece = piece * 3 % 40009 + 1) {
        size_t some = piece < sizeof bytes - sent ? piece : sizeof bytes - sent;

        ck_assert_int_eq(haul_file_write(&file, bytes + sent, some), HAUL_REASON_NONE);
        sent += some;
    }
    ck_assert_int_eq(haul_file_publish(&file, "x", &plain_end, &got), HAUL_REASON_NONE);
    ck_assert_int_eq(stat(below("dir/x"), &info), 0);
    ck_assert_int_eq(info.st_size, sizeof bytes);
    {
        FILE *stream = fopen(below("dir/x"), "r");
        for (size_t i = 0; i < sizeof bytes; i++)
            ck_assert_int_eq((char)fgetc(stream), bytes[i]);
        fclose(stream);
    }
}
END_TEST

START_TEST(old_file_is_replaced_or_kept_as_asked)
{
    const struct haul_sink_end keeping = {.keeps_old = true};

    ck_assert_int_eq(save("a", "one", &plain_end), HAUL_REASON_NONE);
    ck_assert_int_eq(save("a", "two", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/a")), "two");
    ck_assert_int_eq(save("a", "three", &keeping), HAUL_REASON_NONE);
    ck_assert_str_eq(haul_buf_str(&got), "a.1");
    let_fail(RENAME_NEW, EINVAL, -1); /* a file system that knows no such rename */
    ck_assert_int_eq(save("a", "four", &keeping), HAUL_REASON_NONE);
    ck_assert_str_eq(haul_buf_str(&got), "a.2");
    ck_assert_int_eq(save("b", "five", &keeping), HAUL_REASON_NONE);
    ck_assert_str_eq(haul_buf_str(&got), "b");
    ck_assert_str_eq(read_file(below("dir/a")), "two");
    ck_assert_str_eq(read_file(below("dir/a.1")), "three");
    ck_assert_str_eq(read_file(below("dir/a.2")), "four");
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

START_TEST(time_and_permissions_are_set)
{
    const struct haul_sink_end dated = {.has_mtime = true, .mtime_s = 784111777};
    mode_t before = umask(027);
    struct stat info;

    ck_assert_int_eq(save("a", "x", &dated), HAUL_REASON_NONE);
    umask(before);
    ck_assert_int_eq(stat(below("dir/a"), &info), 0);
    ck_assert_int_eq(info.st_mtime, 784111777);
    ck_assert_uint_eq(info.st_mode & 0777, 0640);
}
END_TEST

/* Bytes that the file takes on the disk. */
static int64_t space_of(int fd)
{
    struct stat info;

    ck_assert_int_eq(fstat(fd, &info), 0);
    return (int64_t)info.st_blocks * 512;
}

START_TEST(announcement_alone_takes_no_space)
{
    ck_assert_int_eq(haul_file_begin(&file, "a", INT64_MAX, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(space_of(file.fd), 0);
    ck_assert_int_eq(haul_file_write(&file, large, LARGE), HAUL_REASON_NONE);
    ck_assert_int_eq(calls[FALLOCATE], 0);
    haul_file_discard(&file);
    ck_assert_int_eq(haul_file_begin(&file, "a", 1000, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(calls[FALLOCATE], 0);
    haul_file_discard(&file);
}
END_TEST

/* Beside it, what the file system keeps for itself (extents, the last block) is nothing. */
enum { SLACK = 256 << 10, ALL_OF_IT = 6 << 20 };

START_TEST(no_more_space_is_reserved_than_has_come)
{
    int64_t announced = _i ? ALL_OF_IT : INT64_MAX, sent = 0;
    struct stat info;

    ck_assert_int_eq(haul_file_begin(&file, "a", announced, 0, NULL), HAUL_REASON_NONE);
    for (; sent + LARGE <= ALL_OF_IT; sent += LARGE) {
        ck_assert_int_eq(haul_file_write(&file, large, LARGE), HAUL_REASON_NONE);
        ck_assert_int_le(space_of(file.fd), 2 * (sent + LARGE) + SLACK);
        if (_i)
            ck_assert_int_le(space_of(file.fd), announced + SLACK);
    }
    ck_assert_int_ge(calls[FALLOCATE], 1); /* it is done in steps, and not for each write */
    ck_assert_int_le(calls[FALLOCATE], 8);
    ck_assert_int_eq(haul_file_publish(&file, "a", &plain_end, &got), HAUL_REASON_NONE);
    ck_assert_int_eq(stat(below("dir/a"), &info), 0);
    ck_assert_int_eq(info.st_size, sent);
    ck_assert_int_le((int64_t)info.st_blocks * 512, sent + SLACK);
}
END_TEST

START_TEST(space_that_is_not_to_be_had_is_not_for_reserving_to_say)
{
    let_fail(FALLOCATE, ENOSPC, -1);
    ck_assert_int_eq(haul_file_begin(&file, "a", 4 << 20, 0, NULL), HAUL_REASON_NONE);
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(haul_file_write(&file, large, LARGE), HAUL_REASON_NONE);
    ck_assert_int_eq(calls[FALLOCATE], 1); /* and is not asked for again */
    ck_assert_int_eq(haul_file_publish(&file, "a", &plain_end, &got), HAUL_REASON_NONE);
}
END_TEST

START_TEST(synced_file_is_synced_with_its_directory_before_it_is_told)
{
    const struct haul_sink_end synced = {.syncs = true};

    ck_assert_int_eq(save("a", "x", &synced), HAUL_REASON_NONE);
    ck_assert_int_eq(calls[FSYNC], 2);
    ck_assert_int_eq(save("a", "x", &plain_end), HAUL_REASON_NONE);
    ck_assert_int_eq(calls[FSYNC], 2);
    tree.syncs = true;
    ck_assert_int_eq(save("new/dir/a", "x", &synced), HAUL_REASON_NONE);
    ck_assert_int_eq(calls[FSYNC], 2 + 2 + 2);
}
END_TEST

/* ---- faults ---- */

static const struct {
    enum operation operation;
    int error;
    enum haul_reason reason;
} faults[] = {
    {WRITE, ENOSPC, HAUL_REASON_DISK_FULL},
    {WRITE, EDQUOT, HAUL_REASON_DISK_FULL},
    {WRITE, EIO, HAUL_REASON_FILE_ERROR},
    {WRITE, EFBIG, HAUL_REASON_TOO_LARGE},
    {FSYNC, EIO, HAUL_REASON_FILE_ERROR},
    {FSYNC, ENOSPC, HAUL_REASON_DISK_FULL},
    {RENAME, EACCES, HAUL_REASON_PERMISSION},
    {RENAME, ENOSPC, HAUL_REASON_DISK_FULL},
    {MKDIR, EACCES, HAUL_REASON_PERMISSION},
    {MKDIR, EROFS, HAUL_REASON_PERMISSION},
    {MKDIR, ENAMETOOLONG, HAUL_REASON_NAME_TOO_LONG},
};
enum { FAULT_COUNT = sizeof faults / sizeof *faults };

START_TEST(fault_is_told_and_leaves_nothing)
{
    const struct haul_sink_end synced = {.syncs = true};

    write_file(below("dir/old"), "old");
    let_fail(faults[_i].operation, faults[_i].error, -1);
    if (faults[_i].operation == RENAME)
        let_fail(RENAME_NEW, faults[_i].error, -1);
    ck_assert_int_eq(save("sub/a", "x", &synced), faults[_i].reason);
    if (faults[_i].operation != MKDIR)
        ck_assert_int_eq(save("old", "new", &synced), faults[_i].reason);
    ck_assert_int_eq(file.error, faults[_i].error);
    ck_assert_uint_eq(count_temporaries(), 0);
    ck_assert_str_eq(read_file(below("dir/old")), "old");
    let_fail(faults[_i].operation, 0, 0);
    let_fail(RENAME_NEW, 0, 0);
    ck_assert_int_eq(save("sub/a", "x", &synced), HAUL_REASON_NONE);
}
END_TEST

START_TEST(interrupted_calls_are_made_again)
{
    const struct haul_sink_end synced = {.syncs = true, .keeps_old = true};

    for (int i = 0; i < OPERATION_COUNT; i++)
        let_fail((enum operation)i, EINTR, 1);
    ck_assert_int_eq(save("sub/a", "x", &synced), HAUL_REASON_NONE);
    let_fail(RENAME, EINTR, 1);
    ck_assert_int_eq(save("sub/b", "x", &plain_end), HAUL_REASON_NONE);
}
END_TEST

START_TEST(part_that_is_too_long_is_told)
{
    char name[600];

    memset(name, 'a', sizeof name);
    name[300] = '/';
    name[599] = '\0';
    ck_assert_int_eq(save(name, "x", &plain_end), HAUL_REASON_NAME_TOO_LONG);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("savefile");
    TCase *tcase = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, save_begin, save_end);
    tcase_add_loop_test(tcase, file_appears_when_it_is_whole, 0, 3);
    tcase_add_test(tcase, small_file_that_fails_never_was_on_the_disk);
    tcase_add_test(tcase, file_has_what_was_written);
    tcase_add_test(tcase, file_is_removed_if_it_is_the_one_that_was_seen);
    tcase_add_test(tcase, pieces_of_any_size_make_the_same_file);
    tcase_add_test(tcase, old_file_is_replaced_or_kept_as_asked);
    tcase_add_test(tcase, time_and_permissions_are_set);
    tcase_add_test(tcase, announcement_alone_takes_no_space);
    tcase_add_loop_test(tcase, no_more_space_is_reserved_than_has_come, 0, 2);
    tcase_add_test(tcase, space_that_is_not_to_be_had_is_not_for_reserving_to_say);
    tcase_add_test(tcase, synced_file_is_synced_with_its_directory_before_it_is_told);
    tcase_add_loop_test(tcase, fault_is_told_and_leaves_nothing, 0, FAULT_COUNT);
    tcase_add_test(tcase, interrupted_calls_are_made_again);
    tcase_add_test(tcase, part_that_is_too_long_is_told);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
