#ifndef HAUL_REPORT_FAILED_H
#define HAUL_REPORT_FAILED_H

#include "base/buf.h"
#include "haul/config.h"
#include "haul/err.h"
#include "haul/record.h"

/*
 * The file of --save-failed: a list that asks again for what has failed, is pending, or was skipped
 * because its host was given up, in the form in which it was asked for.
 *
 * Entries of plain lists, sitemaps and the command line stand each below a comment with the reason:
 *
 *     # failed: http-503: urls.txt:12
 *     http://example.com/a
 *      out=a.img
 *
 * As soon as one is a row of a table, all are: a table with a header line, unless the lists had
 * none, that has the columns of all of their tables. What another table does not have is empty.
 * What cannot be written as an entry (no URL; one with a secret; in a table, one with mirrors, keys
 * or labels) is a comment; in a table that is a row whose URL begins with "# ", as input/table.h
 * reads it.
 *
 * Which form it is, and which columns there are, is known at the end, so rows wait in a scratch
 * file (base/scratch.h): memory does not grow with their number. One thread at a time.
 */
struct haul_failed;

/*
 * `fd`: of the file, which stays the caller's, as `config` does. Nothing is written to it before
 * the end. The scratch file is opened now, in the directory of `config->save_failed`: later it
 * would cost what was to be in it. HAUL_ERR_NOMEM; HAUL_ERR_IO: it cannot be there, and `message`
 * gets a line without newline, behind those that it has, that says where and why.
 */
HAUL_MUST_USE enum haul_err haul_failed_create(const struct haul_config *config, int fd,
                                               struct haul_failed **out, struct haul_buf *message);
void haul_failed_free(struct haul_failed *failed);

/*
 * Adds a record, with `entry` noted (report/entry_text.h) if it is known; nothing happens if all is
 * well with it. Errors are sticky, and told by haul_failed_finish.
 */
void haul_failed_add(struct haul_failed *failed, const struct haul_record *rec);

/*
 * Writes the file. Once; may block. `message` gets what the user has to know of it, in lines with
 * newlines, unescaped: how a table is read again, and what is a comment only. HAUL_ERR_IO:
 * haul_failed_errno says why; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_failed_finish(struct haul_failed *failed,
                                               struct haul_buf *message);
int haul_failed_errno(const struct haul_failed *failed);

#endif
