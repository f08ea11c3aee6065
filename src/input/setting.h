#ifndef HAUL_INPUT_SETTING_H
#define HAUL_INPUT_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/job.h"

/*
 * One `key=value` line that stands below a URL, as in the input files of aria2 (aria2c(1), "Input
 * File"). Pure, but for what it notes in its arguments.
 */

enum {
    HAUL_SETTING_IGNORED_MAX = 64, /* keys that are ignored, at most */
    HAUL_SETTING_HEADERS_MAX = 64  /* header lines of one entry */
};

/* Keys that were ignored before, so that each is told once. All zero: none. */
struct haul_setting_told {
    bool at[HAUL_SETTING_IGNORED_MAX];
};

/*
 * Whether a line looks like a setting: lower-case letters, digits and hyphens, and then '='. No URL
 * with a scheme does.
 */
bool haul_setting_has_form(const char *text, size_t len);

/*
 * Does to `entry` what the line says. `line` is the trimmed line, terminated, and must live as long
 * as the entry: its values point into it. `entry->headers` must have room for
 * HAUL_SETTING_HEADERS_MAX. A key that is given twice counts as the last says, but for `header`.
 *
 * True: done, or ignored on purpose; for the latter, and if `told` does not say that it was told
 * before, one line without newline that says so is appended to `warning`. False: the entry cannot
 * be used; what is wrong is appended to `problem` (it may hold text of the line, unescaped, but
 * never a credential).
 */
bool haul_setting_apply(const char *line, struct haul_entry_options *options,
                        struct haul_setting_told *told, struct haul_buf *problem,
                        struct haul_buf *warning);

#endif
