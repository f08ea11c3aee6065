/* MSG_CMSG_CLOEXEC */
#define _GNU_SOURCE
#include "base/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/again.h"
#include "base/child.h"

struct haul_opener {
    char **name; /* [const after start] */
    size_t count;
    pid_t process;
    int fd; /* of a pair of sockets: numbers of names go there, answers come */
};

/* Beside a descriptor, if there is one. */
struct answer {
    int error; /* 0, or an errno */
};

/* What a message holds that carries one descriptor (cmsg(3)). */
union parcel {
    struct cmsghdr head; /* for its alignment */
    char bytes[CMSG_SPACE(sizeof(int))];
};

/* ---- the process outside ---- */

static void give(int to, int fd, int error)
{
    struct answer answer = {.error = error};
    union parcel parcel = {.bytes = ""};
    struct iovec part = {.iov_base = &answer, .iov_len = sizeof answer};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (fd >= 0) {
        message.msg_control = parcel.bytes;
        message.msg_controllen = sizeof parcel.bytes;
        *CMSG_FIRSTHDR(&message) = (struct cmsghdr){
            .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &fd, sizeof fd);
    }
    (void)sendmsg(to, &message, MSG_NOSIGNAL);
}

static void answer(const struct haul_opener *opener, int to, uint32_t number)
{
    int fd = -1;

    errno = EACCES;
    if (number < opener->count)
        HAUL_AGAIN(fd, open(opener->name[number], O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    give(to, fd, fd < 0 ? errno : 0);
    if (fd >= 0)
        close(fd);
}

/* What it says first is that it is ready. Signals for haul are often sent to its group. */
static void serve(const struct haul_opener *opener, int fd)
{
    uint32_t number;
    sigset_t all;

    sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    if (haul_child_keep_only(&fd, 1)) {
        give(STDIN_FILENO, -1, 0);
        while (recv(STDIN_FILENO, &number, sizeof number, 0) == (ssize_t)sizeof number)
            answer(opener, STDIN_FILENO, number);
    }
    _exit(0);
}

/* ---- the process inside ---- */

static enum haul_err copy_names(struct haul_opener *opener, const char *const *names, size_t count)
{
    opener->name = calloc(count ? count : 1, sizeof *opener->name);
    if (!opener->name)
        return HAUL_ERR_NOMEM;
    for (; opener->count < count; opener->count++) {
        opener->name[opener->count] = strdup(names[opener->count]);
        if (!opener->name[opener->count])
            return HAUL_ERR_NOMEM;
    }
    return HAUL_OK;
}

/* Whether it is ready: 0, or an errno. */
static int hear(int fd)
{
    struct answer ready;
    ssize_t got;

    HAUL_AGAIN(got, recv(fd, &ready, sizeof ready, 0));
    return got == (ssize_t)sizeof ready ? ready.error : ESRCH;
}

static enum haul_err start(struct haul_opener *opener)
{
    int pair[2], error;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return HAUL_ERR_SYSTEM;
    opener->process = fork();
    error = errno;
    if (!opener->process) {
        close(pair[0]);
        serve(opener, pair[1]);
    }
    close(pair[1]);
    opener->fd = pair[0];
    if (opener->process > 0)
        error = hear(opener->fd);
    errno = error;
    return opener->process < 0 || error ? HAUL_ERR_SYSTEM : HAUL_OK;
}

enum haul_err haul_opener_start(const char *const *names, size_t count, struct haul_opener **out)
{
    struct haul_opener *opener = calloc(1, sizeof *opener);
    enum haul_err err;
    int error;

    *out = NULL;
    if (!opener)
        return HAUL_ERR_NOMEM;
    opener->fd = -1;
    opener->process = -1;
    err = copy_names(opener, names, count);
    if (!err)
        err = start(opener);
    if (!err) {
        *out = opener;
        return HAUL_OK;
    }
    error = errno;
    haul_opener_free(opener);
    errno = error;
    return err;
}

/* -1 with errno: what was answered, or EIO. */
static int take(int from)
{
    struct answer answer;
    union parcel parcel;
    struct iovec part = {.iov_base = &answer, .iov_len = sizeof answer};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = parcel.bytes,
                             .msg_controllen = sizeof parcel.bytes};
    struct cmsghdr *head;
    ssize_t got;
    int fd = -1;

    HAUL_AGAIN(got, recvmsg(from, &message, MSG_CMSG_CLOEXEC));
    head = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (head && head->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(head), sizeof fd);
    else if (got == (ssize_t)sizeof answer && answer.error)
        errno = answer.error;
    else
        errno = EIO;
    return fd;
}

int haul_opener_open(const struct haul_opener *opener, const char *name)
{
    uint32_t number = 0;
    ssize_t sent;

    while (number < opener->count && strcmp(opener->name[number], name) != 0)
        number++;
    HAUL_AGAIN(sent, send(opener->fd, &number, sizeof number, MSG_NOSIGNAL));
    if (sent == (ssize_t)sizeof number)
        return take(opener->fd);
    errno = EIO;
    return -1;
}

void haul_opener_free(struct haul_opener *opener)
{
    int waited;

    if (!opener)
        return;
    if (opener->fd >= 0)
        close(opener->fd);
    if (opener->process > 0)
        HAUL_AGAIN(waited, waitpid(opener->process, NULL, 0));
    for (size_t i = 0; i < opener->count; i++)
        free(opener->name[i]);
    free(opener->name);
    free(opener);
}
