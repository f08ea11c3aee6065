#include "history/sql_url.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { HOST_MAX = 1024 }; /* bytes; DNS allows 253 */

struct haul_url_parts haul_sql_url_of(const char *url)
{
    struct haul_url_parts parts = haul_url_parts_of(url, strlen(url));

    if (!parts.path.len)
        parts.path = (struct haul_span){"/", 1};
    return parts;
}

const char *haul_sql_url_part(const struct haul_url_parts *parts, int n, size_t *len)
{
    const char *at = parts->path.at, *end = parts->path.at + parts->path.len;

    *len = parts->host.len;
    if (n == 0)
        return parts->host.at;
    for (; n > 1 && at; n--)
        at = memchr(at + 1, '/', (size_t)(end - at - 1));
    *len = 0;
    if (!at)
        return "";
    *len = (size_t)(end - at - 1);
    if (!*len) {
        *len = 1;
        return at;
    }
    for (size_t i = 0; i < *len; i++)
        if (at[1 + i] == '/')
            *len = i;
    return at + 1;
}

size_t haul_sql_url_prefix(const struct haul_url_parts *parts, int depth)
{
    size_t len = 1;

    for (size_t i = 1; i < parts->path.len && depth; i++)
        if (parts->path.at[i] == '/') {
            len = i + 1;
            depth--;
        }
    return len;
}

/* ---- media types ---- */

/* RFC 9110, 5.6.2. */
static bool is_token(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void haul_sql_url_media_type(const char *content_type, char *type, size_t size)
{
    size_t len = content_type ? strcspn(content_type, "; \t") : 0;
    unsigned slashes = 0;

    type[0] = '\0';
    if (!len || len >= size || content_type[0] == '/' || content_type[len - 1] == '/')
        return;
    for (size_t i = 0; i < len; i++) {
        type[i] = lower(content_type[i]);
        slashes += type[i] == '/';
        if (type[i] != '/' && !is_token(type[i]))
            slashes = 2;
    }
    type[slashes == 1 ? len : 0] = '\0';
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

static void give_host(sqlite3_context *context, const struct haul_url_parts *parts)
{
    char host[HOST_MAX];
    size_t len = parts->host.len < sizeof host ? parts->host.len : sizeof host;

    for (size_t i = 0; i < len; i++)
        host[i] = lower(parts->host.at[i]);
    give(context, host, len);
}

static void host(sqlite3_context *context, int count, sqlite3_value **value)
{
    struct haul_url_parts parts = parts_of(value[0]);

    (void)count;
    give_host(context, &parts);
}

static void path(sqlite3_context *context, int count, sqlite3_value **value)
{
    struct haul_url_parts parts = parts_of(value[0]);

    (void)count;
    give(context, parts.path.at, parts.path.len);
}

static void part(sqlite3_context *context, int count, sqlite3_value **value)
{
    struct haul_url_parts parts = parts_of(value[0]);
    int n = sqlite3_value_int(value[1]);
    size_t len;
    const char *text = haul_sql_url_part(&parts, n, &len);

    (void)count;
    if (n == 0)
        give_host(context, &parts);
    else
        give(context, text, len);
}

static void prefix(sqlite3_context *context, int count, sqlite3_value **value)
{
    struct haul_url_parts parts = parts_of(value[0]);

    (void)count;
    give(context, parts.path.at, haul_sql_url_prefix(&parts, sqlite3_value_int(value[1])));
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

/* SQLite's sum() is an error when it overflows, and its total() is not exact. */
static void add_up(sqlite3_context *context, int count, sqlite3_value **value)
{
    int64_t *sum = sqlite3_aggregate_context(context, sizeof *sum);
    int64_t more = sqlite3_value_int64(value[0]);

    (void)count;
    if (!sum)
        sqlite3_result_error_nomem(context);
    else if (more > 0 && *sum > INT64_MAX - more)
        *sum = INT64_MAX;
    else if (more < 0 && *sum < INT64_MIN - more)
        *sum = INT64_MIN;
    else
        *sum += more;
}

static void give_sum(sqlite3_context *context)
{
    const int64_t *sum = sqlite3_aggregate_context(context, 0);

    sqlite3_result_int64(context, sum ? *sum : 0);
}

enum haul_err haul_sql_url_register(sqlite3 *db)
{
    static const struct {
        const char *name;
        int count;
        void (*call)(sqlite3_context *context, int count, sqlite3_value **value);
    } function[] = {{"haul_host", 1, host},
                    {"haul_path", 1, path},
                    {"haul_part", 2, part},
                    {"haul_prefix", 2, prefix},
                    {"haul_bin", 1, bin}};
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

    for (size_t i = 0; i < sizeof function / sizeof *function; i++)
        if (sqlite3_create_function_v2(db, function[i].name, function[i].count, flags, NULL,
                                       function[i].call, NULL, NULL, NULL))
            return HAUL_ERR_NOMEM;
    if (sqlite3_create_function_v2(db, "haul_sum", 1, flags, NULL, NULL, add_up, give_sum, NULL))
        return HAUL_ERR_NOMEM;
    return HAUL_OK;
}
