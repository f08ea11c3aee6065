#ifndef HAUL_TEST_SITEMAP_SITE_H
#define HAUL_TEST_SITEMAP_SITE_H

#include <stdbool.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * A site with sitemaps, served by nginx as any site does it: `page`; two.xml and two.txt, which
 * name it twice; and index.xml, which names PARTS packed sitemaps (part0.xml.gz and so on) of
 * PAGES_OF_PART pages each.
 */

#define NS "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""
enum { PARTS = 4, PAGES_OF_PART = 2500, PAGES = PARTS * PAGES_OF_PART };

/* Without nginx there is no site: the case tests nothing, and goes. */
extern bool has_nginx;

/* Unchecked fixtures: the site and the test server; and their end. */
void begin_site(void);
void end_site(void);

const char *site_file(const char *name);
const char *site_url(const char *name);

/* One more file of the site. */
void publish(const char *name, const char *text);

/* A sitemap index that names `parts`, which NULL ends. */
void publish_index(const char *name, const char *const *parts);

/* Appends one gzip member. */
void pack_member(struct haul_buf *to, const void *bytes, size_t len);

/* The rows of a run with that option, in the order of the input: it must end well, with `count` of
 * them. */
const json_t *good_rows(const char *option, const char *value, size_t count);

#endif
