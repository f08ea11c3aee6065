#ifndef HAUL_CLI_SECRET_H
#define HAUL_CLI_SECRET_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/io.h"
#include "haul/err.h"

/* Files that hold passwords. */

/*
 * Whether others than those who are meant to can get at a file: anybody, or, where it is the user's
 * own file, its group. Somebody else's file with a group (root:haul, 0640) has one for a purpose.
 */
bool haul_secret_is_exposed(const struct stat *info);

/*
 * Reads from a descriptor what is left of a file, in one piece of memory: growing would leave
 * copies of its secrets behind. HAUL_ERR_IO with errno; HAUL_ERR_LIMIT: it is longer than `max`
 * bytes; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_secret_read(int fd, size_t max, struct haul_buf *to);

/*
 * Opens and reads a whole file with secrets, of at most `max` bytes, into `to`. Errors as those of
 * haul_secret_read_line. Whose permissions let others get at it is refused, if it is a file.
 */
HAUL_MUST_USE enum haul_err haul_secret_read_file(const char *path, size_t max, struct haul_buf *to,
                                                  char text[HAUL_IO_ERROR_MAX], const char **cause);

/* NULL, or a phrase, static, that says why a text cannot be used (cli/check.h). */
typedef const char *haul_secret_check(const char *text);

/*
 * Reads the first line of a file, a password or the like, into `line`, without a byte order mark.
 * HAUL_OK, HAUL_ERR_NOMEM, or HAUL_ERR_USAGE with a phrase for a message in *cause, static or in
 * `text`: the file cannot be read, is exposed, is no UTF-8, or `check` says what is wrong with the
 * line. Any thread.
 */
HAUL_MUST_USE enum haul_err haul_secret_read_line(const char *path, haul_secret_check *check,
                                                  struct haul_buf *line,
                                                  char text[HAUL_IO_ERROR_MAX], const char **cause);

#endif
