#ifndef HAUL_REPORT_ORDER_H
#define HAUL_REPORT_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"

/*
 * Puts rows back into the order of the input, in bounded memory.
 *
 * Rows come in any order, each with its seq 0, 1, 2, ...; they go out in that order. A row that
 * comes too early is held back: in memory while there is room, beyond that in two unlinked
 * temporary files. So memory stays the same even if row 0 is the slowest of ten million; disk does
 * not. One thread at a time.
 *
 * Errors are sticky: after one, every call returns it, and the output is not complete.
 */
struct haul_order_queue;

/*
 * Takes one row, complete; `bytes` is valid only during the call. An error that it returns ends the
 * ordering and is what haul_order_add or haul_order_finish returns.
 */
typedef enum haul_err haul_order_emit_fn(void *context, const char *bytes, size_t len);

/*
 * Makes one in `*order` and returns HAUL_OK, or HAUL_ERR_NOMEM with *order NULL. At most
 * `memory_max` bytes of rows are held in memory (0: 256 KiB), beside 128 KiB for where they are and
 * one row on its way out. The files are made in $TMPDIR, or /tmp, when first needed, and are gone
 * when the process ends, however it ends. `emit` is called with `context` on the caller's thread.
 */
HAUL_MUST_USE enum haul_err haul_order_create(struct haul_order_queue **order, size_t memory_max,
                                              haul_order_emit_fn *emit, void *context);

/* Frees memory and files. Rows that are still held are dropped. NULL is fine. */
void haul_order_free(struct haul_order_queue *order);

/*
 * Hands over the row `seq`; the bytes are copied. Emits it if it is its turn, and then all held
 * rows that follow without a gap: one call may emit many rows. Blocks on file input and output
 * only. Errors: HAUL_ERR_RANGE when the row of that seq was emitted or is held already (a bug of
 * the caller; for a row in the files it is seen at the latest by haul_order_finish); HAUL_ERR_LIMIT
 * when no file offset can say where it is; HAUL_ERR_NOMEM; HAUL_ERR_SYSTEM no temporary file;
 * HAUL_ERR_IO it cannot be written (disk full) or read; what `emit` returned. haul_order_errno
 * tells the cause.
 */
HAUL_MUST_USE enum haul_err haul_order_add(struct haul_order_queue *order, uint64_t seq,
                                           const char *bytes, size_t len);

/*
 * Emits what is left, in order, skipping those that never came; `*gaps` (or NULL) gets how many
 * these were, below the highest seq seen. Errors as haul_order_add. Call it once, at the end.
 */
HAUL_MUST_USE enum haul_err haul_order_finish(struct haul_order_queue *order, uint64_t *gaps);

/* The errno behind HAUL_ERR_SYSTEM or HAUL_ERR_IO of a temporary file, or 0. */
int haul_order_errno(const struct haul_order_queue *order);

/* Rows that went through the files so far. */
uint64_t haul_order_spilled(const struct haul_order_queue *order);

#endif
