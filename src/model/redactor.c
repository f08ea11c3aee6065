#include "model/redactor.h"

#include <locale.h>
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/span.h"
#include "model/redactor_inside.h"

/* ---- rules ---- */

static enum haul_err make_name(const char *text, struct haul_redactor_rule *rule,
                               const char **cause)
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

static enum haul_err compile(const char *pattern, struct haul_redactor_rule *rule,
                             const char **cause)
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

static enum haul_err make_regex(const char *text, struct haul_redactor_rule *rule,
                                const char **cause)
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

static enum haul_err make_rule(const char *text, struct haul_redactor_rule *rule,
                               const char **cause)
{
    *rule = (struct haul_redactor_rule){.name = NULL};
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

enum haul_err haul_redactor_make(struct haul_redactor **redactor, const struct haul_strings *rules,
                                 struct haul_buf *message)
{
    const char *cause;
    enum haul_err err = haul_redactor_create(redactor, rules, &cause);

    if (!err || err == HAUL_ERR_NOMEM)
        return err;
    haul_buf_addf(message, "--redact: %s", cause);
    return HAUL_ERR_USAGE;
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

/* ---- expressions ---- */

/* `text` has a NUL behind it and none inside. */
static enum haul_err hide_matches(const regex_t *regex, const char *text,
                                  struct haul_redactor_view *view)
{
    regmatch_t match;

    for (size_t at = 0; at <= view->len;) {
        int failure = regexec(regex, text + at, 1, &match, at ? REG_NOTBOL : 0);

        if (failure)
            return failure == REG_NOMATCH ? HAUL_OK : HAUL_ERR_NOMEM;
        haul_redactor_hide_match(view, at + (size_t)match.rm_so, at + (size_t)match.rm_eo);
        at += (size_t)match.rm_eo + (match.rm_eo == match.rm_so);
    }
    return HAUL_OK;
}

static enum haul_err hide_all_matches(const struct haul_redactor *redactor,
                                      struct haul_redactor_view *view)
{
    enum haul_err err = HAUL_OK;
    char *text = malloc(view->len + 1);

    if (!text)
        return HAUL_ERR_NOMEM;
    for (size_t i = 0; i < view->len; i++)
        text[i] = view->text[i] ? view->text[i] : '\1';
    text[view->len] = '\0';
    for (size_t i = 0; i < redactor->count && !err; i++)
        if (redactor->rule[i].regex)
            err = hide_matches(redactor->rule[i].regex, text, view);
    free(text);
    return err;
}

/* ---- the whole ---- */

/* Expressions look at the text as it was, and at what becomes of that when it is decoded. */
static enum haul_err match_all(const struct haul_redactor *redactor,
                               struct haul_redactor_view *view)
{
    enum haul_err err = HAUL_OK;

    if (view->source_len > HAUL_REDACTOR_TEXT_MAX) {
        if (!view->learn)
            memset(view->hidden, 1, view->source_len);
        return HAUL_OK;
    }
    haul_redactor_view_begin(view);
    do
        err = hide_all_matches(redactor, view);
    while (!err && haul_redactor_view_decode(view));
    return err;
}

/* What secrets a text gives back, wherever they stand in it. */
static void find_secrets(const struct haul_redactor_secrets *secrets,
                         struct haul_redactor_view *view)
{
    const char *all = haul_buf_str(&secrets->values), *end = all + secrets->values.len;

    if (secrets->are_too_many)
        memset(view->hidden, 1, view->source_len);
    if (all == end || secrets->are_too_many)
        return;
    haul_redactor_view_begin(view);
    do {
        haul_redactor_view_blank_plus(view);
        for (const char *at = all; at < end; at += strlen(at) + 1)
            haul_redactor_hide_word(view, at, strlen(at));
    } while (haul_redactor_view_decode(view));
}

enum haul_err haul_redactor_look(const struct haul_redactor *redactor,
                                 const struct haul_redactor_secrets *secrets,
                                 struct haul_redactor_view *view)
{
    enum haul_err err = HAUL_OK;

    if (redactor && redactor->has_regex)
        err = match_all(redactor, view);
    if (!err && secrets)
        find_secrets(secrets, view);
    if (!err && redactor)
        haul_redactor_hide_names(redactor, view);
    return err;
}

static void add_visible(const struct haul_redactor_view *view, struct haul_buf *out)
{
    size_t at, end;

    for (at = 0; at < view->source_len; at = end) {
        end = haul_redactor_run_end(view, at);
        if (view->hidden[at])
            haul_buf_add_str(out, "***");
        else
            haul_buf_add(out, view->source + at, end - at);
    }
}

/* The end of a view: what may be shown of it is appended, unless something went wrong. */
static void show(struct haul_redactor_view *view, enum haul_err err, struct haul_buf *out)
{
    if (!err)
        add_visible(view, out);
    else if (!out->err)
        out->err = err;
    haul_redactor_view_done(view);
}

static void apply(const struct haul_redactor *redactor, const struct haul_redactor_secrets *secrets,
                  struct haul_span text, bool is_name, struct haul_buf *out)
{
    struct haul_redactor_view view;
    enum haul_err err;

    if (!text.len || (!redactor && !haul_redactor_secrets_may_be_in(secrets, text))) {
        haul_buf_add(out, text.at, text.len);
        return;
    }
    err = haul_redactor_view_init(&view, text.at, text.len);
    view.is_name = is_name;
    if (!err && secrets)
        err = secrets->values.err;
    if (!err)
        err = haul_redactor_look(redactor, secrets, &view);
    show(&view, err, out);
}

void haul_redactor_apply_all(const struct haul_redactor *redactor,
                             const struct haul_redactor_secrets *secrets, const char *text,
                             size_t len, struct haul_buf *out)
{
    apply(redactor, secrets, (struct haul_span){text, len}, false, out);
}

void haul_redactor_apply_name(const struct haul_redactor *redactor,
                              const struct haul_redactor_secrets *secrets, const char *name,
                              size_t len, struct haul_buf *out)
{
    apply(redactor, secrets, (struct haul_span){name, len}, true, out);
}

void haul_redactor_apply(const struct haul_redactor *redactor, const char *text, size_t len,
                         struct haul_buf *out)
{
    haul_redactor_apply_all(redactor, NULL, text, len, out);
}

static enum haul_err look_earlier(const struct haul_redactor *redactor,
                                  struct haul_redactor_view *view)
{
    haul_redactor_hide_names_earlier(redactor, view);
    if (!redactor->has_regex)
        return HAUL_OK;
    if (view->source_len <= HAUL_REDACTOR_TEXT_MAX)
        return hide_all_matches(redactor, view);
    memset(view->hidden, 1, view->source_len);
    return HAUL_OK;
}

void haul_redactor_apply_earlier(const struct haul_redactor *redactor, const char *text, size_t len,
                                 struct haul_buf *out)
{
    struct haul_redactor_view view;
    enum haul_err err;

    if (!len || !redactor) {
        haul_buf_add(out, text, len);
        return;
    }
    err = haul_redactor_view_init(&view, text, len);
    if (!err)
        err = look_earlier(redactor, &view);
    show(&view, err, out);
}

bool haul_redactor_hides_any(const struct haul_redactor *redactor,
                             const struct haul_redactor_secrets *secrets, const char *text,
                             size_t len, struct haul_buf *room)
{
    if (!text || (!redactor && !secrets))
        return false;
    haul_buf_clear(room);
    haul_redactor_apply_all(redactor, secrets, text, len, room);
    return room->err || room->len != len || memcmp(haul_buf_str(room), text, len) != 0;
}

bool haul_redactor_hides(const struct haul_redactor *redactor, const char *text, size_t len,
                         struct haul_buf *room)
{
    return haul_redactor_hides_any(redactor, NULL, text, len, room);
}
