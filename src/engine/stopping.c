#include "engine/stopping.h"

#include <signal.h>
#include <string.h>

#include "base/io.h"
#include "base/message.h"
#include "report/progress.h"

enum { LEAVE_MS = 1000 }; /* for the others, once some are given up */

static const struct {
    int number;
    const char *name;
} signals[HAUL_STOP_SIGNALS] = {{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}};

/* ---- what is said ---- */

static void count_running(void *arg, const struct haul_sched *sched, int64_t now_us)
{
    size_t *running = arg;

    (void)now_us;
    *running = haul_sched_count(sched).running;
}

/* "SIGINT: nothing more is started; 3 URLs under way have 10 s to end; ..." */
static void add_outlook(const struct haul_stopping *s, struct haul_buf *text)
{
    const struct haul_run *run = &s->wiring->run;
    double grace_s = (double)run->config->grace_ms / 1000;
    size_t running = 0;

    haul_workq_inspect(run->workq, count_running, &running);
    haul_buf_add_str(text, "nothing more is started");
    if (running)
        haul_buf_addf(text, "; %zu %s under way %s %.4g s to end", running,
                      running == 1 ? "URL" : "URLs", running == 1 ? "has" : "have", grace_s);
    if (haul_resultq_count(run->resultq).is_full)
        haul_buf_addf(text, "; the report's reader has %.4g s to go on",
                      grace_s + (double)HAUL_IO_LAST_MS / 1000);
    if (s->signalled)
        haul_buf_add_str(text, "; a second signal ends all now");
}

/* At once; with --quiet-unless when it is known what is said. */
static void announce(const struct haul_stopping *s, const char *cause)
{
    const struct haul_run *run = &s->wiring->run;
    const struct haul_terminal *term = &s->wiring->error_term;
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, cause);
    add_outlook(s, &text);
    if (run->config->quiet_unless ||
        !haul_message_say_now(term, term->is_terminal ? HAUL_PROGRESS_ERASE : "",
                              haul_buf_str(&text)))
        haul_resultq_tell(run->resultq, HAUL_NOTE_MESSAGE, haul_buf_str(&text));
    haul_buf_done(&text);
}

/* ---- threads that do not leave ---- */

/* The row of a job that a worker does not give back. Fields that are constant while it runs. */
static struct haul_job *stand_in_for(const struct haul_job *job)
{
    const struct haul_job_text text = {.shown = job->shown,
                                       .shown_len = strlen(job->shown),
                                       .url = job->url,
                                       .origin = job->origin};
    struct haul_job *stand_in = haul_job_create(&text);

    if (!stand_in)
        return NULL;
    stand_in->key = job->key;
    stand_in->replaces = job->replaces;
    stand_in->replaces_old = job->replaces_old;
    stand_in->rec.seq = job->rec.seq;
    stand_in->rec.line = job->rec.line;
    stand_in->rec.source = job->rec.source;
    stand_in->rec.attached = job->rec.attached;
    stand_in->rec.attached_count = job->rec.attached_count;
    stand_in->has_secret = job->has_secret;
    if (job->options && haul_job_keep_options(stand_in, job->options))
        stand_in->has_secret = true; /* its entry would say something else */
    return stand_in;
}

static void add_stand_in(void *arg, const struct haul_job *job)
{
    struct haul_job *stand_in = stand_in_for(job);

    if (stand_in) /* else the books do not balance, and say so */
        haul_job_list_add(arg, stand_in);
}

static void tell_given_up(const struct haul_stopping *s, const struct haul_job_list *stuck)
{
    struct haul_resultq *resultq = s->wiring->run.resultq;
    struct haul_buf text;

    if (!atomic_load(&s->dispatcher_left))
        haul_resultq_tell(resultq, HAUL_NOTE_MESSAGE,
                          "reading the input does not end: it is given up");
    if (!stuck->head)
        return;
    haul_buf_init(&text, 0);
    haul_buf_addf(&text, "%zu %s not end and %s given up, first %s", stuck->count,
                  stuck->count == 1 ? "URL does" : "URLs do", stuck->count == 1 ? "is" : "are",
                  stuck->head->shown);
    haul_resultq_tell(resultq, HAUL_NOTE_MESSAGE, haul_buf_str(&text));
    haul_buf_done(&text);
}

static void end_input(const struct haul_stopping *s)
{
    struct haul_resultq *resultq = s->wiring->run.resultq;
    struct haul_note *note = haul_note_create(HAUL_NOTE_INPUT_END, NULL);

    if (!note)
        return;
    note->lines = haul_resultq_end_lines(resultq);
    haul_resultq_post(resultq, note);
}

static void on_leave_over(uv_timer_t *timer)
{
    struct haul_stopping *s = timer->data;

    s->is_over = true;
    uv_stop(s->loop);
}

static void give_up(struct haul_stopping *s)
{
    struct haul_run *run = &s->wiring->run;
    struct haul_job_list left = {0}, stuck = {0};

    s->has_given_up = true;
    haul_workq_abandon(run->workq, &left, add_stand_in, &stuck);
    tell_given_up(s, &stuck);
    haul_job_list_append(&left, &stuck);
    for (struct haul_job *job = left.head; job; job = job->next) {
        job->rec.outcome = HAUL_OUTCOME_PENDING;
        job->rec.reason = HAUL_REASON_STOPPED;
    }
    haul_resultq_push_all(run->resultq, &left);
    if (!atomic_load(&s->dispatcher_left))
        end_input(s);
    uv_timer_start(&s->watch, on_leave_over, LEAVE_MS, 0);
}

static void on_watch(uv_timer_t *timer)
{
    struct haul_stopping *s = timer->data;
    struct haul_resultq_counts counts = haul_resultq_count(s->wiring->run.resultq);
    bool has_left = atomic_load(&s->dispatcher_left);
    bool waits_for_reader = !has_left && counts.is_full;
    bool gets_on = s->working != s->seen_working || counts.lines != s->seen_lines ||
                   counts.taken != s->seen_taken || waits_for_reader;

    if (!s->working && has_left) {
        uv_timer_stop(timer);
        return;
    }
    s->seen_working = s->working;
    s->seen_lines = counts.lines;
    s->seen_taken = counts.taken;
    if (!gets_on)
        give_up(s);
}

/* ---- stopping ---- */

static void begin_watch(struct haul_stopping *s)
{
    if (uv_is_active((const uv_handle_t *)&s->watch) || s->has_given_up)
        return;
    s->seen_working = -1;
    uv_timer_start(&s->watch, on_watch, 0, HAUL_WATCH_MS);
}

void haul_stopping_raise(struct haul_stopping *s, enum haul_stop_level level)
{
    struct haul_wiring *w = s->wiring;

    if (haul_stop_level(&w->run.stop) >= level)
        return;
    haul_stop_raise(&w->run.stop, level);
    haul_workq_drain(w->run.workq);
    haul_list_interrupt(w->dispatch.input.list, level == HAUL_STOP_QUIT);
    if (w->document)
        haul_document_wake(w->document);
    if (level < HAUL_STOP_ABORT)
        return;
    for (int i = 0; i < w->worker_count; i++)
        haul_worker_wake(w->worker[i]);
    haul_wake_up(&w->impatience);
    begin_watch(s);
}

static void on_grace_over(uv_timer_t *timer)
{
    haul_stopping_raise(timer->data, HAUL_STOP_ABORT);
}

/* From the first cause on: a signal after the deadline does not prolong it. */
static void begin_grace(struct haul_stopping *s)
{
    haul_stopping_raise(s, HAUL_STOP_DRAIN);
    if (!uv_is_active((const uv_handle_t *)&s->grace))
        uv_timer_start(&s->grace, on_grace_over, (uint64_t)s->wiring->run.config->grace_ms, 0);
}

static const char *name_of(int number)
{
    for (int i = 0; i < HAUL_STOP_SIGNALS; i++)
        if (signals[i].number == number)
            return signals[i].name;
    return "signal";
}

/* For the summary, which the collector makes; without memory it says less. */
static void note_signal(const struct haul_stopping *s)
{
    struct haul_note *note = haul_note_create(HAUL_NOTE_SIGNAL, NULL);

    if (!note)
        return;
    note->signal = s->signalled;
    haul_resultq_post(s->wiring->run.resultq, note);
}

/* The third signal is to kill: all that may still take its time is a report. */
static void on_signal(uv_signal_t *handle, int number)
{
    struct haul_stopping *s = handle->data;
    struct haul_buf cause;

    if (s->signalled) {
        haul_stopping_raise(s, HAUL_STOP_QUIT);
        for (int i = 0; i < HAUL_STOP_SIGNALS; i++)
            uv_signal_stop(&s->signal[i]);
        return;
    }
    s->signalled = number;
    note_signal(s);
    begin_grace(s);
    if (s->wiring->run.config->quiet)
        return;
    haul_buf_init(&cause, 0);
    haul_buf_addf(&cause, "%s: ", name_of(number));
    announce(s, haul_buf_str(&cause));
    haul_buf_done(&cause);
}

/* Rows that are pending for no reason that anybody gave would be a riddle. */
static void on_deadline(uv_timer_t *timer)
{
    struct haul_stopping *s = timer->data;

    begin_grace(s);
    announce(s, "the time of --max-duration is over; ");
}

/* ---- beginning ---- */

bool haul_stopping_is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static int begin_signals(struct haul_stopping *s)
{
    int error = 0;

    for (int i = 0; i < HAUL_STOP_SIGNALS && !error; i++) {
        error = uv_signal_init(s->loop, &s->signal[i]);
        s->signal[i].data = s;
        if (!error && !haul_stopping_is_ignored(signals[i].number))
            error = uv_signal_start(&s->signal[i], on_signal, signals[i].number);
    }
    return error;
}

int haul_stopping_begin(struct haul_stopping *s, struct haul_wiring *wiring, uv_loop_t *loop)
{
    uint64_t max_duration = (uint64_t)wiring->run.config->max_duration_ms;
    int error;

    *s = (struct haul_stopping){.wiring = wiring, .loop = loop};
    error = uv_timer_init(loop, &s->grace);
    if (!error)
        error = uv_timer_init(loop, &s->deadline);
    if (!error)
        error = uv_timer_init(loop, &s->watch);
    s->grace.data = s->deadline.data = s->watch.data = s;
    if (!error && max_duration)
        error = uv_timer_start(&s->deadline, on_deadline, max_duration, 0);
    return error ? error : begin_signals(s);
}
