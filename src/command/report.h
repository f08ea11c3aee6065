#ifndef HAUL_COMMAND_REPORT_H
#define HAUL_COMMAND_REPORT_H

#include "haul/config.h"

/*
 * `haul report`: a report from one or several journals, also of a run that still goes on or was
 * killed. Each is read up to where it ends at that moment, without a lock; a torn last line is left
 * out. Where journals, or runs in one journal, have the same occurrence of a URL, the newest record
 * wins.
 *
 * The configuration is that of a command line: its sources of kind URL are the journals' names, its
 * lists (-i) are what the run was to fetch; format, order, output, reports, group_by, quiet and the
 * style of the report count. With lists there is one row for each of their lines, in their order,
 * whatever the order asked for: `pending` if no journal has it; records that are in no list are
 * left out. Without lists there is one row a record: in the order of the input, or as they were
 * done.
 *
 * The reports on a whole run are made from what is in the journals: it lasted from the first start
 * to the last end in them, had as many workers as are named, compares itself with no other run, and
 * has the exit status that these rows would give. It is complete if no list has a line that is
 * pending, or, without lists, if every journal ends with nothing pending. For them the records go
 * through a temporary database.
 *
 * Memory: 20.5 bytes a record, and what one row needs.
 *
 * Prints messages and a summary on standard error. Main thread; curl_global_init comes first if
 * there are lists. Returns the exit status: HAUL_EXIT_OK; USAGE; INTERNAL: it could not be done, or
 * a journal is damaged in the middle (the report has what could be read). A report that cannot be
 * written leaves the others whole.
 */
int haul_command_report(const struct haul_config *config);

#endif
