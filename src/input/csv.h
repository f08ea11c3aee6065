#ifndef HAUL_INPUT_CSV_H
#define HAUL_INPUT_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/err.h"
#include "haul/record.h"
#include "input/lines.h"

/*
 * Comma-separated values, cut into rows and cells: pure, fed with bytes in pieces of any size, the
 * same rows whatever the pieces are.
 *
 * RFC 4180: cells are separated by commas, or by what else is asked for, rows by CR LF or LF. A
 * cell in quotation marks may hold all three, and a quotation mark written twice. A quotation mark
 * inside a cell that does not begin with one stands for itself. A UTF-8 byte order mark at the very
 * start and a missing last line end are fine; empty lines are no rows.
 *
 * The order of calls is that of lines.h: init; feed and next; finish and next; done.
 */

enum {
    HAUL_CSV_ROW_MAX = 65536,                     /* bytes of the cells of a row */
    HAUL_CSV_COLUMNS_MAX = HAUL_ENTRY_COLUMNS_MAX /* cells of a row */
};

struct haul_csv {
    struct haul_feed feed;
    char delimiter;    /* [const after the first byte] */
    bool is_raw;       /* [const after the first byte] a quotation mark stands for itself */
    uint64_t row_line; /* where the row began */
    enum haul_csv_state {
        HAUL_CSV_BETWEEN, /* before the first byte of a row */
        HAUL_CSV_BEGIN,   /* before the first byte of a cell */
        HAUL_CSV_PLAIN,
        HAUL_CSV_QUOTED,
        HAUL_CSV_QUOTE, /* behind a quotation mark in a quoted cell */
        HAUL_CSV_SKIP   /* to the end of the line: the row is spoilt */
    } state;
    int mark_len; /* bytes of a byte order mark seen at the start; -1: that is over */
    bool is_spent;
    struct haul_buf text;              /* the cells, each terminated */
    size_t cell[HAUL_CSV_COLUMNS_MAX]; /* where they begin in text */
    size_t cell_count;
    enum haul_reason reason;
    const char *problem;
    char *given[HAUL_CSV_COLUMNS_MAX];
};

struct haul_csv_row {
    char *const *cell; /* terminated, valid until the next call, the caller's to change */
    size_t count;
    uint64_t line; /* in which it begins, from 1 */
    enum haul_reason
        reason;          /* NONE; LINE_TOO_LONG; CONTROL_CHARACTER: a cell holds a NUL; BAD_ENTRY:
                                `problem` says what is wrong. In these cases the cells are those
                                before the fault */
    const char *problem; /* static, or NULL */
};

/*
 * What separates the cells of a table: the one of comma, TAB and semicolon that stands most often
 * in its first line outside quotation marks. A tie goes to the first of these, and so does a line
 * with none.
 */
char haul_csv_find_delimiter(struct haul_span line);

/* Makes a reader that has seen nothing, for commas. Allocates nothing. */
void haul_csv_init(struct haul_csv *csv);
void haul_csv_done(struct haul_csv *csv);

/*
 * Gives the next row. A spoilt row ends with its line, whatever quotation marks say: so one that is
 * never closed costs 64 KiB of the list and not the rest of it. HAUL_OK; HAUL_ERR_END: more bytes
 * are needed (or, after finish, this was all); HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_csv_next(struct haul_csv *csv, struct haul_csv_row *out);

#endif
