#ifndef HAUL_SINK_FILE_H
#define HAUL_SINK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/record.h"
#include "sink/guard.h"
#include "sink/part.h"
#include "sink/partial.h"
#include "sink/sink.h"
#include "sink/tree.h"

/*
 * One file that is being saved. It is written under a temporary name in the directory of its final
 * one, and appears under that only when it is whole (rename(2)). Up to 32 KiB of it are held in
 * memory first: a small file is made, written and named all at once, when it is known to be whole,
 * and one that fails before never was on the disk.
 *
 * The temporary, its lock and what stands beside it: sink/partial.h.
 *
 * Some file systems know no locks. There every temporary looks as if it had been left, and is
 * removed by whoever comes to the same name; none is gone on with. Of two runs that save the same
 * name at the same time, the first one finds that its temporary is not there any more when it is to
 * be named, and fails. (It looks before it renames: for that moment, there is no lock.)
 *
 * The directory: it is walked to, part by part (sink/tree.h), when the temporary is created. For a
 * small file that is the moment before the rename, and both are done through the one descriptor:
 * what somebody moves meanwhile is still what was below the tree a moment ago, and no link leads
 * elsewhere. A large one takes its time, so before its rename the directory is walked to again, and
 * has to be the same.
 *
 * The order of calls: init; then for each file begin, write as often as bytes come, and publish or
 * discard; done. After a failure `error` has its errno; discard is still to be called. One thread
 * at a time. All calls block on the file system.
 */
struct haul_file {
    struct haul_sink sink;                 /* as which it may be used */
    const struct haul_tree *tree;          /* [const after init] */
    bool is_begun;                         /* between begin and publish or discard */
    int dir_fd, fd;                        /* -1: it has no temporary yet */
    struct haul_buf name;                  /* under which it was begun */
    char temporary[HAUL_PARTIAL_NAME_MAX]; /* its name in dir_fd */
    int slot;                              /* N in that name */
    char *buffer;                          /* bytes not yet written, or NULL */
    size_t held;                           /* of these */
    int64_t size;                          /* bytes of the file, those that are held too */
    int64_t expected;                      /* its final size; -1: not known */
    int64_t reserved;       /* bytes that were asked of the file system; -1: no more of that */
    struct haul_part *part; /* what is to be known to go on with it; NULL: it never will be */
    bool has_info;          /* ... and stands beside it */
    bool is_locked;         /* the temporary is; false: its file system knows no locks */
    bool tells_late;        /* that it cannot be written, only closing it may tell */
    bool replaces;          /* files with final names are there, as far as one can tell */
    int error;              /* errno of the first failure, 0: none */
};

void haul_file_init(struct haul_file *file, const struct haul_tree *tree);
void haul_file_done(struct haul_file *file);

/*
 * Begins the file that is to be called `name`, and makes the directories on the way: now, or when
 * it is known to be no small one, or in publish. `expected`: its size in bytes, or -1; for a large
 * one, space is reserved in steps while it grows, of as much again as is there and 64 MiB at most
 * (a server that only claims to send much takes none). `part`: what is known of the answer, if it
 * may be gone on with another time, else NULL; it must last as long as the file is written, and
 * gets what the file itself has to say. `offset`: 0 for a new file; else the number of bytes that
 * are left of that same part (haul_partial_look) and are to be kept.
 *
 * NONE, or why not (haul_tree_reason); bad-range: there is no temporary with that many bytes.
 */
enum haul_reason haul_file_begin(struct haul_file *file, const char *name, int64_t expected,
                                 int64_t offset, struct haul_part *part);

/* Appends bytes. NONE, or why not; then every later call says so again. */
enum haul_reason haul_file_write(struct haul_file *file, const void *bytes, size_t len);

/*
 * Ends the file and gives it its name. What had the name before is replaced, unless `end` says
 * otherwise; a symbolic link itself is replaced, not what it points to. `published` (empty) gets
 * the name that it really has. If its directory is not in its place any more, that is a file-error;
 * a name that is guarded is a bad-name, and is left out where numbers are tried.
 *
 * NONE: the file is not open any more. Otherwise nothing has changed under the final name, unless
 * it was the directory that could not be synced: then the file is there, and whole.
 */
enum haul_reason haul_file_publish(struct haul_file *file, const char *name,
                                   const struct haul_sink_end *end, struct haul_buf *published);

/*
 * Closes it and removes the temporary; and those that earlier runs have left, if it had none yet.
 * Fine if none is open.
 */
void haul_file_discard(struct haul_file *file);

/*
 * Closes it and lets the temporary stay, for a later begin with an offset; one without a part is
 * discarded. `syncs`: what is there then is there after a crash of the machine, too (fdatasync(2),
 * and fsync(2) of the second file and of the directory).
 * Fine if none is open, and after a failure: what could be written counts.
 */
void haul_file_leave(struct haul_file *file, bool syncs);

#endif
