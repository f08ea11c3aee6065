#ifndef HAUL_ENGINE_LIMITS_H
#define HAUL_ENGINE_LIMITS_H

#include "base/buf.h"
#include "haul/config.h"
#include "haul/err.h"

/* What the system must allow a run: descriptors and stacks. Main thread, before any other. */

/* How many workers: as many as were asked for, but no more than jobs, if their number is known. */
int haul_limits_workers(const struct haul_config *config);

/*
 * Raises the limit of descriptors if need be, gives libuv's pool its size, and threads small
 * stacks. HAUL_ERR_SYSTEM with a line in `message`: too few descriptors. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_limits_prepare(const struct haul_config *config,
                                                struct haul_buf *message);

#endif
