#include "input/nothing.h"

bool haul_nothing_is_told(const struct haul_nothing *nothing)
{
    return nothing->if_empty != HAUL_IF_EMPTY_IGNORE;
}

/*
 * A list is made by a program, which may rightly have had nothing to put into it. A sitemap is what
 * a site says of itself, and a site without a page is none: most likely something is broken.
 */
bool haul_nothing_is_error(const struct haul_nothing *nothing, uint64_t entries,
                           struct haul_buf *message)
{
    bool is_asked = nothing->if_empty == HAUL_IF_EMPTY_FAIL && (nothing->empty || !entries);
    bool is_sitemap = nothing->if_empty == HAUL_IF_EMPTY_AUTO && nothing->has_sitemaps && !entries;

    if (!is_asked && !is_sitemap)
        return false;
    if (message)
        haul_buf_add_str(
            message, is_asked ? "an input without a URL is an error (--if-empty fail)"
                              : "nothing was found at all, which is an error where a sitemap was "
                                "named (with --if-empty warn it is none)");
    return true;
}
