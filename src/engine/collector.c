#include "engine/collector.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/out.h"
#include "engine/archiver.h"
#include "engine/console.h"
#include "engine/halt.h"
#include "engine/notices.h"
#include "engine/run_store.h"
#include "engine/run_summary.h"
#include "input/input.h"
#include "model/record_hide.h"
#include "render/render.h"
#include "report/entry_text.h"
#include "report/failed.h"
#include "report/row.h"

struct haul_collector {
    struct haul_collector_env env; /* [const after create] */
    struct haul_archiver archiver;
    struct haul_console console;
    struct haul_collector_end end; /* filled while it works */
    struct haul_halt_state halt;
    struct haul_record_hider hider;
    struct haul_run_store store;
    struct haul_buf line;        /* of a file, or of messages */
    struct haul_buf trouble;     /* what the reports have to say about themselves */
    struct haul_notices notices; /* that were told */
    struct haul_failed *failed;  /* of --save-failed, or NULL */
    int signal;                  /* that ended the run, or 0 */
    bool has_all_lines;          /* the ledger has the number of lines */
    struct haul_nothing nothing; /* what is known of such inputs */
    bool has_lost_entries;       /* entries of an input were passed over */
    bool journal_failed;
};

/* The reports are not what was asked for. */
static void note_loss(struct haul_collector *c)
{
    c->end.has_lost = c->end.has_failed = true;
}

const char *haul_collector_store_name(const struct haul_config *config)
{
    return config->history ? config->history : "temporary file";
}

/* ---- the report ---- */

/* One that cannot be written leaves the others; without any there is nothing left to do. */
static void tell_trouble(struct haul_collector *c)
{
    if (!c->trouble.len)
        return;
    haul_console_say_lines(&c->console, haul_buf_str(&c->trouble));
    haul_buf_clear(&c->trouble);
    if (haul_outputs_all_failed(c->env.outputs))
        c->env.ask_stop(c->env.arg, HAUL_STOP_QUIT);
}

/* ---- the archive ---- */

/* Where nothing can be saved any more, nothing more is fetched. */
static void archive(struct haul_collector *c, const struct haul_job_list *jobs)
{
    haul_buf_clear(&c->line);
    if (haul_archiver_add(&c->archiver, jobs, &c->line))
        return;
    c->end.has_failed = true;
    haul_console_say_lines(&c->console, haul_buf_str(&c->line));
    c->env.ask_stop(c->env.arg, HAUL_STOP_QUIT);
}

static void finish_archive(struct haul_collector *c)
{
    haul_buf_clear(&c->line);
    if (haul_archiver_finish(&c->archiver, &c->line))
        return;
    c->end.has_failed = true;
    haul_console_say_lines(&c->console, haul_buf_str(&c->line));
}

/* ---- the journal ---- */

/* Valid until the next job's. What is well needs no entry. */
static void note_entry(struct haul_collector *c, struct haul_job *job)
{
    if (!job->is_old) /* then it is the journal's */
        job->rec.entry = NULL;
    if (haul_row_is_saved(&job->rec) || job->rec.outcome == HAUL_OUTCOME_INVALID)
        haul_entry_text_note_job(job, &c->line);
}

/* What replaces a record has its key, so that it is found in its place. */
static enum haul_err add_to_journal(struct haul_journal *journal, const struct haul_job *job)
{
    const struct haul_key old = {.old = job->key.old};

    return haul_journal_add(journal, &job->rec, job->replaces_old ? &old : &job->key,
                            job->replaces);
}

/* Nothing is downloaded on without a record: what cannot be written down ends the run. */
static void write_down(struct haul_collector *c, const struct haul_job_list *jobs)
{
    char text[HAUL_IO_ERROR_MAX];
    enum haul_err err = HAUL_OK;
    int error;

    if (!c->env.journal || c->journal_failed)
        return;
    for (struct haul_job *job = jobs->head; job && !err; job = job->next) {
        if (job->is_old)
            continue;
        note_entry(c, job);
        err = add_to_journal(c->env.journal, job);
        job->rec.entry = NULL;
    }
    if (!err)
        err = haul_journal_flush(c->env.journal);
    if (!err)
        return;
    c->journal_failed = true;
    note_loss(c);
    error = haul_journal_errno(c->env.journal);
    haul_console_say_of(&c->console, c->env.run->config->journal, "the journal cannot be written: ",
                        error ? haul_io_error_text(error, text) : haul_err_text(err),
                        "; the run is stopped");
    c->env.ask_stop(c->env.arg, HAUL_STOP_QUIT);
}

/* ---- the store ---- */

/* The run goes on: what an earlier run has found is still there, and this one has its report. */
static void note_store(struct haul_collector *c, enum haul_err err)
{
    if (!err)
        return;
    c->end.has_failed = true;
    haul_console_say_of(&c->console, haul_collector_store_name(c->env.run->config),
                        "the history cannot be written: ", haul_store_error(c->store.store),
                        "; this run will not be in it");
}

static void finish_store(struct haul_collector *c)
{
    const struct haul_store_end end = {
        .ledger = &c->end.ledger,
        .ended_us = haul_clock_wall_us(),
        .elapsed_us = haul_clock_us() - c->console.begun_us,
        .complete = haul_inputs_are_complete(&c->end.inputs, &c->end.ledger)};

    note_store(c, haul_run_store_finish(&c->store, &end));
    c->end.has_stored = c->store.is_finished;
}

/* ---- --save-failed ---- */

static void save_if_failed(struct haul_collector *c, struct haul_job *job)
{
    if (!c->failed)
        return;
    note_entry(c, job);
    haul_failed_add(c->failed, &job->rec);
}

static void finish_failed(struct haul_collector *c)
{
    char text[HAUL_IO_ERROR_MAX];
    enum haul_err err;
    int error;

    if (!c->failed)
        return;
    haul_buf_clear(&c->line);
    err = haul_failed_finish(c->failed, &c->line);
    error = haul_failed_errno(c->failed);
    if (!err) {
        haul_console_say_lines(&c->console, haul_buf_str(&c->line));
        return;
    }
    note_loss(c);
    haul_console_say_of(&c->console, c->env.run->config->save_failed, "cannot be written: ",
                        error ? haul_io_error_text(error, text) : haul_err_text(err), "");
}

/* ---- jobs and notes ---- */

/* The time that an earlier run has spent is not compared with how long this one takes. */
static void count(struct haul_collector *c, const struct haul_job *job)
{
    struct haul_record rec = job->rec;

    if (job->is_old) {
        rec.time_total_us = -1;
        c->end.old_rows++;
    }
    haul_ledger_add(&c->end.ledger, &rec);
}

/* Which the dispatcher knows first, and the ledger in the end. */
static struct haul_halt_list known_list(const struct haul_collector *c)
{
    struct haul_halt_list list = {.lines = c->end.ledger.lines, .is_whole = c->has_all_lines};

    if (!list.is_whole && c->env.run->config->halt_percent)
        list.lines = haul_resultq_count(c->env.run->resultq).lines;
    if (list.lines < c->end.ledger.rows)
        list.lines = c->end.ledger.rows;
    return list;
}

/* After a job, or NULL: after the end of the list. */
static void halt_if_needed(struct haul_collector *c, const struct haul_job *job)
{
    const struct haul_halt_list list = known_list(c);
    enum haul_stop_level level;

    haul_buf_clear(&c->line);
    level = haul_halt_after(&c->halt, c->env.run->config, &c->end.ledger, &list, job, &c->line);
    c->end.is_disk_full = c->halt.is_disk_full;
    if (level == HAUL_STOP_NONE)
        return;
    c->env.ask_stop(c->env.arg, level); /* first: what is said may take its time */
    haul_console_say_lines(&c->console, haul_buf_str(&c->line));
}

/* In a record of an earlier run there may be what this one is to hide; and the journal needs the
 * name of the file as it is. Without memory it has no texts but its URL. */
static void hide(struct haul_collector *c, struct haul_job *job)
{
    const struct haul_asked asked = haul_job_asked(job);
    enum haul_err err = job->is_old ? haul_record_hide(&c->hider, &job->rec, &asked)
                                    : haul_record_hide_file(&c->hider, &job->rec);

    if (!err)
        return;
    job->rec.url_effective = job->rec.errormsg = job->rec.content_type = job->rec.etag = NULL;
    job->rec.last_modified = job->rec.filename_effective = job->rec.entry = NULL;
    job->rec.attached_count = 0;
}

static void take_job(struct haul_collector *c, struct haul_job *job)
{
    hide(c, job);
    count(c, job);
    note_store(c, haul_run_store_add(&c->store, job));
    save_if_failed(c, job);
    if (job->rec.outcome == HAUL_OUTCOME_INVALID)
        haul_console_say_invalid(&c->console, &job->rec);
    else if (c->env.run->config->verbose)
        haul_console_say_record(&c->console, &job->rec);
    haul_outputs_add(c->env.outputs, &job->rec, &c->trouble);
    tell_trouble(c);
    if (!job->is_old)
        halt_if_needed(c, job);
    haul_job_free(job);
}

static void take_nothing(struct haul_collector *c, const char *text)
{
    if (!haul_nothing_is_told(&c->nothing))
        return;
    c->nothing.empty++;
    haul_console_say_always(&c->console, text);
}

/* That all of them together have nothing is not known where one was not read to its end; that
 * another one has nothing is. */
static void judge_nothing(struct haul_collector *c, uint64_t lines)
{
    struct haul_inputs *inputs = &c->end.inputs;
    bool has_none = !lines && !inputs->is_unread;

    inputs->empty = c->nothing.empty;
    inputs->nothing_found = has_none && haul_nothing_is_told(&c->nothing);
    haul_buf_clear(&c->line);
    inputs->is_error = haul_nothing_is_error(&c->nothing, !has_none, &c->line);
    if (c->line.len)
        haul_console_say_always(&c->console, haul_buf_str(&c->line));
}

static void end_input(struct haul_collector *c, uint64_t lines, bool complete)
{
    haul_ledger_add_lines(&c->end.ledger, lines);
    c->has_all_lines = true;
    c->end.inputs.is_unread = !complete;
    judge_nothing(c, lines);
    if (!complete)
        haul_console_say_always(&c->console, "the input was not read to its end");
}

/* Once: a dispatcher that was given up may still come to its end. */
static void take_input_end(struct haul_collector *c, const struct haul_note *note)
{
    if (c->has_all_lines)
        return;
    end_input(c, note->lines, note->complete);
    halt_if_needed(c, NULL);
}

static void take_notice(struct haul_collector *c, const char *text)
{
    haul_buf_clear(&c->line);
    haul_notices_add_words(&c->notices, text, &c->line);
    if (c->line.len && !c->line.err)
        haul_console_say(&c->console, haul_buf_str(&c->line));
}

static void take_note(struct haul_collector *c, struct haul_note *note)
{
    switch (note->kind) {
    case HAUL_NOTE_STATUS:
        haul_console_draw_progress(&c->console, &c->end.ledger, &note->status);
        break;
    case HAUL_NOTE_INPUT_FAULT:
        note_loss(c);
        if (note->text[0])
            haul_console_say(&c->console, note->text);
        break;
    case HAUL_NOTE_SIGNAL:
        c->signal = note->signal;
        break;
    case HAUL_NOTE_MESSAGE:
        haul_console_say(&c->console, note->text);
        break;
    case HAUL_NOTE_LOSS:
        c->has_lost_entries = true;
        haul_console_say_always(&c->console, note->text);
        break;
    case HAUL_NOTE_NOTHING:
        take_nothing(c, note->text);
        break;
    case HAUL_NOTE_NOTICE:
        take_notice(c, note->text);
        break;
    case HAUL_NOTE_INPUT_END:
        take_input_end(c, note);
        break;
    }
    free(note);
}

static void finish_report(struct haul_collector *c)
{
    uint64_t gaps = 0;

    haul_console_erase_progress(&c->console);
    haul_console_say_invalid_rest(&c->console);
    finish_failed(c);
    haul_outputs_finish(c->env.outputs, &gaps, &c->trouble);
    tell_trouble(c);
    if (!gaps)
        return;
    note_loss(c);
    haul_console_say(&c->console, "rows are missing from the report");
}

/* ---- the run as a whole ---- */

static bool has_failed(const struct haul_collector *c)
{
    return c->end.has_failed || haul_outputs_have_failed(c->env.outputs);
}

static enum haul_err make_summary(struct haul_collector *c)
{
    haul_buf_clear(&c->line);
    return haul_run_summary_make(c->env.run->config, haul_run_store_asked(&c->store),
                                 c->env.redactor, &c->end.inputs, &c->end.summary, &c->line);
}

/* With the history; or where that cannot be asked, of this run alone. */
static enum haul_err summarise_store(struct haul_collector *c)
{
    enum haul_err err = make_summary(c);

    if (err != HAUL_ERR_IO || !c->env.run->config->history || !haul_run_store_leave(&c->store))
        return err;
    c->end.has_failed = true;
    haul_buf_addf(&c->line, "; %s is left out of it", c->env.run->config->history);
    haul_console_say(&c->console, haul_buf_str(&c->line));
    haul_summary_done(&c->end.summary);
    haul_summary_init(&c->end.summary);
    return make_summary(c);
}

static void summarise(struct haul_collector *c)
{
    struct haul_ledger_flags flags = {.signal = c->signal,
                                      .nothing_found = c->end.inputs.is_error,
                                      .unread = c->end.inputs.is_unread};
    enum haul_err err;

    if (!haul_run_store_asked(&c->store) || !haul_run_summary_is_needed(c->env.run->config))
        return;
    err = summarise_store(c);
    flags.report_failed = has_failed(c);
    flags.budget = c->end.has_exceeded = haul_run_summary_exceeds_budget(&c->end.summary);
    c->end.summary.exit_status = haul_ledger_exit_status(&c->end.ledger, &flags);
    c->end.has_summary = !err;
    if (err) {
        c->end.has_failed = true;
        haul_console_say(&c->console, haul_buf_str(&c->line));
    } else {
        haul_outputs_write_summary(c->env.outputs, haul_render_write, &c->end.summary, &c->trouble);
    }
    tell_trouble(c);
}

/* The digest is the report where no other goes to standard output. */
static void write_brief(struct haul_collector *c)
{
    bool is_report = haul_outputs_leave_stdout(c->env.outputs);
    struct haul_out *out = haul_out_create(is_report ? STDOUT_FILENO : STDERR_FILENO);
    bool is_written, is_cut;

    haul_buf_clear(&c->line);
    haul_run_summary_add_brief(c->env.run->config, &c->end.summary, c->env.error_term.utf8,
                               &c->line);
    if (out) {
        haul_out_wait_until(out, c->env.patience);
        haul_out_add(out, haul_buf_str(&c->line), c->line.len);
    }
    is_written = out && !c->line.err && haul_out_flush(out) == HAUL_OK;
    is_cut = out && haul_out_error(out) == ECANCELED;
    if (!is_written && is_report)
        haul_console_say(&c->console, "the brief report cannot be written");
    c->end.has_failed = c->end.has_failed || !(is_written || (is_cut && c->signal));
    haul_out_free(out);
}

/* --quiet-unless: all or nothing. Trouble of haul's own is always told, and so is a signal, and an
 * input in which nothing was found, or that was not read to its end, or of which something was
 * passed over, or nothing may be asked for: silence says that all is well, and nobody has looked.
 */
static void speak_or_not(struct haul_collector *c)
{
    bool tells = c->signal || c->nothing.empty || c->end.inputs.nothing_found ||
                 c->end.inputs.is_unread || c->has_lost_entries ||
                 haul_ledger_is_disallowed(&c->end.ledger) || has_failed(c) ||
                 !haul_ledger_balances(&c->end.ledger) ||
                 haul_run_summary_is_reported(c->env.run->config, &c->end.ledger, &c->end.summary);

    c->console.is_holding = false;
    if (!tells)
        return;
    if (c->end.has_summary)
        write_brief(c);
    haul_console_say_held(&c->console);
    haul_outputs_release(c->env.outputs, &c->trouble);
    tell_trouble(c);
}

/*
 * For want of memory, who reads the input may have been unable to tell of its faults, and even of
 * its end: then the lines are those that were given out, and nobody says that these were all.
 */
static void take_untold(struct haul_collector *c)
{
    const struct haul_resultq_counts counts = haul_resultq_count(c->env.run->resultq);

    if (counts.has_lost)
        haul_console_say(&c->console, "out of memory: what is wrong with the input is not told");
    if (counts.has_lost || !c->has_all_lines)
        note_loss(c);
    if (!c->has_all_lines)
        end_input(c, counts.lines, false);
}

void haul_collector_run(struct haul_collector *c)
{
    struct haul_job_list jobs;
    struct haul_note *notes;

    while (haul_resultq_take_all(c->env.run->resultq, &jobs, &notes) == HAUL_OK) {
        struct haul_job *job;

        if (c->console.shows_progress && jobs.head && haul_outputs_on_terminal(c->env.outputs))
            haul_console_erase_progress(&c->console);
        archive(c, &jobs);
        write_down(c, &jobs);
        while ((job = haul_job_list_take(&jobs)))
            take_job(c, job);
        if (haul_outputs_on_terminal(c->env.outputs)) /* rows and progress share one screen */
            haul_console_erase_progress(&c->console);
        haul_outputs_flush(c->env.outputs, &c->trouble);
        tell_trouble(c);
        while (notes) {
            struct haul_note *note = notes;

            notes = note->next;
            take_note(c, note);
        }
    }
    take_untold(c);
    finish_archive(c);
    finish_store(c);
    finish_report(c);
    haul_console_say_disallowed(&c->console, &c->end.ledger);
    summarise(c);
    if (c->env.run->config->quiet_unless)
        speak_or_not(c);
    c->end.has_failed = has_failed(c);
}

/* ---- making, unmaking, asking ---- */

enum haul_err haul_collector_create(const struct haul_collector_env *env,
                                    struct haul_collector **out, struct haul_buf *message)
{
    struct haul_collector *c = calloc(1, sizeof *c);
    enum haul_err err = HAUL_OK;

    if (!c)
        return HAUL_ERR_NOMEM;
    c->env = *env;
    c->archiver = (struct haul_archiver){.config = env->run->config,
                                         .archive = env->archive,
                                         .warc = env->warc,
                                         .patience = env->patience};
    haul_console_init(&c->console, env->run->config, &env->error_term, env->patience);
    c->nothing = haul_input_nothing(env->run->config);
    c->end.ledger = (struct haul_ledger){0};
    haul_buf_init(&c->line, 0);
    haul_buf_init(&c->trouble, 0);
    haul_record_hider_init(&c->hider, env->redactor);
    haul_summary_init(&c->end.summary);
    if (env->failed_fd >= 0)
        err = haul_failed_create(env->run->config, env->failed_fd, &c->failed, message);
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
    haul_failed_free(c->failed);
    haul_run_store_done(&c->store);
    haul_console_done(&c->console);
    haul_buf_done(&c->line);
    haul_buf_done(&c->trouble);
    haul_notices_done(&c->notices);
    haul_record_hider_done(&c->hider);
    haul_summary_done(&c->end.summary);
    free(c);
}

void haul_collector_use_store(struct haul_collector *c, struct haul_store *store, bool has_lost)
{
    c->store.store = store;
    c->end.has_failed = c->end.has_failed || has_lost;
}

void haul_collector_hold(struct haul_collector *c, const char *lines)
{
    haul_console_say_lines(&c->console, lines);
}

const struct haul_collector_end *haul_collector_end(const struct haul_collector *c)
{
    return &c->end;
}
