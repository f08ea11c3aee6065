#include <check.h>
#include <math.h>
#include <string.h>

#include "budget_world.h"

#define KEPT HAUL_BUDGET_KEPT
#define EXCEEDED HAUL_BUDGET_EXCEEDED
#define UNKNOWN HAUL_BUDGET_UNKNOWN
#define EMPTY HAUL_BUDGET_EMPTY

/* ---- a site where all is known ---- */

static const struct judged_case whole[] = {
    {"total<1025", KEPT, 1024, NULL, NULL},
    {"total<1k", EXCEEDED, 1024, BUDGET_A "/c.gif (400 B)", NULL},
    {"total<=1k", KEPT, 1024, NULL, NULL},
    {"total=1024", KEPT, 1024, NULL, NULL},
    {"total=1000", EXCEEDED, 1024, BUDGET_A "/c.gif (400 B)", NULL},
    {"total>1k", EXCEEDED, 1024, "http://B.example/ (24 B)", NULL},
    {"total>=1k", KEPT, 1024, NULL, NULL},
    {"path:/assets/**<501", KEPT, 500, NULL, NULL},
    {"path:/assets/**<500", EXCEEDED, 500, BUDGET_A "/assets/img/b.png (300 B)", NULL},
    {"path:/assets/*<201", KEPT, 200, NULL, NULL},
    {"path:/none/**<1", EMPTY, 0, NULL, "no URL matches"},
    {"path:/none/**>1", EXCEEDED, 0, NULL, "no URL matches"},
    {"type:IMAGE/*<700", EXCEEDED, 700, BUDGET_A "/c.gif (400 B)", NULL},
    {"type:image/*<=700", KEPT, 700, NULL, NULL},
    {"host:B.*<24", EXCEEDED, 24, "http://B.example/ (24 B)", NULL},
    {"host:*.example<1025", KEPT, 1024, NULL, NULL},
    {"tag:team=web<100", EXCEEDED, 100, BUDGET_A "/ (100 B)", NULL},
    {"tag:team=web**<=300", KEPT, 300, NULL, NULL},
    {"tag:x=web<=200", KEPT, 200, NULL, NULL},
    {"tag:y=web<1", EMPTY, 0, NULL, "no URL matches"},
    {"url<401", KEPT, 400, NULL, NULL},
    {"url<300", EXCEEDED, 400, BUDGET_A "/c.gif (400 B)", NULL},
    {"url>24", EXCEEDED, 24, "http://B.example/ (24 B)", NULL},
    {"url>=24", KEPT, 24, NULL, NULL},
    {"url=400", EXCEEDED, 400, BUDGET_A "/assets/img/b.png (300 B)", NULL},
    {"url:type:text/*<200", EXCEEDED, 200, BUDGET_A "/assets/a.js (200 B)", NULL},
    {"url:path:/none<1", EMPTY, 0, NULL, "no URL matches"},
    {"count<6", KEPT, 5, NULL, NULL},
    {"count<5", EXCEEDED, 5, NULL, NULL},
    {"count:type:image/*=2", KEPT, 2, NULL, NULL},
    {"failed=0", KEPT, 0, NULL, NULL},
    {"failed<1%", KEPT, 0, NULL, NULL},
    {"p100<=400", KEPT, 400, NULL, NULL},
    {"p100<400", EXCEEDED, 400, BUDGET_A "/c.gif (400 B)", NULL},
    {"p80<=300", KEPT, 300, NULL, NULL},
    {"p81<=300", EXCEEDED, 400, BUDGET_A "/c.gif (400 B)", NULL},
    {"p20<=24", KEPT, 24, NULL, NULL},
    {"p21<=24", EXCEEDED, 100, BUDGET_A "/c.gif (400 B)", NULL},
    {"p1<=24", KEPT, 24, NULL, NULL},
    {"p50:type:image/*<=300", KEPT, 300, NULL, NULL},
    {"growth<10%", UNKNOWN, 0, NULL, "no earlier complete run"},
    {"growth<5M", UNKNOWN, 0, NULL, "no earlier complete run"},
};

START_TEST(known_site_is_judged)
{
    budget_fill_whole();
    budget_check(&whole[_i]);
}
END_TEST

/* ---- nothing ---- */

static const struct judged_case unmatched[] = {
    {"path:/none/**<1", EMPTY, 0, NULL, "no URL matches"},
    {"path:/none/**>=0", EMPTY, 0, NULL, "no URL matches"},
    {"path:/none/**>0", EXCEEDED, 0, NULL, "no URL matches"},
    {"url:host:none<1", EMPTY, 0, NULL, "no URL matches"},
    {"p95:type:video/*<1M", EMPTY, 0, NULL, "no URL matches"},
    {"failed:tag:team=none=0", EMPTY, 0, NULL, "no URL matches"},
    {"failed:path:/none<1%", EMPTY, 0, NULL, "no URL matches"},
    {"growth:path:/none<1%", EMPTY, 0, NULL, "no URL matches"},
    {"growth:path:/gone>-1", EXCEEDED, -50, BUDGET_A "/gone (-50 B)", "no URL matches"},
    {"count:path:/none=0", KEPT, 0, NULL, "no URL matches"},
    {"count:path:/none>0", EXCEEDED, 0, NULL, "no URL matches"},
};

START_TEST(choice_that_matches_nothing_is_not_kept)
{
    struct judged_case wanted = unmatched[_i];

    budget_fill_whole();
    budget_summary.has_before = true;
    budget_add("before", 4, "/gone", "image/png", 50);
    budget_run_sql("UPDATE before_page SET id = 99, page = 99");
    if (strstr(wanted.expression, "/gone"))
        wanted.note = NULL; /* it has matched before, which is what growth is about */
    budget_check(&wanted);
    if (wanted.state == EMPTY) {
        budget_empty = HAUL_BUDGET_EMPTY_FAIL;
        wanted.state = EXCEEDED;
        budget_check(&wanted);
        budget_empty = HAUL_BUDGET_EMPTY_OK;
        wanted.state = KEPT;
        budget_check(&wanted);
    }
    budget_summary.complete = false;
    budget_empty = HAUL_BUDGET_EMPTY_WARN;
    ck_assert_int_ne(budget_judge(wanted.expression).state, EMPTY); /* something may match yet */
}
END_TEST

static const struct judged_case nothing[] = {
    {"total<1", KEPT, 0, NULL, NULL},
    {"url<1", KEPT, 0, NULL, NULL},
    {"count=0", KEPT, 0, NULL, NULL},
    {"count>0", EXCEEDED, 0, NULL, NULL},
    {"failed=0", KEPT, 0, NULL, NULL},
    {"failed<1%", KEPT, 0, NULL, NULL},
    {"p50<1M", UNKNOWN, 0, NULL, "no URL has a known length"},
    {"growth<10%", KEPT, 0, NULL, NULL},
    {"growth>-10%", KEPT, 0, NULL, NULL},
    {"growth<1", KEPT, 0, NULL, NULL},
};

START_TEST(empty_site_is_judged)
{
    budget_summary.has_before = true;
    budget_check(&nothing[_i]);
}
END_TEST

/* ---- growth ---- */

static void fill_two_runs(void)
{
    budget_summary.has_before = true;
    budget_add("before", 1, "/same", "text/html", 100);
    budget_add("now", 1, "/same", "text/html", 100);
    budget_add("before", 2, "/blog/grown", "text/html", 100);
    budget_add("now", 2, "/blog/grown", "text/html", 400);
    budget_add("before", 3, "/shrunk", "image/png", 150);
    budget_add("now", 3, "/shrunk", "image/png", 100);
    budget_add("before", 4, "/gone", "image/png", 50);
    budget_add("now", 5, "/blog/new", "text/html", 200);
}

static const struct judged_case growth[] = {
    /* 400 bytes before, 800 now */
    {"growth<401", KEPT, 400, NULL, NULL},
    {"growth<400", EXCEEDED, 400, BUDGET_A "/blog/grown (+300 B)", NULL},
    {"growth<=100%", KEPT, 100, NULL, NULL},
    {"growth<100%", EXCEEDED, 100, BUDGET_A "/blog/grown (+300 B)", NULL},
    {"growth<99.9999%", EXCEEDED, 100, BUDGET_A "/blog/grown (+300 B)", NULL},
    {"growth:path:/blog/**<500", EXCEEDED, 500, BUDGET_A "/blog/grown (+300 B)", NULL},
    {"growth:path:/blog/**<501", KEPT, 500, NULL, NULL},
    {"growth:type:image/*>-100", EXCEEDED, -100, BUDGET_A "/gone (-50 B)", NULL},
    {"growth:type:image/*>-50%", EXCEEDED, -50, BUDGET_A "/gone (-50 B)", NULL},
    {"growth:type:image/*>=-50%", KEPT, -50, NULL, NULL},
    {"growth:path:/blog/new<10%", EXCEEDED, 200, BUDGET_A "/blog/new (+200 B)",
     "nothing was there"},
    {"growth:path:/blog/new>-10%", KEPT, 200, NULL, "nothing was there"},
    {"growth:path:/none<10%", EMPTY, 0, NULL, "no URL matches"},
    {"growth:path:/gone<10%", KEPT, -100, NULL, NULL},
};

START_TEST(growth_is_that_since_the_run_before)
{
    fill_two_runs();
    budget_check(&growth[_i]);
}
END_TEST

START_TEST(growth_leaves_out_what_failed_in_one_of_the_runs)
{
    fill_two_runs();
    budget_add("before", 6, "/failing", "text/html", 5000);
    budget_add("now", 6, "/failing", "", -1);
    budget_add("before", 7, "/recovered", "", -1);
    budget_add("now", 7, "/recovered", "text/html", 7000);
    budget_check(
        &(struct judged_case){"growth<7401", KEPT, 400, NULL, "1 URL that has no known length"});
    budget_check(&(struct judged_case){"growth<401", UNKNOWN, 400,
                                       BUDGET_A "/recovered (no earlier length)",
                                       "1 URL had no known length before"});
    budget_check(&(struct judged_case){"growth<=100%", UNKNOWN, 100,
                                       BUDGET_A "/recovered (no earlier length)",
                                       "1 URL that has no known length is left out"});
    budget_check(&(struct judged_case){"growth<1", EXCEEDED, 400, BUDGET_A "/blog/grown (+300 B)",
                                       "1 URL had"});
}
END_TEST

START_TEST(growth_of_what_never_had_a_length_is_not_known)
{
    budget_summary.has_before = true;
    budget_add("before", 1, "/failing", "", -1);
    budget_add("now", 1, "/failing", "", -1);
    budget_check(&(struct judged_case){"growth<10%", UNKNOWN, 0, BUDGET_A "/failing (http-503)",
                                       "1 URL that has no known length"});
    budget_check(&(struct judged_case){"growth:path:/none<10%", EMPTY, 0, NULL, "no URL matches"});
}
END_TEST

/* ---- on the wire ---- */

/* Packed to a quarter: 25, 50, 75, 100 and 6 bytes. */
static const struct judged_case packed[] = {
    {"wire:total<257", KEPT, 256, NULL, NULL},
    {"wire<256", EXCEEDED, 256, BUDGET_A "/c.gif (100 B)", NULL},
    {"wire:type:image/*<=175", KEPT, 175, NULL, NULL},
    {"wire:url<100", EXCEEDED, 100, BUDGET_A "/c.gif (100 B)", NULL},
    {"wire:url>6", EXCEEDED, 6, "http://B.example/ (6 B)", NULL},
    {"wire:url:path:/assets/**<76", KEPT, 75, NULL, NULL},
    {"wire:p50<=50", KEPT, 50, NULL, NULL},
    {"wire:tag:team=web<25", EXCEEDED, 25, BUDGET_A "/ (25 B)", NULL},
    {"wire:path:/none<1", EMPTY, 0, NULL, "no URL matches"},
    {"wire:growth<10%", UNKNOWN, 0, NULL, "no earlier complete run"},
    {"total<1025", KEPT, 1024, NULL, NULL},
};

START_TEST(bytes_on_the_wire_are_judged)
{
    budget_fill_whole();
    budget_run_sql("UPDATE now_page SET wire = size / 4");
    budget_check(&packed[_i]);
}
END_TEST

START_TEST(what_is_not_known_on_the_wire_is_not_guessed)
{
    budget_fill_whole();
    budget_run_sql("UPDATE now_page SET wire = size / 4 WHERE path <> '/c.gif'");
    budget_check(&(struct judged_case){"wire:total<1M", UNKNOWN, 156,
                                       BUDGET_A "/c.gif (not known on the wire)",
                                       "1 URL has no known length on the wire"});
    budget_check(&(struct judged_case){"wire:total<156", EXCEEDED, 156,
                                       BUDGET_A "/assets/img/b.png (75 B)", "on the wire"});
    budget_check(&(struct judged_case){"total<1025", KEPT, 1024, NULL, NULL});
}
END_TEST

/* A page fails that took 80 bytes; without packing, nothing grows but what comes. */
START_TEST(what_failed_counts_on_the_wire_up_to_what_it_had)
{
    budget_summary.has_before = true;
    budget_add("before", 1, "/", "text/html", 100);
    budget_add("now", 1, "/", "text/html", 100);
    budget_add("before", 2, "/failing", "text/html", 200);
    budget_add("now", 2, "/failing", "", -1);
    budget_run_sql("UPDATE before_page SET wire = size * 4 / 10");
    budget_run_sql("UPDATE now_page SET wire = size, last_wire = iif(page = 2, 80, NULL),"
                   " last_size = iif(page = 2, 200, NULL)");
    budget_check(&(struct judged_case){"wire:total<181", KEPT, 100, NULL,
                                       "counts from 0 to its last known one"});
    budget_check(&(struct judged_case){"wire:total<180", UNKNOWN, 100,
                                       BUDGET_A "/failing (http-503, had 80 B)", "counts from 0"});
    budget_check(&(struct judged_case){"wire:growth<=60", KEPT, 60, NULL,
                                       "no known length on the wire is left out"});
    budget_check(
        &(struct judged_case){"wire:growth<150%", EXCEEDED, 150, BUDGET_A "/ (+60 B)", "left out"});
    budget_check(&(struct judged_case){"growth<=0", KEPT, 0, NULL, "left out"});
}
END_TEST

START_TEST(growth_of_tags_knows_those_of_the_run_before)
{
    fill_two_runs();
    budget_run_sql("INSERT INTO now_tag VALUES (1002, 't', 'v'), (1005, 't', 'v')");
    budget_run_sql("INSERT INTO before_tag VALUES (3, 't', 'v')");
    budget_check(&(struct judged_case){"growth:tag:t=v<450", EXCEEDED, 450,
                                       BUDGET_A "/blog/grown (+400 B)", NULL});
}
END_TEST

/* ---- the worst ---- */

START_TEST(worst_are_bounded_and_counted)
{
    struct haul_summary_budget got;

    for (int i = 1; i <= 50; i++)
        budget_add("now", i, "/x", "text/html", i * 1000);
    got = budget_judge("url<10000");
    ck_assert_int_eq(got.state, EXCEEDED);
    ck_assert_uint_eq(got.offender_count, HAUL_BUDGET_OFFENDERS_MAX);
    ck_assert_uint_eq(got.offender_total, 41);
    ck_assert_str_eq(got.offender[0], BUDGET_A "/x (48.8 KiB)");
    ck_assert_str_eq(got.offender[4], BUDGET_A "/x (44.9 KiB)");
}
END_TEST

START_TEST(host_that_was_given_up_is_failed)
{
    budget_add("now", 1, "/a", "text/html", 1);
    budget_add("now", 2, "/b", "", -1);
    budget_run_sql("UPDATE now_page SET outcome = 'skipped', reason = 'host-down' WHERE page = 2");
    budget_check(
        &(struct judged_case){"failed<50%", EXCEEDED, 50, BUDGET_A "/b (host-down)", NULL});
}
END_TEST

/* ---- what might be taken for SQL, or does not fit ---- */

START_TEST(special_characters_are_only_characters)
{
    budget_add("now", 1, "/a''%_;--\"?1:glob@n", "text/html", 10);
    budget_add("now", 2, "/aX", "text/html", 20);
    budget_check(&(struct judged_case){"path:/a'%_;--\"?1:glob@n<10", EXCEEDED, 10,
                                       BUDGET_A "/a'%_;--\"?1:glob@n (10 B)", NULL});
    budget_check(&(struct judged_case){"path:/a'); DROP TABLE now_page; --<1", EMPTY, 0, NULL,
                                       "no URL matches"});
    budget_check(&(struct judged_case){"tag:' OR 1=1<1", EMPTY, 0, NULL, "no URL matches"});
    budget_check(&(struct judged_case){"total<30", EXCEEDED, 30, BUDGET_A "/aX (20 B)", NULL});
}
END_TEST

START_TEST(sums_of_lies_do_not_wrap)
{
    struct haul_summary_budget got;

    budget_run_sql("INSERT INTO now_page (id, page, url, outcome, size) VALUES "
                   "(1, 1, 'http://a/', 'ok', 9223372036854775807), "
                   "(2, 2, 'http://b/', 'ok', 9223372036854775807)");
    got = budget_judge("total<1P");
    ck_assert_int_eq(got.state, EXCEEDED);
    ck_assert(got.actual > 1.8e19);
}
END_TEST

START_TEST(several_are_judged_in_their_order)
{
    const char *text[] = {"total<1", "count<9", "growth<1%"};
    const struct haul_strings three = {.item = text, .count = 3};

    budget_fill_whole();
    ck_assert_int_eq(haul_budget_evaluate(budget_db, &three, budget_empty, &budget_summary),
                     HAUL_OK);
    ck_assert_uint_eq(budget_summary.budget_count, 3);
    ck_assert_int_eq(budget_summary.budget[0].state, EXCEEDED);
    ck_assert_int_eq(budget_summary.budget[1].state, KEPT);
    ck_assert_int_eq(budget_summary.budget[2].state, UNKNOWN);
    ck_assert_str_eq(budget_summary.budget[0].unit, "bytes");
    ck_assert_str_eq(budget_summary.budget[1].unit, "URLs");
    ck_assert_str_eq(budget_summary.budget[2].unit, "%");
    ck_assert(fabs(budget_summary.budget[2].limit - 1) < 1e-9);
}
END_TEST

START_TEST(errors_are_told_and_leave_no_budgets)
{
    const char *good = "total<1", *bad = "total<";
    struct haul_strings one = {.item = &bad, .count = 1};

    ck_assert_int_eq(haul_budget_evaluate(budget_db, &one, budget_empty, &budget_summary),
                     HAUL_ERR_USAGE);
    ck_assert_uint_eq(budget_summary.budget_count, 0);
    budget_run_sql("DROP TABLE now_page");
    one.item = &good;
    ck_assert_int_eq(haul_budget_evaluate(budget_db, &one, budget_empty, &budget_summary),
                     HAUL_ERR_IO);
    ck_assert_ptr_nonnull(strstr(sqlite3_errmsg(budget_db), "now_page"));
    ck_assert_uint_eq(budget_summary.budget_count, 0);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void)
{
    Suite *suite = suite_create("judge");
    TCase *judging = tcase_create("judge");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(judging, budget_begin, budget_end);
    tcase_add_loop_test(judging, known_site_is_judged, 0, COUNT(whole));
    tcase_add_loop_test(judging, choice_that_matches_nothing_is_not_kept, 0, COUNT(unmatched));
    tcase_add_loop_test(judging, empty_site_is_judged, 0, COUNT(nothing));
    tcase_add_loop_test(judging, growth_is_that_since_the_run_before, 0, COUNT(growth));
    tcase_add_test(judging, growth_leaves_out_what_failed_in_one_of_the_runs);
    tcase_add_test(judging, growth_of_what_never_had_a_length_is_not_known);
    tcase_add_loop_test(judging, bytes_on_the_wire_are_judged, 0, sizeof packed / sizeof *packed);
    tcase_add_test(judging, what_is_not_known_on_the_wire_is_not_guessed);
    tcase_add_test(judging, what_failed_counts_on_the_wire_up_to_what_it_had);
    tcase_add_test(judging, growth_of_tags_knows_those_of_the_run_before);
    tcase_add_test(judging, worst_are_bounded_and_counted);
    tcase_add_test(judging, host_that_was_given_up_is_failed);
    tcase_add_test(judging, special_characters_are_only_characters);
    tcase_add_test(judging, sums_of_lies_do_not_wrap);
    tcase_add_test(judging, several_are_judged_in_their_order);
    tcase_add_test(judging, errors_are_told_and_leave_no_budgets);
    suite_add_tcase(suite, judging);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
