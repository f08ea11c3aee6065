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

static bool has_name_and_value(const struct haul_redactor_view *view, size_t at)
{
    size_t end = find_any(view, at, "=&;#?");

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

static size_t find_value_end(const struct haul_redactor_view *view, size_t at, enum part part)
{
    static const char *const ends[] = {
        [PART_PATH] = "&;#?", [PART_QUERY] = "&;#", [PART_FRAGMENT] = "&;"};

    at = find_any(view, at, ends[part]);
    while (at < view->len && view->text[at] == ';' && !has_name_and_value(view, at + 1))
        at = find_any(view, at + 1, ends[part]);
    return at;
}

/*
 * The '=' behind the next name that is to be hidden in the part of the text that begins at `at`; or
 * where that part ends. A value is not looked into, but for words in it.
 */
static size_t find_named(const struct haul_redactor *redactor,
                         const struct haul_redactor_view *view, size_t at)
{
    size_t end = find_any(view, at, "=&;#?");

    if (end < view->len && view->text[end] == '=' && is_named_deep(redactor, view, at, end))
        return end;
    while (end < view->len && view->text[end] == '=' && !names_as_word(redactor, view, at, end)) {
        at = end + 1;
        end = find_any(view, at, "=&;#?");
    }
    return end;
}

static void hide_parameters(const struct haul_redactor *redactor, struct haul_redactor_view *view)
{
    enum part part = PART_PATH;
    size_t end = 0, value_end;

    for (size_t at = 0; end < view->len; at = end + 1) {
        end = find_named(redactor, view, at);
        if (end < view->len && view->text[end] == '=') {
            value_end = find_value_end(view, end + 1, part);
            haul_redactor_hide(view, end + 1, value_end);
            end = value_end;
        }
        if (end < view->len)
            part = part_after(part, view->text[end]);
    }
}

/* ---- URLs in URLs ---- */

/* From behind "://", the length of userinfo with its '@', or 0. */
static size_t userinfo_length(const struct haul_redactor_view *view, size_t at)
{
    size_t end = find_any(view, at, "/?#\\ \t\"<>"), len = end - at;

    while (len && view->text[at + len - 1] != '@')
        len--;
    return len;
}

/* That of the text's own URL is hidden elsewhere (input/userinfo.h), where it is known which it is.
 * */
static void hide_userinfo(struct haul_redactor_view *view)
{
    size_t len;

    for (size_t at = 3; at < view->len; at++) {
        if (memcmp(view->text + at - 3, "://", 3) != 0)
            continue;
        len = userinfo_length(view, at);
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
            hide_parameters(redactor, view);
            hide_userinfo(view);
        } while (haul_redactor_view_decode(view));
        now = count_hidden(view);
    } while (now != before && ++passes < PASSES_MAX);
    if (now != before)
        memset(view->hidden, 1, view->source_len);
}
