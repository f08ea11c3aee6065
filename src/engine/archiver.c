#include "engine/archiver.h"

#include "sink/tree.h"

static const char *name_of(const struct haul_appender *file)
{
    return file->is_stream ? "standard output" : file->path;
}

/* The transfer came to its end, but what it brought is nowhere. Others have failed already. */
static void fail_job(const struct haul_appender *file, struct haul_job *job, int error)
{
    struct haul_record said = job->rec;
    char text[HAUL_IO_ERROR_MAX];
    struct haul_buf message;

    if (job->rec.outcome != HAUL_OUTCOME_OK)
        return;
    haul_buf_init(&message, 0);
    haul_buf_addf(&message, "%s: %s", name_of(file), haul_io_error_text(error, text));
    said.errormsg = haul_buf_str(&message);
    if (job->parcels)
        said.filename_effective = NULL;
    haul_job_keep_text(job, &said);
    haul_buf_done(&message);
    job->rec.outcome = HAUL_OUTCOME_FAILED;
    job->rec.reason = haul_tree_reason(error);
    job->rec.verified = false;
}

static bool tell(struct haul_archiver *archiver, const struct haul_appender *file, int error,
                 const char *after, struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];

    archiver->has_failed = true;
    haul_buf_addf(message, "%s: the archive cannot be written: %s%s\n", name_of(file),
                  haul_io_error_text(error, text), after);
    return false;
}

/* Whether what was appended is safe, as far as that was asked for. */
static int sync_if_asked(const struct haul_archiver *archiver, struct haul_appender *file)
{
    int error =
        archiver->config->sync == HAUL_SYNC_EACH && file->fd >= 0 ? haul_appender_sync(file) : 0;

    if (error) /* the kernel forgets what it could not write: a second try would prove nothing */
        file->error = error;
    return error;
}

static struct haul_appender *file_of(struct haul_archiver *archiver, bool is_warc)
{
    if (is_warc)
        return archiver->warc ? &archiver->warc->file : NULL;
    return archiver->archive ? &archiver->archive->file : NULL;
}

/* To one of the two archives. */
static void add_to(struct haul_archiver *archiver, bool is_warc, const struct haul_job_list *jobs)
{
    struct haul_appender *file = file_of(archiver, is_warc);
    bool has_added = false;
    int error;

    for (struct haul_job *job = jobs->head; job; job = job->next) {
        if (!(is_warc ? job->captures : job->parcels))
            continue;
        error = is_warc ? haul_warc_add(archiver->warc, job->captures, &job->key)
                        : haul_archive_add(archiver->archive, job->parcels, archiver->patience);
        has_added = has_added || !error;
        if (error)
            fail_job(file, job, error);
    }
    error = has_added ? sync_if_asked(archiver, file) : 0;
    for (struct haul_job *job = jobs->head; job && error; job = job->next)
        if (is_warc ? job->captures : job->parcels)
            fail_job(file, job, error);
}

bool haul_archiver_add(struct haul_archiver *archiver, const struct haul_job_list *jobs,
                       struct haul_buf *message)
{
    bool is_sound = true;

    for (int is_warc = 0; is_warc < 2; is_warc++) {
        struct haul_appender *file = file_of(archiver, is_warc);

        if (file)
            add_to(archiver, is_warc, jobs);
        if (file && file->error && !archiver->has_failed)
            is_sound = tell(archiver, file, file->error, "; the run is stopped", message);
    }
    if (archiver->archive || archiver->warc)
        for (struct haul_job *job = jobs->head; job; job = job->next)
            haul_job_drop_parcels(job);
    return is_sound;
}

bool haul_archiver_finish(struct haul_archiver *archiver, struct haul_buf *message)
{
    for (int is_warc = 0; is_warc < 2; is_warc++) {
        struct haul_appender *file = file_of(archiver, is_warc);
        int error;

        if (!file || archiver->has_failed)
            continue;
        error = is_warc ? haul_warc_finish(archiver->warc)
                        : haul_archive_finish(archiver->archive, archiver->patience);
        if (!error)
            error = sync_if_asked(archiver, file);
        if (error)
            return tell(archiver, file, error, "", message);
    }
    return true;
}
