#ifndef HAUL_BASE_CHILD_H
#define HAUL_BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Work that may end whoever does it, done by a child: a system call that a filter kills for, a
 * library that does without memory what it cannot do. Only while there is no other thread.
 */

/* Seconds of processor time that the work may take. */
enum { HAUL_CHILD_CPU_MAX = 5 };

/* Writes what it has to say to `told`. It has all that its parent has, and leaves nothing open. */
typedef void haul_child_work_fn(int told, void *arg);

/*
 * Has the work done, and waits for its end. Returns how many bytes it has said, at most `size`; 0
 * also if it was killed before; or -1 with errno: there is no child. No core file is left of it.
 * How it ended is not asked: where SIGCHLD is ignored, which a process may inherit, nobody learns
 * that. So who must know says it with the last byte, or with how many there are.
 */
ssize_t haul_child_ask(haul_child_work_fn *work, void *arg, void *answer, size_t size);

/*
 * Whether one comes back from system calls that a filter of somebody else's (seccomp(2)) may kill
 * for: systemd's do for whatever is not listed, unless they name an error. `work` makes them, and
 * then says one byte; where no calls are filtered it is not asked. False, with errno: EPERM, it was
 * killed; or there is no child.
 */
bool haul_child_survives(haul_child_work_fn *work, void *arg);

/*
 * For a child that lives as long as its parent: closes all but these descriptors, which become 0, 1
 * and so on. Whoever waits for the end of haul's output must not wait for such a process, and no
 * lock may outlive its owner by it. False, with errno: it could not be done.
 */
bool haul_child_keep_only(int *fd, size_t count);

#endif
