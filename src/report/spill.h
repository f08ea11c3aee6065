#ifndef HAUL_REPORT_SPILL_H
#define HAUL_REPORT_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Rows on disk, found again by their place.
 *
 * Two unlinked temporary files: "data" holds the rows as they came, "index" holds 16 bytes per
 * place (where in data, how long), at place * 16, so that it needs no search and no memory; places
 * that were never written are holes. Both sides are buffered: data in blocks, index entries are
 * gathered, sorted and written in runs. As rows come nearly in order, a row costs a small fraction
 * of a system call; if they came in a random order it would cost about one to write and one to
 * read.
 *
 * Memory is constant. Rows are read in rising places only. One thread at a time. After an error the
 * object is of no use.
 */
struct haul_spill;

/*
 * Makes the files in `directory` (NULL: as base/scratch.h). HAUL_OK and *spill is the caller's; or HAUL_ERR_NOMEM, or
 * HAUL_ERR_SYSTEM with errno set, and *spill is NULL.
 */
HAUL_MUST_USE enum haul_err haul_spill_create(struct haul_spill **spill, const char *directory);
void haul_spill_free(struct haul_spill *spill);

/* Adds the row of place `seq`. HAUL_ERR_IO with errno set: not written (disk full, for one);
 * HAUL_ERR_LIMIT: 4 GiB or longer, or the files are at the end of what offsets can say. */
HAUL_MUST_USE enum haul_err haul_spill_add(struct haul_spill *spill, uint64_t seq,
                                           const char *bytes, size_t len);

/*
 * Appends the row of place `seq` to `row` and forgets it. *found tells whether there was one. `seq`
 * must not be lower than in any call before, and no place below it may be added any more.
 * HAUL_ERR_IO with errno set, or the buffer's error.
 */
HAUL_MUST_USE enum haul_err haul_spill_take(struct haul_spill *spill, uint64_t seq,
                                            struct haul_buf *row, bool *found);

/* Rows added and not taken yet. */
uint64_t haul_spill_count(const struct haul_spill *spill);

#endif
