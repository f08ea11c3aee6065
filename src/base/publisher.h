#ifndef HAUL_BASE_PUBLISHER_H
#define HAUL_BASE_PUBLISHER_H

#include <stddef.h>
#include <sys/types.h>

#include "haul/err.h"

/*
 * A process that gives files their names for one that is in a sandbox (base/sandbox.h). Renaming
 * takes rights for a whole directory, often somebody's home: whoever had them could give a report's
 * bytes, which he can write, the name of a file that is believed (haul.conf, .bashrc), and remove
 * the others. So a process stays outside that knows from the start which temporary gets which name,
 * and is told one byte: give it now, or take the temporary away.
 *
 * Each file has a pair of sockets of its own, so that each has a thread of its own if need be. The
 * process holds nothing else open, catches no signal, and ends when the last of them is closed, as
 * they are when its parent ends in whatever way.
 */

/* A file that is written under a temporary name. */
struct haul_publisher_file {
    const char *temporary, *path; /* the caller's, until started */
    int fd; /* set by start: where the process is told, the caller's to be closed; closed on exec */
};

enum haul_publisher_word { HAUL_PUBLISHER_RENAME = 'n', HAUL_PUBLISHER_REMOVE = 'r' };

/*
 * Starts it for `count` files, 1 or more, before the sandbox is entered and before the first
 * thread: it is a copy of this process; and waits until it is ready. On success *process is its
 * number, to be waited for with haul_publisher_wait. HAUL_ERR_SYSTEM with errno: no process, or no
 * descriptors; ESRCH: it has ended at once. Then nothing is open. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_publisher_start(struct haul_publisher_file *file, size_t count,
                                                 pid_t *process);

/* Has it done, as rename(2) or unlink(2): 0, or -1 with errno; ESRCH if the process is no
 * longer there. One thread for each file; blocks on the file system. */
int haul_publisher_tell(int fd, enum haul_publisher_word word);

/* Waits for its end, after all descriptors were closed. 0: there is none. */
void haul_publisher_wait(pid_t process);

#endif
