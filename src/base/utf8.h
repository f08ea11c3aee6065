#ifndef HAUL_BASE_UTF8_H
#define HAUL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * UTF-8 (Unicode table 3-7: no overlong form, no surrogate, nothing above U+10FFFF). Pure, any
 * thread.
 */

/* One step through text: a code point, or a byte that begins none. */
struct haul_utf8 {
    size_t len;    /* bytes, at least 1 */
    uint32_t code; /* meaningless if not valid */
    bool valid;    /* well-formed */
};

/* What begins at `at`, of which there are `left` bytes, at least 1. */
struct haul_utf8 haul_utf8_next(const void *at, size_t left);

enum { HAUL_UTF8_MAX = 4 }; /* bytes of a code point */

/* Writes a code point, without a NUL, to where there is room for it. Returns where to go on. */
char *haul_utf8_put(char *to, uint32_t code);

/*
 * Whether a code point is white space, in whichever script: the property White_Space of Unicode
 * (PropList.txt). It is what .NET trims (Char.IsWhiteSpace).
 */
bool haul_utf8_is_space(uint32_t code);

#endif
