#ifndef HAUL_BASE_SANDBOX_H
#define HAUL_BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"

/*
 * A sandbox: what a process may do with files from some moment on, as the kernel's Landlock holds
 * it to. It holds for the thread that enters it and for all that this one makes later, not for
 * others that are there; it is never left. What is open keeps its rights; so do names that were
 * looked up to be made or removed only as far as a rule says.
 *
 * Inside no file with a name is executed, no device takes an ioctl(2), no TCP port can be chosen,
 * and neither signals nor abstract sockets lead out: all as far as the kernel's version has it. Not
 * restricted are looking whether a file is there (stat, access), connecting, and what a file is:
 * its mode, owner and attributes. That, and what has no file, is for base/callfilter.h.
 *
 * This is the mechanism. Which files a run needs is for others to say (engine/confine.h).
 */

/* What a rule allows, ORed; for a directory also in all that is below it, on whatever mount. */
enum haul_sandbox_right {
    HAUL_SANDBOX_READ = 1,   /* files and lists of directories */
    HAUL_SANDBOX_WRITE = 2,  /* files that are there: change, cut */
    HAUL_SANDBOX_MAKE = 4,   /* regular files; without WRITE, only by giving one another name */
    HAUL_SANDBOX_REMOVE = 8, /* files; renaming takes MAKE and REMOVE */
    HAUL_SANDBOX_MAKE_DIR = 16,
    HAUL_SANDBOX_MOVE = 32 /* files into other directories, which needs version 2 */
};

struct haul_sandbox_rule {
    char *path;      /* the rules'; or NULL: `fd` */
    int fd;          /* the caller's, open until the sandbox was entered; or -1: `path` */
    unsigned rights; /* haul_sandbox_right; those of directories mean nothing for other files */
    bool is_needed;  /* without it the process cannot do its work: then the sandbox is not entered.
                        Otherwise what is not there, or cannot be looked up, is left out */
};

/* Zeroed, it has no rule. One thread. */
struct haul_sandbox_rules {
    struct haul_sandbox_rule *item;
    size_t count, capacity;
    bool reads_all; /* reading is not restricted */
    bool binds;     /* connections may come from an address that is chosen, at a port that is not */
    bool connects;  /* local sockets are needed (base/callfilter.h) */
    enum haul_err err; /* sticky: HAUL_ERR_NOMEM, a rule is missing */
};

/* Add a rule; the path is copied. */
void haul_sandbox_rules_add(struct haul_sandbox_rules *rules, const char *path, unsigned rights,
                            bool is_needed);
void haul_sandbox_rules_add_fd(struct haul_sandbox_rules *rules, int fd, unsigned rights);

/* Frees what is in them. */
void haul_sandbox_rules_done(struct haul_sandbox_rules *rules);

/* What is asked of a kernel: masks of base/landlock.h. */
struct haul_sandbox_masks {
    uint64_t fs, net, scoped;
    bool is_enough; /* false: the version cannot do what the rules need */
};

/* The masks for a version of the interface, 1 or more. A later one than haul knows is as the last
 * that it knows. Pure. */
struct haul_sandbox_masks haul_sandbox_masks(const struct haul_sandbox_rules *rules, int version);

/* What a rule becomes there: for a directory, or for another file. Pure. */
uint64_t haul_sandbox_access(unsigned rights, bool is_directory,
                             const struct haul_sandbox_masks *masks);

/* The version of the interface that this kernel has, from 1; 0: none, and errno says why. Where
 * system calls are filtered, it forks, so call it before the first thread; that child has neither
 * a core file nor memory that can be read, and what SIGCHLD is set to does not matter. */
int haul_sandbox_version(void);

/* "Landlock ABI 7"; or, and then it is false, why there is none. As haul_sandbox_version. */
bool haul_sandbox_describe(struct haul_buf *text);

/*
 * Enters it, with no more than `version` has, after haul_sandbox_harden: the kernel wants to know
 * that no privileges will be gained. On failure nothing is restricted, and `message` gets why, one
 * line without newline.
 *
 * HAUL_ERR_RANGE: the version is not enough; HAUL_ERR_IO: the path of a needed rule;
 * HAUL_ERR_SYSTEM: the kernel refuses it; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_sandbox_enter(const struct haul_sandbox_rules *rules, int version,
                                               struct haul_buf *message);

/*
 * Gives up what Landlock has no word for: capabilities (base/privilege.h), and then system calls,
 * for those that change capabilities are among them (base/callfilter.h, with `connects`). They are
 * filtered also where capabilities stay: *filters says whether they are. After
 * haul_sandbox_harden, with Landlock or without. Where a filter of somebody else's might kill for
 * it, a child goes first. HAUL_ERR_SYSTEM: `message` says what could not be given up, with "; "
 * between; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_sandbox_give_up(bool connects, bool *filters,
                                                 struct haul_buf *message);

/*
 * Has a child do both, with no rule, and so learns before anything is done whether it can be done:
 * a process may be in so many sandboxes that there is no further one, or in a filter that refuses
 * what is asked of the kernel for it. Errors and `message` as for those. It forks, so call it
 * before the first thread; nothing is restricted.
 */
HAUL_MUST_USE enum haul_err haul_sandbox_try(int version, struct haul_buf *message);

/*
 * What needs no Landlock, for the whole process and for good: no program that is started gains
 * privileges, whatever its file says; other processes of the user cannot read its memory or trace
 * it; no core file is written.
 */
void haul_sandbox_harden(void);

#endif
