#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "model/redactor_inside.h"

/* How often a text is looked at again, for what was hidden in it has changed where parts end. */
enum { PASSES_MAX = 8 };

/* ---- names ---- */

/* The byte at `*at` with its percent-encoding undone; `*at` moves behind it. */
static char next_byte(const char *text, size_t *at, size_t end)
{
    const char *byte = text + *at;
    bool may_be_encoded = *byte == '%' && end - *at >= 3;
    int high = may_be_encoded ? haul_ascii_hex_value(byte[1]) : -1;
    int low = may_be_encoded ? haul_ascii_hex_value(byte[2]) : -1;
    bool is_encoded = high >= 0 && low >= 0;

    *at += is_encoded ? 3 : 1;
    return is_encoded ? (char)(high * 16 + low) : *byte;
}

static bool is_name(const char *text, size_t at, size_t end, const char *name)
{
    for (; at < end && *name; name++) {
        bool is_plus = text[at] == '+';
        char byte = next_byte(text, &at, end);

        if (haul_ascii_lower(byte) != haul_ascii_lower(*name) && !(is_plus && *name == ' '))
            return false;
    }
    return at == end && !*name;
}

static bool is_named(const struct haul_redactor *redactor, const char *text, size_t at, size_t end)
{
    for (size_t i = 0; i < redactor->count; i++)
        if (redactor->rule[i].name && is_name(text, at, end, redactor->rule[i].name))
            return true;
    return false;
}

/* A name may be encoded more often than what is around it. */
static bool is_named_deep(const struct haul_redactor *redactor,
                          const struct haul_redactor_view *view, size_t at, size_t end)
{
    char copy[HAUL_REDACTOR_NAME_MAX];
    size_t len = end - at, to = 0;

    if (is_named(redactor, view->text, at, end))
        return true;
    if (len > sizeof copy || !memchr(view->text + at, '%', len))
        return false;
    memcpy(copy, view->text + at, len);
    for (unsigned depth = 0; depth < HAUL_REDACTOR_DEPTH; depth++, len = to) {
        to = 0;
        for (size_t from = 0; from < len;)
            copy[to++] = next_byte(copy, &from, len);
        if (to == len)
            return false;
        if (is_named(redactor, copy, 0, to))
            return true;
    }
    return false;
}

/* Where words of a sentence, or of a header field, begin. */
static bool ends_word(char byte)
{
    return byte && strchr(" \t\n\r\"'(<[{,+", byte);
}

/* Of a text that ends before a '=', the last word, if there is something before it. */
static bool names_as_word(const struct haul_redactor *redactor,
                          const struct haul_redactor_view *view, size_t at, size_t end)
{
    size_t word = end;

    while (word > at && !ends_word(view->text[word - 1]))
        word--;
    return word > at && is_named_deep(redactor, view, word, end);
}

/* ---- parameters ---- */

/* Where the first of `bytes` stands from `at` on, or the end of the text. */
static size_t find_any(const struct haul_redactor_view *view, size_t at, const char *bytes)
{
    while (at < view->len && (!view->text[at] || !strchr(bytes, view->text[at])))
        at++;
    return at;
}

/* `stops`: what ends a name. */
static bool has_name_and_value(const struct haul_redactor_view *view, size_t at, const char *stops)
{
    size_t end = find_any(view, at, stops);

    return end > at && end < view->len && view->text[end] == '=';
}

/*
 * Which part of a URL a place of the text belongs to: '?' and '#' do not mean the same in each. Not
 * model/url_parts.h, for parameters are hidden wherever they seem to stand, also in the authority.
 */
enum part { PART_PATH, PART_QUERY, PART_FRAGMENT };

static enum part part_after(enum part part, char separator)
{
    if (separator == '#' || part == PART_FRAGMENT)
        return PART_FRAGMENT;
    return separator == '?' ? PART_QUERY : part;
}

/* `is_segment`: it stands in a part of the path, and ends with that. */
static size_t find_value_end(const struct haul_redactor_view *view, size_t at, enum part part,
                             bool is_segment)
{
    static const char *const ends[] = {
        [PART_PATH] = "&;#?", [PART_QUERY] = "&;#", [PART_FRAGMENT] = "&;"};
    bool ends_with_segment = is_segment && part == PART_PATH;
    const char *end = ends_with_segment ? "&;#?/" : ends[part];

    at = find_any(view, at, end);
    while (at < view->len && view->text[at] == ';' &&
           !has_name_and_value(view, at + 1, ends_with_segment ? "=&;#?/" : "=&;#?"))
        at = find_any(view, at + 1, end);
    return at;
}

/* The last part of a path that begins in a text, or 0. */
static size_t find_segment(const struct haul_redactor_view *view, size_t at, size_t end)
{
    while (end > at && view->text[end - 1] != '/')
        end--;
    return end > at ? end : 0;
}

struct name {
    size_t end; /* the '=' behind it, or where the part of the text ends, for there is none */
    bool is_segment;
};

/*
 * The next name that is to be hidden in the part of the text that begins at `at`. A value is not
 * looked into, but for words in it, and for parts of a path.
 */
static struct name find_named(const struct haul_redactor *redactor,
                              const struct haul_redactor_view *view, size_t at)
{
    struct name name = {.is_segment = at ? view->text[at - 1] == '/' : view->is_name};
    bool is_first = true;

    for (;; at = name.end + 1, is_first = false) {
        size_t segment;

        name.end = find_any(view, at, "=&;#?");
        if (name.end == view->len || view->text[name.end] != '=')
            return name;
        if (is_first && is_named_deep(redactor, view, at, name.end))
            return name;
        segment = find_segment(view, at, name.end);
        name.is_segment = segment && is_named_deep(redactor, view, segment, name.end);
        if (name.is_segment || names_as_word(redactor, view, at, name.end))
            return name;
    }
}

/* The same as earlier versions did: the whole name, decoded once. */
static struct name find_named_earlier(const struct haul_redactor *redactor,
                                      const struct haul_redactor_view *view, size_t at)
{
    struct name name = {.end = find_any(view, at, "=&;#?")};

    if (name.end == view->len || view->text[name.end] != '=' ||
        !is_named(redactor, view->text, at, name.end))
        name.end = find_any(view, name.end, "&;#?");
    return name;
}

typedef struct name find_fn(const struct haul_redactor *redactor,
                            const struct haul_redactor_view *view, size_t at);

/* A value that is hidden already, as names of files have it, too: what is told of a file has to be
 * its name. */
static bool is_mask(const struct haul_redactor_view *view, size_t at, size_t end)
{
    size_t stars = 0;

    for (; at < end; stars++) {
        if (view->text[at] == '*') {
            at++;
            continue;
        }
        if (view->text[at++] != '%')
            return false;
        while (end - at >= 2 && memcmp(view->text + at, "25", 2) == 0)
            at += 2;
        if (end - at < 2 || view->text[at] != '2' || (view->text[at + 1] | 0x20) != 'a')
            return false;
        at += 2;
    }
    return stars == 3;
}

static void hide_parameters(const struct haul_redactor *redactor, struct haul_redactor_view *view,
                            find_fn *find)
{
    enum part part = PART_PATH;
    size_t end = 0, value_end;

    for (size_t at = 0; end < view->len; at = end + 1) {
        struct name name = find(redactor, view, at);

        end = name.end;
        if (end < view->len && view->text[end] == '=') {
            value_end = find_value_end(view, end + 1, part, name.is_segment);
            if (!is_mask(view, end + 1, value_end))
                haul_redactor_hide(view, end + 1, value_end);
            end = value_end;
        }
        if (end < view->len)
            part = part_after(part, view->text[end]);
    }
}

/* ---- URLs in URLs ---- */

/* How many bytes of the source a byte of the view is: the more, the more often it was encoded. */
static size_t width_at(const struct haul_redactor_view *view, size_t at)
{
    return view->origin[at].to - view->origin[at].from;
}

/* In a query, a '&' that is encoded no more often than the '?' ends the parameter, and so whatever
 * is in it. `query`: the width of that, or 0 outside of one. */
static bool ends_parameter(const struct haul_redactor_view *view, size_t at, size_t query)
{
    return view->text[at] == '&' && width_at(view, at) <= query;
}

/* From behind "://", the length of userinfo with its '@', or 0. */
static size_t userinfo_length(const struct haul_redactor_view *view, size_t at, size_t query)
{
    size_t end = find_any(view, at, "/?#\\ \t\"<>"), len = 0;

    while (at + len < end && !ends_parameter(view, at + len, query))
        len++;
    while (len && view->text[at + len - 1] != '@')
        len--;
    return len;
}

/* That of the text's own URL is hidden elsewhere (input/userinfo.h), where it is known which it is.
 * */
static void hide_userinfo(struct haul_redactor_view *view)
{
    size_t query = 0, len;

    for (size_t at = 3; at < view->len; at++) {
        if (view->text[at - 3] == '?' || view->text[at - 3] == ' ')
            query = view->text[at - 3] == '?' ? width_at(view, at - 3) : 0;
        if (memcmp(view->text + at - 3, "://", 3) != 0)
            continue;
        len = userinfo_length(view, at, query);
        if (len > 1)
            haul_redactor_hide(view, at, at + len - 1);
    }
}

/* ---- the whole ---- */

static size_t count_hidden(const struct haul_redactor_view *view)
{
    size_t count = 0;

    for (size_t i = 0; i < view->source_len; i++)
        count += view->hidden[i];
    return count;
}

/*
 * What one level hides may end a part on another level, and so make more of it a value. Once more
 * over a text of which nothing is hidden any more, and it is what it will be.
 */
void haul_redactor_hide_names(const struct haul_redactor *redactor, struct haul_redactor_view *view)
{
    size_t before, now = count_hidden(view);
    int passes = 0;

    do {
        before = now;
        haul_redactor_view_begin(view);
        do {
            hide_parameters(redactor, view, find_named);
            hide_userinfo(view);
        } while (haul_redactor_view_decode(view));
        now = count_hidden(view);
    } while (now != before && ++passes < PASSES_MAX);
    if (now != before)
        memset(view->hidden, 1, view->source_len);
}

void haul_redactor_hide_names_earlier(const struct haul_redactor *redactor,
                                      struct haul_redactor_view *view)
{
    haul_redactor_view_begin(view);
    hide_parameters(redactor, view, find_named_earlier);
}
