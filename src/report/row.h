#ifndef HAUL_REPORT_ROW_H
#define HAUL_REPORT_ROW_H

#include "base/buf.h"
#include "base/terminal.h"
#include "haul/config.h"
#include "haul/record.h"
#include "report/layout.h"

/*
 * From one record to one row of a report: a pure function per format. Each appends exactly one line
 * with its '\n' to `buf`, whatever the record's strings hold (in csv a quoted cell may hold further
 * line ends); failure is the buffer's sticky error. Any thread.
 *
 * csv, tsv and jsonl write the columns of a layout; NULL: the fields of model/field.h in the order
 * given there.
 */

/*
 * For people: the URL on the left, " : ", then the length with thousands separators, right-aligned
 * in 10 columns: `http://example.com/            :      1,256`. The length is size_body; for HEAD
 * it is content_length; "-" when unknown. Any outcome but ok and unchanged has words in its place,
 * from the number's first column on: `failed: http-404`, `failed: connect (...)`, `invalid: line
 * 12: bad-url`.
 *
 * The URL gets 30 columns, and stands whole and pushes if it needs more. On a terminal (of 80
 * columns if it does not say) it gets max(30, min(columns - 18, 72)), and what does not fit is
 * shortened.
 */
void haul_row_text(struct haul_buf *buf, const struct haul_record *rec,
                   const struct haul_terminal *term);

/*
 * Below it, for a record that took several attempts: a line for each, when it began (since the
 * first did) and what became of it. For any other nothing. At most HAUL_TRIED_MAX + 2 lines.
 *
 *         attempt 1, at 0.000 s: http-503
 *         attempt 2, at 1.204 s: ok
 */
void haul_row_attempts(struct haul_buf *buf, const struct haul_record *rec);

/* The line with the names of the fields before the rows of csv and tsv. For the others nothing. */
void haul_row_header(struct haul_buf *buf, enum haul_format format,
                     const struct haul_layout *layout);

/* RFC 4180, except that lines end in '\n' alone. An unknown value is an empty cell; a row that is
 * one empty cell has quotation marks, for an empty line is no row to many readers. */
void haul_row_csv(struct haul_buf *buf, const struct haul_record *rec,
                  const struct haul_layout *layout);

/* Cells as haul_escape_tsv writes them. An unknown value is an empty cell. */
void haul_row_tsv(struct haul_buf *buf, const struct haul_record *rec,
                  const struct haul_layout *layout);

/* One JSON object. An unknown value is null; every key is always there. */
void haul_row_jsonl(struct haul_buf *buf, const struct haul_record *rec,
                    const struct haul_layout *layout);

/*
 * What --save-failed writes (report/failed.h), which alone is not one line: nothing if all is well
 * with the record, otherwise a comment with the outcome, the reason and where it stood, and the
 * lines of its entry; the URL alone, if these are not known. The file is a list that haul reads as
 * input again, and so does aria2 (aria2c(1), "Input File": lines that begin with '#' are comments).
 *
 *     # failed: http-503: urls.txt:12
 *     http://example.com/a
 *
 * Saved is what counts as a failure (haul_outcome_is_failure), and `pending` lines. A line that is
 * no URL stands as a comment only: it would fail again. So does a URL that cannot stand on a line
 * by itself (it holds a control character or begins with a blank), and an entry that holds a
 * secret.
 */
void haul_row_save_failed(struct haul_buf *buf, const struct haul_record *rec);

/* Of what it writes: whether it may be asked for again; whether a secret keeps it from that; and,
 * where the entry is not known, whether the URL can stand on a line. */
bool haul_row_is_saved(const struct haul_record *rec);
bool haul_row_has_secret(const struct haul_record *rec);
bool haul_row_is_list_line(const struct haul_record *rec);

#endif
