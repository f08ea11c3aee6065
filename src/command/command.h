#ifndef HAUL_COMMAND_COMMAND_H
#define HAUL_COMMAND_COMMAND_H

#include <signal.h>

#include "haul/config.h"
#include "haul/exit.h"

/*
 * The verbs that take the place of a run (haul/batch.h). The configuration is that of a command
 * line; of what it holds counts what is named below: a configuration file's options for runs mean
 * nothing here. What haul_config_check refuses is refused before anything is opened.
 *
 * Each prints messages on standard error and returns the exit status: HAUL_EXIT_USAGE for what the
 * user has to change, INTERNAL if it could not be done, OK, and others where said so. Main thread,
 * after curl_global_init or before any other thread.
 *
 * All are filters: a reader who has enough (`| head`) and closes the pipe ends them without a
 * message, with the status that a shell gives a filter which SIGPIPE has killed. A run is none:
 * what it has fetched is worth a report, and one that cannot be written is an error.
 */
enum { HAUL_COMMAND_READER_LEFT = HAUL_EXIT_SIGNAL + SIGPIPE };

/*
 * `--dry-run`: what a run would do, without doing it. Reads the lists to their end and writes, on
 * standard output, one line for each entry and then one for each host; cells are separated by tabs
 * and escaped (haul_escape_tsv):
 *
 *   fetch      URL
 *   mirror     URL     below its entry, as often as there are mirrors
 *   file       NAME    below it, with --dir: of the file that it would become
 *   renamed    NAME    the same, where another URL has the plain name
 *   duplicate  URL     with --unique
 *   invalid    URL     SOURCE:LINE: what is wrong
 *   host       COUNT   scheme://host:port, first the one with the most entries
 *
 * Nothing is fetched, so a sitemap must be a file, and what an index names is not read. No journal
 * or history is read, and no file is written. What a run refuses because two of its files are one
 * (haul_path_clash_check) is refused with the same words. At most HAUL_DRY_RUN_HOSTS_MAX hosts are
 * counted one by one, the rest together as "others".
 *
 * HAUL_EXIT_FAILED: some entries are invalid; INTERNAL: also if a list or a sitemap could not be
 * read to its end.
 */
enum { HAUL_DRY_RUN_HOSTS_MAX = 10000 };
int haul_command_dry_run(const struct haul_config *config);

/*
 * `haul report`: a report from one or several journals, also of a run that still goes on or was
 * killed, and a summary on standard error. Each is read up to where it ends at that moment, without
 * a lock; a torn last line is left out. Where journals, or runs in one journal, have the same
 * occurrence of a URL, the newest record wins.
 *
 * Sources of kind URL are the journals' names, the lists (-i) are what the run was to fetch;
 * format, fields, order, output, reports, save_failed, group_by, redact, quiet and the style of the
 * report count. With lists there is one row for each of their lines, in their order, whatever the
 * order asked for: `pending` if no journal has it; records that are in no list are left out.
 * Without lists there is one row a record: in the order of the input, or as they were done.
 *
 * The reports on a whole run are made from what is in the journals: it lasted from the first start
 * to the last end in them, had as many workers as are named, compares itself with no other run, and
 * has the exit status that these rows would give. It is complete if no list has a line that is
 * pending and none is empty where that is an error, or, without lists, if every journal ends with a
 * run that was complete. For them the records go through a temporary database.
 *
 * Memory: 20.5 bytes a record, and what one row needs. HAUL_EXIT_INTERNAL: also if a journal is
 * damaged in the middle (the report has what could be read). A report that cannot be written leaves
 * the others whole.
 */
int haul_command_report(const struct haul_config *config);

/*
 * `haul diff OLD NEW`: what has changed from one run to another, each a journal or a run in a
 * history (history/import.h). `haul diff HISTORY` compares the last run in it with the one before.
 *
 * Sources of kind URL are the names of the runs; format, output, `top`, `group_by` and `redact`
 * count. Both runs go into a temporary database, so memory stays bounded; the disk needed is about
 * that of the journals. The status is diff(1)'s as far as it goes: HAUL_EXIT_OK no difference,
 * FAILED some.
 */
int haul_command_diff(const struct haul_config *config);

/*
 * `haul history FILE`: the runs in a history, oldest first. `haul history FILE URL...`: what the
 * runs found at these URLs, one row for each time that something of it had changed; a URL is named
 * as the list did, or in any other way that leads to the same request.
 *
 * Sources of kind URL are the file and the URLs; format, output and redact count. The history is
 * only read, without a lock. HAUL_EXIT_USAGE: also for a file or a URL that is not there.
 */
int haul_command_history(const struct haul_config *config);

#endif
