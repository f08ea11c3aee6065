#ifndef HAUL_REPORT_PATH_CLASH_H
#define HAUL_REPORT_PATH_CLASH_H

#include "base/buf.h"
#include "haul/config.h"

/*
 * Whether each file that this run writes (model/run_files.h) is one that it uses for nothing else:
 * a file that is an input is no output, and each output has its own. Else a list, a journal or a
 * history would be gone when a report gets its name. Names are compared, and where they lead; of
 * the files of a web archive those that are there, and the names of all that may come. What is no
 * regular file may be named twice, but by one report only.
 *
 * To be asked after haul_config_check and before anything is opened for writing. HAUL_ERR_USAGE
 * with one line in `message` that names both; HAUL_ERR_NOMEM. Any thread.
 */
HAUL_MUST_USE enum haul_err haul_path_clash_check(const struct haul_config *config,
                                                  struct haul_buf *message);

#endif
