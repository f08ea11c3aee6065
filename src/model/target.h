#ifndef HAUL_MODEL_TARGET_H
#define HAUL_MODEL_TARGET_H

#include "haul/config.h"

/* What --report FORMAT:FILE says. */
struct haul_report_target {
    enum haul_format format;
    const char *file; /* points into the text; "-" is standard output */
};

/* Reads "FORMAT:FILE". Returns NULL, or why that is not possible: static, for a message. Pure. */
const char *haul_report_target_read(const char *text, struct haul_report_target *target);

/* The words of the formats, in their order; behind the last one NULL. Static. */
extern const char *const haul_report_format_words[HAUL_FORMAT_COUNT + 1];

/*
 * What --group-by may say: "host", "type", "path:N" (the first N directories, 1 to 100) or
 * "tag:NAME" (what lists attach). NULL if `text` is one of them, or why it is none, static. Pure.
 */
const char *haul_group_check(const char *text);

/* What --title may say: a line that is not blank, of HAUL_TITLE_MAX bytes at most. NULL, or why it
 * cannot be one, static. Pure. */
enum { HAUL_TITLE_MAX = 200 };
const char *haul_title_check(const char *text);

#endif
