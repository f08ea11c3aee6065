#include "engine/history.h"

#include "base/clock.h"
#include "engine/closing.h"
#include "journal/head.h"
#include "model/version.h"

const char *haul_history_name(const struct haul_config *config)
{
    return config->history ? config->history : "temporary file";
}

static enum haul_err fail(const struct haul_config *config, const struct haul_store *store,
                          enum haul_err err, struct haul_buf *message)
{
    if (err)
        haul_buf_addf(message, "%s: the history cannot be written: %s", haul_history_name(config),
                      haul_store_error(store));
    return err;
}

enum haul_err haul_history_open(const struct haul_config *config, struct haul_store **out,
                                struct haul_buf *message)
{
    const struct haul_store_options options = {
        .path = config->history,
        .lock = config->lock == HAUL_LOCK_WAIT ? HAUL_STORE_LOCK_WAIT : HAUL_STORE_LOCK_FAIL};

    *out = NULL;
    return config->history || haul_closing_is_needed(config)
               ? haul_store_open(&options, out, message)
               : HAUL_OK;
}

enum haul_err haul_history_begin(const struct haul_config *config, struct haul_store *store,
                                 struct haul_buf *message)
{
    struct haul_store_run run = {.started_us = haul_clock_wall_us(), .version = HAUL_VERSION};
    struct haul_buf options;
    enum haul_err err;

    if (!store)
        return HAUL_OK;
    haul_buf_init(&options, 0);
    haul_journal_add_options(&options, config);
    run.options = haul_buf_str(&options);
    err = options.err;
    if (!err)
        err = fail(config, store, haul_store_begin(store, &run), message);
    haul_buf_done(&options);
    return err;
}

enum haul_err haul_history_conclude(const struct haul_config *config, struct haul_store *store,
                                    int status, struct haul_buf *message)
{
    struct haul_store_keep keep = {.runs = config->keep_runs};
    enum haul_err err;

    if (!store || !config->history)
        return HAUL_OK;
    if (config->keep_ms)
        keep.newest_us = haul_clock_wall_us() - config->keep_ms * 1000;
    err = haul_store_set_status(store, status);
    if (!err && (keep.runs || keep.newest_us))
        err = haul_store_prune(store, &keep);
    return fail(config, store, err, message);
}
