#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "history/diff.h"
#include "history/sql_functions.h"
#include "summary/budget_eval.h"

/* Budgets against tables of the shape that history/store.h promises. */

static sqlite3 *db;
static struct haul_summary summary;
static enum haul_budget_empty empty; /* --budget-empty */

static void run_sql(const char *sql)
{
    char *cause = NULL;

    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &cause) == SQLITE_OK, "%s: %s", cause, sql);
}

static void begin(void)
{
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    run_sql("CREATE TABLE now_page (id INTEGER PRIMARY KEY, page INT, url TEXT, host TEXT, "
            "path TEXT, type TEXT, outcome TEXT, reason TEXT, http_code INT, size INT, wire INT, "
            "line INT, last_size INT, last_type TEXT, tags TEXT)");
    run_sql("CREATE TABLE before_page AS SELECT * FROM now_page");
    run_sql("CREATE TABLE now_tag (page_rowid INT, name TEXT, value TEXT)");
    run_sql("CREATE TABLE before_tag AS SELECT * FROM now_tag");
    ck_assert(!haul_sql_add_functions(db));
    haul_summary_init(&summary);
    summary.complete = true;
}

static void end(void)
{
    haul_summary_done(&summary);
    sqlite3_close(db);
}

/* A page of a run ("now", "before"). The same path has the same number in both. A negative size is
 * none: then it failed. */
static int id_of(const char *run, int page)
{
    return strcmp(run, "now") == 0 ? 1000 + page : page; /* store.h */
}

static void add(const char *run, int page, const char *path, const char *type, int size)
{
    char sql[1000];
    bool is_ok = size >= 0;
    int len = snprintf(sql, sizeof sql,
                       "INSERT INTO %s_page VALUES (%d, %d, 'http://a.example%s', 'a.example', "
                       "'%s', '%s', '%s', '%s', %d, nullif(%d, -1), NULL, %d, NULL, NULL, '')",
                       run, id_of(run, page), page, path, path, type, is_ok ? "ok" : "failed",
                       is_ok ? "" : "http-503", is_ok ? 200 : 503, size, page);

    ck_assert_int_lt(len, (int)sizeof sql);
    run_sql(sql);
}

static struct haul_summary_budget judge(const char *expression)
{
    const struct haul_strings one = {.item = &expression, .count = 1};
    enum haul_err err = haul_diff_compare(db);

    if (!err)
        err = haul_budget_evaluate(db, &one, empty, &summary);
    ck_assert_msg(err == HAUL_OK, "%s: %s: %s", expression, haul_err_text(err), sqlite3_errmsg(db));
    ck_assert_uint_eq(summary.budget_count, 1);
    ck_assert_str_eq(summary.budget[0].expression, expression);
    return summary.budget[0];
}

struct judged_case {
    const char *expression;
    enum haul_budget_state state;
    double actual;
    const char *worst; /* NULL: none are named */
    const char *note;  /* a part of it; NULL: there is none */
};

static void check(const struct judged_case *wanted)
{
    struct haul_summary_budget got = judge(wanted->expression);

    ck_assert_msg(got.state == wanted->state, "%s: state %d, actual %f, %s", wanted->expression,
                  got.state, got.actual, got.note ? got.note : "no note");
    ck_assert_msg(fabs(got.actual - wanted->actual) < 1e-9, "%s: %f", wanted->expression,
                  got.actual);
    ck_assert_msg(!wanted->worst == !got.offender_count, "%s: %zu", wanted->expression,
                  got.offender_count);
    if (wanted->worst)
        ck_assert_str_eq(got.offender[0], wanted->worst);
    ck_assert_msg(!wanted->note == !got.note && (!got.note || strstr(got.note, wanted->note)),
                  "%s: %s", wanted->expression, got.note ? got.note : "no note");
}

#define KEPT HAUL_BUDGET_KEPT
#define EXCEEDED HAUL_BUDGET_EXCEEDED
#define UNKNOWN HAUL_BUDGET_UNKNOWN
#define EMPTY HAUL_BUDGET_EMPTY
#define A "http://a.example"

/* ---- a site where all is known ---- */

static void fill_whole(void)
{
    add("now", 1, "/", "text/html", 100);
    add("now", 2, "/assets/a.js", "text/javascript", 200);
    add("now", 3, "/assets/img/b.png", "image/png", 300);
    add("now", 4, "/c.gif", "image/gif", 400);
    run_sql("INSERT INTO now_page VALUES (2001, 9, 'http://B.example/', 'b.example', '/', '', "
            "'unchanged', '', 304, 24, NULL, 5, NULL, NULL, '')");
    run_sql("INSERT INTO now_page VALUES (2002, 10, 'junk', '', '', '', 'invalid', 'bad-url', 0, "
            "NULL, NULL, 6, NULL, NULL, ''), (2003, 11, '" A
            "/', 'a.example', '/', '', 'duplicate', "
            "'', 0, NULL, NULL, 7, NULL, NULL, '')");
    run_sql("INSERT INTO now_tag VALUES (1001, 'team', 'web'), (1002, 'team', 'web/js'), "
            "(1002, 'x', 'web'), (1003, 'team', 'img')");
}

static const struct judged_case whole[] = {
    {"total<1025", KEPT, 1024, NULL, NULL},
    {"total<1k", EXCEEDED, 1024, A "/c.gif (400 B)", NULL},
    {"total<=1k", KEPT, 1024, NULL, NULL},
    {"total=1024", KEPT, 1024, NULL, NULL},
    {"total=1000", EXCEEDED, 1024, A "/c.gif (400 B)", NULL},
    {"total>1k", EXCEEDED, 1024, "http://B.example/ (24 B)", NULL},
    {"total>=1k", KEPT, 1024, NULL, NULL},
    {"path:/assets/**<501", KEPT, 500, NULL, NULL},
    {"path:/assets/**<500", EXCEEDED, 500, A "/assets/img/b.png (300 B)", NULL},
    {"path:/assets/*<201", KEPT, 200, NULL, NULL},
    {"path:/none/**<1", EMPTY, 0, NULL, "no URL matches"},
    {"path:/none/**>1", EXCEEDED, 0, NULL, "no URL matches"},
    {"type:IMAGE/*<700", EXCEEDED, 700, A "/c.gif (400 B)", NULL},
    {"type:image/*<=700", KEPT, 700, NULL, NULL},
    {"host:B.*<24", EXCEEDED, 24, "http://B.example/ (24 B)", NULL},
    {"host:*.example<1025", KEPT, 1024, NULL, NULL},
    {"tag:team=web<100", EXCEEDED, 100, A "/ (100 B)", NULL},
    {"tag:team=web**<=300", KEPT, 300, NULL, NULL},
    {"tag:x=web<=200", KEPT, 200, NULL, NULL},
    {"tag:y=web<1", EMPTY, 0, NULL, "no URL matches"},
    {"url<401", KEPT, 400, NULL, NULL},
    {"url<300", EXCEEDED, 400, A "/c.gif (400 B)", NULL},
    {"url>24", EXCEEDED, 24, "http://B.example/ (24 B)", NULL},
    {"url>=24", KEPT, 24, NULL, NULL},
    {"url=400", EXCEEDED, 400, A "/assets/img/b.png (300 B)", NULL},
    {"url:type:text/*<200", EXCEEDED, 200, A "/assets/a.js (200 B)", NULL},
    {"url:path:/none<1", EMPTY, 0, NULL, "no URL matches"},
    {"count<6", KEPT, 5, NULL, NULL},
    {"count<5", EXCEEDED, 5, NULL, NULL},
    {"count:type:image/*=2", KEPT, 2, NULL, NULL},
    {"failed=0", KEPT, 0, NULL, NULL},
    {"failed<1%", KEPT, 0, NULL, NULL},
    {"p100<=400", KEPT, 400, NULL, NULL},
    {"p100<400", EXCEEDED, 400, A "/c.gif (400 B)", NULL},
    {"p80<=300", KEPT, 300, NULL, NULL},
    {"p81<=300", EXCEEDED, 400, A "/c.gif (400 B)", NULL},
    {"p20<=24", KEPT, 24, NULL, NULL},
    {"p21<=24", EXCEEDED, 100, A "/c.gif (400 B)", NULL},
    {"p1<=24", KEPT, 24, NULL, NULL},
    {"p50:type:image/*<=300", KEPT, 300, NULL, NULL},
    {"growth<10%", UNKNOWN, 0, NULL, "no earlier complete run"},
    {"growth<5M", UNKNOWN, 0, NULL, "no earlier complete run"},
};

START_TEST(known_site_is_judged)
{
    fill_whole();
    check(&whole[_i]);
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
    {"growth:path:/gone>-1", EXCEEDED, -50, A "/gone (-50 B)", "no URL matches"},
    {"count:path:/none=0", KEPT, 0, NULL, "no URL matches"},
    {"count:path:/none>0", EXCEEDED, 0, NULL, "no URL matches"},
};

START_TEST(choice_that_matches_nothing_is_not_kept)
{
    struct judged_case wanted = unmatched[_i];

    fill_whole();
    summary.has_before = true;
    add("before", 4, "/gone", "image/png", 50);
    run_sql("UPDATE before_page SET id = 99, page = 99");
    if (strstr(wanted.expression, "/gone"))
        wanted.note = NULL; /* it has matched before, which is what growth is about */
    check(&wanted);
    if (wanted.state == EMPTY) {
        empty = HAUL_BUDGET_EMPTY_FAIL;
        wanted.state = EXCEEDED;
        check(&wanted);
        empty = HAUL_BUDGET_EMPTY_OK;
        wanted.state = KEPT;
        check(&wanted);
    }
    summary.complete = false;
    empty = HAUL_BUDGET_EMPTY_WARN;
    ck_assert_int_ne(judge(wanted.expression).state, EMPTY); /* something may match yet */
}
END_TEST

/* ---- where not all is known ---- */

static void fill_gaps(void)
{
    for (int i = 1; i <= 9; i++)
        add("now", i, "/x", "text/html", i * 100);
    add("now", 10, "/gone", "", -1);
}

#define GONE A "/gone (http-503)"

static const struct judged_case gaps[] = {
    /* 4500 bytes, and what nobody knows */
    {"total<4500", EXCEEDED, 4500, A "/x (900 B)", "1 URL has no known length"},
    {"total<4501", UNKNOWN, 4500, GONE, "1 URL has no known length"},
    {"total>4499", KEPT, 4500, NULL, "1 URL has no known length"},
    {"total>4500", UNKNOWN, 4500, GONE, "1 URL has no known length"},
    {"total=4500", UNKNOWN, 4500, GONE, "1 URL has no known length"},
    {"total=5000", UNKNOWN, 4500, GONE, "1 URL has no known length"},
    {"total=4499", EXCEEDED, 4500, A "/x (900 B)", "1 URL has no known length"},
    {"path:/x<4501", KEPT, 4500, NULL, NULL},
    {"path:/gone<1", UNKNOWN, 0, GONE, "1 URL has no known length"},
    {"type:text/*<4501", UNKNOWN, 4500, GONE, "1 URL has no known length"},
    {"url<901", UNKNOWN, 900, GONE, "1 URL has no known length"},
    {"url<900", EXCEEDED, 900, A "/x (900 B)", "1 URL has no known length"},
    {"url>99", UNKNOWN, 0, GONE, "1 URL has no known length"},
    {"count=10", KEPT, 10, NULL, NULL},
    {"count:type:text/*<10", UNKNOWN, 9, GONE, "1 URL has no known type"},
    {"failed=0", EXCEEDED, 1, A "/gone (http-503)", NULL},
    {"failed<10%", EXCEEDED, 10, A "/gone (http-503)", NULL},
    {"failed<=10%", KEPT, 10, NULL, NULL},
    {"failed<10.0001%", KEPT, 10, NULL, NULL},
    {"failed:path:/x=0", KEPT, 0, NULL, NULL},
    {"failed:path:/gone<1%", EXCEEDED, 100, A "/gone (http-503)", NULL},
    {"failed:type:text/*=0", UNKNOWN, 0, GONE, "1 URL has no known type"},
    /* The tenth may be the smallest or the largest. */
    {"p90<=900", KEPT, 800, NULL, "1 URL has no known length"},
    {"p90<=850", UNKNOWN, 800, GONE, "1 URL has no known length"},
    {"p90<800", EXCEEDED, 800, A "/x (900 B)", "1 URL has no known length"},
    {"p100<1000", UNKNOWN, 900, GONE, "1 URL has no known length"},
    {"p10>0", UNKNOWN, 0, GONE, "1 URL has no known length"},
};

START_TEST(unknown_lengths_are_not_taken_for_nothing)
{
    fill_gaps();
    check(&gaps[_i]);
}
END_TEST

/* ---- what is not known now, but was ---- */

static void fill_failing(void)
{
    for (int i = 1; i <= 9; i++)
        add("now", i, "/x", "text/html", i * 100);
    add("now", 10, "/page", "text/plain", -1); /* the type is that of the error page */
    add("now", 11, "/img", "text/plain", -1);
    add("now", 12, "/never", "text/plain", -1);
    run_sql("UPDATE now_page SET last_size = 50, last_type = 'text/html' WHERE page = 10");
    run_sql("UPDATE now_page SET last_size = 2000, last_type = 'image/png' WHERE page = 11");
    run_sql("UPDATE now_page SET reason = 'http-404' WHERE page = 12");
}

#define IMG A "/img (http-503, had 2.0 KiB)"
#define PAGE A "/page (http-503, had 50 B)"
#define FROM_0 "count from 0 to their last known ones"

static const struct judged_case failing[] = {
    /* 4500 bytes, and up to 2050 more */
    {"total<4500", EXCEEDED, 4500, A "/x (900 B)", FROM_0},
    {"total<4501", UNKNOWN, 4500, IMG, "2 URLs without a length " FROM_0},
    {"total<6550", UNKNOWN, 4500, IMG, FROM_0},
    {"total<6551", KEPT, 4500, NULL, FROM_0},
    {"total>=4500", KEPT, 4500, NULL, FROM_0},
    {"total>4500", UNKNOWN, 4500, IMG, FROM_0},
    {"total>6550", EXCEEDED, 4500, A "/x (100 B)", FROM_0},
    {"total=6551", EXCEEDED, 4500, A "/x (900 B)", FROM_0},
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
    {"p50<400", EXCEEDED, 400, A "/x (900 B)", FROM_0},
    {"p100<2000", UNKNOWN, 900, IMG, FROM_0},
    {"p100<=2000", KEPT, 900, NULL, FROM_0},
    {"count:type:image/*=1", KEPT, 1, NULL, NULL},
    {"count:type:text/html=10", KEPT, 10, NULL, NULL},
    {"count:type:text/plain=0", KEPT, 0, NULL, "no URL matches"},
    {"failed:type:image/*=0", EXCEEDED, 1, A "/img (http-503)", NULL},
    {"failed=3", KEPT, 3, NULL, NULL},
};

START_TEST(what_failed_counts_up_to_what_it_had)
{
    fill_failing();
    check(&failing[_i]);
}
END_TEST

START_TEST(range_is_told)
{
    struct haul_summary_budget got;

    fill_failing();
    got = judge("total<6551");
    ck_assert(got.most == 6550);
    got = judge("p50<500");
    ck_assert(got.most == 500);
    add("now", 13, "/new", "", -1);
    got = judge("total<1G");
    ck_assert(got.most == HUGE_VAL);
    ck_assert_str_eq(got.note, "1 URL has no known length; 2 URLs without a length " FROM_0);
    ck_assert_str_eq(got.offender[0], A "/new (http-503)");
    ck_assert_uint_eq(got.offender_total, 3);
    summary.complete = false;
    ck_assert(judge("total<1G").is_partial);
}
END_TEST

static const struct judged_case unfinished[] = {
    {"total<1025", UNKNOWN, 1024, NULL, "not complete"},
    {"total<1024", EXCEEDED, 1024, A "/c.gif (400 B)", "not complete"},
    {"total>1", KEPT, 1024, NULL, "not complete"},
    {"url<401", UNKNOWN, 400, NULL, "not complete"},
    {"count<6", UNKNOWN, 5, NULL, "not complete"},
    {"count<5", EXCEEDED, 5, NULL, "not complete"},
    {"failed=0", UNKNOWN, 0, NULL, "not complete"},
    {"failed<1%", UNKNOWN, 0, NULL, "not complete"},
    {"p95<1M", UNKNOWN, 400, NULL, "not complete"},
    {"growth<1M", UNKNOWN, 1024, NULL, "not complete"},
    {"growth<1k", EXCEEDED, 1024, A "/c.gif (+400 B)", "not complete"},
};

START_TEST(run_that_is_not_complete_keeps_no_budget)
{
    fill_whole();
    summary.complete = false;
    summary.has_before = true;
    check(&unfinished[_i]);
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
    summary.has_before = true;
    check(&nothing[_i]);
}
END_TEST

/* ---- growth ---- */

static void fill_two_runs(void)
{
    summary.has_before = true;
    add("before", 1, "/same", "text/html", 100);
    add("now", 1, "/same", "text/html", 100);
    add("before", 2, "/blog/grown", "text/html", 100);
    add("now", 2, "/blog/grown", "text/html", 400);
    add("before", 3, "/shrunk", "image/png", 150);
    add("now", 3, "/shrunk", "image/png", 100);
    add("before", 4, "/gone", "image/png", 50);
    add("now", 5, "/blog/new", "text/html", 200);
}

static const struct judged_case growth[] = {
    /* 400 bytes before, 800 now */
    {"growth<401", KEPT, 400, NULL, NULL},
    {"growth<400", EXCEEDED, 400, A "/blog/grown (+300 B)", NULL},
    {"growth<=100%", KEPT, 100, NULL, NULL},
    {"growth<100%", EXCEEDED, 100, A "/blog/grown (+300 B)", NULL},
    {"growth<99.9999%", EXCEEDED, 100, A "/blog/grown (+300 B)", NULL},
    {"growth:path:/blog/**<500", EXCEEDED, 500, A "/blog/grown (+300 B)", NULL},
    {"growth:path:/blog/**<501", KEPT, 500, NULL, NULL},
    {"growth:type:image/*>-100", EXCEEDED, -100, A "/gone (-50 B)", NULL},
    {"growth:type:image/*>-50%", EXCEEDED, -50, A "/gone (-50 B)", NULL},
    {"growth:type:image/*>=-50%", KEPT, -50, NULL, NULL},
    {"growth:path:/blog/new<10%", EXCEEDED, 200, A "/blog/new (+200 B)", "nothing was there"},
    {"growth:path:/blog/new>-10%", KEPT, 200, NULL, "nothing was there"},
    {"growth:path:/none<10%", EMPTY, 0, NULL, "no URL matches"},
    {"growth:path:/gone<10%", KEPT, -100, NULL, NULL},
};

START_TEST(growth_is_that_since_the_run_before)
{
    fill_two_runs();
    check(&growth[_i]);
}
END_TEST

START_TEST(growth_leaves_out_what_failed_in_one_of_the_runs)
{
    fill_two_runs();
    add("before", 6, "/failing", "text/html", 5000);
    add("now", 6, "/failing", "", -1);
    add("before", 7, "/recovered", "", -1);
    add("now", 7, "/recovered", "text/html", 7000);
    check(&(struct judged_case){"growth<7401", KEPT, 400, NULL, "1 URL that has no known length"});
    check(&(struct judged_case){"growth<401", UNKNOWN, 400, A "/recovered (no earlier length)",
                                "1 URL had no known length before"});
    check(&(struct judged_case){"growth<=100%", UNKNOWN, 100, A "/recovered (no earlier length)",
                                "1 URL that has no known length is left out"});
    check(&(struct judged_case){"growth<1", EXCEEDED, 400, A "/blog/grown (+300 B)", "1 URL had"});
}
END_TEST

START_TEST(growth_of_what_never_had_a_length_is_not_known)
{
    summary.has_before = true;
    add("before", 1, "/failing", "", -1);
    add("now", 1, "/failing", "", -1);
    check(&(struct judged_case){"growth<10%", UNKNOWN, 0, A "/failing (http-503)",
                                "1 URL that has no known length"});
    check(&(struct judged_case){"growth:path:/none<10%", EMPTY, 0, NULL, "no URL matches"});
}
END_TEST

START_TEST(growth_of_tags_knows_those_of_the_run_before)
{
    fill_two_runs();
    run_sql("INSERT INTO now_tag VALUES (1002, 't', 'v'), (1005, 't', 'v')");
    run_sql("INSERT INTO before_tag VALUES (3, 't', 'v')");
    check(
        &(struct judged_case){"growth:tag:t=v<450", EXCEEDED, 450, A "/blog/grown (+400 B)", NULL});
}
END_TEST

/* ---- the worst ---- */

START_TEST(worst_are_bounded_and_counted)
{
    struct haul_summary_budget got;

    for (int i = 1; i <= 50; i++)
        add("now", i, "/x", "text/html", i * 1000);
    got = judge("url<10000");
    ck_assert_int_eq(got.state, EXCEEDED);
    ck_assert_uint_eq(got.offender_count, HAUL_BUDGET_OFFENDERS_MAX);
    ck_assert_uint_eq(got.offender_total, 41);
    ck_assert_str_eq(got.offender[0], A "/x (48.8 KiB)");
    ck_assert_str_eq(got.offender[4], A "/x (44.9 KiB)");
}
END_TEST

START_TEST(host_that_was_given_up_is_failed)
{
    add("now", 1, "/a", "text/html", 1);
    add("now", 2, "/b", "", -1);
    run_sql("UPDATE now_page SET outcome = 'skipped', reason = 'host-down' WHERE page = 2");
    check(&(struct judged_case){"failed<50%", EXCEEDED, 50, A "/b (host-down)", NULL});
}
END_TEST

/* ---- what might be taken for SQL, or does not fit ---- */

START_TEST(special_characters_are_only_characters)
{
    add("now", 1, "/a''%_;--\"?1:glob@n", "text/html", 10);
    add("now", 2, "/aX", "text/html", 20);
    check(&(struct judged_case){"path:/a'%_;--\"?1:glob@n<10", EXCEEDED, 10,
                                A "/a'%_;--\"?1:glob@n (10 B)", NULL});
    check(&(struct judged_case){"path:/a'); DROP TABLE now_page; --<1", EMPTY, 0, NULL,
                                "no URL matches"});
    check(&(struct judged_case){"tag:' OR 1=1<1", EMPTY, 0, NULL, "no URL matches"});
    check(&(struct judged_case){"total<30", EXCEEDED, 30, A "/aX (20 B)", NULL});
}
END_TEST

START_TEST(sums_of_lies_do_not_wrap)
{
    struct haul_summary_budget got;

    run_sql("INSERT INTO now_page (id, page, url, outcome, size) VALUES "
            "(1, 1, 'http://a/', 'ok', 9223372036854775807), "
            "(2, 2, 'http://b/', 'ok', 9223372036854775807)");
    got = judge("total<1P");
    ck_assert_int_eq(got.state, EXCEEDED);
    ck_assert(got.actual > 1.8e19);
}
END_TEST

START_TEST(several_are_judged_in_their_order)
{
    const char *text[] = {"total<1", "count<9", "growth<1%"};
    const struct haul_strings three = {.item = text, .count = 3};

    fill_whole();
    ck_assert_int_eq(haul_budget_evaluate(db, &three, empty, &summary), HAUL_OK);
    ck_assert_uint_eq(summary.budget_count, 3);
    ck_assert_int_eq(summary.budget[0].state, EXCEEDED);
    ck_assert_int_eq(summary.budget[1].state, KEPT);
    ck_assert_int_eq(summary.budget[2].state, UNKNOWN);
    ck_assert_str_eq(summary.budget[0].unit, "bytes");
    ck_assert_str_eq(summary.budget[1].unit, "URLs");
    ck_assert_str_eq(summary.budget[2].unit, "%");
    ck_assert(fabs(summary.budget[2].limit - 1) < 1e-9);
}
END_TEST

START_TEST(errors_are_told_and_leave_no_budgets)
{
    const char *good = "total<1", *bad = "total<";
    struct haul_strings one = {.item = &bad, .count = 1};

    ck_assert_int_eq(haul_budget_evaluate(db, &one, empty, &summary), HAUL_ERR_USAGE);
    ck_assert_uint_eq(summary.budget_count, 0);
    run_sql("DROP TABLE now_page");
    one.item = &good;
    ck_assert_int_eq(haul_budget_evaluate(db, &one, empty, &summary), HAUL_ERR_IO);
    ck_assert_ptr_nonnull(strstr(sqlite3_errmsg(db), "now_page"));
    ck_assert_uint_eq(summary.budget_count, 0);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void)
{
    Suite *suite = suite_create("judge");
    TCase *judging = tcase_create("judge");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(judging, begin, end);
    tcase_add_loop_test(judging, known_site_is_judged, 0, COUNT(whole));
    tcase_add_loop_test(judging, choice_that_matches_nothing_is_not_kept, 0, COUNT(unmatched));
    tcase_add_loop_test(judging, unknown_lengths_are_not_taken_for_nothing, 0, COUNT(gaps));
    tcase_add_loop_test(judging, what_failed_counts_up_to_what_it_had, 0, COUNT(failing));
    tcase_add_test(judging, range_is_told);
    tcase_add_loop_test(judging, run_that_is_not_complete_keeps_no_budget, 0, COUNT(unfinished));
    tcase_add_loop_test(judging, empty_site_is_judged, 0, COUNT(nothing));
    tcase_add_loop_test(judging, growth_is_that_since_the_run_before, 0, COUNT(growth));
    tcase_add_test(judging, growth_leaves_out_what_failed_in_one_of_the_runs);
    tcase_add_test(judging, growth_of_what_never_had_a_length_is_not_known);
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
