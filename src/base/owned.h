#ifndef HAUL_BASE_OWNED_H
#define HAUL_BASE_OWNED_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/owned_place.h"

/*
 * What stands under a name in a directory that others may write to (/tmp, /dev/shm) may have been
 * put there by them: a link that leads to a file of the user's, a FIFO that keeps haul waiting or
 * hands over what it writes, an empty file that they will read. The rules for all that haul opens
 * under a name that it did not make itself:
 *
 * - What is written to in place is a regular file with one name, and no link leads to it.
 *   Where a stream makes sense, it may be a character device or a FIFO.
 * - It is this user's or root's, or it is where not anybody can have put it. The table says so for
 *   each case; D is the directory in which it stands, and it goes for root and for others alike:
 *
 *     who may write to D:    its owner   and a group   and a group, +t   anybody
 *     owner of the file
 *     this user, or root     used        used          used              used
 *     D's owner              used        used          used              refused
 *     another                used        used          if alike          refused
 *
 *   D's owner can do anything there, whatever haul refuses; nobody else can have put something into
 *   a directory that only he may write to. Whoever has given a directory to a group trusts its
 *   members to take turns; +t says that they are not to touch what is another's. Where anybody may
 *   write, the owner of a file says who has put it there, or who has made what another one has
 *   moved there.
 *   "Alike" is a directory in which a file that is made now gets that owner, too: some file systems
 *   have one owner for all (NFS with root_squash, CIFS, vfat, 9p), and he says nothing then. That
 *   is tried by making one.
 * - FIFOs, devices and symbolic links of others are used only where things are alike, for they lead
 *   elsewhere. /dev/null is used whoever's it is.
 * - As root it is told when such a file is used (haul_owned_add_notice), for root is asked for more
 *   often than anybody to write into a directory of somebody else's.
 * - Nothing is opened in a way that waits (for the other end of a FIFO) before it is known whose it
 *   is, and that it is not another one than the one that was looked at.
 * - A symbolic link that is followed at all, at the end of a name, is by the same rule; one on the
 *   way is none that anybody can have put there.
 *
 * What appears under its name with rename(2) follows nothing, and needs no rule (base/newfile.h).
 * The directories on the way are trusted: who may rename them can do anything.
 *
 * Any thread. All but haul_owned_is_by, _judge, _place_by and _trust_of block on the file system.
 * owned.c has the rule and opens; owned_place.h knows directories; owned_notice.c finds the words;
 * owned_lock.c locks.
 */

enum haul_owned_use {
    HAUL_OWNED_FILE,  /* regular files */
    HAUL_OWNED_STREAM /* and character devices and FIFOs */
};

/* What the rule for things written in place says to a file's status, for a user, where anybody may
 * have put it. */
enum haul_owned haul_owned_judge(const struct stat *info, uid_t user, enum haul_owned_use use);

/* ---- opening ---- */

/*
 * What the rule says to what stands under a name, itself and not where it may lead, for this
 * process's user, with what the table says of the owner.
 * Returns 0; or -1 with errno if there is nothing, or it cannot be seen.
 */
int haul_owned_look(const char *path, enum haul_owned_use use, struct haul_owned_found *found);

/* The same of what was opened under that name, or was seen there, by its status. */
void haul_owned_look_at(const char *path, const struct stat *info, enum haul_owned_use use,
                        struct haul_owned_found *found);

/*
 * Appends why something was refused, as the end of a message that begins with its name; with what
 * helps.
 */
void haul_owned_add_cause(struct haul_buf *message, const struct haul_owned_found *found);

/* How something is opened in place. */
struct haul_owned_how {
    int flags;               /* O_RDWR, O_APPEND and the like; not O_CREAT */
    bool creates;            /* if nothing is there */
    mode_t mode;             /* of what is created, before the umask */
    enum haul_owned_use use; /* what will do */
};

/*
 * Opens it, without waiting for anybody; the descriptor, which is the caller's, does not block
 * (O_NONBLOCK). -1: with *found.verdict HAUL_OWNED_OK errno says why; otherwise what is there is
 * not used, and errno is EPERM.
 */
int haul_owned_open(const char *path, const struct haul_owned_how *how,
                    struct haul_owned_found *found);

/*
 * Opens what is to be read whole before anything begins (a configuration, a password, sums): a
 * regular file, whoever's it is; a character device, as /dev/null; or the name of a descriptor that
 * this process has been given (/dev/stdin, /dev/fd/N), whatever that is. A FIFO with a name of its
 * own is refused (HAUL_OWNED_KIND), for it may never deliver. Links are followed. Returns the
 * descriptor, the caller's, and its status in *info; or -1, as above.
 */
int haul_owned_open_input(const char *path, struct stat *info, struct haul_owned_found *found);

/* Whether what a path leads to, of which that is the status, is something of that kind; for files
 * that others than haul open. */
bool haul_owned_is_input(const char *path, const struct stat *info);

/*
 * Opens what is there to be written to as a stream: the name of a descriptor that this process has
 * been given, whatever that is, or a character device or FIFO, by the rule above. Links are
 * followed. A FIFO that nobody reads is waited for once it is known to be this user's or root's;
 * a signal that has its default effect ends that. Returns the descriptor, which is the caller's and
 * blocks; or -1, as above.
 */
int haul_owned_open_stream(const char *path, struct haul_owned_found *found);

/*
 * Whether a name means a descriptor that this process has been given: /dev/stdin, /dev/stdout,
 * /dev/stderr, /dev/fd/N, /proc/self/fd/N. No others: there are more links below /dev, and anybody
 * may put some into /dev/shm.
 */
bool haul_owned_is_descriptor(const char *path);

/* What is said of a file in a directory that is open. */
extern const char haul_owned_replaceable[];

/* Appends a line (haul_message_next) that says so of `path`, not escaped, if it is in one. */
void haul_owned_add_warning(struct haul_buf *message, const char *path);

/* Appends a line if root writes to what is another user's under that name; or if what was made
 * there belongs to another user at once, so that it will be refused the next time. */
void haul_owned_add_notice(struct haul_buf *message, const char *path);

/* ---- locks ---- */

enum haul_owned_lock {
    HAUL_OWNED_LOCK_TAKEN,
    HAUL_OWNED_LOCK_PASSED, /* by somebody who may only read the file, which is no run of haul's */
    HAUL_OWNED_LOCK_BUSY,   /* another run has it */
    HAUL_OWNED_LOCK_FAILED  /* errno says why; some file systems know no locks */
};

/*
 * Locks a file that is open for reading and writing until it is closed, or the process ends.
 * Whoever may read a file may hold flock(2) on it for ever; so a run also holds a write lock on one
 * byte (F_OFD_SETLK, far behind any end), which takes the right to write. BUSY: a run has that;
 * *holder is its process, or 0 if that is not known. PASSED: only flock(2) is held, by somebody who
 * is no run; the file may be used, and other runs find it locked all the same, unless that somebody
 * reads and locks the one byte as well.
 */
enum haul_owned_lock haul_owned_lock(int fd, long *holder);

/*
 * The one byte alone, for files on which other locks are SQLite's business (on NFS, flock(2) is a
 * lock on all bytes). PASSED: somebody who may only read the file has locked the byte for reading;
 * then nothing is locked, and two runs would not see each other.
 */
enum haul_owned_lock haul_owned_lock_byte(int fd, long *holder);

/* Waits until no run has that byte. -1 with errno if that cannot be known. */
int haul_owned_await_byte(int fd);

/* What is told where a lock was PASSED, as the end of a message that begins with the file's name.
 * Static. */
extern const char haul_owned_passed[];

#endif
