#include "history/minor.h"

#include <assert.h>

#include "history/change.h"
#include "history/sql.h"

static_assert(HAUL_CHANGE_GROWN == 2 && HAUL_CHANGE_SHRUNK == 3 && HAUL_CHANGE_TYPE == 4 &&
                  HAUL_CHANGE_WIRE == 7,
              "the numbers stand in the SQL below");

/* Of such a kind are pages of which both are known. From nothing there is no percentage. */
#define IS_SMALL(before, after)                                                                    \
    "(abs(" after " - " before ") < ?1 OR (" before " > 0"                                         \
    " AND abs(" after " - " before ") * 1e6 < CAST(" before " AS REAL) * ?2))"
static const char put_small_aside[] =
    "UPDATE temp.compared SET kind = NULL WHERE iif(kind IN (2, 3), " IS_SMALL(
        "before", "after") ", kind IS 7 AND " IS_SMALL("wire_before", "wire_after") ")";

#define PUT_ASIDE "UPDATE temp.compared SET kind = NULL WHERE kind IN (2, 3, 4, 7) AND "

/* Of media types the case does not matter. A page is of the type that it has now. */
static const char *const put_matching_aside[HAUL_CHANGE_RULE_KINDS] = {
    [HAUL_CHANGE_RULE_PATH] = PUT_ASIDE "haul_matches(?1, haul_path(url))",
    [HAUL_CHANGE_RULE_HOST] = PUT_ASIDE "haul_matches(lower(?1), host)",
    [HAUL_CHANGE_RULE_TYPE] = PUT_ASIDE "haul_matches(lower(?1), type_after)",
};

/* Runs a statement that `err` says was prepared, adds what it has changed, and frees it. */
static enum haul_err count(sqlite3 *db, enum haul_err err, sqlite3_stmt *update, uint64_t *minor)
{
    if (!err)
        err = haul_sql_once(update);
    if (!err)
        *minor += (uint64_t)sqlite3_changes(db);
    sqlite3_finalize(update);
    return err;
}

static enum haul_err put_small(sqlite3 *db, const struct haul_change_rules *rules, uint64_t *minor)
{
    sqlite3_stmt *update;
    enum haul_err err = haul_sql_prepare(db, put_small_aside, &update);

    if (!err) {
        sqlite3_bind_int64(update, 1, rules->min_bytes);
        sqlite3_bind_int64(update, 2, rules->min_millionths);
    }
    return count(db, err, update, minor);
}

static enum haul_err put_matching(sqlite3 *db, const char *rule, uint64_t *minor)
{
    enum haul_change_rule_kind kind = HAUL_CHANGE_RULE_PATH;
    const char *glob = haul_change_rule_read(rule, &kind);
    sqlite3_stmt *update;
    enum haul_err err = haul_sql_prepare(db, put_matching_aside[kind], &update);

    if (!err)
        haul_sql_bind_text(update, 1, glob);
    return count(db, err, update, minor);
}

enum haul_err haul_minor_put_aside(sqlite3 *db, const struct haul_change_rules *rules,
                                   uint64_t *minor)
{
    enum haul_err err = HAUL_OK;

    *minor = 0;
    if (rules->min_bytes || rules->min_millionths)
        err = put_small(db, rules, minor);
    for (size_t i = 0; rules->ignored && i < rules->ignored->count && !err; i++)
        err = put_matching(db, rules->ignored->item[i], minor);
    return err;
}
