#ifndef HAUL_CLI_FILE_H
#define HAUL_CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "cli/option.h"

/*
 * Configuration files (their form: ini.h). Before the first section stand options by their long
 * names; those without a value are yes or no, those that may be repeated may be repeated. A section
 *
 *     [host "*.example.com:8080"]
 *
 * holds what differs for the hosts that its pattern describes: options with `host` in the table.
 * Its port may be left out. Sections become rules of the configuration, in their order; they count
 * more than the same option anywhere else, the command line included, for they say more exactly
 * what they mean.
 *
 * A file that holds a password must not be within the reach of others (secret.h).
 */

enum { HAUL_CONFIG_FILE_MAX = 1 << 20 }; /* bytes */

/*
 * Reads the files that the result names, after the command line and the environment, one after the
 * other: of several, the last one wins. HAUL_OK; HAUL_ERR_USAGE with a message that names file and
 * line; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_config_files_read(struct haul_config *config,
                                                   struct haul_options_result *result,
                                                   struct haul_buf *message);

/* The content of a file. */
struct haul_config_text {
    const char *name; /* for messages; lives as long as the configuration */
    const char *bytes;
    size_t len;
    bool is_exposed; /* passwords are refused */
};

/* The same for a file that is in memory. */
HAUL_MUST_USE enum haul_err haul_config_text_read(const struct haul_config_text *text,
                                                  struct haul_config *config,
                                                  struct haul_options_result *result,
                                                  struct haul_buf *message);

#endif
