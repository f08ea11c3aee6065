#include "http/cookie_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "http/cookie.h"
#include "model/host.h"

enum { DOMAIN, BELOW, PATH, SECURE, EXPIRES, NAME, VALUE, FIELDS };

/* The shortest line, without its end: a name, TRUE, no path, TRUE, 0, a name, and tabs. */
enum { LINE_MIN = 16 };

/* The last one may be a line that is none. */
size_t haul_cookie_file_room(size_t len)
{
    return len / LINE_MIN + 1;
}

/* ---- one line ---- */

/* Cuts a line at its tabs; how many fields it has, FIELDS + 1 if there are more. */
static size_t split(char *line, char *field[FIELDS])
{
    size_t count = 0;

    for (char *tab = line; tab; line = tab + 1) {
        if (count == FIELDS)
            return FIELDS + 1;
        tab = strchr(line, '\t');
        if (tab)
            *tab = '\0';
        field[count++] = line;
        if (!tab)
            break;
    }
    return count;
}

static bool read_flag(const char *text, bool *flag)
{
    const struct haul_span word = haul_span_of(text);

    *flag = haul_span_is_word(word, "TRUE");
    return *flag || haul_span_is_word(word, "FALSE");
}

/* Some exports have fractions, which do not matter. */
static bool read_expires(const char *text, int64_t *seconds)
{
    int64_t sum = 0;

    if (!haul_ascii_is_digit(*text))
        return false;
    for (; haul_ascii_is_digit(*text); text++)
        if (sum < INT64_MAX / 100)
            sum = sum * 10 + (*text - '0');
    if (*text == '.')
        text += 1 + strspn(text + 1, "0123456789");
    *seconds = sum ? sum : HAUL_COOKIE_NEVER;
    return !*text;
}

static const char *read_domain(char *text, struct haul_cookie *cookie)
{
    if (*text == '.')
        text++;
    if (!*text || strlen(text) > HAUL_COOKIE_ATTRIBUTE_MAX)
        return "the domain is empty or too long";
    for (char *at = text; *at; at++) {
        if (*at <= ' ' || *at == 0x7f || (unsigned char)*at >= 0x80 || *at == '/')
            return "the domain is none (one in another script is written xn--...)";
        *at = haul_ascii_lower(*at);
    }
    if (strchr(text, ':') && *text != '[')
        return "the domain is an IPv6 address, which stands in brackets";
    text[haul_host_without_dot(haul_span_of(text)).len] = '\0';
    cookie->domain = text;
    return NULL;
}

static bool has_control(const char *text)
{
    while (*text && !haul_ascii_is_control(*text))
        text++;
    return *text;
}

static const char *read_pair(const char *name, const char *value, struct haul_cookie *cookie)
{
    if (!*name)
        return "the name is empty";
    if (has_control(name) || has_control(value) || strpbrk(name, "=;") || strchr(value, ';'))
        return "name or value hold a ';' or a control character";
    if (strlen(name) + strlen(value) > HAUL_COOKIE_MAX)
        return "name and value are longer than 4096 bytes";
    cookie->name = name;
    cookie->value = value;
    return NULL;
}

static const char *read_path(const char *path, struct haul_cookie *cookie)
{
    if (has_control(path) || strlen(path) > HAUL_COOKIE_ATTRIBUTE_MAX)
        return "the path is too long or holds a control character";
    cookie->path = *path == '/' ? path : "/";
    return NULL;
}

/* NULL, or what is wrong with it. */
static const char *read_cookie(char *line, struct haul_cookie *cookie)
{
    char *field[FIELDS] = {NULL};
    size_t count = split(line, field);
    const char *cause;
    bool is_below;

    if (count != FIELDS && count != FIELDS - 1)
        return "no cookie: seven fields with tabs between them are needed (Netscape's form)";
    cause = read_domain(field[DOMAIN], cookie);
    if (!cause &&
        (!read_flag(field[BELOW], &is_below) || !read_flag(field[SECURE], &cookie->is_secure)))
        cause = "the second and the fourth field must be TRUE or FALSE";
    if (!cause)
        cause = read_path(field[PATH], cookie);
    if (!cause && !read_expires(field[EXPIRES], &cookie->expires_s))
        cause = "the fifth field must be a number of seconds since 1970, or 0";
    if (!cause)
        cause = read_pair(field[NAME], field[VALUE] ? field[VALUE] : "", cookie);
    if (!cause)
        cookie->is_host_only = !is_below || !haul_cookie_may_be_shared(cookie->domain);
    return cause;
}

/* ---- all of them ---- */

/* By domain first. 0: they are the same. */
static int compare_keys(const struct haul_cookie *a, const struct haul_cookie *b)
{
    int order = strcmp(a->domain, b->domain);

    if (!order)
        order = strcmp(a->path, b->path);
    if (!order)
        order = strcmp(a->name, b->name);
    if (!order)
        order = a->is_host_only - b->is_host_only;
    return order;
}

/* The same ones as they stand in the file, whose strings lie in its order. */
static int compare(const void *one, const void *other)
{
    const struct haul_cookie *a = one, *b = other;
    int order = compare_keys(a, b);

    return order ? order : (a->name > b->name) - (a->name < b->name);
}

/* Of the same, the last; and only what has not expired. */
static size_t keep_last(struct haul_cookie *cookie, size_t count, int64_t now_s)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count || !haul_cookie_is_same(&cookie[i], &cookie[i + 1]);

        if (is_last && cookie[i].expires_s > now_s)
            cookie[kept++] = cookie[i];
    }
    return kept;
}

static char *comment_or_cookie(char *line)
{
    static const char http_only[] = "#HttpOnly_";

    if (strncmp(line, http_only, sizeof http_only - 1) == 0)
        return line + sizeof http_only - 1;
    return *line == '#' || !line[strspn(line, " \t\r")] ? NULL : line;
}

/* Ends the line at `at` with a NUL, without the CR before it; where the next one begins. */
static char *end_line(char *at, char *end)
{
    char *newline = memchr(at, '\n', (size_t)(end - at)), *next = newline ? newline + 1 : end;

    if (newline)
        *newline = '\0';
    else
        newline = end;
    if (newline > at && newline[-1] == '\r')
        newline[-1] = '\0';
    return next;
}

enum haul_err haul_cookie_file_read(char *text, size_t len, int64_t now_s,
                                    struct haul_cookie *cookie, size_t *count,
                                    struct haul_cookie_fault *fault)
{
    char *end = text + len, *next;
    size_t found = 0;

    *fault = (struct haul_cookie_fault){.line = 1};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    for (; text < end; text = next, fault->line++) {
        char *newline = memchr(text, '\n', (size_t)(end - text));
        char *begin;

        if (memchr(text, '\0', (size_t)((newline ? newline : end) - text)))
            fault->cause = "a NUL is in it";
        next = end_line(text, end);
        begin = comment_or_cookie(text);
        if (begin && !fault->cause)
            fault->cause = read_cookie(begin, &cookie[found++]);
        if (fault->cause)
            return HAUL_ERR_SYNTAX;
    }
    if (found)
        qsort(cookie, found, sizeof *cookie, compare);
    *count = keep_last(cookie, found, now_s);
    return HAUL_OK;
}

size_t haul_cookie_file_join(const struct haul_cookies *earlier, int64_t now_s,
                             struct haul_cookie *cookie, size_t count)
{
    struct haul_cookie *own = cookie + earlier->count, next;
    size_t old = 0, new = 0, joined = 0;

    memmove(own, cookie, count * sizeof *cookie);
    while (old < earlier->count || new < count) {
        int order = new == count            ? -1
                    : old == earlier->count ? 1
                                            : compare_keys(&earlier->cookie[old], &own[new]);

        if (!order) {
            old++;
            continue;
        }
        next = order < 0 ? earlier->cookie[old++] : own[new ++];
        if (next.expires_s > now_s)
            cookie[joined++] = next;
    }
    return joined;
}
