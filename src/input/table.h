#ifndef HAUL_INPUT_TABLE_H
#define HAUL_INPUT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "input/csv.h"
#include "input/lines.h"

/*
 * A list that is a table: CSV (csv.h) with a header line, one URL a row in the column asked for;
 * the other columns are attached to the URL under their names. Pure, fed with bytes in pieces of
 * any size. The order of calls is that of lines.h.
 *
 * Every row but the first is an entry. One that has more or fewer cells than the header is of
 * reason BAD_ENTRY; so is one that csv.h calls spoilt, or CONTROL_CHARACTER or LINE_TOO_LONG as
 * there.
 */
struct haul_table {
    struct haul_csv csv;
    const char *column;   /* [const after init] as asked for; NULL: there is no table to be read */
    bool has_header;      /* it was read, and is good */
    struct haul_buf text; /* the names of the columns, each terminated */
    size_t name[HAUL_CSV_COLUMNS_MAX];
    size_t columns;
    size_t url; /* which of them holds the URL */
    struct haul_buf problem;
    struct haul_entry_options said;
    struct haul_attached attached[HAUL_CSV_COLUMNS_MAX];
};

/*
 * Makes a reader. `column`: the name of a column, or its number from 1 on; a text of digits is a
 * number. It must outlive the reader. Allocates nothing.
 */
void haul_table_init(struct haul_table *table, const char *column);
void haul_table_done(struct haul_table *table);

/*
 * Gives the next row as an entry, valid until the next call; `table->csv.feed` is what is to be fed
 * and finished. HAUL_OK; HAUL_ERR_END: more bytes are needed (or, after finish, this was all);
 * HAUL_ERR_SYNTAX: the header line is of no use, haul_table_problem says why; HAUL_ERR_NOMEM. After
 * the latter two the reader can only be done away with.
 */
HAUL_MUST_USE enum haul_err haul_table_next(struct haul_table *table, struct haul_list_entry *out);

/* After HAUL_ERR_SYNTAX: what is wrong with the header line, unescaped. Otherwise "". */
const char *haul_table_problem(const struct haul_table *table);

#endif
