#ifndef HAUL_INPUT_TEXT_H
#define HAUL_INPUT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/*
 * The lexical ground under URLs: what a byte may be, and where the parts of a text end. Pure, any
 * thread, nothing allocated. Texts may hold any byte.
 */

/* A byte order mark in UTF-8. */
#define HAUL_TEXT_MARK "\xef\xbb\xbf"
enum { HAUL_TEXT_MARK_LEN = sizeof HAUL_TEXT_MARK - 1 };

enum haul_text_class {
    HAUL_IN_PATH = 1,   /* stands for itself in a path or query (RFC 3986 3.3, 3.4, and "[]",
                           which browsers send as they are) */
    HAUL_IN_HOST = 2,   /* part of a host name in lower case; "_" is none by RFC 952, but is used */
    HAUL_IN_SCHEME = 4, /* RFC 3986 3.1 */
    HAUL_ENDS_AUTHORITY = 8 /* '/', '?', '#' (RFC 3986 3.2), and '\', which browsers read as '/' */
};

/* [const] OR of what each byte may be; use haul_text_is. */
extern const unsigned char haul_text_classes[256];

/* Whether a byte is in one of the classes `what` (ORed). */
static inline bool haul_text_is(char byte, unsigned what)
{
    return (haul_text_classes[(unsigned char)byte] & what) != 0;
}

/* Whether any byte is an ASCII control character. */
bool haul_text_has_control(struct haul_span text);

/* The text without the byte order mark at its start, if it has one. */
struct haul_span haul_text_skip_mark(struct haul_span text);

/* The text before the first byte `end`; all of it if there is none. */
struct haul_span haul_text_before(struct haul_span text, char end);

/* The length of the name of a leading "name:" (RFC 3986 3.1), 0 if the text does not begin so. */
size_t haul_text_scheme_length(struct haul_span text);

/*
 * Whether a name is that of a scheme which is written without "//", such as `mailto`: what follows
 * the colon is neither a port nor userinfo. In any case.
 */
bool haul_text_is_opaque_scheme(struct haul_span name);

/* The bytes before the first that ends an authority. */
size_t haul_text_authority_length(struct haul_span text);

/* The bytes up to and with the last '@', 0 if there is none. */
size_t haul_text_length_through_at(struct haul_span text);

/*
 * The byte at `*at` (below text.len) of percent-encoded text (RFC 3986 2.1), and moves `*at` behind
 * it. A '%' that begins no triplet stands for itself, as in curl and browsers.
 */
char haul_text_decode_byte(struct haul_span text, size_t *at);

#endif
