#ifndef HAUL_HISTORY_SQL_FILES_H
#define HAUL_HISTORY_SQL_FILES_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/buf.h"

/*
 * What SQLite opens by itself. Beside a database it looks for a journal, and plays it back; it
 * follows what other programs have left in a log. Whoever may put files there could have it write
 * what he likes, and remove whatever this user may remove: a journal can name another file ("super
 * journal"), which is deleted once all is played back. To look at such names beforehand is good for
 * a message (database.h), and does not hold: between the look and SQLite's open(2) anybody has the
 * time for a rename(2). So what SQLite has opened is looked at, and not its name:
 *
 * - All that it opens goes through an open() of haul's (xSetSystemCall, sqlite.org/c3ref/vfs.html).
 *   A database that is written to, and in any case what ends in -journal, -wal or -shm, is refused
 *   (EPERM) if it breaks the rule of base/owned.h for what is written in place. There are two
 *   exceptions as to whose it is, but not as to what it is: a companion may be of the user whose
 *   the database is, for who reads that believes him; and where new files get the same owner, he
 *   says nothing. Nothing waits for a FIFO.
 * - A super journal is never opened. haul writes to one database at a time, and has none.
 * - Who reads a log (-wal) whose index (-shm) is not there gets an empty one that nobody else sees:
 *   from such a one SQLite takes nothing, and makes its own in memory. So what was copied, or lies
 *   where nothing can be made, is read as it is, and readers leave nothing. A connection asks for
 *   that with readonly_shm=1 (sqlite.org/uri.html); one that may write, and cannot make its index,
 *   does not get it.
 *
 * The calls that SQLite makes are a matter of the process: tests that use it without haul meet the
 * same rule.
 */

/*
 * The name by which SQLite knows these rules (sqlite3_open_v2); the first call sets them up.
 * Static. Any thread. If they cannot be had, SQLite has nothing of that name, and opens nothing.
 */
const char *haul_sql_files(void);

/* Appends which file beside a connection's main database this user may not read; true: there is
 * one. For after an error, as below. */
bool haul_sql_files_add_unreadable(struct haul_buf *buf, sqlite3 *db);

/*
 * Appends what is wrong with a file of a connection's main database, if one is refused ("; NAME: it
 * belongs to ..."), and then returns true. For after an error, of which it may be the cause: the
 * names are looked at once more.
 */
bool haul_sql_files_add_refused(struct haul_buf *buf, sqlite3 *db);

#endif
