#include "budget_world.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "history/diff.h"
#include "history/sql_functions.h"

sqlite3 *budget_db;
struct haul_summary budget_summary;
enum haul_budget_empty budget_empty;

void budget_run_sql(const char *sql)
{
    char *cause = NULL;

    ck_assert_msg(sqlite3_exec(budget_db, sql, NULL, NULL, &cause) == SQLITE_OK, "%s: %s", cause,
                  sql);
}

void budget_begin(void)
{
    ck_assert_int_eq(sqlite3_open(":memory:", &budget_db), SQLITE_OK);
    budget_run_sql(
        "CREATE TABLE now_page (id INTEGER PRIMARY KEY, page INT, url TEXT, host TEXT, "
        "path TEXT, type TEXT, outcome TEXT, reason TEXT, http_code INT, size INT, wire INT, "
        "line INT, last_size INT, last_type TEXT, tags TEXT, last_wire INT)");
    budget_run_sql("CREATE TABLE before_page AS SELECT * FROM now_page");
    budget_run_sql("CREATE TABLE now_tag (page_rowid INT, name TEXT, value TEXT)");
    budget_run_sql("CREATE TABLE before_tag AS SELECT * FROM now_tag");
    ck_assert(!haul_sql_add_functions(budget_db));
    haul_summary_init(&budget_summary);
    budget_summary.complete = true;
}

void budget_end(void)
{
    haul_summary_done(&budget_summary);
    sqlite3_close(budget_db);
}

static int id_of(const char *run, int page)
{
    return strcmp(run, "now") == 0 ? 1000 + page : page; /* store.h */
}

void budget_add(const char *run, int page, const char *path, const char *type, int size)
{
    char sql[1000];
    bool is_ok = size >= 0;
    int len =
        snprintf(sql, sizeof sql,
                 "INSERT INTO %s_page VALUES (%d, %d, 'http://a.example%s', 'a.example', "
                 "'%s', '%s', '%s', '%s', %d, nullif(%d, -1), NULL, %d, NULL, NULL, '', NULL)",
                 run, id_of(run, page), page, path, path, type, is_ok ? "ok" : "failed",
                 is_ok ? "" : "http-503", is_ok ? 200 : 503, size, page);

    ck_assert_int_lt(len, (int)sizeof sql);
    budget_run_sql(sql);
}

struct haul_summary_budget budget_judge(const char *expression)
{
    const struct haul_strings one = {.item = &expression, .count = 1};
    enum haul_err err = haul_diff_compare(budget_db);

    if (!err)
        err = haul_budget_evaluate(budget_db, &one, budget_empty, &budget_summary);
    ck_assert_msg(err == HAUL_OK, "%s: %s: %s", expression, haul_err_text(err),
                  sqlite3_errmsg(budget_db));
    ck_assert_uint_eq(budget_summary.budget_count, 1);
    ck_assert_str_eq(budget_summary.budget[0].expression, expression);
    return budget_summary.budget[0];
}

void budget_check(const struct judged_case *wanted)
{
    struct haul_summary_budget got = budget_judge(wanted->expression);

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

void budget_fill_whole(void)
{
    budget_add("now", 1, "/", "text/html", 100);
    budget_add("now", 2, "/assets/a.js", "text/javascript", 200);
    budget_add("now", 3, "/assets/img/b.png", "image/png", 300);
    budget_add("now", 4, "/c.gif", "image/gif", 400);
    budget_run_sql(
        "INSERT INTO now_page VALUES (2001, 9, 'http://B.example/', 'b.example', '/', '', "
        "'unchanged', '', 304, 24, NULL, 5, NULL, NULL, '', NULL)");
    budget_run_sql(
        "INSERT INTO now_page VALUES (2002, 10, 'junk', '', '', '', 'invalid', 'bad-url', 0, "
        "NULL, NULL, 6, NULL, NULL, '', NULL), (2003, 11, '" BUDGET_A
        "/', 'a.example', '/', '', 'duplicate', "
        "'', 0, NULL, NULL, 7, NULL, NULL, '', NULL)");
    budget_run_sql("INSERT INTO now_tag VALUES (1001, 'team', 'web'), (1002, 'team', 'web/js'), "
                   "(1002, 'x', 'web'), (1003, 'team', 'img')");
}
