#include "input/entry.h"

#include <stdint.h>
#include <string.h>

void haul_entry_mirrors_init(struct haul_entry_mirrors *mirrors)
{
    mirrors->count = 0;
    haul_buf_init(&mirrors->text, 0);
}

void haul_entry_mirrors_done(struct haul_entry_mirrors *mirrors)
{
    haul_buf_done(&mirrors->text);
}

/* NULL is SIZE_MAX. */
static size_t keep(struct haul_buf *buf, const char *text)
{
    size_t at = buf->len;

    if (!text)
        return SIZE_MAX;
    haul_buf_add(buf, text, strlen(text) + 1);
    return at;
}

static const char *kept(const struct haul_buf *buf, size_t at)
{
    return at == SIZE_MAX ? NULL : buf->data + at;
}

static enum haul_reason add_mirror(struct haul_url_parser *urls, const char *text,
                                   struct haul_entry_mirrors *mirrors)
{
    struct haul_url url;
    enum haul_reason reason = haul_url_parse(urls, text, strlen(text), &url);
    size_t *at = mirrors->at[mirrors->count];

    if (reason != HAUL_REASON_NONE)
        return reason == HAUL_REASON_NO_MEMORY ? reason : HAUL_REASON_BAD_ENTRY;
    at[0] = keep(&mirrors->text, url.url);
    at[1] = keep(&mirrors->text, url.origin);
    at[2] = keep(&mirrors->text, url.user);
    at[3] = keep(&mirrors->text, url.password);
    mirrors->count++;
    return mirrors->text.err ? HAUL_REASON_NO_MEMORY : HAUL_REASON_NONE;
}

static enum haul_reason add_mirrors(struct haul_url_parser *urls,
                                    const struct haul_list_entry *entry,
                                    struct haul_entry_mirrors *mirrors)
{
    enum haul_reason reason = HAUL_REASON_NONE;

    for (size_t i = 0; i < entry->mirror_count && reason == HAUL_REASON_NONE; i++)
        reason = add_mirror(urls, entry->mirror[i], mirrors);
    for (size_t i = 0; i < mirrors->count; i++) {
        const size_t *at = mirrors->at[i];

        mirrors->mirror[i] = (struct haul_mirror){.url = kept(&mirrors->text, at[0]),
                                                  .origin = kept(&mirrors->text, at[1]),
                                                  .user = kept(&mirrors->text, at[2]),
                                                  .password = kept(&mirrors->text, at[3])};
    }
    return reason;
}

enum haul_reason haul_entry_parse(struct haul_url_parser *urls, const struct haul_list_entry *entry,
                                  struct haul_entry_mirrors *mirrors, struct haul_url *url,
                                  const char **problem)
{
    bool cut = entry->reason == HAUL_REASON_LINE_TOO_LONG;
    enum haul_reason reason = entry->reason;

    *problem = entry->problem;
    mirrors->count = 0;
    haul_buf_clear(&mirrors->text);
    if (reason == HAUL_REASON_NONE)
        reason = add_mirrors(urls, entry, mirrors);
    if (reason == HAUL_REASON_NONE)
        reason = haul_url_parse(urls, entry->text, entry->len, url);
    else if (haul_url_redact(urls, entry->text, entry->len, cut, url) != HAUL_REASON_NONE)
        reason = HAUL_REASON_NO_MEMORY;
    if (reason == HAUL_REASON_BAD_ENTRY && !*problem)
        *problem = "a mirror is no URL that could be fetched";
    if (reason != HAUL_REASON_NONE)
        mirrors->count = 0;
    return reason;
}

/* ---- what is hidden ---- */

void haul_entry_attached_init(struct haul_entry_attached *attached)
{
    haul_buf_init(&attached->values, 0);
}

void haul_entry_attached_done(struct haul_entry_attached *attached)
{
    haul_buf_done(&attached->values);
}

static bool redact(struct haul_entry_attached *attached, const struct haul_redactor *redactor,
                   const struct haul_redactor_secrets *given, struct haul_entry_options *options,
                   bool as_earlier)
{
    struct haul_buf *values = &attached->values;
    size_t at = 0;

    if ((!redactor && !given) || !options->attached_count)
        return true;
    haul_buf_clear(values);
    for (size_t i = 0; i < options->attached_count; i++) {
        const char *value = options->attached[i].value;

        if (as_earlier)
            haul_redactor_apply_earlier(redactor, value, strlen(value), values);
        else
            haul_redactor_apply_all(redactor, given, value, strlen(value), values);
        haul_buf_add_char(values, '\0');
    }
    for (size_t i = 0; i < options->attached_count && !values->err; i++) {
        attached->pair[i] = (struct haul_attached){options->attached[i].name, values->data + at};
        at += strlen(attached->pair[i].value) + 1;
    }
    options->attached = attached->pair;
    return !values->err;
}

bool haul_entry_redact(struct haul_entry_attached *attached, const struct haul_redactor *redactor,
                       const struct haul_redactor_secrets *given,
                       struct haul_entry_options *options)
{
    return redact(attached, redactor, given, options, false);
}

bool haul_entry_redact_earlier(struct haul_entry_attached *attached,
                               const struct haul_redactor *redactor,
                               struct haul_entry_options *options)
{
    return redact(attached, redactor, NULL, options, true);
}

bool haul_entry_hides_url(const struct haul_url *url, const struct haul_redactor *redactor,
                          const struct haul_redactor_secrets *given, struct haul_buf *room)
{
    return url->user || url->password ||
           haul_redactor_hides_any(redactor, given, url->display, url->display_len, room) ||
           haul_redactor_hides_any(redactor, given, url->url, url->url_len, room);
}
