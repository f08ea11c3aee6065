#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_history.h"
#include "history/diff.h"
#include "history/sql.h"
#include "history/sql_functions.h"
#include "model/key.h"
#include "model/target.h"
#include "numbered_key.h"
#include "summary/query.h"

/* ---- places ---- */

START_TEST(place_is_read_from_the_url_as_shown)
{
    static const struct {
        const char *url, *host, *path;
    } cases[] = {
        {"http://a/b/c?d#e", "a", "/b/c"},
        {"https://a:80", "a", "/"},
        {"a.b:80/x", "a.b", "/x"},
        {"http://u:p@a/", "a", "/"},
        {"http://[::1]:8/x", "[::1]", "/x"},
        {"http://a?x=/y", "a", "/"},
        {"http:///a/b", "a", "/b"},
        {"", "", "/"},
        {"/x", "", "/x"},
        {"http://a//b", "a", "//b"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct haul_url_parts place = haul_sql_url_of(cases[i].url);

        ck_assert_uint_eq(place.host.len, strlen(cases[i].host));
        ck_assert_mem_eq(place.host.at, cases[i].host, place.host.len);
        ck_assert_uint_eq(place.path.len, strlen(cases[i].path));
        ck_assert_mem_eq(place.path.at, cases[i].path, place.path.len);
    }
}
END_TEST

START_TEST(prefixes_follow_the_slashes)
{
    struct haul_store *store = fake_open_private();

    ck_assert_str_eq(fake_text(store, "SELECT haul_prefix('a/b/c/d', 0) || '|' ||"
                                      " haul_prefix('a/b/c/d', 1) || '|' ||"
                                      " haul_prefix('a/b/c/d', 2) || '|' ||"
                                      " haul_prefix('a/b/c/d', 9)"),
                     "/|/b/|/b/c/|/b/c/");
    ck_assert_str_eq(fake_text(store, "SELECT haul_below('http://A:8/b/c/d?x#/', -1) || '|' ||"
                                      " haul_below('http://A:8/b/c/d', 1) || '|' ||"
                                      " haul_below('http://A:8/b/c/d', 0) || '|' ||"
                                      " haul_below('http://A:8', -1) || '|' ||"
                                      " haul_below('http://A:8?x/y', -1) || '|' ||"
                                      " haul_below('', -1) || '|' || haul_below('/', 1)"),
                     "http://A:8/b/c/|http://A:8/b/|http://A:8/|http://A:8|http://A:8||/");
    haul_store_free(store);
}
END_TEST

START_TEST(media_type_is_lower_case_or_nothing)
{
    static const char *const cases[][2] = {{"Text/HTML; charset=x", "text/html"},
                                           {"image/svg+xml", "image/svg+xml"},
                                           {"text/html ;x", "text/html"},
                                           {"text", ""},
                                           {"/html", ""},
                                           {"text/", ""},
                                           {"a/b/c", ""},
                                           {"te\"xt/html", ""},
                                           {"text/h\xc3\xa9", ""},
                                           {"", ""},
                                           {"0123456789/0123456789", ""},
                                           {NULL, ""}};
    char type[20];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        haul_sql_url_media_type(cases[i][0], type, sizeof type);
        ck_assert_str_eq(type, cases[i][1]);
    }
}
END_TEST

START_TEST(group_is_checked)
{
    ck_assert_ptr_null(haul_group_check("host"));
    ck_assert_ptr_null(haul_group_check("type"));
    ck_assert_ptr_null(haul_group_check("path:1"));
    ck_assert_ptr_null(haul_group_check("path:100"));
    ck_assert_ptr_null(haul_group_check("tag:x"));
    ck_assert_ptr_nonnull(haul_group_check(""));
    ck_assert_ptr_nonnull(haul_group_check("hosts"));
    ck_assert_ptr_nonnull(haul_group_check("path:"));
    ck_assert_ptr_nonnull(haul_group_check("path:0"));
    ck_assert_ptr_nonnull(haul_group_check("path:101"));
    ck_assert_ptr_nonnull(haul_group_check("path:1x"));
    ck_assert_ptr_nonnull(haul_group_check("path:99999999999"));
    ck_assert_ptr_nonnull(haul_group_check("tag:"));
}
END_TEST

/* ---- one run ---- */

static const struct fake_row site[] = {
    {"http://a/", HAUL_OUTCOME_OK, 100, "text/html", NULL},
    {"http://a/img/1.png", HAUL_OUTCOME_OK, 5000, "image/png", NULL},
    {"http://a/img/2.png", HAUL_OUTCOME_OK, 3000, "image/png", NULL},
    {"http://b/blog/x", HAUL_OUTCOME_OK, 0, "text/html", NULL},
    {"http://b/blog/y", HAUL_OUTCOME_FAILED, 77, "text/html", NULL},
    {"http://b/blog/z", HAUL_OUTCOME_OK, -1, NULL, NULL},
    {"http://b/blog/x", HAUL_OUTCOME_DUPLICATE, -1, NULL, NULL},
    {"ftp://c/", HAUL_OUTCOME_INVALID, -1, NULL, NULL},
    {"http://b/late", HAUL_OUTCOME_PENDING, -1, NULL, NULL},
};
enum { SITE = sizeof site / sizeof *site };

static struct haul_summary_group *find_group(struct haul_summary_group *group, size_t count,
                                             const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(group[i].name, name))
            return &group[i];
    ck_abort_msg("no group %s", name);
    return NULL;
}

START_TEST(private_run_gives_its_figures)
{
    struct haul_store *store = fake_open_private();
    struct haul_summary sum;
    struct haul_summary_group *group;

    fake_run(store, site, SITE);
    fake_summary(store, "path:1", &sum);
    ck_assert_str_eq(sum.title, "2 hosts");
    ck_assert_str_eq(sum.version, "1.2");
    ck_assert_int_eq(sum.started_us, 1000000);
    ck_assert_int_eq(sum.duration_us, 2000000);
    ck_assert_int_eq(sum.size, 8100);
    ck_assert_uint_eq(sum.size_unknown, 1);
    ck_assert_int_eq(sum.exit_status, 75);
    ck_assert(!sum.has_before);
    ck_assert_uint_eq(sum.mover_count, 0);
    ck_assert_uint_eq(sum.host_count, 2);
    ck_assert_str_eq(sum.host[0].name, "a");
    ck_assert_int_eq(sum.host[0].size, 8100);
    ck_assert_int_eq(sum.host[0].size_before, -1);
    group = find_group(sum.host, sum.host_count, "b");
    ck_assert_uint_eq(group->count, 4);
    ck_assert_uint_eq(group->failed, 1);
    group = find_group(sum.group, sum.group_count, "/img/");
    ck_assert_uint_eq(group->count, 2);
    ck_assert_int_eq(group->size, 8000);
    ck_assert_str_eq(sum.page[0].url, "http://a/img/1.png");
    ck_assert_uint_eq(sum.page_count, SITE);
    ck_assert_int_eq(sum.page[0].size_before, -1);
    ck_assert_uint_eq(sum.failed_count, 1);
    ck_assert_str_eq(sum.failed[0].reason, "http-503");
    ck_assert_uint_eq(sum.failed[0].line, 5);
    ck_assert_uint_eq(sum.invalid_count, 1);
    ck_assert_str_eq(sum.invalid[0].url, "ftp://c/");
    ck_assert_uint_eq(sum.past_count, 1);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

START_TEST(histogram_has_no_gaps)
{
    struct haul_store *store = fake_open_private();
    struct haul_summary sum;
    uint64_t count = 0;
    int64_t size = 0;

    fake_run(store, site, SITE);
    fake_summary(store, NULL, &sum);
    ck_assert_int_eq(sum.bin[0].from, 0);
    ck_assert_int_eq(sum.bin[0].to, 1);
    ck_assert_uint_eq(sum.bin[0].count, 1);
    for (size_t i = 0; i < sum.bin_count; i++) {
        if (i)
            ck_assert_int_eq(sum.bin[i].from, sum.bin[i - 1].to);
        count += sum.bin[i].count;
        size += sum.bin[i].size;
    }
    ck_assert_uint_eq(count, 4);
    ck_assert_int_eq(size, 8100);
    ck_assert_int_eq(sum.bin[sum.bin_count - 1].from, 4096);
    ck_assert_uint_eq(sum.bin[sum.bin_count - 1].count, 1);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

/* A server may claim any length. */
START_TEST(sums_stop_at_the_largest_number)
{
    static const struct fake_row row[] = {{"a/1", HAUL_OUTCOME_OK, INT64_MAX, NULL, NULL},
                                          {"a/2", HAUL_OUTCOME_OK, 1, NULL, NULL}};
    struct haul_store *store = fake_open_private();
    struct haul_summary sum;

    fake_run(store, row, 2);
    fake_summary(store, NULL, &sum);
    ck_assert_uint_eq(sum.bin_count, 32);
    ck_assert_uint_eq(sum.bin[31].count, 1);
    ck_assert_int_eq(sum.bin[31].to, INT64_MAX);
    ck_assert_int_eq(sum.size, INT64_MAX);
    ck_assert_int_eq(sum.host[0].size, INT64_MAX);
    ck_assert_int_eq(sum.node[0].size, INT64_MAX);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

START_TEST(slices_are_joined_when_there_are_many)
{
    struct haul_store *store = fake_open_private();
    struct haul_summary sum;
    uint64_t count = 0;

    fake_start(store);
    for (unsigned i = 0; i < 9000; i++) {
        const struct fake_row row = {"a/", HAUL_OUTCOME_OK, 1, NULL, NULL};
        struct haul_record rec = fake_record(&row, i);

        rec.worker = 1 + (int)(i % 3);
        rec.started_us = 1000000 + i * 200;
        rec.time_total_us = 500;
        ck_assert(!haul_store_add(store, &rec, NUMBERED_KEY(i + 1), false));
    }
    fake_finish(store, true);
    fake_summary(store, NULL, &sum);
    ck_assert_uint_gt(sum.slice_count, 1000);
    ck_assert_uint_le(sum.slice_count, HAUL_SUMMARY_SLICES_MAX);
    for (size_t i = 0; i < sum.slice_count; i++) {
        count += sum.slice[i].count;
        ck_assert_int_lt(sum.slice[i].from_us, sum.slice[i].to_us);
        if (i && sum.slice[i].worker == sum.slice[i - 1].worker)
            ck_assert_int_lt(sum.slice[i - 1].from_us, sum.slice[i].from_us);
    }
    ck_assert_uint_eq(count, 9000);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

START_TEST(empty_run_gives_an_empty_summary)
{
    struct haul_store *store = fake_open_private();
    struct haul_summary sum;

    fake_run(store, NULL, 0);
    fake_summary(store, "type", &sum);
    ck_assert_str_eq(sum.title, "");
    ck_assert_uint_eq(sum.page_count + sum.host_count + sum.bin_count + sum.node_count +
                          sum.slice_count + sum.group_count,
                      0);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

/* ---- two runs ---- */

static const struct fake_row old_site[] = {
    {"a/same", HAUL_OUTCOME_OK, 10, "text/html", NULL},
    {"a/grown", HAUL_OUTCOME_OK, 10, "text/html", NULL},
    {"a/shrunk", HAUL_OUTCOME_OK, 10, "text/html", NULL},
    {"a/type", HAUL_OUTCOME_OK, 10, "text/html", NULL},
    {"a/failing", HAUL_OUTCOME_OK, 1000, "text/html", NULL},
    {"a/recovered", HAUL_OUTCOME_FAILED, 5, "text/html", NULL},
    {"a/gone", HAUL_OUTCOME_OK, 70, "text/html", NULL},
    {"a/unknown", HAUL_OUTCOME_OK, -1, "text/html", NULL},
    {"a/waits", HAUL_OUTCOME_OK, 9, "text/html", NULL},
    {"a/bad", HAUL_OUTCOME_FAILED, 9, "text/html", NULL},
};
static const struct fake_row new_site[] = {
    {"a/same", HAUL_OUTCOME_UNCHANGED, 10, NULL, NULL},
    {"a/grown", HAUL_OUTCOME_OK, 25, "text/plain", NULL},
    {"a/shrunk", HAUL_OUTCOME_OK, 3, "text/html", NULL},
    {"a/type", HAUL_OUTCOME_OK, 10, "text/css", NULL},
    {"a/failing", HAUL_OUTCOME_FAILED, 5, "text/html", NULL},
    {"a/recovered", HAUL_OUTCOME_OK, 40, "text/html", NULL},
    {"a/unknown", HAUL_OUTCOME_OK, 5, "text/html", NULL},
    {"a/added", HAUL_OUTCOME_OK, 200, "text/html", NULL},
    {"a/added-bad", HAUL_OUTCOME_FAILED, 1, "text/html", NULL},
    {"a/bad", HAUL_OUTCOME_FAILED, 1, "text/html", NULL},
    {"a/waits", HAUL_OUTCOME_SKIPPED, -1, NULL, NULL},
    {"a/none", HAUL_OUTCOME_INVALID, -1, NULL, NULL},
};
enum { OLD = sizeof old_site / sizeof *old_site, NEW = sizeof new_site / sizeof *new_site };

START_TEST(changes_are_counted_by_kind)
{
    static const uint64_t count[HAUL_CHANGE_COUNT] = {2, 1, 1, 1, 1, 1, 1};
    static const int64_t size[HAUL_CHANGE_COUNT] = {200, -70, 15, -7, 0, -1000, 0};
    struct haul_store *store = fake_open();
    struct haul_summary sum;

    fake_run(store, old_site, OLD);
    fake_run(store, new_site, NEW);
    fake_summary(store, "tag:none", &sum);
    ck_assert(sum.has_before);
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++) {
        ck_assert_uint_eq(sum.change[i], count[i]);
        ck_assert_int_eq(sum.change_size[i], size[i]);
    }
    ck_assert_uint_eq(sum.mover_count, 8);
    ck_assert_str_eq(sum.mover[0].url, "a/failing");
    ck_assert_int_eq(sum.mover[0].change, HAUL_CHANGE_FAILING);
    ck_assert_int_eq(sum.mover[0].before, 1000);
    ck_assert_int_eq(sum.mover[0].after, -1);
    ck_assert_str_eq(sum.mover[1].url, "a/added");
    ck_assert_str_eq(sum.mover[1].type_before, "");
    ck_assert_int_eq(sum.before_size, 1119);
    /* same, grown, shrunk, type and gone; and added for the last. Of two nobody knows what they
     * were before. */
    ck_assert_int_eq(sum.compared_before, 10 + 10 + 10 + 10 + 70);
    ck_assert_int_eq(sum.compared, 10 + 25 + 3 + 10 + 200);
    ck_assert_uint_eq(sum.newly_known, 2);
    ck_assert_uint_eq(sum.past_count, 2);
    ck_assert_int_eq(sum.past[0].size, 1119);
    ck_assert_int_eq(sum.past[1].size, sum.size);
    ck_assert_uint_eq(sum.group_count, 1);
    ck_assert_str_eq(sum.group[0].name, "");
    ck_assert_int_eq(sum.group[0].size_before, 1119);
    ck_assert_int_eq(sum.group[0].change, 248 - 110);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

START_TEST(incomplete_run_says_nothing_is_gone)
{
    struct haul_store *store = fake_open();
    struct haul_summary sum;

    fake_run(store, old_site, OLD);
    fake_start(store);
    fake_add(store, &new_site[0], 0);
    fake_finish(store, false);
    fake_summary(store, NULL, &sum);
    ck_assert(!sum.complete);
    ck_assert_uint_eq(sum.change[HAUL_CHANGE_GONE], 0);
    ck_assert_uint_eq(sum.past_count, 2);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

START_TEST(tags_group_this_run_and_the_one_before)
{
    static const struct haul_attached red[] = {{"id", "1"}, {"te\"am\xff", "re'd\xfe"}};
    static const struct haul_attached blue[] = {{"te\"am\xff", "blue"}};
    struct haul_store *store = fake_open();
    struct haul_summary sum;

    for (int run = 0; run < 2; run++) {
        fake_start(store);
        for (uint64_t i = 0; i < 4; i++) {
            struct haul_record rec = fake_record(&old_site[i], i);

            rec.size_body += run;
            rec.attached = i == 3 ? NULL : i ? blue : red;
            rec.attached_count = i == 3 ? 0 : i ? 1 : 2;
            ck_assert(!haul_store_add(store, &rec, NUMBERED_KEY(i + 1), false));
        }
        fake_finish(store, true);
    }
    fake_summary(store, "tag:te\"am\\xff", &sum);
    ck_assert_uint_eq(sum.group_count, 3);
    ck_assert_str_eq(sum.group[0].name, "blue");
    ck_assert_uint_eq(sum.group[0].count, 2);
    ck_assert_int_eq(sum.group[0].size, 22);
    ck_assert_int_eq(sum.group[0].size_before, 20);
    ck_assert_str_eq(find_group(sum.group, sum.group_count, "re'd\\xfe")->name, "re'd\\xfe");
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM now_tag"), 4);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM before_tag WHERE name = 'id'"), 1);
    ck_assert_int_eq(fake_number(store, "SELECT page_rowid = (SELECT id FROM now_page WHERE line ="
                                        " 1) FROM now_tag WHERE name = 'id'"),
                     1);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

static TCase *make_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    tcase_set_timeout(tcase, 20);
    suite_add_tcase(suite, tcase);
    return tcase;
}

static Suite *make_suite(void)
{
    Suite *suite = suite_create("fill");
    TCase *place = make_case(suite, "place"), *one = make_case(suite, "one");
    TCase *two = make_case(suite, "two");

    tcase_add_test(place, place_is_read_from_the_url_as_shown);
    tcase_add_test(place, prefixes_follow_the_slashes);
    tcase_add_test(place, media_type_is_lower_case_or_nothing);
    tcase_add_test(place, group_is_checked);
    tcase_add_test(one, private_run_gives_its_figures);
    tcase_add_test(one, histogram_has_no_gaps);
    tcase_add_test(one, sums_stop_at_the_largest_number);
    tcase_add_test(one, slices_are_joined_when_there_are_many);
    tcase_add_test(one, empty_run_gives_an_empty_summary);
    tcase_add_test(two, changes_are_counted_by_kind);
    tcase_add_test(two, incomplete_run_says_nothing_is_gone);
    tcase_add_test(two, tags_group_this_run_and_the_one_before);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(make_suite());
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
