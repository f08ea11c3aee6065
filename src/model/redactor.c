#include "model/redactor.h"

#include <locale.h>
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

struct rule {
    char *name;     /* or NULL: an expression */
    regex_t *regex; /* or NULL: a name */
};

struct haul_redactor {
    size_t count;
    bool has_regex;
    struct rule rule[];
};

/* ---- rules ---- */

static enum haul_err make_name(const char *text, struct rule *rule, const char **cause)
{
    const char *at;

    for (at = text; *at; at++)
        if (strchr("&;#?=,/", *at) || haul_ascii_is_control(*at))
            return haul_err_why(
                HAUL_ERR_SYNTAX,
                "must be the name of one query parameter, or /REGEX/ between slashes", cause);
    rule->name = strdup(text);
    return rule->name ? HAUL_OK : HAUL_ERR_NOMEM;
}

static bool has_back_reference(const char *pattern)
{
    for (; *pattern; pattern++)
        if (*pattern == '\\' && pattern[1]) {
            pattern++;
            if (*pattern >= '1' && *pattern <= '9')
                return true;
        }
    return false;
}

/*
 * In a UTF-8 locale "." and "[^&]" do not match a byte that is not UTF-8, and a server could end a
 * match with one. The C library keeps in the expression what it was compiled for.
 */
static int compile_for_bytes(regex_t *regex, const char *pattern)
{
    locale_t bytes = newlocale(LC_ALL_MASK, "C", (locale_t)0), before;
    int failure;

    if (!bytes)
        return REG_ESPACE;
    before = uselocale(bytes);
    failure = regcomp(regex, pattern, REG_EXTENDED);
    uselocale(before);
    freelocale(bytes);
    return failure;
}

static enum haul_err compile(const char *pattern, struct rule *rule, const char **cause)
{
    int failure;

    rule->regex = malloc(sizeof *rule->regex);
    if (!rule->regex)
        return HAUL_ERR_NOMEM;
    failure = compile_for_bytes(rule->regex, pattern);
    if (!failure)
        return HAUL_OK;
    free(rule->regex);
    rule->regex = NULL;
    if (failure == REG_ESPACE)
        return haul_err_why(HAUL_ERR_LIMIT, "the expression needs too much memory", cause);
    return haul_err_why(HAUL_ERR_SYNTAX, "not a POSIX extended regular expression", cause);
}

static enum haul_err make_regex(const char *text, struct rule *rule, const char **cause)
{
    size_t len = strlen(text);
    enum haul_err err;
    char *pattern;

    if (len < 3 || text[len - 1] != '/')
        return haul_err_why(HAUL_ERR_SYNTAX, "an expression is written /REGEX/, between slashes",
                            cause);
    pattern = strndup(text + 1, len - 2);
    if (!pattern)
        return HAUL_ERR_NOMEM;
    err = has_back_reference(pattern)
              ? haul_err_why(HAUL_ERR_SYNTAX, "back-references are not supported", cause)
              : compile(pattern, rule, cause);
    free(pattern);
    return err;
}

static enum haul_err make_rule(const char *text, struct rule *rule, const char **cause)
{
    *rule = (struct rule){.name = NULL};
    if (!*text)
        return haul_err_why(HAUL_ERR_SYNTAX, "the name is empty", cause);
    if (strlen(text) > HAUL_REDACTOR_RULE_MAX)
        return haul_err_why(HAUL_ERR_LIMIT, "longer than 1000 bytes", cause);
    return *text == '/' ? make_regex(text, rule, cause) : make_name(text, rule, cause);
}

enum haul_err haul_redactor_create(struct haul_redactor **redactor,
                                   const struct haul_strings *rules, const char **cause)
{
    struct haul_redactor *made = NULL;
    enum haul_err err = HAUL_OK;

    *redactor = NULL;
    if (!rules->count)
        return HAUL_OK;
    if (rules->count <= SIZE_MAX / 2 / sizeof *made->rule)
        made = malloc(sizeof *made + rules->count * sizeof *made->rule);
    if (!made)
        return HAUL_ERR_NOMEM;
    made->has_regex = false;
    for (made->count = 0; made->count < rules->count && !err; made->count++) {
        err = make_rule(rules->item[made->count], &made->rule[made->count], cause);
        made->has_regex |= made->rule[made->count].regex != NULL;
    }
    if (err)
        haul_redactor_free(made);
    else
        *redactor = made;
    return err;
}

void haul_redactor_free(struct haul_redactor *redactor)
{
    size_t i;

    for (i = 0; redactor && i < redactor->count; i++) {
        free(redactor->rule[i].name);
        if (redactor->rule[i].regex)
            regfree(redactor->rule[i].regex);
        free(redactor->rule[i].regex);
    }
    free(redactor);
}

/* ---- parameters ---- */

/* A text while it is looked at, and which of its bytes are to be hidden. */
struct view {
    const char *text;
    size_t len;
    unsigned char *hidden; /* a flag for each byte */
};

static void hide(struct view *view, size_t from, size_t to)
{
    memset(view->hidden + from, 1, to - from);
}

/* The byte at `*at` with its percent-encoding undone; `*at` moves behind it. */
static char next_byte(const struct view *view, size_t *at, size_t end)
{
    const char *byte = view->text + *at;
    bool may_be_encoded = *byte == '%' && end - *at >= 3;
    int high = may_be_encoded ? haul_ascii_hex_value(byte[1]) : -1;
    int low = may_be_encoded ? haul_ascii_hex_value(byte[2]) : -1;
    bool is_encoded = high >= 0 && low >= 0;

    *at += is_encoded ? 3 : 1;
    return is_encoded ? (char)(high * 16 + low) : *byte;
}

static bool is_name(const struct view *view, size_t at, size_t end, const char *name)
{
    for (; at < end && *name; name++) {
        bool is_plus = view->text[at] == '+';
        char byte = next_byte(view, &at, end);

        if (haul_ascii_lower(byte) != haul_ascii_lower(*name) && !(is_plus && *name == ' '))
            return false;
    }
    return at == end && !*name;
}

static bool is_named(const struct haul_redactor *redactor, const struct view *view, size_t at,
                     size_t end)
{
    size_t i;

    for (i = 0; i < redactor->count; i++)
        if (redactor->rule[i].name && is_name(view, at, end, redactor->rule[i].name))
            return true;
    return false;
}

/* Where the first of `bytes` stands from `at` on, or the end of the text. */
static size_t find_any(const struct view *view, size_t at, const char *bytes)
{
    while (at < view->len && (!view->text[at] || !strchr(bytes, view->text[at])))
        at++;
    return at;
}

static bool has_name_and_value(const struct view *view, size_t at)
{
    size_t end = find_any(view, at, "=&;#?");

    return end > at && end < view->len && view->text[end] == '=';
}

/*
 * Which part of a URL a place of the text belongs to: '?' and '#' do not mean the same in each. Not
 * model/url_parts.h, for parameters are hidden wherever they seem to stand, also in the authority.
 */
enum part { PART_PATH, PART_QUERY, PART_FRAGMENT };

static enum part part_after(enum part part, char separator)
{
    if (separator == '#' || part == PART_FRAGMENT)
        return PART_FRAGMENT;
    return separator == '?' ? PART_QUERY : part;
}

static size_t find_value_end(const struct view *view, size_t at, enum part part)
{
    static const char *const ends[] = {
        [PART_PATH] = "&;#?", [PART_QUERY] = "&;#", [PART_FRAGMENT] = "&;"};

    at = find_any(view, at, ends[part]);
    while (at < view->len && view->text[at] == ';' && !has_name_and_value(view, at + 1))
        at = find_any(view, at + 1, ends[part]);
    return at;
}

static void hide_parameters(const struct haul_redactor *redactor, struct view *view)
{
    enum part part = PART_PATH;
    size_t at = 0, end, value_end;

    for (;; at = end + 1) {
        end = find_any(view, at, "=&;#?");
        if (end < view->len && view->text[end] == '=' && is_named(redactor, view, at, end)) {
            value_end = find_value_end(view, end + 1, part);
            hide(view, end + 1, value_end);
            end = value_end;
        } else {
            end = find_any(view, end, "&;#?");
        }
        if (end >= view->len)
            return;
        part = part_after(part, view->text[end]);
    }
}

/* ---- expressions ---- */

/* `text` is the view's, with a NUL behind it and none inside. */
static enum haul_err hide_matches(const regex_t *regex, const char *text, struct view *view)
{
    regmatch_t match;

    for (size_t at = 0; at <= view->len;) {
        int failure = regexec(regex, text + at, 1, &match, at ? REG_NOTBOL : 0);

        if (failure)
            return failure == REG_NOMATCH ? HAUL_OK : HAUL_ERR_NOMEM;
        hide(view, at + (size_t)match.rm_so, at + (size_t)match.rm_eo);
        at += (size_t)match.rm_eo + (match.rm_eo == match.rm_so);
    }
    return HAUL_OK;
}

static enum haul_err hide_all_matches(const struct haul_redactor *redactor, struct view *view)
{
    enum haul_err err = HAUL_OK;
    char *text;
    size_t i;

    if (view->len > HAUL_REDACTOR_TEXT_MAX) {
        hide(view, 0, view->len);
        return HAUL_OK;
    }
    text = malloc(view->len + 1);
    if (!text)
        return HAUL_ERR_NOMEM;
    for (i = 0; i < view->len; i++)
        text[i] = view->text[i] ? view->text[i] : '\1';
    text[view->len] = '\0';
    for (i = 0; i < redactor->count && !err; i++)
        if (redactor->rule[i].regex)
            err = hide_matches(redactor->rule[i].regex, text, view);
    free(text);
    return err;
}

/* ---- the whole ---- */

static void add_visible(const struct view *view, struct haul_buf *out)
{
    size_t at, end;

    for (at = 0; at < view->len; at = end) {
        end = at + 1;
        while (end < view->len && view->hidden[end] == view->hidden[at])
            end++;
        if (view->hidden[at])
            haul_buf_add_str(out, "***");
        else
            haul_buf_add(out, view->text + at, end - at);
    }
}

void haul_redactor_apply(const struct haul_redactor *redactor, const char *text, size_t len,
                         struct haul_buf *out)
{
    struct view view = {.text = text, .len = len};
    enum haul_err err = HAUL_OK;

    if (!redactor || !len) {
        haul_buf_add(out, text, len);
        return;
    }
    view.hidden = calloc(len, 1);
    if (!view.hidden) {
        err = HAUL_ERR_NOMEM;
    } else {
        hide_parameters(redactor, &view);
        if (redactor->has_regex)
            err = hide_all_matches(redactor, &view);
    }
    if (!err)
        add_visible(&view, out);
    else if (!out->err)
        out->err = err;
    free(view.hidden);
}

bool haul_redactor_hides(const struct haul_redactor *redactor, const char *text, size_t len,
                         struct haul_buf *room)
{
    if (!text || !redactor)
        return false;
    haul_buf_clear(room);
    haul_redactor_apply(redactor, text, len, room);
    return room->err || room->len != len || memcmp(haul_buf_str(room), text, len) != 0;
}
