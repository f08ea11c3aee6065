#include "base/saturate.h"
#include "history/sql.h"
#include "history/store_inside.h"

/* When it began, since the first one; -1: not known. Earlier versions said no time_elapsed. */
static int64_t last_at_us(const struct haul_record *rec)
{
    if (rec->time_total_us >= 0 && rec->time_elapsed_us >= rec->time_total_us)
        return rec->time_elapsed_us - rec->time_total_us;
    return rec->attempts > 1 ? -1 : 0;
}

int64_t haul_store_last_start_us(const struct haul_record *rec)
{
    int64_t at_us = last_at_us(rec);

    if (rec->started_us <= 0 || at_us < 0)
        return 0;
    if (rec->tried_count && rec->tried[rec->tried_count - 1].at_us >= at_us)
        return 0; /* it was to be followed by another one, and then the run was stopped */
    return haul_saturate_add(rec->started_us, at_us);
}

static enum haul_err prepare(struct haul_store *store)
{
    if (store->insert_tried)
        return HAUL_OK;
    return haul_sql_prepare(store->db,
                            "INSERT INTO temp.now_tried(worker, started_us, time_us, is_wait,"
                            " is_failed) VALUES(?,?,?,?,?)",
                            &store->insert_tried);
}

static enum haul_err add(struct haul_store *store, const struct haul_tried *tried, int64_t begin_us,
                         int64_t end_us, bool is_wait)
{
    sqlite3_stmt *insert = store->insert_tried;

    sqlite3_bind_int(insert, 1, tried->worker);
    sqlite3_bind_int64(insert, 2, begin_us);
    sqlite3_bind_int64(insert, 3, end_us - begin_us);
    sqlite3_bind_int(insert, 4, is_wait);
    sqlite3_bind_int(insert, 5, !is_wait && !tried->is_step);
    return haul_sql_once(insert);
}

/* When the request after the n-th began; 0: there was none, or some between are not known. */
static int64_t next_start_us(const struct haul_record *rec, size_t n)
{
    if (n + 1 == HAUL_TRIED_HALF && rec->tried_count == HAUL_TRIED_MAX)
        return 0;
    if (n + 1 < rec->tried_count)
        return haul_saturate_add(rec->started_us, rec->tried[n + 1].at_us);
    return haul_store_last_start_us(rec);
}

enum haul_err haul_store_add_tried(struct haul_store *store, const struct haul_record *rec)
{
    enum haul_err err = HAUL_OK;

    for (size_t i = 0; i < rec->tried_count && rec->started_us > 0 && !err; i++) {
        const struct haul_tried *tried = &rec->tried[i];
        int64_t begin_us = haul_saturate_add(rec->started_us, tried->at_us);
        int64_t end_us = haul_saturate_add(begin_us, tried->took_us);
        int64_t next_us = next_start_us(rec, i);

        if (tried->worker < 1)
            continue;
        err = prepare(store);
        if (!err)
            err = add(store, tried, begin_us, end_us, false);
        if (!err && next_us > end_us)
            err = add(store, tried, end_us, next_us, true);
    }
    return err;
}
