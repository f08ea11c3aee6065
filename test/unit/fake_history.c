#include "fake_history.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history/sql.h"
#include "model/key.h"
#include "summary/query.h"

static char directory[] = "/tmp/haul-store-XXXXXX";
static char path[64];

const struct fake_row three[3] = {
    {"http://A.example:8080/one?q", HAUL_OUTCOME_OK, 10, "Text/HTML; charset=utf-8", "\"1\""},
    {"b.example", HAUL_OUTCOME_FAILED, 7, "text/plain", "\"2\""},
    {"http://a.example/dir/x#f", HAUL_OUTCOME_OK, -1, NULL, NULL},
};

void fake_begin(void)
{
    memcpy(strrchr(directory, '-'), "-XXXXXX", sizeof "-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/history", directory);
}

const char *fake_path(void)
{
    return path;
}

void fake_remove(const char *suffix)
{
    char name[80];

    snprintf(name, sizeof name, "%s%s", path, suffix);
    unlink(name);
}

void fake_end(void)
{
    fake_remove("");
    fake_remove("-lock");
    fake_remove("-wal");
    fake_remove("-shm");
    ck_assert_int_eq(rmdir(directory), 0);
}

static struct haul_store *open_store(const char *name)
{
    const struct haul_store_options options = {.path = name};
    struct haul_store *store;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert_msg(!haul_store_open(&options, &store, &message), "%s", haul_buf_str(&message));
    haul_buf_done(&message);
    return store;
}

struct haul_store *fake_open(void)
{
    return open_store(path);
}

struct haul_store *fake_open_private(void)
{
    return open_store(NULL);
}

void fake_summary(struct haul_store *store, const char *group_by, struct haul_summary *out)
{
    const struct haul_summary_options options = {
        .version = "1.2", .workers = 3, .streams = 1, .exit_status = 75, .group_by = group_by};

    ck_assert_msg(!haul_summary_make(store, &options, out), "%s", haul_store_error(store));
}

void fake_start(struct haul_store *store)
{
    const struct haul_store_run run = {
        .started_us = 1000000, .version = "0", .options = "{\"jobs\":1}"};

    ck_assert_msg(!haul_store_begin(store, &run), "%s", haul_store_error(store));
}

struct haul_record fake_record(const struct fake_row *row, uint64_t seq)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = row->url;
    rec.seq = seq;
    rec.line = seq + 1;
    rec.outcome = row->outcome;
    rec.reason = row->outcome == HAUL_OUTCOME_FAILED ? HAUL_REASON_HTTP_STATUS : HAUL_REASON_NONE;
    rec.http_code = row->outcome == HAUL_OUTCOME_FAILED ? 503 : 200;
    rec.size_body = rec.size_download = row->size;
    rec.content_type = row->type;
    rec.etag = row->etag;
    rec.started_us = 2000000 + (int64_t)seq;
    rec.time_total_us = 10;
    rec.worker = 1;
    return rec;
}

void fake_add(struct haul_store *store, const struct fake_row *row, uint64_t seq)
{
    struct haul_record rec = fake_record(row, seq);
    const struct haul_key key = haul_key_make(HAUL_KEY_URL, row->url, strlen(row->url));

    ck_assert_msg(!haul_store_add(store, &rec, &key, false), "%s", haul_store_error(store));
}

void fake_finish(struct haul_store *store, bool complete)
{
    struct haul_ledger ledger;
    const struct haul_store_end end = {
        .ledger = &ledger, .ended_us = 3000000, .elapsed_us = 2000000, .complete = complete};

    ledger = (struct haul_ledger){0};
    ck_assert_msg(!haul_store_finish(store, &end), "%s", haul_store_error(store));
}

void fake_run(struct haul_store *store, const struct fake_row *row, size_t count)
{
    fake_start(store);
    for (size_t i = 0; i < count; i++)
        fake_add(store, &row[i], i);
    fake_finish(store, true);
}

int64_t fake_number(struct haul_store *store, const char *sql)
{
    int64_t value;

    ck_assert_msg(!haul_sql_number(haul_store_db(store), sql, &value), "%s: %s", sql,
                  sqlite3_errmsg(haul_store_db(store)));
    return value;
}

const char *fake_text(struct haul_store *store, const char *sql)
{
    static char value[4096];
    sqlite3_stmt *statement;

    ck_assert_msg(!haul_sql_prepare(haul_store_db(store), sql, &statement), "%s",
                  sqlite3_errmsg(haul_store_db(store)));
    value[0] = '\0';
    if (haul_sql_step(statement) == HAUL_OK)
        snprintf(value, sizeof value, "%s", haul_sql_text(statement, 0));
    sqlite3_finalize(statement);
    return value;
}
