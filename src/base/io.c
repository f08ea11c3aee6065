#include "base/io.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/again.h"

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

/* ---- readers ---- */

static bool has_reader(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode);
}

/* Waits until the reader takes bytes. False: it does not, and nobody waits for it any longer. */
static bool await_reader(int fd, int end)
{
    struct pollfd ready[] = {{.fd = fd, .events = POLLOUT}, {.fd = end, .events = POLLIN}};
    int count;

    HAUL_AGAIN(count, poll(ready, 2, -1));
    if (count < 0 || ready[0].revents)
        return true; /* what is wrong with it, write(2) tells */
    HAUL_AGAIN(count, poll(ready, 1, HAUL_IO_LAST_MS));
    return count != 0;
}

int haul_io_write_until(int fd, const void *bytes, size_t len, int end)
{
    const char *at = bytes;
    int error = 0;

    if (end < 0 || !has_reader(fd))
        return haul_io_write_all(fd, bytes, len, NULL);
    while (len && !error) {
        size_t piece = len < PIPE_BUF ? len : PIPE_BUF;

        error = await_reader(fd, end) ? haul_io_write_all(fd, at, piece, NULL) : ECANCELED;
        at += piece;
        len -= piece;
    }
    return error;
}

bool haul_io_write_now(int fd, const void *bytes, size_t len)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    return len <= PIPE_BUF && poll(&ready, 1, 0) == 1 && !haul_io_write_all(fd, bytes, len, NULL);
}

const char *haul_io_error_text(int error, char text[HAUL_IO_ERROR_MAX])
{
    if (strerror_r(error, text, HAUL_IO_ERROR_MAX))
        snprintf(text, HAUL_IO_ERROR_MAX, "error %d", error);
    return text;
}
