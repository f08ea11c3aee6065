#ifndef HAUL_INPUT_READER_H
#define HAUL_INPUT_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/charset.h"
#include "base/opener.h"
#include "haul/err.h"
#include "input/unpack.h"

/*
 * The bytes of a file, pipe, terminal or device as they come, unpacked if they are compressed
 * (unpack.h), and made UTF-8 if that is asked for (charset.h): what lists and sitemaps are read
 * from. Memory is one piece as read, and theirs.
 *
 * The order of calls: init; open or adopt; next; close. After close another one may be opened. All
 * of them are made by one thread.
 */

/* Why haul_reader_next failed. */
enum haul_reader_fault {
    HAUL_READER_WAIT_FAILED, /* poll(2); `error` says why */
    HAUL_READER_READ_FAILED, /* read(2); `error` says why */
    HAUL_READER_DAMAGED,     /* the compressed data are */
    HAUL_READER_CUT,         /* the compressed data end before their end */
    HAUL_READER_FOLLOWED,    /* there is something else behind their end */
    HAUL_READER_BOMB,        /* they unpack to too much: HAUL_UNPACK_RATIO_FROM */
    HAUL_READER_GREEDY,      /* they ask for more than HAUL_UNPACK_MEMORY_MAX */
    HAUL_READER_CHARSET      /* the text is damaged, or in a character set that is not read */
};

enum { HAUL_READER_SIZE = 65536 };

struct haul_reader {
    int fd;        /* -1: none is open */
    int wake_fd;   /* [const after open] */
    int nudge_fd;  /* as told at haul_reader_next; -1: none; the caller's, to be set after open */
    bool may_wait; /* [const after open] a read can block without end */
    bool is_text;  /* UTF-16 is made UTF-8; the caller's, to be set after open; false: it is not */
    bool has_begun;
    bool has_ended;                   /* no more bytes will come */
    const struct haul_coding *coding; /* or NULL: the bytes are not compressed */
    struct haul_unpack *unpack;       /* if they are */
    size_t plain_len;                 /* if they are not: bytes read and not yet given */
    size_t begun_len;                 /* bytes read while it is not known whether they are */
    struct haul_charset charset;
    enum haul_reader_fault fault;
    int error; /* an errno, of `fault`; 0: the data are at fault */
    char bytes[HAUL_READER_SIZE];
};

/* What messages call the file `name`: "standard input" for "-". Gives `name` or a constant. */
const char *haul_reader_shown_name(const char *name);

/* Makes a reader that has nothing open. Allocates nothing. */
void haul_reader_init(struct haul_reader *reader);

/*
 * Begins with the file `name`, "-" being standard input. Waits for nothing, not even for the writer
 * of a FIFO. What may not be opened here, because this process is in a sandbox, is asked of
 * `opener`; NULL: there is none. While haul_reader_next waits for bytes, `wake_fd` ends that by
 * being readable. Returns 0 or an errno; then nothing is open.
 */
int haul_reader_open(struct haul_reader *reader, const struct haul_opener *opener, const char *name,
                     int wake_fd);

/* Begins with a descriptor, which haul_reader_close closes. */
void haul_reader_adopt(struct haul_reader *reader, int fd, int wake_fd);

/* Closes what is open, if anything; standard input stays open. */
void haul_reader_close(struct haul_reader *reader);

/*
 * Gives the next piece, valid until the next call. Blocks where a read can, for `patience_ms` at
 * most; -1: until bytes come or `wake_fd` or `nudge_fd` is readable.
 *
 * HAUL_OK: *len bytes; none: there were none for so long. HAUL_ERR_END: all were given.
 * HAUL_ERR_AGAIN: nudged; nothing has changed. HAUL_ERR_CLOSED: woken, even if there are bytes,
 * too. HAUL_ERR_IO: `fault` says what failed. HAUL_ERR_NOMEM. After the last three the reader can
 * only be closed.
 */
HAUL_MUST_USE enum haul_err haul_reader_next(struct haul_reader *reader, int patience_ms,
                                             const char **bytes, size_t *len);

/* After HAUL_ERR_IO: appends what failed and why, as a phrase. */
void haul_reader_add_fault(const struct haul_reader *reader, struct haul_buf *text);

#endif
