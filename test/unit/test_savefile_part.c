#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/temporary.h"
#include "fail_file.h"
#include "numbered_key.h"
#include "save_world.h"
#include "sink/body.h"

/* ---- temporaries ---- */

/* Begins a file of 8 bytes. */
static void begin_part(const char *name, const char *text, struct haul_file *with)
{
    static struct haul_part part;

    part = (struct haul_part){.url = {.high = 7, .low = 1}, .total = 8, .etag = "\"e\""};
    ck_assert_int_eq(haul_file_begin(with, name, 8, 0, &part), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(with, text, strlen(text)), HAUL_REASON_NONE);
}

static void leave_part(const char *name, const char *text, struct haul_file *with)
{
    begin_part(name, text, with);
    haul_file_leave(with, false);
}

START_TEST(stale_temporaries_are_removed_and_busy_ones_are_not)
{
    struct haul_part part = {.url = {.high = 7, .low = 1}, .total = 8, .etag = "\"e\""},
                     same = part;
    struct haul_file other;

    haul_file_init(&other, &tree);
    ck_assert_int_eq(haul_file_begin(&other, "h/a", LARGE, 0, &part), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_begin(&file, "h/a", LARGE, 0, &same), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&other, "x", 1), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "x", 1), HAUL_REASON_NONE);
    ck_assert_uint_eq(count_temporaries(), 2);
    haul_partial_sweep(&tree, "h/a");
    ck_assert_uint_eq(count_temporaries(), 2);
    haul_file_leave(&other, false);
    haul_file_leave(&file, false);
    ck_assert_uint_eq(count_temporaries(), 2);
    haul_partial_sweep(&tree, "h/other");
    ck_assert_uint_eq(count_temporaries(), 2);
    ck_assert_int_eq(save("h/a", "x", &plain_end), HAUL_REASON_NONE);
    ck_assert_uint_eq(count_temporaries(), 0);
    leave_part("h/a", "one", &other);
    haul_partial_sweep(&tree, "h/a");
    ck_assert_uint_eq(count_temporaries(), 0);
    leave_part("h/a", "one", &other);
    ck_assert_int_eq(haul_file_begin(&file, "h/a", 5, 0, NULL), HAUL_REASON_NONE);
    haul_file_discard(&file);
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_file_done(&other);
}
END_TEST

/* Two at once: the first has given the name, and the second was killed; its temporary stays. */
START_TEST(stale_temporary_of_the_second_is_removed_where_the_first_gave_the_name)
{
    const struct haul_sink_end keeping = {.keeps_old = true};
    struct haul_file other;
    char second[sizeof file.temporary + 8];

    haul_file_init(&other, &tree);
    ck_assert_int_eq(haul_file_begin(&other, "a", LARGE, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_begin(&file, "a", LARGE, 0, NULL), HAUL_REASON_NONE);
    snprintf(second, sizeof second, "dir/%s", file.temporary);
    ck_assert_int_eq(haul_file_publish(&other, "a", &plain_end, &got), HAUL_REASON_NONE);
    haul_file_discard(&file);
    write_file(below(second), "killed");
    ck_assert_uint_eq(count_temporaries(), 1);
    ck_assert_int_eq(save("a", "x", _i ? &keeping : &plain_end), HAUL_REASON_NONE);
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_file_done(&other);
}
END_TEST

/*
 * Of two names with one hash of 64 bits, each has temporaries of its own: saving one of them does
 * not throw away what is left of the other.
 */
START_TEST(names_of_one_hash_leave_each_others_temporaries_alone)
{
    static const char *const names[] = {TWIN_1, TWIN_2};
    char temporary[2][HAUL_PARTIAL_NAME_MAX];

    for (int i = 0; i < 2; i++) {
        int slot, fd;
        bool is_locked;
        dev_t device;

        fd = haul_partial_create(tree.fd, names[i], temporary[i], &slot, &is_locked, &device);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(slot, 0);
        close(fd);
    }
    ck_assert_str_ne(temporary[0], temporary[1]);
    ck_assert_uint_eq(count_temporaries(), 2);
    haul_partial_sweep_from(tree.fd, TWIN_2, 0);
    ck_assert_uint_eq(count_temporaries(), 1);
}
END_TEST

/* Leaves what versions with 64 bits in names left of `name`: of two runs, the second one's is
 * locked. */
static int leave_old(const char *name)
{
    static const char *const ends[] = {"0.part", "0.info", "1.part", "1.info", "2.part"};
    bool is_locked;
    char path[64];

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "dir/.haul-%016llx-%s",
                 (unsigned long long)haul_hash(name, strlen(name)), ends[i]);
        write_file(below(path), "old");
    }
    return haul_temporary_open_stale(tree.fd, path + strlen("dir/"), &is_locked);
}

START_TEST(what_versions_with_shorter_names_left_is_removed)
{
    static const char *const late[] = {"\x01", "x\x02"};
    const struct haul_body_plan plan = {.url = "http://h/x", .name = late[_i & 1], .expected = -1};
    struct haul_body_store store;
    struct haul_config config;
    struct haul_body body;
    int fd = leave_old("a"), other;
    char name[20];

    haul_config_init(&config);
    store = (struct haul_body_store){.config = &config, .tree = tree};
    haul_body_init(&body, &store);
    snprintf(name, sizeof name, "%016llx",
             (unsigned long long)haul_hash(plan.url, strlen(plan.url)));
    other = leave_old(name);
    ck_assert(fd >= 0 && other >= 0);
    ck_assert_uint_eq(count_temporaries(), 6);
    if (_i < 2)
        haul_body_sweep(&body, &plan);
    else
        ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_NONE);
    haul_body_discard(&body);
    ck_assert_uint_eq(count_temporaries(), 4);
    if (_i < 2)
        haul_partial_sweep(&tree, "a");
    else
        ck_assert_int_eq(save("a", "new", &plain_end), HAUL_REASON_NONE);
    ck_assert_uint_eq(count_temporaries(), 2); /* those of runs that go on */
    close(fd);
    close(other);
    haul_body_done(&body);
    haul_config_done(&config);
}
END_TEST

/* ---- a file system without locks ---- */

START_TEST(without_locks_nothing_is_left_and_nothing_is_gone_on_with)
{
    struct haul_part left = {.url = {.high = 7, .low = 1}, .total = 8, .etag = "\"e\""};

    let_fail(FLOCK, ENOLCK, -1);
    ck_assert_int_eq(save("a", "one", &plain_end), HAUL_REASON_NONE);
    ck_assert_uint_eq(count_temporaries(), 0);
    leave_part("a", "onexx", &file);
    ck_assert_uint_eq(count_temporaries(), 1);
    ck_assert_int_eq(haul_partial_look(&tree, "a", NUMBERED_KEY(7), &left), 0);
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 5, &left), HAUL_REASON_BAD_RANGE);
    haul_file_discard(&file);
    ck_assert_uint_eq(count_temporaries(), 0);
    leave_part("a", "onexx", &file);
    ck_assert_int_eq(save("a", "two", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/a")), "two");
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

START_TEST(without_locks_whoever_lost_its_temporary_names_nothing_and_removes_nothing)
{
    struct haul_file other;

    let_fail(FLOCK, ENOLCK, -1);
    haul_file_init(&other, &tree);
    ck_assert_int_eq(haul_file_begin(&other, "a", LARGE, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&other, "first", 5), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_begin(&file, "a", LARGE, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "second", 6), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_publish(&other, "a", &plain_end, &got), HAUL_REASON_FILE_ERROR);
    haul_file_discard(&other);
    ck_assert_uint_eq(count_temporaries(), 1);
    ck_assert_int_ne(access(below("dir/a"), F_OK), 0);
    ck_assert_int_eq(haul_file_publish(&file, "a", &plain_end, &got), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/a")), "second");
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_file_done(&other);
}
END_TEST

/* ---- what an earlier run left ---- */

START_TEST(file_goes_on_where_an_earlier_run_left_it)
{
    struct haul_part left;

    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 3, NULL), HAUL_REASON_BAD_RANGE);
    haul_file_discard(&file);
    leave_part("a", "onexx", &file);
    ck_assert_int_eq(haul_partial_look(&tree, "a", NUMBERED_KEY(6), &left), 0);
    ck_assert_int_eq(haul_partial_look(&tree, "b", NUMBERED_KEY(7), &left), 0);
    ck_assert_int_eq(haul_partial_look(&tree, "a", NUMBERED_KEY(7), &left), 5);
    ck_assert_str_eq(left.etag, "\"e\"");
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 3, &left), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "three", 5), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_publish(&file, "a", &plain_end, &got), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/a")), "onethree");
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

START_TEST(part_that_is_not_the_same_any_more_is_not_gone_on_with)
{
    struct haul_part left;

    leave_part("a", "onexx", &file);
    ck_assert_int_eq(haul_partial_look(&tree, "a", NUMBERED_KEY(7), &left), 5);
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 6, &left), HAUL_REASON_BAD_RANGE);
    haul_file_discard(&file);
    leave_part("a", "onexx", &file);
    ck_assert_int_eq(haul_partial_look(&tree, "a", NUMBERED_KEY(7), &left), 5);
    strcpy(left.etag, "\"f\"");
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 3, &left), HAUL_REASON_BAD_RANGE);
    haul_file_discard(&file);
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

START_TEST(part_that_is_whole_leaves_a_byte_to_be_asked_for)
{
    struct haul_part left;

    leave_part("a", "12345678", &file);
    ck_assert_int_eq(haul_partial_look(&tree, "a", NUMBERED_KEY(7), &left), 7);
    leave_part("a", "123456789", &file);
    ck_assert_int_eq(haul_partial_look(&tree, "a", NUMBERED_KEY(7), &left), 0);
}
END_TEST

START_TEST(part_from_before_the_machine_started_counts_as_far_as_it_was_synced)
{
    struct haul_tree later = tree;
    struct haul_part left;

    strcpy(later.boot, "another");
    leave_part("a", "12345", &file);
    ck_assert_int_eq(haul_partial_look(&later, "a", NUMBERED_KEY(7), &left), 0);
    ck_assert_int_eq(haul_partial_look(&tree, "a", NUMBERED_KEY(7), &left), 5);
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 5, &left), HAUL_REASON_NONE);
    haul_file_leave(&file, true);
    ck_assert_int_eq(haul_partial_look(&later, "a", NUMBERED_KEY(7), &left), 5);
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 5, &left), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "67", 2), HAUL_REASON_NONE);
    haul_file_leave(&file, false);
    ck_assert_int_eq(haul_partial_look(&later, "a", NUMBERED_KEY(7), &left), 5);
    ck_assert_int_eq(haul_partial_look(&tree, "a", NUMBERED_KEY(7), &left), 7);
}
END_TEST

/* What says how much counts, and the names of both, have to be there after a crash as well. */
START_TEST(what_is_left_is_synced_with_what_is_known_of_it)
{
    leave_part("a", "12345", &file);
    ck_assert_int_eq(calls[FSYNC], 0);
    begin_part("a", "12345", &file);
    haul_file_leave(&file, true);
    ck_assert_int_eq(calls[FSYNC], 2);
}
END_TEST

static const struct {
    enum operation operation;
    int error;
    int64_t left, left_later; /* in this start of the machine, in a later one */
} full_disks[] = {
    {WRITE, ENOSPC, LARGE - LARGE % (32 << 10), LARGE - LARGE % (32 << 10)},
    {PWRITE, ENOSPC, LARGE, 0},
    {PWRITE, EINTR, LARGE, LARGE},
    {OPERATION_COUNT, 0, 0, 0}, /* half of it is written */
};
enum { FULL_DISKS = sizeof full_disks / sizeof *full_disks };

START_TEST(full_disk_does_not_take_away_what_is_left)
{
    struct haul_tree later = tree;
    struct haul_part part = {.url = {.high = 7, .low = 1}, .total = 2 * LARGE, .etag = "\"e\""},
                     left;

    strcpy(later.boot, "another");
    ck_assert_int_eq(haul_file_begin(&file, "a", 2 * LARGE, 0, &part), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, large, LARGE), HAUL_REASON_NONE);
    if (full_disks[_i].operation < OPERATION_COUNT)
        let_fail(full_disks[_i].operation, full_disks[_i].error,
                 full_disks[_i].error == EINTR ? 1 : -1);
    else
        short_writes = true;
    haul_file_leave(&file, true);
    ck_assert_int_eq(haul_partial_look(&tree, "a", NUMBERED_KEY(7), &left), full_disks[_i].left);
    ck_assert_int_eq(haul_partial_look(&later, "a", NUMBERED_KEY(7), &left),
                     full_disks[_i].left_later);
}
END_TEST

START_TEST(part_is_the_urls_whose_whole_key_it_has)
{
    const struct haul_key others[] = {{.high = 7, .low = 2},
                                      {.high = 8, .low = 1},
                                      {.high = 1, .low = 7},
                                      {.high = 7},
                                      {.low = 1},
                                      {.old = 7},
                                      {.old = 0}};
    struct haul_part left;

    leave_part("a", "onexx", &file);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_int_eq(haul_partial_look(&tree, "a", &others[i], &left), 0);
    ck_assert_int_eq(haul_partial_look(&tree, "a", NUMBERED_KEY(7), &left), 5);
    left.url.low = 2;
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 5, &left), HAUL_REASON_BAD_RANGE);
}
END_TEST

/* What version 1 wrote for the file with that status, if it was of a URL with the 64 bits `url`. */
static const char *old_text(const struct stat *info, uint64_t url)
{
    static char text[HAUL_PART_TEXT_MAX];
    int len = snprintf(text, sizeof text, "haul-part 1\n%llu %llu %llu 8 0\n%s\n\"e\"\n\n\n",
                       (unsigned long long)info->st_dev, (unsigned long long)info->st_ino,
                       (unsigned long long)url, tree.boot);

    snprintf(text + len, sizeof text - (size_t)len, "%016llx\n",
             (unsigned long long)haul_hash(text, (size_t)len));
    return text;
}

/* Nothing in it proves whose it is: two URLs of one ETag have the same text. */
START_TEST(what_version_1_left_is_not_gone_on_with_and_is_removed)
{
    const struct haul_key key = haul_key_make(HAUL_KEY_URL, TWIN_1, strlen(TWIN_1));
    struct haul_part part = {.url = key, .total = 8, .etag = "\"e\""}, left;
    const uint64_t url[] = {haul_hash(TWIN_1, strlen(TWIN_1)), key.old, key.high, 0};
    char name[sizeof file.temporary + 8], *end;
    struct stat info;

    ck_assert_uint_eq(haul_hash(TWIN_1, strlen(TWIN_1)), haul_hash(TWIN_2, strlen(TWIN_2)));
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 0, &part), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "onexx", 5), HAUL_REASON_NONE);
    haul_file_leave(&file, false);
    snprintf(name, sizeof name, "dir/%s", file.temporary);
    ck_assert_int_eq(stat(below(name), &info), 0);
    ck_assert_int_eq(haul_partial_look(&tree, "a", &key, &left), 5);
    end = strstr(name, ".part");
    strcpy(end, ".info");
    for (size_t i = 0; i < sizeof url / sizeof *url; i++) {
        write_file(below(name), old_text(&info, url[i]));
        ck_assert_int_eq(haul_partial_look(&tree, "a", &key, &left), 0);
        ck_assert_int_eq(haul_partial_look(&tree, "a", &(struct haul_key){.old = url[i]}, &left),
                         0);
    }
    ck_assert_int_eq(save("a", "new", &plain_end), HAUL_REASON_NONE);
    ck_assert_uint_eq(count_temporaries(), 0);
    ck_assert_int_ne(access(below(name), F_OK), 0);
}
END_TEST

START_TEST(text_of_a_part_is_read_back_and_nothing_else_is)
{
    struct haul_part part = {.device = 1,
                             .inode = UINT64_MAX,
                             .url = {.high = UINT64_MAX, .low = 3},
                             .total = -1,
                             .synced = INT64_MAX,
                             .boot = "b",
                             .etag = "\"e e\"",
                             .content_type = "text/plain"};
    struct haul_part back;
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_part_render(&part, &text);
    ck_assert(haul_part_parse(text.data, text.len, &back));
    ck_assert(haul_part_is_same(&part, &back));
    ck_assert_uint_eq(back.inode, part.inode);
    ck_assert_uint_eq(back.url.high, UINT64_MAX);
    ck_assert_uint_eq(back.url.low, 3);
    ck_assert_int_eq(back.synced, part.synced);
    ck_assert_str_eq(back.content_type, "text/plain");
    ck_assert_str_eq(back.boot, "b");
    for (size_t len = 0; len < text.len; len++)
        ck_assert(!haul_part_parse(text.data, len, &back));
    for (size_t at = 0; at < text.len; at++) {
        text.data[at] ^= 1;
        ck_assert(!haul_part_parse(text.data, text.len, &back));
        text.data[at] ^= 1;
    }
    haul_buf_clear(&text);
    part.etag[0] = '\0';
    haul_part_render(&part, &text);
    ck_assert(!haul_part_parse(text.data, text.len, &back));
    haul_buf_done(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("savefile_part");
    TCase *tcase = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, save_begin, save_end);
    tcase_add_test(tcase, stale_temporaries_are_removed_and_busy_ones_are_not);
    tcase_add_loop_test(
        tcase, stale_temporary_of_the_second_is_removed_where_the_first_gave_the_name, 0, 2);
    tcase_add_test(tcase, names_of_one_hash_leave_each_others_temporaries_alone);
    tcase_add_loop_test(tcase, what_versions_with_shorter_names_left_is_removed, 0, 4);
    tcase_add_test(tcase, without_locks_nothing_is_left_and_nothing_is_gone_on_with);
    tcase_add_test(tcase,
                   without_locks_whoever_lost_its_temporary_names_nothing_and_removes_nothing);
    tcase_add_test(tcase, file_goes_on_where_an_earlier_run_left_it);
    tcase_add_test(tcase, part_that_is_not_the_same_any_more_is_not_gone_on_with);
    tcase_add_test(tcase, part_that_is_whole_leaves_a_byte_to_be_asked_for);
    tcase_add_test(tcase, part_from_before_the_machine_started_counts_as_far_as_it_was_synced);
    tcase_add_test(tcase, what_is_left_is_synced_with_what_is_known_of_it);
    tcase_add_loop_test(tcase, full_disk_does_not_take_away_what_is_left, 0, FULL_DISKS);
    tcase_add_test(tcase, part_is_the_urls_whose_whole_key_it_has);
    tcase_add_test(tcase, what_version_1_left_is_not_gone_on_with_and_is_removed);
    tcase_add_test(tcase, text_of_a_part_is_read_back_and_nothing_else_is);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
