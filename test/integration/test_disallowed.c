#include <string.h>

#include "robots_site.h"

/*
 * --robots obey, night after night: what robots.txt does not allow was not looked at, so it is
 * neither well nor gone; that it is so is told when it begins and when it ends.
 */

#define ALL "User-agent: *\nDisallow: /\n"
#define LARGE "User-agent: *\nDisallow: /size?n=2000\n"
#define NONE "User-agent: *\nDisallow:\n"

static const char *in(const char *name)
{
    return it_path(name);
}

static void check_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%.3000s", part, text);
}

static void check_has_not(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "'%s' in:\n%.3000s", part, text);
}

static const char *write_list(void)
{
    const char *text = it_text("%s\n%s\n", it_url("/size?n=1000"), it_url("/size?n=2000"));

    it_write(in("list"), text, strlen(text));
    return in("list");
}

/* A night on which robots.txt is so; only what has changed is told. */
static struct it_run night(const char *robots, const char *history, const char *journal)
{
    set_robots("", rules(robots, ""));
    return it_haul(IT_ARGS("--robots", "obey", "--quiet-unless", "change", "--history", in(history),
                           "--journal", in(journal), "-i", write_list()));
}

static void check_silent(const struct it_run *run)
{
    ck_assert_int_eq(run->status, 0);
    ck_assert_msg(!run->out_len && !run->err_len, "%s%s", run->out, run->err);
}

/* ---- nothing is allowed ---- */

static const char *const quiets[] = {"--progress=none", "-s", "--quiet-unless=fail"};

START_TEST(run_that_may_ask_for_nothing_is_told)
{
    struct it_run run;

    set_robots("", rules(ALL, ""));
    run = it_haul(IT_ARGS("--robots", "obey", quiets[_i], "-i", write_list()));
    ck_assert_int_eq(run.status, 0);
    check_has(run.err, "haul: robots.txt allows none of the URLs, so nothing was measured");
    set_robots("", rules(LARGE, ""));
    run = it_haul(IT_ARGS("--robots", "obey", quiets[_i], "-i", write_list()));
    check_has_not(run.err, "nothing was measured");
}
END_TEST

static const struct budget {
    const char *expression, *word;
    int status;
} budgets[] = {
    {"total<1M", "matches nothing", 0},  {"url<1M", "matches nothing", 0},
    {"p95<1M", "matches nothing", 0},    {"failed=0", "matches nothing", 0},
    {"failed<1%", "matches nothing", 0}, {"path:/size<1M", "matches nothing", 0},
    {"count>=2", "kept: 2 URLs", 0},     {"count<2", "EXCEEDED: 2 URLs", 4},
    {"total>1k", "EXCEEDED", 4},         {"growth<10%", "not known", 0},
};

/* How many there are is known, but not how large they are. */
START_TEST(no_budget_is_kept_by_what_was_not_measured)
{
    const struct budget *budget = &budgets[_i];
    const char *history = it_text("budget-%d.db", _i);
    struct it_run run;

    (void)night(NONE, history, it_text("budget-%d.j", _i));
    set_robots("", rules(ALL, ""));
    run = it_haul(IT_ARGS("--robots", "obey", "--history", in(history), "--budget",
                          budget->expression, "-i", write_list()));
    ck_assert_int_eq(run.status, budget->status);
    check_has(run.err, it_text("budget %s: %s", budget->expression, budget->word));
}
END_TEST

START_TEST(budget_over_what_was_not_measured_can_be_an_error)
{
    struct it_run run;

    set_robots("", rules(ALL, ""));
    run = it_haul(IT_ARGS("-s", "--robots", "obey", "--budget", "total<1M", "--budget-empty",
                          "fail", "-i", write_list()));
    ck_assert_int_eq(run.status, 4);
}
END_TEST

/* The others are what the budget is about. */
START_TEST(budget_is_about_what_is_allowed)
{
    struct it_run run;

    set_robots("", rules(LARGE, ""));
    run = it_haul(IT_ARGS("--robots", "obey", "--budget", "total<1M", "--budget", "url<1M",
                          "--budget", "path:/other<1M", "-i", write_list()));
    ck_assert_int_eq(run.status, 0);
    check_has(run.err, "budget total<1M: kept: 1000 B,");
    check_has(run.err, "budget url<1M: kept: 1000 B,");
}
END_TEST

static const struct said {
    const char *format, *text;
} said[] = {
    {"json", "\"disallowed_urls\": 2"},
    {"junit", "<skipped message=\"robots.txt allows none of the URLs\"/>"},
    {"github", "::warning title=haul%3A nothing allowed::robots.txt allows none of the URLs\n"},
    {"markdown", ", 2 disallowed by robots.txt"},
    {"html", "Nothing was measured: robots.txt allows none of the URLs."},
    {"prometheus", "haul_last_success_timestamp_seconds{site=\"127.0.0.1\"} 0\n"},
};

START_TEST(every_format_says_that_nothing_was_measured)
{
    struct it_run run;
    const char *journal = in(it_text("said-%d", _i));

    set_robots("", rules(ALL, ""));
    run = it_haul(IT_ARGS("-s", "--robots", "obey", "--journal", journal, "--format",
                          said[_i].format, "-i", write_list()));
    check_has(run.out, said[_i].text);
    run = it_haul(IT_ARGS("report", "-s", "--format", said[_i].format, journal));
    check_has(run.out, said[_i].text);
}
END_TEST

/* ---- what has changed ---- */

/* Told on the night that it begins, and on the one that it ends; on others all is as it was. */
START_TEST(page_that_is_no_longer_allowed_is_a_change)
{
    const char *history = "changes.db";
    struct it_run run = night(NONE, history, "changes-1");

    check_has(run.out, "2 URLs");
    check_silent((run = night(NONE, history, "changes-2"), &run));
    run = night(LARGE, history, "changes-3");
    ck_assert_int_eq(run.status, 0);
    check_has(run.out, "1 disallowed, the rest the same size as on");
    check_has(run.out, it_text("\ndisallowed: %s\n", it_url("/size?n=2000")));
    check_has_not(run.out, "gone");
    check_has_not(run.out, "(-");
    check_silent((run = night(LARGE, history, "changes-4"), &run));
    run = night(NONE, history, "changes-5");
    check_has(run.out, it_text("\nrecovered: %s\n", it_url("/size?n=2000")));
    check_silent((run = night(NONE, history, "changes-6"), &run));
}
END_TEST

/* What never was allowed, and is now, has not grown from nothing. */
START_TEST(page_that_is_allowed_for_the_first_time_has_not_grown)
{
    struct it_run run = night(LARGE, "first.db", "first-1");

    check_silent((run = night(LARGE, "first.db", "first-2"), &run));
    set_robots("", rules(NONE, ""));
    run = it_haul(IT_ARGS("--robots", "obey", "--quiet-unless", "change", "--history",
                          in("first.db"), "--budget", "growth<1k", "-i", write_list()));
    check_has(run.out, "the same size as on");
    check_has(run.out, ", 1 newly known");
    check_has(run.out, it_text("recovered: now 2.0 KiB: %s\n", it_url("/size?n=2000")));
    check_has(run.out, "budget growth<1k: not known");
}
END_TEST

/* Of journals, and of a history; each way. */
START_TEST(diff_tells_what_is_no_longer_allowed)
{
    struct it_run run = night(NONE, "diff.db", "diff-1");
    bool is_history = _i & 1, is_back = _i & 2;
    const char *first, *second;

    (void)night(LARGE, "diff.db", "diff-2");
    first = is_history ? it_text("%s@1", in("diff.db")) : in("diff-1");
    second = is_history ? it_text("%s@2", in("diff.db")) : in("diff-2");
    run = it_haul(
        IT_ARGS("diff", "--format", "csv", is_back ? second : first, is_back ? first : second));
    ck_assert_int_eq(run.status, 1);
    ck_assert_uint_eq(it_lines(run.out), 2);
    check_has(run.out, is_back ? "\nrecovered," : "\ndisallowed,");
    check_has(run.out, "/size?n=2000");
    run = it_haul(IT_ARGS("diff", second, second));
    ck_assert_int_eq(run.status, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("disallowed");
    TCase *tcase = robots_case("nights");

    tcase_add_loop_test(tcase, run_that_may_ask_for_nothing_is_told, 0, COUNT(quiets));
    tcase_add_loop_test(tcase, no_budget_is_kept_by_what_was_not_measured, 0, COUNT(budgets));
    tcase_add_test(tcase, budget_over_what_was_not_measured_can_be_an_error);
    tcase_add_test(tcase, budget_is_about_what_is_allowed);
    tcase_add_loop_test(tcase, every_format_says_that_nothing_was_measured, 0, COUNT(said));
    tcase_add_test(tcase, page_that_is_no_longer_allowed_is_a_change);
    tcase_add_test(tcase, page_that_is_allowed_for_the_first_time_has_not_grown);
    tcase_add_loop_test(tcase, diff_tells_what_is_no_longer_allowed, 0, 4);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
