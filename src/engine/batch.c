#include "haul/batch.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include "base/clock.h"
#include "base/message.h"
#include "engine/conclude.h"
#include "engine/limits.h"
#include "engine/status.h"
#include "engine/wiring.h"
#include "haul/exit.h"

/*
 * How a batch lives and dies.
 *
 * main makes everything that can fail before the first thread exists (wiring.h): queues, workers
 * with their streams, the list, the reports, journal and store. Then it starts the collector, the N
 * worker loops (each one request of libuv's pool that lasts as long as the run), and the
 * dispatcher. It goes into libuv's loop, where nothing happens but signals, timers, the collector's
 * wish to stop, and the threads' leaving.
 *
 * The end comes from the front: the input ends, the dispatcher closes the work queue; the work
 * queue runs empty, the workers leave; when the last has left, main joins the dispatcher, closes
 * the results queue, and joins the collector, which finishes the reports. Then main concludes the
 * run (conclude.h), and frees what it made.
 *
 * A stop makes the same things happen sooner (model/stop.h). It begins with a signal, with the end
 * of --max-duration, or with the collector's wish (--halt, a full disk, output that fails). DRAIN:
 * the work queue gives out what is left as pending, and the dispatcher sends what it still reads
 * straight to the results. ABORT: the workers end their transfers. QUIT: the dispatcher stops
 * reading, too. Nobody is cancelled; everybody walks out. Only a report that nobody reads can hold
 * that up, without end: so the third signal kills.
 */

enum { PROGRESS_MS = 200, PLAIN_PROGRESS_MS = 5000, STOP_SIGNAL_COUNT = 3, SIGNAL_COUNT = 5 };

/* The first of them stop the run, the others ask for its status. */
static const int signals[SIGNAL_COUNT] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

struct batch {
    struct haul_wiring wiring;
    uv_work_t *request; /* one for each worker */
    int working;        /* running, in the pool's eyes */

    uv_loop_t loop;
    uv_signal_t signal[SIGNAL_COUNT];
    uv_timer_t grace, tick, deadline;
    uv_async_t asked; /* the collector asks for a stop, or has left */
    _Atomic int asked_level;
    _Atomic bool collector_left;
    uv_thread_t dispatcher_thread, collector_thread;
    bool has_dispatcher, has_collector;

    int signalled; /* the first signal's number, 0: none */
};

/* ---- stopping ---- */

static void stop(struct batch *b, enum haul_stop_level level)
{
    if (haul_stop_level(&b->wiring.run.stop) >= level)
        return;
    haul_stop_raise(&b->wiring.run.stop, level);
    haul_workq_drain(b->wiring.run.workq);
    haul_list_interrupt(b->wiring.dispatch.input.list, level == HAUL_STOP_QUIT);
    if (b->wiring.document)
        haul_document_wake(b->wiring.document);
    if (level < HAUL_STOP_ABORT)
        return;
    for (int i = 0; i < b->wiring.worker_count; i++)
        haul_worker_wake(b->wiring.worker[i]);
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
        uv_timer_start(&b->grace, on_grace_over, (uint64_t)b->wiring.run.config->grace_ms, 0);
}

/* The third signal is to kill: all that may still take its time is a report that nobody reads. */
static void on_signal(uv_signal_t *handle, int number)
{
    struct batch *b = handle->data;
    struct haul_note *note;

    if (b->signalled) {
        stop(b, HAUL_STOP_QUIT);
        for (int i = 0; i < STOP_SIGNAL_COUNT; i++)
            uv_signal_stop(&b->signal[i]);
        return;
    }
    b->signalled = number;
    note = haul_note_create(HAUL_NOTE_SIGNAL, NULL);
    if (note) { /* for the summary, which the collector makes; without memory it says less */
        note->signal = number;
        haul_resultq_post(b->wiring.run.resultq, note);
    }
    begin_grace(b);
}

/* Rows that are pending for no reason that anybody gave would be a riddle. */
static void on_deadline(uv_timer_t *timer)
{
    struct batch *b = timer->data;

    haul_resultq_tell(b->wiring.run.resultq, HAUL_NOTE_MESSAGE,
                      "the time of --max-duration is over; nothing more is started");
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

/* As nohup(1), and a shell that runs haul in the background, want it. */
static bool is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static int init_signals(struct batch *b)
{
    int error = 0;

    for (int i = 0; i < SIGNAL_COUNT && !error; i++) {
        uv_signal_cb callback = i < STOP_SIGNAL_COUNT ? on_signal : on_status_signal;

        error = uv_signal_init(&b->loop, &b->signal[i]);
        b->signal[i].data = b;
        if (!error && !is_ignored(signals[i]))
            error = uv_signal_start(&b->signal[i], callback, signals[i]);
    }
    return error;
}

static enum haul_err init_loop(struct batch *b)
{
    uint64_t tick = tick_ms(b), max_duration = (uint64_t)b->wiring.run.config->max_duration_ms;

    if (uv_loop_init(&b->loop))
        return HAUL_ERR_SYSTEM;
    b->loop.data = b;
    if (uv_async_init(&b->loop, &b->asked, on_asked) || uv_timer_init(&b->loop, &b->grace) ||
        uv_timer_init(&b->loop, &b->tick) || uv_timer_init(&b->loop, &b->deadline) ||
        init_signals(b)) {
        close_loop(b);
        return HAUL_ERR_SYSTEM;
    }
    b->asked.data = b->grace.data = b->tick.data = b->deadline.data = b;
    if (tick)
        uv_timer_start(&b->tick, on_tick, tick, tick);
    if (max_duration)
        uv_timer_start(&b->deadline, on_deadline, max_duration, 0);
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

    haul_collector_run(b->wiring.collector);
    atomic_store(&b->collector_left, true);
    uv_async_send(&b->asked);
}

/* Signals are main's business: threads are started with all of them blocked, and inherit that. */
static enum haul_err start_threads(struct batch *b)
{
    sigset_t all, before;
    enum haul_err err = HAUL_OK;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    b->request = calloc((size_t)b->wiring.worker_count, sizeof *b->request);
    b->has_collector = b->request && haul_limits_allow_threads(b->wiring.worker_count + 2) &&
                       !uv_thread_create(&b->collector_thread, run_collector, b);
    for (int i = 0; b->has_collector && i < b->wiring.worker_count; i++) {
        b->request[i].data = b->wiring.worker[i];
        if (!uv_queue_work(&b->loop, &b->request[i], run_worker, on_worker_left))
            b->working++;
    }
    if (b->working == b->wiring.worker_count)
        b->has_dispatcher =
            !uv_thread_create(&b->dispatcher_thread, run_dispatcher, &b->wiring.dispatch);
    if (!b->has_dispatcher) {
        haul_workq_close(b->wiring.run.workq);
        err = HAUL_ERR_SYSTEM;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

static void join_threads(struct batch *b)
{
    if (b->has_dispatcher)
        uv_thread_join(&b->dispatcher_thread);
    haul_resultq_close(b->wiring.run.resultq);
    if (!b->has_collector)
        return;
    while (!atomic_load(&b->collector_left)) /* signals are heard to the end */
        uv_run(&b->loop, UV_RUN_ONCE);
    uv_thread_join(&b->collector_thread);
}

/* ---- the run ---- */

/* Without its handler, one that comes too late would kill a process that has done its work. */
static void block_status_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (int i = STOP_SIGNAL_COUNT; i < SIGNAL_COUNT; i++)
        sigaddset(&set, signals[i]);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int run(struct batch *b)
{
    int64_t begun_us = haul_clock_us();
    bool has_failed;
    int status;

    if (init_loop(b)) {
        haul_message_say(&b->wiring.error_term, "the event loop could not be set up");
        return HAUL_EXIT_INTERNAL;
    }
    has_failed = start_threads(b) != HAUL_OK;
    if (has_failed)
        haul_message_say(&b->wiring.error_term,
                         "the system allows no more threads: use a smaller -j");
    while (b->working)
        uv_run(&b->loop, UV_RUN_DEFAULT);
    join_threads(b);
    status = haul_conclude(&b->wiring, haul_clock_us() - begun_us, b->signalled, has_failed);
    block_status_signals();
    close_loop(b);
    return status;
}

static int refuse(const struct batch *b, enum haul_err err, struct haul_buf *message)
{
    if (!message->len)
        haul_buf_add_str(message, haul_err_text(err));
    haul_message_say_lines(&b->wiring.error_term, haul_buf_str(message));
    if (err == HAUL_ERR_LOCKED)
        return HAUL_EXIT_LOCKED;
    return err == HAUL_ERR_USAGE ? HAUL_EXIT_USAGE : HAUL_EXIT_INTERNAL;
}

int haul_batch_run(const struct haul_config *config)
{
    struct batch b = {.working = 0};
    struct haul_buf message;
    enum haul_err err;
    int status;

    haul_buf_init(&message, 0);
    err = haul_wiring_make(&b.wiring, config, ask_stop, &b, &message);
    status = err ? refuse(&b, err, &message) : run(&b);
    haul_wiring_free(&b.wiring);
    free(b.request);
    haul_buf_done(&message);
    return status;
}
