#include "input/entries.h"

#include <string.h>

void haul_entries_init(struct haul_entries *entries, struct haul_setting_told *told)
{
    *entries = (struct haul_entries){.told = told};
    haul_lines_init(&entries->lines);
    for (int i = 0; i < 2; i++)
        haul_buf_init(&entries->draft[i].text, 0);
    haul_buf_init(&entries->problem, 0);
    haul_buf_init(&entries->warning, 0);
}

void haul_entries_done(struct haul_entries *entries)
{
    haul_lines_done(&entries->lines);
    for (int i = 0; i < 2; i++)
        haul_buf_done(&entries->draft[i].text);
    haul_buf_done(&entries->problem);
    haul_buf_done(&entries->warning);
}

void haul_entries_feed(struct haul_entries *entries, const char *bytes, size_t len)
{
    haul_lines_feed(&entries->lines, bytes, len);
}

void haul_entries_finish(struct haul_entries *entries)
{
    haul_lines_finish(&entries->lines);
}

const char *haul_entries_warning(const struct haul_entries *entries)
{
    return haul_buf_str(&entries->warning);
}

/* ---- gathering ---- */

/* Copies text behind the rest, terminated; returns where it begins. */
static size_t keep(struct haul_entry_draft *draft, const char *text, size_t len)
{
    size_t at = draft->text.len;

    haul_buf_add(&draft->text, text, len);
    haul_buf_add_char(&draft->text, '\0');
    return at;
}

static void note_trouble(struct haul_entry_draft *draft, const char *trouble, uint64_t line)
{
    if (draft->trouble)
        return;
    draft->trouble = trouble;
    draft->trouble_line = line;
}

static void add_mirror(struct haul_entry_draft *draft, const struct haul_item *part)
{
    if (part->reason != HAUL_REASON_NONE)
        note_trouble(draft, "a mirror holds a control character", 0);
    else if (draft->mirror_count == HAUL_ENTRY_MIRRORS_MAX)
        note_trouble(draft, "more than 32 mirrors", 0);
    else
        draft->mirror[draft->mirror_count++] = keep(draft, part->text, part->len);
}

static void set_first(struct haul_entry_draft *draft, const struct haul_item *part)
{
    draft->reason = part->reason;
    draft->len = part->len;
    (void)keep(draft, part->text, part->len);
}

/* A tab is a control character as long as it does not separate two URLs. */
static void split(struct haul_entry_draft *draft, const struct haul_item *item)
{
    const char *at = item->text, *end = at + item->len;
    bool is_first = true;

    while (at < end) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        const char *stop = tab ? tab : end;
        struct haul_item part;

        if (haul_lines_classify(at, (size_t)(stop - at), &part) || part.len) {
            if (is_first)
                set_first(draft, &part);
            else
                add_mirror(draft, &part);
            is_first = false;
        }
        at = stop + (tab != NULL);
    }
}

static bool is_setting(const struct haul_item *item)
{
    return item->is_indented && haul_setting_has_form(item->text, item->len);
}

static void open_draft(struct haul_entry_draft *draft, const struct haul_item *item)
{
    struct haul_buf text = draft->text;

    *draft = (struct haul_entry_draft){.is_open = true, .line = item->line};
    draft->text = text;
    haul_buf_clear(&draft->text);
    if (is_setting(item)) {
        draft->len = (size_t)((const char *)memchr(item->text, '=', item->len) - item->text);
        (void)keep(draft, item->text, draft->len);
        note_trouble(draft, "a key with no URL above it", 0);
    } else if (item->reason == HAUL_REASON_CONTROL_CHARACTER &&
               memchr(item->text, '\t', item->len)) {
        split(draft, item);
    } else {
        set_first(draft, item);
    }
}

static void add_setting(struct haul_entry_draft *draft, const struct haul_item *item)
{
    draft->setting_bytes += item->len;
    if (item->reason != HAUL_REASON_NONE) {
        note_trouble(draft, haul_reason_text(item->reason), item->line);
    } else if (draft->setting_count == HAUL_ENTRY_SETTINGS_MAX) {
        note_trouble(draft, "more than 128 keys for one URL", item->line);
    } else if (draft->setting_bytes > HAUL_ENTRY_SETTING_BYTES) {
        note_trouble(draft, "more than 65536 bytes of keys for one URL", item->line);
    } else {
        struct haul_entry_line *line = &draft->setting[draft->setting_count++];

        line->line = item->line;
        line->at = keep(draft, item->text, item->len);
    }
}

/* ---- giving ---- */

static void add_place(struct haul_buf *problem, uint64_t line)
{
    if (line)
        haul_buf_addf(problem, "line %llu: ", (unsigned long long)line);
}

/* Whether the entry can be used, as far as its key lines go. */
static bool apply_settings(struct haul_entries *entries, const struct haul_entry_draft *draft)
{
    struct haul_entry *said = &entries->said;
    struct haul_buf cause;
    bool is_usable = true;

    haul_buf_init(&cause, 0);
    for (size_t i = 0; i < draft->setting_count && is_usable; i++) {
        is_usable = haul_setting_apply(draft->text.data + draft->setting[i].at, said, entries->told,
                                       &cause, &entries->warning);
        if (!is_usable)
            add_place(&entries->problem, draft->setting[i].line);
    }
    if (is_usable && said->password && !said->user) {
        is_usable = false;
        haul_buf_add_str(&cause, "http-passwd: there is no http-user");
    }
    haul_buf_add_str(&entries->problem, haul_buf_str(&cause));
    haul_buf_done(&cause);
    return is_usable;
}

static bool judge(struct haul_entries *entries, const struct haul_entry_draft *draft)
{
    if (!draft->trouble)
        return apply_settings(entries, draft);
    add_place(&entries->problem, draft->trouble_line);
    haul_buf_add_str(&entries->problem, draft->trouble);
    return false;
}

static void begin_said(struct haul_entries *entries)
{
    haul_entry_init(&entries->said);
    entries->said.headers = entries->header;
    haul_buf_clear(&entries->problem);
    haul_buf_clear(&entries->warning);
}

static enum haul_err give(struct haul_entries *entries, struct haul_entry_draft *draft,
                          struct haul_item *out)
{
    draft->is_open = false;
    if (draft->text.err)
        return draft->text.err;
    *out = (struct haul_item){.line = draft->line,
                              .text = haul_buf_str(&draft->text),
                              .len = draft->len,
                              .reason = draft->reason};
    begin_said(entries);
    if (!judge(entries, draft) && out->reason == HAUL_REASON_NONE) {
        out->reason = HAUL_REASON_BAD_ENTRY;
        out->problem = haul_buf_str(&entries->problem);
    }
    for (size_t i = 0; i < draft->mirror_count; i++)
        entries->mirror[i] = draft->text.data + draft->mirror[i];
    out->mirror = entries->mirror;
    out->mirror_count = draft->mirror_count;
    if (draft->setting_count && out->reason == HAUL_REASON_NONE)
        out->entry = &entries->said;
    return HAUL_OK;
}

enum haul_err haul_entries_take(struct haul_entries *entries, struct haul_item *out)
{
    struct haul_entry_draft *draft = &entries->draft[entries->current];

    return draft->is_open ? give(entries, draft, out) : HAUL_ERR_END;
}

enum haul_err haul_entries_next(struct haul_entries *entries, struct haul_item *out)
{
    struct haul_item item;
    enum haul_err err;

    while ((err = haul_lines_next(&entries->lines, &item)) == HAUL_OK) {
        struct haul_entry_draft *draft = &entries->draft[entries->current];

        if (draft->is_open && is_setting(&item)) {
            entries->has_settings = true;
            add_setting(draft, &item);
            continue;
        }
        if (!draft->is_open) {
            open_draft(draft, &item);
            continue;
        }
        entries->current = !entries->current;
        open_draft(&entries->draft[entries->current], &item);
        return give(entries, draft, out);
    }
    if (err == HAUL_ERR_END && entries->lines.finished)
        return haul_entries_take(entries, out);
    return err;
}
