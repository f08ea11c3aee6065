#ifndef HAUL_MODEL_ASKED_H
#define HAUL_MODEL_ASKED_H

#include "base/buf.h"
#include "model/redactor.h"

/* A URL that can serve an entry of a list: its own, or another one that serves the same thing. */
struct haul_mirror {
    const char *url;      /* what to fetch: absolute, without userinfo, no fragment */
    const char *origin;   /* scheme://host:port */
    const char *user;     /* userinfo of this URL, percent-decoded, or NULL */
    const char *password; /* or NULL */
};

/*
 * What servers are asked in the life of one entry of a list, over all of its attempts: each of its
 * URLs, and each that a redirect has led to. The next server, or the next answer, may give back
 * what any of them holds. All of it is the caller's.
 */
struct haul_asked {
    const char *url;                   /* as it is; or NULL, and then nothing was asked */
    const struct haul_mirror *mirrors; /* after it; or NULL */
    size_t mirror_count;
    const struct haul_buf *hops; /* URLs of redirects, each with its NUL; or NULL. With an error,
                                    some are not known any more */
};

/*
 * Adds to the secrets what the redactor (or NULL: nothing) hides in any of these URLs. Where hops
 * are not known, everything becomes a secret. Any thread.
 */
void haul_asked_learn(const struct haul_asked *asked, const struct haul_redactor *redactor,
                      struct haul_redactor_secrets *secrets);

/* Adds a URL to such hops, if it is not among them and the redactor (or NULL: none) hides something
 * in it. `room` is for the call, and keeps its memory. Failure is the sticky error of `hops`. */
void haul_asked_note(struct haul_buf *hops, const struct haul_redactor *redactor, const char *url,
                     struct haul_buf *room);

#endif
