#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail_file.h"
#include "model/key.h"
#include "save_world.h"
#include "sink/partial.h"

/* ---- what others have put there ---- */

START_TEST(planted_links_are_not_followed)
{
    char temporary[600];

    write_file(below("secret"), "secret");
    ck_assert_int_eq(mkdir(below("outside"), 0777), 0);
    ck_assert_int_eq(symlink(below("secret"), below("dir/final")), 0);
    ck_assert_int_eq(symlink(below("outside"), below("dir/sub")), 0);
    ck_assert_int_eq(symlink("..", below("dir/up")), 0);
    /* at the final name: replaced itself */
    ck_assert_int_eq(save("final", "body", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("secret")), "secret");
    ck_assert_str_eq(read_file(below("dir/final")), "body");
    /* at a directory: not entered */
    ck_assert_int_eq(save("sub/a", "body", &plain_end), HAUL_REASON_FILE_ERROR);
    ck_assert_int_eq(save("up/a", "body", &plain_end), HAUL_REASON_FILE_ERROR);
    ck_assert_int_eq(haul_tree_size(&tree, "up/secret"), -1);
    ck_assert_int_ne(access(below("outside/a"), F_OK), 0);
    /* at the temporary name: another one is taken */
    ck_assert_int_eq(haul_file_begin(&file, "t", LARGE, 0, NULL), HAUL_REASON_NONE);
    snprintf(temporary, sizeof temporary, "dir/%s", file.temporary);
    haul_file_discard(&file);
    ck_assert_int_eq(symlink(below("secret"), below(temporary)), 0);
    ck_assert_int_eq(save("t", "body", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("secret")), "secret");
    ck_assert_str_eq(read_file(below("dir/t")), "body");
    /* a pipe there keeps nobody waiting */
    unlink(below(temporary));
    ck_assert_int_eq(mkfifo(below(temporary), 0666), 0);
    ck_assert_int_eq(save("t", "again", &plain_end), HAUL_REASON_NONE);
}
END_TEST

/* As the names of its temporaries have it. Valid until the next call. */
static const char *hash_of(const char *name)
{
    const struct haul_key key = haul_key_make(HAUL_KEY_FILE, name, strlen(name));
    static char text[33];

    snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)key.high,
             (unsigned long long)key.low);
    return text;
}

/* Things that are not the user's, under every name that a temporary has by its number. */
static void plant_all(const char *name)
{
    for (int i = 0; i < HAUL_PARTIAL_SLOTS; i++) {
        char planted[600];

        snprintf(planted, sizeof planted, "dir/.haul-%s-%d.part", hash_of(name), i);
        ck_assert_int_eq(mkfifo(below(planted), 0666), 0);
    }
}

START_TEST(names_that_are_all_taken_keep_nothing_from_being_saved)
{
    char stale[600];

    plant_all("t");
    snprintf(stale, sizeof stale, "dir/.haul-%s-r0123456789abcdef.part", hash_of("t"));
    write_file(below(stale), "of a run that was killed");
    ck_assert_int_eq(save("t", "body", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/t")), "body");
    ck_assert_uint_eq(count_temporaries(), HAUL_PARTIAL_SLOTS);
}
END_TEST

START_TEST(hard_link_at_the_temporary_name_is_left_alone)
{
    char temporary[600];

    write_file(below("secret"), "secret");
    ck_assert_int_eq(haul_file_begin(&file, "t", LARGE, 0, NULL), HAUL_REASON_NONE);
    snprintf(temporary, sizeof temporary, "dir/%s", file.temporary);
    haul_file_discard(&file);
    ck_assert_int_eq(link(below("secret"), below(temporary)), 0);
    ck_assert_int_eq(save("t", "body", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("secret")), "secret");
}
END_TEST

START_TEST(directory_that_was_moved_gets_nothing)
{
    ck_assert_int_eq(haul_file_begin(&file, "sub/a", LARGE, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "body", 4), HAUL_REASON_NONE);
    ck_assert_int_eq(rename(below("dir/sub"), below("moved")), 0);
    ck_assert_int_eq(symlink(below("moved"), below("dir/sub")), 0);
    ck_assert_int_eq(haul_file_publish(&file, "sub/a", &plain_end, &got), HAUL_REASON_FILE_ERROR);
    unlink(below("dir/sub"));
    ck_assert_int_eq(mkdir(below("dir/sub"), 0777), 0);
    ck_assert_int_eq(haul_file_publish(&file, "sub/a", &plain_end, &got), HAUL_REASON_FILE_ERROR);
    haul_file_discard(&file);
    ck_assert_int_ne(access(below("moved/a"), F_OK), 0);
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

/* There is nothing of it yet that could be in the wrong place. */
START_TEST(small_file_goes_to_the_directory_that_is_there_at_its_end)
{
    ck_assert_int_eq(save("sub/b", "b", &plain_end), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_begin(&file, "sub/a", 4, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "body", 4), HAUL_REASON_NONE);
    ck_assert_int_eq(rename(below("dir/sub"), below("moved")), 0);
    ck_assert_int_eq(symlink(below("moved"), below("dir/sub")), 0);
    ck_assert_int_eq(haul_file_publish(&file, "sub/a", &plain_end, &got), HAUL_REASON_FILE_ERROR);
    haul_file_discard(&file);
    unlink(below("dir/sub"));
    ck_assert_int_eq(save("sub/a", "body", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/sub/a")), "body");
    ck_assert_int_ne(access(below("moved/a"), F_OK), 0);
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

/* Links in the middle of the way, too; on kernels that know openat2 and on those that do not. */
START_TEST(link_anywhere_on_the_way_is_not_followed)
{
    let_fail(OPENAT2, _i ? ENOSYS : 0, -1);
    ck_assert_int_eq(save("a/b/c/x", "1", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/a/b/c/x")), "1");
    ck_assert_int_eq(rename(below("dir/a"), below("moved")), 0);
    ck_assert_int_eq(symlink(below("moved"), below("dir/a")), 0);
    ck_assert_int_eq(save("a/b/c/y", "2", &plain_end), HAUL_REASON_FILE_ERROR);
    ck_assert_int_eq(haul_tree_size(&tree, "a/b/c/x"), -1);
    ck_assert_int_ne(access(below("moved/b/c/y"), F_OK), 0);
    ck_assert_int_eq(unlink(below("dir/a")), 0);
    ck_assert_int_eq(symlink("../moved", below("dir/a")), 0);
    ck_assert_int_eq(save("a/b/y", "2", &plain_end), HAUL_REASON_FILE_ERROR);
    ck_assert_int_ge(calls[OPENAT2], 4);
}
END_TEST

/* ---- the directory itself ---- */

START_TEST(directory_that_was_made_is_synced_in_its_parent)
{
    struct haul_buf message;
    struct haul_tree made;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(haul_tree_open(&made, below("made"), true, &message), HAUL_OK);
    ck_assert_int_eq(calls[FSYNC], 1);
    haul_tree_close(&made);
    ck_assert_int_eq(haul_tree_open(&made, below("made"), true, &message), HAUL_OK);
    ck_assert_int_eq(calls[FSYNC], 1);
    haul_tree_close(&made);
    let_fail(FSYNC, EIO, -1);
    ck_assert_int_eq(haul_tree_open(&made, below("other"), true, &message), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), strerror(EIO)));
    haul_buf_done(&message);
}
END_TEST

START_TEST(directory_that_cannot_be_used_is_told)
{
    struct haul_tree bad;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    write_file(below("plain"), "x");
    ck_assert_int_eq(haul_tree_open(&bad, below("plain"), false, &message), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), below("plain")));
    ck_assert_int_eq(haul_tree_open(&bad, below("no/such"), false, &message), HAUL_ERR_USAGE);
    haul_buf_done(&message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("savefile_links");
    TCase *tcase = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, save_begin, save_end);
    tcase_add_test(tcase, planted_links_are_not_followed);
    tcase_add_test(tcase, names_that_are_all_taken_keep_nothing_from_being_saved);
    tcase_add_test(tcase, hard_link_at_the_temporary_name_is_left_alone);
    tcase_add_test(tcase, directory_that_was_moved_gets_nothing);
    tcase_add_test(tcase, small_file_goes_to_the_directory_that_is_there_at_its_end);
    tcase_add_loop_test(tcase, link_anywhere_on_the_way_is_not_followed, 0, 2);
    tcase_add_test(tcase, directory_that_was_made_is_synced_in_its_parent);
    tcase_add_test(tcase, directory_that_cannot_be_used_is_told);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
