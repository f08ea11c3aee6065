#include "journal/render.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/newfile.h"
#include "base/redact.h"
#include "base/terminal.h"
#include "input/item.h"
#include "input/list.h"
#include "input/url.h"
#include "journal/key.h"
#include "journal/resume.h"
#include "report/report.h"

enum { MESSAGE_WIDTH_MAX = 500, INVALID_TEXT_MAX = 2048 };

struct render {
    const struct haul_config *config;
    struct haul_terminal error_term;
    struct haul_newfile file; /* of the report, if it goes to one */
    int fd[HAUL_RESUME_FILES_MAX];
    unsigned files;
    struct haul_resume *resume;
    struct haul_report *report;
    struct haul_ledger ledger;
    struct haul_redactor *redactor;
    struct haul_item_mirrors mirrors;
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

static void tell(struct render *r, const char *name, const struct haul_resume_tale *tale)
{
    if (tale->damaged) {
        r->is_damaged = true;
        haul_buf_addf(&r->message, "%s:%llu: the journal is damaged here; %llu line%s left out",
                      name, (unsigned long long)tale->damaged_line,
                      (unsigned long long)tale->damaged, tale->damaged == 1 ? "" : "s");
        say(r);
    }
    if (tale->tail && !r->config->quiet) {
        haul_buf_addf(&r->message, "%s:%llu: the last line is incomplete or foreign, and left out",
                      name, (unsigned long long)tale->tail_line);
        say(r);
    }
}

static enum haul_err add_journal(struct render *r, const char *name)
{
    struct haul_resume_tale tale;
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
    err = haul_resume_add(r->resume, fd, &tale);
    if (err)
        return fail_file(r, name, err, errno);
    if (!tale.headers && !tale.records && (tale.damaged || tale.tail)) {
        haul_buf_addf(&r->message, "%s: not a journal of haul's", name);
        return HAUL_ERR_USAGE;
    }
    tell(r, name, &tale);
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

static enum haul_err add_row(struct render *r, struct haul_record *rec)
{
    rec->seq = r->lines++;
    haul_ledger_add_lines(&r->ledger, 1);
    haul_ledger_add(&r->ledger, rec);
    return haul_report_add(r->report, rec);
}

static enum haul_err add_all(struct render *r)
{
    bool by_seq = haul_report_is_in_input_order(r->config->order, r->config->format);
    enum haul_err err = haul_resume_walk(r->resume, by_seq);
    struct haul_record rec;

    while (!err) {
        err = haul_resume_next(r->resume, &rec);
        if (!err)
            err = add_row(r, &rec);
    }
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* ---- rows of a list ---- */

static bool take(struct render *r, const struct haul_url *url, bool is_url,
                 struct haul_resume_place *place)
{
    size_t len = url->display_len > INVALID_TEXT_MAX ? INVALID_TEXT_MAX : url->display_len;

    if (!is_url)
        return haul_resume_take(r->resume, haul_key_make(HAUL_KEY_INVALID, url->display, len),
                                place);
    return haul_resume_take(r->resume, haul_key_make(HAUL_KEY_URL, url->url, url->url_len),
                            place) ||
           haul_resume_take(r->resume, haul_key_make(HAUL_KEY_DUPLICATE, url->url, url->url_len),
                            place);
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
                               const struct haul_item *entry)
{
    struct haul_url url;
    struct haul_record rec;
    struct haul_resume_place place;
    const char *problem;
    enum haul_reason reason = haul_item_parse(urls, entry, &r->mirrors, &url, &problem);
    enum haul_err err;

    if (reason == HAUL_REASON_NO_MEMORY)
        return HAUL_ERR_NOMEM;
    if (take(r, &url, reason == HAUL_REASON_NONE, &place))
        err = haul_resume_read(r->resume, &place, &rec);
    else
        err = make_undone(r, &url, reason, problem, &rec);
    if (err)
        return err;
    rec.line = entry->line;
    rec.source = entry->source;
    return add_row(r, &rec);
}

static enum haul_err add_entries(struct render *r, struct haul_list *list,
                                 struct haul_url_parser *urls)
{
    struct haul_item entry;
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

/* ---- the report ---- */

static enum haul_err make_report(struct render *r)
{
    const struct haul_config *config = r->config;
    struct haul_report_options options = {
        .format = config->format, .order = HAUL_ORDER_DONE, .fd = STDOUT_FILENO};
    enum haul_err err = HAUL_OK;

    if (config->output)
        err = haul_newfile_open(&r->file, config->output, &r->message);
    if (err)
        return err;
    if (config->output) {
        options.fd = r->file.fd;
    } else {
        struct haul_terminal term = haul_terminal_look(STDOUT_FILENO);

        options.is_terminal = term.is_terminal;
        options.columns = term.columns;
        options.utf8 = term.utf8;
    }
    return haul_report_create(&r->report, &options);
}

static enum haul_err finish_report(struct render *r)
{
    enum haul_err err = haul_report_finish(r->report, NULL);

    if (err || !r->config->output)
        return err;
    err = haul_newfile_publish(&r->file);
    if (err)
        haul_buf_addf(&r->message, "%s: cannot be written: %s", r->config->output, strerror(errno));
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
        err = make_report(r);
    if (!err)
        err = count ? add_lists(r, lists, count) : add_all(r);
    if (!err)
        err = finish_report(r);
    free(lists);
    return err;
}

static int conclude(struct render *r, enum haul_err err)
{
    int error = r->report ? haul_report_errno(r->report) : 0;

    if (err && !r->message.len && error)
        haul_buf_addf(&r->message, "the report cannot be written: %s", strerror(error));
    else if (err && !r->message.len)
        haul_buf_addf(&r->message, "the report cannot be made: %s", haul_err_text(err));
    say(r);
    if (err)
        return err == HAUL_ERR_USAGE ? 2 : 3;
    summarise(r);
    return r->is_damaged ? 3 : 0;
}

static void done(struct render *r)
{
    haul_newfile_discard(&r->file);
    haul_report_free(r->report);
    haul_resume_free(r->resume);
    haul_redactor_free(r->redactor);
    for (unsigned i = 0; i < r->files; i++)
        close(r->fd[i]);
    haul_buf_done(&r->message);
    haul_buf_done(&r->shown);
    haul_item_mirrors_done(&r->mirrors);
}

int haul_render_run(const struct haul_config *config)
{
    struct render r = {.config = config, .file = {.fd = -1}};
    int status;

    r.error_term = haul_terminal_look(STDERR_FILENO);
    haul_ledger_init(&r.ledger);
    haul_buf_init(&r.message, 0);
    haul_buf_init(&r.shown, 0);
    haul_item_mirrors_init(&r.mirrors);
    status = conclude(&r, render(&r));
    done(&r);
    return status;
}
