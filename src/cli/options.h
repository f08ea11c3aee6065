#ifndef HAUL_CLI_OPTIONS_H
#define HAUL_CLI_OPTIONS_H

#include "base/buf.h"
#include "cli/option.h"
#include "haul/config.h"
#include "haul/err.h"

/*
 * Makes a configuration of a command line, the environment and configuration files. `config` is
 * initialised here (it need not be before) and is fit for haul_config_done afterwards, whatever is
 * returned; it owns copies of all texts, so argv and `environment` are not needed any more.
 *
 * The rules of the command line are those of GNU and curl programs: options and URLs may mix; "--"
 * ends the options; -kv is -k -v; -j16, -j 16, --jobs 16 and --jobs=16 are the same; names are
 * never abbreviated; the last one wins, except for those that add (`many`). An argument "@FILE" is
 * a list, "-" is the list on standard input, everything else is a URL. With neither a list nor a
 * URL, standard input is the list, unless it is a terminal. A first argument "report", "diff" or
 * "history" is a verb; a host of that name is http://report and so on. Whether options go together
 * is not looked at (haul_config_check).
 *
 * `environment` is as environ, or NULL: see environment.h. Configuration files are read where
 * --config or HAUL_CONFIG names them, and nowhere else: see file.h.
 *
 * At the first --help or --version parsing stops with HAUL_OK, and `result` says so.
 *
 * Secrets (the values of -u, -x and -H, userinfo in URLs) are overwritten with "*" in argv as soon
 * as they are read, so that process listings do not show them for longer than can be helped.
 *
 * Errors: HAUL_ERR_USAGE, with one line in `message` (a buffer of the caller's; no newline at the
 * end) such as "haul: -j 0: workers must be 1 to 1024"; text that is not ours is escaped in it.
 * HAUL_ERR_NOMEM with or without a message. With HAUL_OK `message` may hold warnings, one a line.
 * Main thread, before any other is started.
 */
HAUL_MUST_USE enum haul_err haul_options_parse(int argc, char **argv,
                                               const char *const *environment,
                                               struct haul_config *config,
                                               struct haul_options_result *result,
                                               struct haul_buf *message);

#endif
