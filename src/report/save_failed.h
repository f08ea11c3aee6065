#ifndef HAUL_REPORT_SAVE_FAILED_H
#define HAUL_REPORT_SAVE_FAILED_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/record.h"

/*
 * Appends what --save-failed writes of one record: nothing if all is well with it, otherwise two
 * lines, a comment with the outcome, the reason and where it stood, and the URL. The file is a list
 * that haul reads as input again, and so does aria2 (aria2c(1), "Input File": one URI a line, lines
 * that begin with '#' are comments).
 *
 *     # failed: http-503: urls.txt:12
 *     http://example.com/a
 *
 * `failed` and `pending` lines are saved. A line that is no URL stands as a comment only: it would
 * fail again. `url` is what is to be fetched again, as the list gave it and without userinfo;
 * NULL: the record's own. A URL that cannot stand on a line by itself (it holds a control character
 * or begins with a blank) becomes a comment, too. Returns whether a URL was written. Pure; errors
 * are in `buf`.
 */
bool haul_save_failed_add(struct haul_buf *buf, const struct haul_record *rec, const char *url);

#endif
