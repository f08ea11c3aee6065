#ifndef HAUL_RENDER_MARKUP_H
#define HAUL_RENDER_MARKUP_H

#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

/*
 * What the parts of the HTML report and its drawings are made of. Text from outside goes through
 * one of the first three functions and through nothing else. The policy forbids style attributes:
 * widths are those of SVG.
 */

enum {
    HAUL_RENDER_HTML_URL_MAX = 200,   /* columns of a URL that is shown */
    HAUL_RENDER_HTML_NAME_MAX = 80,   /* of another text */
    HAUL_RENDER_HTML_LINK_MAX = 2000, /* bytes of a URL that is a link */
};

/* Text, cut in its middle to `columns`. A backslash is shown as two (haul_escape_terminal). */
void haul_render_html_add_text(struct haul_buf *buf, const char *text, size_t columns);

/* The same, cut at its end: where there is room for few columns, beginnings say more. */
void haul_render_html_add_label(struct haul_buf *buf, const char *text, size_t columns);

/*
 * A URL as it is read, and a link to it if it is http or https with nothing but printable ASCII in
 * its authority, no userinfo, and not longer than HAUL_RENDER_HTML_LINK_MAX. In the link, what may
 * not stand in a URL is percent-encoded (RFC 3986, 2.1). Of a link that begins with `origin`, which
 * may be empty, only what follows is shown, from its '/' on.
 */
void haul_render_html_add_url(struct haul_buf *buf, const char *url, struct haul_span origin);

/* "https://www.example.com:8080" of a URL that would be a link; else empty. A part of `url`. */
struct haul_span haul_render_html_origin(const char *url);

#endif
