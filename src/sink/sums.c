#include "sink/sums.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/again.h"
#include "base/charset.h"
#include "base/io.h"
#include "base/owned.h"

enum { READ_SIZE = 64 << 10 };

struct sum {
    const char *name, *hex; /* in the text, terminated */
};

struct haul_sums {
    struct haul_buf text;
    struct haul_buf sums;   /* struct sum, one after the other */
    const struct sum *item; /* the same, sorted */
    size_t count;
};

void haul_sums_free(struct haul_sums *sums)
{
    if (!sums)
        return;
    haul_buf_done(&sums->text);
    haul_buf_done(&sums->sums);
    free(sums);
}

/* ---- reading ---- */

/* HAUL_ERR_USAGE: what is there is not to be read. */
static enum haul_err read_all(struct haul_buf *text, const char *path,
                              struct haul_owned_found *found)
{
    struct stat info;
    int fd = haul_owned_open_input(path, &info, found), error;
    ssize_t got = fd < 0 ? -1 : 1;
    char *room;

    while (got > 0 && (room = haul_buf_reserve(text, READ_SIZE))) {
        HAUL_AGAIN(got, read(fd, room, READ_SIZE));
        haul_buf_grew(text, got > 0 ? (size_t)got : 0);
    }
    error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    if (text->err)
        return text->err;
    if (found->verdict)
        return HAUL_ERR_USAGE;
    return got < 0 ? HAUL_ERR_IO : HAUL_OK;
}

/* sha256sum(1) writes \\, \n and \r, in lines that begin with a backslash. */
static void unescape(char *text)
{
    char *to = text;

    for (; *text; text++) {
        if (*text == '\\' && text[1]) {
            text++;
            *to++ = *text == 'n' ? '\n' : *text == 'r' ? '\r' : *text;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

/* Reads one line, terminated; it is changed. */
static enum haul_err read_line(struct haul_sums *sums, char *line)
{
    bool escaped = *line == '\\';
    char *hex = line + escaped, *name;
    size_t digits = strspn(hex, HAUL_DIGEST_HEX);

    if (!*line || *line == '#')
        return HAUL_OK;
    if (haul_digest_of_length(digits) == HAUL_HASH_NONE || hex[digits] != ' ' ||
        (hex[digits + 1] != ' ' && hex[digits + 1] != '*') || !hex[digits + 2])
        return HAUL_ERR_SYNTAX;
    hex[digits] = '\0';
    name = hex + digits + 2;
    if (escaped)
        unescape(name);
    if (strncmp(name, "./", 2) == 0)
        name += 2;
    haul_buf_add(&sums->sums, &(struct sum){name, hex}, sizeof(struct sum));
    return sums->sums.err;
}

static enum haul_err read_lines(struct haul_sums *sums, uint64_t *number)
{
    char *line = sums->text.data, *end = line + sums->text.len;
    enum haul_err err = HAUL_OK;

    for (*number = 0; line < end && !err;) {
        char *newline = memchr(line, '\n', (size_t)(end - line)), *stop = newline ? newline : end;

        ++*number;
        if (memchr(line, '\0', (size_t)(stop - line)))
            return HAUL_ERR_SYNTAX;
        if (stop > line && stop[-1] == '\r')
            stop[-1] = '\0';
        *stop = '\0';
        err = read_line(sums, line);
        line = newline ? newline + 1 : end;
    }
    return err;
}

/* Of two with one name the first in the file comes first. */
static int compare(const void *a, const void *b)
{
    const struct sum *one = a, *other = b;
    int order = strcmp(one->name, other->name);

    return order ? order : (one->hex > other->hex) - (one->hex < other->hex);
}

static enum haul_err load_text(struct haul_sums *sums, const char *path, struct haul_buf *message)
{
    struct haul_owned_found found;
    enum haul_err err = read_all(&sums->text, path, &found);
    char text[HAUL_IO_ERROR_MAX];
    const char *problem;

    if (!err) {
        err = haul_charset_decode(&sums->text, false, &problem);
        if (err == HAUL_ERR_SYNTAX) {
            haul_buf_addf(message, "%s: %s", path, problem);
            return HAUL_ERR_USAGE;
        }
    }
    if (err == HAUL_ERR_USAGE) {
        haul_buf_addf(message, "%s: ", path);
        haul_owned_add_cause(message, &found);
    }
    if (err == HAUL_ERR_LIMIT)
        haul_buf_addf(message, "%s: larger than 1 GiB", path);
    else if (err == HAUL_ERR_IO)
        haul_buf_addf(message, "%s: cannot be read: %s", path, haul_io_error_text(errno, text));
    return err;
}

static enum haul_err load(struct haul_sums *sums, const char *path, struct haul_buf *message)
{
    enum haul_err err = load_text(sums, path, message);
    uint64_t number = 0;

    if (!err && sums->text.len)
        err = read_lines(sums, &number);
    if (err == HAUL_ERR_SYNTAX)
        haul_buf_addf(message, "%s:%llu: not a digest and a name, as sha256sum writes them", path,
                      (unsigned long long)number);
    if (err)
        return err == HAUL_ERR_NOMEM ? err : HAUL_ERR_USAGE;
    sums->count = sums->sums.len / sizeof *sums->item;
    if (sums->count)
        qsort(sums->sums.data, sums->count, sizeof *sums->item, compare);
    /* The C library's memory suits any type, and nothing but sums was put there. */
    sums->item = (const void *)sums->sums.data;
    return HAUL_OK;
}

enum haul_err haul_sums_load(const char *path, struct haul_sums **out, struct haul_buf *message)
{
    struct haul_sums *sums = calloc(1, sizeof *sums);
    enum haul_err err;

    *out = NULL;
    if (!sums)
        return HAUL_ERR_NOMEM;
    haul_buf_init(&sums->text, HAUL_SUMS_SIZE_MAX);
    haul_buf_init(&sums->sums, 0); /* no line is shorter than twice its pair */
    err = load(sums, path, message);
    if (err)
        haul_sums_free(sums);
    else
        *out = sums;
    return err;
}

/* ---- finding ---- */

bool haul_sums_find(const struct haul_sums *sums, const char *name, struct haul_checksum *checksum)
{
    size_t from = 0, to = sums->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (strcmp(sums->item[middle].name, name) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    checksum->hash = HAUL_HASH_NONE;
    if (from == sums->count || strcmp(sums->item[from].name, name) != 0)
        return false;
    haul_checksum_set(checksum, sums->item[from].hex);
    return true;
}
