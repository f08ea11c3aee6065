#ifndef HAUL_SINK_PARTIAL_H
#define HAUL_SINK_PARTIAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sink/part.h"
#include "sink/tree.h"

/*
 * Temporaries: what stands in a directory while a file is saved there (sink/file.h), and what runs
 * that were killed have left.
 *
 * The temporary is called .haul-HASH-N.part, where HASH are 128 bits of the final name
 * (model/key.h), so that no list can have a file whose temporaries are another one's, and is locked
 * while it is written (base/temporary.h). So one that nobody has locked was left by a run that was
 * killed, and whoever comes to the same name again removes it, or goes on with it; two runs in one
 * directory do not disturb each other. It is created exclusively, and no symbolic link is followed.
 * Where others have put something under all such names, it is called .haul-HASH-rRANDOM.part, and
 * is not gone on with. N is 0, but for who finds that one locked. Such others are looked for where
 * one was left, and where there is a file with the final name: only if all who save a name at the
 * same time fail or are killed, they stay until it is saved for the second time.
 *
 * One that may be gone on with (struct haul_part) has a second file beside it, .haul-HASH-N.info.
 * That is written before the first byte goes to the temporary, and is removed before the temporary
 * is removed or renamed: so whenever a run is killed, what both say together is true, or one of
 * them is missing; and the second is never there alone.
 *
 * Versions that wrote "haul-part 1" had 64 bits there (base/hash.h). What they left is removed,
 * too, and is not gone on with.
 *
 * A directory is given by its descriptor, a temporary by its name in it. Any thread, as long as a
 * temporary that is not locked by the caller is only looked for. All calls block on the file
 * system.
 */
enum { HAUL_PARTIAL_NAME_MAX = 64, HAUL_PARTIAL_SLOTS = 100 /* temporaries of one name */ };

/*
 * Creates and locks a temporary for the file that is to be called `name`: the first that nobody has
 * locked; HAUL_PARTIAL_SLOTS: none of them, but a random name. Returns its descriptor, the
 * caller's, with its name, its number, whether its file system
 * knows locks, and the device of that; or -1 with errno.
 */
int haul_partial_create(int dir_fd, const char *name, char temporary[HAUL_PARTIAL_NAME_MAX],
                        int *slot, bool *is_locked, dev_t *device);

/* Removes those of a name that nobody has locked, from one slot on, as long as there are any. */
void haul_partial_sweep_from(int dir_fd, const char *name, int slot);

/*
 * Removes the temporaries that runs which are no more have left for `name`. For a name that will
 * not be written this time: haul_file_begin does it by itself.
 */
void haul_partial_sweep(const struct haul_tree *tree, const char *name);

/* The same for what versions with 64 bits have left, where these had another name for it. */
void haul_partial_sweep_old(const struct haul_tree *tree, const char *name);

/*
 * How many bytes are left of `name`, to be gone on with by asking the URL with that key
 * (haul_key_of_url), and of what (`part`); 0: none. At least one byte is always left to be asked
 * for, so that the server has to say whether the rest is still what it was. What was written before
 * the machine last started counts as far as it had been synced. Nothing is changed. Blocks on the
 * file system.
 */
int64_t haul_partial_look(const struct haul_tree *tree, const char *name,
                          const struct haul_key *url, struct haul_part *part);

/*
 * Opens and locks the first temporary of which something is left to be asked for from `url`.
 * Returns its descriptor, the caller's, with its name, what is known of it and the number of its
 * bytes (*left); or -1. One that cannot be locked is not gone on with: another run may do that.
 */
int haul_partial_find(const struct haul_tree *tree, int dir_fd, const char *name,
                      const struct haul_key *url, char temporary[HAUL_PARTIAL_NAME_MAX],
                      struct haul_part *part, int64_t *left);

/* Ties the part to the open file that was just made for it. False: it cannot be gone on with. */
bool haul_partial_bind(const struct haul_tree *tree, int dir_fd, const char *temporary, int fd,
                       struct haul_part *part);

/* Creates the second file. If that fails there is none, and the first will not be gone on with. */
void haul_partial_write_info(int dir_fd, const char *temporary, const struct haul_part *part);

/* Replaces what the second file says, and syncs it. Whether that could be done. */
bool haul_partial_rewrite_info(int dir_fd, const char *temporary, const struct haul_part *part);

/* Removes the second file, if there is one. */
void haul_partial_remove_info(int dir_fd, const char *temporary);

#endif
