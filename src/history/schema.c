#include "history/schema.h"

#include "history/sql.h"

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

static enum haul_err check(sqlite3 *db, struct state *state, int version, struct haul_buf *message)
{
    enum haul_err err = look(db, state);

    if (err && (sqlite3_errcode(db) & 0xff) == SQLITE_NOTADB)
        return refuse(message, "not a history of haul's");
    if (err) {
        haul_buf_add_str(message, "the history cannot be read: ");
        haul_sql_add_error(message, db);
        return err;
    }
    if (!is_new(state) && state->application != HAUL_SCHEMA_APPLICATION)
        return refuse(message, "not a history of haul's, but another program's database");
    if (state->version > version)
        return refuse(message, "a history that a later version of haul has written");
    return HAUL_OK;
}

enum haul_err haul_schema_check(sqlite3 *db, int *version, struct haul_buf *message)
{
    struct state state;
    enum haul_err err = check(db, &state, HAUL_SCHEMA_VERSION, message);

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
    enum haul_err err = check(db, &state, count, message);

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
