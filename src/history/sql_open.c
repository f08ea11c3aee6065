#include "base/clock.h"
#include "history/sql.h"
#include "history/sql_files.h"

enum {
    BUSY_MS = 10000,  /* for others that write: by hand, with the sqlite3 program */
    PROGRESS = 10000, /* steps of SQLite's machine between two looks at the stop level */
};

/* haul's own statements need less than half of each. */
static const struct {
    int id, most;
} limits[] = {{SQLITE_LIMIT_LENGTH, HAUL_SQL_ROW_MAX},
              {SQLITE_LIMIT_SQL_LENGTH, 64 << 10},
              {SQLITE_LIMIT_COLUMN, 100},
              {SQLITE_LIMIT_EXPR_DEPTH, 100},
              {SQLITE_LIMIT_COMPOUND_SELECT, 20},
              {SQLITE_LIMIT_VDBE_OP, 25000},
              {SQLITE_LIMIT_FUNCTION_ARG, 16},
              {SQLITE_LIMIT_ATTACHED, 0},
              {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
              {SQLITE_LIMIT_VARIABLE_NUMBER, 100},
              {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
              {SQLITE_LIMIT_WORKER_THREADS, 0}};

/* Temporary views are haul's own, and stay. */
static const struct {
    int id, value;
} settings[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                {SQLITE_DBCONFIG_ENABLE_VIEW, 0},    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0},
                {SQLITE_DBCONFIG_ENABLE_FKEY, 0},    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0}};

/* As SQLite wants it: other than 0 ends the query. */
static int look_at_stop(void *arg)
{
    struct haul_sql_guard *guard = arg;
    int64_t now_us;

    if (haul_stop_level(guard->stop) < HAUL_STOP_QUIT)
        return 0;
    now_us = haul_clock_us();
    if (!guard->end_us)
        guard->end_us = now_us + (int64_t)HAUL_SQL_LAST_MS * 1000;
    return now_us >= guard->end_us;
}

static enum haul_err restrict_use(sqlite3 *db, struct haul_sql_guard *guard)
{
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(db, limits[i].id, limits[i].most);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        sqlite3_db_config(db, settings[i].id, settings[i].value, NULL);
    sqlite3_busy_timeout(db, BUSY_MS);
    if (guard && guard->stop)
        sqlite3_progress_handler(db, PROGRESS, look_at_stop, guard);
    /* A file that is cut while it is mapped would be a fault of the bus. */
    return haul_sql_run(db, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
}

enum haul_err haul_sql_open(const char *path, int flags, struct haul_sql_guard *guard, sqlite3 **db)
{
    int code = sqlite3_open_v2(path, db, flags | SQLITE_OPEN_NOMUTEX, haul_sql_files());

    if (code)
        return !*db || code == SQLITE_NOMEM ? HAUL_ERR_NOMEM : HAUL_ERR_IO;
    return restrict_use(*db, guard);
}

/* The empty name: a file of SQLite's own, in the temporary directory. */
enum haul_err haul_sql_open_private(struct haul_sql_guard *guard, sqlite3 **db)
{
    return haul_sql_open("", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, guard,
                         db);
}

void haul_sql_let_attach(sqlite3 *db, int count)
{
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, count);
}
