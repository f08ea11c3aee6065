#ifndef HAUL_COMMAND_DRY_RUN_H
#define HAUL_COMMAND_DRY_RUN_H

#include "haul/config.h"

/*
 * What a run would do, without doing it (--dry-run): reads the lists to their end and writes, on
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
 * or history is read, and no file is written. What a run refuses because of its options
 * (haul_config_check) or because two of its files are one (haul_path_clash_check) is refused with
 * the same words. At most HAUL_DRY_RUN_HOSTS_MAX hosts are counted one by one, the rest together as
 * "others".
 *
 * Returns the exit status: HAUL_EXIT_OK; FAILED: some entries are invalid; USAGE: wrong
 * configuration (a message says what); INTERNAL: a list or a sitemap could not be read to its end,
 * or standard output not be written. Main thread, instead of haul_batch_run.
 */
enum { HAUL_DRY_RUN_HOSTS_MAX = 10000 };
int haul_command_dry_run(const struct haul_config *config);

#endif
