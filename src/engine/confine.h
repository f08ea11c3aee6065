#ifndef HAUL_ENGINE_CONFINE_H
#define HAUL_ENGINE_CONFINE_H

#include "base/newfile.h"
#include "base/opener.h"
#include "base/sandbox.h"
#include "model/config_rules.h"

/*
 * The sandbox of haul (base/sandbox.h): which files a configuration needs, and when it is entered.
 *
 * A run enters it when all is open and no thread is there yet (batch.c). What it still does by name
 * is to save below DIR, to begin the next file of --warc or --tar, and what libraries do: SQLite,
 * beside the history and in the temporary directory; the C library, libcurl and OpenSSL, which read
 * what they are set up with. Nothing else is left to whoever should take over a worker: the
 * journal, archives and whatever else is written to was opened before.
 *
 * For two things a process stays outside, which knows from the start what it may be asked: to open
 * the lists that were named (base/opener.h), and to give reports their names or take them away
 * (base/publisher.h). A rule for that would be one for the whole directory of a report and all
 * below it; with this, nothing can be done there but to write a report and to have it published.
 *
 * A rule is for a directory and all below it. Where SQLite has its log beside the history already,
 * names may be made and removed in that directory, but files not written: so files can be lost, and
 * can get others' names, also what is written to, such as a report in that directory. In those of
 * --warc, --tar, of other histories and for temporary files they can be written, too.
 *
 * With it go capabilities (base/privilege.h) and system calls (base/callfilter.h), for Landlock
 * alone does not hold root. Each is given up whatever becomes of the others; "require" wants all.
 *
 * The other verbs enter it before they read anything, and then open their outputs inside.
 */

/*
 * What --sandbox says is looked at before anything is opened: if it is required, a child tries to
 * enter one, and to give up the rest. HAUL_ERR_USAGE, with one line in `message`: it is required,
 * and the kernel has none, or no filter of system calls; HAUL_ERR_SYSTEM, with one: it cannot be
 * entered. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_confine_check(const struct haul_config *config,
                                               struct haul_buf *message);

/*
 * Files that a run has open under temporary names, and who gives them theirs once it is inside: 0,
 * if nobody needs to; the caller's, for haul_publisher_wait.
 */
struct haul_confine_reports {
    struct haul_newfile **file; /* the caller's */
    size_t count;
    pid_t publisher; /* set by entering */
};

/*
 * Enters it, unless it is off, and hides the memory of the process, which may hold passwords from
 * the configuration or from any line of a list. `dir_fd`: the directory of --dir, or -1. Once, on
 * the only thread. *opener, unless that is NULL, is who opens lists and sitemaps from then on, the
 * caller's to be freed; or NULL: nobody needs to. `reports`, or NULL: a verb that has none open.
 * `message` may get one line without newline, also
 * on success: with --verbose what was entered, or why nothing was. Names in it are not escaped.
 *
 * Where it is not required, a sandbox that cannot be had, or would keep the run from doing its
 * work, is left away, and that is HAUL_OK. HAUL_ERR_SYSTEM, HAUL_ERR_USAGE, HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_confine_enter(const struct haul_config *config,
                                               enum haul_verb verb, int dir_fd,
                                               struct haul_opener **opener,
                                               struct haul_confine_reports *reports,
                                               struct haul_buf *message);

/*
 * Both, for verbs that are no run, before they open anything; what is to be told on success is
 * said. `message` must be empty. *opener, or NULL where no list is read, and errors as above.
 */
HAUL_MUST_USE enum haul_err haul_confine_command(const struct haul_config *config,
                                                 enum haul_verb verb, struct haul_opener **opener,
                                                 struct haul_buf *message);

/* The rules of that sandbox, into `rules`, which has none. Looks at files, changes nothing. */
void haul_confine_plan(const struct haul_config *config, enum haul_verb verb, int dir_fd,
                       struct haul_sandbox_rules *rules);

#endif
