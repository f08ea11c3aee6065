/* realpath */
#define _XOPEN_SOURCE 700 /* NOLINT: the name that the C library gives */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/again.h"

enum { TERMINAL_PIECE = 256 };

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

/*
 * So much is taken at once where poll(2) says that anything is. A terminal of Linux that has room
 * has it for 256 bytes without a newline or tab, and for one of these.
 */
static size_t piece_for(const char *bytes, size_t len, bool is_terminal)
{
    size_t most = is_terminal ? TERMINAL_PIECE : PIPE_BUF, piece = 0;

    if (len < most)
        most = len;
    if (!is_terminal)
        return most;
    while (piece < most && bytes[piece] != '\n' && bytes[piece] != '\t')
        piece++;
    return piece ? piece : 1;
}

/* 0: there is none who could keep it waiting. */
static uintmax_t reader_of(int fd)
{
    struct stat status;

    if (fstat(fd, &status) || S_ISREG(status.st_mode) || S_ISBLK(status.st_mode))
        return 0;
    return (((uintmax_t)status.st_dev << 40 ^ (uintmax_t)status.st_ino) << 1) | 1;
}

/* Waits until the reader takes bytes. False: it does not, and nobody waits for it any longer. */
static bool await_reader(int fd, uintmax_t reader, struct haul_patience *patience)
{
    struct pollfd ready[] = {{.fd = fd, .events = POLLOUT},
                             {.fd = patience->end, .events = POLLIN}};
    int count;

    HAUL_AGAIN(count, poll(ready, 2, -1));
    if (count < 0 || ready[0].revents)
        return true; /* what is wrong with it, write(2) tells */
    HAUL_AGAIN(count, poll(ready, 1, patience->left == reader ? 0 : HAUL_IO_LAST_MS));
    if (!count)
        patience->left = reader;
    return count != 0;
}

int haul_io_write_until(int fd, const void *bytes, size_t len, struct haul_patience *patience)
{
    const char *at = bytes;
    uintmax_t reader = patience ? reader_of(fd) : 0;
    bool is_terminal;
    int error = 0;

    if (!reader)
        return haul_io_write_all(fd, bytes, len, NULL);
    is_terminal = isatty(fd);
    while (len && !error) {
        size_t piece = piece_for(at, len, is_terminal);

        error =
            await_reader(fd, reader, patience) ? haul_io_write_all(fd, at, piece, NULL) : ECANCELED;
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

char *haul_io_directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
}

char *haul_io_follow(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode) ? realpath(path, NULL) : NULL;
}

void haul_io_sync_directory_of(const char *path)
{
    char *name = haul_io_directory_of(path);
    int fd = name ? open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(name);
}

const char *haul_io_error_text(int error, char text[HAUL_IO_ERROR_MAX])
{
    if (strerror_r(error, text, HAUL_IO_ERROR_MAX))
        snprintf(text, HAUL_IO_ERROR_MAX, "error %d", error);
    return text;
}
