#include "input/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

void haul_reader_init(struct haul_reader *reader)
{
    reader->fd = -1;
    reader->coding = NULL;
    reader->unpack = NULL;
    haul_charset_init(&reader->charset);
}

const char *haul_reader_shown_name(const char *name)
{
    return strcmp(name, "-") == 0 ? "standard input" : name;
}

/* Returns the errno of a descriptor that cannot be asked what it is; it has begun all the same. */
static int begin(struct haul_reader *reader, int fd, int wake_fd)
{
    struct stat st;
    int error = fstat(fd, &st) ? errno : 0;

    reader->fd = fd;
    reader->wake_fd = wake_fd;
    reader->nudge_fd = -1;
    reader->may_wait = error || !S_ISREG(st.st_mode);
    reader->is_text = reader->has_begun = reader->has_ended = false;
    reader->plain_len = reader->begun_len = 0;
    return error;
}

int haul_reader_open(struct haul_reader *reader, const struct haul_opener *opener, const char *name,
                     int wake_fd)
{
    int fd = STDIN_FILENO, error;

    /* O_NONBLOCK: opening a FIFO must not wait for its writer, poll does that. */
    if (strcmp(name, "-") != 0)
        fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && errno == EACCES && opener)
        fd = haul_opener_open(opener, name);
    if (fd < 0)
        return errno;
    error = begin(reader, fd, wake_fd);
    if (error)
        haul_reader_close(reader);
    return error;
}

void haul_reader_adopt(struct haul_reader *reader, int fd, int wake_fd)
{
    (void)begin(reader, fd, wake_fd);
}

void haul_reader_close(struct haul_reader *reader)
{
    if (reader->fd > STDIN_FILENO)
        close(reader->fd);
    haul_unpack_free(reader->unpack);
    haul_charset_done(&reader->charset);
    haul_reader_init(reader);
}

static enum haul_err fail(struct haul_reader *reader, enum haul_reader_fault fault, int error)
{
    reader->fault = fault;
    reader->error = error;
    return HAUL_ERR_IO;
}

/* HAUL_ERR_END: nothing came. */
static enum haul_err wait_for_bytes(struct haul_reader *reader, int patience_ms)
{
    struct pollfd on[] = {{.fd = reader->fd, .events = POLLIN},
                          {.fd = reader->wake_fd, .events = POLLIN},
                          {.fd = reader->nudge_fd, .events = POLLIN}};
    int ready;

    while ((ready = poll(on, 3, patience_ms)) < 0)
        if (errno != EINTR && errno != EAGAIN)
            return fail(reader, HAUL_READER_WAIT_FAILED, errno);
    if (on[1].revents)
        return HAUL_ERR_CLOSED;
    if (on[0].revents)
        return HAUL_OK;
    return ready && patience_ms ? HAUL_ERR_AGAIN : HAUL_ERR_END;
}

/* One read(2) behind the `have` bytes that are there. HAUL_ERR_END: nothing came. */
static enum haul_err read_once(struct haul_reader *reader, int patience_ms, size_t have,
                               size_t *len)
{
    ssize_t got;

    do {
        enum haul_err err = reader->may_wait ? wait_for_bytes(reader, patience_ms) : HAUL_OK;

        if (err)
            return err;
        got = read(reader->fd, reader->bytes + have, sizeof reader->bytes - have);
    } while (got < 0 && (errno == EINTR || (errno == EAGAIN && reader->may_wait)));
    if (got < 0)
        return fail(reader, HAUL_READER_READ_FAILED, errno);
    *len = (size_t)got;
    reader->has_ended = !got;
    return HAUL_OK;
}

/* HAUL_ERR_END: whether the bytes are compressed is not known without the next one. */
static enum haul_err find_coding(struct haul_reader *reader, size_t have)
{
    bool is_open;

    if (reader->has_begun)
        return HAUL_OK;
    reader->coding = haul_unpack_detect(reader->bytes, have, &is_open);
    if (is_open && !reader->has_ended)
        return HAUL_ERR_END;
    reader->has_begun = true;
    if (reader->coding)
        reader->unpack = haul_unpack_create(reader->coding);
    return reader->coding && !reader->unpack ? HAUL_ERR_NOMEM : HAUL_OK;
}

/* The first bytes say whether the rest is compressed; they may come one by one. */
static enum haul_err read_some(struct haul_reader *reader, int patience_ms)
{
    size_t have, len = 0;
    enum haul_err err;

    do {
        have = reader->begun_len;
        err = read_once(reader, have ? -1 : patience_ms, have, &len);
        if (err)
            return err;
        have = reader->begun_len += len;
        err = find_coding(reader, have);
    } while (err == HAUL_ERR_END);
    reader->begun_len = 0;
    if (err)
        return err;
    if (!reader->unpack)
        reader->plain_len = have;
    else if (have)
        haul_unpack_feed(reader->unpack, reader->bytes, have);
    return HAUL_OK;
}

/* The data are damaged or cut, or would be if it were theirs what follows them. */
static enum haul_err fail_packed(struct haul_reader *reader, enum haul_reader_fault fault)
{
    return fail(reader, haul_unpack_is_followed(reader->unpack) ? HAUL_READER_FOLLOWED : fault, 0);
}

/* HAUL_ERR_END: more bytes must be read first. */
static enum haul_err give_read(struct haul_reader *reader, const char **bytes, size_t *len)
{
    enum haul_err err;

    if (!reader->unpack) {
        *bytes = reader->bytes;
        *len = reader->plain_len;
        reader->plain_len = 0;
        return *len ? HAUL_OK : HAUL_ERR_END;
    }
    err = haul_unpack_next(reader->unpack, bytes, len);
    if (err == HAUL_ERR_SYNTAX)
        return fail_packed(reader, HAUL_READER_DAMAGED);
    if (err == HAUL_ERR_RANGE)
        return fail(reader, HAUL_READER_GREEDY, 0);
    return err == HAUL_ERR_LIMIT ? fail(reader, HAUL_READER_BOMB, 0) : err;
}

/* The same, with another character set behind it. */
static enum haul_err give(struct haul_reader *reader, const char **bytes, size_t *len)
{
    enum haul_err err;

    if (!reader->is_text)
        return give_read(reader, bytes, len);
    while ((err = haul_charset_next(&reader->charset, bytes, len)) == HAUL_ERR_END) {
        err = give_read(reader, bytes, len);
        if (err)
            return err;
        haul_charset_feed(&reader->charset, *bytes, *len);
    }
    return err == HAUL_ERR_SYNTAX ? fail(reader, HAUL_READER_CHARSET, 0) : err;
}

/* After the last byte. */
static enum haul_err give_end(struct haul_reader *reader, const char **bytes, size_t *len)
{
    enum haul_err err;

    if (reader->unpack && !haul_unpack_is_whole(reader->unpack))
        return fail_packed(reader, HAUL_READER_CUT);
    err = haul_charset_end(&reader->charset, bytes, len);
    return err == HAUL_ERR_SYNTAX ? fail(reader, HAUL_READER_CHARSET, 0) : err;
}

enum haul_err haul_reader_next(struct haul_reader *reader, int patience_ms, const char **bytes,
                               size_t *len)
{
    enum haul_err err = give(reader, bytes, len);

    while (err == HAUL_ERR_END && !reader->has_ended) {
        err = read_some(reader, patience_ms);
        *len = 0;
        if (err == HAUL_ERR_END)
            return HAUL_OK;
        if (!err)
            err = give(reader, bytes, len);
    }
    return err == HAUL_ERR_END ? give_end(reader, bytes, len) : err;
}

void haul_reader_add_fault(const struct haul_reader *reader, struct haul_buf *text)
{
    static const char *const what[] = {
        [HAUL_READER_WAIT_FAILED] = "waiting failed",
        [HAUL_READER_READ_FAILED] = "reading failed",
        [HAUL_READER_DAMAGED] = "are damaged",
        [HAUL_READER_CUT] = "end before their end",
        [HAUL_READER_FOLLOWED] = "are followed by something else",
        [HAUL_READER_BOMB] = "unpack to far more than a list would",
        [HAUL_READER_GREEDY] = "need more than 128 MiB of memory",
    };
    char cause[HAUL_IO_ERROR_MAX];
    bool is_packed = reader->fault >= HAUL_READER_DAMAGED && reader->fault <= HAUL_READER_GREEDY;

    if (reader->fault == HAUL_READER_CHARSET) {
        haul_buf_add_str(text, haul_charset_problem(&reader->charset));
        return;
    }
    if (is_packed)
        haul_buf_addf(text, "the %s data ", haul_unpack_name(reader->coding));
    haul_buf_add_str(text, what[reader->fault]);
    if (reader->error)
        haul_buf_addf(text, ": %s", haul_io_error_text(reader->error, cause));
}
