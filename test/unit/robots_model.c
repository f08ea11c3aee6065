#include "robots_model.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* An octet, written at text[*at]. `special`: it is "*" or "$" itself, not percent-encoded. */
static int octet_at(const char *text, size_t len, size_t *at, bool *special)
{
    static const char digits[] = "0123456789abcdef";
    const char *high, *low;

    *special = text[*at] == '*' || text[*at] == '$';
    if (text[*at] == '%' && *at + 2 < len && isxdigit((unsigned char)text[*at + 1]) &&
        isxdigit((unsigned char)text[*at + 2])) {
        high = strchr(digits, tolower((unsigned char)text[*at + 1]));
        low = strchr(digits, tolower((unsigned char)text[*at + 2]));
        *at += 3;
        return (int)((high - digits) * 16 + (low - digits));
    }
    return (unsigned char)text[(*at)++];
}

static bool matches_from(const char *path, size_t path_len, size_t path_at, const char *target,
                         size_t target_len, size_t target_at)
{
    bool special, ignored;
    int wanted, got;

    if (path_at == path_len)
        return true;
    wanted = octet_at(path, path_len, &path_at, &special);
    if (special && wanted == '$' && path_at == path_len)
        return target_at == target_len;
    if (special && wanted == '*') {
        if (matches_from(path, path_len, path_at, target, target_len, target_at))
            return true;
        while (target_at < target_len) {
            octet_at(target, target_len, &target_at, &ignored);
            if (matches_from(path, path_len, path_at, target, target_len, target_at))
                return true;
        }
        return false;
    }
    if (target_at == target_len)
        return false;
    got = octet_at(target, target_len, &target_at, &ignored);
    return got == wanted && matches_from(path, path_len, path_at, target, target_len, target_at);
}

bool robots_model_matches(const char *path, size_t path_len, const char *target, size_t target_len)
{
    return (path[0] == '/' || path[0] == '*') &&
           matches_from(path, path_len, 0, target, target_len, 0);
}

static size_t weight_of(const char *path, size_t len)
{
    static const char in_urls[] = "-._~:/?#[]@!$&'()*+,;=";
    size_t weight = 0, at = 0;
    bool special;
    int octet;

    while (at < len) {
        octet = octet_at(path, len, &at, &special);
        weight += octet < 0x80 && (isalnum(octet) || (octet && strchr(in_urls, octet))) ? 1 : 3;
    }
    return weight;
}

static void strip(const char **text, size_t *len)
{
    while (*len && (**text == ' ' || **text == '\t')) {
        ++*text;
        --*len;
    }
    while (*len && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t'))
        --*len;
}

/* The value of a line of that name, or NULL. */
static const char *value_of(const char *line, size_t len, const char *name, size_t *value_len)
{
    const char *comment = memchr(line, '#', len), *colon, *value;
    size_t name_len;

    if (comment)
        len = (size_t)(comment - line);
    colon = memchr(line, ':', len);
    if (!colon)
        return NULL;
    name_len = (size_t)(colon - line);
    value = colon + 1;
    *value_len = len - name_len - 1;
    strip(&value, value_len);
    strip(&line, &name_len);
    return name_len == strlen(name) && strncasecmp(line, name, name_len) == 0 ? value : NULL;
}

static bool names(const char *value, size_t len, const char *product)
{
    size_t token = 0;

    if (strcmp(product, "*") == 0)
        return len && value[0] == '*' && (len == 1 || value[1] == ' ' || value[1] == '\t');
    while (token < len && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
                                 value[token] ? value[token] : ' '))
        token++;
    return token == strlen(product) && strncasecmp(value, product, token) == 0;
}

/* What the groups of a product say. False: there are none. */
static bool judge(const char *text, size_t len, const char *product, const char *target,
                  size_t target_len, bool *allow)
{
    bool is_there = false, is_meant = false, had_rule = false;
    size_t at = 0, line_len, value_len, weight, best = 0;
    const char *line, *end, *value;

    for (*allow = true; at < len; at += line_len + 1) {
        line = text + at;
        end = memchr(line, '\n', len - at);
        line_len = end ? (size_t)(end - line) : len - at;
        for (int allows = 0; allows < 2; allows++) {
            value = value_of(line, line_len, allows ? "allow" : "disallow", &value_len);
            had_rule = had_rule || value;
            if (!value || !value_len || !is_meant ||
                !robots_model_matches(value, value_len, target, target_len))
                continue;
            weight = weight_of(value, value_len);
            if (weight > best || (weight == best && allows))
                *allow = allows;
            best = weight > best ? weight : best;
        }
        value = value_of(line, line_len, "user-agent", &value_len);
        if (value && had_rule)
            is_meant = had_rule = false;
        if (value && names(value, value_len, product))
            is_there = is_meant = true;
    }
    return is_there;
}

bool robots_model_allow(const char *text, size_t len, const char *product, const char *target,
                        size_t target_len)
{
    bool allow;

    if (target_len == strlen("/robots.txt") && memcmp(target, "/robots.txt", target_len) == 0)
        return true;
    if (judge(text, len, product, target, target_len, &allow))
        return allow;
    judge(text, len, "*", target, target_len, &allow);
    return allow;
}
