#include "haul/batch.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/keyset.h"
#include "base/newfile.h"
#include "engine/closing.h"
#include "engine/collector.h"
#include "engine/dispatcher.h"
#include "engine/document.h"
#include "engine/history.h"
#include "engine/status.h"
#include "engine/validators.h"
#include "engine/worker.h"
#include "journal/journal.h"
#include "model/config_rules.h"
#include "model/host.h"
#include "model/version.h"
#include "report/path_clash.h"

/*
 * How a batch lives and dies.
 *
 * main makes everything that can fail before the first thread exists: queues, workers with their
 * streams, the list, the report. Then it starts the collector, the N worker loops (each one request
 * of libuv's pool that lasts as long as the run), and the dispatcher, and goes into libuv's loop,
 * where nothing happens but signals, timers and the workers' leaving.
 *
 * The end comes from the front: the input ends, the dispatcher closes the work queue; the work
 * queue runs empty, the workers leave; when the last has left, main joins the dispatcher, closes
 * the results queue, and joins the collector, which finishes the report.
 *
 * A stop makes the same things happen sooner. DRAIN: the work queue gives out what is left as
 * pending, and the dispatcher sends what it still reads straight to the results. ABORT: the workers
 * end their transfers. QUIT: the dispatcher stops reading, too. Nobody is cancelled; everybody walks
 * out. Only a report that nobody reads can hold that up, without end: so the third signal kills.
 */

enum {
    RESULTS_MAX = 256,           /* jobs in the results queue */
    WINDOW_BYTES_MAX = 16 << 20, /* memory of the jobs in the work queue */
    PROGRESS_MS = 200,
    PLAIN_PROGRESS_MS = 5000,
    STACK_BYTES = 512 << 10, /* of a worker; libuv takes the soft limit */
    SIGNAL_COUNT = 3,
    STATUS_SIGNAL_COUNT = 2
};

static const int stop_signals[SIGNAL_COUNT] = {SIGINT, SIGTERM, SIGHUP};
static const int status_signals[STATUS_SIGNAL_COUNT] = {SIGUSR1, SIGUSR2};

struct batch {
    const struct haul_config *config;
    haul_stop stop;
    struct haul_terminal error_term;
    struct haul_outputs *outputs;
    struct haul_newfile failed_file; /* of --save-failed */
    struct haul_journal *journal;    /* or NULL */
    struct haul_resume *resume;      /* or NULL; the dispatcher's */
    struct haul_validators *earlier; /* or NULL; the dispatcher's */
    struct haul_keyset *unique;      /* or NULL; the dispatcher's */
    struct haul_body_store bodies;   /* where bodies go */
    struct haul_sums *sums;          /* of --sums, or NULL */
    struct haul_naming *naming;      /* or NULL; the dispatcher's */
    struct haul_store *store;        /* or NULL; the collector's while it runs */

    struct haul_redactor *redactor; /* or NULL */
    struct haul_net *net;
    struct haul_list *list;
    struct haul_document *fetch;  /* or NULL: no sitemap is read; the dispatcher's */
    struct haul_walk *walk;       /* or NULL; the list's */
    struct haul_url_parser *urls; /* the dispatcher's */
    struct haul_workq *workq;
    struct haul_resultq *resultq;
    struct haul_collector *collector;
    struct haul_worker_env worker_env;
    struct haul_dispatcher_env dispatcher_env;

    struct haul_worker **worker;
    uv_work_t *request; /* one for each worker */
    int worker_count;   /* made */
    int working;        /* running, in the pool's eyes */

    uv_loop_t loop;
    uv_signal_t signal[SIGNAL_COUNT];
    uv_signal_t status_signal[STATUS_SIGNAL_COUNT];
    uv_timer_t grace, tick, deadline;
    uv_async_t asked; /* the collector asks for a stop, or has left */
    _Atomic int asked_level;
    _Atomic bool collector_left;
    uv_thread_t dispatcher_thread, collector_thread;
    bool has_dispatcher, has_collector;

    int signalled; /* the first signal's number, 0: none */
    bool failed;   /* haul could not do its work */
};

/* ---- stopping ---- */

static void stop(struct batch *b, enum haul_stop_level level)
{
    if (haul_stop_level(&b->stop) >= level)
        return;
    haul_stop_raise(&b->stop, level);
    haul_workq_drain(b->workq);
    haul_list_interrupt(b->list, level == HAUL_STOP_QUIT);
    if (b->fetch)
        haul_document_wake(b->fetch);
    if (level < HAUL_STOP_ABORT)
        return;
    for (int i = 0; i < b->worker_count; i++)
        haul_worker_wake(b->worker[i]);
}

static void on_grace_over(uv_timer_t *timer)
{
    stop(timer->data, HAUL_STOP_ABORT);
}

/* From the first cause on: a signal after the deadline does not prolong it. */
static void begin_grace(struct batch *b)
{
    stop(b, HAUL_STOP_DRAIN);
    if (!uv_is_active((const uv_handle_t *)&b->grace))
        uv_timer_start(&b->grace, on_grace_over, (uint64_t)b->config->grace_ms, 0);
}

/* All that may still take its time is the report, if nobody reads it: a third signal is to kill. */
static void let_signals_kill(struct batch *b)
{
    for (int i = 0; i < SIGNAL_COUNT; i++)
        uv_signal_stop(&b->signal[i]);
}

/* For the summary, which the collector makes. Without memory it says less. */
static void tell_signal(struct batch *b, int number)
{
    struct haul_note *note = haul_note_create(HAUL_NOTE_SIGNAL, NULL);

    if (!note)
        return;
    note->signal = number;
    haul_resultq_post(b->resultq, note);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct batch *b = handle->data;

    if (b->signalled) {
        stop(b, HAUL_STOP_QUIT);
        let_signals_kill(b);
        return;
    }
    b->signalled = number;
    tell_signal(b, number);
    begin_grace(b);
}

/* Rows that are pending for no reason that anybody gave would be a riddle. */
static void on_deadline(uv_timer_t *timer)
{
    struct batch *b = timer->data;
    struct haul_note *note = haul_note_create(
        HAUL_NOTE_MESSAGE, "the time of --max-duration is over; nothing more is started");

    if (note)
        haul_resultq_post(b->resultq, note);
    begin_grace(b);
}

static void on_asked(uv_async_t *async)
{
    struct batch *b = async->data;

    stop(b, (enum haul_stop_level)atomic_load(&b->asked_level));
}

/* On the collector's thread. */
static void ask_stop(void *arg, enum haul_stop_level level)
{
    struct batch *b = arg;

    haul_stop_raise(&b->asked_level, level);
    uv_async_send(&b->asked);
}

/* ---- progress ---- */

static void on_tick(uv_timer_t *timer)
{
    struct batch *b = timer->data;

    haul_status_post_figures(b->workq, b->resultq);
}

static void on_status_signal(uv_signal_t *handle, int number)
{
    struct batch *b = handle->data;

    (void)number;
    haul_status_post_block(b->workq, b->resultq);
}

static uint64_t tick_ms(const struct batch *b)
{
    if (b->config->quiet_unless)
        return 0;
    if (b->config->progress == HAUL_PROGRESS_PLAIN)
        return PLAIN_PROGRESS_MS;
    if (b->config->progress == HAUL_PROGRESS_NONE || b->config->quiet || b->config->verbose)
        return 0;
    return b->error_term.is_terminal ? PROGRESS_MS : 0;
}

/* ---- the loop ---- */

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* Afterwards nothing keeps uv_run from returning. */
static void close_loop(struct batch *b)
{
    uv_walk(&b->loop, close_handle, NULL);
    uv_run(&b->loop, UV_RUN_DEFAULT);
    uv_loop_close(&b->loop);
}

/* As nohup(1), and a shell that runs haul in the background, want it. */
static bool is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static int init_signals(struct batch *b, uv_signal_t *handle, const int *number, int count,
                        uv_signal_cb callback)
{
    int error = 0;

    for (int i = 0; i < count && !error; i++) {
        error = uv_signal_init(&b->loop, &handle[i]);
        handle[i].data = b;
        if (!error && !is_ignored(number[i]))
            error = uv_signal_start(&handle[i], callback, number[i]);
    }
    return error;
}

static void start_timers(struct batch *b)
{
    uint64_t tick = tick_ms(b);

    if (tick)
        uv_timer_start(&b->tick, on_tick, tick, tick);
    if (b->config->max_duration_ms)
        uv_timer_start(&b->deadline, on_deadline, (uint64_t)b->config->max_duration_ms, 0);
}

static enum haul_err init_loop(struct batch *b)
{
    if (uv_loop_init(&b->loop))
        return HAUL_ERR_SYSTEM;
    b->loop.data = b;
    if (uv_async_init(&b->loop, &b->asked, on_asked) || uv_timer_init(&b->loop, &b->grace) ||
        uv_timer_init(&b->loop, &b->tick) || uv_timer_init(&b->loop, &b->deadline) ||
        init_signals(b, b->signal, stop_signals, SIGNAL_COUNT, on_signal) ||
        init_signals(b, b->status_signal, status_signals, STATUS_SIGNAL_COUNT, on_status_signal)) {
        close_loop(b);
        return HAUL_ERR_SYSTEM;
    }
    b->asked.data = b->grace.data = b->tick.data = b->deadline.data = b;
    start_timers(b);
    return HAUL_OK;
}

/* ---- threads ---- */

static void run_worker(uv_work_t *request)
{
    haul_worker_run(request->data);
}

static void on_worker_left(uv_work_t *request, int status)
{
    struct batch *b = request->loop->data;

    (void)status;
    if (--b->working == 0)
        uv_stop(&b->loop);
}

static void run_dispatcher(void *arg)
{
    haul_dispatcher_run(arg);
}

static void run_collector(void *arg)
{
    struct batch *b = arg;

    haul_collector_run(b->collector);
    atomic_store(&b->collector_left, true);
    uv_async_send(&b->asked);
}

static void pass_gate(void *gate)
{
    uv_mutex_lock(gate);
    uv_mutex_unlock(gate);
}

/*
 * Whether so many threads can be had at the same time. libuv aborts the process if it cannot make
 * its pool, so this has to be known before.
 */
static bool has_threads(int count)
{
    uv_thread_t *thread = calloc((size_t)count, sizeof *thread);
    uv_mutex_t gate;
    int made = 0;

    if (!thread || uv_mutex_init(&gate)) {
        free(thread);
        return false;
    }
    uv_mutex_lock(&gate);
    while (made < count && !uv_thread_create(&thread[made], pass_gate, &gate))
        made++;
    uv_mutex_unlock(&gate);
    for (int i = 0; i < made; i++)
        uv_thread_join(&thread[i]);
    uv_mutex_destroy(&gate);
    free(thread);
    return made == count;
}

/* Signals are main's business: threads are started with all of them blocked, and inherit that. */
static enum haul_err start_threads(struct batch *b)
{
    sigset_t all, before;
    enum haul_err err = HAUL_OK;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    b->has_collector = has_threads(b->worker_count + 2) &&
                       !uv_thread_create(&b->collector_thread, run_collector, b);
    for (int i = 0; b->has_collector && i < b->worker_count; i++) {
        b->request[i].data = b->worker[i];
        if (!uv_queue_work(&b->loop, &b->request[i], run_worker, on_worker_left))
            b->working++;
    }
    if (b->working == b->worker_count)
        b->has_dispatcher =
            !uv_thread_create(&b->dispatcher_thread, run_dispatcher, &b->dispatcher_env);
    if (!b->has_dispatcher) {
        haul_workq_close(b->workq);
        err = HAUL_ERR_SYSTEM;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

static void join_threads(struct batch *b)
{
    if (b->has_dispatcher)
        uv_thread_join(&b->dispatcher_thread);
    haul_resultq_close(b->resultq);
    if (!b->has_collector)
        return;
    while (!atomic_load(&b->collector_left)) /* signals are heard to the end */
        uv_run(&b->loop, UV_RUN_ONCE);
    uv_thread_join(&b->collector_thread);
}

/* ---- making and unmaking ---- */

/* As many as were asked for, but no more than there can be jobs, if that is known. */
static int workers_wanted(const struct haul_config *config)
{
    for (size_t i = 0; i < config->source_count; i++)
        if (config->source[i].kind != HAUL_SOURCE_URL)
            return config->jobs;
    if (!config->source_count || config->source_count > (size_t)config->jobs)
        return config->jobs;
    return (int)config->source_count;
}

static enum haul_err make_workers(struct batch *b)
{
    int wanted = workers_wanted(b->config);
    size_t count = (size_t)wanted;

    b->worker_env = (struct haul_worker_env){.config = b->config,
                                             .net = b->net,
                                             .workq = b->workq,
                                             .resultq = b->resultq,
                                             .stop = &b->stop};
    b->worker = calloc(count, sizeof *b->worker);
    b->request = calloc(count, sizeof *b->request);
    if (!b->worker || !b->request)
        return HAUL_ERR_NOMEM;
    while (b->worker_count < wanted) {
        enum haul_err err =
            haul_worker_create(&b->worker_env, b->worker_count + 1, &b->worker[b->worker_count]);

        if (err)
            return err;
        b->worker_count++;
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

static enum haul_err make_queues(struct batch *b)
{
    const struct haul_config *config = b->config;
    const struct haul_sched_limits limits = {.window = (size_t)config->window,
                                             .window_bytes = WINDOW_BYTES_MAX,
                                             .per_host = config->per_host,
                                             .interval_us = config->interval_us,
                                             .host_interval_us = config->host_interval_us,
                                             .host_fail_limit = config->host_fail_limit,
                                             .look_up =
                                                 config->host_rule_count ? look_up_host : NULL,
                                             .arg = config};
    enum haul_err err = haul_workq_create(&limits, NULL, NULL, &b->workq);

    return err ? err : haul_resultq_create(RESULTS_MAX, &b->resultq);
}

static enum haul_err make_collector(struct batch *b)
{
    const struct haul_collector_env env = {.config = b->config,
                                           .resultq = b->resultq,
                                           .outputs = b->outputs,
                                           .journal = b->journal,
                                           .store = b->store,
                                           .failed_fd = b->failed_file.fd,
                                           .error_term = b->error_term,
                                           .ask_stop = ask_stop,
                                           .arg = b};

    return haul_collector_create(&env, &b->collector);
}

static enum haul_err make_redactor(struct batch *b, struct haul_buf *message)
{
    const char *cause;
    enum haul_err err = haul_redactor_create(&b->redactor, &b->config->redact, &cause);

    if (!err || err == HAUL_ERR_NOMEM)
        return err;
    haul_buf_addf(message, "--redact: %s", cause);
    return HAUL_ERR_USAGE;
}

/* ---- the journal ---- */

static int64_t sync_us(enum haul_sync sync)
{
    return sync == HAUL_SYNC_NONE ? -1 : sync == HAUL_SYNC_EACH ? 0 : HAUL_JOURNAL_SYNC_US;
}

/* The message may have several lines. */
static void say_lines(const struct batch *b, struct haul_buf *message)
{
    char *line = message->data, *newline;

    for (; message->len && line && *line; line = newline ? newline + 1 : NULL) {
        newline = strchr(line, '\n');
        if (newline)
            *newline = '\0';
        haul_collector_say(&b->error_term, line);
    }
    haul_buf_clear(message);
}

/* What is there and whole can be told from a journal only if that is read. */
static enum haul_resume_mode resume_mode(const struct haul_config *config)
{
    return config->skip_existing && !config->resume ? HAUL_RESUME_YES : config->resume;
}

/* With --sync each every file has been synced by itself, before its record was made. */
static int sync_bodies(void *arg)
{
    const struct haul_body_store *bodies = arg;

    return bodies->config->sync == HAUL_SYNC_BATCH ? haul_body_store_sync(bodies) : 0;
}

static enum haul_err open_journal(struct batch *b, struct haul_buf *message)
{
    static const enum haul_journal_resume how[] = {[HAUL_RESUME_NO] = HAUL_JOURNAL_NEW,
                                                   [HAUL_RESUME_YES] = HAUL_JOURNAL_RESUME,
                                                   [HAUL_RESUME_FORCE] = HAUL_JOURNAL_FORCE};
    const struct haul_config *config = b->config;
    const struct haul_journal_options options = {
        .path = config->journal,
        .resume = how[resume_mode(config)],
        .sync_us = sync_us(config->sync),
        .first = {.sync = config->dir ? sync_bodies : NULL, .arg = &b->bodies},
        .config = config,
        .version = HAUL_VERSION,
        .libcurl = haul_net_version()};
    enum haul_err err;

    if (!config->journal)
        return HAUL_OK;
    err = haul_journal_open(&options, &b->journal, &b->resume, message);
    if (!err && !config->quiet_unless)
        say_lines(b, message);
    return err;
}

/* After everything else that can be refused: a journal that was begun can only be resumed. */
static enum haul_err make_journal(struct batch *b, struct haul_buf *message)
{
    const struct haul_config *config = b->config;
    enum haul_err err = config->unique ? haul_keyset_create(&b->unique) : HAUL_OK;

    if (!err && config->save_failed)
        err = haul_newfile_open(&b->failed_file, config->save_failed, message);
    if (!err)
        err = haul_history_open(config, &b->store, message);
    if (!err)
        err = haul_validators_open(config, &b->earlier, message);
    if (!err)
        say_lines(b, message);
    return err ? err : open_journal(b, message);
}

/* Writes the ledger down. Returns the exit status: 3 if that is not possible. */
static int finish_journal(struct batch *b, int status)
{
    const struct haul_ledger *ledger = haul_collector_ledger(b->collector);
    struct haul_buf message;

    if (!b->journal || haul_journal_finish(b->journal, ledger, status) == HAUL_OK)
        return status;
    if (haul_collector_has_failed(b->collector))
        return 3;
    haul_buf_init(&message, 0);
    haul_buf_addf(&message, "%s: the journal cannot be written: %s", b->config->journal,
                  strerror(haul_journal_errno(b->journal)));
    haul_collector_say(&b->error_term, haul_buf_str(&message));
    haul_buf_done(&message);
    return 3;
}

static enum haul_err make_saving(struct batch *b, struct haul_buf *message)
{
    const struct haul_config *config = b->config;
    enum haul_err err = HAUL_OK;

    if (config->sums)
        err = haul_sums_load(config->sums, &b->sums, message);
    if (!err)
        err = haul_body_store_open(&b->bodies, config, message);
    if (!err && config->dir)
        err = haul_naming_create(config, b->bodies.tree.folds_case, &b->naming);
    return err;
}

/* ---- sitemaps ---- */

static bool has_sitemaps(const struct haul_config *config)
{
    for (size_t i = 0; i < config->source_count; i++)
        if (config->source[i].kind == HAUL_SOURCE_SITEMAP ||
            config->source[i].kind == HAUL_SOURCE_ROBOTS)
            return true;
    return false;
}

static enum haul_err make_walk(struct batch *b)
{
    const struct haul_document_env fetch = {.config = b->config, .net = b->net, .stop = &b->stop};
    struct haul_walk_env env = {
        .config = b->config, .redactor = b->redactor, .fetch = haul_document_fetch};
    enum haul_err err;

    if (!has_sitemaps(b->config))
        return HAUL_OK;
    err = haul_document_create(&fetch, &b->fetch);
    env.arg = b->fetch;
    if (!err)
        err = haul_walk_create(&env, &b->walk);
    if (!err)
        haul_list_use_walk(b->list, b->walk);
    return err;
}

/* Whatever happens now, the run itself is in the history. */
static int finish_history(struct batch *b, int status)
{
    struct haul_buf message;

    haul_buf_init(&message, 0);
    if (haul_collector_has_stored(b->collector) &&
        haul_history_conclude(b->config, b->store, status, &message)) {
        haul_collector_say(&b->error_term, haul_buf_str(&message));
        status = 3;
    }
    haul_buf_done(&message);
    return status;
}

static void fill_dispatcher_env(struct batch *b)
{
    b->dispatcher_env = (struct haul_dispatcher_env){.list = b->list,
                                                     .fetch = b->fetch,
                                                     .urls = b->urls,
                                                     .redactor = b->redactor,
                                                     .config = b->config,
                                                     .resume = b->resume,
                                                     .unique = b->unique,
                                                     .bodies = &b->bodies,
                                                     .sums = b->sums,
                                                     .naming = b->naming,
                                                     .earlier = b->earlier,
                                                     .workq = b->workq,
                                                     .resultq = b->resultq,
                                                     .stop = &b->stop};
}

static enum haul_err make_all(struct batch *b, struct haul_buf *message)
{
    enum haul_err err = haul_list_create(b->config->source, b->config->source_count,
                                         b->config->url_column, &b->list, message);

    if (!err)
        err = make_redactor(b, message);
    if (!err)
        err = make_saving(b, message);
    if (!err)
        err = haul_net_create(b->config, b->redactor, &b->bodies, &b->net);
    if (!err)
        err = haul_url_parser_create(&b->urls);
    if (!err)
        err = make_walk(b);
    if (!err)
        err = make_queues(b);
    if (!err)
        err = make_workers(b);
    if (!err)
        err = haul_outputs_create(b->config, &b->outputs, message);
    if (!err)
        err = make_journal(b, message);
    if (!err)
        err = make_collector(b);
    if (!err)
        err = haul_history_begin(b->config, b->store, message);
    if (!err) {
        haul_collector_hold(b->collector, haul_buf_str(message));
        haul_buf_clear(message);
    }
    fill_dispatcher_env(b);
    return err;
}

static void free_all(struct batch *b)
{
    haul_newfile_discard(&b->failed_file);
    haul_collector_free(b->collector);
    haul_outputs_free(b->outputs);
    haul_validators_free(b->earlier); /* before the store: who closes a history last tidies it up */
    haul_store_free(b->store);
    haul_resume_free(b->resume);
    haul_journal_free(b->journal);
    haul_keyset_free(b->unique);
    haul_naming_free(b->naming);
    haul_sums_free(b->sums);
    for (int i = 0; i < b->worker_count; i++)
        haul_worker_free(b->worker[i]);
    free(b->worker);
    free(b->request);
    haul_resultq_free(b->resultq);
    haul_workq_free(b->workq);
    haul_url_parser_free(b->urls);
    haul_document_free(b->fetch);
    haul_net_free(b->net);
    haul_body_store_close(&b->bodies);
    haul_redactor_free(b->redactor);
    haul_list_free(b->list);
    haul_walk_free(b->walk);
}

/* ---- what the system must allow ---- */

/*
 * A worker needs a wake-up, libcurl's own pair, and for each stream two connections, and a file with
 * its directory and what is open while it gets its name.
 */
static rlim_t descriptors_needed(const struct haul_config *config)
{
    rlim_t each = config->dir ? 2 + 5 : 2;

    return 32 + (rlim_t)config->jobs * (3 + each * (rlim_t)config->streams);
}

static enum haul_err allow_descriptors(const struct haul_config *config, struct haul_buf *message)
{
    rlim_t needed = descriptors_needed(config);
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= needed)
        return HAUL_OK;
    limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
    if (limit.rlim_cur >= needed && setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return HAUL_OK;
    haul_buf_addf(message,
                  "%d workers need %llu file descriptors and the system allows %llu: use a smaller "
                  "-j, or raise the limit (ulimit -n)",
                  config->jobs, (unsigned long long)needed, (unsigned long long)limit.rlim_max);
    return HAUL_ERR_SYSTEM;
}

/* libuv gives each thread as much stack as the soft limit says: a thousand workers want less. */
static void limit_stacks(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_STACK, &limit))
        return;
    if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur <= STACK_BYTES)
        return;
    limit.rlim_cur = STACK_BYTES;
    (void)setrlimit(RLIMIT_STACK, &limit);
}

/* libuv reads the variable when the pool is first used, and corrects bad values silently. */
static enum haul_err size_pool(const struct haul_config *config)
{
    char text[16];

    assert(config->jobs >= 1 && config->jobs <= 1024);
    snprintf(text, sizeof text, "%d", workers_wanted(config));
    return setenv("UV_THREADPOOL_SIZE", text, 1) ? HAUL_ERR_NOMEM : HAUL_OK;
}

/* ---- the run ---- */

static enum haul_err prepare(struct batch *b, struct haul_buf *message)
{
    enum haul_err err = haul_config_check(b->config, HAUL_VERB_RUN, message);

    if (!err)
        err = haul_path_clash_check(b->config, message);
    if (!err)
        err = allow_descriptors(b->config, message);
    if (!err)
        err = size_pool(b->config);
    limit_stacks();
    return err ? err : make_all(b, message);
}

static void publish_reports(struct batch *b)
{
    struct haul_buf message;

    haul_buf_init(&message, 0);
    haul_outputs_publish(b->outputs, &message);
    b->failed = b->failed || message.len;
    say_lines(b, &message);
    haul_buf_done(&message);
}

static void publish_failed(struct batch *b)
{
    const char *name = b->config->save_failed;
    struct haul_buf message;

    if (!name || haul_newfile_publish(&b->failed_file) == HAUL_OK)
        return;
    haul_buf_init(&message, 0);
    haul_buf_addf(&message, "%s: cannot be written: %s", name, strerror(errno));
    haul_collector_say(&b->error_term, haul_buf_str(&message));
    haul_buf_done(&message);
    b->failed = true;
}

/* --exit-zero: what is wrong with the URLs is in the report, and not in the exit status. */
static int settle(const struct batch *b, int status)
{
    bool is_of_urls = status == 1 || status == 4 || status == 75;

    return b->config->exit_zero && is_of_urls ? 0 : status;
}

static int conclude(struct batch *b, int64_t elapsed_us)
{
    struct haul_ledger_flags flags = {.signal = b->signalled};
    int status;

    if (!b->failed && !haul_collector_has_lost(b->collector)) {
        publish_reports(b);
        publish_failed(b);
    }
    flags.report_failed = b->failed || haul_collector_has_failed(b->collector) ||
                          haul_collector_is_disk_full(b->collector);
    flags.budget = haul_collector_has_exceeded(b->collector);
    haul_collector_summarise(b->collector, elapsed_us);
    status = haul_ledger_exit_status(haul_collector_ledger(b->collector), &flags);
    return settle(b, finish_history(b, finish_journal(b, status)));
}

/* Without its handler, one that comes too late would kill a process that has done its work. */
static void block_status_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (int i = 0; i < STATUS_SIGNAL_COUNT; i++)
        sigaddset(&set, status_signals[i]);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int run(struct batch *b)
{
    int64_t begun_us = haul_clock_us();
    int status;

    if (init_loop(b)) {
        haul_collector_say(&b->error_term, "the event loop could not be set up");
        return 3;
    }
    if (start_threads(b)) {
        haul_collector_say(&b->error_term, "the system allows no more threads: use a smaller -j");
        b->failed = true;
    }
    while (b->working)
        uv_run(&b->loop, UV_RUN_DEFAULT);
    join_threads(b);
    status = conclude(b, haul_clock_us() - begun_us);
    block_status_signals();
    close_loop(b);
    return status;
}

static int refuse(const struct batch *b, enum haul_err err, struct haul_buf *message)
{
    if (!message->len)
        haul_buf_add_str(message, haul_err_text(err));
    say_lines(b, message);
    if (err == HAUL_ERR_LOCKED)
        return 5;
    return err == HAUL_ERR_USAGE ? 2 : 3;
}

int haul_batch_run(const struct haul_config *config)
{
    struct batch b = {.config = config,
                      .failed_file = {.fd = -1},
                      .bodies = {.config = config, .tree = {.fd = -1}}};
    struct haul_buf message;
    enum haul_err err;
    int status;

    b.error_term = haul_terminal_look(STDERR_FILENO);
    haul_buf_init(&message, 0);
    err = prepare(&b, &message);
    status = err ? refuse(&b, err, &message) : run(&b);
    free_all(&b);
    haul_buf_done(&message);
    return status;
}
