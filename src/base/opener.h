#ifndef HAUL_BASE_OPENER_H
#define HAUL_BASE_OPENER_H

#include <stddef.h>

#include "haul/err.h"

/*
 * A process that opens files for one that is in a sandbox (base/sandbox.h). A rule of a sandbox is
 * for the file that has a name at the start; who saves a list puts another file in its place, and
 * so does who switches a link. A rule for the directory would let all be read that is in it, and be
 * it somebody's home. So a process stays outside that opens some names for reading, whatever stands
 * there by then, and hands over descriptors (SCM_RIGHTS in unix(7)).
 *
 * It knows the names from the start and is told a number, nothing else: so who has taken over the
 * process inside learns what these files hold, which he could read anyway. It holds no file of its
 * parent's open, catches no signal, and ends with the parent, or when it is freed.
 */
struct haul_opener;

/*
 * Starts it, before the sandbox is entered and before the first thread: it is a copy of this
 * process; and waits until it is ready. `names` are copied; the first that is equal counts. On
 * success *out is the opener, to be freed. HAUL_ERR_SYSTEM with errno: no process, or no
 * descriptors; ESRCH: it has ended at once. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_opener_start(const char *const *names, size_t count,
                                              struct haul_opener **out);

/*
 * Has a file opened that is one of the names, as open(2) with O_RDONLY, O_NOCTTY and O_NONBLOCK.
 * Returns the descriptor, the caller's, closed on exec; or -1 with errno: EACCES also if it is none
 * of the names, EIO if the process is no longer there. One thread at a time; blocks as open(2).
 */
int haul_opener_open(const struct haul_opener *opener, const char *name);

/* Ends the process and waits for that. NULL is fine. */
void haul_opener_free(struct haul_opener *opener);

#endif
