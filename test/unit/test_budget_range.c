#include <check.h>
#include <math.h>
#include <string.h>

#include "budget_world.h"

/* Budgets where not all is known. */

#define KEPT HAUL_BUDGET_KEPT
#define EXCEEDED HAUL_BUDGET_EXCEEDED
#define UNKNOWN HAUL_BUDGET_UNKNOWN

/* ---- where not all is known ---- */

static void fill_gaps(void)
{
    for (int i = 1; i <= 9; i++)
        budget_add("now", i, "/x", "text/html", i * 100);
    budget_add("now", 10, "/gone", "", -1);
}

#define GONE BUDGET_A "/gone (http-503)"

static const struct judged_case gaps[] = {
    /* 4500 bytes, and what nobody knows */
    {"total<4500", EXCEEDED, 4500, BUDGET_A "/x (900 B)", "1 URL has no known length"},
    {"total<4501", UNKNOWN, 4500, GONE, "1 URL has no known length"},
    {"total>4499", KEPT, 4500, NULL, "1 URL has no known length"},
    {"total>4500", UNKNOWN, 4500, GONE, "1 URL has no known length"},
    {"total=4500", UNKNOWN, 4500, GONE, "1 URL has no known length"},
    {"total=5000", UNKNOWN, 4500, GONE, "1 URL has no known length"},
    {"total=4499", EXCEEDED, 4500, BUDGET_A "/x (900 B)", "1 URL has no known length"},
    {"path:/x<4501", KEPT, 4500, NULL, NULL},
    {"path:/gone<1", UNKNOWN, 0, GONE, "1 URL has no known length"},
    {"type:text/*<4501", UNKNOWN, 4500, GONE, "1 URL has no known length"},
    {"url<901", UNKNOWN, 900, GONE, "1 URL has no known length"},
    {"url<900", EXCEEDED, 900, BUDGET_A "/x (900 B)", "1 URL has no known length"},
    {"url>99", UNKNOWN, 0, GONE, "1 URL has no known length"},
    {"count=10", KEPT, 10, NULL, NULL},
    {"count:type:text/*<10", UNKNOWN, 9, GONE, "1 URL has no known type"},
    {"failed=0", EXCEEDED, 1, BUDGET_A "/gone (http-503)", NULL},
    {"failed<10%", EXCEEDED, 10, BUDGET_A "/gone (http-503)", NULL},
    {"failed<=10%", KEPT, 10, NULL, NULL},
    {"failed<10.0001%", KEPT, 10, NULL, NULL},
    {"failed:path:/x=0", KEPT, 0, NULL, NULL},
    {"failed:path:/gone<1%", EXCEEDED, 100, BUDGET_A "/gone (http-503)", NULL},
    {"failed:type:text/*=0", UNKNOWN, 0, GONE, "1 URL has no known type"},
    /* The tenth may be the smallest or the largest. */
    {"p90<=900", KEPT, 800, NULL, "1 URL has no known length"},
    {"p90<=850", UNKNOWN, 800, GONE, "1 URL has no known length"},
    {"p90<800", EXCEEDED, 800, BUDGET_A "/x (900 B)", "1 URL has no known length"},
    {"p100<1000", UNKNOWN, 900, GONE, "1 URL has no known length"},
    {"p10>0", UNKNOWN, 0, GONE, "1 URL has no known length"},
};

START_TEST(unknown_lengths_are_not_taken_for_nothing)
{
    fill_gaps();
    budget_check(&gaps[_i]);
}
END_TEST

/* ---- what is not known now, but was ---- */

static void fill_failing(void)
{
    for (int i = 1; i <= 9; i++)
        budget_add("now", i, "/x", "text/html", i * 100);
    budget_add("now", 10, "/page", "text/plain", -1); /* the type is that of the error page */
    budget_add("now", 11, "/img", "text/plain", -1);
    budget_add("now", 12, "/never", "text/plain", -1);
    budget_run_sql("UPDATE now_page SET last_size = 50, last_type = 'text/html' WHERE page = 10");
    budget_run_sql("UPDATE now_page SET last_size = 2000, last_type = 'image/png' WHERE page = 11");
    budget_run_sql("UPDATE now_page SET reason = 'http-404' WHERE page = 12");
    budget_add("now", 14, "/refused", "", -1);
    budget_run_sql("UPDATE now_page SET outcome = 'skipped', reason = 'robots' WHERE page = 14");
}

#define IMG BUDGET_A "/img (http-503, had 2.0 KiB)"
#define PAGE BUDGET_A "/page (http-503, had 50 B)"
#define FROM_0 "count from 0 to their last known ones"

static const struct judged_case failing[] = {
    /* 4500 bytes, and up to 2050 more */
    {"total<4500", EXCEEDED, 4500, BUDGET_A "/x (900 B)", FROM_0},
    {"total<4501", UNKNOWN, 4500, IMG, "2 URLs without a length " FROM_0},
    {"total<6550", UNKNOWN, 4500, IMG, FROM_0},
    {"total<6551", KEPT, 4500, NULL, FROM_0},
    {"total>=4500", KEPT, 4500, NULL, FROM_0},
    {"total>4500", UNKNOWN, 4500, IMG, FROM_0},
    {"total>6550", EXCEEDED, 4500, BUDGET_A "/x (100 B)", FROM_0},
    {"total=6551", EXCEEDED, 4500, BUDGET_A "/x (900 B)", FROM_0},
    {"type:text/*<4550", UNKNOWN, 4500, PAGE, "1 URL without a length counts from 0"},
    {"type:text/*<4551", KEPT, 4500, NULL, "1 URL without a length"},
    {"type:image/*<2000", UNKNOWN, 0, IMG, "1 URL"},
    {"type:image/*<2001", KEPT, 0, NULL, "1 URL"},
    {"path:/never<1", KEPT, 0, NULL, NULL},
    {"url<2000", UNKNOWN, 900, IMG, FROM_0},
    {"url<2001", KEPT, 900, NULL, FROM_0},
    {"url:type:image/*<2001", KEPT, 0, NULL, "1 URL"},
    {"url>99", UNKNOWN, 0, IMG, FROM_0},
    /* The 6th of 11: the 4th if both are nothing; the 5th of those that are if not. */
    {"p50<=500", KEPT, 400, NULL, FROM_0},
    {"p50<500", UNKNOWN, 400, IMG, FROM_0},
    {"p50<400", EXCEEDED, 400, BUDGET_A "/x (900 B)", FROM_0},
    {"p100<2000", UNKNOWN, 900, IMG, FROM_0},
    {"p100<=2000", KEPT, 900, NULL, FROM_0},
    {"count:type:image/*=1", KEPT, 1, NULL, NULL},
    {"count:type:text/html=10", KEPT, 10, NULL, NULL},
    {"count:type:text/plain=0", KEPT, 0, NULL, "no URL matches"},
    {"failed:type:image/*=0", EXCEEDED, 1, BUDGET_A "/img (http-503)", NULL},
    {"failed=3", KEPT, 3, NULL, NULL},
};

START_TEST(what_failed_counts_up_to_what_it_had)
{
    fill_failing();
    budget_check(&failing[_i]);
}
END_TEST

START_TEST(range_is_told)
{
    struct haul_summary_budget got;

    fill_failing();
    got = budget_judge("total<6551");
    ck_assert(got.most == 6550);
    got = budget_judge("p50<500");
    ck_assert(got.most == 500);
    budget_add("now", 13, "/new", "", -1);
    got = budget_judge("total<1G");
    ck_assert(got.most == HUGE_VAL);
    ck_assert_str_eq(got.note, "1 URL has no known length; 2 URLs without a length " FROM_0);
    ck_assert_str_eq(got.offender[0], BUDGET_A "/new (http-503)");
    ck_assert_uint_eq(got.offender_total, 3);
    budget_summary.complete = false;
    ck_assert(budget_judge("total<1G").is_partial);
}
END_TEST

static const struct judged_case unfinished[] = {
    {"total<1025", UNKNOWN, 1024, NULL, "not complete"},
    {"total<1024", EXCEEDED, 1024, BUDGET_A "/c.gif (400 B)", "not complete"},
    {"total>1", KEPT, 1024, NULL, "not complete"},
    {"url<401", UNKNOWN, 400, NULL, "not complete"},
    {"count<6", UNKNOWN, 5, NULL, "not complete"},
    {"count<5", EXCEEDED, 5, NULL, "not complete"},
    {"failed=0", UNKNOWN, 0, NULL, "not complete"},
    {"failed<1%", UNKNOWN, 0, NULL, "not complete"},
    {"p95<1M", UNKNOWN, 400, NULL, "not complete"},
    {"growth<1M", UNKNOWN, 1024, NULL, "not complete"},
    {"growth<1k", EXCEEDED, 1024, BUDGET_A "/c.gif (+400 B)", "not complete"},
};

START_TEST(run_that_is_not_complete_keeps_no_budget)
{
    budget_fill_whole();
    budget_summary.complete = false;
    budget_summary.has_before = true;
    budget_check(&unfinished[_i]);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void)
{
    Suite *suite = suite_create("budget_range");
    TCase *judging = tcase_create("judge");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(judging, budget_begin, budget_end);
    tcase_add_loop_test(judging, unknown_lengths_are_not_taken_for_nothing, 0, COUNT(gaps));
    tcase_add_loop_test(judging, what_failed_counts_up_to_what_it_had, 0, COUNT(failing));
    tcase_add_test(judging, range_is_told);
    tcase_add_loop_test(judging, run_that_is_not_complete_keeps_no_budget, 0, COUNT(unfinished));
    suite_add_tcase(suite, judging);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
