#ifndef HAUL_SINK_NAME_FORM_H
#define HAUL_SINK_NAME_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/*
 * The form of a name (--name), as it is written: "path", "flat", or a template, that is text with
 * fields in braces. What the fields stand for: sink/name.h. Pure; any thread; nothing is allocated.
 */
enum haul_name_field {
    HAUL_NAME_HOST,
    HAUL_NAME_PATH,
    HAUL_NAME_NAME,
    HAUL_NAME_FILE,
    HAUL_NAME_STEM,
    HAUL_NAME_EXT,
    HAUL_NAME_TYPE_EXT,
    HAUL_NAME_NUMBER, /* {n}, {n:0DIGITS} */
    HAUL_NAME_LINE,   /* {line}, {line:0DIGITS} */
    HAUL_NAME_SHA256, /* {sha256}; with digits, a bucket: {sha256:DIGITS} */
    HAUL_NAME_DATE,
    HAUL_NAME_COLUMN, /* {col:NAME} */
    HAUL_NAME_TEXT,   /* what stands for itself */
    HAUL_NAME_FIELD_COUNT
};

enum {
    HAUL_NAME_DIGITS_MAX = 20, /* of a number: 64 bits have no more */
    HAUL_NAME_BUCKET_MAX = 64  /* digits of a SHA-256 */
};

/* One piece of a template. */
struct haul_name_piece {
    enum haul_name_field field;
    struct haul_span text; /* of TEXT: it; of COLUMN: the column's name */
    unsigned digits;       /* of NUMBER and LINE: at least so many; of SHA256: the first so many; 0:
                              as many as there are */
};

/*
 * Takes the next piece off `*form`, which is not empty. NULL, or why there is no such field:
 * static.
 */
const char *haul_name_form_take(const char **form, struct haul_name_piece *piece);

/* The template that a form is: "path" and "flat" are short for one. */
const char *haul_name_form_template(const char *form);

/*
 * Looks at what --name says. NULL: fine. Otherwise why not, static: a field that does not exist or
 * stands where it may not, an empty or absolute path, one that ends in a slash, a part "." or "..",
 * a control character.
 */
const char *haul_name_check(const char *form);

/*
 * Looks at a name that a list gives, of a file or a directory: NULL, or why it is no relative path
 * that stays where it belongs, static.
 */
const char *haul_name_check_given(const char *path, bool is_file);

/*
 * After HAUL_REASON_BAD_NAME: appends which of the list's keys is to blame, what it says, and what
 * to do; one line, unescaped. Nothing if neither is.
 */
void haul_name_explain(const char *out, const char *dir, struct haul_buf *text);

/* Of a form that haul_name_check accepts: the lengths of its buckets; bit N-1 stands for
 * {sha256:N}. */
uint64_t haul_name_form_buckets(const char *form);

/* The same: whether it has that field. */
bool haul_name_form_has(const char *form, enum haul_name_field field);

#endif
