#ifndef HAUL_COMMAND_REPORT_LIST_H
#define HAUL_COMMAND_REPORT_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/config.h"
#include "haul/record.h"
#include "input/list.h"
#include "journal/resume.h"

/* Rows of `haul report` for lists: what the journals have of each line. */

/* Takes a row: the record, which is the caller's and valid until the function returns, and its key
 * in the history. What it returns, but HAUL_OK, ends the reading. */
typedef enum haul_err haul_report_list_add_fn(void *arg, struct haul_record *rec,
                                              const struct haul_key *key);

/* Who gets what is in the lists; `arg` is handed to all. */
struct haul_report_list_taker {
    haul_report_list_add_fn *add;
    haul_list_column_fn *add_column;
    void (*take_nothing)(void *arg, const char *text); /* haul_list_nothing */
    void *arg;
};

/* Does the configuration name a list (-i)? Pure. */
bool haul_report_list_is_named(const struct haul_config *config);

/*
 * Calls `add_column` for the columns of the lists that are tables (haul_list_columns), reads the
 * lists of `config` to their end, and calls `add` for each of their lines, in their order:
 * with what `resume` has of it, or a record that is pending or invalid; a list that has none is
 * told to `take_nothing`. HAUL_ERR_IO with a line in
 * `message` without newline: a list cannot be read; HAUL_ERR_NOMEM; other errors of
 * haul_list_create, of haul_resume_read, and of `add`. One thread; may block.
 */
HAUL_MUST_USE enum haul_err haul_report_list_rows(const struct haul_config *config,
                                                  struct haul_resume *resume,
                                                  const struct haul_report_list_taker *taker,
                                                  struct haul_buf *message);

#endif
