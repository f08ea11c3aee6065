#ifndef HAUL_INPUT_ENTRIES_H
#define HAUL_INPUT_ENTRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "input/aria2_list.h"
#include "input/json_table.h"
#include "input/table.h"

/*
 * The entries of one list, whatever it is: lines (aria2_list.h), a table of cells (table.h) or one
 * in JSON Lines (json_table.h). Pure, fed with bytes in pieces of any size.
 *
 * What it is, its first line that is not blank decides. With a column asked for: JSON Lines if it
 * begins with '{' and no separator was asked for, otherwise cells. Without: a report of haul's own,
 * in jsonl, csv or tsv, if it has the fields `url` and `outcome`, and then the column is `url`;
 * otherwise lines.
 *
 * The order of calls: init; add and next until HAUL_ERR_END, as often as there are bytes; finish
 * and next until HAUL_ERR_END; done.
 */
struct haul_entries {
    enum haul_entries_kind {
        HAUL_ENTRIES_UNKNOWN,
        HAUL_ENTRIES_LINES,
        HAUL_ENTRIES_CELLS,
        HAUL_ENTRIES_JSON
    } kind;
    bool finished;        /* no more bytes will come */
    struct haul_buf held; /* what was fed before the kind was known */
    struct haul_table_form form;
    struct haul_aria2_list aria2;
    struct haul_table table;
    struct haul_json_table json;
};

/*
 * Makes a reader. `form`, but for its strings, is copied; it says whether a column was asked for.
 * `rules` and `told` are aria2_list.h's. Allocates nothing.
 */
void haul_entries_init(struct haul_entries *entries, const struct haul_table_form *form,
                       const struct haul_setting_rules *rules, struct haul_setting_told *told);
void haul_entries_done(struct haul_entries *entries);

/* Gives the next bytes, the caller's until next has returned HAUL_ERR_END. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_entries_add(struct haul_entries *entries, const char *bytes,
                                             size_t len);

/* Says that no more will come. */
void haul_entries_finish(struct haul_entries *entries);

/* Gives the next entry, as the reader of its kind does, with the same errors. */
HAUL_MUST_USE enum haul_err haul_entries_next(struct haul_entries *entries,
                                              struct haul_list_entry *out);

/* As haul_aria2_list_take. */
HAUL_MUST_USE enum haul_err haul_entries_take(struct haul_entries *entries,
                                              struct haul_list_entry *out);

/* Whether an entry waits for its keys, and none was seen before. */
bool haul_entries_may_have_keys(const struct haul_entries *entries);

/* Behind the end of a list that gave no entry: appends why, in words, without the list's name. */
void haul_entries_add_nothing(struct haul_entries *entries, struct haul_buf *words);

/* Lines begun so far. */
uint64_t haul_entries_line(struct haul_entries *entries);

#endif
