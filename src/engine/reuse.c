#include "engine/reuse.h"

#include "http/date.h"

/* ---- records of the journal ---- */

static bool has_file(const struct haul_record *rec)
{
    return rec->outcome == HAUL_OUTCOME_OK || rec->reason == HAUL_REASON_EXISTS;
}

/* The record of what had not changed has no name: all there is is the file of an earlier run. */
static const char *file_of(const struct haul_job *job, const struct haul_record *old)
{
    return old->outcome == HAUL_OUTCOME_UNCHANGED ? job->name : old->filename_effective;
}

/* A file must be there as it was saved. A fault of the list may have been put right since. */
static bool still_holds(const struct haul_reuse *reuse, const struct haul_job *job,
                        const struct haul_record *old)
{
    const struct haul_config *config = reuse->config;
    const char *file = file_of(job, old);

    if (config->skip_existing && !config->resume && !has_file(old))
        return false;
    if (old->reason == HAUL_REASON_BAD_NAME || old->reason == HAUL_REASON_BAD_CHECKSUM)
        return false;
    if (!config->dir || (!has_file(old) && old->outcome != HAUL_OUTCOME_UNCHANGED))
        return true;
    return file && haul_tree_size(&reuse->bodies->tree, file) == old->size_body;
}

static void skip_if_asked(const struct haul_config *config, struct haul_record *rec)
{
    if (!config->skip_existing || !config->dir || !has_file(rec))
        return;
    rec->outcome = HAUL_OUTCOME_SKIPPED;
    rec->reason = HAUL_REASON_EXISTS;
    rec->verified = false;
}

static enum haul_err take_record(const struct haul_reuse *reuse, struct haul_job *job,
                                 const struct haul_resume_place *place)
{
    struct haul_record old, now = job->rec;
    enum haul_err err = haul_resume_read(reuse->resume, place, &old);

    if (err)
        return err;
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
    haul_job_keep_text(job, &old);
    job->is_old = true;
    return HAUL_OK;
}

static bool is_to_be_retried(const struct haul_config *config,
                             const struct haul_resume_place *place)
{
    if (config->retry_failed == HAUL_RETRY_FAILED_TRANSIENT)
        return place->is_transient;
    return place->has_failed && config->retry_failed == HAUL_RETRY_FAILED_ALL;
}

enum haul_err haul_reuse_record(const struct haul_reuse *reuse, struct haul_job *job)
{
    struct haul_resume_place place;
    enum haul_err err = HAUL_ERR_END;

    if (!reuse->resume || !haul_resume_take(reuse->resume, job->key, &place))
        return HAUL_ERR_END;
    if (!is_to_be_retried(reuse->config, &place))
        err = take_record(reuse, job, &place);
    if (err)
        job->replaces = place.occurrence <= HAUL_RESUME_REPLACES_MAX ? place.occurrence : 0;
    return err;
}

/* ---- validators ---- */

/* Where no earlier run is named, the file's own time is its Last-Modified (--mtime). */
static enum haul_err use_file_time(const struct haul_reuse *reuse, struct haul_job *job)
{
    const struct haul_config *config = reuse->config;
    char modified[HAUL_HTTP_DATE_MAX];
    struct haul_job_validators found = {.url = job->url, .modified = modified};
    int64_t mtime_s;

    if (!config->timestamping || config->since || config->history || !job->name)
        return HAUL_OK;
    found.size = haul_tree_look(&reuse->bodies->tree, job->name, &mtime_s);
    if (found.size < 0 || !haul_http_date_render(mtime_s, modified))
        return HAUL_OK;
    return haul_job_keep_validators(job, &found);
}

enum haul_err haul_reuse_validators(const struct haul_reuse *reuse, struct haul_job *job)
{
    enum haul_err err;
    int64_t size;

    if (!reuse->validators)
        return HAUL_OK;
    size = job->name ? haul_tree_size(&reuse->bodies->tree, job->name) : -1;
    if (job->name && size < 0) /* without the whole file, "not modified" would be no answer */
        return HAUL_OK;
    err = haul_validators_look_up(reuse->validators, job, size);
    return err ? err : use_file_time(reuse, job);
}
