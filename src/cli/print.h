#ifndef HAUL_CLI_PRINT_H
#define HAUL_CLI_PRINT_H

#include "base/buf.h"
#include "cli/option.h"

/*
 * Appends what --print-config shows: every option with the value that is in force, and in a comment
 * above it where that comes from. It is a configuration file, and haul --config reads from it what
 * it was made of, but for secrets, which are left out, and URLs of the command line. Options that
 * have no value stand there as comments. Pure; errors are the buffer's.
 */
void haul_print_config_add(struct haul_buf *buf, const struct haul_options_result *result);

#endif
