#ifndef HAUL_INPUT_SITEMAP_TREE_H
#define HAUL_INPUT_SITEMAP_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/keyset.h"
#include "base/span.h"
#include "haul/err.h"
#include "input/xmlns.h"

/*
 * What the elements of a sitemap mean: fed by a reader of XML, strict or not, with elements, their
 * ends and text, it puts entries together. It is what both readers of sitemap.h share, so that one
 * can go on where the other had to stop.
 *
 * urlset, sitemapindex, url, sitemap, loc and lastmod count in the root's namespace, in none and in
 * those of the protocol, in any letter case; urlset and sitemapindex at the root and inside each
 * other; url and sitemap in these, whichever of them; loc and lastmod in url and sitemap. A second
 * loc of an entry begins another entry, and so does a url in a url; what stands in a url or
 * sitemap without loc is its loc. Feeds: item of RSS, with its link, or guid unless that says it is
 * none, and pubDate; entry of Atom, with the link that is an alternate, and updated.
 *
 * Bounded by the numbers of sitemap.h. One thread at a time.
 */

enum haul_sitemap_form {
    HAUL_SITEMAP_PROTOCOL, /* urlset and sitemapindex */
    HAUL_SITEMAP_RSS,
    HAUL_SITEMAP_ATOM
};

/* An entry that is being put together, or is complete. */
struct haul_sitemap_draft {
    bool is_sitemap;
    bool has_loc;      /* a <loc>, or what stands for it, has begun */
    bool is_loc_whole; /* and has ended */
    uint64_t line;     /* of the loc, or of the entry's element */
    struct haul_buf loc, lastmod;
    struct haul_buf base; /* what a loc without a scheme is relative to, or empty */
};

struct haul_sitemap_tree {
    struct haul_xmlns_map spaces;
    struct haul_sitemap_element {
        uint64_t key; /* of its name */
        int role;
    } * open;  /* HAUL_SITEMAP_DEPTH_MAX of them */
    int depth; /* elements that are open */
    bool has_root;
    bool is_index; /* it is a sitemapindex */
    enum haul_sitemap_form form;
    struct haul_xmlns root; /* its namespace */
    struct haul_buf base;   /* that the root says, or empty */

    bool inside; /* `draft` is open */
    bool ready;  /* `done` is complete; the reader's, to be cleared when it was given */
    struct haul_sitemap_draft *draft, *done;
    struct haul_sitemap_draft drafts[2];
    struct haul_buf guid; /* of the draft */

    struct haul_keyset *names; /* that the reader has met */
    int name_count;
    /* Names of elements that were met lately, since they come again and again. */
    struct haul_sitemap_lately {
        uint64_t space, key; /* key 0: none */
        size_t len;
        char name[16];
    } lately[16];

    uint64_t passed_over, passed_over_line; /* loc that stand nowhere; the line of the first */
    uint64_t slips, slip_line;              /* the line of the first */
    char slip[120];                         /* what the first was */

    enum haul_err err; /* sticky: NOMEM, or SYNTAX, and `cause` says what is refused */
    struct haul_buf cause;
};

/* What both readers refuse. */
#define HAUL_SITEMAP_NO_DECLARATIONS                                                               \
    "a document type with declarations of its own (entities) is refused"
#define HAUL_SITEMAP_NO_ENTITIES "an entity that is declared elsewhere is refused"

/* An element as its tag says it. Texts are the reader's, and may be NULL but for the name. */
struct haul_sitemap_tag {
    struct haul_xmlns space;
    struct haul_span name; /* without the prefix */
    const char *href, *rel, *is_permalink, *base;
};

/* Whether tags need more than their names: of the root, and in feeds. */
bool haul_sitemap_tree_wants_attributes(const struct haul_sitemap_tree *tree);

/* HAUL_ERR_NOMEM. Done is needed in any case. */
HAUL_MUST_USE enum haul_err haul_sitemap_tree_init(struct haul_sitemap_tree *tree);
void haul_sitemap_tree_done(struct haul_sitemap_tree *tree);

/*
 * After each of these: `err`, and `ready`. While `ready`, only what the same tag says may follow.
 *
 * An element begins, on that line; the last one ends; an element of that name ends, and all in it,
 * if it is open (false: it is not). What an element declares is told before it begins.
 */
void haul_sitemap_tree_open(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                            uint64_t line);
void haul_sitemap_tree_close_last(struct haul_sitemap_tree *tree);
bool haul_sitemap_tree_close(struct haul_sitemap_tree *tree, struct haul_xmlns space,
                             struct haul_span name);
void haul_sitemap_tree_declare(struct haul_sitemap_tree *tree, struct haul_span prefix,
                               struct haul_span uri);

/* Text of the innermost element, in pieces of any size, and whether it means anything. */
bool haul_sitemap_tree_wants_text(struct haul_sitemap_tree *tree);
void haul_sitemap_tree_text(struct haul_sitemap_tree *tree, const char *text, size_t len);

/* Whether the root was there and has ended. */
bool haul_sitemap_tree_is_whole(const struct haul_sitemap_tree *tree);

/* Nothing will follow: an entry that is open is complete if its loc is. Returns whether the tree is
 * whole. */
bool haul_sitemap_tree_end(struct haul_sitemap_tree *tree);

/* A name of an element, attribute, prefix or namespace was met; `key`: its keyed hash. */
void haul_sitemap_tree_note_name(struct haul_sitemap_tree *tree, uint64_t key);

/* So many bytes are held of a token that has not come to its end. HAUL_ERR_SYNTAX: too many, and
 * the tree has refused that. */
HAUL_MUST_USE enum haul_err haul_sitemap_tree_check_token(struct haul_sitemap_tree *tree,
                                                          size_t held);

/* Another reader goes on: what the last one has met of names is forgotten with it. */
void haul_sitemap_tree_change_reader(struct haul_sitemap_tree *tree);

/* Something is wrong that does not end the reading. */
void haul_sitemap_tree_slip(struct haul_sitemap_tree *tree, uint64_t line, const char *what);

/* The sitemap is refused; the first cause stands. */
void haul_sitemap_tree_refuse(struct haul_sitemap_tree *tree, enum haul_err err, const char *cause);

#endif
