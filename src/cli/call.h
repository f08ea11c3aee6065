#ifndef HAUL_CLI_CALL_H
#define HAUL_CLI_CALL_H

#include "cli/option.h"

/*
 * One option on its way into the configuration. Private to this room: options.c, environment.c and
 * file.c read it, the rows of the table say what it is, set.c and set_number.c write its value, and
 * settings.c decides whether that counts.
 */
struct haul_option_call {
    const struct haul_option *option;
    const char *name;  /* the long name as typed, static; NULL: it was the letter */
    char letter;       /* as typed, if name is NULL */
    bool on;           /* false: --no-NAME, or "NAME = no" */
    const char *value; /* or NULL: none given */
    struct haul_option_source from;
    struct haul_config *config;
    struct haul_options_result *result;
    struct haul_buf *message;
};

/*
 * Writes "haul: -j 0: " (or "haul: HAUL_JOBS=0: ", or "haul: FILE:3: jobs = 0: ") and then `cause`
 * to the message, to which the caller may append, and returns HAUL_ERR_USAGE. A secret value is
 * left out, any other is escaped; `cause` is our own words.
 */
HAUL_MUST_USE enum haul_err haul_option_fail(struct haul_option_call *call, const char *cause);

#endif
