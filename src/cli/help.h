#ifndef HAUL_CLI_HELP_H
#define HAUL_CLI_HELP_H

#include "base/buf.h"

/* What --help and --version print. Pure: they append to a buffer; its sticky error tells. */

/* Appends the text of --help, made of the option table; no line is wider than 79 columns. */
void haul_help_add(struct haul_buf *buf);

/*
 * Appends the text of --version: haul's version, then one line for each library. `curl` and `uv`
 * are those libraries' own descriptions without a newline ("libcurl/7.88.1 OpenSSL/3.0.11 ..."),
 * `features` what this libcurl can do ("HTTP2 brotli ..."), `sandbox` what this kernel can
 * ("Landlock ABI 7"); each may be NULL and is left out then.
 */
void haul_help_add_version(struct haul_buf *buf, const char *curl, const char *uv,
                           const char *features, const char *sandbox);

#endif
