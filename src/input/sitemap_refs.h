#ifndef HAUL_INPUT_SITEMAP_REFS_H
#define HAUL_INPUT_SITEMAP_REFS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/*
 * References in text as it is written: &#65; &#x41; &amp; and those of HTML that mean one of the
 * characters which sitemaps have in practice. Pure, any thread.
 */

enum {
    HAUL_REFERENCE_MAX = 8192,   /* bytes of one; what is longer is none */
    HAUL_REFERENCE_TEXT_MAX = 4, /* bytes of what it stands for */
};

enum haul_reference {
    HAUL_REFERENCE_NONE,    /* text that only looks like one */
    HAUL_REFERENCE_OPEN,    /* what follows decides */
    HAUL_REFERENCE_XML,     /* of a number, or one of the five names that XML has */
    HAUL_REFERENCE_HTML,    /* of another name that is known */
    HAUL_REFERENCE_UNKNOWN, /* has the form of one, of a name that is not known */
};

/*
 * What begins at text.at, which is '&', and is at least 1 byte. XML and HTML: *text_len bytes in
 * `to` (HAUL_REFERENCE_TEXT_MAX) stand for *len bytes of the text; UNKNOWN: *len is its length.
 */
enum haul_reference haul_reference_read(struct haul_span text, size_t *len, char *to,
                                        size_t *text_len);

#endif
