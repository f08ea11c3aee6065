#ifndef HAUL_INPUT_ARIA2_LIST_H
#define HAUL_INPUT_ARIA2_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "input/lines.h"
#include "input/setting.h"

/*
 * The entries of a list: its lines (lines.h), with what belongs to them. Pure, fed with bytes in
 * pieces of any size, the same entries whatever the pieces are.
 *
 * An entry is one line with a URL, or with several separated by tabs: mirrors of each other. What
 * stands behind a tab and has no scheme is no mirror but a label, and attached to the entry under
 * the name "columnN", N being its place on the line (the URL has place 1). Behind a URL, a blank
 * and '#' begin a note, which is left out: a URL that is meant has no blank there, and without the
 * rule the blank would be asked for. Both are told once a list.
 *
 * Lines below it that are indented and look like `key=value` belong to it (aria2c(1), "Input
 * File"); comments and blank lines may stand between them. Where no keys are followed they are left
 * out, which is told once a list. A plain list, one URL a line, is read as
 * ever: a line is only taken for a key where a URL stands above it, and no URL with a scheme looks
 * like one.
 *
 * So an entry is known only when the next one begins, or the list ends. haul_aria2_list_take gives
 * it sooner, for whoever cannot wait.
 *
 * The order of calls is that of lines.h: init; feed and next; finish and next; done.
 */

enum {
    HAUL_ARIA2_SETTINGS_MAX = 128,    /* key lines of an entry */
    HAUL_ARIA2_SETTING_BYTES = 65536, /* of all its key lines */
    HAUL_ENTRY_MIRRORS_MAX = 32,      /* URLs of an entry after the first */
    HAUL_ENTRY_LABELS_MAX = 64        /* labels of an entry */
};

/* An entry whose end is not known. Strings stand one behind the other in `text`, by offset. */
struct haul_aria2_draft {
    bool is_open;
    uint64_t line;
    enum haul_reason reason; /* of its first URL */
    uint32_t trimmed;        /* as that of an entry */
    size_t len;              /* of its first URL, which is at 0 */
    struct haul_buf text;
    size_t mirror[HAUL_ENTRY_MIRRORS_MAX];
    size_t mirror_count;
    struct haul_aria2_label {
        size_t name, value;
    } label[HAUL_ENTRY_LABELS_MAX];
    size_t label_count;
    bool has_note, has_keys; /* one was left out; keys were */
    struct haul_aria2_line {
        size_t at;
        uint64_t line;
    } setting[HAUL_ARIA2_SETTINGS_MAX];
    size_t setting_count;
    size_t setting_bytes;
    const char *trouble;   /* static; what was wrong with a line of it, or NULL */
    uint64_t trouble_line; /* 0: the entry's own */
};

struct haul_aria2_list {
    struct haul_lines lines;
    struct haul_aria2_draft draft[2]; /* the one being read, and the one given last */
    int current;
    bool has_settings;                       /* a key line was seen */
    bool told_labels, told_notes, told_keys; /* that there are some */
    const struct haul_setting_rules *rules;  /* the caller's */
    struct haul_setting_told *told;          /* the same */
    struct haul_buf problem, warning;        /* of the entry given last */
    struct haul_entry_options said;          /* the same */
    const char *header[HAUL_SETTING_HEADERS_MAX];
    const char *mirror[HAUL_ENTRY_MIRRORS_MAX];
    struct haul_attached attached[HAUL_ENTRY_LABELS_MAX];
};

/*
 * Makes a reader that has seen nothing; `rules` and `told` outlive it and may serve others.
 * Allocates nothing.
 */
void haul_aria2_list_init(struct haul_aria2_list *list, const struct haul_setting_rules *rules,
                          struct haul_setting_told *told);
void haul_aria2_list_done(struct haul_aria2_list *list);

/*
 * Gives the next entry that is known to be whole; `list->lines.feed` is what is to be fed and
 * finished. Its strings are valid until the next call of next, take or done. HAUL_OK; HAUL_ERR_END:
 * more bytes are needed (or, after finish, this was all); HAUL_ERR_NOMEM: the reader can only be
 * done away with.
 *
 * Something wrong with a key line makes its entry one of reason BAD_ENTRY, and costs no other. A
 * key line with no URL above it is such an entry of its own; its text is the key alone, for its
 * value may be a password.
 */
HAUL_MUST_USE enum haul_err haul_aria2_list_next(struct haul_aria2_list *list,
                                                 struct haul_list_entry *out);

/* Gives the entry that is being read as it is now. HAUL_OK; HAUL_ERR_END: none is. */
HAUL_MUST_USE enum haul_err haul_aria2_list_take(struct haul_aria2_list *list,
                                                 struct haul_list_entry *out);

/* What is to be said about the entry given last, though it can be used; "": nothing. */
const char *haul_aria2_list_warning(const struct haul_aria2_list *list);

#endif
