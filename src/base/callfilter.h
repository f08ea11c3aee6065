#ifndef HAUL_BASE_CALLFILTER_H
#define HAUL_BASE_CALLFILTER_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/err.h"

/*
 * A filter of system calls (seccomp(2), by libseccomp): what a process can no longer ask the kernel
 * for, whoever it is. It is what holds root, who owns the system's files and needs no capability to
 * change their modes; Landlock has no word for that (base/sandbox.h).
 *
 * A list of what is refused, and not of what is let through: libraries, and what they load to look
 * names up, ask for things that nobody has counted. Refused with EPERM, and nobody is killed:
 *
 * - modes, owners, attributes and times of files; only times through a descriptor can be set; and
 *   no file can be made set-user-ID or set-group-ID; whatever file systems do by ioctl(2), as
 *   setting flags of a file that may only be read;
 * - programs and processes: none is executed (also not one that only a descriptor names), none is
 *   made (threads are), none is traced, looked into or signalled, also not by what happens to a
 *   descriptor (F_SETOWN, F_SETSIG), and no memory is shared with one;
 * - sockets of other families than those of the Internet and NETLINK_ROUTE, by which the C library
 *   learns this machine's addresses; nothing listens. Local sockets (unix(7)) if nobody needs any:
 *   a filter sees no names, so it is all of them or none. Pairs of them are made then, too, but
 *   none that is for datagrams, for such a one goes wherever a name leads;
 * - what rules the machine: mounts, namespaces, modules, keys, BPF, clocks, users and the like, and
 *   what types into a terminal (TIOCSTI).
 *
 * What later kernels may bring is not there (ENOSYS): libraries can do without. Nor are clone3(2)
 * and openat2(2), whose arguments a filter does not see, so that their forerunners are taken.
 *
 * In a build with sanitizers processes may be made and traced: that is how one finds leaks.
 */

/* Whether this kernel has such filters; if not, errno says why. Asks only. */
bool haul_callfilter_is_there(void);

/*
 * Enters it, for the calling thread and all that it makes, and for good. `connects`: local sockets
 * can be made. No new privileges (prctl(2)) must be set. A child makes it and tries it first
 * (base/child.h): there must be no other thread yet, and who can make no child cannot enter it. On
 * failure nothing is refused. HAUL_ERR_SYSTEM: `message` gets why, one line without newline;
 * HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_callfilter_enter(bool connects, struct haul_buf *message);

#endif
