#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fake_history.h"
#include "night_audit.h"

/* Nights of which somebody was told the wrong thing. */

static struct nights nights;
static struct haul_summary summary;

/* What a night was: one letter for each page, and their sizes, 0 where there is none. */
static void tell(const char *states, const int64_t *size, const struct haul_strings *wanted)
{
    static const char letters[] = "-oF4s";
    struct nights_page page[NIGHTS_PAGES] = {{.state = NIGHTS_ABSENT}};

    for (int i = 0; states[i]; i++)
        page[i] = (struct nights_page){
            .state = (enum nights_state)(strchr(letters, states[i]) - letters), .size = size[i]};
    haul_summary_done(&summary);
    nights_set(&nights, page);
    night_audit(&nights, wanted, &summary);
}

static void check_budget(size_t i, enum haul_budget_state state, double actual, double most)
{
    const struct haul_summary_budget *budget = &summary.budget[i];

    ck_assert_msg(budget->state == state && budget->actual == actual && budget->most == most,
                  "%s: state %d of %g to %g", budget->expression, budget->state, budget->actual,
                  budget->most);
}

static const int64_t thousands[] = {1000, 2000,  3000, 4000, 5000, 6000, 7000, 8000,
                                    9000, 10000, 0,    0,    0,    0,    0};

START_TEST(page_that_is_not_there_is_no_body)
{
    const char *text[] = {"p50<=5000", "p50<5000", "total<60k", "type:image/*<1"};
    const struct haul_strings wanted = {.item = text, .count = 4};

    nights = (struct nights){0};
    tell("oooooooooo44444", thousands, &wanted);
    check_budget(0, HAUL_BUDGET_KEPT, 5000, 5000);
    check_budget(1, HAUL_BUDGET_EXCEEDED, 5000, 5000);
    check_budget(2, HAUL_BUDGET_KEPT, 55000, 55000);
    ck_assert_int_eq(summary.budget[3].state, HAUL_BUDGET_EMPTY);
    tell("ooooooooooFFFFF", thousands, &wanted); /* the next night these have never had a size */
    check_budget(0, HAUL_BUDGET_UNKNOWN, 3000, 8000);
    night_check_has(night_brief(&summary),
                    "budget p50<=5000: not known: 2.9 KiB (3,000 bytes) to 7.8 KiB (8,000 bytes), "
                    "limit 4.9 KiB (5,000 bytes); 5 URLs have no known length\n"
                    "  http://site.example/");
    night_check_has(night_brief(&summary), "/10 (http-503)\n");
    check_budget(2, HAUL_BUDGET_UNKNOWN, 55000, HUGE_VAL);
    night_check_has(night_brief(&summary),
                    "budget total<60k: not known: at least 53.7 KiB (55,000 bytes), limit ");
    haul_summary_done(&summary);
}
END_TEST

START_TEST(page_that_failed_for_a_night_is_compared_with_what_it_had)
{
    static const int64_t size[][2] = {{1000, 1000}, {1000, 0}, {1000, 2500000}};
    const char *text[] = {"growth<10%", "growth<=2499000", "total<2k", "total<1k"};
    const struct haul_strings wanted = {.item = text, .count = 4};

    nights = (struct nights){0};
    tell("oo", size[0], &wanted);
    tell("oF", size[1], &wanted);
    check_budget(0, HAUL_BUDGET_KEPT, 0, 0);
    check_budget(2, HAUL_BUDGET_KEPT, 1000, 2000); /* it had 1000 */
    check_budget(3, HAUL_BUDGET_UNKNOWN, 1000, 2000);
    night_check_has(night_brief(&summary),
                    ": 1 of 2 failed, 1 now failing, the rest the same size as on ");
    night_check_has(night_brief(&summary), "\nnow failing: timeout: http://site.example/a/1\n");
    tell("oo", size[2], &wanted);
    check_budget(0, HAUL_BUDGET_EXCEEDED, 2499000.0 / 2000 * 100, 2499000.0 / 2000 * 100);
    check_budget(1, HAUL_BUDGET_KEPT, 2499000, 2499000);
    ck_assert_int_eq(summary.compared - summary.compared_before, 2499000);
    night_check_has(night_brief(&summary), "\nrecovered: +2.4 MiB: ");
    haul_summary_done(&summary);
}
END_TEST

START_TEST(page_that_never_had_a_size_may_have_grown)
{
    static const int64_t size[][2] = {{1000, 0}, {1000, 2500000}};
    const char *text[] = {"growth<10%", "growth<2500001"};
    const struct haul_strings wanted = {.item = text, .count = 2};

    nights = (struct nights){0};
    tell("oF", size[0], &wanted);
    tell("oo", size[1], &wanted);
    check_budget(0, HAUL_BUDGET_UNKNOWN, 0, 250000);
    check_budget(1, HAUL_BUDGET_KEPT, 0, 2500000);
    night_check_has(night_brief(&summary),
                    ", the same size as on 1970-01-02 00:00 UTC, 1 newly known, 1 budget not "
                    "known\n");
    night_check_has(night_render(&summary, HAUL_FORMAT_HTML),
                    "as in the last run, 1 newly known</span>");
    night_check_has(night_render(&summary, HAUL_FORMAT_GITHUB), " UTC, 1 newly known\n");
    night_check_has(night_brief(&summary), "(no earlier length)\n");
    night_check_has(night_brief(&summary), "\nrecovered: now 2.4 MiB: ");
    nights = (struct nights){0};
    haul_summary_done(&summary);
    fake_remove("");
    tell("FF", size[0], &wanted);
    tell("oo", size[1], &wanted);
    check_budget(0, HAUL_BUDGET_UNKNOWN, 0, HUGE_VAL);
    night_check_has(night_brief(&summary),
                    ", nothing to compare with on 1970-01-02 00:00 UTC, 2 newly known, ");
    haul_summary_done(&summary);
}
END_TEST

START_TEST(outage_is_no_improvement)
{
    const char *text[] = {"growth>=0", "growth:type:text/*>-1%"};
    const struct haul_strings wanted = {.item = text, .count = 2};

    nights = (struct nights){0};
    tell("oooooooooo", thousands, &wanted);
    tell("ooooooFF44", thousands, &wanted);
    check_budget(0, HAUL_BUDGET_KEPT, 0, 0);
    check_budget(1, HAUL_BUDGET_KEPT, 0, 0);
    night_check_has(night_render(&summary, HAUL_FORMAT_MARKDOWN),
                    ", 4 now failing, the rest 0 B since ");
    night_check_has(night_render(&summary, HAUL_FORMAT_MARKDOWN),
                    "| now failing | 4 | had 33.2 KiB |\n");
    night_check_has(night_render(&summary, HAUL_FORMAT_HTML),
                    "4 now failing, the rest as in the last run");
    for (size_t i = 0; i < summary.type_count; i++)
        ck_assert_int_eq(summary.type[i].change, 0);
    tell("oooooooooo", thousands, &wanted);
    ck_assert_int_eq(summary.compared, summary.compared_before);
    haul_summary_done(&summary);
}
END_TEST

START_TEST(page_that_was_not_tried_is_compared_with_what_it_had)
{
    static const int64_t size[][2] = {{1000, 1000}, {1000, 0}, {1000, 3000}};
    const char *text[] = {"growth<=2000"};
    const struct haul_strings wanted = {.item = text, .count = 1};

    nights = (struct nights){0};
    tell("oo", size[0], &wanted);
    tell("os", size[1], &wanted);
    tell("oo", size[2], &wanted);
    check_budget(0, HAUL_BUDGET_KEPT, 2000, 2000);
    ck_assert_uint_eq(summary.change[HAUL_CHANGE_GROWN], 1);
    haul_summary_done(&summary);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("told_nights");
    TCase *tcase = tcase_create("nights");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, page_that_is_not_there_is_no_body);
    tcase_add_test(tcase, page_that_failed_for_a_night_is_compared_with_what_it_had);
    tcase_add_test(tcase, page_that_never_had_a_size_may_have_grown);
    tcase_add_test(tcase, outage_is_no_improvement);
    tcase_add_test(tcase, page_that_was_not_tried_is_compared_with_what_it_had);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
