#include "engine/archiver.h"

#include "sink/tree.h"

static const char *name_of(const struct haul_archiver *archiver)
{
    return archiver->archive->file.is_stream ? "standard output" : archiver->archive->file.path;
}

/* The transfer came to its end, but its body is nowhere. */
static void fail_job(const struct haul_archiver *archiver, struct haul_job *job, int error)
{
    struct haul_record said = job->rec;
    char text[HAUL_IO_ERROR_MAX];
    struct haul_buf message;

    haul_buf_init(&message, 0);
    haul_buf_addf(&message, "%s: %s", name_of(archiver), haul_io_error_text(error, text));
    said.errormsg = haul_buf_str(&message);
    said.filename_effective = NULL;
    haul_job_keep_text(job, &said);
    haul_buf_done(&message);
    job->rec.outcome = HAUL_OUTCOME_FAILED;
    job->rec.reason = haul_tree_reason(error);
    job->rec.verified = false;
}

static bool tell(struct haul_archiver *archiver, int error, const char *after,
                 struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];

    archiver->has_failed = true;
    haul_buf_addf(message, "%s: the archive cannot be written: %s%s\n", name_of(archiver),
                  haul_io_error_text(error, text), after);
    return false;
}

/* Whether what was appended is safe, as far as that was asked for. */
static int sync_if_asked(struct haul_archiver *archiver)
{
    struct haul_appender *file = &archiver->archive->file;
    int error = archiver->config->sync == HAUL_SYNC_EACH ? haul_appender_sync(file) : 0;

    if (error) /* the kernel forgets what it could not write: a second try would prove nothing */
        file->error = error;
    return error;
}

bool haul_archiver_add(struct haul_archiver *archiver, const struct haul_job_list *jobs,
                       struct haul_buf *message)
{
    bool had_failed = archiver->has_failed, has_added = false;
    int error = 0;

    if (!archiver->archive)
        return true;
    for (struct haul_job *job = jobs->head; job; job = job->next) {
        if (!job->parcels)
            continue;
        error = haul_archive_add(archiver->archive, job->parcels, archiver->patience);
        has_added = has_added || !error;
        if (error)
            fail_job(archiver, job, error);
    }
    error = has_added ? sync_if_asked(archiver) : 0;
    for (struct haul_job *job = jobs->head; job; job = job->next) {
        if (job->parcels && error && job->rec.outcome == HAUL_OUTCOME_OK)
            fail_job(archiver, job, error);
        haul_parcel_free(job->parcels);
        job->parcels = NULL;
    }
    if (!archiver->archive->file.error || had_failed)
        return true;
    return tell(archiver, archiver->archive->file.error, "; the run is stopped", message);
}

bool haul_archiver_finish(struct haul_archiver *archiver, struct haul_buf *message)
{
    int error;

    if (!archiver->archive || archiver->has_failed)
        return true;
    error = haul_archive_finish(archiver->archive, archiver->patience);
    if (!error)
        error = sync_if_asked(archiver);
    return error ? tell(archiver, error, "", message) : true;
}
