#include "base/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* DIR/.NAME.PID.part */
static char *temporary_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    int dir_len = slash ? (int)(slash - path + 1) : 0;
    size_t size = strlen(path) + 40;
    char *name = malloc(size);

    if (name)
        snprintf(name, size, "%.*s.%s.%ld.part", dir_len, path, path + dir_len, (long)getpid());
    return name;
}

static bool is_special(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

static enum haul_err open_parts(struct haul_newfile *file, const char *path)
{
    file->path = strdup(path);
    if (!file->path)
        return HAUL_ERR_NOMEM;
    if (is_special(path)) {
        file->fd = open(path, O_WRONLY | O_CLOEXEC);
        return file->fd < 0 ? HAUL_ERR_IO : HAUL_OK;
    }
    file->temporary = temporary_name(path);
    if (!file->temporary)
        return HAUL_ERR_NOMEM;
    file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    return file->fd < 0 ? HAUL_ERR_IO : HAUL_OK;
}

enum haul_err haul_newfile_open(struct haul_newfile *file, const char *path,
                                struct haul_buf *message)
{
    enum haul_err err;
    int error;

    *file = (struct haul_newfile){.fd = -1};
    err = open_parts(file, path);
    if (!err)
        return HAUL_OK;
    error = errno;
    haul_buf_addf(message, "%s: cannot be written: %s", path,
                  err == HAUL_ERR_NOMEM ? haul_err_text(err) : strerror(error));
    free(file->path);
    free(file->temporary);
    *file = (struct haul_newfile){.fd = -1};
    return err;
}

enum haul_err haul_newfile_publish(struct haul_newfile *file)
{
    int failed = close(file->fd);
    int error;

    file->fd = -1;
    if (!failed && file->temporary)
        failed = rename(file->temporary, file->path);
    error = errno;
    if (!failed && file->temporary) {
        free(file->temporary);
        file->temporary = NULL;
    }
    haul_newfile_discard(file);
    errno = error;
    return failed ? HAUL_ERR_IO : HAUL_OK;
}

void haul_newfile_discard(struct haul_newfile *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->temporary)
        unlink(file->temporary);
    free(file->temporary);
    free(file->path);
    *file = (struct haul_newfile){.fd = -1};
}
