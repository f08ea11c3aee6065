#ifndef HAUL_COMMAND_TEXT_TABLE_H
#define HAUL_COMMAND_TEXT_TABLE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/newfile.h"
#include "base/out.h"
#include "base/terminal.h"
#include "haul/config.h"
#include "model/redactor.h"

/*
 * Where `haul diff` and `haul history` write: standard output or a file that appears when it is
 * whole, for people (as text or Markdown) or as rows of csv, tsv and jsonl. All that is not haul's
 * own words is escaped for the format. One thread.
 */
struct haul_text_table {
    const struct haul_config *config;
    bool is_markdown;
    bool reader_left;         /* has closed the pipe that is written to */
    bool is_changed;          /* a row, since it went to a log (base/ci.h) */
    struct haul_newfile file; /* fd -1: standard output */
    struct haul_out *out;
    struct haul_terminal term;
    struct haul_buf line;    /* what comes next; the caller may append whole lines */
    struct haul_buf cell;    /* a number that is being made: the caller appends it */
    struct haul_buf message; /* of the verb: what is to be said on standard error, not escaped */
    struct haul_redactor *redactor;       /* of --redact, or NULL */
    struct haul_redactor_secrets secrets; /* what it hides in the row that is being made */
    struct haul_buf shown;                /* a text, without that */
};

/* Makes an empty one; nothing is opened. */
void haul_text_table_init(struct haul_text_table *table, const struct haul_config *config);

/* Says the message and frees all: what was not published is not there. Returns the exit status of
 * `err`: HAUL_EXIT_OK, USAGE, INTERNAL; or HAUL_COMMAND_READER_LEFT, without a message. */
int haul_text_table_end(struct haul_text_table *table, enum haul_err err);

/* Before anything is said of what others have written: makes the redactor. HAUL_ERR_USAGE with a
 * message, HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_text_table_begin_hiding(struct haul_text_table *table);

/* A text of others, without what --redact hides: valid until the next one. "" without memory, and
 * then haul_text_table_publish fails. */
const char *haul_text_table_shown(struct haul_text_table *table, const char *text);

/* Of the texts that are shown from now on, what is hidden in this URL is hidden in them, too; NULL:
 * nothing more. The URL must stay as it is until the next one. For rows that the caller makes. */
void haul_text_table_learn(struct haul_text_table *table, const char *url);

/* Opens what the configuration's `output` says. HAUL_ERR_IO with a message, HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_text_table_open(struct haul_text_table *table);

/* Writes what is left and gives the file its name. Errors as haul_text_table_open. */
HAUL_MUST_USE enum haul_err haul_text_table_publish(struct haul_text_table *table);

/* ---- rows ---- */

enum haul_text_table_kind {
    HAUL_TEXT_TABLE_NUMBER, /* NULL: unknown */
    HAUL_TEXT_TABLE_STRING, /* of others; NULL: unknown; what --redact names is hidden in it */
    HAUL_TEXT_TABLE_DATE,   /* made of a number; NULL: unknown */
    HAUL_TEXT_TABLE_WORD    /* a number that stands for a word */
};
struct haul_text_table_column {
    const char *name;
    enum haul_text_table_kind kind;
};

/* Writes all rows of a query in the configuration's format (not text), with a header where that has
 * one. `words`: of columns of kind WORD. HAUL_ERR_IO, HAUL_ERR_NOMEM are the query's. */
HAUL_MUST_USE enum haul_err haul_text_table_rows(struct haul_text_table *table,
                                                 const struct haul_text_table_column *column,
                                                 int count, const char *const *words,
                                                 sqlite3_stmt *query);

/* ---- tables for people ---- */

/*
 * Begins a table after an empty line. In Markdown it has a title, of haul's own words, and a head:
 * `columns` are these with " | " between, the last of which is for haul_text_table_last; `ruler` is
 * the line that says how they are aligned, "---|--:|---". In text it needs neither.
 */
void haul_text_table_begin(struct haul_text_table *table, const char *title, const char *columns,
                           const char *ruler);

/* A cell of that width, left-aligned: haul's own words. */
void haul_text_table_cell(struct haul_text_table *table, const char *words, size_t width);

/* Appends a size to the cell; "-" if it is negative, that is unknown. */
void haul_text_table_add_size(struct haul_text_table *table, int64_t bytes);

/* Puts the number in the cell right-aligned into the line, with two blanks behind it. */
void haul_text_table_pad(struct haul_text_table *table, size_t width);

/* The last cell, of anybody's text, and the end of the line. On a terminal it is cut. */
void haul_text_table_last(struct haul_text_table *table, const char *words);

#endif
