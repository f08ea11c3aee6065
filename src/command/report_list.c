#include "command/report_list.h"

#include <stdlib.h>
#include <string.h>

#include "input/entry.h"
#include "input/input.h"
#include "model/key.h"
#include "model/record_hide.h"
#include "report/entry_text.h"
#include "report/row.h"

struct rows {
    const struct haul_strings *ignored; /* --ignore-param */
    struct haul_resume *resume;         /* the caller's */
    const struct haul_report_list_taker *taker;
    struct haul_buf *message;
    struct haul_input input;
    struct haul_entry_mirrors mirrors;
    struct haul_entry_attached attached;
    struct haul_record_hider hider; /* a journal may show what this report is to hide */
    struct haul_buf shown;          /* URL of a row that no journal has */
    struct haul_buf text;           /* of an entry that is to be saved */
};

/* Of what is shown just now. */
static void make_undone(struct rows *r, enum haul_reason reason, const char *problem,
                        struct haul_record *rec)
{
    haul_record_init(rec);
    rec->outcome = reason == HAUL_REASON_NONE ? HAUL_OUTCOME_PENDING : HAUL_OUTCOME_INVALID;
    rec->reason = reason == HAUL_REASON_NONE ? HAUL_REASON_STOPPED : reason;
    rec->errormsg = problem;
    rec->url = haul_buf_str(&r->shown);
}

/* The run that wrote the record has found a secret in it, or hidden a part of its URL, which this
 * report, with other options, may show: what was hidden once stays so. */
static bool was_hidden(const struct haul_record *rec, const struct haul_url *url)
{
    return (rec->entry && haul_row_has_secret(rec)) ||
           (strstr(rec->url, "***") && strcmp(rec->url, url->display) != 0);
}

/* The same, but that the URL is written as the list has it, and not as the journal does: that may
 * be another way to write one URL. */
static void note_shown(struct rows *r, const struct haul_url *url,
                       const struct haul_entry_options *options, bool has_secret,
                       struct haul_record *rec)
{
    const char *was = rec->url;

    rec->url = url->display;
    haul_entry_text_note(rec, url->url, options, has_secret, NULL, &r->text);
    rec->url = was;
    if (rec->entry && !*rec->entry && strcmp(was, url->display) != 0) {
        haul_buf_addf(&r->text, "%s\n", url->display);
        rec->entry = haul_buf_str(&r->text);
    }
}

/* What the list says now goes before what it said when the journal was written. */
static enum haul_err note_entry(struct rows *r, const struct haul_list_entry *entry,
                                const struct haul_url *url, struct haul_record *rec)
{
    bool has_secret =
        was_hidden(rec, url) || haul_entry_hides_url(url, r->input.redactor, NULL, &r->text);
    struct haul_entry_options options;

    haul_entry_options_init(&options);
    if (entry->options)
        options = *entry->options;
    options.mirrors = r->mirrors.mirror;
    options.mirror_count = r->mirrors.count;
    if (!haul_entry_redact(&r->attached, r->input.redactor, NULL, &options))
        return HAUL_ERR_NOMEM;
    has_secret = has_secret || haul_entry_text_has_secret(&options, r->input.redactor, &r->text);
    rec->attached = options.attached;
    rec->attached_count = options.attached_count;
    note_shown(r, url, &options, has_secret, rec);
    return r->text.err;
}

/* Shows the URL as this report may. */
static enum haul_err show(struct rows *r, const struct haul_url *url)
{
    haul_buf_clear(&r->shown);
    haul_redactor_apply(r->input.redactor, url->display, url->display_len, &r->shown);
    return r->shown.err;
}

/* The record of a line, as this report may show it. HAUL_ERR_END: there is none. */
static enum haul_err find_record(struct rows *r, const struct haul_url *url, bool is_url,
                                 struct haul_key *key, struct haul_record *rec)
{
    struct haul_key_line line = {
        .today = {.ignored = r->ignored, .redactor = r->input.redactor},
        .key = is_url ? haul_key_of_url(HAUL_KEY_URL, r->ignored, url->url, url->url_len)
                      : haul_key_make(HAUL_KEY_INVALID, url->display, url->display_len)};
    const struct haul_asked asked = {
        .url = url->url, .mirrors = r->mirrors.mirror, .mirror_count = r->mirrors.count};
    struct haul_resume_place at;
    enum haul_err err = show(r, url);

    *key = line.key;
    if (err)
        return err;
    line.shown = haul_buf_str(&r->shown);
    err = haul_resume_take_line(r->resume, &line, &at, rec);
    if (err == HAUL_ERR_END && is_url) {
        line.key = haul_key_of_url(HAUL_KEY_DUPLICATE, r->ignored, url->url, url->url_len);
        err = haul_resume_take_line(r->resume, &line, &at, rec);
    }
    if (err)
        return err;
    *key = line.key;
    return haul_record_hide(&r->hider, rec, is_url ? &asked : NULL);
}

static enum haul_err add_line(struct rows *r, const struct haul_list_entry *entry)
{
    struct haul_url url;
    struct haul_record rec;
    struct haul_key key;
    const char *problem;
    enum haul_reason reason = haul_entry_parse(r->input.urls, entry, &r->mirrors, &url, &problem);
    enum haul_err err;

    if (reason == HAUL_REASON_NO_MEMORY)
        return HAUL_ERR_NOMEM;
    err = find_record(r, &url, reason == HAUL_REASON_NONE, &key, &rec);
    if (err == HAUL_ERR_END) {
        make_undone(r, reason, problem, &rec);
        err = HAUL_OK;
    }
    if (err)
        return err;
    rec.line = entry->line;
    rec.source = entry->source;
    if (haul_row_is_saved(&rec))
        err = note_entry(r, entry, &url, &rec);
    if (err)
        return err;
    return r->taker->add(r->taker->arg, &rec, &key);
}

static enum haul_err add_lines(struct rows *r)
{
    struct haul_list_entry entry;
    enum haul_err err;

    do {
        err = haul_list_next(r->input.list, &entry);
        if (!err)
            err = add_line(r, &entry);
        else if (*haul_list_nothing(r->input.list))
            r->taker->take_nothing(r->taker->arg, haul_list_nothing(r->input.list));
    } while (!err || err == HAUL_ERR_AGAIN);
    if (err == HAUL_ERR_IO)
        haul_buf_add_str(r->message, haul_list_message(r->input.list));
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* The lists among the sources; *count gets how many. NULL: out of memory. */
static struct haul_source *pick_lists(const struct haul_config *config, size_t *count)
{
    struct haul_source *lists = calloc(config->source_count + 1, sizeof *lists);
    size_t found = 0;

    for (size_t i = 0; lists && i < config->source_count; i++)
        if (config->source[i].kind == HAUL_SOURCE_FILE)
            lists[found++] = config->source[i];
    *count = found;
    return lists;
}

/* All rows of the lists among the sources of `config`, a copy that the caller lends. */
static enum haul_err add_lists(struct rows *r, struct haul_config *config)
{
    enum haul_err err;

    config->source = pick_lists(config, &config->source_count);
    if (!config->source)
        return HAUL_ERR_NOMEM;
    err = haul_input_open(&r->input, config, r->message);
    r->hider.redactor = r->input.redactor;
    if (!err)
        err = haul_input_begin(&r->input, config, NULL, NULL);
    if (!err)
        err = haul_list_columns(r->input.list, r->taker->add_column, r->taker->arg);
    if (!err)
        err = add_lines(r);
    haul_input_close(&r->input);
    free(config->source);
    return err;
}

bool haul_report_list_is_named(const struct haul_config *config)
{
    for (size_t i = 0; i < config->source_count; i++)
        if (config->source[i].kind == HAUL_SOURCE_FILE)
            return true;
    return false;
}

enum haul_err haul_report_list_rows(const struct haul_config *config, struct haul_resume *resume,
                                    const struct haul_report_list_taker *taker,
                                    struct haul_buf *message)
{
    struct rows r = {
        .ignored = &config->ignore_params, .resume = resume, .taker = taker, .message = message};
    struct haul_config lists = *config;
    enum haul_err err;

    haul_record_hider_init(&r.hider, NULL);
    haul_buf_init(&r.shown, 0);
    haul_buf_init(&r.text, 0);
    haul_entry_attached_init(&r.attached);
    haul_entry_mirrors_init(&r.mirrors);
    err = add_lists(&r, &lists);
    haul_entry_mirrors_done(&r.mirrors);
    haul_record_hider_done(&r.hider);
    haul_buf_done(&r.shown);
    haul_buf_done(&r.text);
    haul_entry_attached_done(&r.attached);
    return err;
}
