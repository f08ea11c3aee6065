#include "history/failing.h"

#include "history/sql.h"

static const char make_table[] =
    "CREATE TEMP TABLE IF NOT EXISTS failing(page INTEGER PRIMARY KEY, url TEXT, outcome TEXT,"
    " reason TEXT, is_new INTEGER, since_us INTEGER);"
    "DELETE FROM temp.failing;"
    "INSERT OR IGNORE INTO temp.failing SELECT n.page, n.url, n.outcome, n.reason,"
    "  b.id IS NULL OR NOT haul_is_failure(b.outcome, b.reason), NULL"
    " FROM temp.now_page n LEFT JOIN temp.before_page b ON b.id = n.page"
    " WHERE haul_is_failure(n.outcome, n.reason)";

/* What a state that is kept of a page says, in the words' numbers. */
#define IS_FAILURE                                                                                 \
    "(s.outcome IN (SELECT id FROM main.word WHERE text = 'failed') OR (s.outcome, s.reason) IN"   \
    " (SELECT o.id, w.id FROM main.word o, main.word w WHERE o.text = 'skipped'"                   \
    "  AND haul_is_failure(o.text, w.text)))"
#define IS_ASKED_FOR "s.page IN (SELECT page FROM temp.failing WHERE NOT is_new)"

/*
 * A page fails since the first of its states behind the last one that was none of failing. A run
 * that did not ask for it has left no state. Old runs may have been removed (--keep).
 */
static const char find_since[] =
    "CREATE TEMP TABLE IF NOT EXISTS failing_run(page INTEGER PRIMARY KEY, good INTEGER, first "
    "INTEGER);"
    "DELETE FROM temp.failing_run;"
    "INSERT INTO temp.failing_run SELECT f.page, 0, p.since FROM temp.failing f"
    " JOIN main.page p ON p.id = f.page WHERE NOT f.is_new;"
    "UPDATE temp.failing_run AS f SET good = g.last FROM"
    " (SELECT s.page, max(s.last) AS last FROM main.past s WHERE " IS_ASKED_FOR
    " AND NOT " IS_FAILURE " GROUP BY s.page) g WHERE g.page = f.page;"
    "UPDATE temp.failing_run AS f SET first = min(f.first, b.first) FROM"
    " (SELECT s.page, min(s.first) AS first FROM main.past s JOIN temp.failing_run r"
    "  ON r.page = s.page WHERE s.first > r.good GROUP BY s.page) b WHERE b.page = f.page;"
    "UPDATE temp.failing AS f SET since_us = r.started_us FROM temp.failing_run x"
    " JOIN main.run r ON r.id = (SELECT min(id) FROM main.run WHERE id >= x.first)"
    " WHERE x.page = f.page";

enum haul_err haul_failing_make(struct haul_store *store)
{
    sqlite3 *db = haul_store_db(store);
    enum haul_err err = haul_sql_run(db, make_table);
    int64_t still = 0;

    if (!err)
        err = haul_sql_number(db, "SELECT EXISTS (SELECT 1 FROM temp.failing WHERE NOT is_new)",
                              &still);
    if (!err && still)
        err = haul_sql_run(db, find_since);
    return haul_store_note(store, err);
}
