#ifndef HAUL_CLI_SETTINGS_H
#define HAUL_CLI_SETTINGS_H

#include "base/span.h"
#include "cli/option.h"

/* What the command line, the environment and files have in common. Main thread. */

enum { HAUL_OPTION_SHOWN_MAX = 100 }; /* columns of a foreign text in a message */

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

/* Begins a line of a message, below what is in it: "haul: " and the name, which is escaped. */
void haul_option_begin_line(struct haul_buf *message, struct haul_span name);

/*
 * Writes "haul: -j 0: " (or "haul: HAUL_JOBS=0: ", or "haul: FILE:3: jobs = 0: ") and then `cause`
 * to the message, to which the caller may append, and returns HAUL_ERR_USAGE. A secret value is
 * left out, any other is escaped; `cause` is our own words.
 */
HAUL_MUST_USE enum haul_err haul_option_fail(struct haul_option_call *call, const char *cause);

/*
 * Finds the option whose long name, or one of whose further long names, `text` is. Sets `option`
 * and `name` of the call and returns true, or returns false.
 */
bool haul_option_find(struct haul_option_call *call, struct haul_span text);

/*
 * Takes the value (or NULL) of the call's option: checks it, writes it into the configuration
 * unless a later layer than the call's has said something about the option already, and notes it
 * down in the result if it was written. Later layers come first. HAUL_OK; HAUL_ERR_USAGE with a
 * message; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_option_apply(struct haul_option_call *call, const char *value);

/*
 * The same for a value that a file or the environment gives, where options without a value have
 * one: yes or no.
 */
HAUL_MUST_USE enum haul_err haul_option_apply_text(struct haul_option_call *call,
                                                   const char *value);

/*
 * Does one of both, without layers: writes the value into the call's configuration, whatever has
 * been said about it. Notes nothing.
 */
HAUL_MUST_USE enum haul_err haul_option_write_text(struct haul_option_call *call,
                                                   const char *value);

/* Notes down in `result`, whose memory is that of `config`. HAUL_OK or HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_option_note(struct haul_config *config,
                                             struct haul_options_result *result,
                                             const struct haul_option_setting *setting);

/* The index in the table of the first option that writes the same field. */
size_t haul_option_slot(const struct haul_option *option);

#endif
