#include "input/userinfo.h"

#include <string.h>

#include "base/ascii.h"

/*
 * Not model/url_parts.h: that says where userinfo stands in a URL, this where it may stand in a
 * text that is none. A '/' in a password, a backslash and a URL inside a URL must hide nothing from
 * it.
 */

/* Whether an authority holds a ':' after which no port follows: "user:pass", cut short by a '/'. */
static bool looks_like_login(struct haul_span authority)
{
    size_t colon = haul_text_before(authority, ':').len;

    return colon + 1 < authority.len && *authority.at != '[' &&
           !haul_ascii_is_digit(authority.at[colon + 1]);
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

/* A walk over a text: from one authority, or what may be one, to the next. */
struct walk {
    struct haul_span text;
    bool cut;
    bool authority; /* what comes next may be one */
    size_t at;
};

static struct walk begin_walk(struct haul_span text, bool cut)
{
    struct haul_span scheme = {text.at, haul_text_scheme_length(text)};

    return (struct walk){
        .text = text, .cut = cut, .authority = !haul_text_is_opaque_scheme(scheme)};
}

/* Moves behind the next part, of which the first `*skip` bytes are to be left out. */
static struct haul_span next_part(struct walk *walk, size_t *skip)
{
    struct haul_span rest = {walk->text.at + walk->at, walk->text.len - walk->at};
    size_t len = haul_text_authority_length(rest);

    *skip = walk->authority ? suspect_length(rest, walk->cut, walk->at == 0) : 0;
    if (len < *skip)
        len = *skip;
    while (len < rest.len && haul_text_is(rest.at[len], HAUL_ENDS_AUTHORITY))
        len++;
    walk->at += len;
    /* "//me@/": without what is left out, the slashes stand together. */
    walk->authority = authority_may_follow(walk->text, walk->at) ||
                      (*skip && *skip < len && haul_text_is(rest.at[*skip], HAUL_ENDS_AUTHORITY));
    return (struct haul_span){rest.at, len};
}

void haul_userinfo_hide(struct haul_buf *to, struct haul_span text, bool cut)
{
    struct walk walk = begin_walk(text, cut);
    size_t skip;

    while (walk.at < text.len) {
        struct haul_span part = next_part(&walk, &skip);

        haul_buf_add(to, part.at + skip, part.len - skip);
    }
}

void haul_userinfo_mask(char *text)
{
    struct walk walk = begin_walk(haul_span_of(text), false);
    size_t skip;

    while (walk.at < walk.text.len) {
        size_t begin = walk.at;

        (void)next_part(&walk, &skip);
        if (skip)
            memset(text + begin, '*', skip - 1);
    }
}
