#include "journal/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/again.h"
#include "journal/line.h"

enum {
    NEAR = 128 << 10, /* bytes that are read at a time if lines are asked for nearly in order */
    SINGLE = 4 << 10  /* the same if not */
};

void haul_journal_window_init(struct haul_journal_window *window)
{
    *window = (struct haul_journal_window){.fd = -1};
}

void haul_journal_window_done(struct haul_journal_window *window)
{
    free(window->bytes);
}

/* Makes the window begin at an offset and be `size` bytes large, or what the file has. */
static enum haul_err load(struct haul_journal_window *window, int fd, uint64_t offset, size_t size)
{
    ssize_t got = 1;

    if (size > window->cap) {
        char *bytes = realloc(window->bytes, size);

        if (!bytes)
            return HAUL_ERR_NOMEM;
        window->bytes = bytes;
        window->cap = size;
    }
    window->fd = fd;
    window->offset = offset;
    for (window->len = 0; window->len < size && got > 0; window->len += (size_t)got) {
        HAUL_AGAIN(got, pread(fd, window->bytes + window->len, size - window->len,
                              (off_t)(offset + window->len)));
        if (got < 0)
            return HAUL_ERR_IO;
    }
    return HAUL_OK;
}

/* The line at an offset, if all of it is in the window; NULL: it is not. */
static const char *look(const struct haul_journal_window *window, int fd, uint64_t offset,
                        size_t *len)
{
    uint64_t from = offset - window->offset;
    const char *begin, *newline;

    if (fd != window->fd || offset < window->offset || from >= window->len)
        return NULL;
    begin = window->bytes + from;
    newline = memchr(begin, '\n', window->len - (size_t)from);
    *len = newline ? (size_t)(newline - begin) : 0;
    return newline ? begin : NULL;
}

/*
 * How much to read for the line at an offset, and from where. Workers finish nearly in the order of
 * the list, so the next line asked for is mostly a little before or behind. If it is not, the list
 * is in another order, and more than one line would be read in vain.
 */
static size_t choose(const struct haul_journal_window *window, int fd, uint64_t offset,
                     uint64_t *from)
{
    uint64_t end = window->offset + window->len;
    bool is_near = fd == window->fd && offset < end + NEAR && end < offset + 2 * NEAR;

    *from = offset;
    if (!is_near)
        return SINGLE;
    *from -= offset < NEAR / 4 ? offset : NEAR / 4;
    return NEAR;
}

enum haul_err haul_journal_window_find(struct haul_journal_window *window, int fd, uint64_t offset,
                                       const char **line, size_t *len)
{
    enum haul_err err = HAUL_OK;
    uint64_t from;
    size_t size = choose(window, fd, offset, &from);

    *line = look(window, fd, offset, len);
    for (; !*line && !err && size <= 2 * HAUL_JOURNAL_LINE_MAX; size *= 4) {
        err = load(window, fd, from, size);
        if (!err)
            *line = look(window, fd, offset, len);
        if (window->len < size)
            break;
    }
    errno = err || *line ? errno : 0;
    return err || *line ? err : HAUL_ERR_IO;
}
