#include "engine/dispatcher.h"

#include <stdlib.h>

#include "base/buf.h"

/* A display text longer than this is cut: the message of an invalid line need not be the line. */
enum { INVALID_TEXT_MAX = 2048 };

struct dispatch {
    const struct haul_dispatcher_env *env;
    uint64_t lines;        /* entries seen: input lines to be accounted for */
    uint64_t lost;         /* of these, lines for which not even a record could be made */
    struct haul_buf shown; /* a line as reports show it */
    bool incomplete;       /* the input was not read to its end */
};

static void post(struct haul_resultq *queue, enum haul_note_kind kind, const char *text)
{
    struct haul_note *note = haul_note_create(kind, text);

    if (note)
        haul_resultq_post(queue, note);
}

static void conclude(const struct dispatch *d, struct haul_job *job, enum haul_outcome outcome,
                     enum haul_reason reason)
{
    job->rec.outcome = outcome;
    job->rec.reason = reason;
    haul_resultq_push(d->env->resultq, job);
}

/* Hides in `url->display` what --redact names. False: out of memory. */
static bool redact(struct dispatch *d, struct haul_url *url)
{
    if (!d->env->redactor)
        return true;
    haul_buf_clear(&d->shown);
    haul_redactor_apply(d->env->redactor, url->display, url->display_len, &d->shown);
    url->display = haul_buf_str(&d->shown);
    url->display_len = d->shown.len;
    return !d->shown.err;
}

static struct haul_job *make_job(struct dispatch *d, const struct haul_entry *entry,
                                 const struct haul_url *url, bool valid)
{
    struct haul_job_text text = {.shown = url->display, .shown_len = url->display_len};
    struct haul_job *job;

    if (valid) {
        text.url = url->url;
        text.origin = url->origin;
        text.user = url->user;
        text.password = url->password;
    } else if (text.shown_len > INVALID_TEXT_MAX) {
        text.shown_len = INVALID_TEXT_MAX;
    }
    job = haul_job_create(&text);
    if (!job)
        return NULL;
    job->rec.seq = d->lines - 1;
    job->rec.line = entry->line;
    job->rec.source = entry->source;
    return job;
}

static enum haul_reason read_entry(struct dispatch *d, const struct haul_entry *entry,
                                   struct haul_url *url)
{
    bool cut = entry->reason == HAUL_REASON_LINE_TOO_LONG;

    if (entry->reason == HAUL_REASON_NONE)
        return haul_url_parse(d->env->urls, entry->text, entry->len, url);
    if (haul_url_redact(d->env->urls, entry->text, entry->len, cut, url) != HAUL_REASON_NONE)
        return HAUL_REASON_NO_MEMORY;
    return entry->reason;
}

static void admit(struct dispatch *d, struct haul_job *job)
{
    enum haul_err err = HAUL_ERR_CLOSED;

    if (haul_stop_level(d->env->stop) == HAUL_STOP_NONE)
        err = haul_workq_push(d->env->workq, job);
    if (err == HAUL_ERR_NOMEM)
        conclude(d, job, HAUL_OUTCOME_FAILED, HAUL_REASON_NO_MEMORY);
    else if (err)
        conclude(d, job, HAUL_OUTCOME_PENDING, HAUL_REASON_STOPPED);
}

static void dispatch_entry(struct dispatch *d, const struct haul_entry *entry)
{
    struct haul_url url;
    enum haul_reason reason = read_entry(d, entry, &url);
    struct haul_job *job;

    d->lines++;
    job = redact(d, &url) ? make_job(d, entry, &url, reason == HAUL_REASON_NONE) : NULL;
    if (!job)
        d->lost++;
    else if (reason == HAUL_REASON_NONE)
        admit(d, job);
    else if (reason == HAUL_REASON_NO_MEMORY)
        conclude(d, job, HAUL_OUTCOME_FAILED, reason);
    else
        conclude(d, job, HAUL_OUTCOME_INVALID, reason);
}

/* Returns whether there may be more. */
static bool dispatch_next(struct dispatch *d)
{
    struct haul_entry entry;

    switch (haul_list_next(d->env->list, &entry)) {
    case HAUL_OK:
        dispatch_entry(d, &entry);
        return true;
    case HAUL_ERR_IO:
        d->incomplete = true;
        post(d->env->resultq, HAUL_NOTE_INPUT_FAULT, haul_list_message(d->env->list));
        return true;
    case HAUL_ERR_CLOSED:
        d->incomplete = true;
        return haul_stop_level(d->env->stop) != HAUL_STOP_ABORT;
    case HAUL_ERR_NOMEM:
        d->incomplete = true;
        post(d->env->resultq, HAUL_NOTE_INPUT_FAULT, "out of memory while reading the input");
        return false;
    default:
        return false;
    }
}

void haul_dispatcher_run(const struct haul_dispatcher_env *env)
{
    struct dispatch d = {.env = env};
    struct haul_note *note;

    haul_buf_init(&d.shown, 0);
    while (dispatch_next(&d))
        ;
    if (d.lost)
        post(env->resultq, HAUL_NOTE_INPUT_FAULT, "out of memory: input lines were lost");
    note = haul_note_create(HAUL_NOTE_INPUT_END, NULL);
    if (note) {
        note->lines = d.lines;
        note->complete = !d.incomplete;
        haul_resultq_post(env->resultq, note);
    }
    haul_buf_done(&d.shown);
    haul_workq_close(env->workq);
}
