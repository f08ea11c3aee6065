#include <check.h>
#include <stdio.h>
#include <string.h>

#include "model/budget.h"

/* ---- what is understood ---- */

static const struct good_case {
    const char *text;
    enum haul_budget_measure measure;
    enum haul_budget_choice choice;
    const char *tag, *glob;
    enum haul_budget_op op;
    enum haul_budget_unit unit;
    int64_t limit;
} good[] = {
    {"total<50M", HAUL_MEASURE_TOTAL, HAUL_CHOICE_ALL, "", "", HAUL_OP_LT, HAUL_UNIT_BYTES,
     INT64_C(50) << 20},
    {"total<=1.5k", HAUL_MEASURE_TOTAL, HAUL_CHOICE_ALL, "", "", HAUL_OP_LE, HAUL_UNIT_BYTES, 1536},
    {"total>0", HAUL_MEASURE_TOTAL, HAUL_CHOICE_ALL, "", "", HAUL_OP_GT, HAUL_UNIT_BYTES, 0},
    {"total>=1", HAUL_MEASURE_TOTAL, HAUL_CHOICE_ALL, "", "", HAUL_OP_GE, HAUL_UNIT_BYTES, 1},
    {"total=1", HAUL_MEASURE_TOTAL, HAUL_CHOICE_ALL, "", "", HAUL_OP_EQ, HAUL_UNIT_BYTES, 1},
    {" total \t<\t 50M ", HAUL_MEASURE_TOTAL, HAUL_CHOICE_ALL, "", "", HAUL_OP_LT, HAUL_UNIT_BYTES,
     INT64_C(50) << 20},
    {"url<2M", HAUL_MEASURE_EACH, HAUL_CHOICE_ALL, "", "", HAUL_OP_LT, HAUL_UNIT_BYTES, 2 << 20},
    {"url:type:image/*<300k", HAUL_MEASURE_EACH, HAUL_CHOICE_TYPE, "", "image/*", HAUL_OP_LT,
     HAUL_UNIT_BYTES, 300 << 10},
    {"path:/assets/**<500k", HAUL_MEASURE_TOTAL, HAUL_CHOICE_PATH, "", "/assets/**", HAUL_OP_LT,
     HAUL_UNIT_BYTES, 500 << 10},
    {"total:path:/A/**<1", HAUL_MEASURE_TOTAL, HAUL_CHOICE_PATH, "", "/A/**", HAUL_OP_LT,
     HAUL_UNIT_BYTES, 1},
    {"path:/a<b>=c<1", HAUL_MEASURE_TOTAL, HAUL_CHOICE_PATH, "", "/a<b>=c", HAUL_OP_LT,
     HAUL_UNIT_BYTES, 1},
    {"type:Image/*<1", HAUL_MEASURE_TOTAL, HAUL_CHOICE_TYPE, "", "image/*", HAUL_OP_LT,
     HAUL_UNIT_BYTES, 1},
    {"host:*.Example.COM<10M", HAUL_MEASURE_TOTAL, HAUL_CHOICE_HOST, "", "*.example.com",
     HAUL_OP_LT, HAUL_UNIT_BYTES, 10 << 20},
    {"host:[::1]<1", HAUL_MEASURE_TOTAL, HAUL_CHOICE_HOST, "", "[::1]", HAUL_OP_LT, HAUL_UNIT_BYTES,
     1},
    {"tag:team=Web<1M", HAUL_MEASURE_TOTAL, HAUL_CHOICE_TAG, "team", "Web", HAUL_OP_LT,
     HAUL_UNIT_BYTES, 1 << 20},
    {"tag:a=b=c<1", HAUL_MEASURE_TOTAL, HAUL_CHOICE_TAG, "a", "b=c", HAUL_OP_LT, HAUL_UNIT_BYTES,
     1},
    {"tag:a=b=1", HAUL_MEASURE_TOTAL, HAUL_CHOICE_TAG, "a", "b", HAUL_OP_EQ, HAUL_UNIT_BYTES, 1},
    {"count<5000", HAUL_MEASURE_COUNT, HAUL_CHOICE_ALL, "", "", HAUL_OP_LT, HAUL_UNIT_URLS, 5000},
    {"count:host:a.example>=1", HAUL_MEASURE_COUNT, HAUL_CHOICE_HOST, "", "a.example", HAUL_OP_GE,
     HAUL_UNIT_URLS, 1},
    {"failed=0", HAUL_MEASURE_FAILED, HAUL_CHOICE_ALL, "", "", HAUL_OP_EQ, HAUL_UNIT_URLS, 0},
    {"failed<1%", HAUL_MEASURE_FAILED, HAUL_CHOICE_ALL, "", "", HAUL_OP_LT, HAUL_UNIT_MILLIONTHS,
     10000},
    {"failed<=0.5%", HAUL_MEASURE_FAILED, HAUL_CHOICE_ALL, "", "", HAUL_OP_LE, HAUL_UNIT_MILLIONTHS,
     5000},
    {"growth<10%", HAUL_MEASURE_GROWTH, HAUL_CHOICE_ALL, "", "", HAUL_OP_LT, HAUL_UNIT_MILLIONTHS,
     100000},
    {"growth<+10%", HAUL_MEASURE_GROWTH, HAUL_CHOICE_ALL, "", "", HAUL_OP_LT, HAUL_UNIT_MILLIONTHS,
     100000},
    {"growth>-5%", HAUL_MEASURE_GROWTH, HAUL_CHOICE_ALL, "", "", HAUL_OP_GT, HAUL_UNIT_MILLIONTHS,
     -50000},
    {"growth>-5M", HAUL_MEASURE_GROWTH, HAUL_CHOICE_ALL, "", "", HAUL_OP_GT, HAUL_UNIT_BYTES,
     -(5 << 20)},
    {"growth:tag:a=b<1", HAUL_MEASURE_GROWTH, HAUL_CHOICE_TAG, "a", "b", HAUL_OP_LT,
     HAUL_UNIT_BYTES, 1},
    {"wire<50M", HAUL_MEASURE_TOTAL, HAUL_CHOICE_ALL, "", "", HAUL_OP_LT, HAUL_UNIT_BYTES,
     50 << 20},
    {"wire:total<=1", HAUL_MEASURE_TOTAL, HAUL_CHOICE_ALL, "", "", HAUL_OP_LE, HAUL_UNIT_BYTES, 1},
    {"wire:url:type:image/*<1", HAUL_MEASURE_EACH, HAUL_CHOICE_TYPE, "", "image/*", HAUL_OP_LT,
     HAUL_UNIT_BYTES, 1},
    {"wire:type:Text/*<1", HAUL_MEASURE_TOTAL, HAUL_CHOICE_TYPE, "", "text/*", HAUL_OP_LT,
     HAUL_UNIT_BYTES, 1},
    {"wire:growth<-5%", HAUL_MEASURE_GROWTH, HAUL_CHOICE_ALL, "", "", HAUL_OP_LT,
     HAUL_UNIT_MILLIONTHS, -50000},
    {"growth:path:/blog/**<1M", HAUL_MEASURE_GROWTH, HAUL_CHOICE_PATH, "", "/blog/**", HAUL_OP_LT,
     HAUL_UNIT_BYTES, 1 << 20},
};

START_TEST(budget_is_understood)
{
    const struct good_case *wanted = &good[_i];
    struct haul_budget budget;
    struct haul_budget_error error = {0, NULL};

    ck_assert_msg(haul_budget_parse(wanted->text, &budget, &error) == HAUL_OK, "'%s': %zu: %s",
                  wanted->text, error.at, error.cause);
    ck_assert_int_eq(budget.measure, wanted->measure);
    ck_assert_int_eq(budget.is_wire, !strncmp(wanted->text, "wire", 4));
    ck_assert_int_eq(budget.choice, wanted->choice);
    ck_assert_str_eq(budget.tag, wanted->tag);
    ck_assert_str_eq(budget.glob, wanted->glob);
    ck_assert_int_eq(budget.op, wanted->op);
    ck_assert_int_eq(budget.unit, wanted->unit);
    ck_assert_int_eq(budget.limit, wanted->limit);
}
END_TEST

START_TEST(every_percentile_is_understood)
{
    struct haul_budget budget;
    struct haul_budget_error error;
    char text[] = "p100<1M";

    for (int i = 1; i <= 100; i++) {
        ck_assert_int_lt(snprintf(text, sizeof text, "p%d<1M", i), (int)sizeof text);
        ck_assert_int_eq(haul_budget_parse(text, &budget, &error), HAUL_OK);
        ck_assert_int_eq(budget.measure, HAUL_MEASURE_PERCENTILE);
        ck_assert_int_eq(budget.percent, i);
    }
}
END_TEST

/* ---- what is not ---- */

static const struct bad_case {
    const char *text;
    size_t at;
    const char *cause; /* a part of it */
} bad[] = {
    {"", 0, "are missing"},
    {"total", 5, "are missing"},
    {"wire:count<1", 5, "wire: goes before total, url"},
    {"wire:failed<1%", 5, "wire: goes before total, url"},
    {"wire:failed:path:/<1%", 5, "wire: goes before total, url"},
    {"wire:wire:total<1", 5, "wire: goes before total, url"},
    {"wire:<1", 5, "wire: goes before total, url"},
    {"wire:total<1%", 11, "the units are"},
    {"Wire:total<1", 0, "must begin with"},
    {"wire:tag:x<1", 9, "tag needs NAME=VALUE"},
    {"50M", 3, "are missing"},
    {"<5", 0, "must begin with"},
    {"=", 0, "must begin with"},
    {"total<", 6, "the limit is missing"},
    {"total< ", 7, "the limit is missing"},
    {"total<5X", 6, "the units are k, M, G, T and P"},
    {"total<5 M", 6, "the units are k, M, G, T and P"},
    {"total<-5", 6, "not a number"},
    {"total<+5", 6, "not a number"},
    {"total<5%", 6, "not a size"},
    {"total<99999999999G", 6, "too large"},
    {"total==5", 0, "must begin with"},
    {"total<>5", 0, "must begin with"},
    {"sum<5", 0, "must begin with"},
    {"Total<5", 0, "must begin with"},
    {"p0<5", 0, "must begin with"},
    {"p101<5", 0, "must begin with"},
    {"p<5", 0, "must begin with"},
    {"p9x<5", 0, "must begin with"},
    {"p00095<5", 0, "must begin with"},
    {"path<5", 0, "must be path:"},
    {"path:<5", 5, "the pattern is missing"},
    {"total:<5", 6, "must be path:"},
    {"total:url:/x<5", 6, "must be path:"},
    {"url:http://x/<5", 4, "must be path:"},
    {"tag:a<5", 4, "tag needs NAME=VALUE"},
    {"tag:a=5", 4, "tag needs NAME=VALUE"},
    {"tag:=b<5", 4, "the tag's name is missing"},
    {"tag:a=<5", 6, "the tag's value is missing"},
    {"count<5k", 6, "not a whole number"},
    {"count<1%", 6, "not a whole number"},
    {"count<-1", 6, "too small"},
    {"failed<-1", 7, "too small"},
    {"failed<1.5", 7, "not a whole number"},
    {"failed<%", 7, "not a percentage"},
    {"growth<--5", 7, "not a number"},
    {"growth<-", 7, "not a number"},
    {"growth<x", 7, "not a number"},
    {"total<0000000000000000000000000000000000000000000000000000000000000000000001", 6,
     "not a limit"},
};

START_TEST(error_names_place_and_cause)
{
    const struct bad_case *wanted = &bad[_i];
    struct haul_budget budget;
    struct haul_budget_error error = {0, NULL};

    ck_assert_int_ne(haul_budget_parse(wanted->text, &budget, &error), HAUL_OK);
    ck_assert_msg(error.at == wanted->at && strstr(error.cause, wanted->cause), "'%s': %zu: %s",
                  wanted->text, error.at, error.cause);
}
END_TEST

START_TEST(pattern_is_bounded)
{
    struct haul_budget budget;
    struct haul_budget_error error;
    char text[HAUL_GLOB_MAX + 16] = "path:";

    memset(text + 5, 'a', HAUL_GLOB_MAX);
    memcpy(text + 5 + HAUL_GLOB_MAX, "<1", 3);
    ck_assert_int_eq(haul_budget_parse(text, &budget, &error), HAUL_OK);
    ck_assert_uint_eq(strlen(budget.glob), HAUL_GLOB_MAX);
    memcpy(text + 5 + HAUL_GLOB_MAX, "a<1", 4);
    ck_assert_int_eq(haul_budget_parse(text, &budget, &error), HAUL_ERR_LIMIT);
    ck_assert_uint_eq(error.at, 5);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void)
{
    Suite *suite = suite_create("budget_text");
    TCase *parse = tcase_create("parse");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(parse, budget_is_understood, 0, COUNT(good));
    tcase_add_test(parse, every_percentile_is_understood);
    tcase_add_loop_test(parse, error_names_place_and_cause, 0, COUNT(bad));
    tcase_add_test(parse, pattern_is_bounded);
    suite_add_tcase(suite, parse);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
