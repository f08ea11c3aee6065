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
 *   duplicate  URL     with --unique
 *   invalid    URL     SOURCE:LINE: what is wrong
 *   host       COUNT   scheme://host:port, first the one with the most entries
 *
 * Nothing is fetched, so a sitemap must be a file, and what an index names is not read; no journal or history is looked at, and no file is written. At most
 * HAUL_DRY_RUN_HOSTS_MAX hosts are counted one by one, the rest together as "others".
 *
 * Returns the exit status: 0; 1: some entries are invalid; 2: wrong configuration (a message says
 * what); 3: a list or a sitemap could not be read to its end, or standard output not be written. Main thread,
 * instead of haul_batch_run.
 */
enum { HAUL_DRY_RUN_HOSTS_MAX = 10000 };
int haul_command_dry_run(const struct haul_config *config);

#endif
