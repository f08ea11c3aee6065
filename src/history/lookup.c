#include "history/lookup.h"

#include <stdlib.h>

#include "history/database.h"
#include "history/sql.h"
#include "history/sql_functions.h"
#include "history/sql_keys.h"

struct haul_history_lookup {
    sqlite3 *db;
    sqlite3_stmt *find;
    struct haul_sql_guard guard;
};

static const char find_sql[] =
    "SELECT p.etag, p.last_modified, p.size FROM page p JOIN word o ON o.id = p.outcome"
    " WHERE (p.key = ?1 OR (p.key = ?2 AND p.occurrence <= ?4 AND haul_url_alike(p.url, ?3)))"
    " AND o.text IN ('ok', 'unchanged')"
    " AND haul_known(p.size) IS NOT NULL"
    " AND coalesce(p.etag, p.last_modified) IS NOT NULL ORDER BY p.key <> ?1, p.occurrence LIMIT 1";

enum haul_err haul_history_lookup_open(const char *path, haul_stop *stop,
                                       const struct haul_key_today *today,
                                       struct haul_history_lookup **out, struct haul_buf *message)
{
    struct haul_history_lookup *lookup = calloc(1, sizeof *lookup);
    enum haul_err err;

    *out = lookup;
    if (!lookup)
        return HAUL_ERR_NOMEM;
    lookup->guard.stop = stop;
    err = haul_database_open(path, HAUL_DATABASE_SHARE, &lookup->guard, &lookup->db, message);
    if (!err) {
        err = haul_sql_add_functions(lookup->db);
        if (!err)
            err = haul_sql_add_key_functions(lookup->db, today);
        if (!err)
            err = haul_sql_prepare(lookup->db, find_sql, &lookup->find);
        if (!err)
            return HAUL_OK;
        haul_buf_addf(message, "%s: the history cannot be read: ", path);
        haul_sql_add_error(message, lookup->db);
    }
    haul_history_lookup_free(lookup);
    *out = NULL;
    return err;
}

void haul_history_lookup_free(struct haul_history_lookup *lookup)
{
    if (!lookup)
        return;
    sqlite3_finalize(lookup->find);
    sqlite3_close(lookup->db);
    free(lookup);
}

enum haul_err haul_history_lookup_find(struct haul_history_lookup *lookup,
                                       const struct haul_key *key, const char *shown,
                                       struct haul_history_page *page)
{
    enum haul_err err;

    sqlite3_reset(lookup->find);
    haul_sql_bind_key(lookup->find, 1, key);
    haul_sql_bind_old_key(lookup->find, 2, key);
    haul_sql_bind_text(lookup->find, 3, shown);
    sqlite3_bind_int(lookup->find, 4, HAUL_KEY_TRIES_MAX);
    err = haul_sql_step(lookup->find);
    if (err)
        return err;
    page->etag = (const char *)sqlite3_column_text(lookup->find, 0);
    page->last_modified = (const char *)sqlite3_column_text(lookup->find, 1);
    page->size = haul_sql_known(lookup->find, 2);
    return HAUL_OK;
}
