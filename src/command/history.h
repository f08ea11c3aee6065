#ifndef HAUL_COMMAND_HISTORY_H
#define HAUL_COMMAND_HISTORY_H

#include "haul/config.h"

/*
 * `haul history FILE`: the runs in a history, oldest first. `haul history FILE URL...`: what the
 * runs found at these URLs, one row for each time that something of it had changed; a URL is named
 * as the list did, or in any other way that leads to the same request.
 *
 * The configuration is that of a command line: its sources of kind URL are the file and the URLs;
 * format and output count. The history is only read, without a lock.
 *
 * Prints messages on standard error. Main thread, after curl_global_init or before any other
 * thread. Returns the exit status: HAUL_EXIT_OK; USAGE, also for a file or a URL that is not there;
 * INTERNAL: it could not be done.
 */
int haul_command_history(const struct haul_config *config);

#endif
