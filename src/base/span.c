#include "base/span.h"

#include <string.h>

#include "base/ascii.h"

struct haul_span haul_span_of(const char *text)
{
    return (struct haul_span){text, text ? strlen(text) : 0};
}

bool haul_span_skip(struct haul_span *text, const char *word)
{
    size_t len = strlen(word);

    if (text->len < len || memcmp(text->at, word, len) != 0)
        return false;
    (void)haul_span_take(text, len);
    return true;
}

struct haul_span haul_span_take(struct haul_span *text, size_t len)
{
    struct haul_span taken = {text->at, len};

    text->at += len;
    text->len -= len;
    return taken;
}

bool haul_span_take_before(struct haul_span *text, char mark, struct haul_span *before)
{
    const char *at = text->len ? memchr(text->at, mark, text->len) : NULL;

    if (!at)
        return false;
    *before = haul_span_take(text, (size_t)(at - text->at));
    (void)haul_span_take(text, 1);
    return true;
}

struct haul_span haul_span_trim(struct haul_span text)
{
    while (text.len && haul_ascii_is_blank(*text.at)) {
        text.at++;
        text.len--;
    }
    while (text.len && haul_ascii_is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

bool haul_span_is(struct haul_span text, const char *word)
{
    return strlen(word) == text.len && (!text.len || memcmp(text.at, word, text.len) == 0);
}

bool haul_span_is_word(struct haul_span text, const char *word)
{
    for (size_t i = 0; i < text.len; i++)
        if (!word[i] || haul_ascii_lower(text.at[i]) != haul_ascii_lower(word[i]))
            return false;
    return !word[text.len];
}
