#include <check.h>
#include <stdio.h>
#include <string.h>

#include "render/brief.h"

static struct haul_summary summary;
static struct haul_buf text;

static void begin(void)
{
    haul_summary_init(&summary);
    haul_buf_init(&text, 0);
    summary.title = "example.com";
    summary.lines = 10000;
    summary.outcome[HAUL_OUTCOME_OK] = 10000;
    summary.size = 40 << 20;
    summary.complete = true;
}

static void end(void)
{
    haul_buf_done(&text);
    haul_summary_done(&summary);
}

/* 2026-11-22T23:59:59Z */
static void have_before(int64_t size)
{
    summary.has_before = true;
    summary.before_started_us = INT64_C(1795391999) * 1000000;
    summary.before_size = summary.compared_before = size;
    summary.compared = summary.size;
}

static void check_headline(const char *wanted)
{
    haul_buf_clear(&text);
    haul_brief_add_headline(&text, &summary, true);
    ck_assert_str_eq(haul_buf_str(&text), wanted);
}

START_TEST(headline_says_it_all)
{
    struct haul_summary_budget budgets[] = {{.state = HAUL_BUDGET_EXCEEDED},
                                            {.state = HAUL_BUDGET_KEPT},
                                            {.state = HAUL_BUDGET_UNKNOWN},
                                            {.state = HAUL_BUDGET_UNKNOWN}};

    check_headline("haul: example.com: 10,000 URLs, none failed, 40.0 MiB in all\n");
    have_before(40 << 20);
    check_headline(
        "haul: example.com: 10,000 URLs, none failed, the same size as on 2026-11-22 23:59 UTC\n");
    have_before((40 << 20) - 1258291);
    summary.outcome[HAUL_OUTCOME_FAILED] = 3;
    summary.budget = budgets;
    summary.budget_count = 1;
    check_headline(
        "haul: example.com: 3 of 10,000 failed, +1.2 MiB (+3.1 %) since 2026-11-22 23:59 UTC, "
        "1 budget exceeded\n");
    summary.budget_count = 4;
    summary.outcome[HAUL_OUTCOME_INVALID] = 2; /* that, and what came again, is no URL */
    summary.outcome[HAUL_OUTCOME_DUPLICATE] = 7;
    summary.outcome[HAUL_OUTCOME_PENDING] = 1000;
    summary.complete = false;
    have_before(41 << 20);
    check_headline(
        "haul: example.com: 3 of 9,991 failed, 2 invalid, 1,000 pending, not complete, "
        "-1.0 MiB (-2.4 %) since 2026-11-22 23:59 UTC, 1 budget exceeded, 2 budgets not known\n");
}
END_TEST

START_TEST(headline_of_nothing_has_no_percentage)
{
    have_before(0);
    check_headline(
        "haul: example.com: 10,000 URLs, none failed, +40.0 MiB since 2026-11-22 23:59 UTC\n");
    haul_summary_init(&summary);
    check_headline("haul: nothing was found, not complete\n");
}
END_TEST

START_TEST(headline_is_one_short_line_whatever_the_title_is)
{
    char title[5000];

    memset(title, 'a', sizeof title);
    memcpy(title, "x\nhaul: all is well\x1b[2J\xe2\x80\xae", 26);
    title[sizeof title - 1] = '\0';
    summary.title = title;
    haul_brief_add_headline(&text, &summary, true);
    ck_assert_uint_lt(text.len, 400);
    ck_assert_ptr_eq(strchr(haul_buf_str(&text), '\n'), haul_buf_str(&text) + text.len - 1);
    ck_assert_ptr_null(strchr(haul_buf_str(&text), 0x1b));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&text), "x\\x0ahaul: all is well\\x1b[2J"));
}
END_TEST

START_TEST(changes_stand_in_one_line)
{
    haul_brief_add_changes(&text, &summary);
    ck_assert_str_eq(haul_buf_str(&text), ""); /* there was no run before */
    have_before((40 << 20) - 1258291);
    summary.change[HAUL_CHANGE_ADDED] = 1200;
    summary.change[HAUL_CHANGE_RECOVERED] = 1;
    haul_brief_add_changes(&text, &summary);
    ck_assert_str_eq(haul_buf_str(&text),
                     "+1.2 MiB (+3.1 %) since 2026-11-22 23:59 UTC: 1,200 added, 1 "
                     "recovered\n");
}
END_TEST

static void check_budget(const struct haul_summary_budget *budget, const char *wanted)
{
    struct haul_summary_budget copy = *budget;

    summary.budget = &copy;
    summary.budget_count = 1;
    haul_buf_clear(&text);
    haul_brief_add_budgets(&text, &summary, false);
    ck_assert_str_eq(haul_buf_str(&text), wanted);
}

START_TEST(budget_is_shown_with_figure_and_limit)
{
    check_budget(&(struct haul_summary_budget){.expression = "path:/x<1k",
                                               .state = HAUL_BUDGET_EMPTY,
                                               .note = "no URL matches",
                                               .unit = "bytes",
                                               .limit = 1024},
                 "budget path:/x<1k: matches nothing: limit 1.0 KiB (1,024 bytes)\n");
    check_budget(&(struct haul_summary_budget){.expression = "total<1k",
                                               .state = HAUL_BUDGET_UNKNOWN,
                                               .unit = "bytes",
                                               .actual = 7,
                                               .most = 2000,
                                               .limit = 1024},
                 "budget total<1k: not known: 7 B to 2.0 KiB (2,000 bytes), limit 1.0 KiB (1,024 "
                 "bytes)\n");
    check_budget(
        &(struct haul_summary_budget){
            .expression = "total<50M", .unit = "bytes", .actual = 1000, .limit = 52428800},
        "budget total<50M: kept: 1000 B, limit 50.0 MiB (52,428,800 bytes)\n");
    check_budget(&(struct haul_summary_budget){.expression = "failed<0.5%",
                                               .state = HAUL_BUDGET_EXCEEDED,
                                               .unit = "%",
                                               .actual = 12.25,
                                               .limit = 0.5},
                 "budget failed<0.5%: EXCEEDED: 12.25 %, limit 0.5 %\n");
    check_budget(
        &(struct haul_summary_budget){
            .expression = "failed=0", .state = HAUL_BUDGET_EXCEEDED, .unit = "URLs", .actual = 1},
        "budget failed=0: EXCEEDED: 1 URL, limit 0 URLs\n");
    check_budget(&(struct haul_summary_budget){.expression = "count<5",
                                               .state = HAUL_BUDGET_UNKNOWN,
                                               .note = "the run is not complete",
                                               .is_partial = true,
                                               .unit = "URLs",
                                               .actual = 4,
                                               .limit = 5},
                 "budget count<5: not known: so far 4 URLs, limit 5 URLs; the run is not "
                 "complete\n");
    check_budget(
        &(struct haul_summary_budget){
            .expression = "failed=0", .state = HAUL_BUDGET_EXCEEDED, .unit = "URLs", .actual = 1},
        "budget failed=0: EXCEEDED: 1 URL, limit 0 URLs\n");
    check_budget(&(struct haul_summary_budget){.expression = "growth>-5M",
                                               .unit = "bytes",
                                               .actual = -10,
                                               .most = -10,
                                               .limit = -5242880},
                 "budget growth>-5M: kept: -10 B, limit -5.0 MiB (-5,242,880 bytes)\n");
    check_budget(&(struct haul_summary_budget){.expression = "total<1P",
                                               .state = HAUL_BUDGET_EXCEEDED,
                                               .unit = "bytes",
                                               .actual = 1e30,
                                               .limit = 1},
                 "budget total<1P: EXCEEDED: 8.0+ EiB (9,223,372,036,854,775,807 bytes), limit "
                 "1 B\n");
}
END_TEST

START_TEST(worst_are_escaped_and_the_rest_is_counted)
{
    const char *worst[] = {"http://a/\x1b[31m\n (2 B)", "http://b/ (1 B)"};

    check_budget(&(struct haul_summary_budget){.expression = "url<1",
                                               .state = HAUL_BUDGET_EXCEEDED,
                                               .unit = "bytes",
                                               .actual = 2,
                                               .limit = 1,
                                               .offender = worst,
                                               .offender_count = 2,
                                               .offender_total = 1002},
                 "budget url<1: EXCEEDED: 2 B, limit 1 B\n"
                 "  http://a/\\x1b[31m\\x0a (2 B)\n"
                 "  http://b/ (1 B)\n"
                 "  and 1,000 more\n");
}
END_TEST

static size_t count_lines(void)
{
    size_t lines = 0;

    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    return lines;
}

START_TEST(brief_of_any_run_is_short)
{
    static struct haul_summary_mover mover[100];
    static struct haul_summary_news news[4 * HAUL_SUMMARY_NEWS_MAX];
    static const enum haul_change told[] = {HAUL_CHANGE_FAILING, HAUL_CHANGE_RECOVERED,
                                            HAUL_CHANGE_ADDED, HAUL_CHANGE_GONE};
    char url[10000];

    memset(url, 'u', sizeof url);
    url[sizeof url - 1] = '\0';
    for (size_t i = 0; i < 100; i++)
        mover[i] =
            (struct haul_summary_mover){.change = i % 2 ? HAUL_CHANGE_GROWN : HAUL_CHANGE_TYPE,
                                        .url = url,
                                        .before = -1,
                                        .after = 5,
                                        .type_before = "a",
                                        .type_after = "b"};
    for (size_t i = 0; i < sizeof news / sizeof *news; i++) {
        enum haul_change change = told[i / HAUL_SUMMARY_NEWS_MAX];

        news[i] =
            (struct haul_summary_news){.change = change,
                                       .reason = change == HAUL_CHANGE_FAILING ? "http-404" : "",
                                       .url = url,
                                       .count = 2};
    }
    summary.has_before = true;
    summary.news = news;
    summary.news_count = sizeof news / sizeof *news;
    summary.newly_failing = 1000000;
    summary.still_failing = 2000000;
    summary.news_changes = 1000000 + 2000 + 3000 + 4000;
    summary.outcome[HAUL_OUTCOME_FAILED] = 3000000;
    summary.mover = mover;
    summary.mover_count = 100;
    summary.change[HAUL_CHANGE_GROWN] = 60000;
    summary.change[HAUL_CHANGE_FAILING] = 1000000;
    summary.change[HAUL_CHANGE_RECOVERED] = 2000;
    summary.change[HAUL_CHANGE_ADDED] = 3000;
    summary.added_failing = 100;
    summary.change[HAUL_CHANGE_GONE] = 4000;
    haul_brief_add(&text, &summary, true);
    ck_assert_uint_eq(count_lines(), 1 + HAUL_SUMMARY_NEWS_MAX + 1 + 1 +
                                         3 * (HAUL_BRIEF_NEWS_MAX + 1) + HAUL_BRIEF_MOVERS_MAX + 1);
    ck_assert_uint_lt(text.len, 40 * 300);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&text), "\n  and 999,980 more that fail now\n"));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&text), "\n  and 1,992 more that recovered\n"));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&text), "\n  and 2,892 more added\n"));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&text), "\n  and 3,992 more gone\n"));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&text), "\n  and 59,990 more that changed\n"));
}
END_TEST

START_TEST(change_is_named_with_its_size)
{
    struct haul_summary_mover mover[] = {
        {HAUL_CHANGE_GROWN, "http://a/", 1000, 3000, "", "", 2000, true, false},
        {HAUL_CHANGE_SHRUNK, "http://b/", 3000, 1000, "", "", -2000, true, false},
        {HAUL_CHANGE_TYPE, "http://f/", 5, 5, "text/html", "text/\nplain", 0, true, false},
        {HAUL_CHANGE_FAILING, "http://g/", 5, 5, "", "", -5, false, true}};

    summary.mover = mover;
    summary.mover_count = sizeof mover / sizeof *mover;
    haul_brief_add(&text, &summary, true);
    ck_assert_str_eq(strchr(haul_buf_str(&text), '\n') + 1,
                     "grown: +2.0 KiB: http://a/\nshrunk: -2.0 KiB: http://b/\n"
                     "new type: text/html to text/\\x0aplain: http://f/\n");
}
END_TEST

static struct haul_summary_news some_news[] = {
    {HAUL_CHANGE_FAILING, "http-503", "http://a/\x1b/", 1000, 0, -1, false},
    {HAUL_CHANGE_FAILING, "http-404", "http://b/", 1, 0, -1, false},
    {HAUL_CHANGE_RECOVERED, "", "http://c/", 3, 2048, 900, true},
    {HAUL_CHANGE_RECOVERED, "", "http://d/", 4, 2048, 900, false},
    {HAUL_CHANGE_RECOVERED, "", "http://e/", 1, -2, 7, true},
    {HAUL_CHANGE_RECOVERED, "", "http://f/", 1, 0, 7, false},
    {HAUL_CHANGE_RECOVERED, "", "http://f/g", 1, 0, 7, true},
    {HAUL_CHANGE_ADDED, "", "http://j/", 1, 10, 10, true},
    {HAUL_CHANGE_ADDED, "", "http://k/", 1, 0, -1, false},
    {HAUL_CHANGE_GONE, "", "http://l/", 12, -20, -1, true}};
static struct haul_summary_mover some_movers[] = {
    {HAUL_CHANGE_GROWN, "http://g/", 1000, 3000, "", "", 2000, true, false},
    {HAUL_CHANGE_GROWN, "http://g/h", 1000, 2000, "", "", 1000, true, false}};
static const char *const some_files[] = {"a\nb.html", "/c"};
static const char *some_offender[] = {"http://g/ (3.0 KiB)"};
static struct haul_summary_budget some_budgets[] = {
    {.expression = "url<1k",
     .state = HAUL_BUDGET_EXCEEDED,
     .unit = "bytes",
     .actual = 3000,
     .most = 3000,
     .limit = 1000,
     .offender = some_offender,
     .offender_count = 1,
     .offender_total = 1},
    {.expression = "total<1M", .state = HAUL_BUDGET_KEPT, .unit = "bytes", .limit = 1e6}};

START_TEST(news_come_first_and_each_once)
{
    summary.has_before = true;
    summary.news = some_news;
    summary.news_count = sizeof some_news / sizeof *some_news;
    summary.newly_failing = 1001;
    summary.still_failing = 12;
    summary.still_failing_since_us = INT64_C(1764000000) * 1000000;
    summary.news_changes = 1001 + 10 + 2 + 12;
    summary.change[HAUL_CHANGE_FAILING] = 1001;
    summary.change[HAUL_CHANGE_RECOVERED] = 10;
    summary.change[HAUL_CHANGE_ADDED] = 2;
    summary.change[HAUL_CHANGE_GONE] = 12;
    summary.change[HAUL_CHANGE_GROWN] = 2;
    summary.mover = some_movers;
    summary.mover_count = 2;
    summary.budget = some_budgets;
    summary.budget_count = 2;
    haul_brief_add(&text, &summary, true);
    haul_brief_add_reports(&text, some_files, 2, true);
    haul_brief_add_reports(&text, some_files, 1, true);
    haul_brief_add_reports(&text, NULL, 0, true);
    ck_assert_str_eq(strchr(haul_buf_str(&text), '\n') + 1,
                     "now failing: 1,000 x http-503 below http://a/\\x1b/\n"
                     "now failing: http-404: http://b/\n"
                     "still failing: 12 URLs, the first since 2025-11-24 16:00 UTC\n"
                     "budget url<1k: EXCEEDED: 2.9 KiB (3,000 bytes), limit 1000 B\n"
                     "  http://g/ (3.0 KiB, +2.0 KiB)\n"
                     "recovered: 3 URLs, +2.0 KiB below http://c/\n"
                     "recovered: 4 URLs below http://d/\n"
                     "recovered: -2 B: http://e/\n"
                     "recovered: now 7 B: http://f/\n"
                     "  and 1 more that recovered\n"
                     "added: +10 B: http://j/\n"
                     "added: -: http://k/\n"
                     "gone: 12 URLs, -20 B below http://l/\n"
                     "grown: +1000 B: http://g/h\n"
                     "reports: a\\x0ab.html, /c\n"
                     "report: a\\x0ab.html\n");
    haul_buf_clear(&text);
    summary.has_before = false;
    summary.still_failing = 0;
    haul_brief_add(&text, &summary, true);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&text), "\nfailed: http-404: http://b/\n"));
    ck_assert_ptr_null(strstr(haul_buf_str(&text), "still"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("brief");
    TCase *brief = tcase_create("brief");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(brief, begin, end);
    tcase_add_test(brief, headline_says_it_all);
    tcase_add_test(brief, changes_stand_in_one_line);
    tcase_add_test(brief, headline_of_nothing_has_no_percentage);
    tcase_add_test(brief, headline_is_one_short_line_whatever_the_title_is);
    tcase_add_test(brief, budget_is_shown_with_figure_and_limit);
    tcase_add_test(brief, worst_are_escaped_and_the_rest_is_counted);
    tcase_add_test(brief, brief_of_any_run_is_short);
    tcase_add_test(brief, change_is_named_with_its_size);
    tcase_add_test(brief, news_come_first_and_each_once);
    suite_add_tcase(suite, brief);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
