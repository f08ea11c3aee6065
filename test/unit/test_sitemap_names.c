#include <stdlib.h>

#include "sitemap_world.h"

/*
 * Sitemaps whose tags have more names than memory is meant for. A reader that hangs is ended by the
 * case's timeout, and named with its number.
 */

/*
 * One tag has more names than are allowed, and expat tells all of them though it was stopped at the
 * first that is too many. Where it stands, and what each of its names is; the cause is the same.
 */
struct crowd {
    const char *before, *name_begin, *name_end, *after;
};

#define PAGE "<url><loc>http://a/</loc></url>"
#define ATTRIBUTE " a", "=''"
#define PREFIX " xmlns:p", "='u'"

static const struct crowd crowds[] = {
    {"<urlset", ATTRIBUTE, ">" PAGE "</urlset>"},
    {"<urlset", PREFIX, ">" PAGE "</urlset>"},
    {"<html", ATTRIBUTE, "></html>"}, /* is no sitemap either */
    {"<html", PREFIX, "></html>"},
    {"<html", ATTRIBUTE, "/>"},
    {"<urlset><url", ATTRIBUTE, "><loc>http://a/</loc></url></urlset>"},
    {"<urlset><url", PREFIX, "><loc>http://a/</loc></url></urlset>"},
    {"<urlset><url", ATTRIBUTE, "/></urlset>"},
    {"<urlset><url", PREFIX, "/></urlset>"},
    {"<urlset><url><loc", ATTRIBUTE, ">http://a/</loc></url></urlset>"},
    {"<urlset><url><loc", PREFIX, ">http://a/</loc></url></urlset>"},
    {"<urlset><url><loc>x:1</loc><loc", ATTRIBUTE, ">x:2</loc></url></urlset>"},
    {"<urlset xmlns:q='q'><url", " q:a", "=''", "><loc>http://a/</loc></url></urlset>"},
    {"<urlset><url><x:y xmlns:x='x'", PREFIX, "/></url></urlset>"},
    {"<sitemapindex><sitemap", PREFIX, "><loc>http://a/</loc></sitemap></sitemapindex>"},
    {"<?xml version='1.0'?><!DOCTYPE urlset SYSTEM 'x'><?p i?><urlset", ATTRIBUTE, ">&e;</urlset>"},
};

/* 1,022 and two elements once filled a table to its last slot. */
static const int crowd_sizes[] = {513, 600, 1021, 1022, 1023, 1024, 2000, 5000};
static const size_t crowd_pieces[] = {1000, 1 << 20};

enum { CROWDS = COUNT(crowds) * COUNT(crowd_sizes) * COUNT(crowd_pieces) };

START_TEST(names_of_one_tag_are_counted_and_the_first_cause_stands)
{
    int size = crowd_sizes[_i / COUNT(crowds) % COUNT(crowd_sizes)];
    const struct crowd *crowd = &crowds[_i % COUNT(crowds)];

    haul_buf_init(&made, 0);
    make(crowd->before, 1);
    for (int i = 0; i < size; i++)
        haul_buf_addf(&made, "%s%d%s", crowd->name_begin, i, crowd->name_end);
    make(crowd->after, 1);
    read_made(crowd_pieces[_i / COUNT(crowds) / COUNT(crowd_sizes)]);
    ck_assert_int_eq(ending, HAUL_ERR_SYNTAX);
    ck_assert_str_eq(cause, "more than 512 different names of elements and attributes");
    ck_assert_uint_eq(got.len, 0);
}
END_TEST

/* What expat keeps no name of: as many as the tag has bytes for. */
static const struct crowd passing_crowds[] = {
    {"<?p", ATTRIBUTE, "?><urlset>" PAGE "</urlset>"},
    {"", "<?p", " x?>", "<urlset>" PAGE "</urlset>"},
    {"<!DOCTYPE urlset SYSTEM 'x", " a", "", "'><urlset>" PAGE "</urlset>"},
    {"<!--", ATTRIBUTE, "--><urlset>" PAGE "</urlset>"},
    {"<urlset>", "<?p", " x?>", PAGE "</urlset>"},
    {"<urlset><![CDATA[", PREFIX, "]]>" PAGE "</urlset>"},
};

START_TEST(names_that_nobody_keeps_are_passed_over)
{
    const struct crowd *crowd = &passing_crowds[_i];

    haul_buf_init(&made, 0);
    make(crowd->before, 1);
    for (int i = 0; i < 1022; i++)
        haul_buf_addf(&made, "%s%d%s", crowd->name_begin, i, crowd->name_end);
    make(crowd->after, 1);
    read_made(1000);
    ck_assert_str_eq(haul_buf_str(&got), "1 http://a/\n");
    ck_assert_msg(ending == HAUL_ERR_END, "%s", cause);
}
END_TEST

/* What stands around such a name. */
static const char *const long_names[][2] = {
    {"<", "/>"},
    {"<urlset><url><", "/>" PAGE "</url></urlset>"},
    {"<urlset ", "=''>" PAGE "</urlset>"},
    {"<urlset xmlns:", "='u'>" PAGE "</urlset>"},
    {"<urlset xmlns='", "'>" PAGE "</urlset>"},
    {"<?", " x?><urlset>" PAGE "</urlset>"},
    {"<!DOCTYPE ", "><urlset>" PAGE "</urlset>"},
    {"<!DOCTYPE a SYSTEM 'x'><urlset>&", ";</urlset>"},
};

START_TEST(name_longer_than_a_mebibyte_is_refused)
{
    haul_buf_init(&made, 0);
    make(long_names[_i][0], 1);
    make("n", HAUL_SITEMAP_TOKEN_MAX + 200000);
    make(long_names[_i][1], 1);
    read_made(65536);
    ck_assert_int_eq(ending, HAUL_ERR_SYNTAX);
    ck_assert_str_eq(cause, "a tag or the like is longer than 1 MiB");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sitemap_names");
    TCase *tcase = tcase_create("names");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tcase, begin_sitemap, end_sitemap);
    tcase_set_timeout(tcase, 20);
    tcase_add_loop_test(tcase, names_of_one_tag_are_counted_and_the_first_cause_stands, 0, CROWDS);
    tcase_add_loop_test(tcase, names_that_nobody_keeps_are_passed_over, 0, COUNT(passing_crowds));
    tcase_add_loop_test(tcase, name_longer_than_a_mebibyte_is_refused, 0, COUNT(long_names));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
