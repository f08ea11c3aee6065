#include "base/publisher.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/again.h"
#include "base/child.h"

/* ---- the process outside ---- */

static bool say(int fd, int error)
{
    return send(fd, &error, sizeof error, MSG_NOSIGNAL) == (ssize_t)sizeof error;
}

/* False: its parent has closed the other end. */
static bool answer(const struct haul_publisher_file *file, int fd)
{
    char word;
    int failed = -1;

    if (recv(fd, &word, sizeof word, 0) != (ssize_t)sizeof word)
        return false;
    errno = EINVAL;
    if (word == HAUL_PUBLISHER_RENAME)
        HAUL_AGAIN(failed, rename(file->temporary, file->path));
    else if (word == HAUL_PUBLISHER_REMOVE)
        HAUL_AGAIN(failed, unlink(file->temporary));
    return say(fd, failed ? errno : 0);
}

/* What it says first is that it is ready. Signals for haul are often sent to its group: this
 * process ends after its parent. */
static _Noreturn void serve(const struct haul_publisher_file *file, int *fd, struct pollfd *wait,
                            size_t count)
{
    size_t open = count;
    sigset_t all;

    sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    if (!haul_child_keep_only(fd, count) || !say(0, 0))
        _exit(1);
    for (size_t i = 0; i < count; i++)
        wait[i] = (struct pollfd){.fd = (int)i, .events = POLLIN};
    while (open && (poll(wait, (nfds_t)count, -1) >= 0 || errno == EINTR))
        for (size_t i = 0; i < count; i++)
            if (wait[i].fd >= 0 && wait[i].revents && !answer(&file[i], wait[i].fd)) {
                wait[i].fd = -1;
                open--;
            }
    _exit(0);
}

/* ---- the process inside ---- */

static void close_all(const int *fd, size_t count)
{
    int error = errno;

    for (size_t i = 0; i < count; i++)
        close(fd[i]);
    errno = error;
}

static void close_ends(const struct haul_publisher_file *file, size_t count)
{
    int error = errno;

    for (size_t i = 0; i < count; i++)
        close(file[i].fd);
    errno = error;
}

/* The other ends into `fd`. On failure none is open. */
static bool make_pairs(struct haul_publisher_file *file, int *fd, size_t count)
{
    int pair[2];

    for (size_t i = 0; i < count; i++) {
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
            close_all(fd, i);
            close_ends(file, i);
            return false;
        }
        file[i].fd = pair[0];
        fd[i] = pair[1];
    }
    return true;
}

/* What the process says there: 0 or an errno; ESRCH: it is gone. */
static int hear(int fd)
{
    int error;
    ssize_t got;

    HAUL_AGAIN(got, recv(fd, &error, sizeof error, 0));
    return got == (ssize_t)sizeof error ? error : ESRCH;
}

/* Starts it, and waits until it is ready. Otherwise it is gone, and errno says why. */
static bool begin(const struct haul_publisher_file *file, int *fd, struct pollfd *wait,
                  size_t count, pid_t *process)
{
    int error;

    *process = fork();
    error = errno;
    if (!*process)
        serve(file, fd, wait, count);
    close_all(fd, count);
    if (*process > 0)
        error = hear(file[0].fd);
    if (*process > 0 && !error)
        return true;
    close_ends(file, count);
    haul_publisher_wait(*process);
    errno = error;
    return false;
}

enum haul_err haul_publisher_start(struct haul_publisher_file *file, size_t count, pid_t *process)
{
    int *fd = calloc(count, sizeof *fd);
    struct pollfd *wait = calloc(count, sizeof *wait);
    enum haul_err err = fd && wait ? HAUL_OK : HAUL_ERR_NOMEM;

    if (!err && !(make_pairs(file, fd, count) && begin(file, fd, wait, count, process)))
        err = HAUL_ERR_SYSTEM;
    if (err)
        *process = 0;
    free(fd);
    free(wait);
    return err;
}

int haul_publisher_tell(int fd, enum haul_publisher_word word)
{
    const char byte = (char)word;
    ssize_t done;
    int error = ESRCH;

    HAUL_AGAIN(done, send(fd, &byte, sizeof byte, MSG_NOSIGNAL));
    if (done == (ssize_t)sizeof byte)
        error = hear(fd);
    errno = error;
    return error ? -1 : 0;
}

void haul_publisher_wait(pid_t process)
{
    int waited;

    if (process > 0)
        HAUL_AGAIN(waited, waitpid(process, NULL, 0));
}
