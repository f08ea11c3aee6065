#ifndef HAUL_INPUT_SITEMAP_STRICT_H
#define HAUL_INPUT_SITEMAP_STRICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/err.h"
#include "input/sitemap_lines.h"
#include "input/sitemap_tree.h"

/*
 * The strict reader of a sitemap that is XML: expat, on bytes that are UTF-8, whatever the XML
 * declaration says. It knows at any time which bytes have had their effect on the tree, so that
 * another reader can go on with the others once something is not well-formed. One thread at a time.
 *
 * The order of calls: create; feed and next until HAUL_ERR_END, as often as there are bytes; finish
 * and next until HAUL_ERR_END; free.
 */
struct haul_sitemap_strict;

/* What is left for the reader that goes on. */
struct haul_sitemap_rest {
    struct haul_buf bytes; /* that had no effect yet, of those that were fed; the reader's now */
    struct haul_sitemap_lines lines; /* that they begin at */
    bool in_cdata;                   /* they begin inside of a CDATA section */
    bool is_declared_elsewhere;      /* a document type was given that may declare entities */
};

/* `tree` is the caller's, and outlives it; `line`: of the first byte. On success *out is the
 * caller's. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_sitemap_strict_create(struct haul_sitemap_tree *tree,
                                                       uint64_t line,
                                                       struct haul_sitemap_strict **out);
void haul_sitemap_strict_free(struct haul_sitemap_strict *strict);

/* For tests: after so many events, at least 1, it does as if something were not well-formed. */
void haul_sitemap_strict_stop_after(struct haul_sitemap_strict *strict, uint64_t events);

/* Bytes, which stay the caller's, until HAUL_ERR_END, at most 1 GiB; there are no more. */
void haul_sitemap_strict_feed(struct haul_sitemap_strict *strict, struct haul_span bytes);
void haul_sitemap_strict_finish(struct haul_sitemap_strict *strict);

/*
 * HAUL_OK: the tree is `ready`. HAUL_ERR_END: more must be fed; after finish: this was all, and it
 * was well-formed. HAUL_ERR_AGAIN: something is not well-formed, and the tree was told what; what
 * is left is for haul_sitemap_strict_rest. Others: the tree's.
 */
HAUL_MUST_USE enum haul_err haul_sitemap_strict_next(struct haul_sitemap_strict *strict);

/* After HAUL_ERR_AGAIN, once. Nothing else may follow but free. */
void haul_sitemap_strict_rest(struct haul_sitemap_strict *strict, struct haul_sitemap_rest *out);

/* The line that the reading has come to, from 1. */
uint64_t haul_sitemap_strict_line(const struct haul_sitemap_strict *strict);

#endif
