#ifndef HAUL_COMMAND_DIFF_H
#define HAUL_COMMAND_DIFF_H

#include "haul/config.h"

/*
 * `haul diff OLD NEW`: what has changed from one run to another, each a journal or a run in a
 * history (history/import.h). `haul diff HISTORY` compares the last run in it with the one before.
 *
 * The configuration is that of a command line: its sources of kind URL are the names of the runs;
 * format, output, `top` and `group_by` count. Both runs go into a temporary database, so memory
 * stays bounded; the disk needed is about that of the journals.
 *
 * Prints messages on standard error. Main thread. Returns the exit status, which is diff(1)'s as
 * far as it goes: HAUL_EXIT_OK no difference, FAILED some; USAGE; INTERNAL it could not be done.
 */
int haul_command_diff(const struct haul_config *config);

#endif
