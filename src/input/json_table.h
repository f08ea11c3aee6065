#ifndef HAUL_INPUT_JSON_TABLE_H
#define HAUL_INPUT_JSON_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "haul/err.h"
#include "input/json.h"
#include "input/lines.h"

/*
 * A list that is JSON Lines: one object a line (json.h), with the URL in the field asked for. Pure,
 * fed with bytes in pieces of any size. The order of calls is that of lines.h.
 *
 * "a.b" names the field b of the object a, unless there is a field "a.b". The other fields of the
 * line are attached to its URL under their names, but for the object with the URL: strings as what
 * they stand for, all else as it is written, null not at all. Objects may differ in their fields.
 *
 * Every line that is not blank is an entry. One that is no object, or whose URL is not there or no
 * string, or which names a field twice, or has more than HAUL_JSON_FIELDS_MAX, is of reason
 * BAD_ENTRY; one with a NUL in a string of CONTROL_CHARACTER; one that is longer than
 * HAUL_JSON_LINE_MAX of LINE_TOO_LONG. Nothing of such a line is shown but what is wrong.
 */
enum {
    HAUL_JSON_LINE_MAX = 1 << 20, /* bytes of a line */
    HAUL_JSON_FIELDS_MAX = 256    /* fields of a line */
};

struct haul_json_table {
    struct haul_lines lines;
    const char *column; /* [const after init] */
    bool is_report;     /* [const after init] of haul's own: only what was attached there is */
    struct haul_buf text, problem;
    struct haul_entry_options said;
    struct haul_json_value name[HAUL_JSON_FIELDS_MAX], value[HAUL_JSON_FIELDS_MAX];
    struct haul_attached attached[HAUL_JSON_FIELDS_MAX];
};

/* Makes a reader. `column` must outlive it. Allocates nothing. */
void haul_json_table_init(struct haul_json_table *table, const char *column, bool is_report);
void haul_json_table_done(struct haul_json_table *table);

/*
 * Gives the next line as an entry, valid until the next call and as long as the bytes that were
 * fed; `table->lines.feed` is what is to be fed and finished. HAUL_OK; HAUL_ERR_END: more bytes are
 * needed (or, after finish, this was all); HAUL_ERR_NOMEM: the reader can only be done away with.
 */
HAUL_MUST_USE enum haul_err haul_json_table_next(struct haul_json_table *table,
                                                 struct haul_list_entry *out);

#endif
