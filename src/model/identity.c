#include "model/identity.h"

#include <string.h>

#include "base/ascii.h"
#include "base/glob.h"
#include "base/hash.h"
#include "model/url_parts.h"

enum { NAME_MAX_LEN = 1000 }; /* bytes; a longer one is ignored by no rule */

const char *haul_identity_check(const char *rule)
{
    if (!*rule)
        return "the name is empty";
    if (strlen(rule) > HAUL_GLOB_MAX)
        return "the name is too long";
    for (const char *at = rule; *at; at++)
        if (haul_ascii_is_control(*at) || strchr("&=?#", *at))
            return "must be the name of one query parameter, or a pattern such as utm_*";
    return NULL;
}

/* The name of a parameter, decoded into `name`; its length, or NAME_MAX_LEN + 1: too long. */
static size_t decode_name(struct haul_span parameter, char name[NAME_MAX_LEN])
{
    size_t len = 0;

    for (size_t i = 0; i < parameter.len && parameter.at[i] != '='; i++) {
        char byte = parameter.at[i];
        int high =
            byte == '%' && i + 2 < parameter.len ? haul_ascii_hex_value(parameter.at[i + 1]) : -1;
        int low = high >= 0 ? haul_ascii_hex_value(parameter.at[i + 2]) : -1;

        if (len == NAME_MAX_LEN)
            return NAME_MAX_LEN + 1;
        name[len++] = low >= 0 ? (char)(high << 4 | low) : byte;
        i += low >= 0 ? 2 : 0;
    }
    return len;
}

static bool is_ignored(const struct haul_strings *rules, struct haul_span parameter)
{
    char name[NAME_MAX_LEN];
    size_t len = decode_name(parameter, name);

    for (size_t i = 0; i < rules->count && len <= NAME_MAX_LEN; i++)
        if (haul_glob_matches(rules->item[i], name, len))
            return true;
    return false;
}

/* The query without its '?'. */
static void add_query(struct haul_buf *buf, const struct haul_strings *rules,
                      struct haul_span query)
{
    bool has_any = false, is_last;

    do {
        struct haul_span parameter;

        is_last = !haul_span_take_before(&query, '&', &parameter);
        if (is_last)
            parameter = query;
        if (is_ignored(rules, parameter))
            continue;
        haul_buf_add_char(buf, has_any ? '&' : '?');
        haul_buf_add(buf, parameter.at, parameter.len);
        has_any = true;
    } while (!is_last);
}

void haul_identity_add(struct haul_buf *buf, const struct haul_strings *rules, const char *url,
                       size_t len)
{
    struct haul_span query = {NULL, 0};

    if (rules->count)
        query = haul_url_parts_of(url, len).query;
    if (!query.len) {
        haul_buf_add(buf, url, len);
        return;
    }
    haul_buf_add(buf, url, (size_t)(query.at - url));
    (void)haul_span_take(&query, 1);
    add_query(buf, rules, query);
    haul_buf_add(buf, query.at + query.len, len - (size_t)(query.at + query.len - url));
}

uint64_t haul_identity_hash(const struct haul_strings *rules, const char *url, size_t len)
{
    struct haul_buf identity;
    uint64_t hash;

    if (!rules->count)
        return haul_hash(url, len);
    haul_buf_init(&identity, 0);
    haul_identity_add(&identity, rules, url, len);
    hash = identity.err ? haul_hash(url, len) : haul_hash(haul_buf_str(&identity), identity.len);
    haul_buf_done(&identity);
    return hash;
}

bool haul_identity_is_same(const struct haul_strings *rules, const char *one, const char *other)
{
    struct haul_buf a, b;
    bool is_same = strcmp(one, other) == 0;

    if (is_same || !rules->count)
        return is_same;
    haul_buf_init(&a, 0);
    haul_buf_init(&b, 0);
    haul_identity_add(&a, rules, one, strlen(one));
    haul_identity_add(&b, rules, other, strlen(other));
    is_same = !a.err && !b.err && strcmp(haul_buf_str(&a), haul_buf_str(&b)) == 0;
    haul_buf_done(&a);
    haul_buf_done(&b);
    return is_same;
}
