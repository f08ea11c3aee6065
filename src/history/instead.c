#include "history/instead.h"

#include "history/import.h"
#include "history/sql.h"
#include "history/store_inside.h"
#include "model/version.h"

/* In the order in which they came. */
static const char gathered_sql[] = "SELECT " HAUL_STORE_GATHERED " FROM temp.now_page ORDER BY id";

static enum haul_err copy_row(sqlite3_stmt *row, sqlite3_stmt *insert)
{
    int code = SQLITE_OK;

    for (int i = 0; i < sqlite3_column_count(row) && code == SQLITE_OK; i++)
        code = sqlite3_bind_value(insert, i + 1, sqlite3_column_value(row, i));
    return code == SQLITE_OK ? haul_sql_once(insert) : HAUL_ERR_NOMEM;
}

static enum haul_err copy_gathered(struct haul_store *from, struct haul_store *to)
{
    sqlite3_stmt *row;
    enum haul_err err = haul_sql_prepare(from->db, gathered_sql, &row);

    if (!err)
        err = haul_sql_step(row);
    while (!err) {
        err = copy_row(row, to->insert);
        if (!err)
            err = haul_sql_step(row);
    }
    sqlite3_finalize(row);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* Why the history cannot be used, whoever opens another store has said already. */
static enum haul_err open_other(const struct haul_store_options *options, bool several,
                                struct haul_store **out)
{
    struct haul_store_options other = *options;
    struct haul_buf unheard;
    enum haul_err err;

    other.path = NULL;
    other.several = several;
    haul_buf_init(&unheard, 0);
    err = haul_store_open(&other, out, &unheard);
    if (!err && several)
        err = haul_import_complete(*out, options->path, &unheard);
    haul_buf_done(&unheard);
    if (err) {
        haul_store_free(*out);
        *out = NULL;
    }
    return err;
}

enum haul_err haul_instead_open(const struct haul_store_options *options, struct haul_store **out)
{
    return open_other(options, true, out) ? open_other(options, false, out) : HAUL_OK;
}

enum haul_err haul_instead_finish(struct haul_store *store, const struct haul_store_end *end,
                                  struct haul_store **out)
{
    const struct haul_store_options options = {
        .path = store->history, .today = store->today, .stop = store->guard.stop};
    const struct haul_store_run run = {
        .started_us = store->started_us, .version = HAUL_VERSION, .options = "{}"};
    enum haul_err err = haul_instead_open(&options, out);

    if (err)
        return err;
    (*out)->guard.end_us = store->guard.end_us; /* a signal is not answered later for this */
    err = haul_store_begin(*out, &run);
    if (!err)
        err = copy_gathered(store, *out);
    if (!err)
        err = haul_store_finish(*out, end);
    if (err) {
        haul_store_free(*out);
        *out = NULL;
    }
    return err;
}
