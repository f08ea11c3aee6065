#include "base/wake.h"

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/eventfd.h>

enum haul_err haul_wake_init(struct haul_wake *wake)
{
    wake->read_fd = wake->write_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return wake->read_fd < 0 ? HAUL_ERR_SYSTEM : HAUL_OK;
}

#else

static int make_quiet(int fd)
{
    return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? -1 : 0;
}

enum haul_err haul_wake_init(struct haul_wake *wake)
{
    int fd[2];

    wake->read_fd = wake->write_fd = -1;
    if (pipe(fd))
        return HAUL_ERR_SYSTEM;
    wake->read_fd = fd[0];
    wake->write_fd = fd[1];
    return make_quiet(fd[0]) || make_quiet(fd[1]) ? HAUL_ERR_SYSTEM : HAUL_OK;
}

#endif

void haul_wake_done(struct haul_wake *wake)
{
    if (wake->read_fd >= 0)
        close(wake->read_fd);
    if (wake->write_fd >= 0 && wake->write_fd != wake->read_fd)
        close(wake->write_fd);
    wake->read_fd = wake->write_fd = -1;
}

void haul_wake_up(const struct haul_wake *wake)
{
    const uint64_t one = 1;

    /* A full pipe or counter is readable already. */
    if (write(wake->write_fd, &one, sizeof one) < 0)
        return;
}

void haul_wake_clear(const struct haul_wake *wake)
{
    uint64_t bytes[8];

    while (read(wake->read_fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes)
        ;
}
