#include "base/io.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Whether a failed write(2) may be tried again: at once, or when the descriptor takes bytes. */
static bool may_retry(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    if (errno == EINTR)
        return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        return false;
    return poll(&ready, 1, -1) >= 0 || errno == EINTR;
}

int haul_io_write_all(int fd, const void *bytes, size_t len, size_t *written)
{
    const char *at = bytes;
    size_t done = 0;
    int error = 0;

    while (done < len && !error) {
        ssize_t taken = write(fd, at + done, len - done);

        if (taken > 0)
            done += (size_t)taken;
        else if (taken == 0)
            error = EIO;
        else if (!may_retry(fd))
            error = errno;
    }
    if (written)
        *written = done;
    return error;
}

const char *haul_io_error_text(int error, char text[HAUL_IO_ERROR_MAX])
{
    if (strerror_r(error, text, HAUL_IO_ERROR_MAX))
        snprintf(text, HAUL_IO_ERROR_MAX, "error %d", error);
    return text;
}
