#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "render/markup.h"
#include "render/writer.h"

/* For HTML, what an escape function for terminals leaves of a text. */
static void add_cut(struct haul_buf *buf, const char *text, size_t columns,
                    size_t (*cut)(struct haul_buf *buf, const void *bytes, size_t len, bool utf8,
                                  size_t max_width))
{
    struct haul_buf plain;

    haul_buf_init(&plain, 0);
    cut(&plain, text, strlen(text), true, columns);
    haul_escape_html(buf, plain.data, plain.len);
    haul_writer_scratch_done(&plain, buf);
}

void haul_render_html_add_text(struct haul_buf *buf, const char *text, size_t columns)
{
    add_cut(buf, text, columns, haul_escape_terminal_middle);
}

void haul_render_html_add_label(struct haul_buf *buf, const char *text, size_t columns)
{
    add_cut(buf, text, columns, haul_escape_terminal);
}

static size_t scheme_length(const char *url)
{
    if (strncasecmp(url, "https://", 8) == 0)
        return 8;
    return strncasecmp(url, "http://", 7) == 0 ? 7 : 0;
}

/* Whether the authority is what it looks like: no userinfo that pretends to be a host, nothing that
 * a browser reads in another way than a person. So it is no job for model/url_parts.h, which finds
 * a host in any text. */
static bool is_plain_authority(const char *at)
{
    size_t len = strcspn(at, "/?#");

    for (size_t i = 0; i < len; i++) {
        if (at[i] <= ' ' || at[i] > '~' || strchr("@\\<>\"'`%", at[i]))
            return false;
    }
    return len > 0;
}

static bool is_link(const char *url)
{
    size_t scheme = scheme_length(url);

    return scheme && strlen(url) <= HAUL_RENDER_HTML_LINK_MAX && is_plain_authority(url + scheme);
}

static void add_href(struct haul_buf *buf, const char *url)
{
    for (; *url; url++) {
        unsigned char byte = (unsigned char)*url;

        if (byte <= ' ' || byte > '~' || strchr("\"<>'`\\", byte))
            haul_buf_addf(buf, "%%%02X", (unsigned)byte);
        else if (byte == '&')
            haul_buf_add_str(buf, "&amp;");
        else
            haul_buf_add_char(buf, (char)byte);
    }
}

struct haul_span haul_render_html_origin(const char *url)
{
    size_t scheme = scheme_length(url);

    if (!is_link(url))
        return (struct haul_span){"", 0};
    return (struct haul_span){url, scheme + strcspn(url + scheme, "/?#")};
}

void haul_render_html_add_url(struct haul_buf *buf, const char *url, struct haul_span origin)
{
    bool links = is_link(url);
    bool is_below =
        links && origin.len && strncmp(url, origin.at, origin.len) == 0 && url[origin.len] == '/';

    if (links) {
        haul_buf_add_str(buf, "<a rel=\"noopener noreferrer nofollow\" href=\"");
        add_href(buf, url);
        haul_buf_add_str(buf, "\">");
    }
    haul_render_html_add_text(buf, is_below ? url + origin.len : url, HAUL_RENDER_HTML_URL_MAX);
    haul_buf_add_str(buf, links ? "</a>" : "");
}
