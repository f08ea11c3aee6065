#ifndef HAUL_HISTORY_STORE_INSIDE_H
#define HAUL_HISTORY_STORE_INSIDE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "history/lock.h"
#include "history/store.h"

/*
 * What the parts of the store share (store.c, store_add.c, merge.c, prune.c); nobody else's
 * business.
 */
struct haul_store {
    sqlite3 *db;
    sqlite3_stmt *insert; /* into now_page, or NULL */
    struct haul_lock lock;
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

/* The tables of a run that is about to begin, empty. */
HAUL_MUST_USE enum haul_err haul_store_clear(struct haul_store *store);

/* Moves what was gathered into the tables of schema.h, and fills before_page. In a transaction of
 * the caller's. */
HAUL_MUST_USE enum haul_err haul_store_merge(struct haul_store *store);

#endif
