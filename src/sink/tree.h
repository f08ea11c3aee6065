#ifndef HAUL_SINK_TREE_H
#define HAUL_SINK_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "haul/err.h"
#include "haul/record.h"
#include "model/job.h"
#include "sink/part.h"

/*
 * The directory below which bodies are saved.
 *
 * Names in it are relative, as sink/name.h makes them. They are walked part by part, each relative
 * to the directory before it, and no symbolic link is followed on the way: whoever may write in
 * there cannot lead haul out of it. Where the kernel can do that in one call (openat2(2)), it does.
 * The directory itself may be given through links, but not through those that others may have put
 * there; and in a directory like /tmp it has to belong to this user or root (base/owned.h). Nothing
 * here changes after haul_tree_open, so all threads may use it.
 */
struct haul_tree {   /* [const after open] */
    int fd;          /* the directory, -1: none */
    bool folds_case; /* its file system takes A and a for the same */
    bool syncs;      /* directories that are made are synced (fsync(2)) at once */
    bool tells_late; /* its file system may say only in close(2) that a file could not be written */
    dev_t device;    /* of that file system; there may be others below */
    char boot[HAUL_PART_BOOT_MAX]; /* names this start of the machine; "": not known */
};

/*
 * Opens `path`, and makes it if it is not there but its parent is. With `syncs`, see above; that
 * goes for this one, too. Makes and removes a file in it, to see that this is possible and whether
 * case matters. On failure `message` has a line that names path and cause. HAUL_ERR_USAGE: it
 * cannot be used; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_tree_open(struct haul_tree *tree, const char *path, bool syncs,
                                           struct haul_buf *message);

/* Closes it. Fine on one that was never opened (fd -1). */
void haul_tree_close(struct haul_tree *tree);

/*
 * Opens the directory in which `name` lies; with `make`, the directories on the way to it are made.
 * *last points to the last part, inside `name`. Returns the descriptor, the caller's, or -1 with
 * errno: ELOOP or ENOTDIR if something on the way is no directory; EINVAL if a part is empty, "."
 * or "..", as in a name that comes from a journal of others. Blocks on the file system.
 */
int haul_tree_enter(const struct haul_tree *tree, const char *name, bool make, const char **last);

/* The size of the regular file `name` in bytes; -1: there is none. Blocks on the file system. */
int64_t haul_tree_size(const struct haul_tree *tree, const char *name);

/* The same, and when it was last modified, in seconds since 1970. */
int64_t haul_tree_look(const struct haul_tree *tree, const char *name, int64_t *mtime_s);

/*
 * When anything about the regular file `name` was last changed (st_ctim: unlike the other one, it
 * cannot be set), in milliseconds since 1970; INT64_MAX: there is none. Blocks on the file system.
 */
int64_t haul_tree_changed_ms(const struct haul_tree *tree, const char *name);

/* The same size; and which file it is. 0, 0: there is none. */
int64_t haul_tree_identify(const struct haul_tree *tree, const char *name, struct haul_file_id *id);

/* Removes the regular file `name`, if it is still that one. Blocks on the file system. */
void haul_tree_remove(const struct haul_tree *tree, const char *name,
                      const struct haul_file_id *id);

/* Bytes that may still be written where the open file or directory is, as the file system says;
 * INT64_MAX if it does not. */
int64_t haul_tree_space(int fd);

/*
 * The reason that stands for the errno of a file operation: disk-full (ENOSPC, EDQUOT), permission,
 * name-too-long, too-large (EFBIG), no-resource (no descriptor), no-memory, or file-error.
 */
enum haul_reason haul_tree_reason(int error);

#endif
