#ifndef HAUL_BASE_TERMINAL_H
#define HAUL_BASE_TERMINAL_H

#include <stdbool.h>

/* What is known about the place where text goes. Main thread, after setlocale. */
struct haul_terminal {
    bool is_terminal;        /* the descriptor is one, and TERM is not "dumb" */
    int columns;             /* its width, 0: unknown */
    bool utf8;               /* the locale's character set is UTF-8 */
    bool is_log, may_be_log; /* of a CI system, which looks for commands in it (base/ci.h) */
};

/* Looks at descriptor `fd` and at the environment (TERM, COLUMNS). */
struct haul_terminal haul_terminal_look(int fd);

#endif
