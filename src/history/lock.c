#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/again.h"
#include "base/io.h"
#include "base/owned.h"
#include "history/store_inside.h"

/*
 * The user has named the history, and knows no companion; but it may be the companion that is odd.
 */
static enum haul_err fail(struct haul_lock *lock, const char *path, struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];
    int error = errno;

    if (error != EWOULDBLOCK)
        haul_buf_addf(message, "%s: the history cannot be locked: %s", path,
                      haul_io_error_text(error, text));
    if (error != EWOULDBLOCK && error != ENOENT)
        haul_buf_addf(message, " (its lock is %s)", lock->path);
    return error == EWOULDBLOCK ? HAUL_ERR_LOCKED : HAUL_ERR_IO;
}

static enum haul_err refuse(const struct haul_lock *lock, const char *path,
                            const struct haul_owned_found *found, struct haul_buf *message)
{
    haul_buf_addf(message, "%s: the history cannot be locked: its lock %s cannot be used: ", path,
                  lock->path);
    haul_owned_add_cause(message, found);
    return HAUL_ERR_USAGE;
}

/* Whoever had it may have removed the file while this process waited: then it locked nothing. */
static bool is_still_there(const struct haul_lock *lock)
{
    struct stat mine, there;

    return fstat(lock->fd, &mine) == 0 && lstat(lock->path, &there) == 0 &&
           mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

static enum haul_err take_once(struct haul_lock *lock, const char *path, bool wait,
                               struct haul_buf *message)
{
    const struct haul_owned_how how = {
        .flags = O_RDWR, .creates = true, .mode = 0600, .use = HAUL_OWNED_FILE};
    struct haul_owned_found found;
    int failed;

    lock->fd = haul_owned_open(lock->path, &how, &found);
    if (found.verdict)
        return refuse(lock, path, &found, message);
    if (lock->fd < 0)
        return fail(lock, path, message);
    HAUL_AGAIN(failed, flock(lock->fd, LOCK_EX | (wait ? 0 : LOCK_NB)));
    return failed ? fail(lock, path, message) : HAUL_OK;
}

static void close_lock(struct haul_lock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    lock->fd = -1;
}

enum haul_err haul_lock_take(struct haul_lock *lock, const char *path, bool wait,
                             struct haul_buf *message)
{
    static const char suffix[] = "-lock";
    size_t len = strlen(path);
    enum haul_err err = HAUL_OK;

    *lock = (struct haul_lock){.fd = -1, .path = malloc(len + sizeof suffix)};
    if (!lock->path)
        return HAUL_ERR_NOMEM;
    memcpy(lock->path, path, len);
    memcpy(lock->path + len, suffix, sizeof suffix);
    do {
        close_lock(lock);
        err = take_once(lock, path, wait, message);
    } while (!err && !is_still_there(lock));
    if (!err)
        return HAUL_OK;
    close_lock(lock);
    free(lock->path);
    lock->path = NULL;
    return err;
}

void haul_lock_release(struct haul_lock *lock)
{
    if (lock->fd >= 0)
        unlink(lock->path);
    close_lock(lock);
    free(lock->path);
    lock->path = NULL;
}
