#include "cli/secret.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/again.h"
#include "base/charset.h"
#include "base/owned.h"

enum { LINE_FILE_MAX = 4096 };

bool haul_secret_is_exposed(const struct stat *info)
{
    return (info->st_mode & S_IRWXO) || ((info->st_mode & S_IRWXG) && info->st_uid == geteuid());
}

enum haul_err haul_secret_read(int fd, size_t max, struct haul_buf *to)
{
    char *at = haul_buf_reserve(to, max + 1);
    ssize_t got = 1;
    size_t len = 0;

    if (!at)
        return HAUL_ERR_NOMEM;
    while (got && len <= max) {
        HAUL_AGAIN(got, read(fd, at + len, max + 1 - len));
        if (got < 0)
            return HAUL_ERR_IO;
        len += (size_t)got;
    }
    haul_buf_grew(to, len);
    return len > max ? HAUL_ERR_LIMIT : HAUL_OK;
}

static enum haul_err fail(const char *why, const char **cause)
{
    *cause = why;
    return HAUL_ERR_USAGE;
}

static enum haul_err fail_with(int error, char *text, const char **cause)
{
    return fail(haul_io_error_text(error, text), cause);
}

static enum haul_err check_file(const struct stat *info, const char **cause)
{
    if (S_ISDIR(info->st_mode))
        return fail("that is a directory", cause);
    if (haul_secret_is_exposed(info))
        return fail("others can get at the password in it (chmod 600 helps)", cause);
    return HAUL_OK;
}

/* Editors write it, and it would be part of the password. */
static void drop_mark(struct haul_buf *line)
{
    static const char mark[] = "\xef\xbb\xbf";

    if (line->len >= sizeof mark - 1 && memcmp(line->data, mark, sizeof mark - 1) == 0)
        haul_buf_consume(line, sizeof mark - 1);
}

enum haul_err haul_secret_read_file(const char *path, size_t max, struct haul_buf *to,
                                    char text[HAUL_IO_ERROR_MAX], const char **cause)
{
    struct haul_owned_found found;
    struct stat info;
    int fd = haul_owned_open_input(path, &info, &found);
    enum haul_err err = HAUL_OK;

    haul_buf_clear(to);
    if (fd < 0)
        return found.verdict ? fail("not a regular file", cause) : fail_with(errno, text, cause);
    if (S_ISDIR(info.st_mode))
        err = fail("that is a directory", cause);
    else if (!S_ISCHR(info.st_mode) && haul_secret_is_exposed(&info))
        err = fail("others can get at the secrets in it (chmod 600 helps)", cause);
    if (!err)
        err = haul_secret_read(fd, max, to);
    if (err == HAUL_ERR_IO)
        err = fail_with(errno, text, cause);
    else if (err == HAUL_ERR_LIMIT)
        err = fail("it is too long", cause);
    else if (!err && haul_charset_refusal(haul_buf_str(to), to->len))
        err = fail(haul_charset_refusal(haul_buf_str(to), to->len), cause);
    close(fd);
    return err;
}

static enum haul_err take_first_line(struct haul_buf *line, haul_secret_check *check,
                                     const char **cause)
{
    const char *why = haul_charset_refusal(haul_buf_str(line), line->len);
    size_t len;

    if (why)
        return fail(why, cause);
    drop_mark(line);
    len = strcspn(haul_buf_str(line), "\r\n");
    if (len < line->len && !line->data[len])
        return fail("a NUL is in it", cause);
    if (line->len)
        line->data[len] = '\0';
    why = check(haul_buf_str(line));
    return why ? fail(why, cause) : HAUL_OK;
}

enum haul_err haul_secret_read_line(const char *path, haul_secret_check *check,
                                    struct haul_buf *line, char text[HAUL_IO_ERROR_MAX],
                                    const char **cause)
{
    struct haul_owned_found found;
    struct stat info;
    int fd = haul_owned_open_input(path, &info, &found);
    enum haul_err err;

    haul_buf_clear(line);
    if (fd < 0)
        return found.verdict ? fail("not a regular file", cause) : fail_with(errno, text, cause);
    err = check_file(&info, cause);
    if (!err)
        err = haul_secret_read(fd, LINE_FILE_MAX, line);
    if (err == HAUL_ERR_IO)
        err = fail_with(errno, text, cause);
    else if (err == HAUL_ERR_LIMIT)
        err = fail("longer than 4096 bytes", cause);
    else if (!err)
        err = take_first_line(line, check, cause);
    close(fd);
    return err;
}
