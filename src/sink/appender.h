#ifndef HAUL_SINK_APPENDER_H
#define HAUL_SINK_APPENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/spool.h"
#include "haul/err.h"

/*
 * A file that grows by whole parcels (base/spool.h) and stands under its own name from the start,
 * as archives do: what is in it is readable at any time, and a run that was killed leaves no more
 * than one torn parcel at its end, which the next run cuts off. It is locked (flock(2)) while it is
 * open, where the file system knows locks. "-" is standard output, from which nothing can be taken
 * back.
 *
 * One thread at a time: main opens it, the collector adds, main closes it. `fd` does not change
 * while it is open, and may be synced by any thread.
 */
struct haul_appender {
    const char *path; /* [const] the caller's */
    int fd;           /* [const while open] -1: not open */
    bool is_stream;   /* [const while open] standard output */
    int64_t end;      /* bytes that are in it for good */
    int error;        /* errno: nothing can be added any more; 0: it is sound */
};

/* How it is opened. */
struct haul_appender_options {
    bool extends; /* what is in it is gone on with; otherwise it must be empty, or not be there */
    bool syncs;   /* its name is made safe against a crash of the machine, if it is new */
};

/*
 * Opens or creates it; `path` must last as long. With `extends`, `end` is its size: whoever knows
 * its format cuts off what is torn (haul_appender_cut). What is there is used by the rule of
 * base/owned.h; `message` may have lines on somebody's lock, on its owner, and on a directory in
 * which anybody can replace it. On failure it has a line with path and cause: HAUL_ERR_USAGE (the
 * file holds something; it is no regular file or not to be used; standard output is a
 * terminal), HAUL_ERR_LOCKED, HAUL_ERR_IO. To be closed whatever is returned. Names in messages are
 * not escaped.
 */
HAUL_MUST_USE enum haul_err haul_appender_open(struct haul_appender *appender, const char *path,
                                               const struct haul_appender_options *options,
                                               struct haul_buf *message);

/* Closes it. Fine on one that is not open (fd -1). */
void haul_appender_close(struct haul_appender *appender);

/* Cuts it to so many bytes. Returns 0 or an errno. */
int haul_appender_cut(struct haul_appender *appender, int64_t size);

/*
 * Adds a parcel, which stays the caller's. Blocks. Returns 0, or the errno of what failed; then it
 * is as before, unless `error` is set, too: what is torn could not be taken back. `patience` is
 * how long a reader of standard output is waited for (base/io.h), or NULL: for ever.
 */
int haul_appender_add(struct haul_appender *appender, const struct haul_parcel *parcel,
                      struct haul_patience *patience);

/* The same for bytes. */
int haul_appender_add_bytes(struct haul_appender *appender, const void *bytes, size_t len,
                            struct haul_patience *patience);

/* Makes all that was added safe against a crash of the machine (fdatasync(2)). Returns 0 or an
 * errno. Any thread; blocks on the disk. */
int haul_appender_sync(const struct haul_appender *appender);

#endif
