#include "command/command.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/message.h"
#include "base/newfile.h"
#include "base/saturate.h"
#include "command/report_columns.h"
#include "command/report_list.h"
#include "engine/confine.h"
#include "haul/exit.h"
#include "history/store.h"
#include "input/nothing.h"
#include "journal/packed.h"
#include "journal/resume.h"
#include "model/config_rules.h"
#include "model/record_hide.h"
#include "model/version.h"
#include "render/render.h"
#include "report/failed.h"
#include "report/outputs.h"
#include "report/path_clash.h"
#include "report/report.h"
#include "summary/query.h"

struct report {
    const struct haul_config *config;
    bool has_lists;
    struct haul_terminal error_term;
    struct haul_outputs *outputs;
    struct haul_newfile failed_file; /* of --save-failed */
    struct haul_failed *failed;      /* or NULL: it was not asked for */
    struct haul_store *store;        /* for the reports on the whole, or NULL */
    struct haul_buf failures;        /* lines of reports that cannot be written */
    int fd[HAUL_RESUME_FILES_MAX];
    unsigned files;
    struct haul_resume *resume;
    struct haul_redactor *redactor; /* or NULL */
    struct haul_record_hider hider; /* of rows that no list has */
    struct haul_ledger ledger;
    int64_t begin_us, end_us;  /* first start and last end of an attempt; 0: none is known */
    int workers;               /* the largest number of one */
    bool is_unended;           /* a journal does not say that its run has ended */
    struct haul_inputs inputs; /* of the runs that the journals are of */
    uint64_t pending;          /* lines that the journals' last runs left undone, as they say */
    struct haul_buf message;
    char title[HAUL_TITLE_MAX + 1]; /* of the last journal that has one, or "" */
    uint64_t lines;                 /* rows asked for so far */
    struct haul_nothing
        nothing;          /* lists without a line, and, without lists, journals without a record */
    bool has_attached;    /* perhaps a record has what lists attach */
    bool is_damaged;      /* a journal is, in the middle */
    bool has_lost_failed; /* the file of --save-failed could not be written */
};

/* ---- messages ---- */

/* Says what is in the message, and empties it. */
static void say(struct report *r)
{
    if (r->message.len)
        haul_message_say(&r->error_term, haul_buf_str(&r->message));
    haul_buf_clear(&r->message);
}

static enum haul_err refuse(struct report *r, const char *name, enum haul_err err,
                            const char *cause)
{
    haul_buf_addf(&r->message, "%s: the journal cannot be read: %s", name, cause);
    return err;
}

static enum haul_err fail_file(struct report *r, const char *name, enum haul_err err, int error)
{
    char text[HAUL_IO_ERROR_MAX];
    const char *cause = haul_err_text(err);

    if (err == HAUL_ERR_IO || err == HAUL_ERR_SYSTEM)
        cause = error ? haul_io_error_text(error, text) : "the file has changed meanwhile";
    else if (err == HAUL_ERR_RANGE)
        cause = "written by a later version of haul";
    return refuse(r, name, err, cause);
}

/* ---- the journals ---- */

static void tell_damage(struct report *r, const char *name, const struct haul_resume_stats *stats)
{
    if (stats->damaged) {
        r->is_damaged = true;
        haul_buf_addf(&r->message, "%s:%llu: the journal is damaged here; %llu line%s left out",
                      name, (unsigned long long)stats->damaged_line,
                      (unsigned long long)stats->damaged, stats->damaged == 1 ? "" : "s");
        say(r);
    }
    if (stats->tail && !r->config->quiet) {
        haul_buf_addf(&r->message, "%s:%llu: the last line is incomplete or foreign, and left out",
                      name, (unsigned long long)stats->tail_line);
        say(r);
    }
}

static void tell_fault(struct report *r, const char *name, const struct haul_journal_file *file)
{
    if (!file->fault)
        return;
    r->is_damaged = true;
    haul_buf_addf(&r->message, "%s: %s (%s): what is before that is used", name, file->fault,
                  file->packed);
    say(r);
}

/* As haul_report_list_rows wants it. */
static void take_nothing(void *arg, const char *text)
{
    struct report *r = arg;

    if (!haul_nothing_is_told(&r->nothing))
        return;
    r->nothing.empty++;
    haul_message_say(&r->error_term, text);
}

/* With lists the rows are theirs, and a journal may have none of them yet. */
static void tell_nothing(struct report *r, const char *name, const struct haul_resume_stats *stats)
{
    struct haul_buf text;

    if (r->has_lists || stats->records || stats->pending)
        return;
    haul_buf_init(&text, 0);
    haul_buf_addf(&text, "%s: " HAUL_NOTHING_WORDS "%s", name,
                  !stats->headers ? "it is empty"
                  : stats->is_closed && !stats->inputs.is_unread
                      ? "its run has found none"
                      : "its run has not come to its end");
    take_nothing(r, haul_buf_str(&text));
    haul_buf_done(&text);
}

static enum haul_err add_journal(struct report *r, const char *name)
{
    char text[HAUL_IO_ERROR_MAX];
    struct haul_journal_file file;
    struct haul_resume_stats stats;
    enum haul_err err;

    if (r->files == HAUL_RESUME_FILES_MAX)
        return fail_file(r, name, HAUL_ERR_LIMIT, 0);
    err = haul_journal_file_open(name, &file);
    if (err == HAUL_ERR_USAGE)
        return refuse(r, name, err, haul_journal_file_cause(&file, text));
    if (err)
        return fail_file(r, name, err, errno);
    r->fd[r->files++] = file.fd;
    err = haul_resume_add(r->resume, file.fd, &stats);
    if (err)
        return fail_file(r, name, err, errno);
    if (!stats.headers && !stats.records && (stats.damaged || stats.tail)) {
        haul_buf_addf(&r->message, "%s: not a journal of haul's", name);
        return HAUL_ERR_USAGE;
    }
    tell_fault(r, name, &file);
    tell_damage(r, name, &stats);
    tell_nothing(r, name, &stats);
    r->is_unended = r->is_unended || !stats.is_closed;
    if (!stats.records && !stats.pending)
        stats.inputs.empty = 0; /* it was counted itself */
    haul_inputs_add(&r->inputs, &stats.inputs);
    r->pending += stats.pending;
    if (*stats.title)
        memcpy(r->title, stats.title, sizeof r->title);
    r->has_attached = r->has_attached || stats.has_attached;
    return HAUL_OK;
}

static enum haul_err add_journals(struct report *r)
{
    enum haul_err err = haul_resume_create(&r->resume);

    for (size_t i = 0; i < r->config->source_count && !err; i++)
        if (r->config->source[i].kind == HAUL_SOURCE_URL)
            err = add_journal(r, r->config->source[i].text);
    return err ? err : haul_resume_settle(r->resume);
}

/* ---- rows ---- */

static void note_times(struct report *r, const struct haul_record *rec)
{
    bool has_elapsed = rec->time_elapsed_us > rec->time_total_us; /* it was tried before */
    int64_t took_us = has_elapsed ? rec->time_elapsed_us : rec->time_total_us;
    int64_t end_us = haul_saturate_add(rec->started_us, took_us > 0 ? took_us : 0);

    if (rec->worker > r->workers)
        r->workers = rec->worker;
    for (size_t i = 0; i < rec->tried_count; i++)
        if (rec->tried[i].worker > r->workers)
            r->workers = rec->tried[i].worker;
    if (rec->started_us <= 0)
        return;
    if (!r->begin_us || rec->started_us < r->begin_us)
        r->begin_us = rec->started_us;
    if (end_us > r->end_us)
        r->end_us = end_us;
}

/* As haul_report_list_rows wants it. */
static enum haul_err add_row(void *arg, struct haul_record *rec, const struct haul_key *key)
{
    struct report *r = arg;

    rec->seq = r->lines++;
    haul_ledger_add_lines(&r->ledger, 1);
    haul_ledger_add(&r->ledger, rec);
    note_times(r, rec);
    if (r->failed)
        haul_failed_add(r->failed, rec);
    haul_outputs_add(r->outputs, rec, &r->failures);
    if (!r->failed && haul_outputs_all_failed(r->outputs))
        return HAUL_ERR_CLOSED; /* which is in `failures` */
    return r->store ? haul_store_add(r->store, rec, key, false) : HAUL_OK;
}

/* As haul_list_columns wants it. */
static enum haul_err add_column(void *arg, const char *name)
{
    const struct report *r = arg;

    return haul_outputs_add_column(r->outputs, name);
}

static enum haul_err add_all(struct report *r)
{
    bool by_seq = haul_report_is_in_input_order(r->config->order, r->config->format);
    enum haul_err err = HAUL_OK;
    struct haul_record rec;
    struct haul_key key;

    if (r->has_attached && haul_outputs_want_columns(r->outputs))
        err = haul_report_columns(r->resume, by_seq, add_column, r);
    if (!err)
        err = haul_resume_walk(r->resume, by_seq);
    while (!err) {
        err = haul_resume_next(r->resume, &rec, &key);
        if (!err)
            err = haul_record_hide(&r->hider, &rec, NULL);
        if (!err)
            err = add_row(r, &rec, &key);
    }
    /* Of several journals one may have what another one lacks. */
    if (r->files == 1)
        haul_ledger_add_pending(&r->ledger, r->pending);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* ---- the reports ---- */

/* Rows come in their order already. What a configuration file says of runs is not meant here. */
static enum haul_err open_outputs(struct report *r)
{
    struct haul_config config = *r->config;
    enum haul_err err;

    config.order = HAUL_ORDER_DONE;
    config.quiet_unless = 0;
    config.journal = config.since = config.history = config.sums = NULL;
    err = haul_path_clash_check(&config, &r->message);
    if (!err)
        err = haul_outputs_create(&config, &r->outputs, &r->message);
    if (!err)
        haul_outputs_let_readers_leave(r->outputs);
    return err;
}

static enum haul_err open_failed(struct report *r)
{
    enum haul_err err;

    if (!r->config->save_failed)
        return HAUL_OK;
    err = haul_newfile_open(&r->failed_file, r->config->save_failed, &r->message);
    return err ? err : haul_failed_create(r->config, r->failed_file.fd, &r->failed, &r->message);
}

/* What no journal has a record of is not known by its URL. */
static void tell_pending(struct report *r)
{
    if (r->pending && !r->has_lists)
        haul_buf_addf(&r->message,
                      "%s: %llu line%s that the runs left undone %s not in it; name the list with "
                      "-i to have %s\n",
                      r->config->save_failed, (unsigned long long)r->pending,
                      r->pending == 1 ? "" : "s", r->pending == 1 ? "is" : "are",
                      r->pending == 1 ? "it" : "them");
}

/* What is wrong with it is one more report that cannot be written. */
static void finish_failed(struct report *r)
{
    char text[HAUL_IO_ERROR_MAX];
    enum haul_err err;
    int error;

    if (!r->failed)
        return;
    err = haul_failed_finish(r->failed, &r->message);
    error = haul_failed_errno(r->failed);
    if (!err) {
        err = haul_newfile_publish(&r->failed_file);
        error = errno;
    }
    r->has_lost_failed = err != HAUL_OK;
    if (err)
        haul_buf_addf(&r->failures, "%s: cannot be written: %s\n", r->config->save_failed,
                      error ? haul_io_error_text(error, text) : haul_err_text(err));
    else
        tell_pending(r);
    haul_message_say_lines(&r->error_term, haul_buf_str(&r->message));
    haul_buf_clear(&r->message);
}

static enum haul_err open_store(struct report *r)
{
    const struct haul_store_options options = {.path = NULL};
    const struct haul_store_run run = {.version = HAUL_VERSION, .options = "{}"};
    enum haul_err err;

    if (!haul_outputs_need_summary(r->outputs))
        return HAUL_OK;
    err = haul_store_open(&options, &r->store, &r->message);
    return err ? err : haul_store_begin(r->store, &run);
}

/* All that there are, also those without a row. */
static uint64_t count_lines(const struct report *r)
{
    return r->lines + r->pending;
}

static const char *find_title(const struct report *r)
{
    if (r->config->title)
        return r->config->title;
    return *r->title ? r->title : NULL;
}

/* All that the report is about was read to its end. */
static bool is_ended(const struct report *r)
{
    return r->has_lists || (!r->is_unended && !r->pending);
}

/* With lists these are what was read, else what the journals' runs have read. */
static struct haul_inputs end_inputs(const struct report *r)
{
    bool is_error = haul_nothing_is_error(&r->nothing, count_lines(r), NULL);
    struct haul_inputs inputs = {.empty = r->nothing.empty, .is_error = is_error};

    if (!r->has_lists)
        haul_inputs_add(&inputs, &r->inputs);
    inputs.nothing_found =
        !count_lines(r) && !inputs.is_unread && is_ended(r) && haul_nothing_is_told(&r->nothing);
    return inputs;
}

static enum haul_err write_summary(struct report *r)
{
    const struct haul_inputs inputs = end_inputs(r);
    const struct haul_store_end end = {.ledger = &r->ledger,
                                       .started_us = r->begin_us,
                                       .ended_us = r->end_us,
                                       .elapsed_us = r->end_us - r->begin_us,
                                       .complete = is_ended(r) &&
                                                   haul_inputs_are_complete(&inputs, &r->ledger)};
    const struct haul_ledger_flags flags = {.nothing_found = inputs.is_error,
                                            .unread = inputs.is_unread};
    const struct haul_summary_options options = {.version = HAUL_VERSION,
                                                 .workers = r->workers,
                                                 .streams = 1,
                                                 .exit_status =
                                                     haul_ledger_exit_status(&r->ledger, &flags),
                                                 .inputs = inputs,
                                                 .title = find_title(r),
                                                 .group_by = r->config->group_by};
    struct haul_summary summary;
    enum haul_err err;

    if (!r->store)
        return HAUL_OK;
    haul_summary_init(&summary);
    err = haul_store_finish(r->store, &end);
    if (!err)
        err = haul_summary_make(r->store, &options, &summary);
    if (!err)
        haul_outputs_write_summary(r->outputs, haul_render_write, &summary, &r->failures);
    haul_summary_done(&summary);
    return err;
}

static enum haul_err finish_reports(struct report *r)
{
    uint64_t gaps;
    enum haul_err err;

    haul_outputs_finish(r->outputs, &gaps, &r->failures);
    finish_failed(r);
    err = write_summary(r);
    if (!err)
        haul_outputs_publish(r->outputs, &r->failures);
    return err;
}

/* Without its first line: how long it took is what the journal does not say. */
static void summarise(struct report *r)
{
    struct haul_buf text;
    const char *line;

    if (r->config->quiet)
        return;
    haul_buf_init(&text, 0);
    haul_ledger_summary(&r->ledger, 0, false, &text);
    line = strchr(haul_buf_str(&text), '\n');
    if (line)
        haul_message_write(line + 1, strlen(line + 1));
    haul_buf_done(&text);
}

static enum haul_err add_rows(struct report *r)
{
    const struct haul_report_list_taker taker = {
        .add = add_row, .add_column = add_column, .take_nothing = take_nothing, .arg = r};

    return r->has_lists ? haul_report_list_rows(r->config, r->resume, &taker, &r->message)
                        : add_all(r);
}

static enum haul_err make_report(struct report *r)
{
    enum haul_err err = haul_config_check(r->config, HAUL_VERB_REPORT, &r->message);

    if (!err)
        err = haul_redactor_make(&r->redactor, &r->config->redact, &r->message);
    r->hider.redactor = r->redactor;
    if (!err)
        err = haul_confine_command(r->config, HAUL_VERB_REPORT, NULL, &r->message);
    if (!err)
        err = add_journals(r);
    if (!err)
        err = open_outputs(r);
    if (!err)
        err = open_failed(r);
    if (!err)
        err = open_store(r);
    if (!err)
        err = add_rows(r);
    return err ? err : finish_reports(r);
}

/* Whoever reads it has what he wants. */
static bool is_left(const struct report *r, enum haul_err err)
{
    return r->outputs && !r->has_lost_failed && haul_outputs_reader_left(r->outputs) &&
           !haul_outputs_have_failed(r->outputs) && (!err || err == HAUL_ERR_CLOSED);
}

static int conclude(struct report *r, enum haul_err err)
{
    bool has_failed = r->has_lost_failed || (r->outputs && haul_outputs_have_failed(r->outputs));
    const char *store_error = r->store ? haul_store_error(r->store) : "";

    if (err && !r->message.len && (*store_error || err != HAUL_ERR_CLOSED))
        haul_buf_addf(&r->message, "the report cannot be made: %s",
                      *store_error ? store_error : haul_err_text(err));
    say(r);
    haul_message_say_lines(&r->error_term, haul_buf_str(&r->failures));
    if (is_left(r, err))
        return r->is_damaged ? HAUL_EXIT_INTERNAL : HAUL_COMMAND_READER_LEFT;
    if (err)
        return err == HAUL_ERR_USAGE ? HAUL_EXIT_USAGE : HAUL_EXIT_INTERNAL;
    if (!has_failed)
        summarise(r);
    if (haul_nothing_is_error(&r->nothing, count_lines(r), &r->message))
        has_failed = true;
    say(r);
    return has_failed || r->is_damaged ? HAUL_EXIT_INTERNAL : HAUL_EXIT_OK;
}

static void done(struct report *r)
{
    haul_outputs_free(r->outputs);
    haul_failed_free(r->failed);
    haul_newfile_discard(&r->failed_file);
    haul_store_free(r->store);
    haul_resume_free(r->resume);
    haul_record_hider_done(&r->hider);
    haul_redactor_free(r->redactor);
    for (unsigned i = 0; i < r->files; i++)
        close(r->fd[i]);
    haul_buf_done(&r->message);
    haul_buf_done(&r->failures);
}

int haul_command_report(const struct haul_config *config)
{
    struct report r = {.config = config,
                       .has_lists = haul_report_list_is_named(config),
                       .nothing.if_empty = config->if_empty};
    int status;

    r.error_term = haul_terminal_look(STDERR_FILENO);
    r.ledger = (struct haul_ledger){0};
    r.failed_file.fd = -1;
    haul_record_hider_init(&r.hider, NULL);
    haul_buf_init(&r.message, 0);
    haul_buf_init(&r.failures, 0);
    status = conclude(&r, make_report(&r));
    done(&r);
    return status;
}
