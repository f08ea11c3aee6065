#ifndef HAUL_INPUT_SETTING_H
#define HAUL_INPUT_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/config.h"
#include "model/job.h"

/*
 * One `key=value` line that stands below a URL, as in the input files of aria2 (aria2c(1), "Input
 * File"). Pure, but for what it notes in its arguments.
 */

enum {
    HAUL_SETTING_IGNORED_MAX = 64, /* keys that are ignored, at most */
    HAUL_SETTING_HEADERS_MAX = 64  /* header lines of one entry */
};

/* What was told before, so that it is told once. All zero: nothing. */
struct haul_setting_told {
    bool at[HAUL_SETTING_IGNORED_MAX]; /* that a key is ignored */
    bool dir;                          /* that an absolute dir= is put below --dir */
};

/*
 * What settings may do. Where not all keys are followed, a list is taken to come from a stranger: a
 * header that http/field.h does not call harmless makes its entry one that cannot be used, and
 * limits count only as far as the run lets them (model/entry_limits.h), which whoever uses them
 * sees to.
 */
struct haul_setting_rules {
    enum haul_list_keys keys;
    const char *root; /* the absolute path of --dir, without a slash at its end; NULL: there is no
                         --dir, or its path is not known */
};

/*
 * Whether a line looks like a setting: lower-case letters, digits and hyphens, and then '=', with
 * or without blanks around it, as aria2 reads it. No URL with a scheme does. Then *key and *value
 * get its parts, without blanks around them.
 */
bool haul_setting_split(const char *text, size_t len, struct haul_span *key,
                        struct haul_span *value);

/*
 * Does to `entry` what the line says. `line` is key, '=' and value, without blanks, terminated, and
 * must live as long as the entry: its values point into it. `entry->headers` must have room for
 * HAUL_SETTING_HEADERS_MAX. A key that is given twice counts as the last says, but for `header`.
 *
 * An absolute `dir`, such as aria2 writes into its sessions, means the same directory if that is
 * the root or below it. Any other is put below the root, as a chroot would, unless all keys are
 * followed: then it stays absolute, which sink/name.h refuses. `rules->keys` is not NONE.
 *
 * True: done, or ignored on purpose; for the latter, and for a `dir` that is elsewhere now, if
 * `told` does not say that it was told before, one line without newline that says so is appended to
 * `warning`. False: the entry cannot be used; what is wrong is appended to `problem` (it may hold
 * text of the line, unescaped, but never a credential).
 */
bool haul_setting_apply(const char *line, const struct haul_setting_rules *rules,
                        struct haul_entry_options *options, struct haul_setting_told *told,
                        struct haul_buf *problem, struct haul_buf *warning);

#endif
