#ifndef HAUL_REPORT_PATH_CLASH_H
#define HAUL_REPORT_PATH_CLASH_H

#include "base/buf.h"
#include "haul/config.h"

/*
 * Whether each file that this run replaces (the reports, the list of the failed) is one that it
 * uses for nothing else: otherwise a journal or a history would be gone when a report gets its
 * name. Names are compared, and where they lead. What is no regular file may be named twice, but by
 * one report only. Lists are the command line's to compare.
 *
 * To be asked after haul_config_check and before anything is opened for writing. HAUL_ERR_USAGE
 * with one line in `message` that names both; HAUL_ERR_NOMEM. Any thread.
 */
HAUL_MUST_USE enum haul_err haul_path_clash_check(const struct haul_config *config,
                                                  struct haul_buf *message);

#endif
