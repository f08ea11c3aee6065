#include "journal/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/again.h"

enum {
    BLOCK = 1 << 20,
    NEAR = 128 << 10, /* bytes that are read at a time if lines are asked for nearly in order */
    SINGLE = 4 << 10  /* the same if not */
};

struct haul_journal_scan {
    int fd;          /* the caller's */
    uint64_t end;    /* bytes to be read in all */
    uint64_t at;     /* file offset of the next byte to be read into data */
    uint64_t number; /* lines given */
    char *data;
    size_t cap;    /* bytes allocated */
    size_t from;   /* the next line begins here */
    size_t to;     /* bytes in data */
    uint64_t lost; /* bytes of the current line that were dropped because it is too long */
};

enum haul_err haul_journal_scan_create(int fd, uint64_t end, struct haul_journal_scan **out)
{
    struct haul_journal_scan *scan = calloc(1, sizeof *scan);

    *out = scan;
    if (!scan)
        return HAUL_ERR_NOMEM;
    *scan = (struct haul_journal_scan){.fd = fd, .end = end, .cap = BLOCK, .data = malloc(BLOCK)};
    return scan->data ? HAUL_OK : HAUL_ERR_NOMEM;
}

void haul_journal_scan_free(struct haul_journal_scan *scan)
{
    if (!scan)
        return;
    free(scan->data);
    free(scan);
}

/* Room for more behind a line that fills the buffer: twice as much, up to what a line may have. */
static enum haul_err make_room(struct haul_journal_scan *scan)
{
    char *data;

    if (scan->from) {
        memmove(scan->data, scan->data + scan->from, scan->to - scan->from);
        scan->to -= scan->from;
        scan->from = 0;
    }
    if (scan->to < scan->cap)
        return HAUL_OK;
    if (scan->cap >= HAUL_JOURNAL_LINE_MAX) {
        scan->lost += scan->to;
        scan->to = 0;
        return HAUL_OK;
    }
    data = realloc(scan->data, scan->cap * 2);
    if (!data)
        return HAUL_ERR_NOMEM;
    scan->data = data;
    scan->cap *= 2;
    return HAUL_OK;
}

/* Reads on. HAUL_ERR_END: nothing more. */
static enum haul_err read_more(struct haul_journal_scan *scan)
{
    enum haul_err err = make_room(scan);
    size_t room = scan->cap - scan->to;
    ssize_t got;

    if (err)
        return err;
    if (scan->end - scan->at < room)
        room = (size_t)(scan->end - scan->at);
    if (!room)
        return HAUL_ERR_END;
    HAUL_AGAIN(got, pread(scan->fd, scan->data + scan->to, room, (off_t)scan->at));
    if (got <= 0)
        return got ? HAUL_ERR_IO : HAUL_ERR_END;
    scan->to += (size_t)got;
    scan->at += (uint64_t)got;
    return HAUL_OK;
}

/* Hands out the line that ends at `stop`, and moves behind it. */
static enum haul_err give(struct haul_journal_scan *scan, size_t stop, bool is_whole,
                          struct haul_journal_span *out)
{
    enum haul_err err = HAUL_ERR_SYNTAX;

    *out = (struct haul_journal_span){.text = scan->data + scan->from,
                                      .len = stop - scan->from,
                                      .number = ++scan->number,
                                      .is_whole = is_whole};
    out->size = scan->lost + out->len + is_whole;
    out->offset = scan->at - (scan->to - scan->from) - scan->lost;
    if (is_whole && !scan->lost)
        err = haul_journal_peek(out->text, out->len, &out->mark);
    out->is_sound = err == HAUL_OK;
    scan->from = stop + is_whole;
    scan->lost = 0;
    return err == HAUL_ERR_NOMEM ? err : HAUL_OK;
}

enum haul_err haul_journal_scan_next(struct haul_journal_scan *scan, struct haul_journal_span *out)
{
    size_t seen = 0; /* bytes of this line that hold no newline */
    uint64_t lost;
    enum haul_err err;

    for (;;) {
        const char *begin = scan->data + scan->from;
        const char *newline = memchr(begin + seen, '\n', scan->to - scan->from - seen);

        if (newline)
            return give(scan, (size_t)(newline - scan->data), true, out);
        seen = scan->to - scan->from;
        lost = scan->lost;
        err = read_more(scan);
        if (err == HAUL_ERR_END && (seen || scan->lost))
            return give(scan, scan->to, false, out);
        if (err)
            return err;
        if (scan->lost != lost)
            seen = 0;
    }
}

/* ---- whose a file is ---- */

static bool is_first_of_run(const struct haul_journal_span *span)
{
    return span->is_sound && span->mark.kind != HAUL_JOURNAL_FOOTER;
}

/* Of a line that is neither: whether it may be haul's, if what follows is. */
static bool may_be_own(const struct haul_journal_span *span)
{
    bool is_all_there = span->size == span->len + span->is_whole;

    return span->is_whole &&
           (span->is_sound ||
            (is_all_there && haul_journal_begins_as_header(span->text, span->len)));
}

static enum haul_err read_verdict(struct haul_journal_scan *scan, bool *is_own)
{
    struct haul_journal_span span;
    enum haul_err err = haul_journal_scan_next(scan, &span);

    *is_own = err == HAUL_ERR_END;
    if (err)
        return *is_own ? HAUL_OK : err;
    if (!span.is_whole && span.size == span.len)
        *is_own = haul_journal_is_torn_header(span.text, span.len);
    if (!may_be_own(&span))
        return HAUL_OK;
    while (!err && !(*is_own = is_first_of_run(&span)))
        err = haul_journal_scan_next(scan, &span);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

enum haul_err haul_journal_scan_is_own(int fd, uint64_t size, bool *is_own)
{
    struct haul_journal_scan *scan;
    enum haul_err err = haul_journal_scan_create(fd, size, &scan);

    *is_own = false;
    if (!err)
        err = read_verdict(scan, is_own);
    haul_journal_scan_free(scan);
    return err;
}

/* ---- lines by where they begin ---- */

void haul_journal_window_init(struct haul_journal_window *window)
{
    window->fd = -1;
    haul_buf_init(&window->bytes, 0);
}

/* Makes the window begin at an offset and be `size` bytes large, or what the file has. */
static enum haul_err load(struct haul_journal_window *window, int fd, uint64_t offset, size_t size)
{
    struct haul_buf *bytes = &window->bytes;
    ssize_t got = 1;

    haul_buf_clear(bytes);
    window->fd = fd;
    window->offset = offset;
    while (bytes->len < size && got > 0) {
        size_t left = size - bytes->len;
        char *to = haul_buf_reserve(bytes, left);

        if (!to)
            return HAUL_ERR_NOMEM;
        HAUL_AGAIN(got, pread(fd, to, left, (off_t)(offset + bytes->len)));
        if (got < 0)
            return HAUL_ERR_IO;
        haul_buf_grew(bytes, (size_t)got);
    }
    return HAUL_OK;
}

/* The line at an offset, if all of it is in the window; NULL: it is not. */
static const char *look(const struct haul_journal_window *window, int fd, uint64_t offset,
                        size_t *len)
{
    uint64_t from = offset - window->offset;
    const char *begin, *newline;

    if (fd != window->fd || offset < window->offset || from >= window->bytes.len)
        return NULL;
    begin = window->bytes.data + from;
    newline = memchr(begin, '\n', window->bytes.len - (size_t)from);
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
    uint64_t end = window->offset + window->bytes.len;
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
        if (window->bytes.len < size)
            break;
    }
    errno = err || *line ? errno : 0;
    return err || *line ? err : HAUL_ERR_IO;
}
