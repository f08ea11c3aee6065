/* memmem */
#define _GNU_SOURCE
#include "journal/key_reader.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "input/url.h"
#include "model/identity.h"

enum { RULES_OF_RUN_MAX = 256 };

static const char hidden[] = "***"; /* model/redactor.h */

static void free_rules(struct haul_strings *rules, void *text)
{
    free(rules->item);
    json_decref(text);
}

void haul_key_reader_done(struct haul_key_reader *reader)
{
    haul_url_parser_free(reader->urls);
    for (size_t i = 0; i < reader->rules_count; i++)
        free_rules(&reader->rules[i], reader->text[i]);
    *reader = (struct haul_key_reader){0};
}

/* ---- rules ---- */

/* False: out of memory, or they are none that haul would have taken. */
static bool take_rules(const json_t *array, struct haul_strings *rules)
{
    size_t count = json_array_size(array);

    *rules = (struct haul_strings){.item = calloc(count + 1, sizeof *rules->item)};
    if (!count || count > RULES_OF_RUN_MAX || !rules->item)
        return false;
    for (; rules->count < count; rules->count++) {
        const char *rule = json_string_value(json_array_get(array, rules->count));

        if (!rule || haul_identity_check(rule))
            return false;
        rules->item[rules->count] = rule;
    }
    return true;
}

static bool is_same(const struct haul_strings *a, const struct haul_strings *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->item[i], b->item[i]) != 0)
            return false;
    return true;
}

/* Where those rules are known, or else the place for those that were noted first of all. */
static size_t find_rules(const struct haul_key_reader *reader, const struct haul_strings *rules)
{
    size_t at = 0;

    while (at < reader->rules_count && !is_same(&reader->rules[at], rules))
        at++;
    return at < HAUL_KEY_RULES_MAX ? at : HAUL_KEY_RULES_MAX - 1;
}

void haul_key_reader_note_rules(struct haul_key_reader *reader, const char *options, size_t len)
{
    json_t *root = json_loadb(options, len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *inner = json_object_get(root, "options");
    struct haul_strings rules;
    size_t at;

    if (!take_rules(json_object_get(inner ? inner : root, "ignore_params"), &rules)) {
        free_rules(&rules, root);
        return;
    }
    at = find_rules(reader, &rules);
    if (at < reader->rules_count)
        free_rules(&reader->rules[at], reader->text[at]);
    else
        reader->rules_count++;
    memmove(reader->rules + 1, reader->rules, at * sizeof *reader->rules);
    memmove(reader->text + 1, reader->text, at * sizeof *reader->text);
    reader->rules[0] = rules;
    reader->text[0] = root;
}

/* ---- keys ---- */

/* Of a line that was a URL; of one that was none, or whose entry was at fault, perhaps. */
static enum haul_key_kind kind_of(const struct haul_record *rec)
{
    return rec->outcome == HAUL_OUTCOME_DUPLICATE ? HAUL_KEY_DUPLICATE : HAUL_KEY_URL;
}

static bool may_be_no_url(const struct haul_record *rec)
{
    return rec->outcome == HAUL_OUTCOME_INVALID;
}

/* What is requested for a text of a list; NULL: nothing can be. */
static const char *find_url(struct haul_key_reader *reader, const char *text)
{
    struct haul_url url;

    if (!reader->urls && haul_url_parser_create(&reader->urls))
        return NULL;
    return haul_url_parse(reader->urls, text, strlen(text), &url) == HAUL_REASON_NONE ? url.url
                                                                                      : NULL;
}

/* Whether two agree in what is known of the second one. */
static bool fits(const struct haul_key *made, const struct haul_key *key)
{
    return haul_key_is_old(key) ? made->old == key->old : haul_key_is_same(made, key);
}

/* Whether a text has that key, as far as it is known, with the rules of one of the runs. */
static bool renew_by(const struct haul_key_reader *reader, enum haul_key_kind kind,
                     const char *text, struct haul_key *key)
{
    size_t len = strlen(text);
    struct haul_key made = haul_key_make(kind, text, len);

    for (size_t i = 0; i < reader->rules_count && !fits(&made, key); i++)
        if (kind != HAUL_KEY_INVALID)
            made = haul_key_of_url(kind, &reader->rules[i], text, len);
    if (!fits(&made, key))
        return false;
    *key = made;
    return true;
}

/* Gives a key what is not known of it, if the text tells it. */
static void renew(struct haul_key_reader *reader, const struct haul_record *rec,
                  struct haul_key *key)
{
    const char *url;

    if (!rec->url || renew_by(reader, kind_of(rec), rec->url, key) ||
        (may_be_no_url(rec) && renew_by(reader, HAUL_KEY_INVALID, rec->url, key)))
        return;
    url = find_url(reader, rec->url);
    if (url)
        (void)renew_by(reader, kind_of(rec), url, key);
}

void haul_key_reader_renew(struct haul_key_reader *reader, const struct haul_record *rec,
                           struct haul_key *key)
{
    if (haul_key_is_old(key))
        renew(reader, rec, key);
}

void haul_key_reader_find_old(struct haul_key_reader *reader, const struct haul_record *rec,
                              struct haul_key *key)
{
    if (!haul_key_is_old(key) && !key->old)
        renew(reader, rec, key);
}

/* ---- whether two texts are of one URL ---- */

/*
 * Whether a text is `pattern`, in which each "***" may stand for anything. Each piece is looked for
 * behind the one before it, as early as possible; the last one at the end.
 */
static bool is_like(struct haul_span text, struct haul_span pattern)
{
    const size_t skip = strlen(hidden);
    const char *at = text.at, *end = text.at + text.len, *stop, *found;
    bool is_first = true;

    while ((stop = memmem(pattern.at, pattern.len, hidden, skip))) {
        size_t len = (size_t)(stop - pattern.at);

        found = memmem(at, (size_t)(end - at), pattern.at, len);
        if (!found || (is_first && found != at))
            return false;
        at = found + len;
        is_first = false;
        (void)haul_span_take(&pattern, len + skip);
    }
    if ((size_t)(end - at) < pattern.len || (is_first && text.len != pattern.len))
        return false;
    return memcmp(end - pattern.len, pattern.at, pattern.len) == 0;
}

static bool are_like(const struct haul_buf *one, const struct haul_buf *other)
{
    const struct haul_span a = {haul_buf_str(one), one->len}, b = {haul_buf_str(other), other->len};

    return !one->err && !other->err && (is_like(a, b) || is_like(b, a));
}

void haul_key_reader_add_form(struct haul_key_reader *reader, const struct haul_key_today *today,
                              const char *text, struct haul_buf *form)
{
    static const struct haul_strings none;
    const char *url = find_url(reader, text);
    struct haul_buf identity;

    if (!url)
        url = text;
    haul_buf_init(&identity, 0);
    haul_identity_add(&identity, today->ignored ? today->ignored : &none, url, strlen(url));
    haul_redactor_apply(today->redactor, haul_buf_str(&identity), identity.len, form);
    if (identity.err)
        form->err = identity.err;
    haul_buf_done(&identity);
}

/* What is hidden may be what makes a text a URL: as they stand, both say more then. */
bool haul_key_reader_is_alike(struct haul_key_reader *reader, const struct haul_key_today *today,
                              const char *one, const char *other)
{
    struct haul_buf a, b;
    bool is_alike;

    haul_buf_init(&a, 0);
    haul_buf_init(&b, 0);
    haul_redactor_apply(today->redactor, one, strlen(one), &a);
    haul_redactor_apply(today->redactor, other, strlen(other), &b);
    is_alike = are_like(&a, &b);
    if (!is_alike) {
        haul_buf_clear(&a);
        haul_buf_clear(&b);
        haul_key_reader_add_form(reader, today, one, &a);
        haul_key_reader_add_form(reader, today, other, &b);
        is_alike = are_like(&a, &b);
    }
    haul_buf_done(&a);
    haul_buf_done(&b);
    return is_alike;
}

/* ---- whether a record is of a line ---- */

static bool has_key(const char *text, enum haul_key_kind kind, const struct haul_key_line *line)
{
    size_t len = strlen(text);
    struct haul_key key = kind == HAUL_KEY_INVALID
                              ? haul_key_make(kind, text, len)
                              : haul_key_of_url(kind, line->today.ignored, text, len);

    return haul_key_is_same(&key, &line->key);
}

static bool has_key_of(struct haul_key_reader *reader, const struct haul_record *rec,
                       const struct haul_key_line *line)
{
    const char *url;

    if (has_key(rec->url, kind_of(rec), line) ||
        (may_be_no_url(rec) && has_key(rec->url, HAUL_KEY_INVALID, line)))
        return true;
    url = find_url(reader, rec->url);
    return url && has_key(url, kind_of(rec), line);
}

bool haul_key_reader_confirms(struct haul_key_reader *reader, const struct haul_record *rec,
                              bool is_by_old, const struct haul_key_line *line)
{
    if (!rec->url)
        return false;
    if (strcmp(rec->url, line->shown) == 0 || has_key_of(reader, rec, line))
        return true;
    if (!strstr(rec->url, hidden) && !strstr(line->shown, hidden))
        return false;
    return !is_by_old || haul_key_reader_is_alike(reader, &line->today, rec->url, line->shown);
}
