#ifndef HAUL_SPILL_SPILL_H
#define HAUL_SPILL_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"
#include "model/job.h"

/*
 * Jobs that had to leave the window, on disk until they may come back: a SQLite database in a
 * temporary file without a name, which is gone with the process. Each stands at a place, which is a
 * number, and they are read back in the order of their places (engine/sched_window.h gives them, so
 * that jobs of one origin stand together). In memory are a bounded cache and one job.
 *
 * What was put is kept when the disk is full later, for its space has been reserved. One thread at
 * a time: the dispatcher.
 */
struct haul_spill;

enum { HAUL_SPILL_BATCH_MAX = 256, HAUL_SPILL_BATCH_BYTES_MAX = 1 << 20 };

/*
 * Makes one that may become about `size_max` bytes large. The file is made by the first put, where
 * SQLite has its temporary files. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_spill_create(int64_t size_max, struct haul_spill **out);

/* Frees it, with all jobs in it. NULL is fine. */
void haul_spill_free(struct haul_spill *spill);

/*
 * Puts a job there, which was not pushed yet and has no validators; it stays the caller's. Each
 * place is for one job, 0..INT64_MAX. HAUL_ERR_IO, haul_spill_error tells more: it is full, or the
 * file cannot be written. HAUL_ERR_NOMEM. After an error nothing has changed.
 */
HAUL_MUST_USE enum haul_err haul_spill_put(struct haul_spill *spill, int64_t place,
                                           const struct haul_job *job);

/* Whether the last put has failed and nothing was taken since: the next one would fail, too. */
bool haul_spill_is_full(const struct haul_spill *spill);

/* How many are there. */
uint64_t haul_spill_count(const struct haul_spill *spill);

/*
 * Takes the first jobs of the places `first`..`last`, at most HAUL_SPILL_BATCH_MAX, fewer if they
 * are large. `out` is overwritten, its contents are the caller's; *taken jobs are there no longer.
 * HAUL_ERR_IO or HAUL_ERR_NOMEM: some of these are lost, and `out` has the others.
 */
HAUL_MUST_USE enum haul_err haul_spill_take(struct haul_spill *spill, int64_t first, int64_t last,
                                            struct haul_job_list *out, size_t *taken);

/* The cause of the last error, for people. Valid until the next call. */
const char *haul_spill_error(const struct haul_spill *spill);

#endif
