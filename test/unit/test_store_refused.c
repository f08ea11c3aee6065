#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_history.h"
#include "history/schema.h"
#include "history/sql.h"

/* ---- what is refused ---- */

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

static void write_file(const char *bytes, size_t len)
{
    int fd = open(fake_path(), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static void run_sql(const char *sql)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(fake_path(), &db), SQLITE_OK);
    ck_assert_msg(!sqlite3_exec(db, sql, NULL, NULL, NULL), "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

START_TEST(foreign_file_is_refused_and_left_alone)
{
    static const char line[] = "{\"journal\":1}\n0123456789012345678901234567890123456789"
                               "0123456789012345678901234567890123456789012345678901234567890\n";
    char now[sizeof line] = "";
    const char *cause;
    int fd;

    write_file(line, sizeof line - 1);
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(cause, "not a history of haul's"));
    fd = open(fake_path(), O_RDONLY);
    ck_assert_int_eq(read(fd, now, sizeof now), sizeof line - 1);
    close(fd);
    ck_assert_str_eq(now, line);
}
END_TEST

START_TEST(database_of_another_program_is_refused)
{
    const char *cause;

    run_sql("CREATE TABLE page(x)");
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(cause, "another program"));
}
END_TEST

START_TEST(later_version_is_refused)
{
    const char *cause;

    haul_store_free(fake_open());
    run_sql("PRAGMA user_version = 99");
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(cause, "later version"));
}
END_TEST

START_TEST(empty_file_becomes_a_history)
{
    struct haul_store *store;

    write_file("", 0);
    store = fake_open();
    ck_assert_int_eq(fake_number(store, "PRAGMA user_version"), HAUL_SCHEMA_VERSION);
    ck_assert_str_eq(fake_text(store, "PRAGMA journal_mode"), "wal");
    haul_store_free(store);
}
END_TEST

START_TEST(symbolic_link_and_directory_are_refused)
{
    const char *cause;

    ck_assert_int_eq(symlink("elsewhere", fake_path()), 0);
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_USAGE);
    ck_assert_int_eq(unlink(fake_path()), 0);
    ck_assert_int_eq(mkdir(fake_path(), 0700), 0);
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_USAGE);
    ck_assert_int_eq(rmdir(fake_path()), 0);
}
END_TEST

START_TEST(damaged_history_is_an_error_that_says_so)
{
    struct haul_store *store = fake_open();
    const char *cause;
    char junk[4096];
    int fd;

    fake_run(store, three, 3);
    haul_store_free(store);
    memset(junk, 0x5a, sizeof junk);
    fd = open(fake_path(), O_WRONLY);
    ck_assert_int_eq(pwrite(fd, junk, sizeof junk - 100, 100), sizeof junk - 100);
    close(fd);
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_IO);
    ck_assert_ptr_nonnull(strstr(cause, fake_path()));
    ck_assert_ptr_nonnull(strstr(cause, "malformed"));
}
END_TEST

START_TEST(second_run_on_one_history_is_refused)
{
    struct haul_store *store = fake_open();
    char lock[80];
    const char *cause;

    snprintf(lock, sizeof lock, "%s-lock", fake_path());
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_LOCKED);
    ck_assert_ptr_nonnull(strstr(cause, "another run"));
    haul_store_free(store);
    ck_assert_int_ne(access(lock, F_OK), 0);
    ck_assert_int_eq(try_open(&cause), HAUL_OK);
}
END_TEST

START_TEST(history_that_cannot_be_locked_is_named_and_not_its_companion)
{
    struct haul_store_options options = {.path = "/nowhere/at/all/history"};
    struct haul_store *store = NULL;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(haul_store_open(&options, &store, &message), HAUL_ERR_IO);
    ck_assert_str_eq(haul_buf_str(&message), "/nowhere/at/all/history: the history cannot be "
                                             "locked: No such file or directory");
    haul_buf_done(&message);
}
END_TEST

/* ---- migrations ---- */

START_TEST(older_version_is_brought_up_to_date_at_once)
{
    static const char *const step[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x)",
                                       "INSERT INTO b SELECT x FROM a"};
    struct haul_buf message;
    sqlite3 *db;
    int64_t value;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(sqlite3_open(fake_path(), &db), SQLITE_OK);
    ck_assert(!haul_schema_migrate(db, step, 1, &message));
    ck_assert(!haul_sql_run(db, "INSERT INTO a VALUES(7)"));
    ck_assert(!haul_schema_migrate(db, step, 3, &message));
    ck_assert(!haul_sql_number(db, "SELECT x FROM b", &value));
    ck_assert_int_eq(value, 7);
    ck_assert(!haul_schema_migrate(db, step, 3, &message)); /* nothing to do */
    ck_assert_int_eq(haul_schema_migrate(db, step, 2, &message), HAUL_ERR_USAGE);
    sqlite3_close(db);
    haul_buf_done(&message);
}
END_TEST

START_TEST(migration_that_fails_changes_nothing)
{
    static const char *const step[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x)", "nonsense"};
    struct haul_buf message;
    sqlite3 *db;
    int64_t value;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(sqlite3_open(fake_path(), &db), SQLITE_OK);
    ck_assert(!haul_schema_migrate(db, step, 1, &message));
    ck_assert_int_eq(haul_schema_migrate(db, step, 3, &message), HAUL_ERR_IO);
    ck_assert(!haul_sql_number(db, "PRAGMA user_version", &value));
    ck_assert_int_eq(value, 1);
    ck_assert(!haul_sql_number(db, "SELECT count(*) FROM sqlite_schema", &value));
    ck_assert_int_eq(value, 1);
    sqlite3_close(db);
    haul_buf_done(&message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_refused");
    TCase *tcase = tcase_create("refuse");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    tcase_add_test(tcase, foreign_file_is_refused_and_left_alone);
    tcase_add_test(tcase, database_of_another_program_is_refused);
    tcase_add_test(tcase, later_version_is_refused);
    tcase_add_test(tcase, empty_file_becomes_a_history);
    tcase_add_test(tcase, symbolic_link_and_directory_are_refused);
    tcase_add_test(tcase, damaged_history_is_an_error_that_says_so);
    tcase_add_test(tcase, second_run_on_one_history_is_refused);
    tcase_add_test(tcase, history_that_cannot_be_locked_is_named_and_not_its_companion);
    tcase_add_test(tcase, older_version_is_brought_up_to_date_at_once);
    tcase_add_test(tcase, migration_that_fails_changes_nothing);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
