#include "engine/dispatcher.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/date.h"
#include "input/csv.h"
#include "input/entry.h"
#include "journal/key.h"

/* A display text longer than this is cut: the message of an invalid line need not be the line. */
enum { INVALID_TEXT_MAX = 2048 };

struct dispatch {
    const struct haul_dispatcher_env *env;
    uint64_t lines;        /* entries seen: input lines to be accounted for */
    uint64_t lost;         /* of these, lines for which not even a record could be made */
    struct haul_buf shown; /* a line as reports show it */
    struct haul_buf name;  /* of the file of a job */
    struct haul_entry_mirrors mirrors; /* of the entry at hand */
    struct haul_buf values;            /* its attached values, redacted */
    struct haul_attached attached[HAUL_CSV_COLUMNS_MAX];
    const char **first_seen; /* with --unique: the lists and sitemaps that entries came from */
    size_t first_seen_count, first_seen_room;
    bool incomplete;    /* the input was not read to its end */
    bool unreadable;    /* the journal could not be read, and that was said */
    bool told_checksum; /* it was said that checksums are not compared */
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

/* ---- the journal of earlier runs ---- */

/* Of an invalid line no more is known than what is shown, and of a long one only the beginning. */
static uint64_t key_of(const struct haul_url *url, bool valid)
{
    size_t len = url->display_len > INVALID_TEXT_MAX ? INVALID_TEXT_MAX : url->display_len;

    return valid ? haul_key_make(HAUL_KEY_URL, url->url, url->url_len)
                 : haul_key_make(HAUL_KEY_INVALID, url->display, len);
}

static bool has_file(const struct haul_record *rec)
{
    return rec->outcome == HAUL_OUTCOME_OK || rec->reason == HAUL_REASON_EXISTS;
}

/* Of what had not changed, the file of an earlier run is all there is, and the record has no name. */
static const char *file_of(const struct haul_job *job, const struct haul_record *old)
{
    return old->outcome == HAUL_OUTCOME_UNCHANGED ? job->name : old->filename_effective;
}

/* What is saved must be there as it was; and what is wrong in a list may have been put right. */
static bool is_believed(const struct dispatch *d, const struct haul_job *job,
                        const struct haul_record *old)
{
    const char *file = file_of(job, old);

    if (d->env->config->skip_existing && !d->env->config->resume && !has_file(old))
        return false;
    if (old->reason == HAUL_REASON_BAD_NAME || old->reason == HAUL_REASON_BAD_CHECKSUM)
        return false;
    if (!d->env->naming || (!has_file(old) && old->outcome != HAUL_OUTCOME_UNCHANGED))
        return true;
    return file && haul_tree_size(&d->env->bodies->tree, file) == old->size_body;
}

static void skip_if_asked(const struct dispatch *d, struct haul_record *rec)
{
    if (!d->env->config->skip_existing || !d->env->naming || !has_file(rec))
        return;
    rec->outcome = HAUL_OUTCOME_SKIPPED;
    rec->reason = HAUL_REASON_EXISTS;
    rec->verified = false;
}

/* Gives the job its old record, but for what the list of today says. HAUL_ERR_END: it is none. */
static enum haul_err read_old(struct dispatch *d, struct haul_job *job,
                              const struct haul_resume_place *place)
{
    struct haul_record old, now = job->rec;
    enum haul_err err = haul_resume_read(d->env->resume, place, &old);

    if (err)
        return err;
    if (!is_believed(d, job, &old))
        return HAUL_ERR_END;
    skip_if_asked(d, &old);
    job->rec = old;
    job->rec.seq = now.seq;
    job->rec.line = now.line;
    job->rec.source = now.source;
    job->rec.url = now.url;
    job->rec.attached = now.attached;
    job->rec.attached_count = now.attached_count;
    haul_job_keep_text(job, &old);
    job->is_old = true;
    return HAUL_OK;
}

static bool is_to_be_retried(const struct dispatch *d, const struct haul_resume_place *place)
{
    if (d->env->config->retry_failed == HAUL_RETRY_FAILED_TRANSIENT)
        return place->is_transient;
    return place->has_failed && d->env->config->retry_failed == HAUL_RETRY_FAILED_ALL;
}

/* Sends the job to the results if the journal has a record for it. */
static bool conclude_old(struct dispatch *d, struct haul_job *job)
{
    struct haul_resume_place place;
    enum haul_err err;

    if (!d->env->resume || !haul_resume_take(d->env->resume, job->key, &place))
        return false;
    if (!is_to_be_retried(d, &place)) {
        err = read_old(d, job, &place);
        if (!err) {
            haul_resultq_push(d->env->resultq, job);
            return true;
        }
        if (!d->unreadable && err != HAUL_ERR_END)
            post(d->env->resultq, HAUL_NOTE_INPUT_FAULT,
                 "the journal cannot be read any more; what it says is done is done again");
        d->unreadable = d->unreadable || err != HAUL_ERR_END;
    }
    job->replaces = place.occurrence <= HAUL_RESUME_REPLACES_MAX ? place.occurrence : 0;
    return false;
}

/* ---- --unique ---- */

/* Line numbers and sources are one number; with more sources than fit, only the line is told. */
enum {
    SOURCE_SHIFT = 40,
    SOURCE_UNNAMED = (1 << (64 - SOURCE_SHIFT)) - 1,
    SOURCES_MAX = SOURCE_UNNAMED - 1,
    SOURCES_FIRST = 16
};

/*
 * The number of a list or sitemap, from 1 on; 0: none, it is the command line. Its entries come in one piece, so
 * only the last one has to be looked at; the names live as long as the list and the walk.
 */
static size_t number_of(struct dispatch *d, const char *source)
{
    size_t count = d->first_seen_count, room = d->first_seen_room;

    if (!source || (count && d->first_seen[count - 1] == source))
        return source ? count : 0;
    if (count == SOURCES_MAX)
        return SOURCE_UNNAMED;
    if (count == room) {
        const char **more;

        room = room ? 2 * room : SOURCES_FIRST;
        more = realloc(d->first_seen, room * sizeof *more);
        if (!more)
            return SOURCE_UNNAMED;
        d->first_seen = more;
        d->first_seen_room = room;
    }
    d->first_seen[d->first_seen_count++] = source;
    return d->first_seen_count;
}

static uint64_t tag_of(struct dispatch *d, const struct haul_record *rec)
{
    uint64_t source = number_of(d, rec->source);

    return source << SOURCE_SHIFT | (rec->line & (((uint64_t)1 << SOURCE_SHIFT) - 1));
}

static void keep_first(struct dispatch *d, struct haul_job *job, uint64_t tag)
{
    struct haul_record said = job->rec;
    size_t source = (size_t)(tag >> SOURCE_SHIFT);

    haul_buf_clear(&d->shown);
    haul_buf_add_str(&d->shown, "the same URL as ");
    if (source && source < SOURCE_UNNAMED) {
        haul_buf_add_str(&d->shown, d->first_seen[source - 1]);
        haul_buf_add_char(&d->shown, ':');
    } else {
        haul_buf_add_str(&d->shown, source ? "line " : "argument ");
    }
    haul_buf_add_u64(&d->shown, tag & (((uint64_t)1 << SOURCE_SHIFT) - 1));
    said.errormsg = haul_buf_str(&d->shown);
    haul_job_keep_text(job, &said);
}

/* Sends the job to the results if its URL has been seen. Without memory it is fetched again. */
static bool conclude_duplicate(struct dispatch *d, struct haul_job *job)
{
    uint64_t first;
    bool is_new;

    if (!d->env->unique ||
        haul_keyset_add(d->env->unique, job->key, tag_of(d, &job->rec), &is_new, &first) || is_new)
        return false;
    job->key = haul_key_make(HAUL_KEY_DUPLICATE, job->url, strlen(job->url));
    if (conclude_old(d, job))
        return true;
    keep_first(d, job, first);
    conclude(d, job, HAUL_OUTCOME_DUPLICATE, HAUL_REASON_NONE);
    return true;
}

/* ---- entries ---- */

/* Hides in what is passed through what --redact names. False: out of memory. */
static bool redact_attached(struct dispatch *d, struct haul_entry_options *options)
{
    size_t at = 0;

    haul_buf_clear(&d->values);
    for (size_t i = 0; i < options->attached_count; i++) {
        const char *value = options->attached[i].value;

        haul_redactor_apply(d->env->redactor, value, strlen(value), &d->values);
        haul_buf_add_char(&d->values, '\0');
    }
    for (size_t i = 0; i < options->attached_count && !d->values.err; i++) {
        d->attached[i] = (struct haul_attached){options->attached[i].name, d->values.data + at};
        at += strlen(d->attached[i].value) + 1;
    }
    options->attached = d->attached;
    return !d->values.err;
}

/* What the list says beside the URL goes with the job. False: out of memory. */
static bool keep_options(struct dispatch *d, struct haul_job *job,
                         const struct haul_list_entry *entry)
{
    struct haul_entry_options options;

    if (!entry->options && !d->mirrors.count)
        return true;
    haul_entry_options_init(&options);
    if (entry->options)
        options = *entry->options;
    options.mirrors = d->mirrors.mirror;
    options.mirror_count = d->mirrors.count;
    if (d->env->redactor && options.attached_count && !redact_attached(d, &options))
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
    } else if (text.shown_len > INVALID_TEXT_MAX) {
        text.shown_len = INVALID_TEXT_MAX;
    }
    job = haul_job_create(&text);
    if (!job)
        return NULL;
    job->rec.seq = d->lines - 1;
    job->rec.line = entry->line;
    job->rec.source = entry->source;
    if (keep_options(d, job, entry))
        return job;
    haul_job_free(job);
    return NULL;
}

static void keep_problem(struct haul_job *job, const char *problem)
{
    struct haul_record said = job->rec;

    said.errormsg = problem;
    haul_job_keep_text(job, &said);
}

/* Where no earlier run is named, the file tells of when it is (--mtime). */
static enum haul_err look_at_file(const struct dispatch *d, struct haul_job *job)
{
    const struct haul_config *config = d->env->config;
    char modified[HAUL_HTTP_DATE_MAX];
    struct haul_job_known known = {.url = job->url, .modified = modified};
    int64_t mtime_s;

    if (!config->timestamping || config->since || config->history || !job->name)
        return HAUL_OK;
    known.size = haul_tree_look(&d->env->bodies->tree, job->name, &mtime_s);
    if (known.size < 0 || !haul_http_date_render(mtime_s, modified))
        return HAUL_OK;
    return haul_job_keep_known(job, &known);
}

/* "Not modified" is no answer to whoever has not the file, or only a part of it. */
static enum haul_err look_up(const struct dispatch *d, struct haul_job *job)
{
    enum haul_err err;
    int64_t size;

    if (!d->env->earlier)
        return HAUL_OK;
    size = job->name ? haul_tree_size(&d->env->bodies->tree, job->name) : -1;
    if (job->name && size < 0)
        return HAUL_OK;
    err = haul_validators_look_up(d->env->earlier, job, size);
    return err ? err : look_at_file(d, job);
}

static void admit(struct dispatch *d, struct haul_job *job)
{
    enum haul_err err = HAUL_ERR_CLOSED;

    if (haul_stop_level(d->env->stop) == HAUL_STOP_NONE)
        err = look_up(d, job);
    if (!err)
        err = haul_workq_push(d->env->workq, job);
    if (err == HAUL_ERR_NOMEM)
        conclude(d, job, HAUL_OUTCOME_FAILED, HAUL_REASON_NO_MEMORY);
    else if (err)
        conclude(d, job, HAUL_OUTCOME_PENDING, HAUL_REASON_STOPPED);
}

/* ---- names ---- */

static const char *url_to_name(struct dispatch *d, const struct haul_job *job)
{
    haul_buf_clear(&d->shown);
    if (!d->env->redactor)
        return job->url;
    haul_redactor_apply(d->env->redactor, job->url, strlen(job->url), &d->shown);
    return haul_buf_str(&d->shown);
}

/* The checksum that the list has for a job, or --sums for its name, in `room`; NULL: none. */
static const char *find_checksum(const struct dispatch *d, const struct haul_job *job,
                                 const char *name, struct haul_buf *room)
{
    struct haul_checksum checksum;

    if (job->options && job->options->checksum)
        return job->options->checksum;
    if (!d->env->sums || !name || !haul_sums_find(d->env->sums, name, &checksum))
        return NULL;
    haul_buf_clear(room);
    haul_buf_addf(room, "%s=%s", haul_digest_word(checksum.hash), checksum.hex);
    return haul_buf_str(room);
}

/* Says where the body goes, and what it must be. */
static enum haul_reason name_job(struct dispatch *d, struct haul_job *job)
{
    struct haul_checksum checksum;
    const char *name = NULL, *sum;
    enum haul_reason reason;

    if (d->env->naming) {
        const char *url = url_to_name(d, job);

        haul_buf_clear(&d->name);
        reason = d->shown.err ? HAUL_REASON_NO_MEMORY
                              : haul_naming_give(d->env->naming, job, url, &d->name);
        if (reason != HAUL_REASON_NONE)
            return reason;
        name = d->name.data;
    }
    sum = find_checksum(d, job, name, &d->shown);
    if (sum && !haul_checksum_parse(sum, &checksum))
        return HAUL_REASON_BAD_CHECKSUM;
    if ((name || sum) && haul_job_keep_name(job, name, sum))
        return HAUL_REASON_NO_MEMORY;
    return HAUL_REASON_NONE;
}

static const char *source_text(const char *source)
{
    return strcmp(source, "-") == 0 ? "standard input" : source;
}

/* Whoever asks for a size only may use the list that says what the bodies have to be; once is enough. */
static void warn_of_checksum(struct dispatch *d, const struct haul_job *job)
{
    bool is_head = d->env->config->method == HAUL_METHOD_HEAD;

    if (!job->checksum || d->env->config->method == HAUL_METHOD_GET || d->told_checksum)
        return;
    d->told_checksum = true;
    haul_buf_clear(&d->shown);
    if (job->rec.source)
        haul_buf_addf(&d->shown, "%s:%llu: ", source_text(job->rec.source),
                      (unsigned long long)job->rec.line);
    haul_buf_addf(&d->shown, "checksums are not compared: --method %s fetches %s",
                  is_head ? "head" : "auto", is_head ? "no bodies" : "a body only if it must");
    post(d->env->resultq, HAUL_NOTE_MESSAGE, haul_buf_str(&d->shown));
}

static void route_valid(struct dispatch *d, struct haul_job *job)
{
    enum haul_reason reason = name_job(d, job);

    warn_of_checksum(d, job);

    if (reason == HAUL_REASON_NO_MEMORY)
        conclude(d, job, HAUL_OUTCOME_FAILED, reason);
    else if (reason != HAUL_REASON_NONE)
        conclude(d, job, HAUL_OUTCOME_INVALID, reason);
    else if (!conclude_old(d, job))
        admit(d, job);
}

/* Where a job goes, and with which verdict, if that is known by now. */
static void route(struct dispatch *d, struct haul_job *job, enum haul_reason reason)
{
    if (reason == HAUL_REASON_NO_MEMORY)
        conclude(d, job, HAUL_OUTCOME_FAILED, reason);
    else if (reason == HAUL_REASON_NONE && conclude_duplicate(d, job))
        return;
    else if (reason == HAUL_REASON_NONE)
        route_valid(d, job);
    else if (!conclude_old(d, job))
        conclude(d, job, HAUL_OUTCOME_INVALID, reason);
}

/* haul: urls.txt:12: the key 'split' means nothing to haul */
static void warn(struct dispatch *d, const struct haul_list_entry *entry)
{
    haul_buf_clear(&d->shown);
    haul_buf_addf(&d->shown, "%s:%llu: %s", source_text(entry->source),
                  (unsigned long long)entry->line, haul_list_warning(d->env->list));
    post(d->env->resultq, HAUL_NOTE_MESSAGE, haul_buf_str(&d->shown));
}

static void dispatch_entry(struct dispatch *d, const struct haul_list_entry *entry)
{
    struct haul_url url;
    const char *problem;
    enum haul_reason reason = haul_entry_parse(d->env->urls, entry, &d->mirrors, &url, &problem);
    struct haul_job *job;
    uint64_t key;

    d->lines++;
    key = key_of(&url, reason == HAUL_REASON_NONE);
    job = redact(d, &url) ? make_job(d, entry, &url, reason == HAUL_REASON_NONE) : NULL;
    if (!job) {
        d->lost++;
        return;
    }
    job->key = key;
    if (problem)
        keep_problem(job, problem);
    if (*haul_list_warning(d->env->list))
        warn(d, entry);
    route(d, job, reason);
}

/* Returns whether there may be more. */
static bool dispatch_next(struct dispatch *d)
{
    struct haul_list_entry entry;

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
        return haul_stop_level(d->env->stop) != HAUL_STOP_QUIT;
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
    haul_buf_init(&d.name, 0);
    haul_buf_init(&d.values, 0);
    haul_entry_mirrors_init(&d.mirrors);
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
    haul_buf_done(&d.name);
    haul_buf_done(&d.values);
    free(d.first_seen);
    haul_entry_mirrors_done(&d.mirrors);
    if (env->fetch)
        haul_document_leave(env->fetch);
    haul_workq_close(env->workq);
}
