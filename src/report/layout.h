#ifndef HAUL_REPORT_LAYOUT_H
#define HAUL_REPORT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "haul/err.h"
#include "haul/record.h"
#include "model/field.h"

/*
 * Which columns the rows of csv, tsv and jsonl have, in which order: fields of the record, and
 * columns of the lists (what is attached to a record) under names of their own.
 *
 * By default these are all fields, and in csv and tsv behind them the columns of the lists, as far
 * as these are known before the first row. With --fields they are what that says. One thread.
 */
struct haul_layout_column {
    const struct haul_field *field; /* or NULL: it is a list's */
    char *name;                     /* as the list has it; NULL: it is a field */
    char *title;                    /* what the list's is called here; unescaped */
};

struct haul_layout {
    struct haul_layout_column *column;
    size_t count;
    bool is_chosen; /* by --fields: nothing is added */
};

/* Columns of lists that are taken up; what is beyond them stands in `attached` only. */
enum { HAUL_LAYOUT_ADDED_MAX = 1000 };

/*
 * Makes one. `fields`: as haul_fields_choice_check accepts it; NULL: all fields. HAUL_ERR_NOMEM: it
 * is empty, and haul_layout_done is fine.
 */
HAUL_MUST_USE enum haul_err haul_layout_init(struct haul_layout *layout, const char *fields);
void haul_layout_done(struct haul_layout *layout);

/*
 * Adds a column of a list, unless there is one of that name, the columns are chosen, or there are
 * too many. `name` is copied. Where a field, or another column, is called so, "list_" comes before
 * its title. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_layout_add(struct haul_layout *layout, const char *name);

/*
 * The value of a column of a list in a record; NULL: it has none. *hint, 0 at first, is where the
 * search begins, and is moved behind what was found: the columns of a row are asked for in the
 * order in which most records have them.
 */
const char *haul_layout_find(const struct haul_record *rec, const char *name, size_t *hint);

#endif
