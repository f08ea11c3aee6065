#include "engine/collector.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/out.h"
#include "engine/closing.h"
#include "engine/history.h"
#include "render/brief.h"
#include "render/render.h"
#include "report/progress.h"
#include "report/save_failed.h"

enum {
    INVALID_SHOWN_MAX = 10,  /* invalid lines that get a message of their own */
    DISK_FULL_MAX = 3,       /* failures for want of space that stop the run */
    HELD_LINES_MAX = 20,     /* messages of a run with --quiet-unless that are said */
    MESSAGE_WIDTH_MAX = 500, /* columns */
    URL_WIDTH_MAX = 200
};

struct haul_collector {
    struct haul_collector_env env; /* [const after create] */
    struct haul_ledger ledger;
    struct haul_buf line;    /* what goes to standard error next */
    struct haul_buf trouble; /* what the reports have to say about themselves */
    struct haul_buf held;    /* lines for standard error, if it holds them back */
    uint64_t held_lines;     /* all of them, also those that are not kept */
    bool holds;              /* with --quiet-unless, until it is known whether to speak */
    bool has_summary;
    struct haul_summary summary; /* of the run as a whole, if one is wanted */
    int signal;                  /* that ended the run, or 0 */
    struct haul_progress_meter meter;
    struct haul_status status; /* the last one heard of */
    int64_t begun_us;
    uint64_t total; /* input lines, once known */
    uint64_t invalid_shown;
    bool shows_progress; /* the line is on the screen now */
    bool input_failed;
    bool journal_failed;
    bool save_failed; /* the file of --save-failed is not whole */
    bool store_failed;
    bool summary_failed;
    bool has_stored;
    bool input_complete;     /* the input was read to its end */
    struct haul_out *failed; /* of --save-failed, or NULL */
    uint64_t old;            /* rows that the journal had */
    bool halted;
    int64_t received; /* body bytes, in this run */
    int disk_full;    /* URLs that failed for want of space; no more are counted than matter */
};

/* ---- standard error ---- */

static void write_now(const char *bytes, size_t len)
{
    while (len) {
        ssize_t written = write(STDERR_FILENO, bytes, len);

        if (written <= 0)
            return; /* nobody is left to be told */
        bytes += written;
        len -= (size_t)written;
    }
}

/* A line, or a progress line. */
static void write_error(struct haul_collector *c, const char *bytes, size_t len)
{
    if (!c->holds)
        write_now(bytes, len);
    else if (c->held_lines++ < HELD_LINES_MAX)
        haul_buf_add(&c->held, bytes, len);
}

static void erase_progress(struct haul_collector *c)
{
    if (c->shows_progress)
        write_error(c, HAUL_PROGRESS_ERASE, sizeof HAUL_PROGRESS_ERASE - 1);
    c->shows_progress = false;
}

static void begin_line(struct haul_collector *c)
{
    haul_buf_clear(&c->line);
    haul_buf_add_str(&c->line, "haul: ");
}

static void end_line(struct haul_collector *c)
{
    haul_buf_add_char(&c->line, '\n');
    erase_progress(c);
    write_error(c, haul_buf_str(&c->line), c->line.len);
}

static void add_escaped(struct haul_collector *c, const char *text, size_t width)
{
    haul_escape_terminal(&c->line, text, strlen(text), c->env.error_term.utf8, width);
}

static void say(struct haul_collector *c, const char *text)
{
    begin_line(c);
    add_escaped(c, text, MESSAGE_WIDTH_MAX);
    end_line(c);
}

void haul_collector_say(const struct haul_terminal *term, const char *text)
{
    struct haul_buf line;

    haul_buf_init(&line, 0);
    haul_buf_add_str(&line, "haul: ");
    haul_escape_terminal(&line, text, strlen(text), term->utf8, MESSAGE_WIDTH_MAX);
    haul_buf_add_char(&line, '\n');
    write_now(haul_buf_str(&line), line.len);
    haul_buf_done(&line);
}

/* haul: urls.txt:12: the scheme is neither http nor https: 'ftp://x' (skipped) */
static void say_invalid(struct haul_collector *c, const struct haul_record *rec)
{
    if (c->env.config->quiet || c->invalid_shown++ >= INVALID_SHOWN_MAX)
        return;
    begin_line(c);
    if (rec->source) {
        add_escaped(c, strcmp(rec->source, "-") == 0 ? "standard input" : rec->source,
                    URL_WIDTH_MAX);
        haul_buf_addf(&c->line, ":%llu: ", (unsigned long long)rec->line);
    }
    add_escaped(c, rec->errormsg ? rec->errormsg : haul_reason_text(rec->reason), URL_WIDTH_MAX);
    haul_buf_add_str(&c->line, ": '");
    add_escaped(c, rec->url, URL_WIDTH_MAX);
    haul_buf_add_str(&c->line, "' (skipped)");
    end_line(c);
}

static void say_invalid_rest(struct haul_collector *c)
{
    if (c->invalid_shown <= INVALID_SHOWN_MAX)
        return;
    begin_line(c);
    haul_buf_addf(&c->line, "%llu more lines are no URLs: the report names each",
                  (unsigned long long)(c->invalid_shown - INVALID_SHOWN_MAX));
    end_line(c);
}

/* haul: worker 3: GET http://x/ 200, 1256 bytes, 0.012 s, 127.0.0.1:80 */
static void say_record(struct haul_collector *c, const struct haul_record *rec)
{
    char buffer[HAUL_REASON_WORD_MAX];
    const char *word = haul_reason_word(rec, buffer);

    begin_line(c);
    haul_buf_addf(&c->line, "worker %d: %s ", rec->worker, rec->method ? rec->method : "-");
    add_escaped(c, rec->url, URL_WIDTH_MAX);
    haul_buf_addf(&c->line, " %s %s%s%d, %lld bytes, %.3f s", haul_outcome_word(rec->outcome), word,
                  word[0] ? " " : "", rec->http_code, (long long)rec->size_body,
                  (double)rec->time_total_us / 1e6);
    if (rec->remote_ip) {
        haul_buf_add_str(&c->line, ", ");
        add_escaped(c, rec->remote_ip, URL_WIDTH_MAX);
        haul_buf_addf(&c->line, ":%d", rec->remote_port);
    }
    end_line(c);
}

/* ---- the progress line ---- */

static void draw_progress(struct haul_collector *c)
{
    const struct haul_terminal *term = &c->env.error_term;
    struct haul_progress_view view = {
        .done = c->ledger.rows,
        .total = c->total,
        .failed = c->ledger.count[HAUL_OUTCOME_FAILED] + c->ledger.count[HAUL_OUTCOME_INVALID],
        .in_flight = c->status.running,
        .parked = c->status.parked,
        .bytes = (uint64_t)(c->ledger.wire_bytes + c->ledger.failed_bytes),
        .elapsed_us = haul_clock_us() - c->begun_us,
        .oldest_url = c->status.waits ? c->status.url : NULL,
        .oldest_us = c->status.oldest_us};

    haul_progress_update(&c->meter, &view);
    haul_buf_clear(&c->line);
    if (c->env.config->progress == HAUL_PROGRESS_PLAIN) {
        haul_progress_render_plain(&c->line, &c->meter, &view, term->utf8);
    } else {
        haul_buf_add_str(&c->line, HAUL_PROGRESS_ERASE);
        haul_progress_render(&c->line, &c->meter, &view, term->columns, term->utf8);
        c->shows_progress = true;
    }
    write_error(c, haul_buf_str(&c->line), c->line.len);
}

/* ---- the report ---- */

/* One that cannot be written leaves the others; without any there is nothing left to do. */
static void tell_trouble(struct haul_collector *c)
{
    const char *line = haul_buf_str(&c->trouble), *end;

    if (!c->trouble.len)
        return;
    for (; (end = strchr(line, '\n')); line = end + 1) {
        begin_line(c);
        haul_escape_terminal(&c->line, line, (size_t)(end - line), c->env.error_term.utf8,
                             MESSAGE_WIDTH_MAX);
        end_line(c);
    }
    haul_buf_clear(&c->trouble);
    if (haul_outputs_all_failed(c->env.outputs))
        c->env.ask_stop(c->env.arg, HAUL_STOP_QUIT);
}

/* ---- the journal ---- */

/* Nothing is downloaded on without a record: what cannot be written down ends the run. */
static void note_journal(struct haul_collector *c, enum haul_err err)
{
    int error = haul_journal_errno(c->env.journal);

    if (!err || c->journal_failed)
        return;
    c->journal_failed = true;
    begin_line(c);
    add_escaped(c, c->env.config->journal, URL_WIDTH_MAX);
    haul_buf_addf(&c->line, ": the journal cannot be written: %s; the run is stopped",
                  error ? strerror(error) : haul_err_text(err));
    end_line(c);
    c->env.ask_stop(c->env.arg, HAUL_STOP_QUIT);
}

static void write_down(struct haul_collector *c, const struct haul_job_list *jobs)
{
    enum haul_err err = HAUL_OK;

    if (!c->env.journal || c->journal_failed)
        return;
    for (const struct haul_job *job = jobs->head; job && !err; job = job->next)
        if (!job->is_old)
            err = haul_journal_add(c->env.journal, &job->rec, job->key, job->replaces);
    note_journal(c, err ? err : haul_journal_flush(c->env.journal));
}

/* ---- the store ---- */

/* The run goes on: what an earlier run has found is still there, and this one has its report. */
static void note_store(struct haul_collector *c, enum haul_err err)
{
    if (!err || c->store_failed)
        return;
    c->store_failed = true;
    begin_line(c);
    add_escaped(c, haul_history_name(c->env.config), URL_WIDTH_MAX);
    haul_buf_add_str(&c->line, ": the history cannot be written: ");
    add_escaped(c, haul_store_error(c->env.store), MESSAGE_WIDTH_MAX);
    haul_buf_add_str(&c->line, "; this run will not be in it");
    end_line(c);
}

static void store(struct haul_collector *c, const struct haul_job *job)
{
    if (c->env.store && !c->store_failed)
        note_store(c, haul_store_add(c->env.store, &job->rec, job->key, job->is_old));
}

static void finish_store(struct haul_collector *c)
{
    const struct haul_store_end end = {.ledger = &c->ledger,
                                       .ended_us = haul_clock_wall_us(),
                                       .elapsed_us = haul_clock_us() - c->begun_us,
                                       .complete = c->input_complete &&
                                                   !c->ledger.count[HAUL_OUTCOME_PENDING]};

    if (!c->env.store || c->store_failed)
        return;
    note_store(c, haul_store_finish(c->env.store, &end));
    c->has_stored = !c->store_failed;
}

bool haul_collector_has_stored(const struct haul_collector *c)
{
    return c->has_stored;
}

/* ---- --save-failed ---- */

static void save_if_failed(struct haul_collector *c, const struct haul_record *rec)
{
    if (!c->failed)
        return;
    haul_buf_clear(&c->line);
    (void)haul_save_failed_add(&c->line, rec, NULL);
    haul_out_add(c->failed, haul_buf_str(&c->line), c->line.len);
}

static void finish_failed(struct haul_collector *c)
{
    if (!c->failed || haul_out_flush(c->failed) == HAUL_OK)
        return;
    c->save_failed = true;
    begin_line(c);
    add_escaped(c, c->env.config->save_failed, URL_WIDTH_MAX);
    haul_buf_addf(&c->line, ": cannot be written: %s", strerror(haul_out_error(c->failed)));
    end_line(c);
}

/* ---- --halt ---- */

/* A percentage means little of few: as GNU parallel's, it counts from three failures on. */
static bool is_to_be_halted(const struct haul_collector *c)
{
    const struct haul_config *config = c->env.config;
    uint64_t failed = c->ledger.count[HAUL_OUTCOME_FAILED];

    if (config->halt == HAUL_HALT_NEVER || c->halted)
        return false;
    if (config->halt_failures)
        return failed >= (uint64_t)config->halt_failures;
    return failed >= 3 && failed * 100 >= (uint64_t)config->halt_percent * c->ledger.rows;
}

static void halt_if_needed(struct haul_collector *c)
{
    if (!is_to_be_halted(c))
        return;
    c->halted = true;
    begin_line(c);
    haul_buf_addf(&c->line, "halted: %llu of %llu URLs failed",
                  (unsigned long long)c->ledger.count[HAUL_OUTCOME_FAILED],
                  (unsigned long long)c->ledger.rows);
    end_line(c);
    c->env.ask_stop(c->env.arg,
                    c->env.config->halt == HAUL_HALT_NOW ? HAUL_STOP_ABORT : HAUL_STOP_DRAIN);
}

/* ---- saving ---- */

/* What failed for want of space fails again: the first few are proof enough. */
static void stop_if_disk_full(struct haul_collector *c, const struct haul_record *rec)
{
    if (rec->outcome != HAUL_OUTCOME_FAILED || rec->reason != HAUL_REASON_DISK_FULL ||
        c->disk_full == DISK_FULL_MAX || ++c->disk_full < DISK_FULL_MAX)
        return;
    begin_line(c);
    add_escaped(c, c->env.config->dir, URL_WIDTH_MAX);
    haul_buf_add_str(&c->line, ": the disk is full; the run is stopped");
    end_line(c);
    c->env.ask_stop(c->env.arg, HAUL_STOP_DRAIN);
}

static void stop_if_enough(struct haul_collector *c)
{
    int64_t most = c->env.config->max_total;

    if (!most || c->halted || c->received < most)
        return;
    c->halted = true;
    begin_line(c);
    haul_buf_add_str(&c->line, "--max-total is reached: nothing more is started");
    end_line(c);
    c->env.ask_stop(c->env.arg, HAUL_STOP_DRAIN);
}

/* The time that an earlier run has spent is not compared with how long this one takes. */
static void count(struct haul_collector *c, const struct haul_job *job)
{
    struct haul_record rec = job->rec;

    if (job->is_old) {
        rec.time_total_us = -1;
        c->old++;
    }
    haul_ledger_add(&c->ledger, &rec);
}

static void take_job(struct haul_collector *c, struct haul_job *job)
{
    count(c, job);
    store(c, job);
    save_if_failed(c, &job->rec);
    if (job->rec.outcome == HAUL_OUTCOME_INVALID)
        say_invalid(c, &job->rec);
    else if (c->env.config->verbose)
        say_record(c, &job->rec);
    haul_outputs_add(c->env.outputs, &job->rec, &c->trouble);
    tell_trouble(c);
    if (!job->is_old) {
        halt_if_needed(c);
        stop_if_disk_full(c, &job->rec);
        c->received += job->received;
        stop_if_enough(c);
    }
    haul_job_free(job);
}

static void take_note(struct haul_collector *c, struct haul_note *note)
{
    switch (note->kind) {
    case HAUL_NOTE_STATUS:
        c->status = note->status;
        draw_progress(c);
        break;
    case HAUL_NOTE_INPUT_FAULT:
        c->input_failed = true;
        if (note->text[0])
            say(c, note->text);
        break;
    case HAUL_NOTE_SIGNAL:
        c->signal = note->signal;
        break;
    case HAUL_NOTE_MESSAGE:
        say(c, note->text);
        break;
    case HAUL_NOTE_INPUT_END:
        c->total = note->lines;
        haul_ledger_add_lines(&c->ledger, note->lines);
        c->input_complete = note->complete;
        if (!note->complete)
            say(c, "the input was not read to its end");
        break;
    }
    free(note);
}

static void flush_report(struct haul_collector *c)
{
    /* Rows and progress may share one screen. */
    if (haul_outputs_on_terminal(c->env.outputs))
        erase_progress(c);
    haul_outputs_flush(c->env.outputs, &c->trouble);
    tell_trouble(c);
}

static void finish_report(struct haul_collector *c)
{
    uint64_t gaps = 0;

    erase_progress(c);
    say_invalid_rest(c);
    finish_failed(c);
    haul_outputs_finish(c->env.outputs, &gaps, &c->trouble);
    tell_trouble(c);
    if (gaps)
        say(c, "rows are missing from the report");
    c->input_failed = c->input_failed || gaps;
}

/* ---- the run as a whole ---- */

static int status_so_far(const struct haul_collector *c)
{
    const struct haul_ledger_flags flags = {.signal = c->signal,
                                            .report_failed = haul_collector_has_failed(c),
                                            .budget = haul_closing_has_exceeded(&c->summary)};

    return haul_ledger_exit_status(&c->ledger, &flags);
}

static void summarise(struct haul_collector *c)
{
    struct haul_buf message;

    if (!c->has_stored || !haul_closing_is_needed(c->env.config))
        return;
    haul_buf_init(&message, 0);
    c->has_summary =
        haul_closing_make(c->env.config, c->env.store, &c->summary, &message) == HAUL_OK;
    c->summary.exit_status = status_so_far(c);
    if (c->has_summary) {
        haul_outputs_write_summary(c->env.outputs, &c->summary, &c->trouble);
    } else {
        c->summary_failed = true;
        say(c, haul_buf_str(&message));
    }
    haul_buf_done(&message);
    tell_trouble(c);
}

/* The digest is the report where no other goes to standard output. */
static void write_brief(struct haul_collector *c)
{
    bool is_report = haul_outputs_leave_stdout(c->env.outputs);
    struct haul_out *out = haul_out_create(is_report ? STDOUT_FILENO : STDERR_FILENO);

    haul_buf_clear(&c->line);
    haul_brief_add(&c->line, &c->summary, c->env.error_term.utf8);
    if (out)
        haul_out_add(out, haul_buf_str(&c->line), c->line.len);
    if (!out || c->line.err || haul_out_flush(out))
        c->summary_failed = true;
    if (c->summary_failed && is_report)
        say(c, "the brief report cannot be written");
    haul_out_free(out);
}

static void tell_held(struct haul_collector *c)
{
    write_now(haul_buf_str(&c->held), c->held.len);
    if (c->held_lines <= HELD_LINES_MAX)
        return;
    begin_line(c);
    haul_buf_addf(&c->line, "%llu more messages",
                  (unsigned long long)(c->held_lines - HELD_LINES_MAX));
    end_line(c);
}

/* --quiet-unless: all or nothing. Trouble of haul's own is always told, and so is a signal. */
static void speak_or_not(struct haul_collector *c)
{
    bool tells = c->signal || haul_collector_has_failed(c) || !haul_ledger_balances(&c->ledger) ||
                 haul_closing_tells(c->env.config, &c->ledger, &c->summary);

    c->holds = false;
    if (!tells)
        return;
    if (c->has_summary)
        write_brief(c);
    tell_held(c);
    haul_outputs_release(c->env.outputs, &c->trouble);
    tell_trouble(c);
}

static void close_run(struct haul_collector *c)
{
    summarise(c);
    if (c->env.config->quiet_unless)
        speak_or_not(c);
}

void haul_collector_run(struct haul_collector *c)
{
    struct haul_job_list jobs;
    struct haul_note *notes;

    while (haul_resultq_take_all(c->env.resultq, &jobs, &notes) == HAUL_OK) {
        struct haul_job *job;

        if (c->shows_progress && jobs.head && haul_outputs_on_terminal(c->env.outputs))
            erase_progress(c);
        write_down(c, &jobs);
        while ((job = haul_job_list_take(&jobs)))
            take_job(c, job);
        flush_report(c);
        while (notes) {
            struct haul_note *note = notes;

            notes = note->next;
            take_note(c, note);
        }
    }
    finish_store(c);
    finish_report(c);
    close_run(c);
}

/* ---- making, unmaking, asking ---- */

enum haul_err haul_collector_create(const struct haul_collector_env *env,
                                    struct haul_collector **out)
{
    struct haul_collector *c = calloc(1, sizeof *c);
    enum haul_err err = HAUL_OK;

    if (!c)
        return HAUL_ERR_NOMEM;
    c->env = *env;
    c->begun_us = haul_clock_us();
    haul_ledger_init(&c->ledger);
    haul_buf_init(&c->line, 0);
    haul_progress_init(&c->meter, 0);
    haul_buf_init(&c->trouble, 0);
    haul_buf_init(&c->held, 0);
    haul_summary_init(&c->summary);
    c->holds = env->config->quiet_unless != 0;
    if (env->failed_fd >= 0) {
        c->failed = haul_out_create(env->failed_fd);
        err = c->failed ? HAUL_OK : HAUL_ERR_NOMEM;
    }
    if (err)
        haul_collector_free(c);
    else
        *out = c;
    return err;
}

void haul_collector_free(struct haul_collector *c)
{
    if (!c)
        return;
    haul_out_free(c->failed);
    haul_buf_done(&c->line);
    haul_buf_done(&c->trouble);
    haul_buf_done(&c->held);
    haul_summary_done(&c->summary);
    free(c);
}

const struct haul_ledger *haul_collector_ledger(const struct haul_collector *c)
{
    return &c->ledger;
}

bool haul_collector_is_disk_full(const struct haul_collector *c)
{
    return c->disk_full == DISK_FULL_MAX;
}

bool haul_collector_has_failed(const struct haul_collector *c)
{
    return haul_collector_has_lost(c) || c->store_failed || c->summary_failed ||
           haul_outputs_have_failed(c->env.outputs);
}

bool haul_collector_has_lost(const struct haul_collector *c)
{
    return c->input_failed || c->journal_failed || c->save_failed;
}

bool haul_collector_has_exceeded(const struct haul_collector *c)
{
    return haul_closing_has_exceeded(&c->summary);
}

void haul_collector_hold(struct haul_collector *c, const char *lines)
{
    while (*lines) {
        size_t len = strcspn(lines, "\n");

        begin_line(c);
        haul_escape_terminal(&c->line, lines, len, c->env.error_term.utf8, MESSAGE_WIDTH_MAX);
        end_line(c);
        lines += len + (lines[len] == '\n');
    }
}

static void add_books(struct haul_collector *c, int64_t elapsed_us)
{
    if (c->old)
        haul_buf_addf(&c->line, "%llu done before, and not fetched again\n",
                      (unsigned long long)c->old);
    haul_ledger_summary(&c->ledger, elapsed_us, c->signal, &c->line);
}

static void draw_chart(struct haul_collector *c)
{
    const struct haul_terminal *term = &c->env.error_term;
    const char *no_colour = getenv("NO_COLOR");
    const struct haul_render_chart_style style = {.columns = term->columns,
                                                  .utf8 = term->utf8,
                                                  .colour = term->is_terminal &&
                                                            !(no_colour && *no_colour)};
    struct haul_out *out = haul_out_create(STDERR_FILENO);

    enum haul_err unheard = HAUL_OK; /* nobody is left to be told */

    if (out) {
        haul_render_write_chart(out, &c->summary, &style);
        unheard = haul_out_flush(out);
    }
    (void)unheard;
    haul_out_free(out);
}

static void add_verdict(struct haul_collector *c)
{
    if (!c->env.config->quiet)
        haul_brief_add_changes(&c->line, &c->summary);
    if (!c->env.config->quiet || haul_closing_has_exceeded(&c->summary))
        haul_brief_add_budgets(&c->line, &c->summary, c->env.error_term.utf8);
}

void haul_collector_summarise(struct haul_collector *c, int64_t elapsed_us)
{
    bool balances = haul_ledger_balances(&c->ledger);
    bool is_silent = c->env.config->quiet_unless != 0;

    haul_buf_clear(&c->line);
    if ((!c->env.config->quiet && !is_silent) || !balances)
        add_books(c, elapsed_us);
    if (!is_silent)
        add_verdict(c);
    if (c->has_summary && c->env.config->chart && c->line.len)
        haul_buf_add_char(&c->line, '\n');
    write_error(c, haul_buf_str(&c->line), c->line.len);
    if (c->has_summary && c->env.config->chart && !is_silent)
        draw_chart(c);
    if (!balances)
        say(c, "THE BOOKS DO NOT BALANCE: some input lines are not accounted for");
}
