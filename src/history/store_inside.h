#ifndef HAUL_HISTORY_STORE_INSIDE_H
#define HAUL_HISTORY_STORE_INSIDE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "history/sql.h"
#include "history/store.h"

/* What the parts of the store share (store.c, store_add.c, lock.c, merge.c, prune.c); nobody else's
 * business. */

/*
 * One run at a time on a history: flock(2) on a companion file, because what happens to a lock on
 * the database itself when another descriptor of it is closed is SQLite's business. The kernel lets
 * go of it however the process ends. Nobody else may open the companion, for flock(2) asks for no
 * more than the right to read. It is removed with the lock; one that a killed
 * process left is no lock.
 */
struct haul_lock {
    int fd;     /* -1: not locked */
    char *path; /* of the companion, or NULL */
};

struct haul_store {
    sqlite3 *db;
    sqlite3_stmt *insert; /* into now_page, or NULL */
    struct haul_lock lock;
    struct haul_sql_guard guard;
    bool keeps;    /* what runs find outlives them: a history, or several runs */
    int64_t run;   /* begun last, 0: none */
    int64_t prior; /* the last finished run before it, 0: none */
    int64_t before;
    bool is_open;           /* a transaction gathers records */
    struct haul_buf tags;   /* of one record */
    struct haul_buf host;   /* the same */
    struct haul_buf path;   /* the same */
    struct haul_buf reason; /* of the last error */
};

/*
 * Locks `path` (the companion is `path` and "-lock"); `wait`: until others have let go of it, else
 * HAUL_ERR_LOCKED. HAUL_ERR_USAGE (what stands there is not to be used: base/owned.h) or
 * HAUL_ERR_IO with a cause in `message`, HAUL_ERR_NOMEM. On failure `lock` needs no release.
 */
HAUL_MUST_USE enum haul_err haul_lock_take(struct haul_lock *lock, const char *path, bool wait,
                                           struct haul_buf *message);

/* Fine on one that was not taken (fd -1). */
void haul_lock_release(struct haul_lock *lock);

/* The tables of a run that is about to begin, empty. */
HAUL_MUST_USE enum haul_err haul_store_clear(struct haul_store *store);

/* Moves what was gathered into the tables of schema.h, and fills before_page. In a transaction of
 * the caller's. */
HAUL_MUST_USE enum haul_err haul_store_merge(struct haul_store *store);

#endif
