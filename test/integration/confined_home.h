#ifndef HAUL_TEST_CONFINED_HOME_H
#define HAUL_TEST_CONFINED_HOME_H

#include "harness.h"

/*
 * A shell in a directory of the case's own, which has a place for temporary files in it. haul is
 * $haul, with --sandbox require, and with the library $PROBELIB if that is set; the server $url and
 * $tls, with the authority $ca; `verb NAME` is haul's verb of that name.
 */
extern const char *home;

/* Makes that directory; a checked fixture. */
void make_home(void);

/* What that script does, with `env` as struct it_call has it, or NULL. */
struct it_run shell_with(const char *const *env, const char *script);
struct it_run shell(const char *script);

/* It must end well, and say nothing on standard error. */
void check_shell(const char *script);

#endif
