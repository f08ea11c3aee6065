#ifndef HAUL_INPUT_WALK_INSIDE_H
#define HAUL_INPUT_WALK_INSIDE_H

#include "base/keyset.h"
#include "input/robots.h"
#include "input/site.h"
#include "input/sitemap_file.h"
#include "input/trims.h"
#include "input/walk.h"

/* What the parts of a walk share: walk.c goes from one sitemap to the next, walk_robots.c reads
 * robots.txt, walk_get.c is what both get documents with and fail by, and walk_sent.c hides what
 * these give back of what was sent for them. */

enum { HAUL_WALK_FAULTS_SHOWN_MAX = 100 };

struct haul_walk_name {
    struct haul_walk_name *before;
    char text[];
};

struct haul_walk_sent;

struct haul_walk {
    struct haul_walk_env env;
    struct haul_url_parser *urls;
    struct haul_walk_name
        *last_name;     /* of a sitemap; entries have them, so they live as long as the walk */
    size_t names_bytes; /* of all of them */
    struct haul_walk_sent *last_sent;         /* entries have them, too */
    const struct haul_redactor_secrets *sent; /* for the document at hand; or NULL */
    struct haul_buf message;
    struct haul_buf warning;
    struct haul_buf cause;

    /* of the source */
    const struct haul_source *source; /* not yet begun, or NULL */
    const struct haul_opener *opener; /* or NULL */
    int wake_fd;
    /* the last is read, the others are its indexes */
    struct haul_sitemap_file *open[HAUL_SITEMAP_DEPTH_LIMIT];
    int depth;
    int count;       /* sitemaps begun */
    uint64_t faults; /* told or not */
    uint64_t empty;  /* sitemaps that gave nothing, told or not */
    uint64_t warned; /* sitemaps with slips that lost nothing, the same */
    uint64_t lossy;  /* those that lost something */
    bool has_lost;   /* the warning is of one of these */
    bool gave_up;    /* too many sitemaps, and that was said */
    bool from_network;
    struct haul_site site;     /* hosts of what the user has named: the source itself, or what a
                                  file of his names and is read now */
    struct haul_site moved;    /* others, to which one leads that robots.txt names on the site and
                                  that is read now; they may be named as those of the site */
    struct haul_site lent;     /* others, of one that robots.txt names elsewhere and that is read
                                  now; their sitemaps may be named */
    struct haul_keyset *begun; /* keys of the sitemaps begun; NULL: of none yet */
    struct haul_buf robots_text;
    struct haul_robots robots;                       /* what is left of it */
    const char *robots_name;                         /* or NULL: none is read */
    const struct haul_redactor_secrets *robots_sent; /* for it, or NULL */
    struct haul_buf robots_url;                      /* after redirects */
    struct haul_buf robots_named;                    /* what it named last, if that was relative */
    struct haul_trims robots_trims;

    /* of the entry that was given last */
    struct haul_entry_options options;
    struct haul_attached lastmod;
};

/* ---- walk_get.c ---- */

/*
 * Makes the message of a failure: name, line (0: none), cause and effect. HAUL_ERR_IO. Of more than
 * 100 it is empty.
 */
enum haul_err haul_walk_fail(struct haul_walk *walk, const char *name, uint64_t line,
                             const char *cause, const char *effect);

/* The same for something that the system refused with `error` (errno). */
enum haul_err haul_walk_fail_system(struct haul_walk *walk, const char *name, const char *what,
                                    int error);

/* Whether the document of a walk may name what is on the URL's host. */
bool haul_walk_may_name(const struct haul_walk *walk, const struct haul_url *url);

/* Whether the document is a file of the user: what it names, he has named. */
bool haul_walk_is_in_file(const struct haul_walk *walk);

/* Who has named the URL's host, if the document names what is there. */
enum haul_named_by haul_walk_named_by(const struct haul_walk *walk, const struct haul_url *url);

/* Adds a host to one of the walk's sites, unless that or the user's has it. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_walk_add_host(const struct haul_walk *walk, struct haul_site *site,
                                               const char *host);

/* The URL as people may see it, which the document at hand names; the walk's. NULL: no memory, or
 * too many names. */
const char *haul_walk_keep_name(struct haul_walk *walk, const struct haul_url *url);

/*
 * Fetches a document, which is the one at hand from then on; the host to which a redirect has led
 * is of `site`, unless that is NULL. HAUL_OK: answer->fd is the caller's. In any case
 * answer->effective is, to be freed. On failure there is a message, unless it is of memory or of
 * the run's end. The URL of the request is no longer valid.
 */
HAUL_MUST_USE enum haul_err haul_walk_get(struct haul_walk *walk,
                                          const struct haul_walk_request *request, const char *name,
                                          struct haul_site *site, struct haul_walk_answer *answer);

/* ---- walk_sent.c ---- */

/* Takes what was sent for a document, and leaves `sent` empty. The walk's; NULL: that was nothing.
 * Without memory, and of more than 500, it is a set that hides all texts. */
const struct haul_redactor_secrets *haul_walk_keep_sent(struct haul_walk *walk,
                                                        struct haul_redactor_secrets *sent);
void haul_walk_free_sent(struct haul_walk *walk);

/* Whether the document at hand gives back what was sent for it as a host, other than those that it
 * speaks for: nobody looks that up. */
bool haul_walk_gives_host_back(const struct haul_walk *walk, const struct haul_url *url);

/* Hides in what is to be told of the document at hand what that gives back. */
void haul_walk_hide_words(const struct haul_walk *walk, struct haul_buf *words);

/* ---- walk_robots.c ---- */

/* Fetches a robots.txt. HAUL_OK: it is read from now on. As haul_walk_get. */
HAUL_MUST_USE enum haul_err haul_walk_begin_robots(struct haul_walk *walk,
                                                   const struct haul_url *url);

/* The next sitemap that it names, as an entry whose text is the walk's. END: it names no more.
 * HAUL_ERR_IO: it names none at all; HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_walk_next_of_robots(struct haul_walk *walk,
                                                     struct haul_list_entry *entry);

#endif
