#ifndef HAUL_JOURNAL_SCAN_H
#define HAUL_JOURNAL_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"
#include "journal/line.h"

/*
 * The lines of a journal's file: one after the other, or each by where it begins.
 *
 * A scan reads line by line from the beginning, as fast as the disk gives it. Memory is 1 MiB,
 * and up to HAUL_JOURNAL_LINE_MAX more for a journal with such lines. What is damaged is reported
 * as a line of its own and never stops the reading: whether to go on is the caller's decision.
 */
struct haul_journal_scan;

struct haul_journal_span {
    const char *text; /* the line without its newline, valid until the next call; of a damaged one
                         perhaps only the end */
    size_t len;       /* bytes of text */
    uint64_t offset;  /* where it begins in the file */
    uint64_t size;    /* bytes that it takes there, newline included */
    uint64_t number;  /* from 1 */
    bool is_whole;    /* it ends in a newline; false only for the last one */
    bool is_sound;    /* whole, and accepted by haul_journal_peek: `mark` is filled */
    struct haul_journal_mark mark;
};

/*
 * Makes a scanner of the first `end` bytes of a file (of which more may be written meanwhile). `fd`
 * stays the caller's; it is read with pread(2), so its position does not matter. HAUL_ERR_NOMEM:
 * what it gives then, perhaps NULL, is only to be freed.
 */
HAUL_MUST_USE enum haul_err haul_journal_scan_create(int fd, uint64_t end,
                                                     struct haul_journal_scan **out);
void haul_journal_scan_free(struct haul_journal_scan *scan);

/*
 * Gives the next line. HAUL_OK; HAUL_ERR_END: that was all, or the file has become shorter;
 * HAUL_ERR_IO: errno says why; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_journal_scan_next(struct haul_journal_scan *scan,
                                                   struct haul_journal_span *out);

/*
 * Whether the first `size` bytes of a file are a journal of haul's, which may be gone on with, by
 * how they begin: with a sound header or record; with what a killed run has left of a header; or,
 * if a sound header or record follows, with a header that is damaged or with a footer. No bytes at
 * all are one, too. What somebody has put in front, and be it a byte-order mark, makes a file
 * another's. Reads no further than it must. HAUL_ERR_IO with errno, HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_journal_scan_is_own(int fd, uint64_t size, bool *is_own);

/*
 * Finds lines of journals by where they begin. What was read around a line is kept, because the
 * next one asked for is mostly near. One thread at a time.
 */
struct haul_journal_window {
    struct haul_buf bytes; /* freed by the owner */
    uint64_t offset;       /* of the first byte, in the file */
    int fd;                /* the caller's; -1: none so far */
};
void haul_journal_window_init(struct haul_journal_window *window);

/*
 * Finds the line that begins at `offset` of `fd`. *line, *len bytes without the newline, is valid
 * until the next call. HAUL_ERR_IO with errno (0: the file has no whole line there any more);
 * HAUL_ERR_NOMEM. Blocks on the file.
 */
HAUL_MUST_USE enum haul_err haul_journal_window_find(struct haul_journal_window *window, int fd,
                                                     uint64_t offset, const char **line,
                                                     size_t *len);

#endif
