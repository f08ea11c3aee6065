#ifndef HAUL_INPUT_SITEMAP_BYTES_H
#define HAUL_INPUT_SITEMAP_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/err.h"
#include "input/recode.h"

/*
 * The bytes of a sitemap, made UTF-8 before anybody reads them, from where it begins: a mark says
 * what they are (UTF-8, UTF-16; UTF-16 without a mark, if it begins with '<'), or else the XML
 * declaration. What it is shows in its first 4,096 bytes: XML begins with '<', or has its
 * declaration or one of the roots of sitemap_tree.h in them, behind something else, which is passed
 * over; all else is text.
 *
 * Pure, in pieces of any size. One thread at a time. The order of calls: init; feed and next until
 * HAUL_ERR_END, as often as there are bytes; finish, and next until HAUL_ERR_END; done.
 */
struct haul_sitemap_bytes {
    enum haul_sitemap_stage { /* what is looked at */
                              HAUL_SITEMAP_MARK,
                              HAUL_SITEMAP_HEAD,
                              HAUL_SITEMAP_BODY /* nothing: the form is known */
    } stage;
    char mark[4];
    size_t mark_len;
    bool has_mark;
    bool finished;
    struct haul_buf head;
    struct haul_span raw[2];    /* not yet made UTF-8: of mark or head, and fed */
    struct haul_span text[2];   /* UTF-8, not yet given: of head, and behind it */
    struct haul_recode *recode; /* or NULL: it is UTF-8 */
    bool is_recode_finished;

    /* once next has returned HAUL_OK */
    bool is_xml;
    bool has_text_before;  /* something else than blanks was passed over */
    uint64_t line;         /* that what is given begins at, from 1 */
    struct haul_buf cause; /* after HAUL_ERR_SYNTAX: why */
};

void haul_sitemap_bytes_init(struct haul_sitemap_bytes *bytes);
void haul_sitemap_bytes_done(struct haul_sitemap_bytes *bytes);

/* Bytes, the caller's until next has returned HAUL_ERR_END; there are no more. */
void haul_sitemap_bytes_feed(struct haul_sitemap_bytes *bytes, struct haul_span piece);
void haul_sitemap_bytes_finish(struct haul_sitemap_bytes *bytes);

/*
 * HAUL_OK: the next piece, not empty, valid until the next call. HAUL_ERR_END: more must be fed;
 * after finish: that was all. HAUL_ERR_SYNTAX: it is empty, or its encoding is not known; `cause`
 * says so. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_sitemap_bytes_next(struct haul_sitemap_bytes *bytes,
                                                    struct haul_span *piece);

#endif
