#include "spill/spill.h"

#include <stdlib.h>

#include "history/sql.h"
#include "spill/blob.h"

enum {
    PAGE_SIZE = 4096,
    CHUNK_PAGES = 1024, /* the file grows by so many */
    PAGES_MIN = 8,
    PAGES_MAX = INT32_MAX / 2,
    BLOB_KEPT_MAX = 65536
};

struct haul_spill {
    sqlite3 *db; /* or NULL: there is no file */
    sqlite3_stmt *insert, *select, *remove;
    struct haul_buf blob; /* of the job at hand */
    struct haul_buf reason;
    int64_t pages, pages_max; /* that the file has room for, and may have */
    uint64_t count;
    bool is_full;
};

static enum haul_err fail(struct haul_spill *spill, enum haul_err err)
{
    haul_buf_clear(&spill->reason);
    if (err == HAUL_ERR_IO && sqlite3_errcode(spill->db) == SQLITE_OK)
        haul_buf_add_str(&spill->reason, "no space is left for it");
    else if (err == HAUL_ERR_IO)
        haul_sql_add_error(&spill->reason, spill->db);
    else
        haul_buf_add_str(&spill->reason, haul_err_text(err));
    return err;
}

/*
 * Room is reserved on disk before pages are made there. A page that is in the cache only, and finds
 * the disk full, would stand in the way of those that are to be read.
 */
static bool reserve(struct haul_spill *spill, int64_t pages)
{
    int64_t size = pages * PAGE_SIZE;

    if (pages <= spill->pages ||
        sqlite3_file_control(spill->db, "main", SQLITE_FCNTL_SIZE_HINT, &size) ||
        haul_sql_runf(spill->db, "PRAGMA max_page_count = %lld", (long long)pages))
        return false;
    spill->pages = pages;
    return true;
}

static bool grow(struct haul_spill *spill)
{
    int64_t pages = spill->pages + CHUNK_PAGES;

    return reserve(spill, pages < spill->pages_max ? pages : spill->pages_max);
}

static enum haul_err prepare(struct haul_spill *spill)
{
    enum haul_err err =
        haul_sql_prepare(spill->db, "INSERT INTO job VALUES (?1, ?2)", &spill->insert);

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

/*
 * The journal is in memory: without any, an insertion that fails would leave a tree that nobody can
 * read. The flush makes the file, so that one that cannot be made is known now.
 */
static enum haul_err open_file(struct haul_spill *spill)
{
    int chunk = CHUNK_PAGES * PAGE_SIZE;
    enum haul_err err = haul_sql_open_private(NULL, &spill->db);

    if (!err)
        err = haul_sql_runf(spill->db,
                            "PRAGMA page_size = %d; PRAGMA journal_mode = MEMORY;"
                            "PRAGMA synchronous = OFF; PRAGMA cache_size = -1024; BEGIN;"
                            "CREATE TABLE job (place INTEGER PRIMARY KEY, job BLOB NOT NULL)",
                            PAGE_SIZE);
    if (!err && sqlite3_db_cacheflush(spill->db))
        err = HAUL_ERR_IO;
    if (!err)
        err = haul_sql_run(spill->db, "COMMIT");
    if (!err &&
        (sqlite3_file_control(spill->db, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk) || !grow(spill)))
        err = HAUL_ERR_IO;
    return err ? err : prepare(spill);
}

enum haul_err haul_spill_create(int64_t size_max, struct haul_spill **out)
{
    struct haul_spill *spill = calloc(1, sizeof *spill);

    *out = spill;
    if (!spill)
        return HAUL_ERR_NOMEM;
    spill->pages_max = size_max / PAGE_SIZE < PAGES_MIN ? PAGES_MIN : size_max / PAGE_SIZE;
    if (spill->pages_max > PAGES_MAX)
        spill->pages_max = PAGES_MAX;
    haul_buf_init(&spill->blob, 0);
    haul_buf_init(&spill->reason, 0);
    return HAUL_OK;
}

static void close_file(struct haul_spill *spill)
{
    sqlite3_finalize(spill->insert);
    sqlite3_finalize(spill->select);
    sqlite3_finalize(spill->remove);
    sqlite3_close(spill->db);
    spill->insert = spill->select = spill->remove = NULL;
    spill->db = NULL;
    spill->pages = 0;
}

void haul_spill_free(struct haul_spill *spill)
{
    if (!spill)
        return;
    close_file(spill);
    haul_buf_done(&spill->blob);
    haul_buf_done(&spill->reason);
    free(spill);
}

static enum haul_err insert(struct haul_spill *spill, int64_t place)
{
    enum haul_err err;

    do {
        sqlite3_bind_int64(spill->insert, 1, place);
        sqlite3_bind_blob64(spill->insert, 2, spill->blob.data, spill->blob.len, SQLITE_STATIC);
        err = haul_sql_once(spill->insert);
    } while (err == HAUL_ERR_IO && sqlite3_errcode(spill->db) == SQLITE_FULL && grow(spill));
    return err;
}

enum haul_err haul_spill_put(struct haul_spill *spill, int64_t place, const struct haul_job *job)
{
    enum haul_err err;

    haul_buf_clear(&spill->blob);
    haul_blob_add(&spill->blob, job);
    err = spill->blob.err;
    if (!err && !spill->insert)
        err = open_file(spill);
    if (!err)
        err = insert(spill, place);
    spill->is_full = err;
    if (err)
        fail(spill, err);
    if (err && !spill->count)
        close_file(spill);
    if (err)
        return err;
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
