#ifndef HAUL_CLI_SETTINGS_H
#define HAUL_CLI_SETTINGS_H

#include "cli/call.h"

/* What the command line, the environment and files have in common. Main thread. */

/*
 * Finds the option whose long name, or one of whose further long names, the `len` bytes at `text`
 * are. Sets `option` and `name` of the call and returns true, or returns false.
 */
bool haul_option_find(struct haul_option_call *call, const char *text, size_t len);

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
