#ifndef HAUL_BASE_SPAN_H
#define HAUL_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>

/* Some bytes of a text, which belong to whoever has the text. They need no terminator. */
struct haul_span {
    const char *at; /* NULL: not there; then len is 0 */
    size_t len;     /* bytes */
};

/* Pure, any thread. */

/* All of a string; NULL: none. */
struct haul_span haul_span_of(const char *text);

/* Moves the text's begin behind `word`, if it begins with that; tells whether it does. */
bool haul_span_skip(struct haul_span *text, const char *word);

/* Takes the first `len` bytes off the text, which has as many. Returns them. */
struct haul_span haul_span_take(struct haul_span *text, size_t len);

/* Takes off what stands before the first `mark`, and the mark. False: there is none. */
bool haul_span_take_before(struct haul_span *text, char mark, struct haul_span *before);

/* The text without the spaces and tabs around it. */
struct haul_span haul_span_trim(struct haul_span text);

/* Whether the text is `word`, byte for byte. */
bool haul_span_is(struct haul_span text, const char *word);

/* The same in any case of ASCII letters. */
bool haul_span_is_word(struct haul_span text, const char *word);

#endif
