#ifndef HAUL_BASE_TEMPORARY_H
#define HAUL_BASE_TEMPORARY_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
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

/*
 * A number for a name that nobody can have guessed, and put something there (getrandom(2)). Where
 * the system has no such number yet, it is one of the clock's.
 */
uint64_t haul_temporary_number(void);

/* Whether that name, itself and not where it may lead, is still the open file's. */
bool haul_temporary_is_at(int dir_fd, const char *name, int fd);

/* Whether a file is one that this process could have made: a plain one, of its user's, with one
 * name. */
bool haul_temporary_is_ours(const struct stat *info);

/*
 * Opens and locks a stale one, for reading and writing. Returns its descriptor, the caller's; -1:
 * there is none of that name, or it is somebody's (errno EEXIST), and is not opened. Without
 * *is_locked it is not known whether another process writes it.
 */
int haul_temporary_open_stale(int dir_fd, const char *name, bool *is_locked);

/*
 * Marks an open one as worth keeping, for it is whole and could not get its name: no sweep takes
 * it. In a sandbox nothing of a file can be changed for that but its times, so it is from 1970.
 * False, with errno.
 */
bool haul_temporary_keep(int fd);

/* Whether an entry of a directory has the name of a temporary that is looked for. */
typedef bool haul_temporary_match(const char *entry, const void *arg);

/*
 * Removes all stale ones with such names that are not to be kept, and closes the directory. What
 * cannot be removed stays. Others may have put any number of such names there: not more than
 * HAUL_TEMPORARY_SWEEP are looked at, which takes a moment.
 */
enum { HAUL_TEMPORARY_SWEEP = 100000 };
void haul_temporary_sweep(DIR *dir, haul_temporary_match *match, const void *arg);

#endif
