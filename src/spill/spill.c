#include "spill/spill.h"

#include <stdlib.h>

#include "history/sql.h"
#include "spill/blob.h"

enum { PAGE_SIZE = 4096, PAGES_MIN = 8, BLOB_KEPT_MAX = 65536 };

struct haul_spill {
    sqlite3 *db;
    sqlite3_stmt *insert, *select, *remove;
    struct haul_buf blob; /* of the job at hand */
    struct haul_buf reason;
    uint64_t count;
    bool is_full;
};

static enum haul_err fail(struct haul_spill *spill, enum haul_err err)
{
    haul_buf_clear(&spill->reason);
    if (err == HAUL_ERR_IO)
        haul_sql_add_error(&spill->reason, spill->db);
    else
        haul_buf_add_str(&spill->reason, haul_err_text(err));
    return err;
}

/*
 * The journal is in memory: without any, an insertion that finds the disk full would leave a tree
 * that nobody can read.
 */
static enum haul_err set_up(struct haul_spill *spill, int64_t size_max)
{
    int64_t pages = size_max / PAGE_SIZE < PAGES_MIN ? PAGES_MIN : size_max / PAGE_SIZE;
    enum haul_err err;

    if (pages > UINT32_MAX - 2)
        pages = UINT32_MAX - 2; /* SQLite's own limit */
    err = haul_sql_runf(spill->db,
                        "PRAGMA page_size = %d; PRAGMA journal_mode = MEMORY;"
                        "PRAGMA synchronous = OFF; PRAGMA cache_size = -4096;"
                        "PRAGMA cell_size_check = ON; PRAGMA max_page_count = %lld;"
                        "CREATE TABLE job (place INTEGER PRIMARY KEY, job BLOB NOT NULL)",
                        PAGE_SIZE, (long long)pages);
    if (!err)
        err = haul_sql_prepare(spill->db, "INSERT INTO job VALUES (?1, ?2)", &spill->insert);
    if (!err)
        err = haul_sql_prepare(spill->db,
                               "SELECT place, job FROM job WHERE place BETWEEN ?1 AND ?2"
                               " ORDER BY place",
                               &spill->select);
    if (!err)
        err = haul_sql_prepare(spill->db, "DELETE FROM job WHERE place BETWEEN ?1 AND ?2",
                               &spill->remove);
    return err;
}

enum haul_err haul_spill_create(int64_t size_max, struct haul_spill **out)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    struct haul_spill *spill = calloc(1, sizeof *spill);

    *out = NULL;
    if (!spill)
        return HAUL_ERR_NOMEM;
    haul_buf_init(&spill->blob, 0);
    haul_buf_init(&spill->reason, 0);
    /* Nothing is on disk yet: only memory can be short. */
    if (sqlite3_open_v2("", &spill->db, flags, NULL) || set_up(spill, size_max)) {
        haul_spill_free(spill);
        return HAUL_ERR_NOMEM;
    }
    *out = spill;
    return HAUL_OK;
}

void haul_spill_free(struct haul_spill *spill)
{
    if (!spill)
        return;
    sqlite3_finalize(spill->insert);
    sqlite3_finalize(spill->select);
    sqlite3_finalize(spill->remove);
    sqlite3_close(spill->db);
    haul_buf_done(&spill->blob);
    haul_buf_done(&spill->reason);
    free(spill);
}

enum haul_err haul_spill_put(struct haul_spill *spill, int64_t place, const struct haul_job *job)
{
    enum haul_err err;

    haul_buf_clear(&spill->blob);
    haul_blob_add(&spill->blob, job);
    err = spill->blob.err;
    if (!err) {
        sqlite3_bind_int64(spill->insert, 1, place);
        sqlite3_bind_blob64(spill->insert, 2, spill->blob.data, spill->blob.len, SQLITE_STATIC);
        err = haul_sql_once(spill->insert);
    }
    spill->is_full = err;
    if (err)
        return fail(spill, err);
    spill->count++;
    if (spill->blob.len > BLOB_KEPT_MAX)
        haul_buf_done(&spill->blob);
    return HAUL_OK;
}

bool haul_spill_is_full(const struct haul_spill *spill)
{
    return spill->is_full;
}

uint64_t haul_spill_count(const struct haul_spill *spill)
{
    return spill->count;
}

/* The job of the row that `select` is at. */
static enum haul_err read_row(struct haul_spill *spill, struct haul_job_list *out, size_t *bytes)
{
    const void *blob = sqlite3_column_blob(spill->select, 1);
    int len = sqlite3_column_bytes(spill->select, 1);
    struct haul_job *job;
    enum haul_err err = blob ? haul_blob_read(blob, (size_t)len, &job) : HAUL_ERR_NOMEM;

    if (err)
        return fail(spill, err);
    *bytes += job->bytes;
    haul_job_list_add(out, job);
    return HAUL_OK;
}

/* What cannot be removed would come a second time: then it does not come now. */
static enum haul_err remove_rows(struct haul_spill *spill, int64_t first, int64_t last,
                                 struct haul_job_list *out)
{
    enum haul_err err;

    sqlite3_bind_int64(spill->remove, 1, first);
    sqlite3_bind_int64(spill->remove, 2, last);
    err = haul_sql_once(spill->remove);
    while (err && out->head)
        haul_job_free(haul_job_list_take(out));
    return err ? fail(spill, err) : HAUL_OK;
}

enum haul_err haul_spill_take(struct haul_spill *spill, int64_t first, int64_t last,
                              struct haul_job_list *out, size_t *taken)
{
    enum haul_err err = HAUL_OK, bad = HAUL_OK;
    int64_t place = first;
    size_t bytes = 0;

    *taken = 0;
    *out = (struct haul_job_list){0};
    sqlite3_bind_int64(spill->select, 1, first);
    sqlite3_bind_int64(spill->select, 2, last);
    while (*taken < HAUL_SPILL_BATCH_MAX && bytes < HAUL_SPILL_BATCH_BYTES_MAX) {
        err = haul_sql_step(spill->select);
        if (err)
            break;
        place = sqlite3_column_int64(spill->select, 0);
        ++*taken;
        err = read_row(spill, out, &bytes);
        bad = bad ? bad : err;
    }
    if (err && err != HAUL_ERR_END)
        bad = fail(spill, err);
    sqlite3_reset(spill->select);
    if (*taken && remove_rows(spill, first, place, out))
        bad = HAUL_ERR_IO;
    spill->count -= *taken;
    spill->is_full = false;
    return bad;
}

const char *haul_spill_error(const struct haul_spill *spill)
{
    return haul_buf_str(&spill->reason);
}
