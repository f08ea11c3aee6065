#ifndef HAUL_REPORT_REPORT_H
#define HAUL_REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/io.h"
#include "base/terminal.h"
#include "haul/config.h"
#include "haul/record.h"
#include "report/layout.h"

/*
 * The report: one row per record, in the format and order asked for, on one file descriptor.
 *
 * The collector thread owns it from create to free. Errors are sticky. A run whose report could not
 * be written ends with status 3, so every return value here matters.
 */
struct haul_report;

struct haul_report_options {
    enum haul_format format;          /* one with rows */
    enum haul_order order;            /* see haul_report_is_in_input_order */
    int fd;                           /* where it goes; stays the caller's, never closed here */
    struct haul_terminal terminal;    /* what fd is, for text; the other formats always are UTF-8 */
    const struct haul_layout *layout; /* of rows for programs, the caller's; NULL: all fields. It
                                         must not change any more once there is a row */
    bool is_log;                      /* a CI system looks for commands in it (base/ci.h) */
    bool is_verbose;                  /* text: the attempts, too (haul_row_attempts) */
    size_t memory_max; /* bytes of rows held back in memory, 0: the default of report/order.h */
};

/*
 * Whether rows come in the order of the input, and not as they are done. AUTO: text does, for it is
 * read by people and compared line by line; the other formats do not, for programs want a row as
 * soon as there is one. Pure.
 */
bool haul_report_is_in_input_order(enum haul_order order, enum haul_format format);

/*
 * Makes a report in `*report`; nothing is written yet: the header line of csv and tsv goes before
 * the first row, or comes with haul_report_finish. `options` is not kept. HAUL_OK and it is the
 * caller's, or HAUL_ERR_NOMEM and *report is NULL.
 */
HAUL_MUST_USE enum haul_err haul_report_create(struct haul_report **report,
                                               const struct haul_report_options *options);

/* As haul_out_wait_until, before the first row. */
void haul_report_wait_until(struct haul_report *report, struct haul_patience *patience);

/* Frees it and writes nothing. Without a finish before, buffered rows are lost. NULL is fine. */
void haul_report_free(struct haul_report *report);

/*
 * Adds the row of one record, which is not kept. Every seq at most once. With order INPUT the row
 * goes out when all rows before it are there, and until then is held back (report/order.h: memory
 * is bounded, temporary files are not). May block on the descriptor. Errors: HAUL_ERR_IO,
 * HAUL_ERR_NOMEM, HAUL_ERR_LIMIT (a row over 64 MiB), HAUL_ERR_SYSTEM (no temporary file),
 * HAUL_ERR_RANGE (a seq twice).
 */
HAUL_MUST_USE enum haul_err haul_report_add(struct haul_report *report,
                                            const struct haul_record *rec);

/*
 * Writes what is buffered and may go out by now; rows that wait for an earlier one stay. For a
 * terminal after each row, for a pipe when the collector has nothing else to do.
 */
HAUL_MUST_USE enum haul_err haul_report_flush(struct haul_report *report);

/*
 * Lets everything out that was held back, in order, and flushes. `*gaps` (or NULL) gets the number
 * of rows below the highest seq that never came: 0 unless the run lost a record. Once, at the
 * end. Does not fsync and does not close.
 */
HAUL_MUST_USE enum haul_err haul_report_finish(struct haul_report *report, uint64_t *gaps);

/* Whether any row says something else than it would have in a file, since it goes to a log. */
bool haul_report_is_changed(const struct haul_report *report);

/* The errno behind the error, 0 if there is none: for the message. */
int haul_report_errno(const struct haul_report *report);

#endif
