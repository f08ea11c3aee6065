#ifndef HAUL_INPUT_SITEMAP_LINES_H
#define HAUL_INPUT_SITEMAP_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lines as XML counts them: they end with LF, CR LF or CR (https://www.w3.org/TR/xml/, 2.11). */
struct haul_sitemap_lines {
    uint64_t line; /* that has been come to, from 1 */
    bool after_cr; /* the last byte was a CR, to which an LF belongs */
};

/* Goes on over these bytes. */
static inline void haul_sitemap_lines_add(struct haul_sitemap_lines *lines, const char *bytes,
                                          size_t len)
{
    uint64_t ends = 0;

    if (!len)
        return;
    ends += bytes[0] == '\r' || (bytes[0] == '\n' && !lines->after_cr);
    for (size_t i = 1; i < len; i++)
        ends += bytes[i] == '\r' || (bytes[i] == '\n' && bytes[i - 1] != '\r');
    lines->line += ends;
    lines->after_cr = bytes[len - 1] == '\r';
}

#endif
