#ifndef HAUL_BASE_TEMPORARY_H
#define HAUL_BASE_TEMPORARY_H

#include <stdbool.h>
#include <sys/stat.h>

/*
 * Temporary files that may outlive a process that is killed. Whoever writes one keeps it locked
 * (flock(2)) until it has its final name: so one that nobody has locked is stale, and whoever meets
 * it may remove it, however old it is.
 *
 * A directory is given by its descriptor, a temporary by its name in it. Any thread. All calls
 * block on the file system.
 */

/* Locks an open file. False: another has it locked. *is_locked: now it is; some file systems know
 * no locks. */
bool haul_temporary_lock(int fd, bool *is_locked);

/*
 * Locks what the caller has just created. False: a sweeper was quicker, took it for a stale one,
 * and has removed it or is about to; the caller closes it and takes another name. *info gets the
 * file's status.
 */
bool haul_temporary_claim(int fd, bool *is_locked, struct stat *info);

/* Whether that name, itself and not where it may lead, is still the open file's. */
bool haul_temporary_is_at(int dir_fd, const char *name, int fd);

/* Whether an open file is one that this process could have made: a plain one, of its user's, with
 * one name. */
bool haul_temporary_is_ours(int fd);

/*
 * Opens and locks a stale one, for reading and writing. Returns its descriptor, the caller's; -1:
 * there is none of that name, or it is somebody's (errno EEXIST). Without *is_locked it is not
 * known whether another process writes it.
 */
int haul_temporary_open_stale(int dir_fd, const char *name, bool *is_locked);

#endif
