#include "model/cookie.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

bool haul_cookie_is_same(const struct haul_cookie *one, const struct haul_cookie *other)
{
    return one->is_host_only == other->is_host_only && strcmp(one->name, other->name) == 0 &&
           strcmp(one->domain, other->domain) == 0 && strcmp(one->path, other->path) == 0;
}

/* Memory that a copy of it takes. */
static size_t size_of(const struct haul_cookie *cookie)
{
    return sizeof *cookie + strlen(cookie->name) + strlen(cookie->value) + strlen(cookie->domain) +
           strlen(cookie->path) + 4;
}

static const char *put_string(char **at, const char *text)
{
    char *start = *at;
    size_t size = strlen(text) + 1;

    memcpy(start, text, size);
    *at += size;
    return start;
}

static struct haul_cookie *copy_of(const struct haul_cookie *cookie)
{
    struct haul_cookie *copy = malloc(size_of(cookie));
    char *at = (char *)(copy + 1);

    if (!copy)
        return NULL;
    *copy = *cookie;
    copy->name = put_string(&at, cookie->name);
    copy->value = put_string(&at, cookie->value);
    copy->domain = put_string(&at, cookie->domain);
    copy->path = put_string(&at, cookie->path);
    return copy;
}

static void free_cookie(struct haul_cookie_jar *jar, struct haul_cookie *cookie)
{
    size_t size = size_of(cookie);

    jar->bytes -= size;
    haul_wipe(cookie, size);
    free(cookie);
}

static void drop(struct haul_cookie_jar *jar, size_t i)
{
    free_cookie(jar, jar->cookie[i]);
    jar->count--;
    memmove(&jar->cookie[i], &jar->cookie[i + 1], (jar->count - i) * sizeof *jar->cookie);
}

/* The oldest of those that have expired, or else of all, `kept` excepted; there is another one. */
static size_t least_wanted(const struct haul_cookie_jar *jar, int64_t now_s,
                           const struct haul_cookie *kept)
{
    for (size_t i = 0; i < jar->count; i++)
        if (jar->cookie[i]->expires_s <= now_s && jar->cookie[i] != kept)
            return i;
    return jar->cookie[0] == kept;
}

static size_t find(const struct haul_cookie_jar *jar, const struct haul_cookie *cookie)
{
    size_t i = 0;

    while (i < jar->count && !haul_cookie_is_same(jar->cookie[i], cookie))
        i++;
    return i;
}

static struct haul_cookie_jar *make_jar(void)
{
    struct haul_cookie_jar *jar = calloc(1, sizeof *jar);

    if (jar)
        jar->bytes = sizeof *jar;
    return jar;
}

/* A cookie that is set again stands where it stood (RFC 6265, 5.3, 11.3). */
static void place(struct haul_cookie_jar *jar, size_t i, struct haul_cookie *copy, int64_t now_s)
{
    if (i < jar->count)
        free_cookie(jar, jar->cookie[i]);
    else if (jar->count == HAUL_COOKIE_JAR_COUNT)
        drop(jar, least_wanted(jar, now_s, NULL));
    if (i >= jar->count)
        i = jar->count++;
    jar->cookie[i] = copy;
    jar->bytes += size_of(copy);
    while (jar->bytes > HAUL_COOKIE_JAR_BYTES)
        drop(jar, least_wanted(jar, now_s, copy));
}

void haul_cookie_jar_put(struct haul_cookie_jar **jar, const struct haul_cookie *cookie,
                         int64_t now_s, bool is_kept)
{
    bool is_gone = cookie->expires_s <= now_s && !is_kept;
    size_t i = *jar ? find(*jar, cookie) : 0;
    struct haul_cookie *copy;

    if (is_gone && *jar && i < (*jar)->count)
        drop(*jar, i);
    if (is_gone || sizeof **jar + size_of(cookie) > HAUL_COOKIE_JAR_BYTES)
        return;
    if (!*jar && !(*jar = make_jar()))
        return;
    copy = copy_of(cookie);
    if (copy)
        place(*jar, i, copy, now_s);
}

void haul_cookie_jar_free(struct haul_cookie_jar *jar)
{
    if (!jar)
        return;
    while (jar->count)
        drop(jar, jar->count - 1);
    free(jar);
}
