#include "history/sql_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/owned.h"
#include "base/scratch.h"

static const char name[] = "haul";

static const char *const endings[] = {"-journal", "-wal", "-shm"};
enum { ENDINGS = sizeof endings / sizeof *endings, INDEX = 2 };

/* [const after set_up] */
static sqlite3_vfs files, *usual;

/* ---- the rule ---- */

/* How much of a companion's name is its database's; 0: it is no companion. */
static size_t database_len(const char *path)
{
    size_t len = strlen(path);

    for (size_t i = 0; i < ENDINGS; i++) {
        size_t ending = strlen(endings[i]);

        if (len > ending && !strcmp(path + len - ending, endings[i]))
            return len - ending;
    }
    return 0;
}

/* Whether a user has the database of a companion. SQLite has followed what links lead there. */
static bool has_database(const char *companion, uid_t user)
{
    struct haul_buf path;
    struct stat info;
    bool has;

    haul_buf_init(&path, 0);
    haul_buf_add(&path, companion, database_len(companion));
    has = path.len && !path.err && lstat(haul_buf_str(&path), &info) == 0 && info.st_uid == user;
    haul_buf_done(&path);
    return has;
}

static bool may_use(const char *path, const struct stat *info, struct haul_owned_found *found)
{
    const uid_t user = geteuid();
    struct stat own = *info;

    haul_owned_look_at(path, info, HAUL_OWNED_FILE, found);
    if (found->verdict == HAUL_OWNED_OTHERS &&
        (found->is_alike || has_database(path, info->st_uid))) {
        own.st_uid = user;
        found->verdict = haul_owned_judge(&own, user, HAUL_OWNED_FILE);
    }
    return !found->verdict;
}

/* ---- what SQLite calls ---- */

/* A file that was made just now is SQLite's own, and what is only read is anybody's. So are opened
 * directories, too, and the device for random numbers. */
static bool needs_no_look(const char *path, int flags)
{
    return (flags & O_EXCL) || (!database_len(path) && (flags & O_ACCMODE) == O_RDONLY);
}

static bool is_index(const char *path)
{
    const char *ending = strrchr(path, '-');

    return ending && !strcmp(ending, endings[INDEX]);
}

/*
 * Who may write asks for an index to be made first, and only then, at once and on the same thread,
 * for one to be read: such a one must be there. `fd`: what open(2) has returned. True: an index of
 * his own is for who reads; errno stays.
 */
static bool wants_own_index(int fd, int flags)
{
    static _Thread_local bool was_refused;
    const bool is_second = was_refused, is_read = (flags & O_ACCMODE) == O_RDONLY;

    was_refused = fd < 0 && !is_read;
    return fd < 0 && is_read && !is_second && errno == ENOENT;
}

/* Never a link, which SQLite asks for, too. */
static int open_file(const char *path, int flags, int mode)
{
    const int fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, (mode_t)mode);
    struct haul_owned_found found;
    struct stat info;

    if (is_index(path) && wants_own_index(fd, flags))
        return haul_scratch_open(NULL);
    if (fd < 0 || needs_no_look(path, flags) ||
        (fstat(fd, &info) == 0 && may_use(path, &info, &found)))
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

static int open_by_purpose(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                           int *given)
{
    (void)vfs;
    if (!(flags & SQLITE_OPEN_SUPER_JOURNAL))
        return usual->xOpen(usual, path, file, flags, given);
    file->pMethods = NULL;
    return SQLITE_CANTOPEN;
}

/* ---- setting up ---- */

static void set_up(void)
{
    usual = sqlite3_vfs_find(NULL);
    if (!usual || usual->iVersion < 3 ||
        usual->xSetSystemCall(usual, "open", (sqlite3_syscall_ptr)open_file))
        return;
    files = *usual;
    files.zName = name;
    files.xOpen = open_by_purpose;
    (void)sqlite3_vfs_register(&files, 0);
}

/* Without memory SQLite cannot begin, and says so when it is to open something. It has a lock for
 * the programs that use it. */
const char *haul_sql_files(void)
{
    sqlite3_mutex *lock;

    if (sqlite3_initialize())
        return name;
    lock = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(lock);
    if (!usual)
        set_up();
    sqlite3_mutex_leave(lock);
    return name;
}

/* ---- saying why ---- */

/* Whether something was said. */
static bool add_if_refused(struct haul_buf *buf, const char *path)
{
    struct haul_owned_found found;
    struct stat info;

    if (lstat(path, &info) || may_use(path, &info, &found))
        return false;
    haul_buf_addf(buf, "; %s: ", path);
    haul_owned_add_cause(buf, &found);
    return true;
}

bool haul_sql_files_add_unreadable(struct haul_buf *buf, sqlite3 *db)
{
    const char *path = sqlite3_db_filename(db, "main");
    bool is_said = false;
    struct haul_buf beside;

    haul_buf_init(&beside, 0);
    for (size_t i = 0; path && *path && i < ENDINGS && !is_said; i++) {
        haul_buf_clear(&beside);
        haul_buf_addf(&beside, "%s%s", path, endings[i]);
        is_said = !beside.err && access(haul_buf_str(&beside), R_OK) && errno == EACCES;
    }
    if (is_said)
        haul_buf_addf(buf, "; %s belongs to it, and must be readable, too", beside.data);
    haul_buf_done(&beside);
    return is_said;
}

bool haul_sql_files_add_refused(struct haul_buf *buf, sqlite3 *db)
{
    const char *path = sqlite3_db_filename(db, "main");
    bool is_said = false;
    struct haul_buf beside;

    if (!path || !*path)
        return false;
    if ((sqlite3_errcode(db) & 0xff) == SQLITE_READONLY)
        is_said = add_if_refused(buf, path); /* then it was opened to be read only */
    haul_buf_init(&beside, 0);
    for (size_t i = 0; i < ENDINGS && !is_said; i++) {
        haul_buf_clear(&beside);
        haul_buf_addf(&beside, "%s%s", path, endings[i]);
        is_said = !beside.err && add_if_refused(buf, haul_buf_str(&beside));
    }
    haul_buf_done(&beside);
    return is_said;
}
