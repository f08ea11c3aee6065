#ifndef HAUL_BASE_IO_H
#define HAUL_BASE_IO_H

#include <stddef.h>

/*
 * Writes all of `len` bytes to a descriptor; blocks until it has taken them, also where it is
 * non-blocking (poll(2)). Partial writes and EINTR are continued. Returns 0, or the errno of what
 * failed; a write that takes nothing is EIO. *written, unless that is NULL, is what was taken in
 * any case. SIGPIPE must be ignored by the program. Any thread.
 */
int haul_io_write_all(int fd, const void *bytes, size_t len, size_t *written);

/*
 * The text of an errno, for messages: strerror(3) is not for threads. Gives `text`, which is
 * filled; "error N" where the system has no words.
 */
enum { HAUL_IO_ERROR_MAX = 128 };
const char *haul_io_error_text(int error, char text[HAUL_IO_ERROR_MAX]);

#endif
