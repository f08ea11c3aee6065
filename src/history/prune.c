#include "history/sql.h"
#include "history/store_inside.h"

/* Takes: the oldest run that stays. Words go last: what used them is gone by then. */
static const char remove_older[] =
    "BEGIN IMMEDIATE;"
    "DELETE FROM main.run WHERE id < %lld;"
    "DELETE FROM main.past WHERE last < %lld;"
    "DELETE FROM main.page WHERE since IS NULL AND id NOT IN (SELECT page FROM main.past);"
    "DELETE FROM main.word WHERE id NOT IN"
    " (SELECT outcome FROM main.page WHERE outcome IS NOT NULL"
    "  UNION SELECT reason FROM main.page WHERE reason IS NOT NULL"
    "  UNION SELECT type FROM main.page WHERE type IS NOT NULL"
    "  UNION SELECT tags FROM main.page WHERE tags IS NOT NULL"
    "  UNION SELECT outcome FROM main.past UNION SELECT reason FROM main.past"
    "  UNION SELECT type FROM main.past UNION SELECT tags FROM main.past);"
    "COMMIT;"
    "PRAGMA main.incremental_vacuum";

/*
 * Takes: how many runs, since when. The first that is to stay: of those, and of the complete ones.
 */
static const char find_oldest[] =
    "SELECT min(id) FROM ("
    " SELECT max(id) AS id FROM main.run WHERE ended_us IS NOT NULL"
    " UNION ALL SELECT max(id) FROM main.run WHERE complete"
    " UNION ALL SELECT min(id) FROM main.run WHERE id IN"
    "  (SELECT id FROM main.run ORDER BY id DESC LIMIT %lld) AND started_us >= %lld)";

static enum haul_err find(struct haul_store *store, const struct haul_store_keep *keep, int64_t *id)
{
    char *sql = sqlite3_mprintf(find_oldest, (long long)(keep->runs ? keep->runs : -1),
                                (long long)keep->newest_us);
    enum haul_err err = sql ? haul_sql_number(store->db, sql, id) : HAUL_ERR_NOMEM;

    sqlite3_free(sql);
    return err;
}

enum haul_err haul_store_prune(struct haul_store *store, const struct haul_store_keep *keep)
{
    int64_t oldest;
    enum haul_err err = find(store, keep, &oldest);

    if (!err)
        err = haul_sql_runf(store->db, remove_older, (long long)oldest, (long long)oldest);
    if (!err)
        return HAUL_OK;
    (void)haul_store_note(store, err);
    haul_sql_roll_back(store->db);
    return err;
}
