/* pipe2; syscall: not every C library has close_range */
#define _GNU_SOURCE
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/again.h"
#include "base/privilege.h"

enum { DESCRIPTORS_MAX = 1 << 20 }; /* that the kernel gives to one process, unless it is told */

/* Nobody waits for ever for a child that is lost in a loop. The kernel kills it. */
static void limit_time(void)
{
    const struct rlimit seconds = {HAUL_CHILD_CPU_MAX, HAUL_CHILD_CPU_MAX};

    (void)setrlimit(RLIMIT_CPU, &seconds);
}

/* Until the other end is closed, or there is no room. */
static ssize_t read_all(int fd, char *answer, size_t size)
{
    size_t len = 0;
    ssize_t got;

    do {
        HAUL_AGAIN(got, read(fd, answer + len, size - len));
        len += got > 0 ? (size_t)got : 0;
    } while (got > 0 && len < size);
    return got < 0 ? -1 : (ssize_t)len;
}

ssize_t haul_child_ask(haul_child_work_fn *work, void *arg, void *answer, size_t size)
{
    int told[2], waited, error;
    ssize_t got = -1;
    pid_t child;

    if (pipe2(told, O_CLOEXEC))
        return -1;
    child = fork();
    error = errno;
    if (!child) {
        limit_time();
        haul_privilege_hide(); /* a core file would hold all that its parent knows */
        work(told[1], arg);
        _exit(0);
    }
    close(told[1]);
    if (child > 0) {
        got = read_all(told[0], answer, size);
        error = errno;
    }
    close(told[0]); /* before it is waited for: it may have more to say than there is room for */
    if (child > 0)
        HAUL_AGAIN(waited, waitpid(child, NULL, 0));
    errno = error;
    return got;
}

bool haul_child_survives(haul_child_work_fn *work, void *arg)
{
    char byte;
    ssize_t said;

    if (prctl(PR_GET_SECCOMP) <= 0)
        return true;
    said = haul_child_ask(work, arg, &byte, 1);
    if (!said)
        errno = EPERM;
    return said == 1;
}

/* Older kernels have no call for that, and filters may refuse it. */
static void close_from(int first)
{
    struct rlimit limit = {.rlim_cur = DESCRIPTORS_MAX};

    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
        return;
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = first; fd < DESCRIPTORS_MAX && (rlim_t)fd < limit.rlim_cur; fd++)
        (void)close(fd);
}

bool haul_child_keep_only(int *fd, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fd[i] = fcntl(fd[i], F_DUPFD, (int)count);
        if (fd[i] < 0)
            return false;
    }
    for (size_t i = 0; i < count; i++)
        if (dup2(fd[i], (int)i) < 0)
            return false;
    close_from((int)count);
    return true;
}
