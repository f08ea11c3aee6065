#ifndef HAUL_CLI_CALL_H
#define HAUL_CLI_CALL_H

#include "cli/options.h"

/*
 * One option on its way into the configuration. Between those who meet it (options.c on the command
 * line, environment.c, file.c), table.c (which knows what each option is), set.c (which does it) and
 * settings.c (which knows whether it counts); nobody else's business.
 */
struct haul_option_call {
    const struct haul_option *option;
    const char *name;  /* the long name as typed, static; NULL: it was the letter */
    char letter;       /* as typed, if name is NULL */
    bool on;           /* false: --no-NAME, or "NAME = no" */
    const char *value; /* or NULL: none given */
    struct haul_option_place place;
    struct haul_config *config;
    struct haul_options_result *result;
    struct haul_buf *message;
};

/*
 * Writes "haul: -j 0: " (or "haul: HAUL_JOBS=0: ", or "haul: FILE:3: jobs = 0: ") and then `cause` to
 * the message, to which the caller may append, and
 * returns HAUL_ERR_USAGE. A secret value is left out, any other is escaped; `cause` is our own
 * words.
 */
HAUL_MUST_USE enum haul_err haul_option_fail(struct haul_option_call *call, const char *cause);

#endif
