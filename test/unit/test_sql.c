#include <check.h>
#include <stdio.h>
#include <string.h>

#include "history/sql.h"

/* What a connection may do, whatever stands in the file. */

#define ENDLESS "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "

static sqlite3 *open_private(struct haul_sql_guard *guard)
{
    sqlite3 *db;

    ck_assert_int_eq(haul_sql_open_private(guard, &db), HAUL_OK);
    return db;
}

static void check_fails(sqlite3 *db, const char *sql, const char *cause)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    ck_assert_int_eq(haul_sql_run(db, sql), HAUL_ERR_IO);
    haul_sql_add_error(&text, db);
    ck_assert_msg(strstr(haul_buf_str(&text), cause) != NULL, "%s: %s", sql, haul_buf_str(&text));
    haul_buf_done(&text);
}

/* Without the guard it would run until the case is killed. */
START_TEST(endless_query_is_ended_after_the_second_signal)
{
    haul_stop stop = HAUL_STOP_QUIT;
    struct haul_sql_guard guard = {.stop = &stop};
    sqlite3 *db = open_private(&guard);

    check_fails(db, ENDLESS "SELECT count(*) FROM c", "interrupted");
    check_fails(db, ENDLESS "SELECT count(*) FROM c", "interrupted");
    sqlite3_close(db);
}
END_TEST

START_TEST(what_is_under_way_may_end_after_the_first_signal)
{
    haul_stop stop = HAUL_STOP_ABORT;
    struct haul_sql_guard guard = {.stop = &stop};
    sqlite3 *db = open_private(&guard);
    int64_t count;

    ck_assert(!haul_sql_number(db, "SELECT count(*) FROM (" ENDLESS "SELECT x FROM c LIMIT 200000)",
                               &count));
    ck_assert_int_eq(count, 200000);
    ck_assert_int_eq(guard.end_us, 0);
    sqlite3_close(db);
}
END_TEST

static const struct {
    const char *sql, *cause;
} refused[] = {
    {"ATTACH '' AS other", "too many attached"},
    {"SELECT zeroblob(67108865)", "too big"},
    {"SELECT load_extension('x')", "not authorized"},
    {"SELECT \"no such column\"", "no such column"},
    {"CREATE VIEW v AS SELECT 1; SELECT * FROM v", "view"},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ''", "may not be modified"},
};

START_TEST(what_no_statement_of_hauls_does_is_refused)
{
    sqlite3 *db = open_private(NULL);

    check_fails(db, refused[_i].sql, refused[_i].cause);
    sqlite3_close(db);
}
END_TEST

/* A trigger is made, and never runs. */
START_TEST(trigger_does_not_run)
{
    sqlite3 *db = open_private(NULL);
    int64_t count;

    ck_assert(!haul_sql_run(db, "CREATE TABLE a(x); CREATE TABLE b(x);"
                                "CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO b VALUES(1);"
                                "END; INSERT INTO a VALUES(1)"));
    ck_assert(!haul_sql_number(db, "SELECT count(*) FROM b", &count));
    ck_assert_int_eq(count, 0);
    sqlite3_close(db);
}
END_TEST

static const struct {
    const char *value;
    int64_t known, time_us;
} values[] = {
    {"7", 7, 7},
    {"NULL", -1, 0},
    {"-1", -1, 0},
    {"'7'", -1, 0},
    {"x'37'", -1, 0},
    {"1.5", -1, 0},
    {"9e999", -1, 0},
    {"-9e999", -1, 0},
    {"9223372036854775807", INT64_MAX, 0},
    {"253402300799999999", 253402300799999999, 253402300799999999},
    {"253402300800000000", 253402300800000000, 0},
};

START_TEST(number_is_none_that_is_no_number)
{
    sqlite3 *db = open_private(NULL);
    sqlite3_stmt *statement;
    char sql[80];

    snprintf(sql, sizeof sql, "SELECT %s", values[_i].value);
    ck_assert(!haul_sql_prepare(db, sql, &statement));
    ck_assert(!haul_sql_step(statement));
    ck_assert_int_eq(haul_sql_known(statement, 0), values[_i].known);
    ck_assert_int_eq((int64_t)haul_sql_count(statement, 0),
                     values[_i].known < 0 ? 0 : values[_i].known);
    ck_assert_int_eq(haul_sql_time_us(statement, 0), values[_i].time_us);
    sqlite3_finalize(statement);
    sqlite3_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sql");
    TCase *tcase = tcase_create("sql");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, endless_query_is_ended_after_the_second_signal);
    tcase_add_test(tcase, what_is_under_way_may_end_after_the_first_signal);
    tcase_add_loop_test(tcase, what_no_statement_of_hauls_does_is_refused, 0,
                        (int)(sizeof refused / sizeof *refused));
    tcase_add_test(tcase, trigger_does_not_run);
    tcase_add_loop_test(tcase, number_is_none_that_is_no_number, 0,
                        (int)(sizeof values / sizeof *values));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
