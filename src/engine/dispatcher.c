#include "engine/dispatcher.h"

#include <string.h>

#include "base/buf.h"
#include "engine/admission.h"
#include "engine/excess.h"
#include "engine/placing.h"
#include "input/entry.h"
#include "model/identity.h"
#include "model/key.h"
#include "report/entry_text.h"
#include "sink/name_form.h"

struct dispatch {
    struct haul_dispatcher_env *env;
    struct haul_admission admission;
    uint64_t lines;        /* entries seen: input lines to be accounted for */
    uint64_t lost;         /* of these, lines for which not even a record could be made */
    struct haul_buf shown; /* a line as reports show it */
    struct haul_entry_mirrors mirrors;   /* of the item at hand */
    struct haul_entry_attached attached; /* its attached values, redacted */
    struct haul_entry_attached earlier;  /* the same, as earlier versions did it */
    struct haul_placing placing;         /* where bodies go */
    struct haul_excess excess;           /* what lists ask for in vain */
    bool incomplete;                     /* the input was not read to its end */
    bool unreadable;                     /* the journal could not be read, and that was said */
    bool told_checksum;                  /* it was said that checksums are not compared */
};

static void conclude(const struct dispatch *d, struct haul_job *job, enum haul_outcome outcome,
                     enum haul_reason reason)
{
    job->rec.outcome = outcome;
    job->rec.reason = reason;
    haul_resultq_push(d->env->run->resultq, job);
}

/* Hides in `url->display` what --redact names, and what its sitemap gives back. False: out of
 * memory. */
static bool redact(struct dispatch *d, const struct haul_redactor_secrets *given,
                   struct haul_url *url)
{
    if (!d->env->input.redactor && !given)
        return true;
    haul_buf_clear(&d->shown);
    haul_redactor_apply_all(d->env->input.redactor, given, url->display, url->display_len,
                            &d->shown);
    url->display = haul_buf_str(&d->shown);
    url->display_len = d->shown.len;
    return !d->shown.err;
}

/* ---- what need not be fetched ---- */

/* A line that is no URL may be a password that its sitemap gives back, and nothing else. That could
 * be guessed from its key, which is so made of what is shown of it. */
static struct haul_key key_of(struct dispatch *d, const struct haul_redactor_secrets *given,
                              const struct haul_url *url, bool valid)
{
    const struct haul_strings *ignored = &d->env->run->config->ignore_params;

    if (valid)
        return haul_key_of_url(HAUL_KEY_URL, ignored, url->url, url->url_len);
    if (!given)
        return haul_key_make(HAUL_KEY_INVALID, url->display, url->display_len);
    haul_buf_clear(&d->shown);
    haul_redactor_apply_all(NULL, given, url->display, url->display_len, &d->shown);
    return haul_key_make(HAUL_KEY_INVALID, haul_buf_str(&d->shown), d->shown.len);
}

/* Sends the job to the results if the journal has a record for it. `shown`: as haul_reuse_record.
 */
static bool conclude_old(struct dispatch *d, struct haul_job *job, const char *shown)
{
    enum haul_err err = haul_reuse_record(&d->env->reuse, job, shown);

    if (!err) {
        haul_resultq_push(d->env->run->resultq, job);
        return true;
    }
    if (!d->unreadable && err != HAUL_ERR_END) {
        haul_resultq_tell(
            d->env->run->resultq, HAUL_NOTE_INPUT_FAULT,
            "the journal cannot be read any more; what it says is done is done again");
        d->unreadable = true;
    }
    return false;
}

static void keep_errormsg(struct haul_job *job, const char *text)
{
    struct haul_record said = job->rec;

    said.errormsg = text;
    haul_job_keep_text(job, &said);
}

/* Sends the job to the results if its URL has been seen. */
static bool conclude_duplicate(struct dispatch *d, struct haul_job *job)
{
    if (!d->env->unique ||
        !haul_unique_is_repeated(d->env->unique, &job->key, &job->rec, &d->shown))
        return false;
    job->key = haul_key_of_url(HAUL_KEY_DUPLICATE, &d->env->run->config->ignore_params, job->url,
                               strlen(job->url));
    if (conclude_old(d, job, NULL))
        return true;
    keep_errormsg(job, haul_buf_str(&d->shown));
    conclude(d, job, HAUL_OUTCOME_DUPLICATE, HAUL_REASON_NONE);
    return true;
}

/* ---- entries ---- */

/* Of what is attached, earlier versions may have shown more in names. False: out of memory. */
static bool keep_earlier(struct dispatch *d, struct haul_entry_options options)
{
    const struct haul_redactor *redactor = d->env->input.redactor;

    if (!d->env->naming || !redactor || !options.attached_count ||
        !haul_name_form_has(d->env->run->config->name, HAUL_NAME_COLUMN))
        return true;
    if (!haul_entry_redact_earlier(&d->earlier, redactor, &options))
        return false;
    d->placing.attached = options.attached;
    return true;
}

/* What the list says beside the URL goes with the job. False: out of memory. */
static bool keep_options(struct dispatch *d, struct haul_job *job,
                         const struct haul_list_entry *entry)
{
    struct haul_entry_options options;

    d->placing.attached = NULL;
    if (!entry->options && !d->mirrors.count)
        return true;
    haul_entry_options_init(&options);
    if (entry->options)
        options = *entry->options;
    options.mirrors = d->mirrors.mirror;
    options.mirror_count = d->mirrors.count;
    if (!keep_earlier(d, options) ||
        !haul_entry_redact(&d->attached, d->env->input.redactor, entry->given, &options))
        return false;
    return haul_job_keep_options(job, &options) == HAUL_OK;
}

static struct haul_job *make_job(struct dispatch *d, const struct haul_list_entry *entry,
                                 const struct haul_url *url, bool valid)
{
    struct haul_job_text text = {.shown = url->display, .shown_len = url->display_len};
    struct haul_job *job;

    if (valid) {
        text.url = url->url;
        text.origin = url->origin;
        text.user = url->user;
        text.password = url->password;
    } else if (text.shown_len > HAUL_KEY_INVALID_MAX) {
        text.shown_len = HAUL_KEY_INVALID_MAX;
    }
    job = haul_job_create(&text);
    if (!job)
        return NULL;
    job->rec.seq = d->lines - 1;
    job->rec.line = entry->line;
    job->rec.source = entry->source;
    job->named_by = entry->named_by;
    job->given = entry->given;
    if (keep_options(d, job, entry))
        return job;
    haul_job_free(job);
    return NULL;
}

/* ---- what is told ---- */

/* Begins a note with "urls.txt:12: ", if it is about a line of a list. */
static void begin_note(struct dispatch *d, const char *source, uint64_t line)
{
    haul_buf_clear(&d->shown);
    if (source)
        haul_buf_addf(&d->shown, "%s:%llu: ", strcmp(source, "-") ? source : "standard input",
                      (unsigned long long)line);
}

/* A list with checksums may serve a run that only asks for sizes. It is said once. */
static void warn_of_checksum(struct dispatch *d, const struct haul_job *job)
{
    bool is_head = d->env->run->config->method == HAUL_METHOD_HEAD;

    if (!job->checksum || d->env->run->config->method == HAUL_METHOD_GET || d->told_checksum)
        return;
    d->told_checksum = true;
    begin_note(d, job->rec.source, job->rec.line);
    haul_buf_addf(&d->shown, "checksums are not compared: --method %s fetches %s",
                  is_head ? "head" : "auto", is_head ? "no bodies" : "a body only if it must");
    haul_resultq_tell(d->env->run->resultq, HAUL_NOTE_MESSAGE, haul_buf_str(&d->shown));
}

static void explain_name(struct dispatch *d, struct haul_job *job)
{
    const char *problem = haul_placing_explain(&d->placing, job);

    if (*problem)
        keep_errormsg(job, problem);
}

/* Where a job goes, and with which verdict, if that is known by now. */
static void route(struct dispatch *d, struct haul_job *job, enum haul_reason reason)
{
    bool is_url = reason == HAUL_REASON_NONE;

    if (is_url && conclude_duplicate(d, job))
        return;
    if (is_url)
        reason = haul_placing_check(&d->placing, job);
    if ((!is_url || reason == HAUL_REASON_NONE) &&
        conclude_old(d, job, is_url ? haul_placing_url(&d->placing, job) : NULL))
        return;
    if (reason == HAUL_REASON_NONE) {
        reason = haul_placing_give(&d->placing, job);
        warn_of_checksum(d, job);
    }
    if (reason == HAUL_REASON_BAD_NAME)
        explain_name(d, job);
    if (reason == HAUL_REASON_NO_MEMORY)
        conclude(d, job, HAUL_OUTCOME_FAILED, reason);
    else if (reason != HAUL_REASON_NONE)
        conclude(d, job, HAUL_OUTCOME_INVALID, reason);
    else if (haul_reuse_file(&d->env->reuse, job) == HAUL_OK)
        haul_resultq_push(d->env->run->resultq, job);
    else {
        haul_placing_note(&d->placing, job);
        haul_admission_push(&d->admission, job);
    }
}

/* What is to be looked for in what is shown of the entry; NULL: nothing of it is there. */
static const struct haul_redactor_secrets *given_in(const struct haul_list_entry *entry,
                                                    const struct haul_url *url)
{
    const struct haul_span shown = {url->display, url->display_len};

    return haul_redactor_secrets_may_be_in(entry->given, shown) ? entry->given : NULL;
}

static void dispatch_entry(struct dispatch *d, const struct haul_list_entry *entry)
{
    const struct haul_config *config = d->env->run->config;
    struct haul_url url;
    const char *problem;
    enum haul_reason reason =
        haul_entry_parse(d->env->input.urls, entry, &d->mirrors, &url, &problem);
    const struct haul_redactor_secrets *given = given_in(entry, &url);
    struct haul_job *job;
    struct haul_key key;
    bool is_noted = config->journal || config->save_failed, is_hidden;

    d->lines++;
    is_hidden =
        is_noted && haul_entry_hides_url(&url, d->env->input.redactor, entry->given, &d->shown);
    key = key_of(d, given, &url, reason == HAUL_REASON_NONE);
    job = redact(d, given, &url) ? make_job(d, entry, &url, reason == HAUL_REASON_NONE) : NULL;
    if (!job) {
        d->lost++;
        return;
    }
    job->key = key;
    job->has_secret =
        is_hidden ||
        (is_noted && haul_entry_text_has_secret(job->options, d->env->input.redactor, &d->shown));
    if (problem)
        keep_errormsg(job, problem);
    haul_excess_note(&d->excess, config, job);
    route(d, job, reason);
}

/* It may hold text of the list. */
static void tell_of_list(struct dispatch *d, enum haul_note_kind kind, const char *text)
{
    haul_buf_clear(&d->shown);
    haul_redactor_apply(d->env->input.redactor, text, strlen(text), &d->shown);
    if (!d->shown.err)
        haul_resultq_tell(d->env->run->resultq, kind, haul_buf_str(&d->shown));
}

/* What the list says beside, or instead of, an entry. */
static void tell_words_of_list(struct dispatch *d)
{
    const char *warning = haul_list_warning(d->env->input.list);
    const char *nothing = haul_list_nothing(d->env->input.list);

    if (*warning)
        tell_of_list(d, haul_list_has_lost(d->env->input.list) ? HAUL_NOTE_LOSS : HAUL_NOTE_MESSAGE,
                     warning);
    if (*nothing)
        tell_of_list(d, HAUL_NOTE_NOTHING, nothing);
}

/* Returns whether there may be more. */
static bool dispatch_next(struct dispatch *d)
{
    struct haul_list_entry entry;
    enum haul_err err;

    haul_resultq_await_room(d->env->run->resultq, d->lines);
    err = haul_list_next(d->env->input.list, &entry);
    tell_words_of_list(d);
    switch (err) {
    case HAUL_OK:
        dispatch_entry(d, &entry);
        return true;
    case HAUL_ERR_AGAIN:
        return true;
    case HAUL_ERR_IO:
        d->incomplete = true;
        haul_resultq_tell(d->env->run->resultq, HAUL_NOTE_INPUT_FAULT,
                          haul_list_message(d->env->input.list));
        return true;
    case HAUL_ERR_CLOSED:
        d->incomplete = true;
        return haul_stop_level(&d->env->run->stop) != HAUL_STOP_QUIT;
    case HAUL_ERR_NOMEM:
        d->incomplete = true;
        haul_resultq_tell(d->env->run->resultq, HAUL_NOTE_INPUT_FAULT,
                          "out of memory while reading the input");
        return false;
    default:
        return false;
    }
}

/* As haul_document_set_meanwhile wants it: without waiting for who reads the report. */
static void refill_meanwhile(void *arg)
{
    struct dispatch *d = arg;

    if (!haul_resultq_count(d->env->run->resultq).is_full)
        haul_admission_refill(&d->admission);
}

static void init(struct dispatch *d)
{
    haul_buf_init(&d->shown, 0);
    haul_placing_init(&d->placing, d->env->run->config, d->env->input.redactor,
                      d->env->reuse.bodies);
    d->placing.naming = d->env->naming;
    d->placing.sums = d->env->sums;
    haul_entry_attached_init(&d->attached);
    haul_entry_attached_init(&d->earlier);
    haul_entry_mirrors_init(&d->mirrors);
    haul_excess_init(&d->excess);
}

static void done(struct dispatch *d)
{
    haul_buf_done(&d->shown);
    haul_placing_done(&d->placing);
    haul_entry_attached_done(&d->attached);
    haul_entry_attached_done(&d->earlier);
    haul_entry_mirrors_done(&d->mirrors);
    haul_excess_done(&d->excess);
}

/* What stands in d->shown, if anything does. */
static void tell_words(struct dispatch *d)
{
    if (d->shown.len && !d->shown.err)
        haul_resultq_tell(d->env->run->resultq, HAUL_NOTE_MESSAGE, haul_buf_str(&d->shown));
}

/* What is to be said about the input as a whole. */
static void tell_end(struct dispatch *d)
{
    struct haul_resultq *resultq = d->env->run->resultq;
    struct haul_note *note;

    if (d->lost)
        haul_resultq_tell(resultq, HAUL_NOTE_INPUT_FAULT, "out of memory: input lines were lost");
    haul_buf_clear(&d->shown);
    haul_excess_add_words(&d->excess, &d->shown);
    tell_words(d);
    haul_buf_clear(&d->shown);
    haul_placing_add_words(&d->placing, &d->shown);
    tell_words(d);
    note = haul_note_create(HAUL_NOTE_INPUT_END, NULL);
    if (!note)
        return;
    note->lines = d->lines;
    note->complete = !d->incomplete;
    haul_resultq_post(resultq, note);
}

void haul_dispatcher_run(struct haul_dispatcher_env *env)
{
    struct dispatch d = {.env = env, .admission = HAUL_ADMISSION_INIT(env->run, &env->reuse)};

    init(&d);
    if (env->document)
        haul_document_set_meanwhile(env->document, refill_meanwhile, &d);
    while (dispatch_next(&d))
        haul_admission_refill(&d.admission);
    tell_end(&d);
    done(&d);
    haul_admission_finish(&d.admission);
    haul_admission_done(&d.admission);
    haul_workq_close(env->run->workq);
}
