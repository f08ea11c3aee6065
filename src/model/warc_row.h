#ifndef HAUL_MODEL_WARC_ROW_H
#define HAUL_MODEL_WARC_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * The row of files that --warc PREFIX writes: PREFIX-00000.warc.gz and so on, in one directory. An
 * ending .warc.gz or .warc of PREFIX counts for nothing. Pure; any thread.
 */
enum { HAUL_WARC_ROW_MAX = 1 << 24 }; /* files */

/* The path of one of them in `path` (emptied). False: no memory. */
bool haul_warc_row_name(const char *prefix, unsigned number, struct haul_buf *path);

/*
 * Whether a name in the row's directory, `len` bytes without a slash, is one of the row's, there or
 * not. `folds_case`: capital ASCII letters are as good as small ones.
 */
bool haul_warc_row_has(const char *prefix, const char *name, size_t len, bool folds_case);

#endif
