#include "command/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/terminal.h"
#include "history/import.h"
#include "input/entry.h"
#include "input/list.h"
#include "input/url.h"
#include "journal/key.h"
#include "journal/resume.h"
#include "model/redactor.h"
#include "model/version.h"
#include "report/outputs.h"
#include "report/path_clash.h"
#include "report/report.h"
#include "summary/query.h"

enum { MESSAGE_WIDTH_MAX = 500, INVALID_TEXT_MAX = 2048 };

struct render {
    const struct haul_config *config;
    struct haul_terminal error_term;
    struct haul_outputs *outputs;
    struct haul_store *store; /* for the reports on the whole, or NULL */
    struct haul_buf trouble;  /* lines of reports that cannot be written */
    int fd[HAUL_RESUME_FILES_MAX];
    unsigned files;
    struct haul_resume *resume;
    struct haul_ledger ledger;
    int64_t begin_us, end_us; /* first start and last end of an attempt; 0: none is known */
    int workers;              /* the largest number of one */
    bool is_incomplete;       /* a journal does not say that its run has ended */
    struct haul_redactor *redactor;
    struct haul_entry_mirrors mirrors;
    struct haul_buf message, shown;
    uint64_t lines;  /* rows asked for so far */
    bool is_damaged; /* a journal is, in the middle */
};

/* ---- messages ---- */

static void write_error(const char *bytes, size_t len)
{
    while (len) {
        ssize_t written = write(STDERR_FILENO, bytes, len);

        if (written <= 0)
            return; /* nobody is left to be told */
        bytes += written;
        len -= (size_t)written;
    }
}

/* Says what is in the message, and empties it. */
static void say(struct render *r)
{
    struct haul_buf line;

    if (!r->message.len)
        return;
    haul_buf_init(&line, 0);
    haul_buf_add_str(&line, "haul: ");
    haul_escape_terminal(&line, haul_buf_str(&r->message), r->message.len, r->error_term.utf8,
                         MESSAGE_WIDTH_MAX);
    haul_buf_add_char(&line, '\n');
    write_error(haul_buf_str(&line), line.len);
    haul_buf_done(&line);
    haul_buf_clear(&r->message);
}

static enum haul_err fail_file(struct render *r, const char *name, enum haul_err err, int error)
{
    const char *cause = haul_err_text(err);

    if (err == HAUL_ERR_IO)
        cause = error ? strerror(error) : "the file has changed meanwhile";
    else if (err == HAUL_ERR_RANGE)
        cause = "written by a later version of haul";
    haul_buf_addf(&r->message, "%s: the journal cannot be read: %s", name, cause);
    return err;
}

/* ---- the journals ---- */

static void tell(struct render *r, const char *name, const struct haul_resume_stats *stats)
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

static enum haul_err add_journal(struct render *r, const char *name)
{
    struct haul_resume_stats stats;
    enum haul_err err;
    int fd;

    if (r->files == HAUL_RESUME_FILES_MAX)
        return fail_file(r, name, HAUL_ERR_LIMIT, 0);
    fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        (void)fail_file(r, name, HAUL_ERR_IO, errno);
        return HAUL_ERR_USAGE;
    }
    r->fd[r->files++] = fd;
    err = haul_resume_add(r->resume, fd, &stats);
    if (err)
        return fail_file(r, name, err, errno);
    if (!stats.headers && !stats.records && (stats.damaged || stats.tail)) {
        haul_buf_addf(&r->message, "%s: not a journal of haul's", name);
        return HAUL_ERR_USAGE;
    }
    tell(r, name, &stats);
    r->is_incomplete = r->is_incomplete || !haul_import_is_complete(fd, &stats);
    return HAUL_OK;
}

static enum haul_err add_journals(struct render *r)
{
    enum haul_err err = haul_resume_create(&r->resume);

    for (size_t i = 0; i < r->config->source_count && !err; i++)
        if (r->config->source[i].kind == HAUL_SOURCE_URL)
            err = add_journal(r, r->config->source[i].text);
    if (!err && !r->files) {
        haul_buf_add_str(&r->message, "name at least one journal: haul report JOURNAL...");
        err = HAUL_ERR_USAGE;
    }
    return err ? err : haul_resume_settle(r->resume);
}

/* ---- rows ---- */

static void note_times(struct render *r, const struct haul_record *rec)
{
    int64_t end_us = rec->started_us + (rec->time_total_us > 0 ? rec->time_total_us : 0);

    if (rec->worker > r->workers)
        r->workers = rec->worker;
    if (rec->started_us <= 0)
        return;
    if (!r->begin_us || rec->started_us < r->begin_us)
        r->begin_us = rec->started_us;
    if (end_us > r->end_us)
        r->end_us = end_us;
}

static enum haul_err add_row(struct render *r, struct haul_record *rec, uint64_t key)
{
    rec->seq = r->lines++;
    haul_ledger_add_lines(&r->ledger, 1);
    haul_ledger_add(&r->ledger, rec);
    note_times(r, rec);
    haul_outputs_add(r->outputs, rec, &r->trouble);
    if (haul_outputs_all_failed(r->outputs))
        return HAUL_ERR_CLOSED; /* which is told as trouble */
    return r->store ? haul_store_add(r->store, rec, key, false) : HAUL_OK;
}

static enum haul_err add_all(struct render *r)
{
    bool by_seq = haul_report_is_in_input_order(r->config->order, r->config->format);
    enum haul_err err = haul_resume_walk(r->resume, by_seq);
    struct haul_record rec;
    uint64_t key;

    while (!err) {
        err = haul_resume_next_key(r->resume, &rec, &key);
        if (!err)
            err = add_row(r, &rec, key);
    }
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* ---- rows of a list ---- */

static bool take(struct render *r, const struct haul_url *url, bool is_url, uint64_t *key,
                 struct haul_resume_place *place)
{
    size_t len = url->display_len > INVALID_TEXT_MAX ? INVALID_TEXT_MAX : url->display_len;
    uint64_t other;

    *key = is_url ? haul_key_make(HAUL_KEY_URL, url->url, url->url_len)
                  : haul_key_make(HAUL_KEY_INVALID, url->display, len);
    if (haul_resume_take(r->resume, *key, place))
        return true;
    other = is_url ? haul_key_make(HAUL_KEY_DUPLICATE, url->url, url->url_len) : 0;
    if (!is_url || !haul_resume_take(r->resume, other, place))
        return false;
    *key = other;
    return true;
}

static enum haul_err make_undone(struct render *r, const struct haul_url *url,
                                 enum haul_reason reason, const char *problem,
                                 struct haul_record *rec)
{
    haul_record_init(rec);
    rec->outcome = reason == HAUL_REASON_NONE ? HAUL_OUTCOME_PENDING : HAUL_OUTCOME_INVALID;
    rec->reason = reason == HAUL_REASON_NONE ? HAUL_REASON_STOPPED : reason;
    rec->errormsg = problem;
    haul_buf_clear(&r->shown);
    haul_redactor_apply(r->redactor, url->display, url->display_len, &r->shown);
    rec->url = haul_buf_str(&r->shown);
    return r->shown.err;
}

static enum haul_err add_entry(struct render *r, struct haul_url_parser *urls,
                               const struct haul_list_entry *entry)
{
    struct haul_url url;
    struct haul_record rec;
    struct haul_resume_place place;
    const char *problem;
    uint64_t key;
    enum haul_reason reason = haul_entry_parse(urls, entry, &r->mirrors, &url, &problem);
    enum haul_err err;

    if (reason == HAUL_REASON_NO_MEMORY)
        return HAUL_ERR_NOMEM;
    if (take(r, &url, reason == HAUL_REASON_NONE, &key, &place))
        err = haul_resume_read(r->resume, &place, &rec);
    else
        err = make_undone(r, &url, reason, problem, &rec);
    if (err)
        return err;
    rec.line = entry->line;
    rec.source = entry->source;
    return add_row(r, &rec, key);
}

static enum haul_err add_entries(struct render *r, struct haul_list *list,
                                 struct haul_url_parser *urls)
{
    struct haul_list_entry entry;
    enum haul_err err;

    while ((err = haul_list_next(list, &entry)) == HAUL_OK) {
        err = add_entry(r, urls, &entry);
        if (err)
            return err;
    }
    if (err == HAUL_ERR_IO)
        haul_buf_add_str(&r->message, haul_list_message(list));
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* The lists among the sources; *count gets how many. NULL: out of memory. */
static struct haul_source *pick_lists(const struct haul_config *config, size_t *count)
{
    struct haul_source *lists = calloc(config->source_count + 1, sizeof *lists);

    *count = 0;
    for (size_t i = 0; lists && i < config->source_count; i++)
        if (config->source[i].kind == HAUL_SOURCE_FILE)
            lists[(*count)++] = config->source[i];
    return lists;
}

static enum haul_err add_lists(struct render *r, const struct haul_source *lists, size_t count)
{
    struct haul_list *list = NULL;
    struct haul_url_parser *urls = NULL;
    const char *cause;
    enum haul_err err = haul_list_create(lists, count, r->config->url_column, &list, &r->message);

    if (!err)
        err = haul_url_parser_create(&urls);
    if (!err)
        err = haul_redactor_create(&r->redactor, &r->config->redact, &cause);
    if (!err)
        err = add_entries(r, list, urls);
    haul_url_parser_free(urls);
    haul_list_free(list);
    return err;
}

/* ---- the reports ---- */

/* Rows come in their order already. What a configuration file says of runs is not meant here. */
static enum haul_err open_outputs(struct render *r)
{
    struct haul_config config = *r->config;
    enum haul_err err;

    config.order = HAUL_ORDER_DONE;
    config.quiet_unless = 0;
    config.journal = config.since = config.history = config.save_failed = config.sums = NULL;
    err = haul_path_clash_check(&config, &r->message);
    return err ? err : haul_outputs_create(&config, &r->outputs, &r->message);
}

static enum haul_err open_store(struct render *r)
{
    const struct haul_store_options options = {.path = NULL};
    const struct haul_store_run run = {.version = HAUL_VERSION, .options = "{}"};
    enum haul_err err;

    if (!haul_outputs_need_summary(r->outputs))
        return HAUL_OK;
    err = haul_store_open(&options, &r->store, &r->message);
    return err ? err : haul_store_begin(r->store, &run);
}

static bool is_complete(const struct render *r, bool has_lists)
{
    return !r->ledger.count[HAUL_OUTCOME_PENDING] && (has_lists || !r->is_incomplete);
}

static enum haul_err write_summary(struct render *r, bool has_lists)
{
    const struct haul_store_end end = {.ledger = &r->ledger,
                                       .started_us = r->begin_us,
                                       .ended_us = r->end_us,
                                       .elapsed_us = r->end_us - r->begin_us,
                                       .complete = is_complete(r, has_lists)};
    const struct haul_ledger_flags none = {0};
    const struct haul_summary_options options = {.version = HAUL_VERSION,
                                                 .workers = r->workers,
                                                 .streams = 1,
                                                 .exit_status =
                                                     haul_ledger_exit_status(&r->ledger, &none),
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
        haul_outputs_write_summary(r->outputs, &summary, &r->trouble);
    haul_summary_done(&summary);
    return err;
}

static enum haul_err finish_reports(struct render *r, bool has_lists)
{
    uint64_t gaps;
    enum haul_err err;

    haul_outputs_finish(r->outputs, &gaps, &r->trouble);
    err = write_summary(r, has_lists);
    if (!err)
        haul_outputs_publish(r->outputs, &r->trouble);
    return err;
}

/* Without its first line: how long it took is what the journal does not say. */
static void summarise(struct render *r)
{
    struct haul_buf text;
    const char *line;

    if (r->config->quiet)
        return;
    haul_buf_init(&text, 0);
    haul_ledger_summary(&r->ledger, 0, false, &text);
    line = strchr(haul_buf_str(&text), '\n');
    if (line)
        write_error(line + 1, strlen(line + 1));
    haul_buf_done(&text);
}

static enum haul_err render(struct render *r)
{
    size_t count;
    struct haul_source *lists = pick_lists(r->config, &count);
    enum haul_err err = lists ? add_journals(r) : HAUL_ERR_NOMEM;

    if (!err)
        err = open_outputs(r);
    if (!err)
        err = open_store(r);
    if (!err)
        err = count ? add_lists(r, lists, count) : add_all(r);
    if (!err)
        err = finish_reports(r, count);
    free(lists);
    return err;
}

/* One line for each report that could not be written. */
static void say_trouble(struct render *r)
{
    const char *at = haul_buf_str(&r->trouble);

    haul_buf_clear(&r->message);
    for (size_t len; *at; at += len + (at[len] == '\n')) {
        len = strcspn(at, "\n");
        haul_buf_add(&r->message, at, len);
        say(r);
    }
}

static int conclude(struct render *r, enum haul_err err)
{
    bool has_failed = r->outputs && haul_outputs_have_failed(r->outputs);

    if (err && !r->message.len && r->store && *haul_store_error(r->store))
        haul_buf_addf(&r->message, "the report cannot be made: %s", haul_store_error(r->store));
    else if (err && err != HAUL_ERR_CLOSED && !r->message.len)
        haul_buf_addf(&r->message, "the report cannot be made: %s", haul_err_text(err));
    say(r);
    say_trouble(r);
    if (err)
        return err == HAUL_ERR_USAGE ? 2 : 3;
    if (!has_failed)
        summarise(r);
    return has_failed || r->is_damaged ? 3 : 0;
}

static void done(struct render *r)
{
    haul_outputs_free(r->outputs);
    haul_store_free(r->store);
    haul_resume_free(r->resume);
    haul_redactor_free(r->redactor);
    for (unsigned i = 0; i < r->files; i++)
        close(r->fd[i]);
    haul_buf_done(&r->message);
    haul_buf_done(&r->trouble);
    haul_buf_done(&r->shown);
    haul_entry_mirrors_done(&r->mirrors);
}

int haul_command_report(const struct haul_config *config)
{
    struct render r = {.config = config};
    int status;

    r.error_term = haul_terminal_look(STDERR_FILENO);
    haul_ledger_init(&r.ledger);
    haul_buf_init(&r.message, 0);
    haul_buf_init(&r.trouble, 0);
    haul_buf_init(&r.shown, 0);
    haul_entry_mirrors_init(&r.mirrors);
    status = conclude(&r, render(&r));
    done(&r);
    return status;
}
