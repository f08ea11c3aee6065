#ifndef HAUL_INPUT_INPUT_H
#define HAUL_INPUT_INPUT_H

#include "base/buf.h"
#include "haul/config.h"
#include "haul/err.h"
#include "input/list.h"
#include "input/nothing.h"
#include "input/url.h"
#include "input/walk.h"
#include "model/redactor.h"

/*
 * What a verb (run, dry run, report) needs to read the lists that its configuration names, put
 * together: the list, the walk through its sitemaps, the parser of its URLs, and the redactor of
 * what is shown of them.
 *
 * It is made in two steps, because a run makes its network between the two: the network needs the
 * redactor, and what fetches sitemaps needs the network. All zero is one that is closed. Made and
 * closed on the main thread; in between, each part is used as its own header says.
 */
struct haul_input {
    struct haul_redactor *redactor; /* or NULL: nothing is hidden */
    struct haul_buf root;           /* the absolute path of --dir, or empty */
    struct haul_list *list;
    struct haul_walk *walk; /* or NULL: there is no sitemap; the list's */
    struct haul_url_parser *urls;
};

/*
 * Opens the list over the sources of `config`, which must outlive it, and makes the redactor. To be
 * closed whatever is returned. Errors as haul_list_create, with a line in `message`;
 * HAUL_ERR_USAGE, with one, for a rule of --redact that is none.
 */
HAUL_MUST_USE enum haul_err haul_input_open(struct haul_input *input,
                                            const struct haul_config *config,
                                            struct haul_buf *message);

/* Whether a source is a sitemap or a robots.txt, so that there will be a walk. Pure. */
bool haul_input_has_sitemaps(const struct haul_config *config);

/* What its configuration says of inputs without a URL; none has been met yet. Pure. */
struct haul_nothing haul_input_nothing(const struct haul_config *config);

/*
 * Makes the rest, after haul_input_open and curl_global_init. `fetch` and its `arg` are the walk's
 * and not looked at without sitemaps. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_input_begin(struct haul_input *input,
                                             const struct haul_config *config,
                                             haul_walk_fetch_fn *fetch, void *arg);

/* Gives the list and the walk who opens what this process may not, as haul_list_use_opener does.
 * After haul_input_begin. */
void haul_input_use_opener(struct haul_input *input, const struct haul_opener *opener);

/* Frees all of it, begun or not: after the last user of an entry's `source`, or of the redactor. */
void haul_input_close(struct haul_input *input);

#endif
