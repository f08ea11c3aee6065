#ifndef HAUL_SINK_SUMS_H
#define HAUL_SINK_SUMS_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/err.h"
#include "sink/digest.h"

/*
 * A file of checksums, as sha256sum(1) and its relatives write it: a digest, two blanks (or a blank
 * and an asterisk), and a name; with a backslash in front where the name has escapes. Which digest
 * it is, its length tells: 32, 40, 64 or 128 digits. Blank lines and lines that begin with '#' are
 * skipped, and so is "./" in front of a name. It may be UTF-16 with a mark (base/charset.h).
 *
 * It is held whole: its size in memory, which is at most HAUL_SUMS_SIZE_MAX, and 16 bytes a line.
 * Nothing changes after haul_sums_load: any thread.
 */
struct haul_sums;

enum { HAUL_SUMS_SIZE_MAX = 1 << 30 };

/*
 * Reads `path`. On failure `message` names file, line and cause, and *out is NULL. HAUL_ERR_USAGE:
 * it cannot be read, is too large, or a line is none; HAUL_ERR_NOMEM. Blocks on the file.
 */
HAUL_MUST_USE enum haul_err haul_sums_load(const char *path, struct haul_sums **out,
                                           struct haul_buf *message);
void haul_sums_free(struct haul_sums *sums);

/*
 * Finds the checksum for a name; the first one if there are several. Returns whether there is one.
 */
bool haul_sums_find(const struct haul_sums *sums, const char *name, struct haul_checksum *checksum);

#endif
