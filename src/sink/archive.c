#include "sink/archive.h"

#include <errno.h>

#include "base/message.h"
#include "sink/tar.h"

/* ---- going on with one ---- */

static enum haul_err refuse(const struct haul_archive *archive, enum haul_err err,
                            const char *cause, struct haul_buf *message)
{
    haul_message_next(message);
    haul_buf_addf(message, "%s: %s", archive->file.path, cause);
    return err;
}

static enum haul_err refuse_errno(const struct haul_archive *archive, int error,
                                  struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];

    (void)refuse(archive, HAUL_ERR_IO, "the archive cannot be gone on with: ", message);
    haul_buf_add_str(message, haul_io_error_text(error, text));
    return HAUL_ERR_IO;
}

/* The end that an archive had is no loss; what is torn, or damaged, is told. */
static enum haul_err cut(struct haul_archive *archive, const struct haul_members_stats *stats,
                         struct haul_buf *message)
{
    int64_t lost = archive->file.end - stats->keep;
    int error = lost ? haul_appender_cut(&archive->file, stats->keep) : 0;

    if (error)
        return refuse_errno(archive, error, message);
    archive->has_begun = stats->keep > 0;
    if (stats->state == HAUL_MEMBERS_WHOLE)
        return HAUL_OK;
    (void)refuse(archive, HAUL_OK,
                 stats->state == HAUL_MEMBERS_TORN ? "the last member is torn; "
                                                   : "the archive is damaged; ",
                 message);
    haul_buf_addf(message, "%lld byte%s cut off", (long long)lost, lost == 1 ? "" : "s");
    return HAUL_OK;
}

static enum haul_err go_on(struct haul_archive *archive, bool forces, struct haul_buf *message)
{
    struct haul_members_stats stats;
    enum haul_err err =
        haul_members_read(archive->file.fd, archive->file.end, &stats, &archive->members);

    if (err == HAUL_ERR_IO)
        return refuse_errno(archive, errno, message);
    if (err)
        return refuse(archive, err, haul_err_text(err), message);
    if (stats.state == HAUL_MEMBERS_FOREIGN)
        return refuse(archive, HAUL_ERR_USAGE, "not an archive of haul's, and left as it is",
                      message);
    if (stats.state == HAUL_MEMBERS_DAMAGED && !forces) {
        (void)refuse(archive, HAUL_OK, "", message);
        haul_buf_addf(message,
                      "the archive is damaged behind its first %lld bytes (%llu members); "
                      "--resume=force cuts off what follows",
                      (long long)stats.keep, (unsigned long long)stats.count);
        return HAUL_ERR_USAGE;
    }
    return cut(archive, &stats, message);
}

enum haul_err haul_archive_open(struct haul_archive *archive, const struct haul_config *config,
                                struct haul_buf *message)
{
    const struct haul_appender_options options = {.extends = config->resume != HAUL_RESUME_NO,
                                                  .syncs = config->sync != HAUL_SYNC_NONE};
    enum haul_err err;

    *archive = (struct haul_archive){.file = {.fd = -1}};
    err = haul_appender_open(&archive->file, config->tar, &options, message);
    if (err || !options.extends)
        return err;
    return go_on(archive, config->resume == HAUL_RESUME_FORCE, message);
}

void haul_archive_close(struct haul_archive *archive)
{
    haul_appender_close(&archive->file);
    haul_members_free(archive->members);
    archive->members = NULL;
}

/* ---- writing ---- */

static int begin_if_needed(struct haul_archive *archive, struct haul_patience *patience)
{
    struct haul_buf begin;
    int error;

    if (archive->has_begun)
        return 0;
    haul_buf_init(&begin, 0);
    haul_tar_add_begin(&begin);
    error = begin.err ? ENOMEM
                      : haul_appender_add_bytes(&archive->file, begin.data, begin.len, patience);
    haul_buf_done(&begin);
    archive->has_begun = !error;
    return error;
}

int haul_archive_add(struct haul_archive *archive, const struct haul_parcel *parcels,
                     struct haul_patience *patience)
{
    int error = begin_if_needed(archive, patience);

    for (; parcels && !error; parcels = parcels->next)
        error = haul_appender_add(&archive->file, parcels, patience);
    return error;
}

int haul_archive_finish(struct haul_archive *archive, struct haul_patience *patience)
{
    struct haul_buf end;
    int error = begin_if_needed(archive, patience);

    if (error)
        return error;
    haul_buf_init(&end, 0);
    haul_tar_add_end(&end, archive->file.end);
    error = end.err ? ENOMEM : haul_appender_add_bytes(&archive->file, end.data, end.len, patience);
    haul_buf_done(&end);
    return error;
}
