#ifndef HAUL_CLI_INI_H
#define HAUL_CLI_INI_H

#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/err.h"

/*
 * One line of a configuration file:
 *
 *     # a comment, also with ';'; only on a line of its own
 *     [SECTION "ARGUMENT"]
 *     NAME = VALUE
 *
 * Blanks around each part do not count. A value or an argument may stand in double quotes, where
 * \" \\ \t \n \r and \xNN (two hexadecimal digits, not 00) have a meaning; otherwise it is taken
 * as it stands, and must not hold " #", which looks like a comment and would be none.
 *
 * Debian's libinih is not used: as packaged it cuts lines in two at 200 bytes, tells no line
 * numbers, and takes indented lines for more of the value before.
 */

enum haul_ini_kind { HAUL_INI_NOTHING, HAUL_INI_SECTION, HAUL_INI_PAIR };

struct haul_ini_line {
    enum haul_ini_kind kind;
    struct haul_span name; /* of a pair or a section; points into the line */
    const char *value;     /* of a pair, or a section's argument ("" if none), in the store */
};

/*
 * Reads the `len` bytes of a line without its newline. `store` holds the value until it is changed;
 * what was in it is gone. HAUL_OK; HAUL_ERR_SYNTAX with a static phrase in *cause; HAUL_ERR_NOMEM.
 * Pure, any thread.
 */
HAUL_MUST_USE enum haul_err haul_ini_read_line(const char *line, size_t len, struct haul_buf *store,
                                               struct haul_ini_line *out, const char **cause);

/*
 * Appends a value so that haul_ini_read_line reads the same: as it is, or quoted where it must be.
 * What is written is plain text, safe for a terminal.
 */
void haul_ini_add_value(struct haul_buf *buf, const char *value);

#endif
