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
#include "base/owned.h"
#include "base/publisher.h"
#include "base/temporary.h"

enum { TEMPORARIES_MAX = 100 }; /* names that are tried */

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

/* DIR/.NAME.PID-NUMBER.part. Nobody can have put something there, for the number is random. */
static char *temporary_name(const char *path)
{
    size_t size = strlen(path) + 60;
    char *name = malloc(size);
    int len;

    if (!name)
        return NULL;
    len = put_beginning(name, size, path);
    snprintf(name + len, size - (size_t)len, "%ld-%llu.part", (long)getpid(),
             (unsigned long long)haul_temporary_number());
    return name;
}

static const char *skip_digits(const char *at)
{
    return at + strspn(at, "0123456789");
}

/* Whether an entry of the directory is called as a temporary is, of any process and version. */
static bool is_temporary(const char *entry, const void *arg)
{
    const char *beginning = arg, *at, *behind;
    size_t len = strlen(beginning);

    if (strncmp(entry, beginning, len) != 0)
        return false;
    at = entry + len;
    behind = skip_digits(at);
    if (behind == at)
        return false;
    if (*behind == '-' && skip_digits(behind + 1) > behind + 1)
        behind = skip_digits(behind + 1);
    return strcmp(behind, ".part") == 0;
}

/* Removes what runs that were killed have left of a path. */
static enum haul_err sweep(const char *path)
{
    char beginning[256];
    int dir_len = dir_len_of(path);
    char *name = dir_len ? strndup(path, (size_t)dir_len) : strdup(".");
    DIR *dir;

    if (!name)
        return HAUL_ERR_NOMEM;
    (void)put_beginning(beginning, sizeof beginning, path + dir_len);
    dir = opendir(name); /* if it is not there, the next call says so */
    free(name);
    if (dir)
        haul_temporary_sweep(dir, is_temporary, beginning);
    return HAUL_OK;
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
        file->temporary = temporary_name(path);
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

/*
 * Whether it is written to directly. /dev/stdout and the like are links to a descriptor, which may
 * be a plain file: a file put in place of the link would be in /dev. Another user's link is
 * replaced, wherever it leads.
 */
static bool is_direct(const char *path, const struct stat *info)
{
    struct stat target;

    if (haul_owned_is_descriptor(path))
        return true;
    if (!S_ISLNK(info->st_mode))
        return !S_ISREG(info->st_mode);
    return haul_owned_is_by(info, geteuid()) && stat(path, &target) == 0 &&
           !S_ISREG(target.st_mode);
}

bool haul_newfile_is_direct(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0 && is_direct(path, &info);
}

static enum haul_err open_directly(struct haul_newfile *file, const char *path,
                                   struct haul_owned_found *found)
{
    struct stat info;

    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return HAUL_ERR_IO;
    }
    file->fd = haul_owned_open_stream(path, found);
    if (found->verdict)
        return HAUL_ERR_USAGE;
    return file->fd < 0 ? HAUL_ERR_IO : HAUL_OK;
}

static enum haul_err open_parts(struct haul_newfile *file, const char *path,
                                struct haul_owned_found *found)
{
    struct stat info;

    file->path = strdup(path);
    if (!file->path)
        return HAUL_ERR_NOMEM;
    if (!*path) {
        errno = ENOENT; /* as open(2) says; its temporary would have a name */
        return HAUL_ERR_IO;
    }
    if (lstat(path, &info))
        return open_temporary(file, path);
    if (is_direct(path, &info))
        return open_directly(file, path, found);
    if (haul_owned_may_replace(path, &info))
        return open_temporary(file, path);
    *found = (struct haul_owned_found){.verdict = HAUL_OWNED_OTHERS, .owner = info.st_uid};
    return HAUL_ERR_USAGE;
}

static void add_cause(struct haul_buf *message, enum haul_err err, int error,
                      const struct haul_owned_found *found)
{
    char text[HAUL_IO_ERROR_MAX];

    if (err == HAUL_ERR_USAGE)
        haul_owned_add_cause(message, found);
    else if (err == HAUL_ERR_NOMEM)
        haul_buf_add_str(message, haul_err_text(err));
    else
        haul_buf_add_str(message, haul_io_error_text(error, text));
}

enum haul_err haul_newfile_open(struct haul_newfile *file, const char *path,
                                struct haul_buf *message)
{
    struct haul_owned_found found = {.verdict = HAUL_OWNED_OK};
    enum haul_err err;
    int error;

    *file = (struct haul_newfile){.fd = -1};
    err = open_parts(file, path, &found);
    if (!err)
        return HAUL_OK;
    error = errno;
    haul_buf_addf(message, "%s: cannot be written: ", path);
    add_cause(message, err, error, &found);
    free(file->path);
    free(file->temporary);
    *file = (struct haul_newfile){.fd = -1};
    return err;
}

enum haul_err haul_newfile_delegate(struct haul_newfile *const *files, size_t count, pid_t *process)
{
    struct haul_publisher_file *told = calloc(count + 1, sizeof *told);
    enum haul_err err = HAUL_OK;
    size_t told_count = 0;

    *process = 0;
    if (!told)
        return HAUL_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        if (files[i]->temporary)
            told[told_count++] = (struct haul_publisher_file){.temporary = files[i]->temporary,
                                                              .path = files[i]->path};
    if (told_count)
        err = haul_publisher_start(told, told_count, process);
    for (size_t i = 0, next = 0; i < count && !err; i++)
        if (files[i]->temporary) {
            files[i]->is_delegated = true;
            files[i]->word_fd = told[next++].fd;
        }
    free(told);
    return err;
}

/* Without the process that should do it: it may have done it before it ended. */
static int give_name_alone(struct haul_newfile *file, int lock_fd)
{
    int error;

    file->is_delegated = false;
    close(file->word_fd);
    if (rename(file->temporary, file->path) == 0)
        return 0;
    error = errno;
    if (haul_temporary_is_at(AT_FDCWD, file->path, lock_fd))
        return 0;
    if (haul_temporary_is_at(AT_FDCWD, file->temporary, lock_fd) && haul_temporary_keep(lock_fd)) {
        file->kept = file->temporary;
        file->temporary = NULL;
    }
    errno = error;
    return -1;
}

static int give_name(struct haul_newfile *file, int lock_fd)
{
    int failed = file->is_delegated ? haul_publisher_tell(file->word_fd, HAUL_PUBLISHER_RENAME)
                                    : rename(file->temporary, file->path);

    return failed && errno == ESRCH ? give_name_alone(file, lock_fd) : failed;
}

enum haul_err haul_newfile_publish(struct haul_newfile *file)
{
    /* Closing tells of writes that failed late, but would give up the lock before the name is
     * given: the second descriptor holds it. */
    int lock_fd = file->temporary ? fcntl(file->fd, F_DUPFD_CLOEXEC, 0) : -1;
    int failed = close(file->fd);
    char *kept;
    int error;

    file->fd = -1;
    if (!failed && file->temporary)
        failed = give_name(file, lock_fd);
    error = errno;
    if (!failed && file->temporary) {
        free(file->temporary);
        file->temporary = NULL;
    }
    kept = file->kept;
    file->kept = NULL;
    haul_newfile_discard(file);
    file->kept = kept;
    if (lock_fd >= 0)
        close(lock_fd);
    errno = error;
    return failed ? HAUL_ERR_IO : HAUL_OK;
}

void haul_newfile_add_kept(const struct haul_newfile *file, struct haul_buf *message)
{
    if (file->kept)
        haul_buf_addf(message, "; it is whole, and stays in %s", file->kept);
}

void haul_newfile_discard(struct haul_newfile *file)
{
    if (file->temporary && file->is_delegated)
        (void)haul_publisher_tell(file->word_fd, HAUL_PUBLISHER_REMOVE);
    else if (file->temporary)
        unlink(file->temporary);
    if (file->is_delegated)
        close(file->word_fd);
    if (file->fd >= 0)
        close(file->fd);
    free(file->temporary);
    free(file->kept);
    free(file->path);
    *file = (struct haul_newfile){.fd = -1};
}
