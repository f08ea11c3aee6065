#ifndef HAUL_INPUT_SITEMAP_TAG_H
#define HAUL_INPUT_SITEMAP_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "input/sitemap_tree.h"

/*
 * What stands in a tag that may be malformed: the tolerant reader's (sitemap_scan.h). One thread.
 */

/* What tags say beside names, for as long as one is looked at. Made and freed by the reader. */
struct haul_sitemap_values {
    struct haul_buf href, rel, is_permalink, base, uri;
    bool is_declared_elsewhere; /* references that XML does not have mean nothing */
};

void haul_sitemap_values_init(struct haul_sitemap_values *values);
void haul_sitemap_values_done(struct haul_sitemap_values *values);

/* Tells the tree of a start tag, all that stands between '<' and '>', and of the end of an element
 * that is empty. */
void haul_sitemap_tag_begin(struct haul_sitemap_tree *tree, struct haul_sitemap_values *values,
                            struct haul_span text, uint64_t line);

/* The same of an end tag, behind its '/'. */
void haul_sitemap_tag_end(struct haul_sitemap_tree *tree, struct haul_span text, uint64_t line);

#endif
