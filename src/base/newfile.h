#ifndef HAUL_BASE_NEWFILE_H
#define HAUL_BASE_NEWFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "haul/err.h"

/*
 * A file that appears under its name only when it is whole: written under a temporary name in the
 * same directory, and renamed at the end: so nothing is followed, and what another user had there
 * is replaced and not written into. A device or a FIFO of this user's or root's, or the name of a
 * descriptor (/dev/stdout), is written to directly (base/owned.h). A symbolic link is replaced, but
 * for one of this user's or root's that leads to such a thing. One thread.
 *
 * The temporary is called .NAME.PID-NUMBER.part, with a random number, and is locked while it is
 * written (base/temporary.h): what a process that was killed has left of NAME is removed when the
 * same NAME is opened again.
 */
struct haul_newfile {
    int fd;          /* to be written to; -1: none */
    char *path;      /* final name, or NULL */
    char *temporary; /* or NULL: written to directly */
    char *kept;      /* or NULL: where the whole file is that could not get its name */
    bool is_delegated;
    int word_fd; /* if it is: where the process is told that gives it its name (base/publisher.h) */
};

/*
 * Opens it. The temporary name is exclusive and no symbolic link is followed at it. On failure
 * `message` gets a line that names path and cause, and `file` needs no discard. HAUL_ERR_USAGE:
 * what stands there is another user's, or of a kind that is not written to. HAUL_ERR_IO,
 * HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_newfile_open(struct haul_newfile *file, const char *path,
                                              struct haul_buf *message);

/* Whether `path` is now what would be written to directly. */
bool haul_newfile_is_direct(const char *path);

/*
 * Has another process publish those of `files` that have a temporary, or take it away, for in a
 * sandbox this one will not be able to; see haul_publisher_start. *process may be 0: there are none
 * of them. To be waited for (haul_publisher_wait) after all were discarded. On failure they are as
 * before. HAUL_ERR_SYSTEM with errno, HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_newfile_delegate(struct haul_newfile *const *files, size_t count,
                                                  pid_t *process);

/*
 * Closes it and gives it its name. On failure the temporary is removed and errno says why; but
 * where another process should have given it and is gone, and this one may not, it is kept: no
 * later run removes it (base/temporary.h), and `kept` is its name until it is discarded.
 */
HAUL_MUST_USE enum haul_err haul_newfile_publish(struct haul_newfile *file);

/* After a failure, and what was told of it: where the file is, if it is anywhere. */
void haul_newfile_add_kept(const struct haul_newfile *file, struct haul_buf *message);

/* Closes it and removes the temporary. Fine on one that was published, or never opened (fd -1). */
void haul_newfile_discard(struct haul_newfile *file);

#endif
