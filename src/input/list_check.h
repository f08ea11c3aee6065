#ifndef HAUL_INPUT_LIST_CHECK_H
#define HAUL_INPUT_LIST_CHECK_H

#include <stddef.h>

#include "base/buf.h"
#include "haul/config.h"
#include "haul/err.h"

/*
 * Whether the sources that are files can be read, before anything is fetched: they exist, are
 * readable and no directories, and standard input stands there once at most. Regular files are
 * opened and closed again, pipes and devices are not touched. HAUL_OK, or HAUL_ERR_USAGE: `message`
 * has been appended one line without newline that names the source and the cause, not escaped.
 */
HAUL_MUST_USE enum haul_err haul_list_check(const struct haul_source *source, size_t count,
                                            struct haul_buf *message);

#endif
