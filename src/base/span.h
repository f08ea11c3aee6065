#ifndef HAUL_BASE_SPAN_H
#define HAUL_BASE_SPAN_H

#include <stddef.h>

/* Some bytes of a text, which belong to whoever has the text. They need no terminator. */
struct haul_span {
    const char *at; /* NULL: not there; then len is 0 */
    size_t len;     /* bytes */
};

#endif
