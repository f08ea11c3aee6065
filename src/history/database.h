#ifndef HAUL_HISTORY_DATABASE_H
#define HAUL_HISTORY_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "haul/err.h"
#include "history/sql.h"

/*
 * The files of a history, opened by the rules of base/owned.h: SQLite alone would follow links,
 * take whatever stands there, wait for a FIFO, and play back a journal that somebody has put beside
 * the database. Names are looked at here, so that a message says early what is wrong; what is there
 * when SQLite comes is for sql_files.h.
 */

enum haul_database_use {
    HAUL_DATABASE_READ,  /* it must be there; another user's, or a link, will do. Nothing is made
                           beside it, for that would be the reader's, and in the way of who writes:
                           where nothing is, it is read as a file that does not change, and a log
                           without its index as one that nobody writes to. Whether that was so, is
                           to be asked afterwards (haul_database_has_changed) */
    HAUL_DATABASE_SHARE, /* the same, beside a connection of this process that writes to it */
    HAUL_DATABASE_WRITE, /* by the rule for what is written in place, and no link; else it is made,
                           for its owner, and for a group that may write to its directory: who may
                           read a database can keep others from writing to it */
    HAUL_DATABASE_LOCKED /* the same, which haul_lock_take has found fit, or made */
};

/*
 * Whether a file may be used. HAUL_OK: it may, or is not there. Otherwise `message` has a line:
 * HAUL_ERR_USAGE, HAUL_ERR_IO.
 */
HAUL_MUST_USE enum haul_err haul_database_check(const char *path, enum haul_database_use use,
                                                struct haul_buf *message);

/*
 * Checks and opens it, limited as sql.h says; `guard` is what sql.h has it for, or NULL. *db is the
 * caller's in any case (sqlite3_close), or NULL. On failure `message` has a line, unless that is
 * HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_database_open(const char *path, enum haul_database_use use,
                                               struct haul_sql_guard *guard, sqlite3 **db,
                                               struct haul_buf *message);

/*
 * What is remembered of a history before it is opened to be read, so as to know afterwards whether
 * a run has come to its end meanwhile, where SQLite would not see it: then what was read may be of
 * two states.
 */
struct haul_database_state {
    bool is_unguarded; /* SQLite does not see who writes */
    struct stat info;
};
void haul_database_remember(const char *path, struct haul_database_state *state);

/* Then `message` has a line that says so, and nothing else: whatever failed, that is why. */
bool haul_database_has_changed(const char *path, const struct haul_database_state *state,
                               struct haul_buf *message);

/* Appends what a database is to be attached by (SQLITE_OPEN_URI), to be read as with
 * HAUL_DATABASE_READ, once it was checked. */
void haul_database_add_uri(struct haul_buf *uri, const char *path);

#endif
