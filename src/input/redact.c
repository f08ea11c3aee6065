#include "input/redact.h"

#include <string.h>

/* Whether an authority holds a ':' after which no port follows: "user:pass", cut short by a '/'. */
static bool looks_like_login(struct haul_span authority)
{
    const char *colon = authority.len ? memchr(authority.at, ':', authority.len) : NULL;
    const char *end = authority.at + authority.len;

    return colon && *authority.at != '[' && colon + 1 < end && !haul_text_is_digit(colon[1]);
}

/* How many of the first bytes of `text`, which begins with an authority, may be userinfo. */
static size_t suspect_length(struct haul_span text, bool cut, bool leads)
{
    struct haul_span authority = {text.at, haul_text_authority_length(text)};
    size_t len = haul_text_length_through_at(authority);

    /* A password may hold the '/' that seems to end the authority. */
    if (!len && looks_like_login(authority))
        len = haul_text_length_through_at(text);
    if (!len && cut && authority.len == text.len && (!leads || memchr(text.at, ':', authority.len)))
        len = text.len;
    return len;
}

static bool authority_may_follow(struct haul_span text, size_t at)
{
    return at >= 2 && memchr("/\\", text.at[at - 1], 2) && memchr(":/\\", text.at[at - 2], 3);
}

void haul_redact_add(struct haul_buf *to, struct haul_span text, bool cut)
{
    size_t scheme = haul_text_scheme_length(text), at = 0;
    bool authority = !scheme || !haul_text_is_opaque_scheme(text.at, scheme);

    while (at < text.len) {
        struct haul_span rest = {text.at + at, text.len - at};
        size_t skip = authority ? suspect_length(rest, cut, at == 0) : 0;
        size_t len = haul_text_authority_length(rest);

        if (len < skip)
            len = skip;
        while (len < rest.len && haul_text_is(rest.at[len], HAUL_ENDS_AUTHORITY))
            len++;
        haul_buf_add(to, rest.at + skip, len - skip);
        at += len;
        authority = authority_may_follow(text, at);
    }
}
