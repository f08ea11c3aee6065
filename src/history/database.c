/* realpath */
#define _GNU_SOURCE
#include "history/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/owned.h"
#include "history/sql.h"

static enum haul_err refuse_errno(const char *path, struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];
    int error = errno;

    haul_buf_addf(message, "%s: the history cannot be opened: %s", path,
                  haul_io_error_text(error, text));
    return HAUL_ERR_IO;
}

static enum haul_err refuse(const char *path, const struct haul_owned_found *found,
                            struct haul_buf *message)
{
    haul_buf_addf(message, "%s: ", path);
    if (found->verdict == HAUL_OWNED_KIND || found->verdict == HAUL_OWNED_SYMLINK)
        haul_buf_add_str(message, "a history must be a regular file");
    else
        haul_owned_add_cause(message, found);
    return HAUL_ERR_USAGE;
}

/*
 * Whether a journal is one of several of a change to several databases: it ends with the name of a
 * file, its length, a checksum and these bytes (sqlite.org/fileformat2.html, 3). Playing it back
 * removes the file of that name, whatever it is. No history of haul's has such a journal.
 */
static bool names_another_file(const char *journal)
{
    static const unsigned char magic[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    int fd = open(journal, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    off_t end = fd >= 0 ? lseek(fd, -(off_t)sizeof magic, SEEK_END) : -1;
    char bytes[sizeof magic];
    bool is_one = end > 0 && read(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes &&
                  !memcmp(bytes, magic, sizeof magic);

    if (fd >= 0)
        close(fd);
    return is_one;
}

/* Whoever may put a file there could have SQLite write what he likes into the database. */
static enum haul_err check_neighbours(const char *path, struct haul_buf *message)
{
    static const char *const endings[] = {"-journal", "-wal", "-shm"};
    struct haul_owned_found found = {.verdict = HAUL_OWNED_OK};
    enum haul_err err = HAUL_OK;
    struct haul_buf name;

    haul_buf_init(&name, 0);
    for (size_t i = 0; i < sizeof endings / sizeof *endings && !err; i++) {
        haul_buf_clear(&name);
        haul_buf_addf(&name, "%s%s", path, endings[i]);
        err = name.err;
        if (!err && haul_owned_look(haul_buf_str(&name), HAUL_OWNED_FILE, &found) == 0 &&
            found.verdict)
            err = refuse(haul_buf_str(&name), &found, message);
        if (!err && !i && names_another_file(haul_buf_str(&name))) {
            haul_buf_addf(message, "%s: not a journal that belongs to a history of haul's",
                          name.data);
            err = HAUL_ERR_USAGE;
        }
    }
    haul_buf_done(&name);
    return err;
}

static enum haul_err check_read(const char *path, struct haul_buf *message)
{
    struct stat info;

    if (stat(path, &info))
        return HAUL_OK; /* SQLite says why not */
    if (!S_ISREG(info.st_mode))
        return refuse(path, &(struct haul_owned_found){.verdict = HAUL_OWNED_KIND}, message);
    return haul_owned_is_by(&info, geteuid()) ? check_neighbours(path, message) : HAUL_OK;
}

enum haul_err haul_database_check(const char *path, enum haul_database_use use,
                                  struct haul_buf *message)
{
    struct haul_owned_found found;

    if (use == HAUL_DATABASE_READ)
        return check_read(path, message);
    if (haul_owned_look(path, HAUL_OWNED_FILE, &found) == 0 && found.verdict)
        return refuse(path, &found, message);
    return check_neighbours(path, message);
}

/*
 * An empty file is an empty database. One that is there is not opened for this: closing it would
 * give up the locks that SQLite has on it.
 */
static enum haul_err make(const char *path, struct haul_buf *message)
{
    const struct haul_owned_how how = {
        .flags = O_RDWR, .creates = true, .mode = 0600, .use = HAUL_OWNED_FILE};
    struct haul_owned_found found;
    struct stat info;
    int fd;

    if (lstat(path, &info) == 0)
        return HAUL_OK;
    fd = haul_owned_open(path, &how, &found);
    if (found.verdict)
        return refuse(path, &found, message);
    if (fd < 0)
        return refuse_errno(path, message);
    close(fd);
    return HAUL_OK;
}

/*
 * The same path with no link on the way: newer versions of SQLite mean all parts when they are told
 * to follow none. NULL: for want of memory, or with another errno.
 */
static char *resolve(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : NULL;
    char *real = directory ? realpath(directory, NULL) : NULL;
    char *whole = NULL;
    size_t len;

    free(directory);
    if (!slash)
        return strdup(path);
    if (!real)
        return NULL;
    len = strlen(real);
    whole = malloc(len + strlen(slash) + 1);
    if (whole) {
        memcpy(whole, real, len);
        memcpy(whole + len, slash, strlen(slash) + 1);
    }
    free(real);
    return whole;
}

static enum haul_err open_resolved(const char *path, int flags, struct haul_sql_guard *guard,
                                   sqlite3 **db, struct haul_buf *message)
{
    char *real = flags & SQLITE_OPEN_NOFOLLOW ? resolve(path) : strdup(path);
    enum haul_err err;

    if (!real)
        return errno == ENOMEM ? HAUL_ERR_NOMEM : refuse_errno(path, message);
    err = haul_sql_open(real, flags, guard, db);
    free(real);
    if (!err)
        return HAUL_OK;
    haul_buf_addf(message, "%s: the history cannot be opened: ", path);
    haul_sql_add_error(message, *db);
    return err;
}

enum haul_err haul_database_open(const char *path, enum haul_database_use use,
                                 struct haul_sql_guard *guard, sqlite3 **db,
                                 struct haul_buf *message)
{
    const int flags = use == HAUL_DATABASE_READ ? SQLITE_OPEN_READONLY
                                                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW;
    enum haul_err err = haul_database_check(path, use, message);

    *db = NULL;
    if (!err && use == HAUL_DATABASE_WRITE)
        err = make(path, message);
    return err ? err : open_resolved(path, flags, guard, db, message);
}
