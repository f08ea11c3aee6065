#include "history/last_known.h"

#include "history/schema.h"
#include "history/sql.h"
#include "history/store_inside.h"

/* Rows of a run that lack something which may be known. */
#define LACKING "size IS NULL AND last_size IS NULL AND outcome NOT IN ('duplicate', 'invalid')"

/*
 * Takes: the table, the database, the first run that does not count, the database, the table. The
 * columns beside max() are those of the row that has it.
 */
static const char fill_sql[] =
    "UPDATE temp.%s AS p SET last_size = k.size, last_type = k.type, last_wire = k.wire FROM"
    " (SELECT s.page, max(s.last), s.size," HAUL_SCHEMA_WIRE " AS wire,"
    "   coalesce(substr((SELECT text FROM %s.word WHERE id = s.type), 1, 128), '') AS type"
    "  FROM %s.past s WHERE s.last < %lld AND s.page IN (SELECT page FROM temp.%s WHERE " LACKING
    ")"
    "  AND haul_known(s.size) IS NOT NULL GROUP BY s.page) k"
    " WHERE k.page = p.page AND p.size IS NULL AND p.last_size IS NULL"
    " AND p.outcome NOT IN ('duplicate', 'invalid')";

static enum haul_err fill(struct haul_store *store, const char *table, const char *database,
                          int64_t run)
{
    char *sql = sqlite3_mprintf("SELECT EXISTS (SELECT 1 FROM temp.%s WHERE " LACKING ")", table);
    int64_t is_lacking = 0;
    enum haul_err err = sql ? haul_sql_number(store->db, sql, &is_lacking) : HAUL_ERR_NOMEM;

    sqlite3_free(sql);
    if (err || !is_lacking)
        return err;
    return haul_sql_runf(store->db, fill_sql, table, database, database, (long long)run, table);
}

enum haul_err haul_last_known_import(struct haul_store *store, int64_t run)
{
    return fill(store, "now_page", "old", run);
}

/* A run that was brought in from elsewhere has left its own past there: what it told is kept for
 * the next one, which is compared with it. */
static const char make_told[] =
    "CREATE TEMP TABLE IF NOT EXISTS told(run INTEGER, page INTEGER, size INTEGER, type TEXT,"
    " wire INTEGER, PRIMARY KEY(run, page)) WITHOUT ROWID";

/* Takes: the run before. */
static const char use_told[] =
    "UPDATE temp.before_page AS p SET last_size = t.size, last_type = t.type, last_wire = t.wire"
    " FROM temp.told t"
    " WHERE t.run = %lld AND t.page = p.page AND p.size IS NULL";

/* Takes: this run. */
static const char keep_told[] = "DELETE FROM temp.told;"
                                "INSERT INTO temp.told SELECT %lld, page, last_size, last_type,"
                                " last_wire"
                                " FROM temp.now_page WHERE last_size IS NOT NULL";

enum haul_err haul_last_known_fill(struct haul_store *store)
{
    enum haul_err err = haul_sql_run(store->db, make_told);

    if (!err)
        err = haul_sql_runf(store->db, use_told, (long long)store->before);
    if (!err)
        err = fill(store, "before_page", "main", store->before);
    if (!err)
        err = fill(store, "now_page", "main", store->run);
    return err ? err : haul_sql_runf(store->db, keep_told, (long long)store->run);
}
