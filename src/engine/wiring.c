#include "engine/wiring_inside.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/message.h"
#include "engine/confine.h"
#include "engine/limits.h"
#include "engine/retry.h"
#include "engine/robots_job.h"
#include "journal/line.h"
#include "model/config_rules.h"
#include "model/host.h"
#include "model/run_files.h"
#include "model/version.h"
#include "report/path_clash.h"

enum {
    RESULTS_MAX = 256,          /* jobs in the results queue */
    WINDOW_BYTES_MAX = 16 << 20 /* memory of the jobs in the work queue */
};

/* ---- messages ---- */

void haul_wiring_tell(struct haul_wiring *w, struct haul_buf *message)
{
    if (!w->run.config->quiet_unless) {
        haul_message_say_lines(&w->error_term, haul_buf_str(message));
    } else if (message->len) {
        haul_message_next(&w->held);
        haul_buf_add_str(&w->held, haul_buf_str(message));
    }
    haul_buf_clear(message);
}

/* ---- where bodies go ---- */

static enum haul_err make_saving(struct haul_wiring *w, struct haul_buf *message)
{
    const struct haul_config *config = w->run.config;
    enum haul_err err = HAUL_OK;

    if (config->sums)
        err = haul_sums_load(config->sums, &w->dispatch.sums, message);
    if (!err && config->tar)
        err = haul_archive_open(&w->archive, config, message);
    if (!err)
        haul_wiring_tell(w, message);
    if (!err && config->warc)
        err = haul_warc_open(&w->warc, config, message);
    if (!err)
        haul_wiring_tell(w, message);
    if (!err)
        err = haul_body_store_open(&w->bodies, config, config->tar ? &w->archive : NULL,
                                   config->warc ? &w->warc : NULL, message);
    if (!err && haul_config_saves(config))
        err = haul_naming_create(config, w->bodies.tree.folds_case, &w->dispatch.naming);
    w->dispatch.reuse.naming = w->dispatch.naming;
    w->dispatch.reuse.warc = config->warc ? &w->warc : NULL;
    w->dispatch.reuse.saved.members = w->archive.members;
    w->dispatch.reuse.saved.archive_fd = w->archive.file.fd;
    return err;
}

/* ---- queues and workers ---- */

static enum haul_err make_workers(struct haul_wiring *w)
{
    int wanted = haul_limits_workers(w->run.config);

    w->worker = calloc((size_t)wanted, sizeof *w->worker);
    if (!w->worker)
        return HAUL_ERR_NOMEM;
    while (w->worker_count < wanted) {
        enum haul_err err =
            haul_worker_create(&w->run, w->worker_count + 1, &w->worker[w->worker_count]);

        if (err)
            return err;
        w->worker_count++;
    }
    return HAUL_OK;
}

/* As haul_sched_limits wants it. */
static void look_up_host(const void *arg, const char *key, int *per_host, int64_t *host_interval_us)
{
    struct haul_host_settings settings;

    haul_host_find_settings(arg, key, &settings);
    *per_host = settings.per_host;
    *host_interval_us = settings.host_interval_us;
}

/* As haul_workq_set_nudge wants it. */
static void nudge_dispatcher(void *arg)
{
    struct haul_wiring *w = arg;

    haul_list_nudge(w->dispatch.input.list);
    if (w->document)
        haul_document_wake(w->document);
}

/* How long one URL may take is no measure of a host: a limit that is short is not for it. */
static int64_t throttle_max_us(const struct haul_config *config)
{
    int64_t max_us = haul_retry_max_time_us(config);

    return max_us > HAUL_RETRY_WAIT_MAX_US ? max_us : HAUL_RETRY_WAIT_MAX_US;
}

static size_t robots_bytes(const struct haul_config *config)
{
    return config->robots == HAUL_ROBOTS_OBEY ? HAUL_ROBOTS_BYTES_MAX : 0;
}

/* As haul_resultq_set_nudge wants it: workers that were refused look again. */
static void wake_workers(void *arg)
{
    const struct haul_wiring *w = arg;

    for (int i = 0; i < w->worker_count; i++)
        haul_worker_wake(w->worker[i]);
}

static enum haul_err make_queues(struct haul_wiring *w)
{
    const struct haul_config *config = w->run.config;
    const struct haul_sched_limits limits = {.window = (size_t)config->window,
                                             .window_bytes = WINDOW_BYTES_MAX,
                                             .per_host = config->per_host,
                                             .interval_us = config->interval_us,
                                             .host_interval_us = config->host_interval_us,
                                             .host_fail_limit = config->host_fail_limit,
                                             .throttle_max_us = throttle_max_us(config),
                                             .robots_bytes = robots_bytes(config),
                                             .look_up =
                                                 config->host_rule_count ? look_up_host : NULL,
                                             .arg = config};
    enum haul_err err = haul_workq_create(&limits, NULL, NULL, &w->run.workq);

    if (err)
        return err;
    w->run.robots_room.max = HAUL_ROBOTS_BYTES_MAX;
    haul_workq_set_nudge(w->run.workq, nudge_dispatcher, w);
    haul_workq_limit_total(w->run.workq, config->max_total);
    err = haul_resultq_create(RESULTS_MAX, &w->run.resultq);
    if (!err)
        haul_resultq_set_nudge(w->run.resultq, wake_workers, w);
    return err;
}

/* ---- the journal ---- */

/* --skip-existing reads the journal, too: only a journal tells which files are whole. */
static enum haul_resume_mode resume_mode(const struct haul_config *config)
{
    return config->skip_existing && !config->resume ? HAUL_RESUME_YES : config->resume;
}

/* As haul_resume_names wants it. */
static enum haul_err claim_name(void *arg, const char *name, const struct haul_key *key)
{
    return haul_naming_claim(arg, name, key);
}

/* With --sync each every file has been synced by itself, before its record was made. */
static int sync_bodies(void *arg)
{
    const struct haul_body_store *bodies = arg;

    return bodies->config->sync == HAUL_SYNC_BATCH ? haul_body_store_sync(bodies) : 0;
}

static enum haul_err open_journal(struct haul_wiring *w, struct haul_buf *message)
{
    static const enum haul_journal_resume how[] = {[HAUL_RESUME_NO] = HAUL_JOURNAL_NEW,
                                                   [HAUL_RESUME_YES] = HAUL_JOURNAL_RESUME,
                                                   [HAUL_RESUME_FORCE] = HAUL_JOURNAL_FORCE};
    static const int64_t sync_us[] = {
        [HAUL_SYNC_NONE] = -1, [HAUL_SYNC_BATCH] = HAUL_JOURNAL_SYNC_US, [HAUL_SYNC_EACH] = 0};
    const struct haul_config *config = w->run.config;
    const struct haul_journal_options options = {
        .path = config->journal,
        .resume = how[resume_mode(config)],
        .sync_us = sync_us[config->sync],
        .names = {.take = haul_config_saves(config) ? claim_name : NULL, .arg = w->dispatch.naming},
        .first = {.sync = haul_config_saves(config) || config->warc ? sync_bodies : NULL,
                  .arg = &w->bodies},
        .config = config,
        .version = HAUL_VERSION,
        .libcurl = haul_net_version()};
    enum haul_err err;

    if (!config->journal)
        return HAUL_OK;
    err = haul_journal_open(&options, &w->journal, &w->dispatch.reuse.resume, message);
    if (!err)
        haul_wiring_tell(w, message);
    return err;
}

/* ---- what is told ---- */

/* After everything else that can be refused: a journal that was begun can only be resumed. */
static enum haul_err open_records(struct haul_wiring *w, struct haul_buf *message)
{
    const struct haul_config *config = w->run.config;
    enum haul_err err = config->unique ? haul_unique_create(&w->dispatch.unique) : HAUL_OK;

    if (!err && config->save_failed)
        err = haul_newfile_open(&w->failed_file, config->save_failed, message);
    if (!err)
        err = haul_wiring_open_store(w, message);
    if (!err)
        haul_wiring_tell(w, message);
    if (!err)
        err = haul_reuse_open(&w->dispatch.reuse, message);
    if (!err)
        haul_wiring_tell(w, message);
    if (!err)
        err = haul_wiring_open_lookup(w, message);
    return err ? err : open_journal(w, message);
}

static enum haul_err make_collector(struct haul_wiring *w, haul_collector_stop_fn *ask_stop,
                                    void *arg, struct haul_buf *message)
{
    const struct haul_collector_env env = {.run = &w->run,
                                           .outputs = w->outputs,
                                           .archive = w->run.config->tar ? &w->archive : NULL,
                                           .warc = w->run.config->warc ? &w->warc : NULL,
                                           .journal = w->journal,
                                           .redactor = w->dispatch.input.redactor,
                                           .failed_fd = w->failed_file.fd,
                                           .error_term = w->error_term,
                                           .patience = &w->patience,
                                           .ask_stop = ask_stop,
                                           .arg = arg};

    return haul_collector_create(&env, &w->collector, message);
}

/* ---- what no body may replace ---- */

/*
 * All files of the run, and what its standard streams are when they are files. They are all open by
 * now, or have their temporaries.
 */
static enum haul_err make_guard(struct haul_wiring *w)
{
    static const char *const streams[] = {"/dev/fd/0", "/dev/fd/1", "/dev/fd/2"};
    const struct haul_config *config = w->bodies.config; /* a lost history is a file, too */
    struct haul_run_files files;
    enum haul_err err;

    if (!config->dir)
        return HAUL_OK;
    err = haul_run_files_list(config, &files);
    if (!err)
        err = haul_guard_create(&w->bodies.tree, &w->guard);
    for (size_t i = 0; i < files.count && !err; i++)
        err = haul_guard_add(w->guard, files.item[i].name);
    for (size_t i = 0; i < sizeof streams / sizeof *streams && !err; i++)
        err = haul_guard_add(w->guard, streams[i]);
    if (!err && files.warc)
        err = haul_guard_add_row(w->guard, files.warc);
    w->bodies.guard = w->guard;
    haul_run_files_done(&files);
    return err;
}

/* As haul_list_columns wants it. */
static enum haul_err add_column(void *arg, const char *name)
{
    return haul_outputs_add_column(arg, name);
}

/* ---- all of it ---- */

static enum haul_err make_pipeline(struct haul_wiring *w, struct haul_buf *message)
{
    const struct haul_config *config = w->run.config;
    struct haul_input *input = &w->dispatch.input;
    enum haul_err err = haul_input_open(input, config, message);

    w->dispatch.reuse.today =
        (struct haul_key_today){.ignored = &config->ignore_params, .redactor = input->redactor};
    if (!err)
        haul_wiring_tell(w, message);
    if (!err)
        err = make_saving(w, message);
    if (!err)
        err = haul_net_create(config, input->redactor, &w->bodies, &w->run.net);
    if (!err && haul_input_has_sitemaps(config))
        err = haul_document_create(&w->run, &w->document);
    w->dispatch.document = w->document;
    if (!err)
        err = haul_input_begin(input, config, haul_document_fetch, w->document);
    if (!err)
        err = make_queues(w);
    return err ? err : make_workers(w);
}

static void begin(struct haul_wiring *w, const struct haul_config *config)
{
    *w = (struct haul_wiring){
        .error_term = haul_terminal_look(STDERR_FILENO),
        .run = {.config = config},
        .dispatch = {.run = &w->run,
                     .reuse = {.config = config,
                               .bodies = &w->bodies,
                               .saved = {.tree = &w->bodies.tree, .stop = &w->run.stop},
                               .since_fd = -1}},
        .impatience = {.fd = -1},
        .failed_file = {.fd = -1},
        .archive = {.file = {.fd = -1}},
        .warc = {.file = {.fd = -1}},
        .bodies = {.config = config, .tree = {.fd = -1}}};
    haul_buf_init(&w->held, 0);
    haul_buf_init(&w->lost_history, 0);
}

/* What can be known to be wrong before anything is opened. */
static enum haul_err check(const struct haul_config *config, struct haul_buf *message)
{
    enum haul_err err = haul_config_check(config, HAUL_VERB_RUN, message);

    if (!err)
        err = haul_confine_check(config, message);
    if (!err)
        err = haul_path_clash_check(config, message);
    return err ? err : haul_limits_prepare(config, message);
}

enum haul_err haul_wiring_make(struct haul_wiring *w, const struct haul_config *config,
                               haul_collector_stop_fn *ask_stop, void *arg,
                               struct haul_buf *message)
{
    enum haul_err err = check(config, message);

    begin(w, config);
    if (!err)
        haul_wiring_tell(w, message);
    if (!err)
        err = make_pipeline(w, message);
    if (!err)
        err = haul_wake_init(&w->impatience);
    w->patience.end = w->impatience.fd;
    if (!err)
        err = haul_outputs_create(config, &w->outputs, message);
    if (!err)
        haul_outputs_wait_until(w->outputs, &w->patience);
    if (!err)
        err = haul_list_columns(w->dispatch.input.list, add_column, w->outputs);
    if (!err)
        err = open_records(w, message);
    if (!err)
        err = make_collector(w, ask_stop, arg, message);
    if (!err)
        err = haul_wiring_begin_store(w, message);
    if (!err)
        err = make_guard(w);
    if (!err) {
        haul_wiring_tell(w, message);
        haul_collector_hold(w->collector, haul_buf_str(&w->held));
    }
    return err;
}

void haul_wiring_free(struct haul_wiring *w)
{
    haul_newfile_discard(&w->failed_file);
    haul_collector_free(w->collector);
    haul_outputs_free(w->outputs);
    haul_reuse_close(&w->dispatch.reuse);
    haul_store_free(w->store);
    haul_journal_free(w->journal);
    haul_unique_free(w->dispatch.unique);
    haul_naming_free(w->dispatch.naming);
    haul_sums_free(w->dispatch.sums);
    for (int i = 0; i < w->worker_count; i++)
        haul_worker_free(w->worker[i]);
    free(w->worker);
    haul_resultq_free(w->run.resultq);
    haul_workq_free(w->run.workq);
    haul_document_free(w->document);
    haul_net_free(w->run.net);
    haul_guard_free(w->guard);
    haul_body_store_close(&w->bodies);
    haul_archive_close(&w->archive);
    haul_warc_close(&w->warc);
    haul_input_close(&w->dispatch.input);
    haul_wake_done(&w->impatience);
    haul_buf_done(&w->held);
    haul_buf_done(&w->lost_history);
}
