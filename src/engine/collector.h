#ifndef HAUL_ENGINE_COLLECTOR_H
#define HAUL_ENGINE_COLLECTOR_H

#include "base/terminal.h"
#include "engine/run.h"
#include "history/store.h"
#include "journal/journal.h"
#include "model/inputs.h"
#include "model/ledger.h"
#include "model/redactor.h"
#include "report/outputs.h"
#include "sink/archive.h"
#include "sink/warc_file.h"
#include "summary/summary.h"

/*
 * The collector: the only thread that counts, and the only one that writes what the run says. (The
 * workers write bodies to files; those for an archive it appends itself.) It drains the results
 * queue into the archive, the journal, the ledger, the store and the reports, keeps the progress
 * line, and prints the messages of the run. A body is in its archive before its record is in the
 * journal, and that is there before its row is shown. At the end it makes the summary and writes
 * the reports on the whole run; main gives all of them their names (conclude.h).
 */
struct haul_collector;

/* Drains the work queue and asks main for a stop; on the collector's thread, must not block. */
typedef void haul_collector_stop_fn(void *arg, enum haul_stop_level level);

struct haul_collector_env {
    struct haul_run *run;
    struct haul_outputs *outputs;         /* the collector's until it was joined */
    struct haul_archive *archive;         /* or NULL; the collector's until it was joined */
    struct haul_warc *warc;               /* the same */
    struct haul_journal *journal;         /* or NULL; the collector's until it was joined */
    const struct haul_redactor *redactor; /* or NULL */
    int failed_fd;                        /* for --save-failed, or -1; stays the caller's */
    struct haul_terminal error_term;      /* what standard error is */
    struct haul_patience *patience;       /* with who reads */
    haul_collector_stop_fn *ask_stop;
    void *arg;
};

/* Makes a collector. HAUL_ERR_NOMEM; or that of haul_failed_create, with its message. Main
 * thread. */
HAUL_MUST_USE enum haul_err haul_collector_create(const struct haul_collector_env *env,
                                                  struct haul_collector **out,
                                                  struct haul_buf *message);
void haul_collector_free(struct haul_collector *collector);

/* Works until the results queue is closed and empty, then finishes the reports. Its own thread. */
void haul_collector_run(struct haul_collector *collector);

/* What the collector leaves to main, when it was joined or never ran. */
struct haul_collector_end {
    struct haul_ledger ledger;
    uint64_t old_rows;           /* of earlier runs */
    struct haul_summary summary; /* of the run as a whole; empty without `has_summary` */
    bool has_summary;
    bool has_exceeded;         /* a budget is exceeded */
    bool has_lost;             /* reports are not what was asked for, be they written or not */
    bool has_failed;           /* haul could not do its own work; set with `has_lost`, too */
    bool is_disk_full;         /* there was no space for bodies; the reports are as good as any */
    bool has_stored;           /* the run is in the store */
    struct haul_inputs inputs; /* how they have ended */
};
const struct haul_collector_end *haul_collector_end(const struct haul_collector *collector);

/* Before it runs: the store, or NULL, which was begun; the collector's until it was joined.
 * `has_lost`: there should be a history behind it, and that has failed. */
void haul_collector_use_store(struct haul_collector *collector, struct haul_store *store,
                              bool has_lost);

/* Before it runs: says `lines`, or with --quiet-unless keeps them until it is known whether they
 * are to be said. Each ends with a newline, the last one perhaps not. */
void haul_collector_hold(struct haul_collector *collector, const char *lines);

/* The name of a run's store in messages: the history's file. */
const char *haul_collector_store_name(const struct haul_config *config);

#endif
