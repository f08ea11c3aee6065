#include <stdlib.h>

#include "input/walk_inside.h"

/*
 * A document that is fetched may say what was sent for it: a page that shows the fields of its
 * request is read as a text sitemap. So it is looked for in all that it names, and in all that is
 * told of it. That of the documents which have led to it is among what was sent for it
 * (transfer/hide.c), for servers remember. What no credential belongs to costs nothing.
 */

enum {
    SENT_BYTES_MAX = 16 << 20, /* of all documents */
    SENT_COUNT_MAX = 500,      /* of one: each is looked for in each of its millions of lines */
    SENT_LOOKED_AT_MAX = 16    /* of those before, for one that is the same: most are */
};

struct haul_walk_sent {
    struct haul_walk_sent *before;
    struct haul_redactor_secrets secrets;
    size_t bytes; /* of this one and all before it */
};

/* For a document of which it is not known, or too much. */
static const struct haul_redactor_secrets everything = {.are_too_many = true};

static const struct haul_redactor_secrets *find_sent(const struct haul_walk *walk,
                                                     const struct haul_redactor_secrets *sent)
{
    const struct haul_walk_sent *at = walk->last_sent;

    for (int i = 0; at && i < SENT_LOOKED_AT_MAX; i++, at = at->before)
        if (haul_redactor_secrets_are_same(&at->secrets, sent))
            return &at->secrets;
    return NULL;
}

static const struct haul_redactor_secrets *add_sent(struct haul_walk *walk,
                                                    struct haul_redactor_secrets *sent)
{
    size_t before = walk->last_sent ? walk->last_sent->bytes : 0;
    struct haul_walk_sent *added =
        sent->values.cap <= SENT_BYTES_MAX - before ? malloc(sizeof *added) : NULL;

    if (!added)
        return &everything;
    added->before = walk->last_sent;
    added->bytes = before + sent->values.cap;
    haul_redactor_secrets_move(&added->secrets, sent);
    walk->last_sent = added;
    return &added->secrets;
}

const struct haul_redactor_secrets *haul_walk_keep_sent(struct haul_walk *walk,
                                                        struct haul_redactor_secrets *sent)
{
    const struct haul_redactor_secrets *kept = NULL;

    if (sent->values.err || sent->are_too_many || sent->count > SENT_COUNT_MAX)
        kept = &everything;
    else if (!haul_redactor_secrets_are_none(sent))
        kept = find_sent(walk, sent);
    if (!kept && !haul_redactor_secrets_are_none(sent))
        kept = add_sent(walk, sent);
    haul_redactor_secrets_done(sent);
    haul_redactor_secrets_init(sent);
    return kept;
}

void haul_walk_free_sent(struct haul_walk *walk)
{
    struct haul_walk_sent *sent;

    while ((sent = walk->last_sent)) {
        walk->last_sent = sent->before;
        haul_redactor_secrets_done(&sent->secrets);
        free(sent);
    }
}

bool haul_walk_gives_host_back(const struct haul_walk *walk, const struct haul_url *url)
{
    return haul_redactor_secrets_are_in_host(walk->sent, url->host) &&
           !haul_site_has(&walk->site, url->host) && !haul_site_has(&walk->moved, url->host) &&
           !haul_site_has(&walk->lent, url->host);
}

void haul_walk_hide_words(const struct haul_walk *walk, struct haul_buf *words)
{
    struct haul_buf shown;

    if (!words->len || !walk->sent)
        return;
    haul_buf_init(&shown, 0);
    haul_redactor_apply_all(walk->env.redactor, walk->sent, words->data, words->len, &shown);
    haul_buf_clear(words);
    if (shown.err)
        haul_buf_add_str(words, "out of memory: what is to be told of a sitemap is left out");
    else
        haul_buf_add(words, shown.data, shown.len);
    haul_buf_done(&shown);
}
