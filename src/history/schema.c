#include "history/schema.h"

#include <string.h>

#include "history/sql.h"
#include "history/sql_functions.h"
#include "history/sql_keys.h"

const char *const haul_schema_steps[HAUL_SCHEMA_VERSION] = {
    "CREATE TABLE run("
    " id INTEGER PRIMARY KEY,"
    " started_us INTEGER NOT NULL,"
    " ended_us INTEGER,"
    " elapsed_us INTEGER,"
    " status INTEGER," /* exit status; NULL: haul died before it was known */
    " complete INTEGER NOT NULL DEFAULT 0,"
    " version TEXT NOT NULL,"
    " options TEXT NOT NULL," /* JSON */
    " lines INTEGER, ok INTEGER, failed INTEGER, unchanged INTEGER, skipped INTEGER,"
    " duplicate INTEGER, invalid INTEGER, pending INTEGER, failed_transient INTEGER,"
    " size INTEGER, wire INTEGER, header INTEGER, wasted INTEGER, time_us INTEGER);"

    "CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"

    "CREATE TABLE page("
    " id INTEGER PRIMARY KEY,"
    " key INTEGER NOT NULL,"
    " occurrence INTEGER NOT NULL,"
    " url TEXT NOT NULL,"
    " since INTEGER,"
    " outcome INTEGER, reason INTEGER, type INTEGER, tags INTEGER," /* words */
    " http_code INTEGER, size INTEGER, wire INTEGER,"
    " etag TEXT, last_modified TEXT);"
    "CREATE UNIQUE INDEX page_key ON page(key, occurrence);"

    "CREATE TABLE past("
    " last INTEGER NOT NULL,"
    " page INTEGER NOT NULL,"
    " first INTEGER NOT NULL,"
    " outcome INTEGER, reason INTEGER, type INTEGER, tags INTEGER,"
    " http_code INTEGER, size INTEGER, wire INTEGER,"
    " PRIMARY KEY(last, page)) WITHOUT ROWID;",

    /* Keys of 128 bits. */
    "SELECT haul_key_rules(options) FROM run;"
    "CREATE TABLE renewed("
    " id INTEGER PRIMARY KEY,"
    " key BLOB NOT NULL," /* sql_keys.h */
    " occurrence INTEGER NOT NULL,"
    " url TEXT NOT NULL,"
    " since INTEGER,"
    " outcome INTEGER, reason INTEGER, type INTEGER, tags INTEGER,"
    " http_code INTEGER, size INTEGER, wire INTEGER,"
    " etag TEXT, last_modified TEXT);"
    "INSERT INTO renewed SELECT id, haul_key(key, url), occurrence, url, since, outcome, reason,"
    " type, tags, http_code, size, wire, etag, last_modified FROM page ORDER BY id;"
    "DROP TABLE page;"
    "ALTER TABLE renewed RENAME TO page;"
    "CREATE UNIQUE INDEX page_key ON page(key, occurrence);"
    "CREATE INDEX page_old ON page(id) WHERE length(key) = 8;",
};

struct state {
    int64_t application, version, objects;
};

static enum haul_err look(sqlite3 *db, struct state *state)
{
    enum haul_err err = haul_sql_number(db, "PRAGMA application_id", &state->application);

    if (!err)
        err = haul_sql_number(db, "PRAGMA user_version", &state->version);
    if (!err)
        err = haul_sql_number(db, "SELECT count(*) FROM sqlite_schema", &state->objects);
    return err;
}

/* A file that holds nothing, or that was begun and left. */
static bool is_new(const struct state *state)
{
    return !state->application && !state->version && !state->objects;
}

static enum haul_err refuse(struct haul_buf *message, const char *cause)
{
    haul_buf_add_str(message, cause);
    return HAUL_ERR_USAGE;
}

/* ---- whether all of it is haul's ---- */

static const char objects_sql[] =
    "SELECT name, type, tbl_name, coalesce(sql, '') FROM main.sqlite_schema ORDER BY name, type";

/* By bytes: SQLite reads a statement up to its first NUL, and may show more. */
static int compare_text(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
    int order = strcmp(haul_sql_text(a, column), haul_sql_text(b, column));

    return order ? order : sqlite3_column_bytes(a, column) - sqlite3_column_bytes(b, column);
}

static enum haul_err refuse_object(struct haul_buf *message, sqlite3_stmt *object, const char *how)
{
    haul_buf_addf(message, "not a history of haul's: '%.100s' %s", haul_sql_text(object, 0), how);
    return HAUL_ERR_USAGE;
}

/* Walks both in the order of their names; either may end first. */
static enum haul_err compare_objects(sqlite3_stmt *file, sqlite3_stmt *model,
                                     struct haul_buf *message)
{
    enum haul_err err, model_err;
    int order;

    do {
        err = haul_sql_step(file);
        model_err = haul_sql_step(model);
        if ((err && err != HAUL_ERR_END) || (model_err && model_err != HAUL_ERR_END))
            return err && err != HAUL_ERR_END ? err : model_err;
        order = err ? !model_err : model_err ? -1 : compare_text(file, model, 0);
        if (order)
            return refuse_object(message, order < 0 ? file : model,
                                 order < 0 ? "has no place in it" : "is missing");
        for (int column = 1; column < 4 && !err; column++)
            if (compare_text(file, model, column))
                return refuse_object(message, file, "is not as haul makes it");
    } while (!err);
    return HAUL_OK;
}

static enum haul_err make_model(sqlite3 *model, const char *const *step, int version)
{
    enum haul_err err = haul_sql_add_functions(model);

    if (!err)
        err = haul_sql_add_key_functions(model, NULL);
    for (int i = 0; i < version && !err; i++)
        err = haul_sql_run(model, step[i]);
    return err;
}

/* A table that is a view, or that computes what it gives, is found here. */
static enum haul_err check_objects(sqlite3 *db, const char *const *step, int version,
                                   struct haul_buf *message)
{
    sqlite3_stmt *file = NULL, *made = NULL;
    sqlite3 *model;
    enum haul_err err = haul_sql_open_private(NULL, &model);

    if (!err)
        err = make_model(model, step, version);
    if (!err)
        err = haul_sql_prepare(model, objects_sql, &made);
    if (!err)
        err = haul_sql_prepare(db, objects_sql, &file);
    if (!err)
        err = compare_objects(file, made, message);
    sqlite3_finalize(file);
    sqlite3_finalize(made);
    sqlite3_close(model);
    return err;
}

/* ---- which one it is ---- */

static enum haul_err check(sqlite3 *db, struct state *state, const char *const *step, int version,
                           struct haul_buf *message)
{
    enum haul_err err = look(db, state);

    if (err && (sqlite3_errcode(db) & 0xff) == SQLITE_NOTADB)
        return refuse(message, "not a history of haul's");
    if (err) {
        haul_buf_add_str(message, "the history cannot be read: ");
        haul_sql_add_error(message, db);
        return err;
    }
    if (is_new(state))
        return HAUL_OK;
    if (state->application != HAUL_SCHEMA_APPLICATION || state->version < 1)
        return refuse(message, "not a history of haul's, but another program's database");
    if (state->version > version)
        return refuse(message, "a history that a later version of haul has written");
    err = check_objects(db, step, (int)state->version, message);
    if (err && !message->len) {
        haul_buf_add_str(message, "the history cannot be read: ");
        haul_sql_add_error(message, err == HAUL_ERR_NOMEM ? NULL : db);
    }
    return err;
}

enum haul_err haul_schema_check(sqlite3 *db, int *version, struct haul_buf *message)
{
    struct state state;
    enum haul_err err = check(db, &state, haul_schema_steps, HAUL_SCHEMA_VERSION, message);

    if (err)
        return err;
    *version = (int)state.version;
    if (is_new(&state))
        return refuse(message, "not a history of haul's: it is empty");
    if (state.version < HAUL_SCHEMA_READABLE)
        return refuse(message, "a history of an earlier version: the next run with --history "
                               "brings it up to date");
    return HAUL_OK;
}

/* Both before anything is in the file: they decide how it is laid out. */
static enum haul_err prepare(sqlite3 *db)
{
    return haul_sql_run(db, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL");
}

static enum haul_err run_steps(sqlite3 *db, const char *const *step, int from, int count)
{
    enum haul_err err = haul_sql_run(db, "BEGIN IMMEDIATE");

    for (int i = from; i < count && !err; i++)
        err = haul_sql_run(db, step[i]);
    if (!err)
        err = haul_sql_runf(db, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                            HAUL_SCHEMA_APPLICATION, count);
    return err;
}

enum haul_err haul_schema_migrate(sqlite3 *db, const char *const *step, int count,
                                  struct haul_buf *message)
{
    struct state state;
    enum haul_err err = check(db, &state, step, count, message);

    if (err || (state.version == count && !is_new(&state)))
        return err;
    if (is_new(&state))
        err = prepare(db);
    if (!err)
        err = run_steps(db, step, (int)state.version, count);
    if (err) {
        haul_buf_add_str(message, "the history cannot be written: ");
        haul_sql_add_error(message, db);
        haul_sql_roll_back(db);
    }
    return err;
}
