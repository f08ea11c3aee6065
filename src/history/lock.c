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

/* Why the companion is not had. */
struct refusal {
    struct haul_owned_found found;
    int error; /* where `found` says nothing */
};

/* Whoever had it may have removed the file while this process waited: then it locked nothing. */
static bool is_still_there(int fd, const char *path)
{
    struct stat mine, there;

    return fstat(fd, &mine) == 0 && lstat(path, &there) == 0 && mine.st_dev == there.st_dev &&
           mine.st_ino == there.st_ino;
}

static void close_file(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* ---- the companion ---- */

/* -1 with a refusal. */
static int take_once(struct haul_lock *lock, bool wait, struct refusal *why)
{
    const struct haul_owned_how how = {.flags = O_RDWR,
                                       .creates = true,
                                       .mode = haul_owned_lock_mode(lock->path),
                                       .use = HAUL_OWNED_FILE};
    int failed = -1;

    lock->fd = haul_owned_open(lock->path, &how, &why->found);
    if (lock->fd >= 0)
        HAUL_AGAIN(failed, flock(lock->fd, LOCK_EX | (wait ? 0 : LOCK_NB)));
    why->error = failed ? errno : 0;
    return failed;
}

static int take_companion(struct haul_lock *lock, bool wait, struct refusal *why)
{
    int failed;

    do {
        close_file(&lock->fd);
        failed = take_once(lock, wait, why);
    } while (!failed && !is_still_there(lock->fd, lock->path));
    if (failed)
        close_file(&lock->fd);
    return failed;
}

/* ---- the history itself ---- */

/* Locked as far as its file system can: HAUL_ERR_LOCKED, HAUL_ERR_IO with errno. */
static enum haul_err open_database(struct haul_lock *lock, const char *path,
                                   struct haul_owned_found *found)
{
    const struct haul_owned_how how = {.flags = O_RDWR,
                                       .creates = true,
                                       .mode = haul_owned_lock_mode(path),
                                       .use = HAUL_OWNED_FILE};

    close_file(&lock->database_fd);
    lock->database_fd = haul_owned_open(path, &how, found);
    if (found->verdict)
        return HAUL_ERR_USAGE;
    return lock->database_fd < 0 ? HAUL_ERR_IO : HAUL_OK;
}

static enum haul_err take_database(struct haul_lock *lock, const char *path, bool wait,
                                   enum haul_owned_lock *taken, struct haul_owned_found *found)
{
    enum haul_err err;
    long holder;

    do {
        err = open_database(lock, path, found);
        if (err)
            return err;
        while ((*taken = haul_owned_lock_byte(lock->database_fd, &holder)) == HAUL_OWNED_LOCK_BUSY)
            if (!wait || haul_owned_await_byte(lock->database_fd))
                return HAUL_ERR_LOCKED;
    } while (!is_still_there(lock->database_fd, path));
    return HAUL_OK;
}

/* ---- both ---- */

static void add_cause(struct haul_buf *message, const struct haul_owned_found *found, int error)
{
    char text[HAUL_IO_ERROR_MAX];

    if (found->verdict)
        haul_owned_add_cause(message, found);
    else
        haul_buf_add_str(message, haul_io_error_text(error, text));
}

static enum haul_err fail(const char *path, enum haul_err err, const struct haul_owned_found *found,
                          int error, struct haul_buf *message)
{
    if (err == HAUL_ERR_LOCKED)
        return err;
    haul_buf_addf(message, "%s: the history cannot be locked: ", path);
    add_cause(message, found, error);
    return err;
}

/* What is told where the companion is not had; `err`: nor is the history itself. */
static enum haul_err explain(const struct haul_lock *lock, const char *path, enum haul_err err,
                             const struct refusal *why, struct haul_buf *message)
{
    haul_buf_addf(message,
                  err ? "%s: the history cannot be locked: its lock %s cannot be used: "
                      : "%s: the history is locked, but runs of earlier versions do not see that, "
                        "for its lock %s cannot be used: ",
                  path, lock->path);
    add_cause(message, &why->found, why->error);
    return err;
}

static enum haul_err take(struct haul_lock *lock, const char *path, bool wait,
                          struct haul_buf *message)
{
    struct refusal why = {.error = 0};
    struct haul_owned_found found;
    enum haul_owned_lock taken;
    enum haul_err err;

    if (take_companion(lock, wait, &why) && !why.found.verdict && why.error == EWOULDBLOCK)
        return HAUL_ERR_LOCKED;
    err = take_database(lock, path, wait, &taken, &found);
    if (err)
        return fail(path, err, &found, errno, message);
    if (lock->fd >= 0)
        return HAUL_OK;
    if (taken == HAUL_OWNED_LOCK_TAKEN)
        return explain(lock, path, HAUL_OK, &why, message);
    return explain(lock, path, why.found.verdict ? HAUL_ERR_USAGE : HAUL_ERR_IO, &why, message);
}

enum haul_err haul_lock_take(struct haul_lock *lock, const char *path, bool wait,
                             struct haul_buf *message)
{
    static const char suffix[] = "-lock";
    size_t len = strlen(path);
    enum haul_err err;

    *lock = (struct haul_lock){.fd = -1, .database_fd = -1, .path = malloc(len + sizeof suffix)};
    if (!lock->path)
        return HAUL_ERR_NOMEM;
    memcpy(lock->path, path, len);
    memcpy(lock->path + len, suffix, sizeof suffix);
    err = take(lock, path, wait, message);
    if (err)
        haul_lock_release(lock);
    return err;
}

void haul_lock_release(struct haul_lock *lock)
{
    if (lock->fd >= 0)
        unlink(lock->path);
    close_file(&lock->fd);
    close_file(&lock->database_fd);
    free(lock->path);
    lock->path = NULL;
}
