#include "history/sql_keys.h"

#include <stdlib.h>

#include "haul/record.h"
#include "journal/key_reader.h"

enum { NUMBER = 8, WHOLE = 2 * NUMBER };

static void put_number(unsigned char bytes[NUMBER], uint64_t number)
{
    for (int i = NUMBER; i; i--, number >>= 8)
        bytes[i - 1] = (unsigned char)number;
}

/* Gives how many bytes it has. */
static int put_key(unsigned char bytes[WHOLE], const struct haul_key *key)
{
    put_number(bytes, haul_key_is_old(key) ? key->old : key->high);
    put_number(bytes + NUMBER, key->low);
    return haul_key_is_old(key) ? NUMBER : WHOLE;
}

void haul_sql_bind_key(sqlite3_stmt *statement, int index, const struct haul_key *key)
{
    unsigned char bytes[WHOLE];
    int len = put_key(bytes, key);

    sqlite3_bind_blob(statement, index, bytes, len, SQLITE_TRANSIENT);
}

void haul_sql_bind_old_key(sqlite3_stmt *statement, int index, const struct haul_key *key)
{
    const struct haul_key old = {.old = key->old};

    if (key->old)
        haul_sql_bind_key(statement, index, &old);
    else
        sqlite3_bind_null(statement, index);
}

/* ---- functions ---- */

/* A page does not say of which kind its key is: lines that are no URL have pages, too. */
static void renew(struct haul_key_reader *reader, const char *url, struct haul_key *key)
{
    static const enum haul_outcome outcomes[] = {HAUL_OUTCOME_INVALID, HAUL_OUTCOME_DUPLICATE};
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = url;
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        rec.outcome = outcomes[i]; /* of INVALID, that of a URL is tried as well */
        haul_key_reader_renew(reader, &rec, key);
    }
}

static void give_key(sqlite3_context *context, int count, sqlite3_value **value)
{
    struct haul_key key = {.old = (uint64_t)sqlite3_value_int64(value[0])};
    const char *url = (const char *)sqlite3_value_text(value[1]);
    unsigned char bytes[WHOLE];

    (void)count;
    if (sqlite3_value_type(value[0]) != SQLITE_INTEGER) {
        sqlite3_result_value(context, value[0]);
        return;
    }
    if (url)
        renew(sqlite3_user_data(context), url, &key);
    sqlite3_result_blob(context, bytes, put_key(bytes, &key), SQLITE_TRANSIENT);
}

static void note_rules(sqlite3_context *context, int count, sqlite3_value **value)
{
    const char *options = (const char *)sqlite3_value_text(value[0]);
    int len = sqlite3_value_bytes(value[0]);

    (void)count;
    if (options)
        haul_key_reader_note_rules(sqlite3_user_data(context), options, (size_t)len);
}

static void free_reader(void *reader)
{
    haul_key_reader_done(reader);
    free(reader);
}

/* The reader is haul_key's: both are known until the connection is closed. */
enum haul_err haul_sql_add_key_functions(sqlite3 *db)
{
    struct haul_key_reader *reader = calloc(1, sizeof *reader);

    if (!reader)
        return HAUL_ERR_NOMEM;
    if (sqlite3_create_function_v2(db, "haul_key_rules", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, reader,
                                   note_rules, NULL, NULL, NULL)) {
        free_reader(reader);
        return HAUL_ERR_NOMEM;
    }
    return sqlite3_create_function_v2(db, "haul_key", 2, SQLITE_UTF8 | SQLITE_INNOCUOUS, reader,
                                      give_key, NULL, NULL, free_reader)
               ? HAUL_ERR_NOMEM /* it has freed the reader */
               : HAUL_OK;
}
