#include "history/diff.h"

#include <assert.h>

#include "history/sql.h"

static_assert(HAUL_CHANGE_ADDED == 0 && HAUL_CHANGE_GONE == 1 && HAUL_CHANGE_GROWN == 2 &&
                  HAUL_CHANGE_SHRUNK == 3 && HAUL_CHANGE_TYPE == 4 && HAUL_CHANGE_FAILING == 5 &&
                  HAUL_CHANGE_RECOVERED == 6,
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

/* What a page was in the run now (n), and in the one before (b). */
#define NOW_GOOD "n.outcome IN ('ok', 'unchanged')"
#define NOW_BAD "haul_is_failure(n.outcome, n.reason)"
#define BEFORE_GOOD "b.outcome IN ('ok', 'unchanged')"
#define BEFORE_BAD "haul_is_failure(b.outcome, b.reason)"

static const char make_table[] =
    "CREATE TEMP TABLE IF NOT EXISTS change(page INTEGER, kind INTEGER, url TEXT, host TEXT,"
    " type TEXT, tags TEXT, before INTEGER, after INTEGER, delta INTEGER, type_before TEXT,"
    " type_after TEXT);"
    "DELETE FROM temp.change";

/* before_page.id is before_page.page, and the table's rowid. */
static const char compare[] =
    "INSERT INTO temp.change SELECT * FROM (SELECT n.page, CASE"
    "   WHEN b.id IS NULL AND (" NOW_GOOD " OR " NOW_BAD ") THEN 0"
    "   WHEN " BEFORE_GOOD " AND " NOW_BAD " THEN 5"
    "   WHEN " BEFORE_BAD " AND " NOW_GOOD " THEN 6"
    "   WHEN NOT (" BEFORE_GOOD " AND " NOW_GOOD ") THEN NULL"
    "   WHEN n.size > b.size THEN 2"
    "   WHEN n.size < b.size THEN 3"
    "   WHEN n.size IS b.size AND n.type <> b.type THEN 4 END AS kind,"
    "  n.url, n.host, n.type, n.tags, b.size, n.size, coalesce(n.size, 0) - coalesce(b.size, 0),"
    "  b.type, n.type FROM temp.now_page n LEFT JOIN temp.before_page b ON b.id = n.page)"
    " WHERE kind IS NOT NULL";

static const char find_gone[] =
    "INSERT INTO temp.change SELECT b.page, 1, b.url, b.host, b.type, b.tags, b.size, NULL,"
    " -coalesce(b.size, 0), b.type, NULL FROM temp.before_page b"
    " WHERE (" BEFORE_GOOD " OR " BEFORE_BAD ")"
    " AND b.page NOT IN (SELECT page FROM temp.now_page)";

enum haul_err haul_diff_make(struct haul_store *store)
{
    sqlite3 *db = haul_store_db(store);
    enum haul_err err = haul_sql_run(db, make_table);
    int64_t complete = 0;

    if (err || !haul_store_before(store))
        return haul_store_note(store, err);
    err = haul_sql_run(db, compare);
    if (!err)
        err = haul_sql_number(db, "SELECT complete FROM main.run ORDER BY id DESC LIMIT 1",
                              &complete);
    if (!err && complete)
        err = haul_sql_run(db, find_gone);
    return haul_store_note(store, err);
}

enum haul_err haul_diff_count(struct haul_store *store, uint64_t count[HAUL_CHANGE_COUNT],
                              int64_t size[HAUL_CHANGE_COUNT])
{
    sqlite3_stmt *query;
    enum haul_err err = haul_sql_prepare(
        haul_store_db(store),
        "SELECT kind, count(*), haul_sum(delta) FROM temp.change GROUP BY kind", &query);

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
