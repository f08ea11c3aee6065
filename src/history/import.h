#ifndef HAUL_HISTORY_IMPORT_H
#define HAUL_HISTORY_IMPORT_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "history/store.h"

/*
 * Runs from elsewhere: out of journals and histories, into a store in which they can be compared,
 * or just to be looked at.
 *
 * A run has a name: of a journal its file; of a run in a history FILE@N (the run with the number
 * N), FILE@-N (the N-th from the end of those that have ended) or FILE@YYYY-MM-DD (the last of
 * those that began on that day or before, in UTC); of a history alone, its last run. A file whose
 * own name ends so is itself meant.
 *
 * `message` gets one line on failure; names in it are not escaped. HAUL_ERR_USAGE: there is no such
 * file or run, or it is neither journal nor history; HAUL_ERR_IO, HAUL_ERR_NOMEM.
 */

/* What a name has meant. */
struct haul_import_found {
    size_t file_len; /* the bytes of the name that are those of the file */
    int64_t run;     /* its number in the history; 0: a journal */
};

/* Brings the run of that name into `store`, as its next one. `found` may be NULL. Blocks on files.
 */
HAUL_MUST_USE enum haul_err haul_import_run(struct haul_store *store, const char *name,
                                            struct haul_import_found *found,
                                            struct haul_buf *message);

/* The same for the last complete run of a history, if it has one. The file is opened by SQLite
 * alone: locks of this process on it stay. */
HAUL_MUST_USE enum haul_err haul_import_complete(struct haul_store *store, const char *path,
                                                 struct haul_buf *message);

/* Whether the file is a SQLite database: a history rather than a journal. */
bool haul_import_is_history(const char *path);

/* Opens a history to be read only, without a lock: while a run adds to it, what was there before is
 * seen. `today` is for the functions of sql_keys.h. To be closed with sqlite3_close; NULL on
 * failure. */
HAUL_MUST_USE enum haul_err haul_import_open(const char *path, const struct haul_key_today *today,
                                             sqlite3 **db, struct haul_buf *message);

#endif
