#ifndef HAUL_JOURNAL_PACKED_H
#define HAUL_JOURNAL_PACKED_H

#include <stdbool.h>

#include "base/io.h"
#include "haul/err.h"

/*
 * Journals that are only read, and may have been packed when they were finished: with gzip, zstd or
 * xz (input/unpack.h). Records are read where they stand, so a packed journal is unpacked first,
 * into a file without a name in $TMPDIR or /tmp (base/scratch.h), which is gone when it is closed.
 * What can be read only once, such as a pipe, is copied into one.
 * One thread; blocks on the files, and until a pipe has ended.
 */
struct haul_journal_file {
    int fd;             /* of what is to be read, the caller's to close; -1: none */
    const char *packed; /* how it is packed, "gzip"; static; NULL: it is not */
    const char *fault;  /* of the packing, static; NULL: none. What came before it is there */
};

/*
 * Opens a journal for reading, without waiting for anybody who has yet to open it, too.
 * HAUL_ERR_USAGE: it cannot be opened, or is not to be (base/owned.h); haul_journal_file_cause says
 * why. HAUL_ERR_SYSTEM with errno: no file to unpack or copy into. HAUL_ERR_IO with errno.
 * HAUL_ERR_LIMIT: it unpacks to far more than a journal would. HAUL_ERR_NOMEM. On failure nothing
 * is open.
 */
HAUL_MUST_USE enum haul_err haul_journal_file_open(const char *name,
                                                   struct haul_journal_file *file);

/* After HAUL_ERR_USAGE or HAUL_ERR_SYSTEM, as the end of a message. `text` is the caller's. */
const char *haul_journal_file_cause(const struct haul_journal_file *file,
                                    char text[HAUL_IO_ERROR_MAX]);

/* How an open file is packed: "gzip"; NULL: it is not, or cannot be read. Static. */
const char *haul_journal_packed_with(int fd);

#endif
