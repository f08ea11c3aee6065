#ifndef HAUL_JOURNAL_WINDOW_H
#define HAUL_JOURNAL_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"

/*
 * Finds lines of journals by where they begin. What was read around a line is kept, because the
 * next one asked for is mostly near. One thread at a time.
 */
struct haul_journal_window {
    char *bytes; /* or NULL: none so far */
    size_t cap, len;
    uint64_t offset; /* of the first byte, in the file */
    int fd;          /* the caller's; -1: none so far */
};
void haul_journal_window_init(struct haul_journal_window *window);
void haul_journal_window_done(struct haul_journal_window *window);

/*
 * Finds the line that begins at `offset` of `fd`. *line, *len bytes without the newline, is valid
 * until the next call. HAUL_ERR_IO with errno (0: the file has no whole line there any more);
 * HAUL_ERR_NOMEM. Blocks on the file.
 */
HAUL_MUST_USE enum haul_err haul_journal_window_find(struct haul_journal_window *window, int fd,
                                                     uint64_t offset, const char **line,
                                                     size_t *len);

#endif
