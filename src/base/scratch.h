#ifndef HAUL_BASE_SCRATCH_H
#define HAUL_BASE_SCRATCH_H

/*
 * A file that nobody else sees and that is gone when the process ends, however it ends: without a
 * name where the file system can do that, else unlinked at once.
 */

/* $TMPDIR, or /tmp. Valid while the environment does not change. */
const char *haul_scratch_directory(void);

/* Opens one in `directory` to be read and written, or in $TMPDIR, or /tmp, if that is NULL. Returns
 * its descriptor, the caller's to close; or -1, with errno set. Any thread. */
int haul_scratch_open(const char *directory);

/* The same in the directory of the file `path`, which is written anyway; or, if none can be there
 * (as in /dev), in the usual one. */
int haul_scratch_open_beside(const char *path);

#endif
