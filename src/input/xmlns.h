#ifndef HAUL_INPUT_XMLNS_H
#define HAUL_INPUT_XMLNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/keyset.h"
#include "base/span.h"
#include "haul/err.h"

/*
 * Namespaces in XML (https://www.w3.org/TR/xml-names/) as far as sitemaps and feeds need them:
 * which one is bound to a prefix inside the elements that are open, and what kind of names it has.
 * Pure but for its memory, which is bounded by the prefixes and by how deep elements are. Each
 * operation takes the same time however many there are. One thread at a time.
 */

enum haul_xmlns_kind {
    HAUL_XMLNS_NONE,      /* no namespace */
    HAUL_XMLNS_SITEMAP,   /* of the protocol of sitemaps, in any version */
    HAUL_XMLNS_EXTENSION, /* known, and its <loc> is none of a page: images, videos, news, XHTML */
    HAUL_XMLNS_ATOM,
    HAUL_XMLNS_RSS, /* RSS with a namespace: 1.0 */
    HAUL_XMLNS_OTHER
};

struct haul_xmlns {
    uint64_t id; /* 0: none; the same for the same namespace, and for a prefix without one */
    enum haul_xmlns_kind kind;
};

enum { HAUL_XMLNS_PREFIXES_MAX = 600 }; /* different ones; more are as if they were not declared */

struct haul_xmlns_map {
    struct haul_keyset *prefixes; /* to their number in `bound` */
    struct haul_xmlns_binding {
        struct haul_xmlns space; /* id 0: none */
        int depth;               /* of the element that declares it; 0: none does */
    } * bound;                   /* HAUL_XMLNS_PREFIXES_MAX of them; the first: without a prefix */
    int count;                   /* of them that have a prefix by now */
    struct haul_xmlns_undo {
        size_t number;
        int depth; /* of the element whose declaration hides it */
        struct haul_xmlns_binding was;
    } * undo;
    size_t undo_count, undo_capacity;
};

/* The namespace of a name; any text. Classified by what it says, whatever the slips: https, no
 * "www.", a '/' at its end, other letter case. */
struct haul_xmlns haul_xmlns_of(struct haul_span uri);

/* All zero is a map that may be given to done. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_xmlns_map_create(struct haul_xmlns_map *map);
void haul_xmlns_map_done(struct haul_xmlns_map *map);

/*
 * The element at `depth`, from 1, which is or will be the innermost, declares a prefix; empty: the
 * default namespace. An empty `uri`: none. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_xmlns_declare(struct haul_xmlns_map *map, struct haul_span prefix,
                                               struct haul_span uri, int depth);

/* All elements deeper than `depth` have ended, and what they declared. */
void haul_xmlns_leave(struct haul_xmlns_map *map, int depth);

/*
 * The namespace of an element's prefix, empty: of a name without. False: the prefix is not
 * declared; then *space is one of its own, of kind EXTENSION if the prefix is the usual one of
 * such.
 */
bool haul_xmlns_find(const struct haul_xmlns_map *map, struct haul_span prefix,
                     struct haul_xmlns *space);

#endif
