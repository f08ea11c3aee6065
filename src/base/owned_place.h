#ifndef HAUL_BASE_OWNED_PLACE_H
#define HAUL_BASE_OWNED_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Who may have put something where it stands: what directories say, by the table in base/owned.h.
 * Any thread; what takes a path blocks on the file system.
 */

enum haul_owned {
    HAUL_OWNED_OK,
    HAUL_OWNED_SYMLINK, /* a symbolic link */
    HAUL_OWNED_KIND,    /* neither a regular file nor what else would do */
    HAUL_OWNED_OTHERS,  /* another user's, and not to be used */
    HAUL_OWNED_LINKED,  /* it has other names, too */
    HAUL_OWNED_EXPOSED  /* anybody may write to it */
};

/* Who may put something into a directory. */
enum haul_owned_access {
    HAUL_OWNED_ACCESS_PRIVATE,    /* its owner, and root */
    HAUL_OWNED_ACCESS_GROUP,      /* and a group */
    HAUL_OWNED_ACCESS_WARY_GROUP, /* the same, but no member may replace what is another's (+t) */
    HAUL_OWNED_ACCESS_ANYBODY,
    HAUL_OWNED_ACCESS_UNKNOWN /* it cannot be seen */
};

struct haul_owned_place {
    enum haul_owned_access access;
    uid_t owner; /* of the directory */
};

/* What was found under a name. */
struct haul_owned_found {
    enum haul_owned verdict;
    uid_t owner;                   /* with HAUL_OWNED_OTHERS */
    struct haul_owned_place place; /* the same */
    bool is_alike;                 /* the same: what is made beside it has that owner, too */
    bool is_new;                   /* it was made just now */
};

/* Whether something belongs to a user, or to root. */
bool haul_owned_is_by(const struct stat *info, uid_t user);

/* ---- the table ---- */

/* The place that a directory with such a status is. */
struct haul_owned_place haul_owned_place_by(const struct stat *directory);

/* The directory in which the last part of a path stands; "." parts and slashes behind it do not
 * count. */
struct haul_owned_place haul_owned_place_of(const char *path);

/* The table above. */
enum haul_owned_trust {
    HAUL_OWNED_TRUST_OWN,      /* this user's, or root's */
    HAUL_OWNED_TRUST_YES,      /* a regular file is used */
    HAUL_OWNED_TRUST_IF_ALIKE, /* if new files there have the same owner */
    HAUL_OWNED_TRUST_NO
};
enum haul_owned_trust haul_owned_trust_of(uid_t owner, const struct haul_owned_place *place,
                                          uid_t user);

/*
 * What the table says of something under a name, which has that status, for this process's user.
 * Sets found->place, and found->is_alike if that was looked for; for that a file is made beside it
 * which has no name, or a random one for a moment.
 */
bool haul_owned_may_use(const char *path, const struct stat *info, struct haul_owned_found *found);

/* The user that stands for those whom the kernel cannot name here: of outside of a user namespace,
 * or of a server (proc(5), overflowuid). */
uid_t haul_owned_overflow_user(void);

/* Whether a file that is made now beside the one of that name belongs to this user, too; for that
 * one is made, as above. */
bool haul_owned_is_alike(const char *path, uid_t owner);

/* ---- what stands there ---- */

/*
 * Whether the symbolic links among the parts of `path` may be followed, by the rules above. Neither
 * slashes nor "." behind the last part hide it. What is no link, or not there, may be followed.
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

/* The mode of a new file that only those have to open who may lock it: its owner, and the group of
 * its directory where that may write. */
mode_t haul_owned_lock_mode(const char *path);

#endif
