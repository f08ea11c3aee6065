#ifndef HAUL_BASE_TEMPFILE_H
#define HAUL_BASE_TEMPFILE_H

/*
 * Makes a file in `directory` that has no name (or has it for a moment only, where the file system
 * cannot do without) and is gone with its last descriptor, whatever becomes of the process. Returns
 * the descriptor, for reading and writing, closed on exec and the caller's; or -1, with errno set.
 * Any thread.
 */
int haul_tempfile_open(const char *directory);

#endif
