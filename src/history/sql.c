#include "history/sql.h"

#include "base/io.h"
#include "history/sql_files.h"

static enum haul_err error_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
        return HAUL_OK;
    case SQLITE_DONE:
        return HAUL_ERR_END;
    case SQLITE_NOMEM:
        return HAUL_ERR_NOMEM;
    default:
        return HAUL_ERR_IO;
    }
}

enum haul_err haul_sql_run(sqlite3 *db, const char *sql)
{
    return error_of(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

enum haul_err haul_sql_runf(sqlite3 *db, const char *format, ...)
{
    enum haul_err err = HAUL_ERR_NOMEM;
    va_list args;
    char *sql;

    va_start(args, format);
    sql = sqlite3_vmprintf(format, args);
    va_end(args);
    if (sql)
        err = haul_sql_run(db, sql);
    sqlite3_free(sql);
    return err;
}

/* SQLite may have done it on its own. */
void haul_sql_roll_back(sqlite3 *db)
{
    if (!sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

enum haul_err haul_sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out)
{
    *out = NULL;
    return error_of(sqlite3_prepare_v2(db, sql, -1, out, NULL));
}

enum haul_err haul_sql_step(sqlite3_stmt *statement)
{
    return error_of(sqlite3_step(statement));
}

enum haul_err haul_sql_once(sqlite3_stmt *statement)
{
    enum haul_err err;

    do {
        err = haul_sql_step(statement);
    } while (!err);
    sqlite3_reset(statement);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

enum haul_err haul_sql_number(sqlite3 *db, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement;
    enum haul_err err = haul_sql_prepare(db, sql, &statement);

    *number = 0;
    if (!err)
        err = haul_sql_step(statement);
    if (!err)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

void haul_sql_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

void haul_sql_bind_known(sqlite3_stmt *statement, int index, int64_t number)
{
    if (number < 0)
        sqlite3_bind_null(statement, index);
    else
        sqlite3_bind_int64(statement, index, number);
}

const char *haul_sql_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    return text ? (const char *)text : "";
}

int64_t haul_sql_known(sqlite3_stmt *statement, int column)
{
    int64_t number = -1;

    if (sqlite3_column_type(statement, column) == SQLITE_INTEGER)
        number = sqlite3_column_int64(statement, column);
    return number < 0 ? -1 : number;
}

uint64_t haul_sql_count(sqlite3_stmt *statement, int column)
{
    int64_t number = haul_sql_known(statement, column);

    return number < 0 ? 0 : (uint64_t)number;
}

int64_t haul_sql_time_us(sqlite3_stmt *statement, int column)
{
    const int64_t year_10000_s = INT64_C(253402300800);
    int64_t number = haul_sql_known(statement, column);

    return number < 0 || number / 1000000 >= year_10000_s ? 0 : number;
}

void haul_sql_add_error(struct haul_buf *buf, sqlite3 *db)
{
    int code = db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;
    bool has_errno = code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_FULL;
    char text[HAUL_IO_ERROR_MAX];
    int error = db && has_errno ? sqlite3_system_errno(db) : 0;

    if (db && sqlite3_extended_errcode(db) == SQLITE_READONLY_ROLLBACK) {
        haul_buf_add_str(buf, "a run was cut off while it wrote to it, and who reads cannot take "
                              "that back; the next run with --history does");
        return;
    }
    haul_buf_add_str(buf, db ? sqlite3_errmsg(db) : "out of memory");
    if (code == SQLITE_CANTOPEN && haul_sql_files_add_unreadable(buf, db))
        return;
    if ((code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && haul_sql_files_add_refused(buf, db))
        return; /* the errno may be of another call since */
    if (error)
        haul_buf_addf(buf, " (%s)", haul_io_error_text(error, text));
}
