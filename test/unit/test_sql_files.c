#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history/sql.h"
#include "history/sql_files.h"

/* Which files SQLite may open, in a directory in which anybody may have put them. */

enum { STRANGER = 12345 };

static char directory[] = "/tmp/haul-files-XXXXXX";
static char text[160];

/* Files that are said to be a stranger's. */
static ino_t strangers[2];

/* What 64-bit offsets make of their names. */
int __real_fstat64(int fd, struct stat *info);
int __wrap_fstat64(int fd, struct stat *info);
int __real_lstat64(const char *path, struct stat *info);
int __wrap_lstat64(const char *path, struct stat *info);

static int disown(int failed, struct stat *info)
{
    for (int i = 0; i < 2 && !failed; i++)
        if (strangers[i] && info->st_ino == strangers[i])
            info->st_uid = STRANGER;
    return failed;
}

int __wrap_fstat64(int fd, struct stat *info)
{
    return disown(__real_fstat64(fd, info), info);
}

int __wrap_lstat64(const char *path, struct stat *info)
{
    return disown(__real_lstat64(path, info), info);
}

static const char *in(const char *name)
{
    snprintf(text, sizeof text, "%s/%s", directory, name);
    return text;
}

/* ---- what is there ---- */

static int make(const char *name)
{
    int fd = open(in(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    char bytes[600] = "x"; /* of an empty journal SQLite knows that there is none */

    return fd < 0 || write(fd, bytes, sizeof bytes) != sizeof bytes || close(fd);
}

static int make_strangers(const char *name)
{
    struct stat info;

    if (make(name) || stat(in(name), &info))
        return -1;
    strangers[0] = info.st_ino;
    return 0;
}

static int make_link(const char *name)
{
    return make("victim") || symlink("victim", in(name));
}

static int make_hard_link(const char *name)
{
    char other[160];

    snprintf(other, sizeof other, "%s/victim", directory);
    return make("victim") || link(other, in(name));
}

static int make_fifo(const char *name)
{
    return mkfifo(in(name), 0600);
}

static int make_directory(const char *name)
{
    return mkdir(in(name), 0700);
}

typedef int maker(const char *name);
static maker *const makers[] = {make_strangers, make_link, make_hard_link, make_fifo,
                                make_directory};
enum { MAKERS = sizeof makers / sizeof *makers };

static const char *const names[] = {"h-journal", "h-wal", "h-shm"};
enum { NAMES = sizeof names / sizeof *names };

static sqlite3 *open_with(int flags)
{
    sqlite3 *db;

    ck_assert_int_eq(haul_sql_open(in("h"), flags, NULL, &db), HAUL_OK);
    return db;
}

static void begin(void)
{
    sqlite3 *db;

    memcpy(strrchr(directory, '-'), "-XXXXXX", sizeof "-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chmod(directory, 01777), 0);
    memset(strangers, 0, sizeof strangers);
    db = open_with(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    ck_assert_int_eq(haul_sql_run(db, "PRAGMA journal_mode = WAL; CREATE TABLE t(x)"), HAUL_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static void end(void)
{
    static const char *const made[] = {"h", "h-journal", "h-wal", "h-shm", "victim", "other"};

    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        (void)remove(in(made[i]));
    ck_assert_int_eq(rmdir(directory), 0);
}

/* ---- companions ---- */

static void check_refused(sqlite3 *db, const char *sql, const char *name)
{
    struct haul_buf message;
    const char *path = in(name);

    haul_buf_init(&message, 0);
    ck_assert_int_eq(haul_sql_run(db, sql), HAUL_ERR_IO);
    haul_sql_add_error(&message, db);
    ck_assert_msg(strstr(haul_buf_str(&message), path) != NULL, "%s", haul_buf_str(&message));
    haul_buf_done(&message);
    sqlite3_close(db);
}

START_TEST(companion_that_breaks_the_rule_is_refused)
{
    const char *name = names[_i % NAMES];
    sqlite3 *db = open_with(SQLITE_OPEN_READWRITE);

    ck_assert_int_eq(makers[_i / NAMES](name), 0);
    check_refused(db, "SELECT x FROM t", name);
}
END_TEST

START_TEST(companion_of_whoever_has_the_database_is_read)
{
    sqlite3 *db = open_with(SQLITE_OPEN_READONLY);
    struct stat info;

    ck_assert_int_eq(make_strangers("h-wal"), 0);
    ck_assert_int_eq(stat(in("h"), &info), 0);
    strangers[1] = info.st_ino;
    if (_i) {
        char other[160];

        snprintf(other, sizeof other, "%s/other", directory);
        ck_assert_int_eq(link(in("h-wal"), other), 0);
        check_refused(db, "SELECT x FROM t", "h-wal");
        return;
    }
    ck_assert_int_eq(haul_sql_run(db, "SELECT x FROM t"), HAUL_OK);
    sqlite3_close(db);
}
END_TEST

START_TEST(companion_of_another_is_used_where_only_this_user_puts_things)
{
    sqlite3 *db = open_with(SQLITE_OPEN_READWRITE);

    ck_assert_int_eq(chmod(directory, 0700), 0);
    ck_assert_int_eq(make_strangers("h-wal"), 0);
    ck_assert_int_eq(haul_sql_run(db, "INSERT INTO t VALUES(1)"), HAUL_OK);
    sqlite3_close(db);
}
END_TEST

/* ---- databases ---- */

START_TEST(database_that_breaks_the_rule_is_not_written_to)
{
    char other[160];
    struct stat info;

    ck_assert_int_eq(stat(in("h"), &info), 0);
    snprintf(other, sizeof other, "%s/other", directory);
    if (_i)
        ck_assert_int_eq(link(in("h"), other), 0);
    else
        strangers[0] = info.st_ino;
    check_refused(open_with(SQLITE_OPEN_READWRITE), "INSERT INTO t VALUES(1)", "h");
}
END_TEST

START_TEST(database_of_another_is_read)
{
    struct stat info;
    sqlite3 *db;

    ck_assert_int_eq(stat(in("h"), &info), 0);
    strangers[0] = info.st_ino;
    db = open_with(SQLITE_OPEN_READONLY);
    ck_assert_int_eq(haul_sql_run(db, "SELECT x FROM t"), HAUL_OK);
    sqlite3_close(db);
}
END_TEST

/* ---- SQLite's own ---- */

START_TEST(all_that_sqlite_makes_itself_is_used)
{
    static const char *const modes[] = {"WAL", "DELETE", "TRUNCATE", "PERSIST"};
    sqlite3 *db = open_with(SQLITE_OPEN_READWRITE);
    char sql[100];

    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s", modes[_i]);
    ck_assert_int_eq(haul_sql_run(db, sql), HAUL_OK);
    ck_assert_int_eq(haul_sql_run(db, "PRAGMA temp_store = FILE; PRAGMA temp.cache_size = 2;"
                                      "CREATE TEMP TABLE more(x)"),
                     HAUL_OK);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(haul_sql_run(db, "INSERT INTO t VALUES(randomblob(5000));"
                                          "INSERT INTO more VALUES(randomblob(5000))"),
                         HAUL_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    (void)remove(in("h-journal"));
    ck_assert_int_ne(access(in("h-wal"), F_OK), 0);
}
END_TEST

/* It is opened to be deleted. */
START_TEST(super_journal_is_never_opened)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(haul_sql_files());
    char path[160];
    sqlite3_file *file;
    int given;

    ck_assert_ptr_nonnull(vfs);
    file = calloc(1, (size_t)vfs->szOsFile);
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(make("victim"), 0);
    memcpy(path, text, sizeof path);
    ck_assert_int_eq(
        vfs->xOpen(vfs, path, file, SQLITE_OPEN_READONLY | SQLITE_OPEN_SUPER_JOURNAL, &given),
        SQLITE_CANTOPEN);
    ck_assert_ptr_null(file->pMethods);
    free(file);
}
END_TEST

/* Opens what was not made, as SQLite does: its descriptor is closed; false: it has none. */
static bool opens(const char *name, int flags)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(haul_sql_files());
    int (*call)(const char *, int, int);
    struct stat info;
    int fd;

    call = (int (*)(const char *, int, int))vfs->xGetSystemCall(vfs, "open");
    fd = call(in(name), flags, 0600);
    ck_assert(fd >= 0 || errno == ENOENT);
    if (fd < 0)
        return false;
    ck_assert_int_eq(fstat(fd, &info), 0);
    ck_assert_int_eq(info.st_size, strcmp(name, "there-shm") ? 0 : 600);
    close(fd);
    return true;
}

START_TEST(index_that_is_not_there_is_a_readers_own_and_no_writers)
{
    enum { making = O_RDWR | O_CREAT };

    ck_assert_int_eq(make("there-shm"), 0);
    ck_assert(opens("a-shm", O_RDONLY));
    ck_assert_int_ne(access(in("a-shm"), F_OK), 0);
    ck_assert(!opens("a-wal", O_RDONLY));
    ck_assert(!opens("a-journal", O_RDONLY));
    ck_assert(!opens("a", O_RDONLY));
    ck_assert(!opens("none/a-shm", making)); /* a writer, who then looks for one to be read */
    ck_assert(!opens("none/a-shm", O_RDONLY));
    ck_assert(opens("a-shm", O_RDONLY)); /* and another reader */
    ck_assert(!opens("none/a-shm", making));
    ck_assert(opens("there-shm", O_RDONLY));
    ck_assert(opens("a-shm", O_RDONLY));
    ck_assert_int_eq(unlink(in("there-shm")), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sql_files");
    TCase *tcase = tcase_create("sql_files");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_loop_test(tcase, companion_that_breaks_the_rule_is_refused, 0, MAKERS * NAMES);
    tcase_add_loop_test(tcase, companion_of_whoever_has_the_database_is_read, 0, 2);
    tcase_add_test(tcase, companion_of_another_is_used_where_only_this_user_puts_things);
    tcase_add_loop_test(tcase, database_that_breaks_the_rule_is_not_written_to, 0, 2);
    tcase_add_test(tcase, database_of_another_is_read);
    tcase_add_loop_test(tcase, all_that_sqlite_makes_itself_is_used, 0, 4);
    tcase_add_test(tcase, super_journal_is_never_opened);
    tcase_add_test(tcase, index_that_is_not_there_is_a_readers_own_and_no_writers);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
