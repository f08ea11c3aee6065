#ifndef HAUL_BASE_PRIVILEGE_H
#define HAUL_BASE_PRIVILEGE_H

#include <stdbool.h>

/*
 * Gives up the capabilities(7) that the process has, of root or of its file or service, but for
 * two, if it has them: to write in directories of others (CAP_DAC_OVERRIDE), for root is asked to
 * save there; and to set the time of a file that the file system says is another's (CAP_FOWNER), as
 * one without owners does. No program that it starts can get any back: bounding, ambient and
 * inheritable sets are emptied as far as the kernel allows. Who has no others needs no capset(2),
 * which filters of system calls refuse.
 *
 * For the calling thread and all that it makes, so before there are others. False, with errno: they
 * could not be given up.
 */
bool haul_privilege_drop(void);

/* No core file is left of this process, and nobody of the same user may look into it (dumpable,
 * prctl(2)). Its children inherit that. */
void haul_privilege_hide(void);

#endif
