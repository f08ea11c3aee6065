#ifndef HAUL_CLI_ENVIRONMENT_H
#define HAUL_CLI_ENVIRONMENT_H

#include "base/buf.h"
#include "cli/option.h"

/*
 * Options in the environment. Each one that may stand in a file has a variable: HAUL_ and its name
 * in capitals, with '_' for '-' and '.' (--per-host: HAUL_PER_HOST). Options without a value are
 * yes or no; of those that may be repeated, each line of the variable is one. An empty variable
 * says nothing.
 *
 * A variable that begins with HAUL_ and is none of these is somebody else's; but where it looks
 * like a slip, a warning is added to `message`.
 */

/*
 * Takes the options of `environment` (as environ; NULL: none), after the command line. HAUL_CONFIG
 * adds its lines to result->files unless --config or --no-config was given. HAUL_OK,
 * HAUL_ERR_USAGE with a message, HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_environment_read(const char *const *environment,
                                                  struct haul_config *config,
                                                  struct haul_options_result *result,
                                                  struct haul_buf *message);

/* Appends the name of an option's variable. */
void haul_environment_add_name(struct haul_buf *buf, const char *option);

#endif
