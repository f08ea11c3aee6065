#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_history.h"

/*
 * The views of a history (history/views.h), asked as others ask: by SQLite alone, with the
 * questions of the manual and of the example in conf/. What is expected was worked out by hand.
 */

#define SITE "https://www.example.com/"
#define T "1970-01-01T00:00:01Z|"

/* One page grows, one goes, one fails, recovers and fails, one comes. */
static const struct fake_row nights[3][3] = {
    {{SITE, HAUL_OUTCOME_OK, 100, "text/html", NULL},
     {SITE "b", HAUL_OUTCOME_OK, 200, "image/png", NULL},
     {SITE "c", HAUL_OUTCOME_FAILED, -1, NULL, NULL}},
    {{SITE, HAUL_OUTCOME_OK, 110, "text/html", NULL},
     {SITE "b", HAUL_OUTCOME_OK, 200, "image/png", NULL},
     {SITE "c", HAUL_OUTCOME_OK, 50, "text/html", NULL}},
    {{SITE, HAUL_OUTCOME_OK, 120, "text/html", NULL},
     {SITE "c", HAUL_OUTCOME_FAILED, -1, NULL, NULL},
     {SITE "d", HAUL_OUTCOME_OK, 10, "text/html", NULL}},
};

static void make_nights(void)
{
    struct haul_store *store = fake_open();

    for (int i = 0; i < 3; i++)
        fake_run(store, nights[i], 3);
    haul_store_free(store);
}

/* The rows of a query: columns with '|' between them, a line for each. Of a connection that knows
 * nothing of haul's. */
static const char *ask(const char *sql)
{
    static char rows[4096];
    sqlite3_stmt *row;
    size_t len = 0;
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open_v2(fake_path(), &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_msg(!sqlite3_prepare_v2(db, sql, -1, &row, NULL), "%s: %s", sql, sqlite3_errmsg(db));
    rows[0] = '\0';
    while (sqlite3_step(row) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(row); i++) {
            const char *text = (const char *)sqlite3_column_text(row, i);

            len +=
                (size_t)snprintf(rows + len, sizeof rows - len, "%s%s%s", i ? "|" : "",
                                 text ? text : "", i + 1 < sqlite3_column_count(row) ? "" : "\n");
            ck_assert_uint_lt(len, sizeof rows);
        }
    ck_assert_msg(!sqlite3_finalize(row), "%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
    return rows;
}

/* A file of the sources; the caller's to free. */
static char *read_source(const char *name)
{
    const char *root = getenv("HAUL_SOURCE_ROOT");
    char path[1000], *text = malloc(1 << 20);
    FILE *file;
    size_t len;

    ck_assert_ptr_nonnull(root);
    ck_assert_ptr_nonnull(text);
    snprintf(path, sizeof path, "%s/%s", root, name);
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s", path);
    len = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    text[len] = '\0';
    return text;
}

/* ---- the manual ---- */

static const struct {
    const char *question, *rows;
} answers[] = {
    {"the last month", T "complete|0|0|130\n" T "complete|0|0|360\n" T "complete|0|0|300\n"},
    {"how the size of the site has grown", T "300|300\n" T "360|360\n" T "130|130\n"},
    {"the largest pages", SITE "|120\n" SITE "d|10\n" SITE "c|\n"},
    {"what is how large", "text/html|2|130|1.0\n|1||\n"},
    {"what fails, and since when", T "http-503|" SITE "c\n"},
    {"what the last run has found otherwise",
     SITE "|ok|ok|110|120|10\n" SITE "b|ok||200||\n" SITE "c|ok|failed|50||\n" SITE "d||ok||10|\n"},
    {"what changes most often", "2|" SITE "\n2|" SITE "c\n1|" SITE "b\n1|" SITE "d\n"},
    {"one page over time", T "ok||100\n" T "ok||110\n" T "ok||120\n"},
    {"new and gone in each run", "2|0|0\n3|1|1\n"},
    {"what has grown by a fifth since the first run, in however small steps", SITE "|100|120\n"},
};
enum { ANSWERS = sizeof answers / sizeof *answers };

START_TEST(question_of_the_manual_is_answered)
{
    char *manual = read_source("src/haul.1"), *at, *end, mark[100];

    make_nights();
    snprintf(mark, sizeof mark, "\n-- %s\n", answers[_i].question);
    at = strstr(manual, mark);
    ck_assert_msg(at != NULL, "%s", mark);
    at += strlen(mark);
    end = strchr(at, ';');
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    ck_assert_str_eq(ask(at), answers[_i].rows);
    free(manual);
}
END_TEST

START_TEST(manual_has_no_other_questions)
{
    char *manual = read_source("src/haul.1"), *end;
    const char *at = strstr(manual, "\nTen questions:\n");
    int count = 0;

    ck_assert_ptr_nonnull(at);
    end = strstr(at, "\n.Ed\n");
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    while ((at = strstr(at, "\n-- ")) != NULL) {
        count++;
        at++;
    }
    ck_assert_int_eq(count, ANSWERS);
    free(manual);
}
END_TEST

/* ---- the dashboard ---- */

START_TEST(queries_of_the_dashboard_have_rows)
{
    char *text = read_source("conf/grafana.json");
    json_error_t error;
    json_t *dashboard = json_loads(text, 0, &error), *panel;
    size_t i;

    make_nights();
    ck_assert_msg(dashboard != NULL, "%d: %s", error.line, error.text);
    ck_assert_uint_eq(json_array_size(json_object_get(dashboard, "panels")), 7);
    json_array_foreach(json_object_get(dashboard, "panels"), i, panel)
    {
        const json_t *target = json_array_get(json_object_get(panel, "targets"), 0);
        const char *sql = json_string_value(json_object_get(target, "rawQueryText"));

        ck_assert_ptr_nonnull(sql);
        ck_assert_str_eq(sql, json_string_value(json_object_get(target, "queryText")));
        ck_assert_msg(*ask(sql), "%s", sql);
        ck_assert_msg(strcmp(json_string_value(json_object_get(panel, "type")), "timeseries") ||
                          strstr(sql, "started_s AS time"),
                      "%s", sql);
    }
    json_decref(dashboard);
    free(text);
}
END_TEST

/* ---- what runs leave ---- */

/* A killed run has no pages; what was not known before is no change. */
START_TEST(killed_and_removed_runs_are_no_changes)
{
    const struct haul_store_keep keep = {.runs = 3};
    struct haul_store *store;

    make_nights();
    store = fake_open();
    fake_start(store);
    haul_store_free(store); /* run 4 */
    store = fake_open();
    fake_run(store, nights[2], 3);
    ck_assert(!haul_store_prune(store, &keep));
    haul_store_free(store);
    ck_assert_str_eq(ask("SELECT run, state FROM v_run ORDER BY run"),
                     "3|complete\n4|killed or running\n5|complete\n");
    ck_assert_str_eq(ask("SELECT count(*) FROM v_change"), "0\n");
    ck_assert_str_eq(ask("SELECT run, count(*), sum(size) FROM v_size_at GROUP BY run"),
                     "3|3|130\n5|3|130\n");
    ck_assert_str_eq(ask("SELECT count(*), sum(size) FROM v_page"), "3|130\n");
}
END_TEST

START_TEST(page_that_comes_back_is_new_again)
{
    struct haul_store *store;

    make_nights();
    store = fake_open();
    fake_run(store, nights[1], 3);
    haul_store_free(store);
    ck_assert_str_eq(ask("SELECT outcome_before, outcome, size_before, size, gained FROM v_change"
                         " WHERE run = 4 ORDER BY url"),
                     "ok|ok|120|110|-10\n|ok||200|\nfailed|ok||50|\nok||10||\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("history_views");
    TCase *tcase = tcase_create("views");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    tcase_add_loop_test(tcase, question_of_the_manual_is_answered, 0, ANSWERS);
    tcase_add_test(tcase, manual_has_no_other_questions);
    tcase_add_test(tcase, queries_of_the_dashboard_have_rows);
    tcase_add_test(tcase, killed_and_removed_runs_are_no_changes);
    tcase_add_test(tcase, page_that_comes_back_is_new_again);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
