#ifndef HAUL_INPUT_WALK_FETCH_H
#define HAUL_INPUT_WALK_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "input/url.h"
#include "model/job.h"
#include "model/redactor_secrets.h"

/* What a walk through sitemaps (walk.h) wants of whoever has the network. */

/* One document of the network, for haul_walk_fetch_fn. */
struct haul_walk_request {
    const struct haul_url *url; /* valid during the call; its strings are a parser's own */
    int64_t size_max;           /* of the body, bytes */
    bool may_be_cut;            /* a longer body is cut there, and fine; otherwise it is an error */
    enum haul_named_by named_by; /* its host: what of the user's goes along (model/job.h) */
    const struct haul_redactor_secrets *given; /* as a job has it */
};

struct haul_walk_answer {
    int fd;                    /* the body, from its start; the walk's, who closes it */
    bool was_cut;              /* as `may_be_cut` allowed */
    struct haul_buf effective; /* the URL after redirects, without userinfo; made and freed by the
                                  walk, to be filled */
    struct haul_redactor_secrets sent; /* what was sent for it, and it may give back; as that */
};

/*
 * Fetches a document, with all that haul asks of a good download. HAUL_OK: `answer` is filled.
 * HAUL_ERR_IO: it could not be had; `message` has been appended the cause. HAUL_ERR_CLOSED: the run
 * is being stopped. HAUL_ERR_NOMEM. On failure answer->fd is not looked at. Called by
 * haul_walk_next, may block.
 */
typedef enum haul_err haul_walk_fetch_fn(void *arg, const struct haul_walk_request *request,
                                         struct haul_walk_answer *answer, struct haul_buf *message);

#endif
