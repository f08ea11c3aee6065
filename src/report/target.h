#ifndef HAUL_REPORT_TARGET_H
#define HAUL_REPORT_TARGET_H

#include <stdbool.h>

#include "haul/config.h"

/* What --report FORMAT:FILE says. The first four have a row for each URL; the others are about the
 * whole run, and are written when it has ended. */
enum haul_report_kind {
    HAUL_REPORT_TEXT,
    HAUL_REPORT_CSV,
    HAUL_REPORT_TSV,
    HAUL_REPORT_JSONL,
    HAUL_REPORT_JSON,
    HAUL_REPORT_HTML,
    HAUL_REPORT_MARKDOWN,
    HAUL_REPORT_PROMETHEUS,
    HAUL_REPORT_JUNIT,
    HAUL_REPORT_GITHUB,
    HAUL_REPORT_KIND_COUNT
};

struct haul_report_target {
    enum haul_report_kind kind;
    const char *file; /* points into the text; "-" is standard output */
};

/* Reads "FORMAT:FILE". Returns NULL, or why that is not possible: static, for a message. Pure. */
const char *haul_report_target_read(const char *text, struct haul_report_target *target);

/* Has it a row for each URL? Then `format` is its format. */
bool haul_report_target_has_rows(const struct haul_report_target *target, enum haul_format *format);

#endif
