#ifndef HAUL_BASE_IO_H
#define HAUL_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Writes all of `len` bytes to a descriptor; blocks until it has taken them, also where it is
 * non-blocking (poll(2)). Partial writes and EINTR are continued. Returns 0, or the errno of what
 * failed; a write that takes nothing is EIO. *written, unless that is NULL, is what was taken in
 * any case. SIGPIPE must be ignored by the program. Any thread.
 */
int haul_io_write_all(int fd, const void *bytes, size_t len, size_t *written);

/* For how long readers are waited for who take nothing. For one thread at a time. */
struct haul_patience {
    int end;        /* [const] once this descriptor is readable (base/wake.h), not for long */
    uintmax_t left; /* the reader who was left last, 0: none so far; he is not waited for again,
                       for standard output and standard error often have the same */
};

/*
 * The same, but a reader who takes nothing is waited for only as long as there is patience; then
 * each HAUL_IO_LAST_MS without a byte taken end it with ECANCELED. Files have no such reader, and
 * are written as above. Bytes for a pipe or a terminal go in pieces that it takes at once where
 * poll(2) says that it takes any. NULL: as above.
 */
enum { HAUL_IO_LAST_MS = 3000 };
int haul_io_write_until(int fd, const void *bytes, size_t len, struct haul_patience *patience);

/*
 * Writes a short line, of PIPE_BUF bytes at most, if that can be done without waiting for a reader.
 * False: it was not written.
 */
bool haul_io_write_now(int fd, const void *bytes, size_t len);

/* The directory in which `path` lies: all up to its last slash, or ".". The caller's, to be freed;
 * NULL: no memory. Pure. */
char *haul_io_directory_of(const char *path);

/* Where the symbolic link leads that is the last part of `path`, with no other link on the way. The
 * caller's, to be freed; NULL: it is none or leads to nothing, or there is no memory. */
char *haul_io_follow(const char *path);

/*
 * Makes a name that was just made safe against a crash of the machine: syncs the directory in which
 * `path` lies. Where that cannot be done, nothing is. Any thread; blocks on the disk.
 */
void haul_io_sync_directory_of(const char *path);

/*
 * The text of an errno, for messages: strerror(3) is not for threads. Gives `text`, which is
 * filled; "error N" where the system has no words.
 */
enum { HAUL_IO_ERROR_MAX = 128 };
const char *haul_io_error_text(int error, char text[HAUL_IO_ERROR_MAX]);

#endif
