#include "input/aria2_list.h"

#include <string.h>

#include "base/ascii.h"
#include "input/text.h"

void haul_aria2_list_init(struct haul_aria2_list *list, const struct haul_setting_rules *rules,
                          struct haul_setting_told *told)
{
    *list = (struct haul_aria2_list){.rules = rules, .told = told};
    haul_lines_init(&list->lines);
    for (int i = 0; i < 2; i++)
        haul_buf_init(&list->draft[i].text, 0);
    haul_buf_init(&list->problem, 0);
    haul_buf_init(&list->warning, 0);
}

void haul_aria2_list_done(struct haul_aria2_list *list)
{
    haul_lines_done(&list->lines);
    for (int i = 0; i < 2; i++)
        haul_buf_done(&list->draft[i].text);
    haul_buf_done(&list->problem);
    haul_buf_done(&list->warning);
}

const char *haul_aria2_list_warning(const struct haul_aria2_list *list)
{
    return haul_buf_str(&list->warning);
}

/* ---- gathering ---- */

/* Copies text behind the rest, terminated; returns where it begins. */
static size_t keep(struct haul_aria2_draft *draft, const char *text, size_t len)
{
    size_t at = draft->text.len;

    haul_buf_add(&draft->text, text, len);
    haul_buf_add_char(&draft->text, '\0');
    return at;
}

static void note_trouble(struct haul_aria2_draft *draft, const char *trouble, uint64_t line)
{
    if (draft->trouble)
        return;
    draft->trouble = trouble;
    draft->trouble_line = line;
}

/* What else stands on the line of a URL would be asked of the resolver as a host. */
static bool is_url(const struct haul_list_entry *part)
{
    struct haul_span text = {part->text, part->len};
    struct haul_span scheme = {text.at, haul_text_scheme_length(text)};
    const char *rest = text.at + scheme.len;

    return scheme.len && ((text.len - scheme.len > 2 && memcmp(rest, "://", 3) == 0) ||
                          haul_span_is_word(scheme, "http") || haul_span_is_word(scheme, "https"));
}

/* Leaves out the note behind a URL. */
static void cut_note(struct haul_aria2_draft *draft, struct haul_list_entry *part)
{
    const char *end = part->text + part->len, *hash = part->text;

    if (part->reason == HAUL_REASON_LINE_TOO_LONG)
        return;
    do {
        hash = memchr(hash, '#', (size_t)(end - hash));
    } while (hash && (hash == part->text || !haul_ascii_is_blank(hash[-1])) && ++hash < end);
    if (!hash || hash >= end)
        return;
    draft->has_note = true;
    (void)haul_lines_classify(part->text, (size_t)(hash - part->text), part);
}

static void add_label(struct haul_aria2_draft *draft, const struct haul_list_entry *part,
                      size_t place)
{
    struct haul_aria2_label *label = &draft->label[draft->label_count];

    if (part->reason != HAUL_REASON_NONE) {
        note_trouble(draft, "a label holds a control character", 0);
    } else if (draft->label_count == HAUL_ENTRY_LABELS_MAX) {
        note_trouble(draft, "more than 64 labels", 0);
    } else {
        draft->label_count++;
        label->value = keep(draft, part->whole.at, part->whole.len);
        label->name = draft->text.len;
        haul_buf_addf(&draft->text, "column%zu", place);
        haul_buf_add_char(&draft->text, '\0');
    }
}

static void add_mirror(struct haul_aria2_draft *draft, const struct haul_list_entry *part)
{
    if (part->reason != HAUL_REASON_NONE)
        note_trouble(draft, "a mirror holds a control character", 0);
    else if (draft->mirror_count == HAUL_ENTRY_MIRRORS_MAX)
        note_trouble(draft, "more than 32 mirrors", 0);
    else
        draft->mirror[draft->mirror_count++] = keep(draft, part->text, part->len);
}

static void note_trimmed(struct haul_aria2_draft *draft, uint32_t trimmed)
{
    draft->trimmed = draft->trimmed ? draft->trimmed : trimmed;
}

static void set_first(struct haul_aria2_draft *draft, const struct haul_list_entry *entry)
{
    struct haul_list_entry cut = *entry;
    const struct haul_list_entry *part = &cut;

    cut_note(draft, &cut);
    note_trimmed(draft, entry->trimmed);
    note_trimmed(draft, part->trimmed);
    draft->reason = part->reason;
    draft->len = part->len;
    (void)keep(draft, part->text, part->len);
}

/* What is not blank, and not the first. */
static void add_cell(struct haul_aria2_draft *draft, struct haul_list_entry *part, size_t place)
{
    if (is_url(part)) {
        note_trimmed(draft, part->trimmed);
        cut_note(draft, part);
        note_trimmed(draft, part->trimmed);
        add_mirror(draft, part);
    } else {
        add_label(draft, part, place);
    }
}

/* A tab is a control character as long as it does not separate cells. */
static void split(struct haul_aria2_draft *draft, const struct haul_list_entry *entry)
{
    const char *at = entry->whole.at, *end = at + entry->whole.len;

    for (size_t place = 1; at < end; place++) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        const char *stop = tab ? tab : end;
        struct haul_list_entry part;

        if (haul_lines_classify(at, (size_t)(stop - at), &part) || part.len) {
            if (place == 1)
                set_first(draft, &part);
            else
                add_cell(draft, &part, place);
        }
        at = stop + (tab != NULL);
    }
}

struct setting {
    struct haul_span key, value;
};

static bool is_setting(const struct haul_list_entry *entry, struct setting *setting)
{
    return entry->is_indented &&
           haul_setting_split(entry->whole.at, entry->whole.len, &setting->key, &setting->value);
}

static void open_draft(struct haul_aria2_draft *draft, const struct haul_list_entry *entry)
{
    struct setting setting;

    haul_buf_clear(&draft->text);
    draft->is_open = true;
    draft->line = entry->line;
    draft->reason = HAUL_REASON_NONE;
    draft->trimmed = 0;
    draft->len = draft->mirror_count = draft->label_count = draft->setting_count = 0;
    draft->setting_bytes = 0;
    draft->has_note = draft->has_keys = false;
    draft->trouble = NULL;
    if (is_setting(entry, &setting)) {
        draft->len = setting.key.len;
        (void)keep(draft, setting.key.at, setting.key.len);
        note_trouble(draft, "a key with no URL above it", 0);
    } else if (entry->reason == HAUL_REASON_CONTROL_CHARACTER &&
               memchr(entry->text, '\t', entry->len)) {
        split(draft, entry);
    } else {
        set_first(draft, entry);
    }
}

/*
 * A tab next to the '=' is a blank, and no control character. Of the value the whole is meant, with
 * what cannot be seen: it is no URL.
 */
static enum haul_reason reason_of(const struct haul_list_entry *entry,
                                  const struct setting *setting)
{
    if (entry->reason != HAUL_REASON_NONE && entry->reason != HAUL_REASON_CONTROL_CHARACTER)
        return entry->reason;
    return haul_text_has_control(setting->value) ? HAUL_REASON_CONTROL_CHARACTER : HAUL_REASON_NONE;
}

static void add_setting(struct haul_aria2_draft *draft, const struct haul_list_entry *entry,
                        const struct setting *setting)
{
    enum haul_reason reason = reason_of(entry, setting);

    draft->setting_bytes += entry->whole.len;
    if (reason != HAUL_REASON_NONE) {
        note_trouble(draft, haul_reason_text(reason), entry->line);
    } else if (draft->setting_count == HAUL_ARIA2_SETTINGS_MAX) {
        note_trouble(draft, "more than 128 keys for one URL", entry->line);
    } else if (draft->setting_bytes > HAUL_ARIA2_SETTING_BYTES) {
        note_trouble(draft, "more than 65536 bytes of keys for one URL", entry->line);
    } else {
        struct haul_aria2_line *line = &draft->setting[draft->setting_count++];

        line->line = entry->line;
        line->at = draft->text.len;
        haul_buf_add(&draft->text, setting->key.at, setting->key.len);
        haul_buf_add_char(&draft->text, '=');
        (void)keep(draft, setting->value.at, setting->value.len);
    }
}

/* ---- giving ---- */

static void add_place(struct haul_buf *problem, uint64_t line)
{
    if (line)
        haul_buf_addf(problem, "line %llu: ", (unsigned long long)line);
}

/* Whether the entry can be used, as far as its key lines go. */
static bool apply_settings(struct haul_aria2_list *list, const struct haul_aria2_draft *draft)
{
    struct haul_entry_options *said = &list->said;
    struct haul_buf cause;
    bool is_usable = true;

    haul_buf_init(&cause, 0);
    for (size_t i = 0; i < draft->setting_count && is_usable; i++) {
        is_usable = haul_setting_apply(draft->text.data + draft->setting[i].at, list->rules, said,
                                       list->told, &cause, &list->warning);
        if (!is_usable)
            add_place(&list->problem, draft->setting[i].line);
    }
    if (is_usable && said->password && !said->user) {
        is_usable = false;
        haul_buf_add_str(&cause, "http-passwd: there is no http-user");
    }
    haul_buf_add_str(&list->problem, haul_buf_str(&cause));
    haul_buf_done(&cause);
    return is_usable;
}

static bool is_usable(struct haul_aria2_list *list, const struct haul_aria2_draft *draft)
{
    if (!draft->trouble)
        return apply_settings(list, draft);
    add_place(&list->problem, draft->trouble_line);
    haul_buf_add_str(&list->problem, draft->trouble);
    return false;
}

static void warn_once(struct haul_aria2_list *list, bool is_to_be_told, bool *told,
                      const char *text)
{
    if (!is_to_be_told || *told)
        return;
    *told = true;
    haul_buf_add_str(&list->warning, list->warning.len ? "; " : "");
    haul_buf_add_str(&list->warning, text);
}

static void attach_labels(struct haul_aria2_list *list, const struct haul_aria2_draft *draft)
{
    for (size_t i = 0; i < draft->label_count; i++)
        list->attached[i] = (struct haul_attached){draft->text.data + draft->label[i].name,
                                                   draft->text.data + draft->label[i].value};
    list->said.attached = list->attached;
    list->said.attached_count = draft->label_count;
    warn_once(list, draft->label_count, &list->told_labels,
              "what stands behind a tab without a scheme is no mirror: it is a label, and goes "
              "into the report as 'column2' and so on");
    warn_once(list, draft->has_keys, &list->told_keys,
              "the keys of this list are left out (--list-keys none)");
    warn_once(list, draft->has_note, &list->told_notes,
              "what stands behind a blank and '#' is a note, and left out; a '#' right behind the "
              "URL begins its fragment, and comments have lines of their own");
}

static enum haul_err give(struct haul_aria2_list *list, struct haul_aria2_draft *draft,
                          struct haul_list_entry *out)
{
    draft->is_open = false;
    if (draft->text.err)
        return draft->text.err;
    *out = (struct haul_list_entry){.line = draft->line,
                                    .text = haul_buf_str(&draft->text),
                                    .len = draft->len,
                                    .reason = draft->reason,
                                    .trimmed = draft->trimmed};
    haul_entry_options_init(&list->said);
    list->said.headers = list->header;
    haul_buf_clear(&list->problem);
    haul_buf_clear(&list->warning);
    if (!is_usable(list, draft)) {
        haul_entry_options_init(&list->said); /* half of them may be there */
        if (out->reason == HAUL_REASON_NONE) {
            out->reason = HAUL_REASON_BAD_ENTRY;
            out->problem = haul_buf_str(&list->problem);
        }
    }
    attach_labels(list, draft);
    for (size_t i = 0; i < draft->mirror_count; i++)
        list->mirror[i] = draft->text.data + draft->mirror[i];
    out->mirror = list->mirror;
    out->mirror_count = draft->mirror_count;
    if (draft->label_count || (draft->setting_count && out->reason == HAUL_REASON_NONE))
        out->options = &list->said;
    return HAUL_OK;
}

enum haul_err haul_aria2_list_take(struct haul_aria2_list *list, struct haul_list_entry *out)
{
    struct haul_aria2_draft *draft = &list->draft[list->current];

    return draft->is_open ? give(list, draft, out) : HAUL_ERR_END;
}

enum haul_err haul_aria2_list_next(struct haul_aria2_list *list, struct haul_list_entry *out)
{
    struct haul_list_entry entry;
    struct setting setting;
    enum haul_err err;

    while ((err = haul_lines_next(&list->lines, &entry)) == HAUL_OK) {
        struct haul_aria2_draft *draft = &list->draft[list->current];

        if (draft->is_open && is_setting(&entry, &setting)) {
            list->has_settings = true;
            if (list->rules->keys == HAUL_LIST_KEYS_NONE)
                draft->has_keys = true;
            else
                add_setting(draft, &entry, &setting);
            continue;
        }
        if (!draft->is_open) {
            open_draft(draft, &entry);
            continue;
        }
        list->current = !list->current;
        open_draft(&list->draft[list->current], &entry);
        return give(list, draft, out);
    }
    if (err == HAUL_ERR_END && list->lines.feed.finished)
        return haul_aria2_list_take(list, out);
    return err;
}
