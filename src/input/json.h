#ifndef HAUL_INPUT_JSON_H
#define HAUL_INPUT_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/*
 * JSON (RFC 8259), walked member by member, and nothing built: what a table in JSON Lines is read
 * with. Strict: a text is JSON or it is not, down to the last byte of the last value, whatever was
 * asked for. Values keep the form in which they were written, so a number of any length passes
 * through unharmed. A tree of values, as jansson makes one, costs several times the rest of reading
 * a line and rounds numbers.
 *
 * Pure, any thread; nothing is allocated. Texts may hold any byte. Values may stand 64 deep in each
 * other. Strings must be UTF-8, and lone surrogates may not be escaped either: they are no text.
 * Whether a name comes twice in an object is not looked at.
 */

enum haul_json_kind {
    HAUL_JSON_NULL,
    HAUL_JSON_FALSE,
    HAUL_JSON_TRUE,
    HAUL_JSON_NUMBER,
    HAUL_JSON_STRING,
    HAUL_JSON_ARRAY,
    HAUL_JSON_OBJECT
};

/* Points into the text. */
struct haul_json_value {
    enum haul_json_kind kind;
    bool has_escapes;      /* of a STRING: it is not what it stands for */
    struct haul_span text; /* as it is written; of a STRING without its quotation marks */
};

/* A walk through the members of an object. */
struct haul_json {
    const char *begin, *at, *end;
    bool is_first;       /* no member was given */
    bool is_over;        /* the object is closed */
    const char *problem; /* static; why the text is no JSON object, or NULL */
};

/* Begins with a whole text. */
void haul_json_init(struct haul_json *json, struct haul_span text);

/*
 * Gives the next member of the object that the text is. False: there are no more. Then `problem` is
 * NULL: the text is an object and nothing else, but for white space around it; or it says what is
 * wrong, and (at - begin) where.
 */
bool haul_json_next(struct haul_json *json, struct haul_json_value *name,
                    struct haul_json_value *value);

/* What people call such a value: "a number". Static. */
const char *haul_json_kind_text(enum haul_json_kind kind);

/* Whether a name or another string stands for the `len` bytes at `text`. */
bool haul_json_is(const struct haul_json_value *string, const char *text, size_t len);

/*
 * Writes what a string given by haul_json_next stands for, without a NUL, to where there is room
 * for text.len bytes. Returns where to go on. It may hold NULs.
 */
char *haul_json_put(char *to, const struct haul_json_value *string);

#endif
