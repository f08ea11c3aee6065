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

/* What they share. */
struct known {
    struct haul_key_reader reader;
    struct haul_key_today today;
};

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
        renew(&((struct known *)sqlite3_user_data(context))->reader, url, &key);
    sqlite3_result_blob(context, bytes, put_key(bytes, &key), SQLITE_TRANSIENT);
}

static void note_rules(sqlite3_context *context, int count, sqlite3_value **value)
{
    const char *options = (const char *)sqlite3_value_text(value[0]);
    int len = sqlite3_value_bytes(value[0]);

    (void)count;
    if (options)
        haul_key_reader_note_rules(&((struct known *)sqlite3_user_data(context))->reader, options,
                                   (size_t)len);
}

static void give_form(sqlite3_context *context, int count, sqlite3_value **value)
{
    struct known *known = sqlite3_user_data(context);
    const char *url = (const char *)sqlite3_value_text(value[0]);
    struct haul_buf form;

    (void)count;
    haul_buf_init(&form, 0);
    if (url)
        haul_key_reader_add_form(&known->reader, &known->today, url, &form);
    if (form.err)
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_text(context, haul_buf_str(&form), (int)form.len, SQLITE_TRANSIENT);
    haul_buf_done(&form);
}

static void is_alike(sqlite3_context *context, int count, sqlite3_value **value)
{
    struct known *known = sqlite3_user_data(context);
    const char *one = (const char *)sqlite3_value_text(value[0]);
    const char *other = (const char *)sqlite3_value_text(value[1]);

    (void)count;
    sqlite3_result_int(context,
                       one && other &&
                           haul_key_reader_is_alike(&known->reader, &known->today, one, other));
}

static void free_known(void *arg)
{
    struct known *known = arg;

    haul_key_reader_done(&known->reader);
    free(known);
}

/* `known` is the last one's: all of them stay until the connection is closed. */
enum haul_err haul_sql_add_key_functions(sqlite3 *db, const struct haul_key_today *today)
{
    static const struct {
        const char *name;
        int count, flag;
        void (*call)(sqlite3_context *context, int count, sqlite3_value **value);
        void (*free)(void *known);
    } function[] = {{"haul_key_rules", 1, SQLITE_DIRECTONLY, note_rules, NULL},
                    {"haul_url_form", 1, SQLITE_DIRECTONLY, give_form, NULL},
                    {"haul_url_alike", 2, SQLITE_DIRECTONLY, is_alike, NULL},
                    {"haul_key", 2, SQLITE_INNOCUOUS, give_key, free_known}};
    enum { FUNCTIONS = sizeof function / sizeof *function };
    struct known *known = calloc(1, sizeof *known);

    if (!known)
        return HAUL_ERR_NOMEM;
    if (today)
        known->today = *today;
    for (int i = 0; i < FUNCTIONS; i++)
        if (sqlite3_create_function_v2(db, function[i].name, function[i].count,
                                       SQLITE_UTF8 | function[i].flag, known, function[i].call,
                                       NULL, NULL, function[i].free)) {
            if (!function[i].free)
                free_known(known); /* else it is freed by now */
            return HAUL_ERR_NOMEM;
        }
    return HAUL_OK;
}
