#ifndef HAUL_TEST_SITEMAP_WORLD_H
#define HAUL_TEST_SITEMAP_WORLD_H

#include <check.h>

#include "base/buf.h"
#include "input/sitemap.h"

/*
 * A sitemap that a test reads in pieces. What cannot be done fails the case. One thread.
 */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* Of the last one that was read. */
extern struct haul_buf got; /* "LINE URL [REASON] [@LASTMOD]\n" for each entry */
extern enum haul_err ending;
extern char cause[200];
extern uint64_t cause_line;
extern char told[400]; /* what haul_sitemap_add_slips says */

/* Checked fixtures. */
void begin_sitemap(void);
void end_sitemap(void);

/* Reads `len` bytes, so many at a time. */
void read_pieces(const char *bytes, size_t len, size_t piece);

/* A sitemap that is made first: the test begins it with haul_buf_init. */
extern struct haul_buf made;
void make(const char *text, size_t times);

/* Reads what was made, and ends it. */
void read_made(size_t piece);

#endif
