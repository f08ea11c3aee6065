#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "save_world.h"
#include "sink/guard.h"

/* Files that no body may take the place of. The tree is "dir" in a directory of the test's own. */

static struct haul_guard *guard;

static void begin(void)
{
    save_begin();
    ck_assert_int_eq(haul_guard_create(&tree, &guard), HAUL_OK);
}

static void end(void)
{
    haul_guard_free(guard);
    save_end();
}

static void protect(const char *path)
{
    ck_assert_int_eq(haul_guard_add(guard, path), HAUL_OK);
}

static void check(const char *name, bool is_free)
{
    ck_assert_msg((haul_guard_check(guard, name) == HAUL_REASON_NONE) == is_free, "%s", name);
}

START_TEST(nothing_is_protected_at_first)
{
    check("a", true);
    check("a/b/c", true);
}
END_TEST

START_TEST(file_is_protected_there_or_not)
{
    write_file(below("dir/there"), "x");
    ck_assert_int_eq(mkdir(below("dir/sub"), 0755), 0);
    protect(below("dir/there"));
    protect(below("dir/later"));
    protect(below("dir/sub/later"));
    check("there", false);
    check("later", false);
    check("later/b", false);
    check("later/b/c", false);
    check("sub/later", false);
    check("sub/there", true);
    check("sub/sub/later", true);
    check("laterr", true);
    check("late", true);
    check("LATER", true);
}
END_TEST

START_TEST(file_is_known_by_any_way_to_it)
{
    ck_assert_int_eq(mkdir(below("dir/sub"), 0755), 0);
    ck_assert_int_eq(symlink(below("dir"), below("way")), 0);
    protect(below("way/../way/./sub/../a"));
    protect(below("way/sub/b"));
    check("a", false);
    check("sub/b", false);
    check("b", true);
}
END_TEST

/* The link is what the user has named, and what it leads to is what is read. */
START_TEST(link_and_what_it_leads_to_are_protected)
{
    write_file(below("dir/real"), "x");
    ck_assert_int_eq(symlink(below("dir/real"), below("dir/link")), 0);
    protect(below("dir/link"));
    check("link", false);
    check("real", false);
}
END_TEST

START_TEST(other_name_of_a_file_is_protected)
{
    write_file(below("outside"), "x");
    ck_assert_int_eq(link(below("outside"), below("dir/inside")), 0);
    protect(below("outside"));
    check("inside", false);
    check("outside", true);
}
END_TEST

START_TEST(open_file_is_protected_by_its_descriptor)
{
    char path[32];
    int fd;

    write_file(below("dir/open"), "x");
    fd = open(below("dir/open"), O_RDONLY);
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    protect(path);
    check("open", false);
    close(fd);
}
END_TEST

START_TEST(case_does_not_help_where_it_does_not_count)
{
    tree.folds_case = true;
    protect(below("dir/List.txt"));
    check("lIST.TXT", false);
    check("lIST.TXs", true);
}
END_TEST

/* ---- the files of a web archive ---- */

static void protect_row(const char *prefix)
{
    ck_assert_int_eq(haul_guard_add_row(guard, prefix), HAUL_OK);
}

static const struct {
    const char *name;
    bool is_free;
} row_names[] = {
    {"a-00000.warc.gz", false},
    {"a-00007.warc.gz", false},
    {"a-99999.warc.gz", false},
    {"a-100000.warc.gz", false},
    {"a-00007.warc.gz/b", false},
    {"a-0000.warc.gz", true}, /* five digits at least */
    {"a-123456789.warc.gz", true},
    {"a-0000x.warc.gz", true},
    {"a-00000.warc", true},
    {"a-00000.warc.gz.1", true},
    {"a.warc.gz-00000.warc.gz", true},
    {"A-00000.warc.gz", true},
    {"b-00000.warc.gz", true},
    {"sub/a-00000.warc.gz", true},
    {"a", true},
    {"a-", true},
};

/* However the directory is reached, and whatever ending the option has. */
START_TEST(names_of_a_row_are_protected_for_ever)
{
    static const char *const prefixes[] = {"dir/a", "way/a.warc.gz", "way/../dir/./sub/../a.warc"};

    ck_assert_int_eq(mkdir(below("dir/sub"), 0755), 0);
    ck_assert_int_eq(symlink(below("dir"), below("way")), 0);
    protect_row(below(prefixes[_i]));
    for (size_t i = 0; i < sizeof row_names / sizeof *row_names; i++)
        check(row_names[i].name, row_names[i].is_free);
    ck_assert_int_eq(haul_guard_check_at(guard, tree.fd, "a-00001.warc.gz"), HAUL_REASON_BAD_NAME);
    ck_assert_int_eq(haul_guard_check_at(guard, tree.fd, "a-0001.warc.gz"), HAUL_REASON_NONE);
}
END_TEST

START_TEST(case_of_a_row_counts_where_it_does)
{
    tree.folds_case = true;
    protect_row(below("dir/a"));
    check("A-00003.WARC.gz", false);
    check("A-00003.WARC.gy", true);
}
END_TEST

/* The row is elsewhere, but one of its files is here, too, and another leads here. */
START_TEST(other_names_of_the_files_of_a_row_are_protected)
{
    ck_assert_int_eq(mkdir(below("row"), 0755), 0);
    write_file(below("row/a-00000.warc.gz"), "x");
    write_file(below("dir/b"), "x");
    write_file(below("row/a-00002.warc.gz"), "x");
    ck_assert_int_eq(symlink(below("dir/b"), below("row/a-00001.warc.gz")), 0);
    ck_assert_int_eq(link(below("row/a-00002.warc.gz"), below("dir/c")), 0);
    protect_row(below("row/a"));
    check("b", false);
    check("c", false);
    check("d", true);
    check("a-00000.warc.gz", true);
}
END_TEST

START_TEST(what_has_no_place_protects_nothing)
{
    protect(below("nowhere/a"));
    protect_row(below("nowhere/a"));
    check("a-00000.warc.gz", true);
    protect(below("dir/"));
    protect("/dev/null");
    check("a", true);
    check("null", true);
}
END_TEST

START_TEST(open_directory_is_asked_for_one_name)
{
    protect(below("dir/a"));
    ck_assert_int_eq(haul_guard_check_at(guard, tree.fd, "a"), HAUL_REASON_BAD_NAME);
    ck_assert_int_eq(haul_guard_check_at(guard, tree.fd, "b"), HAUL_REASON_NONE);
}
END_TEST

/* No directory on the way is followed through a link: nothing will be saved there either. */
START_TEST(link_on_the_way_is_no_way)
{
    ck_assert_int_eq(symlink(below(""), below("dir/out")), 0);
    protect(below("a"));
    check("out/a", true);
    ck_assert_int_ne(save("out/a", "x", &plain_end), HAUL_REASON_NONE);
}
END_TEST

START_TEST(guarded_name_is_not_given)
{
    struct haul_sink_end how = plain_end;

    how.guard = guard;
    write_file(below("dir/a"), "mine");
    protect(below("dir/a"));
    ck_assert_int_eq(save("a", "theirs", &how), HAUL_REASON_BAD_NAME);
    ck_assert_str_eq(read_file(below("dir/a")), "mine");
    ck_assert_int_eq(save("b", "theirs", &how), HAUL_REASON_NONE);
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guard");
    TCase *places = tcase_create("places");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(places, begin, end);
    tcase_add_test(places, nothing_is_protected_at_first);
    tcase_add_test(places, file_is_protected_there_or_not);
    tcase_add_test(places, file_is_known_by_any_way_to_it);
    tcase_add_test(places, link_and_what_it_leads_to_are_protected);
    tcase_add_test(places, other_name_of_a_file_is_protected);
    tcase_add_test(places, open_file_is_protected_by_its_descriptor);
    tcase_add_test(places, case_does_not_help_where_it_does_not_count);
    tcase_add_loop_test(places, names_of_a_row_are_protected_for_ever, 0, 3);
    tcase_add_test(places, case_of_a_row_counts_where_it_does);
    tcase_add_test(places, other_names_of_the_files_of_a_row_are_protected);
    tcase_add_test(places, what_has_no_place_protects_nothing);
    tcase_add_test(places, open_directory_is_asked_for_one_name);
    tcase_add_test(places, link_on_the_way_is_no_way);
    tcase_add_test(places, guarded_name_is_not_given);
    suite_add_tcase(suite, places);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
