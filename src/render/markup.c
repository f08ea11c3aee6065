#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/units.h"
#include "render/markup.h"
#include "render/number.h"
#include "render/writer.h"

void haul_render_html_add_text(struct haul_buf *buf, const char *text, size_t columns)
{
    struct haul_buf plain;

    haul_buf_init(&plain, 0);
    haul_escape_terminal_middle(&plain, text, strlen(text), true, columns);
    haul_escape_html(buf, plain.data, plain.len);
    haul_writer_scratch_done(&plain, buf);
}

void haul_render_html_add_label(struct haul_buf *buf, const char *text, size_t columns)
{
    struct haul_buf plain;

    haul_buf_init(&plain, 0);
    haul_escape_terminal(&plain, text, strlen(text), true, columns);
    haul_escape_html(buf, plain.data, plain.len);
    haul_writer_scratch_done(&plain, buf);
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

void haul_render_html_add_url(struct haul_buf *buf, const char *url)
{
    bool links = is_link(url);

    if (links) {
        haul_buf_add_str(buf, "<a rel=\"noopener noreferrer nofollow\" href=\"");
        add_href(buf, url);
        haul_buf_add_str(buf, "\">");
    }
    haul_render_html_add_text(buf, url, HAUL_RENDER_HTML_URL_MAX);
    haul_buf_add_str(buf, links ? "</a>" : "");
}

void haul_render_html_add_change(struct haul_buf *buf, int64_t now, int64_t before)
{
    if (before < 0 || now < 0) {
        haul_buf_add_str(buf, before < 0 && now >= 0 ? "new" : "&ndash;");
    } else if (now == before) {
        haul_buf_add_char(buf, '0');
    } else {
        haul_buf_add_str(buf,
                         now > before ? "<span class=\"more\">+" : "<span class=\"less\">&minus;");
        haul_units_add_grouped(buf, now > before ? now - before : before - now);
        haul_buf_add_str(buf, "</span>");
    }
}

void haul_render_html_add_bar(struct haul_buf *buf, double part, double whole, const char *colour,
                              const char *class)
{
    double width = whole > 0 && part > 0 ? 100 * part / whole : 0;

    haul_buf_add_str(buf, "<td class=\"b ");
    haul_buf_add_str(buf, class);
    haul_buf_add_str(buf, "\"><svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\""
                          " aria-hidden=\"true\"><rect class=\"fill ");
    haul_buf_add_str(buf, colour);
    haul_buf_add_str(buf, "\" height=\"10\" width=\"");
    haul_render_add_short_decimal(buf, width > 100 ? 100 : width, 2);
    haul_buf_add_str(buf, "\"/></svg></td>");
}
