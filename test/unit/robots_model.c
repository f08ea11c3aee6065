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

static bool is_one_word(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == ' ' || text[i] == '\t')
            return false;
    return len > 0;
}

/* The value of a line of one of the names, which have "," before and behind them, or NULL. */
static const char *value_of(const char *line, size_t len, const char *names, size_t *value_len)
{
    const char *comment = memchr(line, '#', len), *value = line;
    size_t name_len = 0;
    bool has_colon;

    strip(&line, &len);
    if (comment)
        len = comment < line ? 0 : (size_t)(comment - line);
    strip(&line, &len);
    has_colon = memchr(line, ':', len);
    while (name_len < len && line[name_len] != ':' &&
           (has_colon || (line[name_len] != ' ' && line[name_len] != '\t')))
        name_len++;
    if (name_len == len || memchr(line, 0, name_len))
        return NULL;
    value = line + name_len + 1;
    *value_len = len - name_len - 1;
    strip(&value, value_len);
    strip(&line, &name_len);
    if (!has_colon && !is_one_word(value, *value_len))
        return NULL;
    for (; name_len && *names; names++)
        if (names[0] == ',' && strncasecmp(names + 1, line, name_len) == 0 &&
            names[1 + name_len] == ',')
            return value;
    return NULL;
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
    static const char disallow[] = ",disallow,dissallow,dissalow,disalow,diasllow,disallaw,";
    bool is_there = false, is_meant = false, had_rule = false;
    size_t at = 0, line_len, value_len, weight, best = 0;
    const char *line, *value;

    for (*allow = true; at < len; at += line_len + 1) {
        line = text + at;
        for (line_len = 0; at + line_len < len && line[line_len] != '\n' && line[line_len] != '\r';)
            line_len++;
        for (int allows = 0; allows < 2; allows++) {
            value = value_of(line, line_len, allows ? ",allow," : disallow, &value_len);
            had_rule = had_rule || value;
            if (!value || !value_len || !is_meant ||
                !robots_model_matches(value, value_len, target, target_len))
                continue;
            weight = weight_of(value, value_len);
            if (weight > best || (weight == best && allows))
                *allow = allows;
            best = weight > best ? weight : best;
        }
        value = value_of(line, line_len, ",user-agent,useragent,user agent,", &value_len);
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
