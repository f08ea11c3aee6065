#include "history/schema.h"

#include <string.h>

#include "history/schema_compare.h"
#include "history/sql.h"
#include "history/sql_functions.h"
#include "history/sql_keys.h"
#include "history/views.h"

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

    /* `lastmod` is no tag: what was told apart by it alone becomes one row. And what all pages take
     * on the wire is known of a run, too. */
    "CREATE TEMP TABLE bare(id INTEGER PRIMARY KEY, lastmod TEXT, text TEXT, tags INTEGER);"
    "INSERT INTO temp.bare(id, lastmod, text)"
    " SELECT id, lastmod, iif(text = '{}', '', text) FROM"
    "  (SELECT id, iif(json_valid(text), json_extract(text, '$.lastmod'), NULL) AS lastmod,"
    "    iif(json_valid(text), json_remove(text, '$.lastmod'), NULL) AS text"
    "   FROM word WHERE text GLOB '{*') WHERE typeof(lastmod) = 'text';"
    "INSERT OR IGNORE INTO word(text) SELECT text FROM temp.bare ORDER BY id;"
    "UPDATE temp.bare SET tags = (SELECT id FROM word WHERE text = bare.text);"
    "ALTER TABLE run ADD COLUMN page_wire INTEGER;"
    "ALTER TABLE page ADD COLUMN lastmod TEXT;"
    "UPDATE page SET lastmod = b.lastmod, tags = b.tags FROM temp.bare b WHERE b.id = page.tags;"
    "UPDATE page SET wire = NULL WHERE wire = 0 AND size IS NOT 0;" /* nothing was fetched */
    "CREATE TEMP TABLE merged AS WITH"
    " state AS (SELECT p.page, p.first, p.last, p.outcome, p.reason, p.type,"
    "   coalesce(b.tags, p.tags) AS tags, p.http_code, p.size,"
    "   iif(p.wire = 0 AND p.size IS NOT 0, NULL, p.wire) AS wire, b.lastmod"
    "  FROM past p LEFT JOIN temp.bare b ON b.id = p.tags"
    "  UNION ALL SELECT id, since, NULL, outcome, reason, type, tags, http_code, size, wire, "
    "lastmod"
    "  FROM page WHERE since IS NOT NULL),"
    " told AS (SELECT *, lag(last) OVER w AS until,"
    "   (outcome, reason, type, tags, http_code, size, wire) IS NOT"
    "   (lag(outcome) OVER w, lag(reason) OVER w, lag(type) OVER w, lag(tags) OVER w,"
    "    lag(http_code) OVER w, lag(size) OVER w, lag(wire) OVER w) AS differs"
    "  FROM state WINDOW w AS (PARTITION BY page ORDER BY first)),"
    /* Between two rows of the same there is no run that has found neither. */
    " island AS (SELECT *, sum(differs OR EXISTS (SELECT 1 FROM run WHERE id > until"
    "   AND id < first AND ended_us IS NOT NULL)) OVER (PARTITION BY page ORDER BY first) AS n"
    "  FROM told)"
    " SELECT *, min(first) OVER (PARTITION BY page, n) AS since,"
    "  row_number() OVER (PARTITION BY page, n ORDER BY first DESC) AS rank FROM island;"
    "DROP TABLE past;"
    "CREATE TABLE past("
    " last INTEGER NOT NULL,"
    " page INTEGER NOT NULL,"
    " first INTEGER NOT NULL,"
    " outcome INTEGER, reason INTEGER, type INTEGER, tags INTEGER,"
    " http_code INTEGER, size INTEGER, wire INTEGER, lastmod TEXT,"
    " PRIMARY KEY(last, page)) WITHOUT ROWID;"
    "INSERT INTO past SELECT last, page, since, outcome, reason, type, tags, http_code, size, wire,"
    " lastmod FROM temp.merged WHERE rank = 1 AND last IS NOT NULL ORDER BY last, page;"
    "UPDATE page SET since = m.since FROM temp.merged m"
    " WHERE m.rank = 1 AND m.last IS NULL AND m.page = page.id AND m.since < page.since;"
    "DELETE FROM word WHERE id IN (SELECT id FROM temp.bare);"
    "DROP TABLE temp.bare; DROP TABLE temp.merged;",

    haul_views_sql,
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

static bool is_unmarked(const struct state *state)
{
    return !state->application && !state->version && state->objects;
}

static enum haul_err refuse(struct haul_buf *message, const char *cause)
{
    haul_buf_add_str(message, cause);
    return HAUL_ERR_USAGE;
}

/* ---- whether all of it is haul's ---- */

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
    sqlite3 *model;
    enum haul_err err = haul_sql_open_private(NULL, &model);

    if (!err)
        err = make_model(model, step, version);
    if (!err)
        err = haul_schema_compare(db, model, message);
    sqlite3_close(model);
    return err;
}

/*
 * Of a copy that another program has made (".dump"), which leaves out by what a history is known:
 * the version that it is of by what is in it.
 */
static enum haul_err find_version(sqlite3 *db, struct state *state, const char *const *step,
                                  int version, struct haul_buf *message)
{
    enum haul_err err = HAUL_ERR_USAGE;
    struct haul_buf cause;

    haul_buf_init(&cause, 0);
    for (int i = version; i > 0 && err == HAUL_ERR_USAGE; i--) {
        haul_buf_clear(&cause);
        err = check_objects(db, step, i, &cause);
        state->version = i;
    }
    haul_buf_done(&cause);
    return err == HAUL_ERR_USAGE
               ? refuse(message, "not a history of haul's, but another program's database")
               : err;
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
    if (state->version > version && state->application == HAUL_SCHEMA_APPLICATION)
        return refuse(message, "a history that a later version of haul has written");
    if (is_unmarked(state))
        err = find_version(db, state, step, version, message);
    else if (state->application != HAUL_SCHEMA_APPLICATION || state->version < 1)
        return refuse(message, "not a history of haul's, but another program's database");
    else
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

/* Both before anything is in the file: they decide how it is laid out. (Of a copy that has lost its
 * marks, the first can be done no more.) */
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
    if (!err && from) /* a table made anew leaves the room of the old one */
        err = haul_sql_run(db, "PRAGMA incremental_vacuum");
    return err;
}

enum haul_err haul_schema_migrate(sqlite3 *db, const char *const *step, int count,
                                  struct haul_buf *message)
{
    struct state state;
    enum haul_err err = check(db, &state, step, count, message);

    if (err || (state.version == count && state.application == HAUL_SCHEMA_APPLICATION))
        return err;
    if (state.application != HAUL_SCHEMA_APPLICATION)
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
