#ifndef HAUL_HISTORY_STORE_INSIDE_H
#define HAUL_HISTORY_STORE_INSIDE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "history/sql.h"
#include "history/store.h"

/* What the parts of the store share (store.c, store_add.c, instead.c, lock.c, merge.c, prune.c);
 * nobody else's business. */

/* The columns of now_page that are gathered (store_add.c); the rest is found out of them. */
#define HAUL_STORE_GATHERED                                                                        \
    "url, host, path, type, outcome, reason, http_code, size, wire, line, started_us,"             \
    " time_total_us, worker, key, seq, tags, etag, last_modified, old_key, source, lastmod"

/*
 * One run at a time on a history, by two locks; the kernel lets go of both however haul ends.
 *
 * The first is flock(2) on a companion file, which earlier versions of haul know, too. Nobody else
 * may open the companion, for flock(2) asks for no more than the right to read. It is removed with
 * the lock; one that a killed process left is no lock. Where others can make files they can make
 * this one; then it is done without.
 *
 * The second is on the database itself, on a byte that no database has (base/owned.h), so that it
 * needs no other name. Its descriptor is open before SQLite opens the file and closed after that
 * has closed it, for closing any descriptor gives up what locks SQLite has on the file. (So another
 * library that has the same history open in this process loses its locks then.)
 */
struct haul_lock {
    int fd;          /* of the companion, -1: not locked */
    int database_fd; /* of the history, or -1 */
    char *path;      /* of the companion, or NULL */
};

struct haul_store {
    sqlite3 *db;
    sqlite3_stmt *insert;       /* into now_page, or NULL */
    sqlite3_stmt *insert_tried; /* into now_tried, or NULL */
    struct haul_lock lock;
    struct haul_sql_guard guard;
    const char *history;         /* [const after open] its name; NULL: a private store */
    struct haul_key_today today; /* [const after open] */
    bool hides;    /* [const after open] something is hidden of what it gathers (--redact) */
    bool keeps;    /* what runs find outlives them: a history, or several runs */
    int64_t run;   /* begun last, 0: none */
    int64_t prior; /* the last finished run before it, 0: none */
    int64_t before;
    int64_t started_us;     /* of the run that was begun last */
    bool is_open;           /* a transaction gathers records */
    struct haul_buf tags;   /* of one record */
    struct haul_buf host;   /* the same */
    struct haul_buf path;   /* the same */
    struct haul_buf reason; /* of the last error */
};

/*
 * Locks `path`, which is made if it is not there (the companion is `path` and "-lock"); `wait`:
 * until others have let go of it, else HAUL_ERR_LOCKED. HAUL_ERR_USAGE (what stands there is not to
 * be used: base/owned.h) or HAUL_ERR_IO with a cause in `message`, HAUL_ERR_NOMEM. After failure
 * `lock` needs no release. On success `message` may have a line, on a companion that is not had.
 */
HAUL_MUST_USE enum haul_err haul_lock_take(struct haul_lock *lock, const char *path, bool wait,
                                           struct haul_buf *message);

/* Fine on one that was not taken (both descriptors -1, no path). */
void haul_lock_release(struct haul_lock *lock);

/* When the last request of a record began, since 1970; 0: it is not known, or is among those before
 * the last. */
int64_t haul_store_last_start_us(const struct haul_record *rec);

/* Adds the requests before the last one to now_tried, and what was waited for between them. Where
 * some in the middle are not known, nothing is. */
HAUL_MUST_USE enum haul_err haul_store_add_tried(struct haul_store *store,
                                                 const struct haul_record *rec);

/* The tables of a run that is about to begin, empty. */
HAUL_MUST_USE enum haul_err haul_store_clear(struct haul_store *store);

/* Moves what was gathered into the tables of schema.h, and fills before_page. In a transaction of
 * the caller's. */
HAUL_MUST_USE enum haul_err haul_store_merge(struct haul_store *store);

#endif
