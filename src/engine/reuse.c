#include "engine/reuse.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/message.h"
#include "history/lookup.h"
#include "http/date.h"
#include "journal/journal.h"
#include "journal/packed.h"
#include "model/config_rules.h"
#include "sink/name_form.h"

/* ---- opening ---- */

static enum haul_err fail(struct haul_buf *message, const char *name, enum haul_err err,
                          const char *cause)
{
    haul_message_next(message);
    haul_buf_addf(message, "%s: the earlier journal cannot be read: %s", name, cause);
    return err;
}

static void warn(struct haul_buf *message, const char *name, const char *cause)
{
    haul_message_next(message);
    haul_buf_addf(message, "%s: %s", name, cause);
}

static enum haul_err check_stats(const char *name, const struct haul_resume_stats *stats,
                                 struct haul_buf *message)
{
    if (!stats->headers && !stats->records && (stats->damaged || stats->tail))
        return fail(message, name, HAUL_ERR_USAGE, "not a journal of haul's");
    if (stats->damaged)
        haul_buf_addf(message, "%s:%llu: the journal is damaged here; %llu line%s left out", name,
                      (unsigned long long)stats->damaged_line, (unsigned long long)stats->damaged,
                      stats->damaged == 1 ? "" : "s");
    return HAUL_OK;
}

static enum haul_err open_since(struct haul_reuse *reuse, struct haul_buf *message)
{
    const char *name = reuse->config->since;
    char text[HAUL_IO_ERROR_MAX];
    struct haul_resume_stats stats;
    struct haul_journal_file file;
    enum haul_err err = haul_journal_file_open(name, &file);

    if (err == HAUL_ERR_USAGE || err == HAUL_ERR_SYSTEM)
        return fail(message, name, err, haul_journal_file_cause(&file, text));
    reuse->since_fd = file.fd;
    if (!err)
        err = haul_resume_create(&reuse->since);
    if (!err)
        err = haul_resume_add(reuse->since, reuse->since_fd, &stats);
    if (!err)
        err = check_stats(name, &stats, message);
    if (!err)
        reuse->since_ended_us = stats.first_ended_us;
    if (!err && haul_resume_ignores_other(&stats, reuse->config))
        warn(message, name, haul_journal_other_ignored);
    if (!err && file.fault) {
        warn(message, name, file.fault);
        haul_buf_addf(message, " (%s): what is before that is used", file.packed);
    }
    if (!err)
        err = haul_resume_settle(reuse->since);
    if (err == HAUL_ERR_RANGE)
        return fail(message, name, HAUL_ERR_USAGE, "written by a later version of haul");
    if (err && err != HAUL_ERR_USAGE) /* else it is said */
        return fail(message, name, err,
                    err == HAUL_ERR_IO ? haul_io_error_text(errno, text) : haul_err_text(err));
    return err;
}

enum haul_err haul_reuse_open(struct haul_reuse *reuse, struct haul_buf *message)
{
    const struct haul_config *config = reuse->config;

    if (!config->since || (!config->etags && !config->timestamping))
        return HAUL_OK;
    return open_since(reuse, message);
}

enum haul_err haul_reuse_open_history(struct haul_reuse *reuse, struct haul_buf *message)
{
    const struct haul_config *config = reuse->config;

    if (!config->history || (!config->etags && !config->timestamping))
        return HAUL_OK;
    return haul_history_lookup_open(config->history, reuse->saved.stop, &reuse->today,
                                    &reuse->history, message);
}

void haul_reuse_close(struct haul_reuse *reuse)
{
    haul_resume_free(reuse->resume);
    haul_resume_free(reuse->since);
    haul_history_lookup_free(reuse->history);
    haul_saved_done(&reuse->saved);
    if (reuse->since_fd >= 0)
        close(reuse->since_fd);
}

/* ---- records of the journal ---- */

static bool has_file(const struct haul_record *rec)
{
    return rec->outcome == HAUL_OUTCOME_OK || rec->reason == HAUL_REASON_EXISTS;
}

/*
 * Whether the record's file is its URL's. One that is named by what is in it is everybody's who has
 * that.
 */
static bool is_owned(struct haul_reuse *reuse, const struct haul_job *job,
                     const struct haul_record *old)
{
    const char *name = old->filename_effective;

    if (!name)
        return false;
    return (old->sha256 && strlen(old->sha256) == 64 && strstr(name, old->sha256)) ||
           haul_naming_owns(reuse->naming, name, &job->key);
}

/* --skip-existing=name believes in names: no file is read for it. */
static bool has_its_file(struct haul_reuse *reuse, const struct haul_record *old)
{
    if (reuse->config->skip_existing != HAUL_SKIP_EXISTING_NAME)
        return haul_saved_holds(&reuse->saved, old);
    return haul_tree_size(&reuse->bodies->tree, old->filename_effective) == old->size_body;
}

/* A file must be there as it was saved. A fault of the list may have been put right since. */
static bool still_holds(struct haul_reuse *reuse, const struct haul_job *job,
                        const struct haul_record *old)
{
    const struct haul_config *config = reuse->config;

    if (config->skip_existing && !config->resume && !has_file(old))
        return false;
    if (old->reason == HAUL_REASON_BAD_NAME || old->reason == HAUL_REASON_BAD_CHECKSUM)
        return false;
    if (reuse->warc && old->outcome == HAUL_OUTCOME_OK && !haul_warc_has(reuse->warc, &job->key))
        return false;
    /* An archive gets only what has changed; in a directory, the rest must be there, too. */
    if (!(config->dir && old->outcome == HAUL_OUTCOME_UNCHANGED) &&
        !(haul_config_saves(config) && has_file(old)))
        return true;
    return is_owned(reuse, job, old) && has_its_file(reuse, old);
}

static void skip_if_asked(const struct haul_config *config, struct haul_record *rec)
{
    if (!config->skip_existing || !config->dir || !has_file(rec))
        return;
    rec->outcome = HAUL_OUTCOME_SKIPPED;
    rec->reason = HAUL_REASON_EXISTS;
    rec->verified = false;
}

/*
 * A URL without a file had a name nonetheless, in the run that its record is of. It has it still,
 * so that the URLs after it are called as they were then; their unfinished files are, too.
 */
static void keep_name(struct haul_reuse *reuse, const struct haul_job *job, const char *shown,
                      struct haul_record *old, struct haul_buf *name)
{
    if (!reuse->naming || !shown || old->filename_effective)
        return;
    if (haul_naming_give(reuse->naming, job, shown, name) != HAUL_REASON_NONE)
        return;
    /* Journals of earlier versions do not say which file it is that has not changed. */
    if (reuse->config->dir && old->outcome == HAUL_OUTCOME_UNCHANGED &&
        haul_naming_is_plain(reuse->naming))
        old->filename_effective = haul_buf_str(name);
}

static enum haul_err use_record(struct haul_reuse *reuse, struct haul_job *job,
                                struct haul_record old)
{
    const struct haul_record now = job->rec;

    if (!still_holds(reuse, job, &old))
        return HAUL_ERR_END;
    skip_if_asked(reuse->config, &old);
    job->rec = old;
    job->rec.seq = now.seq;
    job->rec.line = now.line;
    job->rec.source = now.source;
    job->rec.url = now.url;
    job->rec.attached = now.attached;
    job->rec.attached_count = now.attached_count;
    job->rec.entry = job->rec.url_column = NULL; /* the list says it better */
    job->rec.url_place = 0;
    job->rec.tried = NULL; /* of a run that is told already */
    job->rec.tried_count = 0;
    haul_job_keep_text(job, &old);
    job->is_old = true;
    return HAUL_OK;
}

static struct haul_key_line line_of(const struct haul_reuse *reuse, const struct haul_job *job)
{
    return (struct haul_key_line){.key = job->key, .shown = job->rec.url, .today = reuse->today};
}

static bool is_to_be_retried(const struct haul_config *config,
                             const struct haul_resume_place *place)
{
    if (config->retry_failed == HAUL_RETRY_FAILED_TRANSIENT)
        return place->is_transient;
    return place->has_failed && config->retry_failed == HAUL_RETRY_FAILED_ALL;
}

static enum haul_err use_named(struct haul_reuse *reuse, struct haul_job *job, const char *shown,
                               struct haul_record *old)
{
    struct haul_buf name;
    enum haul_err err;

    haul_buf_init(&name, 0);
    keep_name(reuse, job, shown, old, &name);
    err = use_record(reuse, job, *old);
    haul_buf_done(&name);
    return err;
}

enum haul_err haul_reuse_record(struct haul_reuse *reuse, struct haul_job *job, const char *shown)
{
    const struct haul_key_line line = line_of(reuse, job);
    struct haul_resume_place place;
    struct haul_record old;
    enum haul_err err;

    if (!reuse->resume)
        return HAUL_ERR_END;
    err = haul_resume_take_line(reuse->resume, &line, &place, &old);
    if (err == HAUL_ERR_END)
        return err;
    if (!err)
        err = is_to_be_retried(reuse->config, &place) ? HAUL_ERR_END
                                                      : use_named(reuse, job, shown, &old);
    if (err) {
        job->replaces = place.occurrence;
        job->replaces_old = place.is_by_old;
    }
    return err;
}

/* ---- files ---- */

enum haul_err haul_reuse_file(const struct haul_reuse *reuse, struct haul_job *job)
{
    struct haul_record there = job->rec;
    int64_t size;

    if (reuse->config->skip_existing != HAUL_SKIP_EXISTING_NAME || !job->name)
        return HAUL_ERR_END;
    size = haul_tree_size(&reuse->bodies->tree, haul_job_file(job));
    if (size < 0)
        return HAUL_ERR_END;
    job->rec.outcome = HAUL_OUTCOME_SKIPPED;
    job->rec.reason = HAUL_REASON_EXISTS;
    job->rec.size_body = size;
    there.filename_effective = haul_job_file_told(job);
    haul_job_keep_text(job, &there);
    return HAUL_OK;
}

/* ---- validators ---- */

/*
 * What the job's file holds by now nobody knows, if the body of that time has another name: lists
 * are edited, and names may go by their lines.
 */
static bool has_another_name(const struct haul_job *job, const struct haul_record *rec)
{
    const char *name = haul_job_file(job);

    return name && rec->filename_effective && strcmp(name, rec->filename_effective) != 0;
}

/*
 * Whether the job's name says which URL it is, all of it, so that its file can hardly be another
 * one's. (Of http and https of one host, and of two ways to escape a path, each has the plain name
 * if it comes first.)
 */
static bool has_own_name(const struct haul_config *config, const struct haul_job *job)
{
    return strstr(haul_name_form_template(config->name), haul_name_form_template("path")) &&
           !(job->options && job->options->out) && !config->redact.count;
}

/*
 * Whether the job's file, of the right size, is what an earlier run has saved: `old` is the record
 * of that (--since), NULL if there is none. Nothing has touched it since that run ended; or it has
 * the digest that it had.
 */
static bool is_file_of(struct haul_reuse *reuse, const struct haul_job *job,
                       const struct haul_record *old)
{
    if (!old || !old->filename_effective)
        return has_own_name(reuse->config, job);
    if (haul_tree_changed_ms(&reuse->bodies->tree, haul_job_file(job)) <=
        reuse->since_ended_us / 1000)
        return true;
    if (old->md5 || old->sha1 || old->sha256 || old->sha512)
        return haul_saved_holds(&reuse->saved, old);
    return has_own_name(reuse->config, job);
}

/*
 * The URL for which the validators of a record were seen. With all of a key, the record is of this
 * URL and no other, and where nothing led away from it, they are its own: the text, in which
 * --redact may have hidden some of it, is not needed.
 */
static const char *seen_at(const struct haul_job *job, const struct haul_resume_place *place,
                           const struct haul_record *rec)
{
    bool is_own = !place->is_by_old && !rec->num_redirects && rec->mirror <= 1;

    return is_own ? job->url : rec->url_effective;
}

/* False: the journal has nothing of use. `rec`, its record, if it has one, is filled. */
static bool ask_since(const struct haul_reuse *reuse, const struct haul_job *job,
                      struct haul_record *rec, struct haul_job_validators *found)
{
    const struct haul_key_line line = line_of(reuse, job);
    struct haul_resume_place place;

    if (!reuse->since)
        return false;
    if (haul_resume_take_line(reuse->since, &line, &place, rec)) {
        haul_record_init(rec); /* what was read may be of another line */
        return false;
    }
    if ((rec->outcome != HAUL_OUTCOME_OK && rec->outcome != HAUL_OUTCOME_UNCHANGED) ||
        rec->size_body < 0 || !rec->url_effective)
        return false;
    *found = (struct haul_job_validators){.url = seen_at(job, &place, rec),
                                          .etag = rec->etag,
                                          .modified = rec->last_modified,
                                          .size = rec->size_body};
    return true;
}

static bool ask_history(const struct haul_reuse *reuse, const struct haul_job *job,
                        struct haul_job_validators *found)
{
    struct haul_history_page page;

    if (!reuse->history || haul_history_lookup_find(reuse->history, &job->key, job->rec.url, &page))
        return false;
    *found = (struct haul_job_validators){
        .url = job->url, .etag = page.etag, .modified = page.last_modified, .size = page.size};
    return true;
}

/* A journal may come from other hands: what it says must not begin a header of its own. And what
 * --redact has hidden a part of is not what the server said. */
static const char *sendable(const char *value)
{
    if (value && strstr(value, "***"))
        return NULL;
    for (const char *at = value; at && *at; at++)
        if (haul_ascii_is_control(*at))
            return NULL;
    return value && *value ? value : NULL;
}

/* `size`: that of the job's file; what had another one is of no use. -1: any. */
static enum haul_err keep_from_earlier(struct haul_reuse *reuse, struct haul_job *job, int64_t size)
{
    struct haul_job_validators found;
    struct haul_record rec;
    bool is_since;

    haul_record_init(&rec);
    is_since = ask_since(reuse, job, &rec, &found);
    if (!is_since && !ask_history(reuse, job, &found))
        return HAUL_OK;
    if (has_another_name(job, &rec) || (size >= 0 && found.size != size))
        return HAUL_OK;
    found.etag = sendable(found.etag);
    found.modified = sendable(found.modified);
    if (!(reuse->config->etags && found.etag) && !(reuse->config->timestamping && found.modified))
        return HAUL_OK;
    if (size >= 0 && !is_file_of(reuse, job, is_since ? &rec : NULL))
        return HAUL_OK;
    return haul_job_keep_validators(job, &found);
}

/* Such a name says nothing of the URL: its file is that of whoever stood there last. */
static bool is_name_of_place(const struct haul_config *config)
{
    return haul_name_form_has(config->name, HAUL_NAME_NUMBER) ||
           haul_name_form_has(config->name, HAUL_NAME_LINE);
}

/* Where no earlier run is named, the file's own time is its Last-Modified (--mtime). */
static enum haul_err use_file_time(const struct haul_reuse *reuse, struct haul_job *job)
{
    const struct haul_config *config = reuse->config;
    char modified[HAUL_HTTP_DATE_MAX];
    struct haul_job_validators found = {.url = job->url, .modified = modified};
    int64_t mtime_s;

    if (!config->timestamping || config->since || config->history || !config->dir || !job->name ||
        (is_name_of_place(config) && !has_own_name(config, job)))
        return HAUL_OK;
    found.size = haul_tree_look(&reuse->bodies->tree, haul_job_file(job), &mtime_s);
    if (found.size < 0 || !haul_http_date_render(mtime_s, modified))
        return HAUL_OK;
    return haul_job_keep_validators(job, &found);
}

enum haul_err haul_reuse_validators(struct haul_reuse *reuse, struct haul_job *job)
{
    bool is_in_dir = reuse->config->dir && job->name;
    enum haul_err err;
    int64_t size;

    if (!reuse->config->etags && !reuse->config->timestamping)
        return HAUL_OK;
    size = is_in_dir ? haul_tree_size(&reuse->bodies->tree, haul_job_file(job)) : -1;
    if (is_in_dir && size < 0) /* without the whole file, "not modified" would be no answer */
        return HAUL_OK;
    err = keep_from_earlier(reuse, job, size);
    return err ? err : use_file_time(reuse, job);
}
