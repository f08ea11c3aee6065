/* pipe2 */
#define _GNU_SOURCE
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/again.h"
#include "base/privilege.h"

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
