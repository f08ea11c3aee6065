#ifndef HAUL_HISTORY_SQL_H
#define HAUL_HISTORY_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"

/*
 * SQLite with haul's error codes: HAUL_ERR_NOMEM for want of memory, HAUL_ERR_IO for everything
 * else; haul_sql_add_error tells more. One thread at a time for each connection.
 */

/* Runs statements that give no rows. */
HAUL_MUST_USE enum haul_err haul_sql_run(sqlite3 *db, const char *sql);

/* The same for a text made as by printf. Numbers only: nothing is quoted. */
HAUL_MUST_USE enum haul_err haul_sql_runf(sqlite3 *db, const char *format, ...) HAUL_PRINTF(2, 3);

/* Ends a transaction without effect, if there is one. */
void haul_sql_roll_back(sqlite3 *db);

/* Prepares one statement, to be freed with sqlite3_finalize; NULL on failure. */
HAUL_MUST_USE enum haul_err haul_sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out);

/* The next row of a statement. HAUL_ERR_END: there is none. */
HAUL_MUST_USE enum haul_err haul_sql_step(sqlite3_stmt *statement);

/* Runs a statement that gives no rows, and makes it ready for the next time. */
HAUL_MUST_USE enum haul_err haul_sql_once(sqlite3_stmt *statement);

/* The number in the first column of the first row; 0 without a row, or for NULL. */
HAUL_MUST_USE enum haul_err haul_sql_number(sqlite3 *db, const char *sql, int64_t *number);

/* Binds a text, "" or NULL too; it must stay as it is until the statement was run. */
void haul_sql_bind_text(sqlite3_stmt *statement, int index, const char *text);

/* Binds a number; NULL if it is negative, which is how records say unknown. */
void haul_sql_bind_known(sqlite3_stmt *statement, int index, int64_t number);

/* A column as text: never NULL, valid until the next step. */
const char *haul_sql_text(sqlite3_stmt *statement, int column);

/* A column as a number; -1 for NULL. */
int64_t haul_sql_known(sqlite3_stmt *statement, int column);

/* Appends the cause of the last error: "database disk image is malformed", "disk I/O error (No
 * space left on device)". `db` may be NULL: out of memory. */
void haul_sql_add_error(struct haul_buf *buf, sqlite3 *db);

#endif
