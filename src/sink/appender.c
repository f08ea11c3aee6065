#include "sink/appender.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/again.h"
#include "base/owned.h"

/* ---- opening ---- */

static enum haul_err refuse(const struct haul_appender *appender, enum haul_err err,
                            const char *cause, struct haul_buf *message)
{
    haul_buf_addf(message, "%s: %s", appender->path, cause);
    return err;
}

static enum haul_err refuse_errno(const struct haul_appender *appender, struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];
    int error = errno;

    haul_buf_addf(message, "%s: the archive cannot be written: %s", appender->path,
                  haul_io_error_text(error, text));
    return HAUL_ERR_IO;
}

static enum haul_err open_stream(struct haul_appender *appender, struct haul_buf *message)
{
    if (isatty(STDOUT_FILENO)) {
        haul_buf_add_str(message, "standard output is a terminal, and no place for an archive");
        return HAUL_ERR_USAGE;
    }
    appender->fd = STDOUT_FILENO;
    appender->is_stream = true;
    return HAUL_OK;
}

static enum haul_err refuse_found(const struct haul_appender *appender,
                                  const struct haul_owned_found *found, struct haul_buf *message)
{
    if (found->verdict == HAUL_OWNED_KIND)
        return refuse(appender, HAUL_ERR_USAGE,
                      "an archive is written to a regular file, or to standard output (-)",
                      message);
    haul_buf_addf(message, "%s: ", appender->path);
    haul_owned_add_cause(message, found);
    return HAUL_ERR_USAGE;
}

static enum haul_err open_path(struct haul_appender *appender, bool syncs, struct haul_buf *message)
{
    const struct haul_owned_how how = {
        .flags = O_RDWR | O_APPEND, .creates = true, .mode = 0666, .use = HAUL_OWNED_FILE};
    struct haul_owned_found found;

    appender->fd = haul_owned_open(appender->path, &how, &found);
    if (found.verdict)
        return refuse_found(appender, &found, message);
    if (appender->fd < 0)
        return refuse_errno(appender, message);
    if (found.is_new && syncs)
        haul_io_sync_directory_of(appender->path);
    return HAUL_OK;
}

/* Only under the lock does the size say anything. Some file systems know no locks. */
static enum haul_err claim(struct haul_appender *appender, bool extends, struct haul_buf *message)
{
    enum haul_owned_lock lock;
    struct stat info;
    long holder;

    lock = haul_owned_lock(appender->fd, &holder);
    if (lock == HAUL_OWNED_LOCK_BUSY)
        return refuse(appender, HAUL_ERR_LOCKED, "another run has this archive", message);
    if (fstat(appender->fd, &info))
        return refuse_errno(appender, message);
    if (info.st_size && !extends)
        return refuse(appender, HAUL_ERR_USAGE,
                      "the archive holds something already: go on with it with --journal and "
                      "--resume, or remove it",
                      message);
    appender->end = info.st_size;
    if (lock == HAUL_OWNED_LOCK_PASSED)
        (void)refuse(appender, HAUL_OK, haul_owned_passed, message);
    haul_owned_add_warning(message, appender->path);
    haul_owned_add_notice(message, appender->path);
    return HAUL_OK;
}

enum haul_err haul_appender_open(struct haul_appender *appender, const char *path,
                                 const struct haul_appender_options *options,
                                 struct haul_buf *message)
{
    enum haul_err err;

    *appender = (struct haul_appender){.path = path, .fd = -1};
    if (strcmp(path, "-") == 0)
        return open_stream(appender, message);
    err = open_path(appender, options->syncs, message);
    return err ? err : claim(appender, options->extends, message);
}

void haul_appender_close(struct haul_appender *appender)
{
    if (appender->fd >= 0 && !appender->is_stream)
        close(appender->fd);
    appender->fd = -1;
}

/* ---- adding ---- */

int haul_appender_cut(struct haul_appender *appender, int64_t size)
{
    int failed;

    HAUL_AGAIN(failed, ftruncate(appender->fd, (off_t)size));
    if (failed)
        return errno;
    appender->end = size;
    return 0;
}

/* What is torn is taken back. Where it cannot be, nothing may follow on it. */
static int settle(struct haul_appender *appender, int error, int64_t size)
{
    if (!error)
        appender->end += size;
    else if (appender->is_stream || haul_appender_cut(appender, appender->end))
        appender->error = error;
    return error;
}

int haul_appender_add(struct haul_appender *appender, const struct haul_parcel *parcel,
                      struct haul_patience *patience)
{
    if (appender->error)
        return appender->error;
    return settle(appender,
                  haul_parcel_write(parcel, appender->fd, appender->is_stream ? patience : NULL),
                  (int64_t)parcel->len + parcel->fd_size);
}

int haul_appender_add_bytes(struct haul_appender *appender, const void *bytes, size_t len,
                            struct haul_patience *patience)
{
    if (appender->error)
        return appender->error;
    return settle(
        appender,
        haul_io_write_until(appender->fd, bytes, len, appender->is_stream ? patience : NULL),
        (int64_t)len);
}

int haul_appender_sync(const struct haul_appender *appender)
{
    int failed;

    HAUL_AGAIN(failed, fdatasync(appender->fd));
    return failed && errno != EINVAL && errno != EROFS ? errno : 0;
}
