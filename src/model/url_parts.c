#include "model/url_parts.h"

#include <string.h>

#include "base/visible.h"

/* The bytes of `text` before the first of `ends`. */
static size_t length_before(struct haul_span text, const char *ends)
{
    size_t len = 0;

    while (len < text.len && (!text.at[len] || !strchr(ends, text.at[len])))
        len++;
    return len;
}

static bool begins(struct haul_span text, char byte)
{
    return text.len && *text.at == byte;
}

static void take_scheme(struct haul_span *rest, struct haul_url_parts *parts)
{
    size_t len = length_before(*rest, ":/?#");

    if (len + 1 >= rest->len || rest->at[len] != ':' || rest->at[len + 1] != '/')
        return;
    parts->scheme = haul_span_take(rest, len);
    (void)haul_span_take(rest, 1);
    while (haul_span_skip(rest, "/"))
        ;
}

void haul_url_parts_read_authority(struct haul_span authority, struct haul_url_parts *parts)
{
    size_t len = authority.len;

    while (len && authority.at[len - 1] != '@')
        len--;
    parts->userinfo = parts->port = (struct haul_span){NULL, 0};
    if (len) {
        parts->userinfo = haul_span_take(&authority, len - 1);
        (void)haul_span_take(&authority, 1);
    }
    len = length_before(authority, begins(authority, '[') ? "]" : ":");
    if (begins(authority, '[') && len < authority.len)
        len++;
    parts->host = haul_span_take(&authority, len);
    if (begins(authority, ':'))
        parts->port = (struct haul_span){authority.at + 1, authority.len - 1};
}

struct haul_url_parts haul_url_parts_of(const char *text, size_t len)
{
    struct haul_span rest = {text, len};
    struct haul_url_parts parts = {.scheme = {NULL, 0}};

    take_scheme(&rest, &parts);
    haul_url_parts_read_authority(haul_span_take(&rest, length_before(rest, "/?#")), &parts);
    parts.path = haul_span_take(&rest, length_before(rest, "?#"));
    if (begins(rest, '?'))
        parts.query = haul_span_take(&rest, length_before(rest, "#"));
    return parts;
}

bool haul_source_is_url(const char *name)
{
    uint32_t trimmed;
    struct haul_span text = haul_visible_trim(haul_span_of(name), &trimmed);
    struct haul_span scheme = haul_url_parts_of(text.at, text.len).scheme;

    return scheme.at && strncmp(scheme.at + scheme.len, "://", 3) == 0;
}
