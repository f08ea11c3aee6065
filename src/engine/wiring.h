#ifndef HAUL_ENGINE_WIRING_H
#define HAUL_ENGINE_WIRING_H

#include "base/newfile.h"
#include "base/wake.h"
#include "engine/collector.h"
#include "engine/dispatcher.h"
#include "engine/document.h"
#include "engine/worker.h"

/*
 * The parts of a run: what is made before the first thread starts and freed after the last one has
 * ended. Main makes and frees them; in between each belongs to the threads that are named. The
 * network serves the dispatcher, too, which fetches sitemaps; the collector's parts are main's
 * again when the collector was joined (conclude.h).
 */
struct haul_wiring {
    struct haul_terminal error_term; /* [const] what standard error is */
    struct haul_run run;

    /* what comes in; the dispatcher's */
    struct haul_document *document; /* or NULL: no sitemap is read */
    struct haul_dispatcher_env dispatch;

    /* what fetches; the workers' */
    struct haul_archive archive;   /* of --tar; the collector's. Without it, file.fd is -1 */
    struct haul_warc warc;         /* of --warc; the collector's. Without it, its config is NULL */
    struct haul_body_store bodies; /* where bodies go */
    struct haul_guard *guard;      /* the files of the run, which no body replaces; or NULL */
    struct haul_worker **worker;
    int worker_count; /* made */

    /* what is told; the collector's */
    struct haul_collector *collector;
    struct haul_outputs *outputs;
    struct haul_wake impatience;   /* readers who take nothing are not waited for much longer */
    struct haul_patience patience; /* the same for who writes: the collector, then who concludes */
    struct haul_newfile failed_file; /* of --save-failed */
    struct haul_journal *journal;    /* or NULL */
    struct haul_store *store;        /* or NULL */
    struct haul_buf held;            /* with --quiet-unless: lines that are said later, or never */

    /* where the history cannot be used */
    struct haul_buf lost_history; /* what is said of it at the end; "" if it can */
    struct haul_config without;   /* the same without it; run.config then */
};

/*
 * Makes all of it for `config`, which must outlive it. `ask_stop` and `arg` are the collector's.
 * Whatever is returned, it is to be freed. What is only to be told is said at once, or held by the
 * collector (--quiet-unless); `message` gets the lines of a refusal, without those before it. A
 * history that cannot be used, for what is wrong with its file or place (HAUL_ERR_IO), refuses
 * nothing: the run is one without it, says so, and fails in the end.
 *
 * HAUL_ERR_USAGE, HAUL_ERR_LOCKED (another run holds the journal or the history), HAUL_ERR_IO,
 * HAUL_ERR_NOMEM, HAUL_ERR_SYSTEM, HAUL_ERR_LIBRARY. Main thread, before any other exists.
 */
HAUL_MUST_USE enum haul_err haul_wiring_make(struct haul_wiring *w,
                                             const struct haul_config *config,
                                             haul_collector_stop_fn *ask_stop, void *arg,
                                             struct haul_buf *message);

/* Frees all of it, half made or whole. What was not published leaves nothing behind. */
void haul_wiring_free(struct haul_wiring *w);

#endif
