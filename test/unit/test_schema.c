#include <check.h>
#include <stdio.h>
#include <string.h>

#include "fake_history.h"
#include "history/import.h"
#include "history/schema.h"
#include "history/schema_compare.h"
#include "history/sql.h"

/* Which databases are histories: as haul makes them, and as others write down the same. */

static enum haul_err try_open(const char **cause)
{
    static char said[500];
    const struct haul_store_options options = {.path = fake_path()};
    struct haul_store *store;
    struct haul_buf message;
    enum haul_err err;

    haul_buf_init(&message, 0);
    err = haul_store_open(&options, &store, &message);
    snprintf(said, sizeof said, "%s", haul_buf_str(&message));
    *cause = said;
    haul_buf_done(&message);
    haul_store_free(store);
    return err;
}

static enum haul_err try_read(void)
{
    struct haul_buf message;
    sqlite3 *db;
    enum haul_err err;

    haul_buf_init(&message, 0);
    err = haul_import_open(fake_path(), NULL, &db, &message);
    haul_buf_done(&message);
    sqlite3_close(db);
    return err;
}

static void run_sql(const char *sql)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(fake_path(), &db), SQLITE_OK);
    ck_assert_msg(!sqlite3_exec(db, sql, NULL, NULL, NULL), "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* A history of two runs, and what these statements make of it. */
static void make(const char *sql)
{
    struct haul_store *store = fake_open();

    fake_run(store, three, 3);
    fake_run(store, three, 3);
    haul_store_free(store);
    run_sql(sql);
}

#define REWRITE(name, from, to)                                                                    \
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '" from "', '" to    \
    "') WHERE name = '" name "'; PRAGMA writable_schema = RESET"

static const char *const same[] = {
    "ANALYZE",
    "ANALYZE page",
    /* A statistic that leads astray. */
    "ANALYZE; UPDATE sqlite_stat1 SET stat = '1 1 1'; INSERT INTO sqlite_stat1 VALUES"
    " ('page', 'page_old', '9223372036854775807 1'), ('past', NULL, '0'), (NULL, 'x', 'y')",
    /* How SQLite writes down what was renamed. */
    "ALTER TABLE page RENAME TO other; ALTER TABLE other RENAME TO page",
    REWRITE("page", "\"page\"", "page"),
    REWRITE("page", "\"page\"", "[page]"),
    REWRITE("run", "CREATE TABLE run(", "create  table\n\"run\" ( -- the runs\n"),
    REWRITE("run", "started_us INTEGER", "`Started_us` integer /* us */"),
    REWRITE("page_old", "length(key)=8", "length( \"key\" ) = 8"),
    REWRITE("page_old", "length(key) = 8", "length(\"key\")=8"),
    /* What ".dump" leaves out. */
    "PRAGMA application_id = 0; PRAGMA user_version = 0; PRAGMA journal_mode = DELETE",
    "PRAGMA journal_mode = DELETE; PRAGMA page_size = 1024; PRAGMA auto_vacuum = NONE; VACUUM",
};

START_TEST(same_history_written_otherwise_is_read_and_gone_on_with)
{
    struct haul_store *store;
    const char *cause;

    make(same[_i]);
    ck_assert_int_eq(try_read(), HAUL_OK);
    ck_assert_msg(try_open(&cause) == HAUL_OK, "%s", cause);
    store = fake_open();
    ck_assert_int_eq(fake_number(store, "PRAGMA user_version"), HAUL_SCHEMA_VERSION);
    ck_assert_int_eq(fake_number(store, "PRAGMA application_id"), HAUL_SCHEMA_APPLICATION);
    fake_run(store, three, 3);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM page"), 3);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM past"), 0);
    haul_store_free(store);
}
END_TEST

static const struct {
    const char *sql, *named;
} others[] = {
    {"CREATE INDEX mine ON page(url)", "DROP INDEX \"mine\";"},
    {"CREATE INDEX \"a\"\"b\" ON page(url)", "'a\"b' has no place in it; if it is yours, the "
                                             "sqlite3 program removes it: DROP INDEX \"a\"\"b\";"},
    {"CREATE VIEW mine AS SELECT 1", "DROP VIEW \"mine\";"},
    {"CREATE TRIGGER mine AFTER INSERT ON run BEGIN SELECT 1; END", "DROP TRIGGER \"mine\";"},
    {"CREATE TABLE mine(x)", "DROP TABLE \"mine\";"},
    {REWRITE("run", "id INTEGER PRIMARY KEY", "id INTEGER \"PRIMARY\" KEY"), "'run' is not"},
    {REWRITE("run", "id INTEGER PRIMARY KEY", "id \"INTEGER PRIMARY KEY\""), "'run' is not"},
    {REWRITE("run", "started_us INTEGER NOT NULL", "started_us INTEGER CHECK(1)"), "'run' is not"},
    {REWRITE("run", "elapsed_us INTEGER", "elapsed_us INTEGER AS (7)"), "'run' is not"},
    {REWRITE("run", "version TEXT NOT NULL", "version TEXT NOT NULL COLLATE NOCASE"),
     "'run' is not"},
    {REWRITE("run", "DEFAULT 0", "DEFAULT (0)"), "'run' is not"},
    {REWRITE("past", "WITHOUT ROWID", ""), "'past' is not"},
    {REWRITE("page", "etag TEXT", "etag TEXT REFERENCES word(text)"), "'page' is not"},
    {REWRITE("page_key", "UNIQUE ", ""), "'page_key' is not"},
    {REWRITE("page_key", "occurrence)", "occurrence COLLATE NOCASE)"), "'page_key' is not"},
    {REWRITE("page_key", "occurrence)", "occurrence DESC)"), "'page_key' is not"},
    {REWRITE("page_key", "occurrence)", "abs(occurrence))"), "'page_key' is not"},
    {REWRITE("page_old", "= 8", "= 16"), "'page_old' is not"},
    {REWRITE("page_old", "length(key)", "length(''key'')"), "'page_old' is not"},
    {"PRAGMA application_id = 0; PRAGMA user_version = 0; CREATE TABLE mine(x)", "another program"},
    {"PRAGMA application_id = 0", "another program"},
    {"ANALYZE; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET"
     " sql = replace(sql, 'stat)', 'stat, x AS (7))') WHERE name = 'sqlite_stat1'",
     "'sqlite_stat1' has no place"},
};

START_TEST(what_is_not_as_haul_makes_it_is_refused_with_a_remedy)
{
    const char *cause;

    make(others[_i].sql);
    ck_assert_int_eq(try_read(), HAUL_ERR_USAGE);
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_USAGE);
    ck_assert_msg(strstr(cause, others[_i].named) != NULL, "%s", cause);
}
END_TEST

START_TEST(statement_is_compared_by_its_words)
{
    static const struct {
        const char *sql, *words;
    } rows[] = {
        {"", ""},
        {" Create  TABLE\t\"Run\"(\n x1 INTEGER)", "create table run ( x1 integer )"},
        {"a/**/b--c\nd/*e", "a b d"},
        {"'A b' \"A b\" [a]]", "'A b' \"A b\" a ]"},
        {"\"a\"\"b\" `a``b` 'it''s'", "\"a\"\"b\" `a``b` 'it''s'"},
        {"\"1a\" \"\" '' 'abc'", "\"1a\" \"\" '' 'abc'"},
        {"\"open", "\" open"},
        {"x>=-1.5e3", "x > = - 1 . 5e3"},
    };
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_schema_add_words(&buf, rows[_i].sql);
    ck_assert_str_eq(haul_buf_str(&buf), rows[_i].words);
    haul_buf_done(&buf);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema");
    TCase *files = tcase_create("files"), *words = tcase_create("words");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(files, fake_begin, fake_end);
    tcase_add_loop_test(files, same_history_written_otherwise_is_read_and_gone_on_with, 0,
                        sizeof same / sizeof *same);
    tcase_add_loop_test(files, what_is_not_as_haul_makes_it_is_refused_with_a_remedy, 0,
                        sizeof others / sizeof *others);
    suite_add_tcase(suite, files);
    tcase_add_loop_test(words, statement_is_compared_by_its_words, 0, 8);
    suite_add_tcase(suite, words);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
