#include <sqlite3.h>
#include <string.h>

#include "harness.h"
#include "servers.h"

/*
 * A run that has found nothing, compared with one that has: neither is all gone, nor has all become
 * smaller, which would be fine. The set-up has a night with two pages, and a list that is then
 * empty.
 */

static const char *in(const char *name)
{
    return it_path(name);
}

static void write_list(const char *name, const char *text)
{
    it_write(in(name), text, strlen(text));
}

static struct it_run audit(const char *list, const char *history, const char *journal)
{
    return it_haul(IT_ARGS("-s", "--history", in(history), "--journal", in(journal), "-o",
                           "/dev/null", "-i", in(list)));
}

static void begin(void)
{
    it_begin_server();
    write_list("full", it_text("%s\n%s\n", it_url("/size?n=1000"), it_url("/size?n=2000")));
    write_list("none", "# broken\n");
    ck_assert_int_eq(audit("full", "h.db", "full.j").status, 0);
    ck_assert_int_eq(audit("none", "h.db", "none.j").status, 0);
}

static void copy_history(const char *name)
{
    ck_assert_int_eq(audit("full", name, it_text("%s.j", name)).status, 0);
}

static void check_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text);
}

static void check_has_not(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "'%s' in:\n%s", part, text);
}

/* ---- a run ---- */

/* Also where it asks for changes only: today's silence would say that the site is as it was. */
START_TEST(night_without_a_list_is_told_as_that)
{
    struct it_run run;

    copy_history("night.db");
    run = it_haul(IT_ARGS("--quiet-unless", "change,budget", "--history", in("night.db"),
                          "--budget", "total<1M", "--budget", "growth<10%", "-i", in("none")));
    ck_assert_int_eq(run.status, 0);
    check_has(run.out, "haul: 127.0.0.1: nothing was found; it was 2 URLs, 2.9 KiB, on ");
    check_has(run.out, "budget total<1M: matches nothing");
    check_has(run.out, "budget growth<10%: matches nothing");
    check_has_not(run.out, "gone");
    check_has_not(run.out, "-100");
    check_has_not(run.out, "kept");
    check_has(run.err, "none: no URL was found in it");
}
END_TEST

static const struct budget {
    const char *expression, *word;
    int status;
} budgets[] = {
    {"total<1M", "matches nothing", 0},      {"total>1", "EXCEEDED", 4},
    {"url<401", "matches nothing", 0},       {"p95<1M", "matches nothing", 0},
    {"count<6", "matches nothing", 0},       {"count>=2", "EXCEEDED", 4},
    {"failed=0", "matches nothing", 0},      {"failed<1%", "matches nothing", 0},
    {"path:/a/**<1M", "matches nothing", 0}, {"growth<10%", "matches nothing", 0},
    {"growth>-10%", "EXCEEDED", 4},
};
enum { BUDGETS = sizeof budgets / sizeof *budgets };

/* None is kept, for nobody has looked; but one that nothing breaks is broken. */
START_TEST(no_budget_is_kept_by_nothing)
{
    const struct budget *budget = &budgets[_i];
    const char *history = it_text("budget-%d.db", _i);
    struct it_run run;

    copy_history(history);
    run = it_haul(IT_ARGS("--no-quiet", "--history", in(history), "--budget", budget->expression,
                          "-i", in("none")));
    ck_assert_int_eq(run.status, budget->status);
    check_has(run.err, it_text("budget %s: %s", budget->expression, budget->word));
}
END_TEST

START_TEST(budget_that_nothing_keeps_can_be_an_error)
{
    struct it_run run =
        it_haul(IT_ARGS("-s", "--budget", "total<1M", "--budget-empty", "fail", "-i", in("none")));

    ck_assert_int_eq(run.status, 4);
}
END_TEST

/* A sitemap that cannot be had is no site of the same size. */
START_TEST(night_without_an_answer_is_told_as_that)
{
    struct it_run run;

    copy_history("answer.db");
    run = it_haul(IT_ARGS("--quiet-unless", "change", "--retry", "0", "--history", in("answer.db"),
                          "--sitemap", it_url("/status/404")));
    ck_assert_int_eq(run.status, 3);
    check_has(run.out, "haul: 127.0.0.1: nothing was found; it was 2 URLs, 2.9 KiB, on ");
    check_has(run.out, ", not complete\n");
    check_has_not(run.out, "same size");
    check_has(run.err, "cannot be fetched: http-404");
}
END_TEST

/* The night after is compared with the one before. */
START_TEST(night_of_nothing_is_none_to_compare_with)
{
    struct it_run run;

    copy_history("after.db");
    (void)audit("none", "after.db", "after-none.j");
    run =
        it_haul(IT_ARGS("--quiet-unless", "change", "--history", in("after.db"), "-i", in("full")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(!run.out_len && !run.err_len, "%s%s", run.out, run.err);
}
END_TEST

/* Who says that it may be empty, is told what is gone. */
START_TEST(nothing_that_is_meant_is_all_gone)
{
    struct it_run run;

    copy_history("meant.db");
    run = it_haul(IT_ARGS("--quiet-unless", "change", "--if-empty", "ignore", "--history",
                          in("meant.db"), "-i", in("none")));
    ck_assert_int_eq(run.status, 0);
    check_has(run.out, "-2.9 KiB (-100.0 %) since");
    check_has(run.out, "gone: -2.0 KiB");
    run = it_haul(IT_ARGS("--quiet-unless", "change", "--if-empty", "ignore", "--history",
                          in("meant.db"), "-i", in("none")));
    ck_assert_msg(!run.out_len && !run.err_len, "%s%s", run.out, run.err);
}
END_TEST

/* Files for whoever watches are written, or what they said yesterday would stay. */
START_TEST(reports_of_nothing_are_published)
{
    static const char *const formats[] = {"json",     "junit",      "csv",  "html",
                                          "markdown", "prometheus", "jsonl"};
    const char *file = in(formats[_i]), *text;
    struct it_run run = it_haul(IT_ARGS("-s", "--if-empty", "fail", "--report",
                                        it_text("%s:%s", formats[_i], file), "-i", in("none")));

    ck_assert_int_eq(run.status, 3);
    text = it_read(file, NULL);
    if (!strcmp(formats[_i], "json"))
        check_has(text, "\"nothing_found\": true");
    else if (!strcmp(formats[_i], "prometheus"))
        check_has(text, "\nhaul_nothing_found 1\n");
    else if (!strcmp(formats[_i], "jsonl"))
        ck_assert_str_eq(text, "");
    else if (!strcmp(formats[_i], "csv"))
        ck_assert_uint_eq(it_lines(text), 1);
    else
        check_has(text, "othing was found");
}
END_TEST

/* ---- verbs ---- */

static const char *name_of(const char *journal, int run)
{
    return run ? it_text("%s@%d", in("h.db"), run) : in(journal);
}

/* Of journals, and of a history. */
START_TEST(diff_says_that_there_is_nothing_to_compare)
{
    const char *full = name_of("full.j", _i ? 1 : 0), *none = name_of("none.j", _i ? 2 : 0);
    struct it_run run = it_haul(IT_ARGS("diff", full, none));

    ck_assert_int_eq(run.status, 1);
    check_has(run.out, "no URL was found now, so there is nothing to compare\n");
    check_has_not(run.out, "gone");
    run = it_haul(IT_ARGS("diff", "--format", "csv", full, none));
    ck_assert_int_eq(run.status, 1);
    ck_assert_uint_eq(it_lines(run.out), 1);
    check_has(run.err, "no URL was found now, so there is nothing to compare\n");
    run = it_haul(IT_ARGS("diff", none, full));
    ck_assert_int_eq(run.status, 1);
    check_has(run.out, "no URL was found before, so all of it is new\n");
    run = it_haul(IT_ARGS("diff", "--format", "jsonl", none, none));
    ck_assert_int_eq(run.status, 0);
    check_has(run.err, "no URL was found, neither before nor now");
}
END_TEST

START_TEST(history_names_the_runs_that_found_nothing)
{
    struct it_run run = it_haul(IT_ARGS("history", in("h.db")));

    ck_assert_int_eq(run.status, 0);
    check_has(run.out, "complete, status 0\n");
    check_has(run.out, "incomplete, status 0, nothing found\n");
}
END_TEST

/* As one is that its runs were taken from: a list of runs without a line says nothing. */
START_TEST(history_without_runs_says_so)
{
    const char *history = it_text("bare-%d.db", _i);
    struct it_run run;
    sqlite3 *db;

    copy_history(history);
    ck_assert_int_eq(sqlite3_open(in(history), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "DELETE FROM run", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    run = it_haul(IT_ARGS("history", "--format", _i ? "csv" : "text", in(history)));
    ck_assert_int_eq(run.status, 0);
    check_has(run.err, "there is no run in it");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nothing_compared");
    TCase *tcase = tcase_create("nights");

    tcase_add_unchecked_fixture(tcase, begin, it_end_server);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, night_without_a_list_is_told_as_that);
    tcase_add_loop_test(tcase, no_budget_is_kept_by_nothing, 0, BUDGETS);
    tcase_add_test(tcase, budget_that_nothing_keeps_can_be_an_error);
    tcase_add_test(tcase, night_without_an_answer_is_told_as_that);
    tcase_add_test(tcase, night_of_nothing_is_none_to_compare_with);
    tcase_add_test(tcase, nothing_that_is_meant_is_all_gone);
    tcase_add_loop_test(tcase, reports_of_nothing_are_published, 0, 7);
    tcase_add_loop_test(tcase, diff_says_that_there_is_nothing_to_compare, 0, 2);
    tcase_add_test(tcase, history_names_the_runs_that_found_nothing);
    tcase_add_loop_test(tcase, history_without_runs_says_so, 0, 2);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
