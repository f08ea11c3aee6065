#include "base/clock.h"
#include "base/owned.h"
#include "engine/run_summary.h"
#include "engine/wiring_inside.h"
#include "history/instead.h"
#include "journal/line.h"
#include "model/version.h"

/* The store of a run, and the history behind it. */

static struct haul_store_options options_of(struct haul_wiring *w)
{
    const struct haul_config *config = w->run.config;

    return (struct haul_store_options){
        .path = config->history,
        .lock = config->lock == HAUL_LOCK_WAIT ? HAUL_STORE_LOCK_WAIT : HAUL_STORE_LOCK_FAIL,
        .today = w->dispatch.reuse.today,
        .stop = &w->run.stop};
}

/*
 * One that cannot be used keeps nobody from fetching and from the reports: from here on, the run is
 * one without a history, and fails at its end for that. In `message` is why.
 */
static enum haul_err lose_history(struct haul_wiring *w, struct haul_buf *message)
{
    const struct haul_store_options options = options_of(w);

    haul_store_free(w->store);
    w->store = NULL;
    haul_buf_addf(&w->lost_history, "%s; this run is not in it", haul_buf_str(message));
    haul_buf_add_str(message, "; the run goes on without it");
    haul_wiring_tell(w, message);
    w->without = *w->run.config;
    w->without.history = NULL;
    w->run.config = w->dispatch.reuse.config = &w->without;
    return haul_run_summary_is_needed(&w->without) ? haul_instead_open(&options, &w->store)
                                                   : HAUL_OK;
}

/* What is wrong with the history itself, and not with what was asked for. */
static enum haul_err survive(struct haul_wiring *w, enum haul_err err, struct haul_buf *message)
{
    return err == HAUL_ERR_IO && w->run.config->history ? lose_history(w, message) : err;
}

enum haul_err haul_wiring_open_store(struct haul_wiring *w, struct haul_buf *message)
{
    const char *history = w->run.config->history;
    const struct haul_store_options options = options_of(w);
    enum haul_err err = HAUL_OK;

    if (history)
        haul_owned_add_warning(message, history);
    haul_wiring_tell(w, message);
    if (history || haul_run_summary_is_needed(w->run.config))
        err = haul_store_open(&options, &w->store, message);
    if (!err && history)
        haul_owned_add_notice(message, history);
    return survive(w, err, message);
}

enum haul_err haul_wiring_open_lookup(struct haul_wiring *w, struct haul_buf *message)
{
    return survive(w, haul_reuse_open_history(&w->dispatch.reuse, message), message);
}

static enum haul_err begin_run(struct haul_wiring *w, struct haul_buf *message)
{
    struct haul_store_run run = {.started_us = haul_clock_wall_us(), .version = HAUL_VERSION};
    struct haul_buf options;
    enum haul_err err;

    if (!w->store)
        return HAUL_OK;
    haul_buf_init(&options, 0);
    haul_journal_add_options(&options, w->run.config);
    run.options = haul_buf_str(&options);
    err = options.err;
    if (!err) {
        err = haul_store_begin(w->store, &run);
        if (err)
            haul_buf_addf(message, "%s: the history cannot be written: %s",
                          haul_collector_store_name(w->run.config), haul_store_error(w->store));
    }
    haul_buf_done(&options);
    return err;
}

enum haul_err haul_wiring_begin_store(struct haul_wiring *w, struct haul_buf *message)
{
    enum haul_err err = begin_run(w, message);

    if (err) {
        err = survive(w, err, message);
        if (!err)
            err = begin_run(w, message);
    }
    haul_collector_use_store(w->collector, w->store, w->lost_history.len > 0);
    return err;
}
