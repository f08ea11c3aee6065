#ifndef HAUL_ENGINE_LIMITS_H
#define HAUL_ENGINE_LIMITS_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/config.h"
#include "haul/err.h"

/* What the system must allow a run: descriptors, stacks, threads. Main thread, before any other. */

/* How many workers: as many as were asked for, but no more than jobs, if their number is known. */
int haul_limits_workers(const struct haul_config *config);

/*
 * Raises the limit of descriptors if need be, gives libuv's pool its size, and threads small
 * stacks. HAUL_ERR_SYSTEM with a line in `message`: too few descriptors. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_limits_prepare(const struct haul_config *config,
                                                struct haul_buf *message);

/*
 * Whether so many threads of libuv's pool can be had at the same time, which is tried. libuv aborts
 * the process if it cannot make them, so this has to be known before.
 */
bool haul_limits_allow_threads(int count);

#endif
