#include "model/record_hide.h"

#include <stdlib.h>
#include <string.h>

/* What a record has that is neither haul's own word, nor a number. */
enum { TEXTS = 8, NAME = 6 };
static const size_t text_offset[TEXTS] = {
    offsetof(struct haul_record, url),
    offsetof(struct haul_record, url_effective),
    offsetof(struct haul_record, errormsg),
    offsetof(struct haul_record, content_type),
    offsetof(struct haul_record, etag),
    offsetof(struct haul_record, last_modified),
    [NAME] = offsetof(struct haul_record, filename_effective),
    offsetof(struct haul_record, source),
};

static const char **text_of(struct haul_record *rec, size_t i)
{
    return (const char **)(void *)((char *)rec + text_offset[i]);
}

void haul_record_hider_init(struct haul_record_hider *hider, const struct haul_redactor *redactor)
{
    *hider = (struct haul_record_hider){.redactor = redactor};
    haul_redactor_secrets_init(&hider->secrets);
    haul_buf_init(&hider->text, 0);
}

void haul_record_hider_done(struct haul_record_hider *hider)
{
    haul_redactor_secrets_done(&hider->secrets);
    haul_buf_done(&hider->text);
    free(hider->attached);
}

static bool has_room(struct haul_record_hider *hider, size_t count)
{
    struct haul_attached *more;

    if (count <= hider->attached_max)
        return true;
    more = realloc(hider->attached, count * sizeof *more);
    if (!more)
        return false;
    hider->attached = more;
    hider->attached_max = count;
    return true;
}

static void learn(struct haul_record_hider *hider, const char *text)
{
    if (text)
        haul_redactor_secrets_learn(&hider->secrets, hider->redactor, text, strlen(text));
}

/* URLs of mirrors stand in it, too. */
static void learn_entry(struct haul_record_hider *hider, const char *entry)
{
    static const char ends[] = "\t\n";

    for (const char *at = entry; at && *(at += strspn(at, ends)); at += strcspn(at, ends))
        haul_redactor_secrets_learn(&hider->secrets, hider->redactor, at, strcspn(at, ends));
}

static void learn_all(struct haul_record_hider *hider, const struct haul_record *rec,
                      const struct haul_asked *asked)
{
    haul_redactor_secrets_begin(&hider->secrets, asked ? asked->url : rec->url);
    if (asked)
        haul_asked_learn(asked, hider->redactor, &hider->secrets);
    learn(hider, rec->url);
    learn(hider, rec->url_effective);
    learn_entry(hider, rec->entry);
    for (size_t i = 0; i < rec->attached_count; i++)
        learn(hider, rec->attached[i].value);
}

static void add(struct haul_record_hider *hider, const char *text)
{
    if (text)
        haul_redactor_apply_all(hider->redactor, &hider->secrets, text, strlen(text), &hider->text);
    haul_buf_add_char(&hider->text, '\0');
}

static void add_name(struct haul_record_hider *hider, const char *name)
{
    if (name)
        haul_redactor_apply_name(hider->redactor, &hider->secrets, name, strlen(name),
                                 &hider->text);
    haul_buf_add_char(&hider->text, '\0');
}

/* Lets `*text` point to what was added for it. Returns what was added after that. */
static const char *place(const char **text, const char *at)
{
    if (*text)
        *text = at;
    return at + strlen(at) + 1;
}

static bool is_changed(struct haul_record_hider *hider, const char *text)
{
    size_t before = hider->text.len;

    add(hider, text);
    return hider->text.err || strcmp(hider->text.data + before, text) != 0;
}

enum haul_err haul_record_hide(struct haul_record_hider *hider, struct haul_record *rec,
                               const struct haul_asked *asked)
{
    bool hides_entry;
    const char *at;

    if (!hider->redactor)
        return HAUL_OK;
    if (!has_room(hider, rec->attached_count))
        return HAUL_ERR_NOMEM;
    learn_all(hider, rec, asked);
    haul_buf_clear(&hider->text);
    for (size_t i = 0; i < TEXTS; i++)
        (i == NAME ? add_name : add)(hider, *text_of(rec, i));
    for (size_t i = 0; i < rec->attached_count; i++)
        add(hider, rec->attached[i].value);
    hides_entry = rec->entry && (is_changed(hider, rec->url) || is_changed(hider, rec->entry));
    if (hider->text.err)
        return HAUL_ERR_NOMEM;
    at = haul_buf_str(&hider->text);
    for (size_t i = 0; i < TEXTS; i++)
        at = place(text_of(rec, i), at);
    for (size_t i = 0; i < rec->attached_count; i++) {
        hider->attached[i] = rec->attached[i];
        at = place(&hider->attached[i].value, at);
    }
    rec->attached = hider->attached;
    if (hides_entry)
        rec->entry = "#";
    return HAUL_OK;
}

enum haul_err haul_record_hide_file(struct haul_record_hider *hider, struct haul_record *rec)
{
    if (!hider->redactor || !rec->filename_effective)
        return HAUL_OK;
    haul_redactor_secrets_begin(&hider->secrets, NULL);
    haul_buf_clear(&hider->text);
    add_name(hider, rec->filename_effective);
    if (hider->text.err)
        return HAUL_ERR_NOMEM;
    rec->filename_effective = haul_buf_str(&hider->text);
    return HAUL_OK;
}
