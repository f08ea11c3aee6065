#ifndef HAUL_BASE_OWNED_H
#define HAUL_BASE_OWNED_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * What stands under a name in a directory that others may write to (/tmp, /dev/shm) may have been
 * put there by them: a link that leads to a file of the user's, a FIFO that keeps haul waiting or
 * hands over what it writes, an empty file that they will read. The rules for all that haul opens
 * under a name that it did not make itself:
 *
 * - What is written to in place is a regular file with one name, of this user or of root, and no
 *   symbolic link leads to it. Where a stream makes sense, it may be a character device or a FIFO,
 *   of this user or of root.
 * - What a run as root takes from another user is refused by that same rule, for root is asked for
 *   more often than anybody to write into a directory of somebody else's.
 * - Nothing is opened in a way that waits (for the other end of a FIFO) before it is known whose it
 *   is, and that it is not another one than the one that was looked at.
 * - A symbolic link that is followed at all, at the end of a name, is this user's or root's.
 *
 * What appears under its name with rename(2) follows nothing, and needs no rule (base/newfile.h).
 * The directories on the way are trusted: who may rename them can do anything.
 *
 * Any thread. All but haul_owned_judge and haul_owned_add_cause block on the file system.
 */

enum haul_owned {
    HAUL_OWNED_OK,
    HAUL_OWNED_SYMLINK, /* a symbolic link */
    HAUL_OWNED_KIND,    /* neither a regular file nor what else would do */
    HAUL_OWNED_OTHERS,  /* it belongs to neither this user nor root */
    HAUL_OWNED_LINKED,  /* it has other names, too */
    HAUL_OWNED_EXPOSED  /* anybody may write to it */
};

enum haul_owned_use {
    HAUL_OWNED_FILE,  /* regular files */
    HAUL_OWNED_STREAM /* and character devices and FIFOs */
};

/* What was found under a name. */
struct haul_owned_found {
    enum haul_owned verdict;
    uid_t owner; /* with HAUL_OWNED_OTHERS */
    bool is_new; /* it was made just now */
};

/* Whether something belongs to a user, or to root. */
bool haul_owned_is_by(const struct stat *info, uid_t user);

/* What the rule for things written in place says to a file's status, for a user. */
enum haul_owned haul_owned_judge(const struct stat *info, uid_t user, enum haul_owned_use use);

/*
 * The same for what stands under a name, itself and not where it may lead, for this process's user.
 * Returns 0; or -1 with errno if there is nothing, or it cannot be seen.
 */
int haul_owned_look(const char *path, enum haul_owned_use use, struct haul_owned_found *found);

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

/*
 * Whether the last part of `path`, if that is a symbolic link, is one of this user's or root's.
 * Slashes behind it do not hide it. What is no link, or not there, may be followed.
 */
bool haul_owned_may_follow(const char *path, struct haul_owned_found *found);

/* Whether rename(2) may put another file in the place of what has that status. */
bool haul_owned_may_replace(const char *path, const struct stat *info);

/* Who may put things into the directory in which a name stands. */
enum haul_owned_directory {
    HAUL_OWNED_DIRECTORY_CLOSED, /* not anybody, or it is not there */
    HAUL_OWNED_DIRECTORY_SHARED, /* anybody, but nobody can replace what is another's (sticky) */
    HAUL_OWNED_DIRECTORY_OPEN    /* anybody can replace everything */
};
enum haul_owned_directory haul_owned_directory_of(const char *path);

/* What is said of a file in a directory that is open. */
extern const char haul_owned_replaceable[];

/* Appends a line (haul_message_next) that says so of `path`, not escaped, if it is in one. */
void haul_owned_add_warning(struct haul_buf *message, const char *path);

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

/* What is told where a lock was PASSED, as the end of a message that begins with the file's name.
 * Static. */
extern const char haul_owned_passed[];

#endif
