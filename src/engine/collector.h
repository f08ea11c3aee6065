#ifndef HAUL_ENGINE_COLLECTOR_H
#define HAUL_ENGINE_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/terminal.h"
#include "engine/resultq.h"
#include "haul/config.h"
#include "history/store.h"
#include "journal/journal.h"
#include "model/ledger.h"
#include "model/stop.h"
#include "report/outputs.h"

/*
 * The collector: the only thread that counts and the only one that writes. It drains the results
 * queue into the journal, the ledger, the store and the report, keeps the progress line, and prints the
 * messages of the run. A record is in the journal before its row is shown.
 */
struct haul_collector;

struct haul_collector_env {
    const struct haul_config *config;
    struct haul_resultq *resultq;
    struct haul_outputs *outputs;    /* the collector's until it was joined */
    struct haul_journal *journal;    /* or NULL; the collector's until it was joined */
    struct haul_store *store;        /* or NULL; the collector's until it was joined */
    int failed_fd;                   /* for --save-failed, or -1; stays the caller's */
    struct haul_terminal error_term; /* what standard error is */
    /* Asks main for a stop; called on the collector's thread, must not block. */
    void (*ask_stop)(void *arg, enum haul_stop_level level);
    void *arg;
};

/* Makes a collector. HAUL_ERR_NOMEM. Main thread. */
HAUL_MUST_USE enum haul_err haul_collector_create(const struct haul_collector_env *env,
                                                  struct haul_collector **out);
void haul_collector_free(struct haul_collector *collector);

/* Works until the results queue is closed and empty, then finishes the report. On its own thread.
 */
void haul_collector_run(struct haul_collector *collector);

/* After it was joined: the books; whether haul could not do its own work; and whether that was such
 * that the reports are not what was asked for, be they written or not. */
const struct haul_ledger *haul_collector_ledger(const struct haul_collector *collector);
bool haul_collector_has_failed(const struct haul_collector *collector);
bool haul_collector_has_lost(const struct haul_collector *collector);

/* After it was joined: whether there was no space for bodies. The reports are as good as any. */
bool haul_collector_is_disk_full(const struct haul_collector *collector);

/* After it was joined: is a budget exceeded? */
bool haul_collector_has_exceeded(const struct haul_collector *collector);

/* After it was joined: whether the run is in the store, which can be asked about it. */
bool haul_collector_has_stored(const struct haul_collector *collector);

/* After it was joined: prints the summary on standard error; with --quiet only what is wrong, with
 * --quiet-unless nothing, for it was said already. `elapsed_us`: wall time of the run. */
void haul_collector_summarise(struct haul_collector *collector, int64_t elapsed_us);

/* Before it runs: with --quiet-unless, keeps `lines` (each ended by a newline, but perhaps the last)
 * until it is known whether they are to be said. */
void haul_collector_hold(struct haul_collector *collector, const char *lines);

/* Prints "haul: TEXT" and a newline on standard error, escaped. For main, while no collector runs.
 */
void haul_collector_say(const struct haul_terminal *term, const char *text);

#endif
