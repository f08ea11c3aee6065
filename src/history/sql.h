#ifndef HAUL_HISTORY_SQL_H
#define HAUL_HISTORY_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "model/stop.h"

/*
 * SQLite with haul's error codes: HAUL_ERR_NOMEM for want of memory, HAUL_ERR_IO for everything
 * else; haul_sql_add_error tells more. One thread at a time for each connection.
 *
 * A database may come from anybody's hands. Every connection is opened here, so that what a file
 * holds besides rows is not run (views, triggers, extensions), and so that neither a row nor a
 * query can be larger than what haul has use for. Whether the tables are haul's is asked by
 * schema.h; what stands in them is not believed, neither their types nor that they are
 * consistent.
 */

/* Bytes of a row, and so of a text: what a journal's line can hold, several times. */
enum { HAUL_SQL_ROW_MAX = 64 << 20 };

/*
 * Who may end a query, however long it is. Once the level is HAUL_STOP_QUIT (a second signal), a
 * connection has HAUL_SQL_LAST_MS to come to an end with what it does; then all that it is asked
 * fails with HAUL_ERR_IO ("interrupted"). The owner's, until the connection is closed.
 */
enum { HAUL_SQL_LAST_MS = 3000 };
struct haul_sql_guard {
    haul_stop *stop; /* NULL: nobody; a signal that is not handled ends the process anyway */
    int64_t end_us;  /* [private] when what is asked fails, by the monotonic clock; 0: not yet */
};

/*
 * Opens a database and limits what it may do. `flags` are those of sqlite3_open_v2; which file may
 * be opened is for database.h to say. `guard` may be NULL. Nothing in the file is read yet. *db is
 * to be closed with sqlite3_close whatever is returned; NULL: there was no memory for it.
 * HAUL_ERR_IO (haul_sql_add_error has the cause), HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_sql_open(const char *path, int flags, struct haul_sql_guard *guard,
                                          sqlite3 **db);

/* The same for a database of one's own: a temporary file without a name, or memory until that is
 * needed. */
HAUL_MUST_USE enum haul_err haul_sql_open_private(struct haul_sql_guard *guard, sqlite3 **db);

/* Lets other databases be attached to a connection, so many. */
void haul_sql_let_attach(sqlite3 *db, int count);

/* Runs statements that give no rows. */
HAUL_MUST_USE enum haul_err haul_sql_run(sqlite3 *db, const char *sql);

/* The same for a text made as by printf. Numbers and names of tables only: nothing is quoted. */
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

/* A column as a number, 0..INT64_MAX; -1 for NULL and for whatever else is no such number: a column
 * may hold anything, whatever it was declared as. */
int64_t haul_sql_known(sqlite3_stmt *statement, int column);

/* The same as a count; 0 for what is none. */
uint64_t haul_sql_count(sqlite3_stmt *statement, int column);

/* The same as a time in microseconds since 1970; 0 for what is none, and after the year 9999. */
int64_t haul_sql_time_us(sqlite3_stmt *statement, int column);

/* Appends the cause of the last error: "database disk image is malformed", "disk I/O error (No
 * space left on device)". `db` may be NULL: out of memory. */
void haul_sql_add_error(struct haul_buf *buf, sqlite3 *db);

#endif
