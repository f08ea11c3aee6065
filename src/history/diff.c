#include "history/diff.h"

#include <assert.h>

#include "history/minor.h"
#include "history/sql.h"

static_assert(HAUL_CHANGE_ADDED == 0 && HAUL_CHANGE_GONE == 1 && HAUL_CHANGE_GROWN == 2 &&
                  HAUL_CHANGE_SHRUNK == 3 && HAUL_CHANGE_TYPE == 4 && HAUL_CHANGE_FAILING == 5 &&
                  HAUL_CHANGE_RECOVERED == 6 && HAUL_CHANGE_WIRE == 7 &&
                  HAUL_CHANGE_DISALLOWED == 8,
              "the numbers stand in the SQL below");

const char *const haul_change_words[HAUL_CHANGE_COUNT] = {
#define CHANGE_WORD(name, word, text) word,
    HAUL_CHANGES(CHANGE_WORD)
#undef CHANGE_WORD
};

const char *const haul_change_texts[HAUL_CHANGE_COUNT] = {
#define CHANGE_TEXT(name, word, text) text,
    HAUL_CHANGES(CHANGE_TEXT)
#undef CHANGE_TEXT
};

bool haul_change_is_apart(enum haul_change kind)
{
    return kind == HAUL_CHANGE_FAILING || kind == HAUL_CHANGE_DISALLOWED;
}

/* ---- one page beside what it was ---- */

/* What a page was in the run now (n), and in the one before (b). */
#define NOW_GOOD "n.outcome IN ('ok', 'unchanged')"
#define NOW_BAD "haul_is_failure(n.outcome, n.reason)"
#define BEFORE_GOOD "b.outcome IN ('ok', 'unchanged')"
#define BEFORE_BAD "haul_is_failure(b.outcome, b.reason)"

/* What robots.txt keeps from being asked for is there, but no part of what is looked at. */
#define NOW_DISALLOWED "haul_is_disallowed(n.outcome, n.reason)"
#define BEFORE_DISALLOWED "haul_is_disallowed(b.outcome, b.reason)"

/* What it had when a size was last known, up to the run before. */
#define HAD_SIZE "coalesce(b.size, b.last_size)"
#define HAD_WIRE "iif(b.size IS NULL, b.last_wire, b.wire)"
#define HAD_TYPE "iif(" BEFORE_GOOD ", b.type, b.last_type)"

#define NOW_IS_URL "n.outcome NOT IN ('duplicate', 'invalid')"
#define BEFORE_IS_URL "b.outcome NOT IN ('duplicate', 'invalid')"

static const char make_compared[] =
    "CREATE TEMP TABLE IF NOT EXISTS compared(page INTEGER PRIMARY KEY, kind INTEGER, url TEXT,"
    " host TEXT, type TEXT, tags TEXT, before INTEGER, after INTEGER, type_before TEXT,"
    " type_after TEXT, counted_before INTEGER, counted_after INTEGER, newly_known INTEGER,"
    " is_left_out INTEGER, reason_before TEXT, reason_after TEXT, wire_before INTEGER,"
    " wire_after INTEGER, wire_counted_before INTEGER, wire_counted_after INTEGER,"
    " wire_newly_known INTEGER, wire_is_left_out INTEGER);"
    "DELETE FROM temp.compared";

/* Of bytes, or of bytes on the wire: what is counted before and after, what is newly known, and
 * what is left out. `was`: what it had before, by what is known; NULL: that is not known. */
#define COUNTED(was, before, after)                                                                \
    " iif(" after " IS NULL, NULL, " was "), iif(" was " IS NULL, NULL, " after "),"               \
    " iif(" was " IS NULL, " after ", NULL),"                                                      \
    " " after " IS NULL AND NOT (" before " IS NULL AND"                                           \
    "  (is_disallowed OR (is_absent AND " was " IS 0)))"
#define COUNTED_SIZE COUNTED("was", "before", "after")
#define COUNTED_WIRE COUNTED("wire_was", "wire_before", "wire_after")

/* What a page had that was not there before: nothing. */
#define WAS(had)                                                                                   \
    "iif(b.id IS NULL OR haul_is_absent(b.outcome, b.reason), coalesce(" had ", 0), " had ")"
#define WAS_SIZE WAS(HAD_SIZE)
#define WAS_WIRE WAS(HAD_WIRE)

/* What this run has. */
static const char compare_now[] =
    "INSERT INTO temp.compared SELECT page, kind, url, host, type, tags, before, after,"
    "  type_before, type_after," COUNTED_SIZE ", reason_before, reason_after, wire_before,"
    "  wire_after," COUNTED_WIRE " FROM"
    "  (SELECT n.page, CASE"
    "    WHEN b.id IS NULL THEN iif(" NOW_GOOD " OR " NOW_BAD ", 0, NULL)"
    "    WHEN " NOW_BAD " AND " BEFORE_BAD " THEN NULL"
    "    WHEN " NOW_BAD " THEN iif(" BEFORE_GOOD " OR " HAD_SIZE " IS NOT NULL, 5, NULL)"
    "    WHEN " NOW_DISALLOWED " AND NOT " BEFORE_DISALLOWED " THEN"
    "     iif(" BEFORE_GOOD " OR " HAD_SIZE " IS NOT NULL, 8, NULL)"
    "    WHEN NOT " NOW_GOOD " THEN NULL"
    "    WHEN " BEFORE_BAD " OR " BEFORE_DISALLOWED " THEN 6"
    "    WHEN n.size > " HAD_SIZE " THEN 2"
    "    WHEN n.size < " HAD_SIZE " THEN 3"
    "    WHEN (n.size IS " HAD_SIZE " OR (n.size IS NULL AND b.size IS NULL))"
    "     AND n.type <> " HAD_TYPE " THEN 4"
    "    WHEN n.size IS " HAD_SIZE " AND n.wire <> " HAD_WIRE " THEN 7 END AS kind,"
    "   n.url, n.host, n.type, n.tags, " HAD_SIZE " AS before, n.size AS after,"
    "   " HAD_TYPE " AS type_before, n.type AS type_after,"
    "   b.reason AS reason_before, n.reason AS reason_after,"
    "   haul_is_absent(n.outcome, n.reason) AS is_absent, " NOW_DISALLOWED " AS is_disallowed,"
    "   " WAS_SIZE " AS was,"
    "   " HAD_WIRE " AS wire_before, n.wire AS wire_after, " WAS_WIRE " AS wire_was"
    "   FROM now_page n LEFT JOIN before_page b ON b.id = n.page AND " BEFORE_IS_URL
    "   WHERE " NOW_IS_URL ")";

/* Of a page that is gone: whether it had no size that could be counted. */
#define LACKS(had)                                                                                 \
    had " IS NULL AND NOT haul_is_absent(b.outcome, b.reason) AND NOT " BEFORE_DISALLOWED

/* What it has not. Whether that is gone depends on whether the run is complete: that is for whoever
 * asks. */
static const char compare_gone[] =
    "INSERT INTO temp.compared SELECT b.page,"
    " iif(" BEFORE_GOOD " OR " BEFORE_BAD " OR " HAD_SIZE " IS NOT NULL, 1, NULL),"
    " b.url, b.host, b.type, b.tags, " HAD_SIZE ", NULL, " HAD_TYPE ", NULL,"
    " " HAD_SIZE ", iif(" HAD_SIZE " IS NULL, NULL, 0), NULL,"
    " " LACKS(HAD_SIZE) ", b.reason, NULL,"
                        " " HAD_WIRE ", NULL, " HAD_WIRE ", iif(" HAD_WIRE
                        " IS NULL, NULL, 0), NULL,"
                        " " LACKS(HAD_WIRE) " FROM before_page b WHERE " BEFORE_IS_URL
                                            " AND b.page NOT IN (SELECT page FROM now_page)";

enum haul_err haul_diff_compare(sqlite3 *db)
{
    static const char *const steps[] = {make_compared, compare_now, compare_gone};
    enum haul_err err = HAUL_OK;

    for (size_t i = 0; i < sizeof steps / sizeof *steps && !err; i++)
        err = haul_sql_run(db, steps[i]);
    return err;
}

/* ---- what has changed ---- */

static const char make_table[] =
    "CREATE TEMP TABLE IF NOT EXISTS change(page INTEGER, kind INTEGER, url TEXT, host TEXT,"
    " type TEXT, tags TEXT, before INTEGER, after INTEGER, delta INTEGER, type_before TEXT,"
    " type_after TEXT, is_counted INTEGER, reason_before TEXT, reason_after TEXT,"
    " wire_before INTEGER, wire_after INTEGER, wire_delta INTEGER);"
    "DELETE FROM temp.change";

/* Takes: what is gone (1) if nothing may be said to be. */
static const char fill_table[] =
    "INSERT INTO temp.change SELECT page, kind, url, host, type, tags, before, after,"
    " iif(kind IN (5, 8), -before, counted_after - counted_before), type_before, type_after,"
    " counted_after IS NOT NULL, reason_before, reason_after, wire_before, wire_after,"
    " iif(kind IN (5, 8), -wire_before, wire_counted_after - wire_counted_before)"
    " FROM temp.compared WHERE kind IS NOT NULL AND kind IS NOT %d";

static enum haul_err find_complete(struct haul_store *store, int64_t *complete)
{
    return haul_sql_number(haul_store_db(store),
                           "SELECT complete FROM main.run ORDER BY id DESC LIMIT 1", complete);
}

enum haul_err haul_diff_make(struct haul_store *store, const struct haul_change_rules *rules,
                             uint64_t *minor)
{
    sqlite3 *db = haul_store_db(store);
    uint64_t ignored;
    enum haul_err err = haul_sql_run(db, make_table);
    int64_t complete = 0;

    if (!err)
        err = haul_sql_run(db, make_compared);
    if (err || !haul_store_before(store))
        return haul_store_note(store, err);
    err = haul_diff_compare(db);
    if (!err && rules)
        err = haul_minor_put_aside(db, rules, minor ? minor : &ignored);
    if (!err)
        err = find_complete(store, &complete);
    if (!err)
        err = haul_sql_runf(db, fill_table, complete ? -1 : HAUL_CHANGE_GONE);
    return haul_store_note(store, err);
}

/* Takes: as above. */
static const char add_up[] =
    "SELECT haul_sum(counted_before), haul_sum(counted_after), haul_sum(newly_known),"
    " count(newly_known), coalesce(sum(is_left_out), 0), haul_sum(wire_counted_before),"
    " haul_sum(wire_counted_after), count(wire_counted_after) FROM temp.compared"
    " WHERE kind IS NOT %d";

enum haul_err haul_diff_add_up(struct haul_store *store, struct haul_diff_totals *totals)
{
    sqlite3_stmt *query = NULL;
    char *sql = NULL;
    int64_t complete = 0;
    enum haul_err err = find_complete(store, &complete);

    *totals = (struct haul_diff_totals){0};
    if (!err) {
        sql = sqlite3_mprintf(add_up, complete ? -1 : HAUL_CHANGE_GONE);
        err = sql ? haul_sql_prepare(haul_store_db(store), sql, &query) : HAUL_ERR_NOMEM;
    }
    if (!err)
        err = haul_sql_step(query);
    if (!err)
        *totals = (struct haul_diff_totals){.before = sqlite3_column_int64(query, 0),
                                            .after = sqlite3_column_int64(query, 1),
                                            .newly_known_size = sqlite3_column_int64(query, 2),
                                            .newly_known = haul_sql_count(query, 3),
                                            .left_out = haul_sql_count(query, 4),
                                            .wire_before = sqlite3_column_int64(query, 5),
                                            .wire_after = sqlite3_column_int64(query, 6),
                                            .wire_compared = haul_sql_count(query, 7)};
    sqlite3_finalize(query);
    sqlite3_free(sql);
    return haul_store_note(store, err);
}

enum haul_err haul_diff_count(struct haul_store *store, uint64_t count[HAUL_CHANGE_COUNT],
                              int64_t size[HAUL_CHANGE_COUNT])
{
    sqlite3_stmt *query;
    enum haul_err err = haul_sql_prepare(
        haul_store_db(store),
        "SELECT kind, count(*), haul_sum(iif(kind = 7, wire_delta, delta)) FROM temp.change"
        " GROUP BY kind",
        &query);

    for (int i = 0; i < HAUL_CHANGE_COUNT; i++) {
        count[i] = 0;
        size[i] = 0;
    }
    while (!err && !(err = haul_sql_step(query))) {
        int kind = sqlite3_column_int(query, 0);

        count[kind] = (uint64_t)sqlite3_column_int64(query, 1);
        size[kind] = sqlite3_column_int64(query, 2);
    }
    sqlite3_finalize(query);
    return haul_store_note(store, err == HAUL_ERR_END ? HAUL_OK : err);
}
