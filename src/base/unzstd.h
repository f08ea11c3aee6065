#ifndef HAUL_BASE_UNZSTD_H
#define HAUL_BASE_UNZSTD_H

#include <stddef.h>

#include "haul/err.h"

/*
 * Zstandard (RFC 8878) undone, frame by frame, for bodies, lists and journals: whether it is
 * refused does not depend on where the bytes are cut, nor does what comes out; but of a block that
 * is damaged more or less may come.
 *
 * libzstd alone would not do. It reads the formats of before 2016, too, for which a limit of the
 * window does not hold, if the first four bytes of a frame come together; and a frame that comes
 * whole is read by another path than one that comes in pieces. So the header of each frame is
 * collected here, compared while it comes, and given to libzstd by itself.
 *
 * Pure; one thread at a time.
 */
struct haul_unzstd;

/* `window_log_max`: 2 to the power of this many bytes is the largest window. NULL: out of memory.
 * To be freed; NULL is fine. */
struct haul_unzstd *haul_unzstd_create(int window_log_max);
void haul_unzstd_free(struct haul_unzstd *unzstd);

/* Forgets what was going on; what comes next is the beginning of a frame. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_unzstd_begin(struct haul_unzstd *unzstd);

/*
 * Unpacks what there is of a frame, and what there is room for, and moves the four on; there may be
 * nothing. HAUL_OK; HAUL_ERR_END: the frame is at its end, and all that it holds is out (a frame to
 * be skipped holds nothing); what follows is another. HAUL_ERR_SYNTAX: the bytes are damaged, or
 * not of RFC 8878; HAUL_ERR_RANGE: the window is too large; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_unzstd_step(struct haul_unzstd *unzstd, const unsigned char **in,
                                             size_t *in_len, unsigned char **out, size_t *out_len);

/*
 * Bytes that are allocated for it; and how many of them may have been written to, so that the
 * system had to find memory for them: a window of 8 MiB is asked for as a whole, and what a body of
 * 30 KB does not reach of it is nobody's.
 */
size_t haul_unzstd_size(const struct haul_unzstd *unzstd);
size_t haul_unzstd_touched(const struct haul_unzstd *unzstd);

#endif
