#ifndef HAUL_BASE_OUT_H
#define HAUL_BASE_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/io.h"
#include "haul/err.h"

/*
 * A buffered writer on a file descriptor.
 *
 * Output errors are sticky: the first one is remembered with its errno, nothing is written after
 * it, and haul_out_flush reports it every time; so rows may be added without a check each, as long
 * as somebody looks at haul_out_flush before claiming success. SIGPIPE must be ignored by the
 * program. A writer belongs to one thread at a time.
 */
struct haul_out;

enum { HAUL_OUT_BUFFER_SIZE = 64 * 1024 };

/*
 * Makes a writer on `fd`, which stays the caller's: it is never closed here. Returns NULL when out
 * of memory. Freed with haul_out_free.
 */
struct haul_out *haul_out_create(int fd);

/*
 * Frees the memory and nothing else: bytes that were not flushed are dropped, because a destructor
 * could not report that they were not written. NULL is fine.
 */
void haul_out_free(struct haul_out *out);

/*
 * Says for how long a reader is waited for who takes nothing: as haul_io_write_until, which makes
 * the error ECANCELED. `patience` is the caller's, and outlives the writer. NULL: for ever.
 */
void haul_out_wait_until(struct haul_out *out, struct haul_patience *patience);

/* Says that what is written gets into the log of a CI system (base/ci.h), for those who make it. */
void haul_out_set_log(struct haul_out *out, bool is_log);
bool haul_out_is_log(const struct haul_out *out);

/*
 * Adds bytes, copied. Writes when 64 KiB have gathered, and then may block until the descriptor
 * takes them: also on a non-blocking descriptor, which is waited for with poll(2). Partial writes
 * and EINTR are continued. Does nothing after an error.
 */
void haul_out_add(struct haul_out *out, const void *bytes, size_t len);

/* Writes all that was added; blocks like haul_out_add. HAUL_OK, or HAUL_ERR_IO now and ever after.
 */
HAUL_MUST_USE enum haul_err haul_out_flush(struct haul_out *out);

/*
 * Fails the writer on behalf of whoever could not make the next bytes: `error` (an errno, never 0)
 * is remembered like that of a failed write, unless there is one already. What was added but not
 * written yet is lost.
 */
void haul_out_fail(struct haul_out *out, int error);

/* The errno of the first failed write, 0 if none failed so far. Does not flush. */
int haul_out_error(const struct haul_out *out);

#endif
