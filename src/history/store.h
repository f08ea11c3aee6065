#ifndef HAUL_HISTORY_STORE_H
#define HAUL_HISTORY_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "haul/record.h"
#include "journal/key_reader.h"
#include "model/key.h"
#include "model/ledger.h"
#include "model/stop.h"

/*
 * The store: a SQLite database that holds the pages of this run and, if it is a history (--history
 * FILE), of the runs before it. Summaries, budgets (summary/) and comparisons (diff.h) query it.
 *
 * The records of a run are gathered in a private temporary table, and go into the history in one
 * transaction when the run has ended: a history never holds half a run, however haul dies. What a
 * run that was killed leaves is a line in the list of runs that says so.
 *
 * Once haul_store_finish has succeeded, these can be asked on haul_store_db, whether there is a
 * history or not:
 *
 *   now_page     a row for every record of the run
 *   before_page  a row for every record of the last complete run before it; empty without one
 *   now_tag      page_rowid, name, value: what the list attached; page_rowid is now_page.id
 *   before_tag   the same for before_page.id
 *   now_tried    the requests of this run that another one of the same URL followed: worker,
 *                started_us, time_us, is_failed (0: it was a step, and told only what to ask next);
 *                and with is_wait 1 what then passed until that one. The latest and the first of
 *                each URL (HAUL_TRIED_MAX)
 *
 * The columns of now_page and before_page:
 *
 *   id               INTEGER, unique in each of the two
 *   page             INTEGER, the same in both for the same occurrence of the same URL
 *   url              TEXT as shown: without userinfo, redacted; bytes may be no UTF-8
 *   host             TEXT lower case, without port; '' of a line that is no URL
 *   path             TEXT from its first '/' (at least that) to '?' or '#', as it stands in the
 *                    list; '' of a line that is no URL
 *   type             TEXT media type in lower case without parameters, '' unknown
 *   outcome, reason  TEXT the words of haul/record.h; '' no reason
 *   http_code        INTEGER, 0 none
 *   size             INTEGER decoded bytes, of ok and unchanged; NULL unknown or another outcome
 *   wire             INTEGER bytes on the wire of the whole body, of the same; of unchanged what
 *                    was known before; NULL unknown, or not all of it was fetched
 *   last_size, last_type, last_wire   of a page without a size: what it had when one was last
 *                    known, in a run before; NULL: it never was
 *   line             INTEGER line number in its list; NULL in before_page
 *   source           TEXT the name of that list; NULL: the command line, or not known (from a
 *                    journal)
 *   started_us       INTEGER since 1970, time_total_us INTEGER, worker INTEGER 1..N, of the last
 *                    request; NULL in before_page, unknown, or not of this run (from its journal).
 *                    started_us is NULL, too, if that request is one of now_tried
 *
 * One thread at a time; handed over by joining. No call but haul_store_open waits for another
 * process. Errors: HAUL_ERR_IO (the disk, a damaged database), HAUL_ERR_NOMEM; haul_store_error
 * has the cause. After an error of haul_store_add or haul_store_finish the run is not in the
 * history, and what was there before is as it was.
 */
struct haul_store;

/* What to do when another run has the history. */
enum haul_store_lock { HAUL_STORE_LOCK_FAIL, HAUL_STORE_LOCK_WAIT };

struct haul_store_options {
    const char *path; /* the history, made if it is not there; NULL: none, a private store. Must
                         outlive the store, as what `today` points to */
    enum haul_store_lock lock;
    struct haul_key_today today; /* as the records are, that are added (sql_keys.h) */
    bool several;    /* a private store: more than one run will be gathered, to be compared */
    haul_stop *stop; /* ends a query that takes its time (sql.h); NULL: nothing does */
};

/*
 * Opens or makes a store. A history is locked (flock(2) on the companion FILE-lock, and a byte of
 * the file; the kernel releases them however the process ends) until haul_store_free; reading one
 * needs no lock.
 *
 * `message` gets one line without newline on failure, and may get lines on success: a history of an
 * earlier version has been brought up to date, and others may open it; the companion is not to be
 * had. Names in it are not escaped.
 * HAUL_ERR_LOCKED: another run has it. HAUL_ERR_USAGE: the file is no history of haul's, was
 * written by a later version, or is a symbolic link or no regular file. HAUL_ERR_IO,
 * HAUL_ERR_NOMEM. Blocks until the other run ends with HAUL_STORE_LOCK_WAIT.
 */
HAUL_MUST_USE enum haul_err haul_store_open(const struct haul_store_options *options,
                                            struct haul_store **out, struct haul_buf *message);

/* Closes it and so unlocks it. A run that was begun and not finished stays marked as incomplete.
 * NULL is fine. */
void haul_store_free(struct haul_store *store);

/* Whether it was opened by somebody who hides something (--redact). */
bool haul_store_hides(const struct haul_store *store);

/* What is known of a run when it begins. Strings are copied. */
struct haul_store_run {
    int64_t started_us;  /* since 1970 (UTC) */
    const char *version; /* haul's own */
    const char *options; /* a JSON object without secrets (journal/line.h) */
};

/* Begins a run; from now on it is in the list of runs. Once, or again after haul_store_finish. */
HAUL_MUST_USE enum haul_err haul_store_begin(struct haul_store *store,
                                             const struct haul_store_run *run);

/*
 * Adds a record; nothing of it is kept. `key` is that of model/key.h; the n-th record (by `seq`) of
 * a key is its n-th occurrence. A page that an earlier version has written, and whose URL does not
 * tell its key, is the same if the 64 bits are, and the URLs as shown are alike
 * (haul_key_reader_is_alike). `is_old`: it comes from a journal, and its times are not this run's.
 * Memory stays bounded; the disk is that of temporary files ($SQLITE_TMPDIR, $TMPDIR, /var/tmp,
 * /tmp).
 */
HAUL_MUST_USE enum haul_err haul_store_add(struct haul_store *store, const struct haul_record *rec,
                                           const struct haul_key *key, bool is_old);

/* How a run has ended. */
struct haul_store_end {
    const struct haul_ledger *ledger;
    int64_t
        started_us; /* since 1970 (UTC), where it is known only now; 0: as haul_store_begin said */
    int64_t ended_us;   /* since 1970 (UTC) */
    int64_t elapsed_us; /* how long it took, by the monotonic clock */
    bool complete;      /* what it has not is gone (haul_inputs_are_complete) */
};

/* Ends the run: its pages go into the history, and can be asked for. */
HAUL_MUST_USE enum haul_err haul_store_finish(struct haul_store *store,
                                              const struct haul_store_end *end);

/* Writes down the exit status of the run that was finished: known only after budgets. */
HAUL_MUST_USE enum haul_err haul_store_set_status(struct haul_store *store, int status);

/* Which runs to keep: 0 in either member: no limit by it. */
struct haul_store_keep {
    int64_t runs;      /* the newest so many */
    int64_t newest_us; /* those that began at or after this, since 1970 */
};

/* Removes older runs than those to keep, and gives their space back. The run that was finished last
 * and the last complete one stay in any case. */
HAUL_MUST_USE enum haul_err haul_store_prune(struct haul_store *store,
                                             const struct haul_store_keep *keep);

/* The number of the run that was begun last, and of the last complete one before it; 0: none. */
int64_t haul_store_run(const struct haul_store *store);
int64_t haul_store_before(const struct haul_store *store);

/* The connection, for queries on the tables above; the store's own. To be read only. */
sqlite3 *haul_store_db(struct haul_store *store);

/* Remembers the cause of what has just failed on the connection, and returns `err`; HAUL_OK is no
 * failure. For those who ask questions on behalf of the store. */
enum haul_err haul_store_note(struct haul_store *store, enum haul_err err);

/* The cause of the last error, for a message: one line, not escaped, valid until the next call. */
const char *haul_store_error(const struct haul_store *store);

#endif
