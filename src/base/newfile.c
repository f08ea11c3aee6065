#include "base/newfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/temporary.h"

/* In a container all runs may have one process id, and other runs may write to the same name. */
enum { TEMPORARIES_MAX = 100 };

/* ---- temporaries ---- */

/* The directory's part of a path, with its slash: bytes. */
static int dir_len_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (int)(slash - path + 1) : 0;
}

/* What all temporaries of a path begin with: DIR/.NAME and a dot, NAME cut to fit a file name. */
static int put_beginning(char *to, size_t size, const char *path)
{
    int dir_len = dir_len_of(path);

    return snprintf(to, size, "%.*s.%.200s.", dir_len, path, path + dir_len);
}

/* DIR/.NAME.PID.part, from the second on DIR/.NAME.PID-NUMBER.part. */
static char *temporary_name(const char *path, int number)
{
    size_t size = strlen(path) + 60;
    char *name = malloc(size);
    int len;

    if (!name)
        return NULL;
    len = put_beginning(name, size, path);
    len += snprintf(name + len, size - (size_t)len, "%ld", (long)getpid());
    if (number)
        snprintf(name + len, size - (size_t)len, "-%d.part", number);
    else
        snprintf(name + len, size - (size_t)len, ".part");
    return name;
}

static const char *skip_digits(const char *at)
{
    return at + strspn(at, "0123456789");
}

/* Whether an entry of the directory is called as a temporary is, of any process. */
static bool is_temporary(const char *entry, const char *beginning, size_t len)
{
    const char *at = entry + len, *behind;

    if (strncmp(entry, beginning, len) != 0)
        return false;
    behind = skip_digits(at);
    if (behind == at)
        return false;
    if (*behind == '-' && skip_digits(behind + 1) > behind + 1)
        behind = skip_digits(behind + 1);
    return strcmp(behind, ".part") == 0;
}

static void remove_stale(int dir_fd, const char *entry)
{
    bool is_locked = false;
    int fd = haul_temporary_open_stale(dir_fd, entry, &is_locked);

    if (fd < 0)
        return;
    if (is_locked)
        (void)unlinkat(dir_fd, entry, 0);
    close(fd);
}

/* Removes what runs that were killed have left of a path. What cannot be removed stays. */
static enum haul_err sweep(const char *path)
{
    char beginning[256];
    int dir_len = dir_len_of(path);
    int len = put_beginning(beginning, sizeof beginning, path + dir_len);
    char *name = dir_len ? strndup(path, (size_t)dir_len) : strdup(".");
    const struct dirent *entry;
    DIR *dir;

    if (!name)
        return HAUL_ERR_NOMEM;
    dir = opendir(name);
    free(name);
    if (!dir)
        return HAUL_OK; /* if it is not there, the next call says so */
    while ((entry = readdir(dir)) != NULL)
        if (is_temporary(entry->d_name, beginning, (size_t)len))
            remove_stale(dirfd(dir), entry->d_name);
    closedir(dir);
    return HAUL_OK;
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

/* Creates and locks it. -1 with errno; EEXIST: another one is called so, or was about to be. */
static int create_temporary(const char *name)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    struct stat info;
    bool is_locked;
    int fd = open(name, flags, 0666);

    if (fd < 0 || haul_temporary_claim(fd, &is_locked, &info))
        return fd;
    close(fd);
    errno = EEXIST;
    return -1;
}

static enum haul_err open_temporary(struct haul_newfile *file, const char *path)
{
    enum haul_err err = sweep(path);

    if (err)
        return err;
    for (int i = 0; i < TEMPORARIES_MAX; i++) {
        file->temporary = temporary_name(path, i);
        if (!file->temporary)
            return HAUL_ERR_NOMEM;
        file->fd = create_temporary(file->temporary);
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
    /* Closing tells of writes that failed late, but would give up the lock before the name is
     * given: the second descriptor holds it. */
    int lock_fd = file->temporary ? fcntl(file->fd, F_DUPFD_CLOEXEC, 0) : -1;
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
    if (lock_fd >= 0)
        close(lock_fd);
    errno = error;
    return failed ? HAUL_ERR_IO : HAUL_OK;
}

void haul_newfile_discard(struct haul_newfile *file)
{
    if (file->temporary)
        unlink(file->temporary);
    if (file->fd >= 0)
        close(file->fd);
    free(file->temporary);
    free(file->path);
    *file = (struct haul_newfile){.fd = -1};
}
