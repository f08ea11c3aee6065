/* realpath */
#define _GNU_SOURCE
#include "history/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
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

/* Bytes of a file beside the history; -1: there is none. */
static off_t size_beside(const char *path, const char *ending)
{
    struct haul_buf name;
    struct stat info;
    off_t size;

    haul_buf_init(&name, 0);
    haul_buf_addf(&name, "%s%s", path, ending);
    size = name.err || lstat(haul_buf_str(&name), &info) ? -1 : info.st_size;
    haul_buf_done(&name);
    return size;
}

/* Whether there is nothing that belongs to the history outside of its file: no run adds to it, and
 * none has died while it did. */
static bool is_alone(const char *path)
{
    return size_beside(path, "-wal") <= 0 && size_beside(path, "-journal") <= 0;
}

/* A reader of another program, or of an earlier version, has left it, who may read only. */
static void add_remedy(const char *path, const struct haul_owned_found *found,
                       struct haul_buf *message)
{
    if (found->verdict == HAUL_OWNED_OTHERS && is_alone(path))
        haul_buf_add_str(message, "; it holds nothing, and can be removed");
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
            found.verdict) {
            err = refuse(haul_buf_str(&name), &found, message);
            add_remedy(path, &found, message);
        }
        if (!err && !i && names_another_file(haul_buf_str(&name))) {
            haul_buf_addf(message, "%s: not a journal that belongs to a history of haul's",
                          name.data);
            err = HAUL_ERR_USAGE;
        }
    }
    haul_buf_done(&name);
    return err;
}

/* SQLite has its files beside the database, and not beside a link that leads there. */
static enum haul_err check_read(const char *path, struct haul_buf *message)
{
    enum haul_err err = HAUL_OK;
    struct stat info;
    const char *where;
    char *real;

    if (stat(path, &info))
        return HAUL_OK; /* SQLite says why not */
    if (!S_ISREG(info.st_mode))
        return refuse(path, &(struct haul_owned_found){.verdict = HAUL_OWNED_KIND}, message);
    real = haul_io_follow(path);
    where = real ? real : path;
    if (haul_owned_is_by(&info, geteuid()) && !is_alone(where))
        err = check_neighbours(where, message);
    free(real);
    return err;
}

enum haul_err haul_database_check(const char *path, enum haul_database_use use,
                                  struct haul_buf *message)
{
    struct haul_owned_found found;

    if (use == HAUL_DATABASE_READ || use == HAUL_DATABASE_SHARE)
        return check_read(path, message);
    if (use == HAUL_DATABASE_WRITE && haul_owned_look(path, HAUL_OWNED_FILE, &found) == 0 &&
        found.verdict)
        return refuse(path, &found, message);
    return check_neighbours(path, message);
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

enum reading { READ_GUARDED, READ_FIXED, READ_WITHOUT_INDEX };
static const char *const option_of[] = {"?mode=ro", "?mode=ro&immutable=1",
                                        "?mode=ro&readonly_shm=1"};

/* SQLite has its files beside the database, and not beside a link that leads there. */
static enum reading how_to_read(const char *path)
{
    char *real = haul_io_follow(path);
    const char *where = real ? real : path;
    enum reading how = READ_GUARDED;

    if (is_alone(where))
        how = READ_FIXED;
    else if (size_beside(where, "-shm") < 0)
        how = READ_WITHOUT_INDEX;
    free(real);
    return how;
}

void haul_database_add_uri(struct haul_buf *uri, const char *path)
{
    static const char digits[] = "0123456789ABCDEF";

    haul_buf_add_str(uri, "file:");
    if (strncmp(path, "//", 2) == 0)
        haul_buf_add_str(uri, "//"); /* else a host would follow */
    for (const char *at = path; *at; at++) {
        unsigned char byte = (unsigned char)*at;

        if (haul_ascii_is_alnum(*at) || strchr("/._-", *at)) {
            haul_buf_add_char(uri, *at);
            continue;
        }
        haul_buf_add_char(uri, '%');
        haul_buf_add_char(uri, digits[byte >> 4]);
        haul_buf_add_char(uri, digits[byte & 15]);
    }
    haul_buf_add_str(uri, option_of[how_to_read(path)]);
}

void haul_database_remember(const char *path, struct haul_database_state *state)
{
    *state = (struct haul_database_state){.is_unguarded = how_to_read(path) != READ_GUARDED};
    if (stat(path, &state->info))
        state->is_unguarded = false; /* opening it will fail, and say why */
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool haul_database_has_changed(const char *path, const struct haul_database_state *state,
                               struct haul_buf *message)
{
    struct stat now;

    if (!state->is_unguarded || (stat(path, &now) == 0 && is_same(&now, &state->info)))
        return false;
    haul_buf_clear(message);
    haul_buf_addf(message, "%s: a run has changed it while it was read: ask again", path);
    return true;
}

/* What SQLite is to open: a path, or a URI. NULL: for want of memory, or with another errno. */
static char *name_of(const char *path, enum haul_database_use use)
{
    struct haul_buf uri;
    char *name;

    if (use == HAUL_DATABASE_WRITE || use == HAUL_DATABASE_LOCKED)
        return resolve(path);
    if (use == HAUL_DATABASE_SHARE)
        return strdup(path);
    haul_buf_init(&uri, 0);
    haul_database_add_uri(&uri, path);
    name = uri.err ? NULL : strdup(haul_buf_str(&uri));
    haul_buf_done(&uri);
    if (!name)
        errno = ENOMEM;
    return name;
}

static enum haul_err open_named(const char *path, enum haul_database_use use,
                                struct haul_sql_guard *guard, sqlite3 **db,
                                struct haul_buf *message)
{
    enum { writing = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW };
    static const int flags[] = {[HAUL_DATABASE_READ] = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                                [HAUL_DATABASE_SHARE] = SQLITE_OPEN_READONLY,
                                [HAUL_DATABASE_WRITE] = writing,
                                [HAUL_DATABASE_LOCKED] = writing};
    char *name = name_of(path, use);
    enum haul_err err;

    if (!name)
        return errno == ENOMEM ? HAUL_ERR_NOMEM : refuse_errno(path, message);
    err = haul_sql_open(name, flags[use], guard, db);
    free(name);
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
    enum haul_err err = haul_database_check(path, use, message);

    *db = NULL;
    return err ? err : open_named(path, use, guard, db, message);
}
