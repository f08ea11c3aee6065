#include "haul/batch.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/publisher.h"
#include "engine/conclude.h"
#include "engine/confine.h"
#include "engine/limits.h"
#include "engine/status.h"
#include "engine/stopping.h"
#include "engine/trial.h"
#include "haul/exit.h"

/*
 * How a batch lives and dies.
 *
 * main makes everything that can fail before the first thread exists (wiring.h): queues, workers
 * with their streams, the list, the reports, journal and store. It enters the sandbox (confine.h),
 * which holds for the threads that come after. Then it starts libuv's pool with
 * the first worker loop (each is one request of the pool that lasts as long as the run), the
 * collector, the dispatcher, and the other workers. It goes into libuv's loop, where nothing
 * happens but signals, timers, the collector's wish to stop, and the threads' leaving.
 *
 * The end comes from the front: the input ends, the dispatcher closes the work queue; the work
 * queue runs empty, the workers leave; when the last has left, main joins the dispatcher, closes
 * the results queue, and joins the collector, which finishes the reports. Then another thread
 * concludes the run (conclude.h), while main hears signals, and main frees what it made.
 *
 * A stop makes the same things happen sooner (model/stop.h, stopping.h). It begins with a signal,
 * with the end of --max-duration, or with the collector's wish (--halt, a full disk, output that
 * fails). DRAIN: the work queue gives out what is left as pending, and the dispatcher sends what it
 * still reads straight to the results. ABORT: the workers end their transfers, and a reader that
 * takes nothing is waited for no longer. QUIT: the dispatcher stops reading, too. Nobody is
 * cancelled; everybody walks out. Who does not is left behind: then the collector still finishes
 * the reports, and the process ends without a word to the others.
 */

enum { PROGRESS_MS = 200, PLAIN_PROGRESS_MS = 5000, STATUS_SIGNAL_COUNT = 2 };

static const int status_signals[STATUS_SIGNAL_COUNT] = {SIGUSR1, SIGUSR2};

struct batch {
    struct haul_wiring wiring;
    struct haul_opener *opener; /* or NULL: none is needed */
    pid_t publisher;            /* or 0 */
    struct haul_stopping stopping;
    uv_work_t *request; /* one for each worker */

    uv_loop_t loop;
    uv_signal_t signal[STATUS_SIGNAL_COUNT];
    uv_timer_t tick;
    uv_async_t asked; /* the collector asks for a stop, or it or the dispatcher has left */
    _Atomic int asked_level;
    _Atomic bool collector_left;
    uv_thread_t dispatcher_thread, collector_thread;
    bool has_dispatcher, has_collector;

    struct haul_run_end end;
    int status; /* of the process */
    _Atomic bool concluded;
};

/* ---- the collector's wishes ---- */

static void on_asked(uv_async_t *async)
{
    struct batch *b = async->data;

    haul_stopping_raise(&b->stopping, (enum haul_stop_level)atomic_load(&b->asked_level));
}

/* On the collector's thread. What it says of the halt is true at once: nothing starts any more. */
static void ask_stop(void *arg, enum haul_stop_level level)
{
    struct batch *b = arg;

    haul_workq_drain(b->wiring.run.workq);
    haul_stop_raise(&b->asked_level, level);
    uv_async_send(&b->asked);
}

/* ---- progress ---- */

static void on_tick(uv_timer_t *timer)
{
    struct batch *b = timer->data;

    haul_status_post_figures(b->wiring.run.workq, b->wiring.run.resultq);
}

static void on_status_signal(uv_signal_t *handle, int number)
{
    struct batch *b = handle->data;

    (void)number;
    haul_status_post_block(b->wiring.run.workq, b->wiring.run.resultq);
}

static uint64_t tick_ms(const struct batch *b)
{
    const struct haul_config *config = b->wiring.run.config;

    if (config->quiet_unless)
        return 0;
    if (config->progress == HAUL_PROGRESS_PLAIN)
        return PLAIN_PROGRESS_MS;
    if (config->progress == HAUL_PROGRESS_NONE || config->quiet || config->verbose)
        return 0;
    return b->wiring.error_term.is_terminal ? PROGRESS_MS : 0;
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

static int begin_status_signals(struct batch *b)
{
    int error = 0;

    for (int i = 0; i < STATUS_SIGNAL_COUNT && !error; i++) {
        error = uv_signal_init(&b->loop, &b->signal[i]);
        b->signal[i].data = b;
        if (!error && !haul_stopping_is_ignored(status_signals[i]))
            error = uv_signal_start(&b->signal[i], on_status_signal, status_signals[i]);
    }
    return error;
}

static enum haul_err init_loop(struct batch *b)
{
    uint64_t tick = tick_ms(b);

    if (uv_loop_init(&b->loop))
        return HAUL_ERR_SYSTEM;
    b->loop.data = b;
    if (uv_async_init(&b->loop, &b->asked, on_asked) || uv_timer_init(&b->loop, &b->tick) ||
        begin_status_signals(b) || haul_stopping_begin(&b->stopping, &b->wiring, &b->loop)) {
        close_loop(b);
        return HAUL_ERR_SYSTEM;
    }
    b->asked.data = b->tick.data = b;
    if (tick)
        uv_timer_start(&b->tick, on_tick, tick, tick);
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
    if (--b->stopping.working == 0)
        uv_stop(&b->loop);
}

static void run_dispatcher(void *arg)
{
    struct batch *b = arg;

    haul_dispatcher_run(&b->wiring.dispatch);
    atomic_store(&b->stopping.dispatcher_left, true);
    uv_async_send(&b->asked);
}

static void run_collector(void *arg)
{
    struct batch *b = arg;

    haul_collector_run(b->wiring.collector);
    atomic_store(&b->collector_left, true);
    uv_async_send(&b->asked);
}

static void start_worker(struct batch *b, int number)
{
    b->request[number].data = b->wiring.worker[number];
    if (!uv_queue_work(&b->loop, &b->request[number], run_worker, on_worker_left))
        b->stopping.working++;
}

/*
 * First of all threads those of the pool, which come with the first worker: libuv aborts if it
 * cannot make them, and the heap of another thread may take the room that was just found to be
 * there. The other workers come last, and find work.
 */
static bool start_in_turn(struct batch *b)
{
    b->request = calloc((size_t)b->wiring.worker_count, sizeof *b->request);
    if (!b->request || !haul_trial_passes(b->wiring.worker_count))
        return false;
    start_worker(b, 0);
    if (b->stopping.working)
        b->has_collector = !uv_thread_create(&b->collector_thread, run_collector, b);
    if (b->has_collector)
        b->has_dispatcher = !uv_thread_create(&b->dispatcher_thread, run_dispatcher, b);
    for (int i = 1; b->has_dispatcher && i < b->wiring.worker_count; i++)
        start_worker(b, i);
    return b->has_dispatcher;
}

/* Signals are main's business: threads are started with all of them blocked, and inherit that. */
static enum haul_err start_threads(struct batch *b)
{
    sigset_t all, before;
    enum haul_err err = HAUL_OK;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (!start_in_turn(b)) {
        haul_workq_close(b->wiring.run.workq);
        atomic_store(&b->stopping.dispatcher_left, true);
        err = HAUL_ERR_SYSTEM;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

/* Of the dispatcher the last words may still be on their way; signals are heard to the end. */
static void join_threads(struct batch *b)
{
    while (!atomic_load(&b->stopping.dispatcher_left) && !b->stopping.is_over)
        uv_run(&b->loop, UV_RUN_ONCE);
    if (b->has_dispatcher && atomic_load(&b->stopping.dispatcher_left))
        uv_thread_join(&b->dispatcher_thread);
    haul_resultq_close(b->wiring.run.resultq);
    if (!b->has_collector)
        return;
    while (!atomic_load(&b->collector_left))
        uv_run(&b->loop, UV_RUN_ONCE);
    uv_thread_join(&b->collector_thread);
}

/* ---- the run ---- */

/* Without its handler, one that comes too late would kill a process that has done its work. */
static void block_status_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (int i = 0; i < STATUS_SIGNAL_COUNT; i++)
        sigaddset(&set, status_signals[i]);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void run_conclusion(void *arg)
{
    struct batch *b = arg;

    b->status = haul_conclude(&b->wiring, &b->end);
    atomic_store(&b->concluded, true);
    uv_async_send(&b->asked);
}

/* Signals are heard meanwhile: what is said last may find no reader. */
static void conclude(struct batch *b)
{
    sigset_t all, before;
    uv_thread_t thread;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = uv_thread_create(&thread, run_conclusion, b);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error)
        run_conclusion(b);
    while (!atomic_load(&b->concluded))
        uv_run(&b->loop, UV_RUN_ONCE);
    if (!error)
        uv_thread_join(&thread);
}

static int run(struct batch *b)
{
    int64_t begun_us = haul_clock_us();

    if (init_loop(b)) {
        haul_message_say(&b->wiring.error_term, "the event loop could not be set up");
        return HAUL_EXIT_INTERNAL;
    }
    b->end.never_ran = start_threads(b) != HAUL_OK;
    if (b->end.never_ran)
        haul_message_say(&b->wiring.error_term,
                         "the system allows no more threads: use a smaller -j");
    while (b->stopping.working && !b->stopping.is_over)
        uv_run(&b->loop, UV_RUN_DEFAULT);
    join_threads(b);
    b->end.elapsed_us = haul_clock_us() - begun_us;
    b->end.signal = b->stopping.signalled;
    b->end.has_given_up = b->stopping.has_given_up;
    conclude(b);
    if (b->end.has_given_up)
        _exit(b->status); /* nothing can be freed that a thread may still touch */
    block_status_signals();
    close_loop(b);
    return b->status;
}

static int refuse(const struct batch *b, enum haul_err err, const struct haul_buf *message)
{
    haul_message_say_lines(&b->wiring.error_term, haul_buf_str(&b->wiring.held));
    haul_message_say_lines(&b->wiring.error_term,
                           message->len ? haul_buf_str(message) : haul_err_text(err));
    if (err == HAUL_ERR_LOCKED)
        return HAUL_EXIT_LOCKED;
    return err == HAUL_ERR_USAGE ? HAUL_EXIT_USAGE : HAUL_EXIT_INTERNAL;
}

static enum haul_err confine(struct batch *b, const struct haul_config *config,
                             struct haul_buf *message)
{
    struct haul_wiring *w = &b->wiring;
    struct haul_confine_reports reports = {
        .file = calloc(haul_outputs_count(w->outputs) + 1, sizeof *reports.file)};
    enum haul_err err = HAUL_ERR_NOMEM;

    if (reports.file) {
        reports.count = haul_outputs_files(w->outputs, reports.file);
        reports.file[reports.count++] = &w->failed_file;
        err = haul_confine_enter(config, HAUL_VERB_RUN, w->bodies.tree.fd, &b->opener, &reports,
                                 message);
    }
    b->publisher = reports.publisher;
    free(reports.file);
    return err;
}

int haul_batch_run(const struct haul_config *config)
{
    struct batch b = {.has_collector = false};
    struct haul_buf message;
    enum haul_err err;
    int status;

    haul_buf_init(&message, 0);
    err = haul_wiring_make(&b.wiring, config, ask_stop, &b, &message);
    if (!err)
        err = confine(&b, b.wiring.run.config, &message);
    if (!err)
        haul_input_use_opener(&b.wiring.dispatch.input, b.opener);
    if (!err)
        haul_message_say_lines(&b.wiring.error_term, haul_buf_str(&message));
    status = err ? refuse(&b, err, &message) : run(&b);
    haul_wiring_free(&b.wiring);
    haul_opener_free(b.opener);
    haul_publisher_wait(b.publisher);
    free(b.request);
    haul_buf_done(&message);
    return status;
}
