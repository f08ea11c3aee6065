#ifndef HAUL_BATCH_H
#define HAUL_BATCH_H

#include "haul/config.h"

/*
 * A batch: everything that `config` names is fetched, and reported.
 *
 * Runs the whole pipeline and returns when all of it has stopped: no thread of haul's is left but
 * the pool's own, which libuv keeps. The report goes where the configuration says, messages,
 * progress and summary to standard error. SIGINT, SIGTERM and SIGHUP are caught while it runs: the
 * first lets what is in flight finish (at most `grace_ms`), a second one ends it; the report is
 * complete either way. A third has its default action, should nobody read the report. One of them
 * that is ignored when it begins stays ignored. SIGUSR1 and SIGUSR2 print how the run stands; both
 * are left blocked.
 *
 * Once per process, because libuv's pool has its size for good; on the main thread, while no other
 * thread runs; SIGPIPE must be ignored. `config` is read by all threads and must not change.
 *
 * Returns the exit status (enum haul_exit, haul/exit.h). With USAGE and LOCKED nothing was fetched,
 * and a message says why.
 */
int haul_batch_run(const struct haul_config *config);

#endif
