#ifndef HAUL_INPUT_TABLE_H
#define HAUL_INPUT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/config.h"
#include "haul/err.h"
#include "input/csv.h"
#include "input/lines.h"

/*
 * A list that is a table: CSV (csv.h) with a header line, one URL a row in the column asked for;
 * the other columns are attached to the URL under their names. Pure, fed with bytes in pieces of
 * any size. The order of calls is that of lines.h.
 *
 * Without a header line the first good row says how many columns there are, and the n-th is named
 * "columnN", as labels are (aria2_list.h); so is one that has no name in the header line.
 *
 * Every row but the header is an entry, and so is not one whose URL begins with "# ": that is a
 * comment. One that has more or fewer cells than the header is of
 * reason BAD_ENTRY; so is one that csv.h calls spoilt, or CONTROL_CHARACTER or LINE_TOO_LONG as
 * there.
 */
struct haul_table_form {
    const char *column; /* that of the URLs: its name, or its number from 1 on (a text of digits is
                           a number); NULL: there is no table to be read */
    enum haul_table_head head;
    char delimiter; /* what separates cells; 0: see haul_csv_find_delimiter (entries.h) */
    bool is_report; /* of haul's own: what its writers do to cells is undone, and only the columns
                       that are no fields of a record are attached */
};

struct haul_table {
    struct haul_csv csv;
    struct haul_table_form form; /* [const after init] */
    bool has_header;             /* the columns are known */
    struct haul_buf text;        /* the names of the columns, each terminated */
    size_t name[HAUL_CSV_COLUMNS_MAX];
    bool is_field[HAUL_CSV_COLUMNS_MAX]; /* of a report: not attached */
    size_t columns;
    size_t url; /* which of them holds the URL */
    struct haul_buf problem;
    const char *warning; /* static; see haul_table_warning */
    struct haul_entry_options said;
    struct haul_attached attached[HAUL_CSV_COLUMNS_MAX];
};

/* Makes a reader. The name in `form` must outlive it. Allocates nothing. */
void haul_table_init(struct haul_table *table, const struct haul_table_form *form);
void haul_table_done(struct haul_table *table);

/*
 * Gives the next row as an entry, valid until the next call; `table->csv.feed` is what is to be fed
 * and finished. HAUL_OK; HAUL_ERR_END: more bytes are needed (or, after finish, this was all);
 * HAUL_ERR_SYNTAX: the header line is of no use, haul_table_problem says why; HAUL_ERR_NOMEM. After
 * the latter two the reader can only be done away with.
 */
HAUL_MUST_USE enum haul_err haul_table_next(struct haul_table *table, struct haul_list_entry *out);

/*
 * What is to be said about the header line, though it can be used, once: the next call returns "".
 * That is where it looks like a row. "": nothing. Static.
 */
const char *haul_table_warning(struct haul_table *table);

/* The name of the n-th column, from 0, that is attached to entries; NULL: there are no more, or
 * they are not known yet. Valid as long as the reader. */
const char *haul_table_column(const struct haul_table *table, size_t n);

/* After HAUL_ERR_SYNTAX: what is wrong with the header line, unescaped. Otherwise "". */
const char *haul_table_problem(const struct haul_table *table);

#endif
