#ifndef HAUL_INPUT_WALK_H
#define HAUL_INPUT_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/opener.h"
#include "haul/config.h"
#include "haul/err.h"
#include "input/lines.h"
#include "input/url.h"
#include "input/walk_fetch.h"
#include "model/redactor.h"

/*
 * A walk through sitemaps: from one that is named to all that its indexes name, one after the other
 * and depth first, as one stream of entries. An index stays open while what it names is read, so
 * that no list of sitemaps is ever held; what is held is bounded by the depth.
 *
 * What makes a tree of sitemaps endless ends it, loudly: levels, sitemaps, bytes of each
 * (haul/config.h), and one that is reached from itself. One that is named again is read once.
 *
 * The protocol has each sitemap speak for one host only. So, if the walk began in the network, what
 * is on another host is no entry to be fetched (reason OTHER_HOST), and no sitemap to be read. What
 * hosts count are those of the document that the user named, before and after redirects; and while
 * a sitemap on one of these is read that robots.txt names, that to which a redirect of it leads.
 *
 * But robots.txt proves, for its own hosts, that a sitemap which it names elsewhere speaks for them
 * (sitemaps.org, "Sitemaps & Cross Submits"). So that is read, and gives entries of the hosts of
 * robots.txt, and of no other: not of the one that it is on. If it is an index, it may name
 * sitemaps on the host that it is on, before and after redirects, besides those of robots.txt, and
 * the same holds for them.
 *
 * Who may name a host is one thing, and what the user's own goes there another: only he can say
 * that. He has said it of what he names, of what a local file of his names, and of where a redirect
 * of these very documents leads. What robots.txt or a redirect of what that names have led to is
 * asked for as by a stranger, sitemaps and pages (enum haul_named_by, model/job.h). A local file
 * may name any host, and so may the sitemaps that it leads to, but with the same difference.
 *
 * What a document from the network gives back of what was sent for it, or for those that have led
 * to it, is hidden: in messages here, in its name and the names of what it names, and in its
 * entries by whoever shows them (`given`). They are asked for as they are, but for one that gives
 * it back as a host which is not one of these: OTHER_HOST.
 *
 * With --sitemap-any-host every sitemap may name any host, and what is his goes there, but for the
 * login that a netrc file has for hosts that it does not name.
 */
struct haul_walk;

/* All of it is the caller's and outlives the walk. */
struct haul_walk_env {
    const struct haul_config *config;
    const struct haul_redactor *redactor; /* or NULL */
    haul_walk_fetch_fn *fetch;
    void *arg;
};

/* Makes a walk that is nowhere. On success *out is the caller's. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_walk_create(const struct haul_walk_env *env,
                                             struct haul_walk **out);

/* Frees it and the names in the entries it gave: after the last user of them. NULL is fine. */
void haul_walk_free(struct haul_walk *walk);

/* Gives it who opens what this process may not, as haul_list_use_opener does. */
void haul_walk_use_opener(struct haul_walk *walk, const struct haul_opener *opener);

/*
 * Sets out from `source`, of kind SITEMAP or ROBOTS. Nothing is opened or fetched yet. Where a file
 * can keep its reader waiting (a pipe), `wake_fd` ends the wait by being readable.
 */
void haul_walk_begin(struct haul_walk *walk, const struct haul_source *source, int wake_fd);

/*
 * Gives the next entry. Its `source` is the name of the sitemap that it stands in, without userinfo
 * and redacted, and lives as long as the walk, as its `given` does; `line` is a line there; `text`
 * and `attached` are valid until the next call.
 *
 * One thread. Blocks while something is fetched or a pipe has nothing to give.
 *
 * HAUL_OK: `out` is filled. HAUL_ERR_END: this was all. HAUL_ERR_IO: some sitemap could not be read
 * or read on, haul_walk_message says why; the next call goes on with the others. HAUL_ERR_AGAIN:
 * some sitemap was read to its end and gave no entry, haul_walk_message says so; the next call goes
 * on. HAUL_ERR_CLOSED:
 * the run is being stopped, and the walk is given up. HAUL_ERR_NOMEM: the same.
 */
HAUL_MUST_USE enum haul_err haul_walk_next(struct haul_walk *walk, struct haul_list_entry *out);

/*
 * After HAUL_ERR_AGAIN: which sitemap gave nothing, as one line without newline, not escaped; the
 * first 100 of a source are told, and then how many more there were.
 * After HAUL_ERR_IO: what failed, as one line without newline that names sitemap, line and cause;
 * names in it are not escaped. "" once a source has had 100 such failures: the last one tells how
 * many more there were. Valid until the next call.
 */
const char *haul_walk_message(const struct haul_walk *walk);

/*
 * After haul_walk_next, whatever it has returned (HAUL_ERR_AGAIN for it alone, and then the message
 * is ""): what was wrong in a sitemap that was read all the same, as haul_walk_message; the first
 * 100 of a source are told, and as many in which something was passed over; of these also how many
 * more there were. Otherwise "". Valid until the next call.
 */
const char *haul_walk_warning(const struct haul_walk *walk);

/* Whether that is of something that was passed over: what a sitemap names, and no entry was. */
bool haul_walk_has_lost(const struct haul_walk *walk);

#endif
