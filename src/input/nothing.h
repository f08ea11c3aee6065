#ifndef HAUL_INPUT_NOTHING_H
#define HAUL_INPUT_NOTHING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/config.h"

/*
 * What it means that nothing was found (--if-empty): that an input, which is what the user has
 * named, or a sitemap that one of them leads to, was read to its end and gave no entry. Lines that
 * are no URLs are entries, and so are those that a run has no need to fetch. Plain data and pure.
 */
struct haul_nothing {
    enum haul_if_empty if_empty;
    bool has_sitemaps; /* the inputs are not only lists */
    uint64_t empty;    /* inputs, and sitemaps that they lead to, in which there was nothing */
};

/* Between the name of such an input and the cause: "urls.txt: no URL was found in it: it is empty".
 */
#define HAUL_NOTHING_WORDS "no URL was found in it: "

/* Whether that is told; what is not told does not count as empty. */
bool haul_nothing_is_told(const struct haul_nothing *nothing);

/*
 * When all inputs were read to their ends and gave `entries` entries: whether what was missing is
 * an error, so that the exit status is HAUL_EXIT_INTERNAL. If so, `message` (or NULL) has been
 * appended a line without newline that says it, and what to do.
 */
bool haul_nothing_is_error(const struct haul_nothing *nothing, uint64_t entries,
                           struct haul_buf *message);

#endif
