#ifndef HAUL_SINK_GUARD_H
#define HAUL_SINK_GUARD_H

#include "haul/err.h"
#include "haul/record.h"
#include "sink/tree.h"

/*
 * The files that no body may take the place of: those of the run itself (model/run_files.h), which
 * may lie in the directory where bodies are saved.
 *
 * A file is known by its place, a directory (device and inode) and a name in it: so it is protected
 * while it is not there yet, and by whatever path the directory is reached. Where that is not
 * enough, because the file has several names or its file system does not tell cases apart, it is
 * known by its own device and inode, too.
 *
 * To ask costs a look into a table for each part of a name, and the system only if a part is called
 * as one of the files is, or as one of a row would be. Nothing changes after the last one is added:
 * then any thread may ask.
 */
struct haul_guard;

/* Makes one that protects nothing in `tree`, which must outlive it. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_guard_create(const struct haul_tree *tree,
                                              struct haul_guard **out);
void haul_guard_free(struct haul_guard *guard);

/*
 * Protects the file at `path`, there or not, and where a symbolic link at its end leads. What has
 * no place (its directory is not there, or it is no regular file and has no name) is left out.
 * HAUL_ERR_NOMEM. Blocks on the file system.
 */
HAUL_MUST_USE enum haul_err haul_guard_add(struct haul_guard *guard, const char *path);

/*
 * Protects the row of files that a web archive is (model/warc_row.h): each that is there, in the
 * same way, and the names of all that may come later. One row at most; the same errors.
 */
HAUL_MUST_USE enum haul_err haul_guard_add_row(struct haul_guard *guard, const char *prefix);

/*
 * Whether a body may get `name`, relative to the tree: NONE; BAD_NAME, if that or a directory on
 * the way is a protected file's; or why it cannot be told (haul_tree_reason).
 */
enum haul_reason haul_guard_check(const struct haul_guard *guard, const char *name);

/* The same for the name `last` in a directory that is open. */
enum haul_reason haul_guard_check_at(const struct haul_guard *guard, int dir_fd, const char *last);

#endif
