#include "journal/packed.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/again.h"
#include "base/io.h"
#include "base/owned.h"
#include "base/scratch.h"
#include "input/unpack.h"

enum { PIECE = 64 << 10 };

static const char damaged[] = "the packed data are damaged";
static const char cut[] = "the packed data end before their end";

static const struct haul_coding *detect(int fd)
{
    char magic[HAUL_UNPACK_MAGIC_MAX];
    bool is_open;
    ssize_t len;

    HAUL_AGAIN(len, pread(fd, magic, sizeof magic, 0));
    return len > 0 ? haul_unpack_detect(magic, (size_t)len, &is_open) : NULL;
}

const char *haul_journal_packed_with(int fd)
{
    const struct haul_coding *coding = detect(fd);

    return coding ? haul_unpack_name(coding) : NULL;
}

/* Writes all text that is there by now. HAUL_ERR_END: more bytes are needed. */
static enum haul_err write_text(struct haul_unpack *unpack, int to)
{
    const char *text;
    size_t len;
    enum haul_err err;
    int error;

    while ((err = haul_unpack_next(unpack, &text, &len)) == HAUL_OK) {
        error = haul_io_write_all(to, text, len, NULL);
        if (error) {
            errno = error;
            return HAUL_ERR_IO;
        }
    }
    return err;
}

/* From the beginning of a file to its end. */
static enum haul_err copy(struct haul_unpack *unpack, int from, int to)
{
    char *bytes = malloc(PIECE);
    enum haul_err err = bytes ? HAUL_ERR_END : HAUL_ERR_NOMEM;
    off_t at = 0;
    ssize_t got = 1;

    while (err == HAUL_ERR_END && got > 0) {
        HAUL_AGAIN(got, pread(from, bytes, PIECE, at));
        if (got < 0)
            err = HAUL_ERR_IO;
        if (got <= 0)
            break;
        at += got;
        haul_unpack_feed(unpack, bytes, (size_t)got);
        err = write_text(unpack, to);
    }
    free(bytes);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* What was unpacked until then is as good as ever: the journal's own lines tell. */
static enum haul_err as_fault(enum haul_err err, const struct haul_unpack *unpack,
                              struct haul_journal_file *file)
{
    if (err == HAUL_ERR_SYNTAX || err == HAUL_ERR_RANGE)
        file->fault = damaged;
    else if (!err && !haul_unpack_is_whole(unpack))
        file->fault = cut;
    return file->fault ? HAUL_OK : err;
}

static enum haul_err unpack_file(const struct haul_coding *coding, struct haul_journal_file *file)
{
    struct haul_unpack *unpack = haul_unpack_create(coding);
    int packed_fd = file->fd;
    enum haul_err err = unpack ? HAUL_OK : HAUL_ERR_NOMEM;
    int error;

    file->packed = haul_unpack_name(coding);
    file->fd = haul_scratch_open(NULL);
    if (!err && file->fd < 0)
        err = HAUL_ERR_SYSTEM;
    if (!err)
        err = as_fault(copy(unpack, packed_fd, file->fd), unpack, file);
    error = errno;
    haul_unpack_free(unpack);
    close(packed_fd);
    errno = error;
    return err;
}

/* ---- what can be read only once ---- */

static enum haul_err copy_stream(int from, int to)
{
    char bytes[8192];
    ssize_t got;
    int error;

    for (;;) {
        HAUL_AGAIN(got, read(from, bytes, sizeof bytes));
        if (got <= 0)
            return got ? HAUL_ERR_IO : HAUL_OK;
        error = haul_io_write_all(to, bytes, (size_t)got, NULL);
        if (!error)
            continue;
        errno = error;
        return HAUL_ERR_IO;
    }
}

/* A pipe becomes a file without a name. */
static enum haul_err keep_stream(struct haul_journal_file *file)
{
    int stream_fd = file->fd, error;
    enum haul_err err;

    file->fd = haul_scratch_open(NULL);
    err = file->fd < 0 ? HAUL_ERR_SYSTEM : copy_stream(stream_fd, file->fd);
    error = errno;
    close(stream_fd);
    errno = error;
    return err;
}

/* ---- opening ---- */

const char *haul_journal_file_cause(const struct haul_journal_file *file,
                                    char text[HAUL_IO_ERROR_MAX])
{
    return file->fault ? file->fault : haul_io_error_text(errno, text);
}

enum haul_err haul_journal_file_open(const char *name, struct haul_journal_file *file)
{
    const struct haul_coding *coding;
    struct haul_owned_found found;
    enum haul_err err = HAUL_OK;
    struct stat info;
    int error;

    *file = (struct haul_journal_file){.fd = haul_owned_open_input(name, &info, &found)};
    if (found.verdict)
        file->fault = "not a regular file";
    if (file->fd < 0)
        return HAUL_ERR_USAGE;
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        err = keep_stream(file);
    coding = err ? NULL : detect(file->fd);
    if (coding)
        err = unpack_file(coding, file);
    if (err && file->fd >= 0) {
        error = errno;
        close(file->fd);
        file->fd = -1;
        errno = error;
    }
    return err;
}
