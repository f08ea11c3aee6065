#include "history/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/message.h"
#include "history/database.h"
#include "history/schema.h"
#include "history/sql.h"
#include "history/sql_functions.h"
#include "history/sql_keys.h"
#include "history/store_inside.h"

enum haul_err haul_store_note(struct haul_store *store, enum haul_err err)
{
    if (!err)
        return err;
    haul_buf_clear(&store->reason);
    haul_sql_add_error(&store->reason, store->db);
    return err;
}

const char *haul_store_error(const struct haul_store *store)
{
    return haul_buf_str(&store->reason);
}

sqlite3 *haul_store_db(struct haul_store *store)
{
    return store->db;
}

int64_t haul_store_run(const struct haul_store *store)
{
    return store->run;
}

int64_t haul_store_before(const struct haul_store *store)
{
    return store->before;
}

/* ---- opening ---- */

/* `note`: what the lock has to say, if all goes well. */
static enum haul_err open_file(struct haul_store *store, const struct haul_store_options *options,
                               struct haul_buf *note, struct haul_buf *message)
{
    enum haul_err err = haul_database_check(options->path, HAUL_DATABASE_WRITE, message);

    if (!err) {
        err = haul_lock_take(&store->lock, options->path, options->lock == HAUL_STORE_LOCK_WAIT,
                             note);
        if (err)
            haul_buf_add(message, note->data, note->len);
    }
    if (err == HAUL_ERR_LOCKED)
        haul_buf_addf(message, "%s: another run has this history (--lock wait waits for its end)",
                      options->path);
    if (err)
        return err;
    return haul_database_open(options->path, HAUL_DATABASE_LOCKED, &store->guard, &store->db,
                              message);
}

/* Runs of histories are taken out of them where they lie. */
static enum haul_err open_private(struct haul_store *store)
{
    enum haul_err err = haul_sql_open_private(&store->guard, &store->db);

    if (!err)
        haul_sql_let_attach(store->db, 1);
    return err;
}

static enum haul_err set_up(struct haul_store *store)
{
    enum haul_err err = haul_sql_add_functions(store->db);

    if (!err)
        err = haul_sql_run(store->db, "PRAGMA temp_store = FILE;"
                                      "PRAGMA main.cache_size = -32768;"
                                      "PRAGMA temp.cache_size = -16384;"
                                      "PRAGMA main.synchronous = FULL");
    return err;
}

/* Before haul made histories for their owner only, the umask decided. It may be meant: nothing is
 * changed. */
static void warn_of_readers(const char *path, struct haul_buf *message)
{
    struct stat info;

    if (stat(path, &info) || !(info.st_mode & (S_IRWXG | S_IRWXO)))
        return;
    haul_message_next(message);
    haul_buf_addf(message,
                  "%s: brought up to date; others may open it (mode %03o), and so keep runs from "
                  "it: chmod go= helps",
                  path, (unsigned)(info.st_mode & 0777));
}

static enum haul_err migrate(struct haul_store *store, const struct haul_store_options *options,
                             struct haul_buf *message)
{
    struct haul_buf cause;
    enum haul_err err;
    int64_t version = 0;

    haul_buf_init(&cause, 0);
    err = haul_sql_add_key_functions(store->db, &options->today);
    if (!err && haul_sql_number(store->db, "PRAGMA user_version", &version))
        version = 0; /* what it is otherwise, is told now */
    if (!err)
        err = haul_schema_migrate(store->db, haul_schema_steps, HAUL_SCHEMA_VERSION, &cause);
    if (err)
        haul_buf_addf(message, "%s: %s", options->path ? options->path : "temporary file",
                      haul_buf_str(&cause));
    else if (options->path && version > 0 && version < HAUL_SCHEMA_VERSION)
        warn_of_readers(options->path, message);
    haul_buf_done(&cause);
    return err;
}

enum haul_err haul_store_open(const struct haul_store_options *options, struct haul_store **out,
                              struct haul_buf *message)
{
    struct haul_store *store = calloc(1, sizeof *store);
    struct haul_buf note;
    enum haul_err err;

    *out = NULL;
    if (!store)
        return HAUL_ERR_NOMEM;
    haul_buf_init(&note, 0);
    store->lock = (struct haul_lock){.fd = -1, .database_fd = -1};
    store->guard.stop = options->stop;
    store->history = options->path;
    store->today = options->today;
    store->keeps = options->path || options->several;
    store->hides = options->today.redactor != NULL;
    haul_buf_init(&store->tags, 0);
    haul_buf_init(&store->host, 0);
    haul_buf_init(&store->path, 0);
    haul_buf_init(&store->reason, 0);
    err = options->path ? open_file(store, options, &note, message) : open_private(store);
    if (!err)
        err = migrate(store, options, message);
    if (!err) {
        err = set_up(store);
        if (err)
            haul_sql_add_error(message, store->db);
    }
    if (!err && note.len)
        haul_message_next(message);
    if (!err)
        haul_buf_add(message, note.data, note.len);
    else
        haul_store_free(store);
    haul_buf_done(&note);
    *out = err ? NULL : store;
    return err;
}

void haul_store_free(struct haul_store *store)
{
    if (!store)
        return;
    sqlite3_finalize(store->insert);
    sqlite3_finalize(store->insert_tried);
    sqlite3_close(store->db);
    haul_lock_release(&store->lock);
    haul_buf_done(&store->tags);
    haul_buf_done(&store->host);
    haul_buf_done(&store->path);
    haul_buf_done(&store->reason);
    free(store);
}

bool haul_store_hides(const struct haul_store *store)
{
    return store->hides;
}

/* ---- a run ---- */

static enum haul_err insert_run(struct haul_store *store, const struct haul_store_run *run)
{
    sqlite3_stmt *insert;
    enum haul_err err = haul_sql_prepare(
        store->db, "INSERT INTO run(started_us, version, options) VALUES(?, ?, ?)", &insert);

    if (!err) {
        sqlite3_bind_int64(insert, 1, run->started_us);
        haul_sql_bind_text(insert, 2, run->version);
        haul_sql_bind_text(insert, 3, run->options);
        err = haul_sql_once(insert);
    }
    sqlite3_finalize(insert);
    store->run = err ? 0 : sqlite3_last_insert_rowid(store->db);
    store->started_us = run->started_us;
    return err;
}

static enum haul_err find_earlier(struct haul_store *store)
{
    enum haul_err err = haul_sql_number(
        store->db, "SELECT max(id) FROM run WHERE ended_us IS NOT NULL", &store->prior);

    return err ? err
               : haul_sql_number(store->db, "SELECT max(id) FROM run WHERE complete",
                                 &store->before);
}

static enum haul_err prepare_insert(struct haul_store *store)
{
    if (store->insert)
        return HAUL_OK;
    return haul_sql_prepare(store->db,
                            "INSERT INTO temp.now_page(" HAUL_STORE_GATHERED ")"
                            " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                            &store->insert);
}

enum haul_err haul_store_begin(struct haul_store *store, const struct haul_store_run *run)
{
    enum haul_err err = find_earlier(store);

    if (!err)
        err = insert_run(store, run);
    if (!err)
        err = haul_store_clear(store);
    if (!err)
        err = prepare_insert(store);
    if (!err)
        err = haul_sql_run(store->db, "BEGIN");
    store->is_open = !err;
    return haul_store_note(store, err);
}

/* ---- its end ---- */

static enum haul_err end_run(struct haul_store *store, const struct haul_store_end *end)
{
    const struct haul_ledger *ledger = end->ledger;
    sqlite3_stmt *update;
    enum haul_err err = haul_sql_prepare(
        store->db,
        "UPDATE run SET ended_us = ?2, elapsed_us = ?3, complete = ?4,"
        " started_us = coalesce(nullif(?5, 0), started_us), lines = ?6, failed_transient = ?7,"
        " wire = ?8, header = ?9, wasted = ?10, time_us = ?11, ok = ?12, failed = ?13,"
        " unchanged = ?14, skipped = ?15, duplicate = ?16, invalid = ?17, pending = ?18,"
        " size = (SELECT haul_sum(size) FROM temp.now_page), page_wire ="
        " (SELECT iif(count(wire), haul_sum(wire), NULL) FROM temp.now_page) WHERE id = ?1",
        &update);
    const int64_t number[] = {store->run,
                              end->ended_us,
                              end->elapsed_us,
                              end->complete,
                              end->started_us,
                              (int64_t)ledger->lines,
                              (int64_t)ledger->failed_transient,
                              ledger->wire_bytes,
                              ledger->header_bytes,
                              ledger->failed_bytes,
                              ledger->time_us};
    enum { NUMBERS = sizeof number / sizeof *number };

    for (int i = 0; i < NUMBERS && !err; i++)
        sqlite3_bind_int64(update, 1 + i, number[i]);
    for (int i = 0; i < HAUL_OUTCOME_COUNT && !err; i++)
        sqlite3_bind_int64(update, 1 + NUMBERS + i, (int64_t)ledger->count[i]);
    if (!err)
        err = haul_sql_once(update);
    sqlite3_finalize(update);
    return err;
}

/* What was gathered outlives a history that fails (instead.h). */
static enum haul_err keep_gathered(struct haul_store *store)
{
    return haul_sql_run(store->db, "COMMIT; BEGIN");
}

enum haul_err haul_store_finish(struct haul_store *store, const struct haul_store_end *end)
{
    enum haul_err err = store->is_open ? keep_gathered(store) : HAUL_ERR_IO;

    if (!err)
        err = haul_store_merge(store);
    if (!err)
        err = end_run(store, end);
    if (!err)
        err = haul_sql_run(store->db, "COMMIT");
    (void)haul_store_note(store, err);
    haul_sql_roll_back(store->db);
    store->is_open = false;
    return err;
}

enum haul_err haul_store_set_status(struct haul_store *store, int status)
{
    enum haul_err err = haul_sql_runf(store->db, "UPDATE run SET status = %d WHERE id = %lld",
                                      status, (long long)store->run);

    return haul_store_note(store, err);
}
