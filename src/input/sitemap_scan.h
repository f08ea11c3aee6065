#ifndef HAUL_INPUT_SITEMAP_SCAN_H
#define HAUL_INPUT_SITEMAP_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/err.h"
#include "input/sitemap_strict.h"
#include "input/sitemap_tree.h"

/*
 * The tolerant reader of a sitemap that should be XML: it takes whatever comes for something, and
 * tells the tree what that is. It reads what is well-formed as expat does; the rest:
 *
 * - a tag ends with its '>', or where the next one begins; attributes need no quotes
 * - an end tag ends what it names and all inside of that; one of nothing is passed over
 * - '&' and '<' that begin nothing are text; so are references that nobody knows
 * - prefixes need no declaration (xmlns.h), DOCTYPE no capitals, a root no end of the text
 *
 * What the strict reader refuses is refused: declarations inside of a document type, whatever may
 * be declared elsewhere, and what is too deep, too long or has too many names. Memory is one token.
 * Pure, no recursion, linear in the text whatever the pieces are. One thread at a time.
 *
 * The order of calls: as of sitemap_strict.h, from whose rest it begins.
 */
struct haul_sitemap_scan;

/* `rest` is taken over in any case. On success *out is the caller's. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_sitemap_scan_create(struct haul_sitemap_tree *tree,
                                                     struct haul_sitemap_rest *rest,
                                                     struct haul_sitemap_scan **out);
void haul_sitemap_scan_free(struct haul_sitemap_scan *scan);

void haul_sitemap_scan_feed(struct haul_sitemap_scan *scan, struct haul_span bytes);
void haul_sitemap_scan_finish(struct haul_sitemap_scan *scan);

/* HAUL_OK: the tree is `ready`. HAUL_ERR_END: more must be fed; after finish: this was all. Others:
 * the tree's. */
HAUL_MUST_USE enum haul_err haul_sitemap_scan_next(struct haul_sitemap_scan *scan);

/* The line that the reading has come to, from 1. */
uint64_t haul_sitemap_scan_line(const struct haul_sitemap_scan *scan);

#endif
