#include "base/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

/* A run that was killed leaves its temporary, and in a container all may have one process id. */
enum { TEMPORARIES_MAX = 100 };

/*
 * DIR/.NAME.PID.part, from the second on DIR/.NAME.PID-NUMBER.part; NAME is cut to fit a file name.
 */
static char *temporary_name(const char *path, int number)
{
    const char *slash = strrchr(path, '/');
    int dir_len = slash ? (int)(slash - path + 1) : 0;
    size_t size = strlen(path) + 60;
    char *name = malloc(size);
    int len;

    if (!name)
        return NULL;
    len = snprintf(name, size, "%.*s.%.200s.%ld", dir_len, path, path + dir_len, (long)getpid());
    if (number)
        snprintf(name + len, size - (size_t)len, "-%d.part", number);
    else
        snprintf(name + len, size - (size_t)len, ".part");
    return name;
}

/*
 * /dev/stdout and the like are links to a descriptor, which may be a plain file: a file put in
 * place of the link would be in /dev.
 */
static bool is_descriptor(const char *path)
{
    struct stat info;

    return (strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0) &&
           lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

static bool is_special(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && (!S_ISREG(info.st_mode) || is_descriptor(path));
}

static enum haul_err open_temporary(struct haul_newfile *file, const char *path)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

    for (int i = 0; i < TEMPORARIES_MAX; i++) {
        file->temporary = temporary_name(path, i);
        if (!file->temporary)
            return HAUL_ERR_NOMEM;
        file->fd = open(file->temporary, flags, 0666);
        if (file->fd >= 0)
            return HAUL_OK;
        if (errno != EEXIST)
            return HAUL_ERR_IO;
        free(file->temporary);
        file->temporary = NULL;
    }
    errno = EEXIST;
    return HAUL_ERR_IO;
}

static enum haul_err open_parts(struct haul_newfile *file, const char *path)
{
    file->path = strdup(path);
    if (!file->path)
        return HAUL_ERR_NOMEM;
    if (!*path) {
        errno = ENOENT; /* as open(2) says; its temporary would have a name */
        return HAUL_ERR_IO;
    }
    if (!is_special(path))
        return open_temporary(file, path);
    file->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    return file->fd < 0 ? HAUL_ERR_IO : HAUL_OK;
}

enum haul_err haul_newfile_open(struct haul_newfile *file, const char *path,
                                struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];
    enum haul_err err;
    int error;

    *file = (struct haul_newfile){.fd = -1};
    err = open_parts(file, path);
    if (!err)
        return HAUL_OK;
    error = errno;
    haul_buf_addf(message, "%s: cannot be written: %s", path,
                  err == HAUL_ERR_NOMEM ? haul_err_text(err) : haul_io_error_text(error, text));
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
