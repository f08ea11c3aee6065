#include "history/sql_functions.h"

#include <string.h>

#include "base/ascii.h"
#include "base/glob.h"
#include "base/saturate.h"

enum { HOST_MAX = 1024 }; /* bytes; DNS allows 253 */

struct haul_url_parts haul_sql_url_of(const char *url)
{
    struct haul_url_parts parts = haul_url_parts_of(url, strlen(url));

    if (!parts.path.len)
        parts.path = (struct haul_span){"/", 1};
    return parts;
}

/* ---- media types ---- */

/* RFC 9110, 5.6.2. */
static bool is_token(char c)
{
    return haul_ascii_is_alnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

void haul_sql_url_media_type(const char *content_type, char *type, size_t size)
{
    size_t len = content_type ? strcspn(content_type, "; \t") : 0;
    unsigned slashes = 0;

    type[0] = '\0';
    if (!len || len >= size || content_type[0] == '/' || content_type[len - 1] == '/')
        return;
    for (size_t i = 0; i < len; i++) {
        type[i] = haul_ascii_lower(content_type[i]);
        slashes += type[i] == '/';
        if (type[i] != '/' && !is_token(type[i]))
            slashes = 2;
    }
    type[slashes == 1 ? len : 0] = '\0';
}

/* ---- words of records ---- */

static const char *const reason_words[HAUL_REASON_COUNT] = {
#define REASON_WORD(name, word, transient, text) word,
    HAUL_REASONS(REASON_WORD)
#undef REASON_WORD
};

enum haul_outcome haul_sql_outcome(const char *word)
{
    int outcome = 0;

    while (outcome < HAUL_OUTCOME_COUNT - 1 &&
           strcmp(word, haul_outcome_word((enum haul_outcome)outcome)) != 0)
        outcome++;
    return (enum haul_outcome)outcome;
}

/* A word that has a number in it ("http-404") is that of no reason here: none of them matters. */
static enum haul_reason reason_of(const char *word)
{
    int reason = HAUL_REASON_COUNT - 1;

    while (reason > 0 && strcmp(word, reason_words[reason]) != 0)
        reason--;
    return (enum haul_reason)reason;
}

/* ---- in SQL ---- */

static struct haul_url_parts parts_of(sqlite3_value *value)
{
    const unsigned char *url = sqlite3_value_text(value);

    return haul_sql_url_of(url ? (const char *)url : "");
}

static void give(sqlite3_context *context, const char *text, size_t len)
{
    sqlite3_result_text(context, text, (int)len, SQLITE_TRANSIENT);
}

static void host(sqlite3_context *context, int count, sqlite3_value **value)
{
    struct haul_span host = parts_of(value[0]).host;
    char lower[HOST_MAX];
    size_t len = host.len < sizeof lower ? host.len : sizeof lower;

    (void)count;
    for (size_t i = 0; i < len; i++)
        lower[i] = haul_ascii_lower(host.at[i]);
    give(context, lower, len);
}

static void path(sqlite3_context *context, int count, sqlite3_value **value)
{
    struct haul_url_parts parts = parts_of(value[0]);

    (void)count;
    give(context, parts.path.at, parts.path.len);
}

/* What the first directories of a path take, the last '/' included: of "/a/b/c.html" 1, 3, 5, 5
 * bytes for 0, 1, 2, 3 of them; all of them if `depth` is negative. */
static size_t prefix_length(struct haul_span path, int depth)
{
    size_t len = 1;

    for (size_t i = 1; i < path.len && depth; i++)
        if (path.at[i] == '/') {
            len = i + 1;
            depth--;
        }
    return len;
}

static void prefix(sqlite3_context *context, int count, sqlite3_value **value)
{
    struct haul_span path = parts_of(value[0]).path;

    (void)count;
    give(context, path.at, prefix_length(path, sqlite3_value_int(value[1])));
}

/* The same with all that stands before the path. Where there is no path, none is invented. */
static void below(sqlite3_context *context, int count, sqlite3_value **value)
{
    const char *url = (const char *)sqlite3_value_text(value[0]);
    struct haul_span path = parts_of(value[0]).path;

    (void)count;
    if (!url)
        return;
    if (path.at < url || path.at >= url + strlen(url))
        give(context, url, strcspn(url, "?#"));
    else
        give(context, url,
             (size_t)(path.at - url) + prefix_length(path, sqlite3_value_int(value[1])));
}

static void bin(sqlite3_context *context, int count, sqlite3_value **value)
{
    int64_t size = sqlite3_value_int64(value[0]), from = 0;

    (void)count;
    if (size > 0)
        for (from = 1; from <= size / 4;)
            from *= 4;
    sqlite3_result_int64(context, from);
}

static void known(sqlite3_context *context, int count, sqlite3_value **value)
{
    (void)count;
    if (sqlite3_value_type(value[0]) == SQLITE_INTEGER && sqlite3_value_int64(value[0]) >= 0)
        sqlite3_result_value(context, value[0]);
}

/* SQLite's sum() is an error when it overflows, and its total() is not exact. */
static void add_up(sqlite3_context *context, int count, sqlite3_value **value)
{
    int64_t *sum = sqlite3_aggregate_context(context, sizeof *sum);
    int64_t more = sqlite3_value_int64(value[0]);

    (void)count;
    if (!sum)
        sqlite3_result_error_nomem(context);
    else
        *sum = haul_saturate_add(*sum, more);
}

static void give_sum(sqlite3_context *context)
{
    const int64_t *sum = sqlite3_aggregate_context(context, 0);

    sqlite3_result_int64(context, sum ? *sum : 0);
}

static void is_failure(sqlite3_context *context, int count, sqlite3_value **value)
{
    const char *outcome = (const char *)sqlite3_value_text(value[0]);
    const char *reason = (const char *)sqlite3_value_text(value[1]);

    (void)count;
    sqlite3_result_int(context,
                       outcome && reason &&
                           haul_outcome_is_failure(haul_sql_outcome(outcome), reason_of(reason)));
}

/* Of these RFC 9110 says that they are definite (15.5.5, 15.5.11). */
static void is_absent(sqlite3_context *context, int count, sqlite3_value **value)
{
    const char *outcome = (const char *)sqlite3_value_text(value[0]);
    const char *reason = (const char *)sqlite3_value_text(value[1]);

    (void)count;
    sqlite3_result_int(context, outcome && reason && !strcmp(outcome, "failed") &&
                                    (!strcmp(reason, "http-404") || !strcmp(reason, "http-410")));
}

static void is_disallowed(sqlite3_context *context, int count, sqlite3_value **value)
{
    const char *outcome = (const char *)sqlite3_value_text(value[0]);
    const char *reason = (const char *)sqlite3_value_text(value[1]);

    (void)count;
    sqlite3_result_int(context, outcome && reason && !strcmp(outcome, "skipped") &&
                                    !strcmp(reason, "robots"));
}

static void matches(sqlite3_context *context, int count, sqlite3_value **value)
{
    const char *pattern = (const char *)sqlite3_value_text(value[0]);
    const char *text = (const char *)sqlite3_value_text(value[1]);

    (void)count;
    if (pattern && text)
        sqlite3_result_int(context,
                           haul_glob_matches(pattern, text, (size_t)sqlite3_value_bytes(value[1])));
}

enum haul_err haul_sql_add_functions(sqlite3 *db)
{
    static const struct {
        const char *name;
        int count;
        void (*call)(sqlite3_context *context, int count, sqlite3_value **value);
        void (*step)(sqlite3_context *context, int count, sqlite3_value **value);
        void (*end)(sqlite3_context *context);
    } function[] = {{"haul_host", 1, host, NULL, NULL},
                    {"haul_path", 1, path, NULL, NULL},
                    {"haul_prefix", 2, prefix, NULL, NULL},
                    {"haul_below", 2, below, NULL, NULL},
                    {"haul_bin", 1, bin, NULL, NULL},
                    {"haul_is_failure", 2, is_failure, NULL, NULL},
                    {"haul_matches", 2, matches, NULL, NULL},
                    {"haul_known", 1, known, NULL, NULL},
                    {"haul_is_absent", 2, is_absent, NULL, NULL},
                    {"haul_is_disallowed", 2, is_disallowed, NULL, NULL},
                    {"haul_sum", 1, NULL, add_up, give_sum}};
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

    for (size_t i = 0; i < sizeof function / sizeof *function; i++)
        if (sqlite3_create_function_v2(db, function[i].name, function[i].count, flags, NULL,
                                       function[i].call, function[i].step, function[i].end, NULL))
            return HAUL_ERR_NOMEM;
    return HAUL_OK;
}
