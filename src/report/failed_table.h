#ifndef HAUL_REPORT_FAILED_TABLE_H
#define HAUL_REPORT_FAILED_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/out.h"
#include "haul/config.h"
#include "haul/record.h"
#include "model/job.h"

/*
 * The table of report/failed.h: its columns, as they become known, and its rows, as RFC 4180 has
 * them and nothing else, for they are read again. Errors are those of `names` and `row`, sticky.
 */
struct haul_failed_table {
    const struct haul_config *config;
    struct haul_buf names; /* of the columns but that of the URLs, each terminated */
    size_t name[HAUL_ENTRY_COLUMNS_MAX];
    size_t columns;
    struct haul_buf url_name; /* of the first row; empty: it had none */
    size_t url_place;         /* the same, from 1; 0: there is no row */
    bool has_header;          /* some of the tables had one, or they do not fit without */
    uint64_t left_out;        /* values for which there was no column any more */
    struct haul_buf row;      /* the values of the row at hand, each terminated */
    size_t value[HAUL_ENTRY_COLUMNS_MAX]; /* where they are, and 1; 0: none */
    struct haul_buf line;
};

void haul_failed_table_init(struct haul_failed_table *table, const struct haul_config *config);
void haul_failed_table_done(struct haul_failed_table *table);

/* The number of the column of that name, which is probably `hint`. It is added if it is new. */
size_t haul_failed_table_column(struct haul_failed_table *table, const char *name, size_t hint);

/* Notes where the URL of a row stands. */
void haul_failed_table_note(struct haul_failed_table *table, const struct haul_record *rec);

/* Whether there is a row. */
bool haul_failed_table_is_used(const struct haul_failed_table *table);

/* After all columns are known: the header line, if there is one; then each row: begin, its values
 * in any order, and end. A row that is too long would not be read again. */
void haul_failed_table_write_header(struct haul_failed_table *table, struct haul_out *out);
void haul_failed_table_begin(struct haul_failed_table *table, const char *url);
void haul_failed_table_set(struct haul_failed_table *table, size_t column, const char *value);
bool haul_failed_table_is_too_long(const struct haul_failed_table *table);
void haul_failed_table_end(struct haul_failed_table *table, struct haul_out *out);

/* Appends the options with which haul reads the table. */
void haul_failed_table_add_options(const struct haul_failed_table *table, struct haul_buf *text);

#endif
