/* makedev */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/owned.h"

/* Whose files are used, by the directory in which they stand. With other users: test_planted and
 * test_owners. */

/* ---- the table ---- */

enum { USER = 1000, OWNER = 1001, OTHER = 1002 };

static const mode_t modes[] = {0755, 0775, 01775, 01777, 0777, 0757};
enum { MODES = sizeof modes / sizeof *modes };

/*
 * For each mode, the owners of the file in turn: this user, root, the directory's owner, another.
 * o: one's own, or root's; y: used; a: used if new files have that owner, too; -: refused.
 */
static const struct trust_row {
    uid_t user, directory;
    const char *expected[MODES];
} trust_rows[] = {
    {USER, USER, {"oooy", "oooy", "oooa", "ooo-", "ooo-", "ooo-"}},
    {USER, 0, {"oooy", "oooy", "oooa", "ooo-", "ooo-", "ooo-"}},
    {USER, OWNER, {"ooyy", "ooyy", "ooya", "oo--", "oo--", "oo--"}},
    {0, 0, {"oooy", "oooy", "oooa", "ooo-", "ooo-", "ooo-"}},
    {0, OWNER, {"ooyy", "ooyy", "ooya", "oo--", "oo--", "oo--"}},
};
enum { TRUST_ROWS = sizeof trust_rows / sizeof *trust_rows };

START_TEST(owner_is_trusted_by_the_directory)
{
    static const char letters[] = {[HAUL_OWNED_TRUST_OWN] = 'o',
                                   [HAUL_OWNED_TRUST_YES] = 'y',
                                   [HAUL_OWNED_TRUST_IF_ALIKE] = 'a',
                                   [HAUL_OWNED_TRUST_NO] = '-'};
    const struct trust_row *row = &trust_rows[_i];
    const uid_t owners[] = {row->user, 0, row->directory, OTHER};

    for (size_t m = 0; m < MODES; m++) {
        const struct stat directory = {.st_mode = S_IFDIR | modes[m], .st_uid = row->directory};
        const struct haul_owned_place place = haul_owned_place_by(&directory);
        char found[5] = "";

        for (size_t i = 0; i < 4; i++)
            found[i] = letters[haul_owned_trust_of(owners[i], &place, row->user)];
        ck_assert_msg(!strcmp(found, row->expected[m]), "user %u, directory of %u, %o: %s, not %s",
                      row->user, row->directory, modes[m], found, row->expected[m]);
    }
}
END_TEST

START_TEST(directory_that_cannot_be_seen_is_trusted_with_nothing)
{
    const struct haul_owned_place place = haul_owned_place_of("/none/at/all");

    ck_assert_int_eq(place.access, HAUL_OWNED_ACCESS_UNKNOWN);
    ck_assert_int_eq(haul_owned_trust_of(OTHER, &place, USER), HAUL_OWNED_TRUST_NO);
    ck_assert_int_eq(haul_owned_trust_of(USER, &place, USER), HAUL_OWNED_TRUST_OWN);
}
END_TEST

START_TEST(null_device_is_anybodys)
{
    struct stat info = {.st_mode = S_IFCHR | 0666, .st_uid = OTHER, .st_rdev = makedev(1, 3)};

    ck_assert_int_eq(haul_owned_judge(&info, USER, HAUL_OWNED_STREAM), HAUL_OWNED_OK);
    ck_assert_int_eq(haul_owned_judge(&info, 0, HAUL_OWNED_STREAM), HAUL_OWNED_OK);
    ck_assert_int_eq(haul_owned_judge(&info, USER, HAUL_OWNED_FILE), HAUL_OWNED_KIND);
    info.st_rdev = makedev(1, 1); /* the memory */
    ck_assert_int_eq(haul_owned_judge(&info, USER, HAUL_OWNED_STREAM), HAUL_OWNED_OTHERS);
    info.st_rdev = makedev(1, 3);
    info.st_mode = S_IFBLK | 0666;
    ck_assert_int_eq(haul_owned_judge(&info, USER, HAUL_OWNED_STREAM), HAUL_OWNED_OTHERS);
}
END_TEST

/* ---- names ---- */

static char directory[64];

static void enter_directory(void)
{
    snprintf(directory, sizeof directory, "/tmp/haul-place-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    ck_assert_int_eq(mkdir("s", 0777), 0);
    ck_assert_int_eq(chmod("s", 01777), 0);
    ck_assert_int_eq(mkdir("s/d", 0700), 0);
}

static void leave_directory(void)
{
    char command[128];

    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    ck_assert_int_eq(system(command), 0);
}

static const struct {
    const char *path;
    enum haul_owned_access access;
} names[] = {
    {"s/d", HAUL_OWNED_ACCESS_ANYBODY},    {"s/d/", HAUL_OWNED_ACCESS_ANYBODY},
    {"s/d//", HAUL_OWNED_ACCESS_ANYBODY},  {"s/d/.", HAUL_OWNED_ACCESS_ANYBODY},
    {"s/d/./", HAUL_OWNED_ACCESS_ANYBODY}, {"s/d//.//./", HAUL_OWNED_ACCESS_ANYBODY},
    {"s//d/.", HAUL_OWNED_ACCESS_ANYBODY}, {"./s/d/.", HAUL_OWNED_ACCESS_ANYBODY},
    {"s/./d", HAUL_OWNED_ACCESS_ANYBODY},  {"s/none", HAUL_OWNED_ACCESS_ANYBODY},
    {"s/d/x", HAUL_OWNED_ACCESS_PRIVATE},  {"s/d/.x", HAUL_OWNED_ACCESS_PRIVATE},
    {"s/d/x.", HAUL_OWNED_ACCESS_PRIVATE}, {"s/d/..", HAUL_OWNED_ACCESS_PRIVATE},
    {"s", HAUL_OWNED_ACCESS_PRIVATE},      {"s/.", HAUL_OWNED_ACCESS_PRIVATE},
    {"./s", HAUL_OWNED_ACCESS_PRIVATE},    {".", HAUL_OWNED_ACCESS_PRIVATE},
    {"./.", HAUL_OWNED_ACCESS_PRIVATE},    {"", HAUL_OWNED_ACCESS_PRIVATE},
    {"none/x", HAUL_OWNED_ACCESS_UNKNOWN},
};

START_TEST(place_is_that_of_the_last_part)
{
    ck_assert_msg(haul_owned_place_of(names[_i].path).access == names[_i].access, "%s: %d",
                  names[_i].path, haul_owned_place_of(names[_i].path).access);
}
END_TEST

START_TEST(root_has_a_place)
{
    ck_assert_int_ne(haul_owned_place_of("/").access, HAUL_OWNED_ACCESS_UNKNOWN);
    ck_assert_int_ne(haul_owned_place_of("//.").access, HAUL_OWNED_ACCESS_UNKNOWN);
}
END_TEST

/* Only where new files have an owner that is not this user's may they be used; and none is left. */
START_TEST(what_is_tried_leaves_nothing)
{
    const struct stat info = {.st_mode = S_IFIFO | 0600, .st_uid = geteuid() + 1};
    struct haul_owned_found found = {.verdict = HAUL_OWNED_OK};

    ck_assert(!haul_owned_may_use("s/d/x", &info, &found));
    ck_assert(!found.is_alike);
    ck_assert_int_eq(found.place.access, HAUL_OWNED_ACCESS_PRIVATE);
    ck_assert_int_eq(rmdir("s/d"), 0);
    ck_assert(!haul_owned_may_use("s/d/x", &info, &found));
}
END_TEST

START_TEST(mode_of_a_lock_is_for_those_who_may_write_to_the_directory)
{
    ck_assert_uint_eq(haul_owned_lock_mode("s/d/x"), 0600);
    ck_assert_int_eq(chmod("s/d", 0775), 0);
    ck_assert_uint_eq(haul_owned_lock_mode("s/d/x"), 0660);
    ck_assert_int_eq(chmod("s/d", 01775), 0);
    ck_assert_uint_eq(haul_owned_lock_mode("s/d/x"), 0600);
    ck_assert_uint_eq(haul_owned_lock_mode("s/x"), 0600);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("owned_place");
    TCase *tcase = tcase_create("table"), *files = tcase_create("names");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, owner_is_trusted_by_the_directory, 0, TRUST_ROWS);
    tcase_add_test(tcase, directory_that_cannot_be_seen_is_trusted_with_nothing);
    tcase_add_test(tcase, null_device_is_anybodys);
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(files, enter_directory, leave_directory);
    tcase_add_loop_test(files, place_is_that_of_the_last_part, 0,
                        (int)(sizeof names / sizeof *names));
    tcase_add_test(files, root_has_a_place);
    tcase_add_test(files, what_is_tried_leaves_nothing);
    tcase_add_test(files, mode_of_a_lock_is_for_those_who_may_write_to_the_directory);
    suite_add_tcase(suite, files);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
