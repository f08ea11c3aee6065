/* syscall: the C library has no openat2 yet */
#define _GNU_SOURCE
#include "sink/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/again.h"
#include "base/io.h"
#include "base/owned.h"
#include "base/temporary.h"

enum { PART_MAX = 255, PROBES_MAX = 100, PROBE_NAME_MAX = 40, ENDING_MAX = 20, WAY_MAX = 1023 };

static const int probe_flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
static const int enter_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/* ---- opening ---- */

static void close_quietly(int fd)
{
    int error = errno;

    close(fd);
    errno = error;
}

/*
 * Creates the probe. One that is there was left by a run that was killed, is another run's, or
 * another user's, and then it cannot be removed: then `ending` makes the name a random one.
 */
static int create_probe(int dir_fd, const char *name, char ending[ENDING_MAX])
{
    char whole[PROBE_NAME_MAX];
    int fd = -1, failed = 0;

    for (int i = 0; fd < 0 && i < PROBES_MAX; i++) {
        snprintf(whole, sizeof whole, "%s%s", name, ending);
        HAUL_AGAIN(fd, openat(dir_fd, whole, probe_flags, 0666));
        if (fd < 0 && errno != EEXIST)
            return -1;
        if (fd < 0)
            HAUL_AGAIN(failed, unlinkat(dir_fd, whole, 0));
        if (fd < 0 && failed && errno != ENOENT)
            snprintf(ending, ENDING_MAX, "-%016llx", (unsigned long long)haul_temporary_number());
    }
    return fd;
}

/*
 * Makes and removes a file whose name has both cases. Says whether that file is also there under
 * the name in the other case; if another run has removed it meanwhile, that does not matter to one
 * of the two. False: it could not be made.
 */
static bool probe(struct haul_tree *tree)
{
    static const char name[] = ".haul-Probe", folded[] = ".haul-pRobe";
    char ending[ENDING_MAX] = "", whole[PROBE_NAME_MAX];
    int fd = create_probe(tree->fd, name, ending), failed;
    struct stat one, other;

    if (fd < 0)
        return false;
    close(fd);
    snprintf(whole, sizeof whole, "%s%s", folded, ending);
    failed = fstatat(tree->fd, whole, &other, AT_SYMLINK_NOFOLLOW);
    snprintf(whole, sizeof whole, "%s%s", name, ending);
    tree->folds_case = !failed && fstatat(tree->fd, whole, &one, AT_SYMLINK_NOFOLLOW) == 0 &&
                       one.st_ino == other.st_ino;
    HAUL_AGAIN(failed, unlinkat(tree->fd, whole, 0));
    return !failed || errno == ENOENT;
}

/* proc(5): another one each time the machine starts. */
static void read_boot(char boot[HAUL_PART_BOOT_MAX])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, boot, HAUL_PART_BOOT_MAX - 1) : -1;

    boot[len > 0 ? len : 0] = '\0';
    boot[strcspn(boot, "\n")] = '\0';
    if (fd >= 0)
        close(fd);
}

/*
 * File systems of this machine alone say in write(2) what there is to say, and have nothing to add
 * in close(2).
 */
static bool look_at_file_system(struct haul_tree *tree)
{
    static const long at_once[] = {TMPFS_MAGIC, EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
                                   BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC};
    struct statfs info;
    struct stat directory;

    if (fstat(tree->fd, &directory))
        return false;
    tree->device = directory.st_dev;
    tree->tells_late = true;
    if (fstatfs(tree->fd, &info) == 0)
        for (size_t i = 0; i < sizeof at_once / sizeof *at_once; i++)
            tree->tells_late = tree->tells_late && (long)info.f_type != at_once[i];
    return true;
}

/*
 * What is in a directory is safe only if its name is. Who may not read the parent syncs everything.
 */
static bool sync_made(const struct haul_tree *tree)
{
    int parent = openat(tree->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC), failed;

    if (parent >= 0)
        HAUL_AGAIN(failed, fsync(parent));
    else
        HAUL_AGAIN(failed, syncfs(tree->fd));
    if (parent >= 0)
        close_quietly(parent);
    return !failed;
}

/*
 * Opens the directory, and makes it if it is not there. Links are followed by the rules of
 * base/owned.h; and where anybody may make a directory of that name, it has to be this user's or
 * root's itself. False, with errno: it is not to be had; with found->verdict: it is not to be used.
 */
static bool open_directory(struct haul_tree *tree, const char *path, bool *is_made,
                           struct haul_owned_found *found)
{
    struct stat info;

    if (!haul_owned_may_follow(path, found))
        return false;
    *is_made = mkdir(path, 0777) == 0; /* what is wrong with it, opening tells */
    tree->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree->fd < 0 || fstat(tree->fd, &info))
        return false;
    if (!haul_owned_may_follow(path, found)) /* it may have been put there meanwhile */
        return false;
    if (haul_owned_is_by(&info, geteuid()) ||
        haul_owned_directory_of(path) != HAUL_OWNED_DIRECTORY_SHARED)
        return true;
    *found = (struct haul_owned_found){.verdict = HAUL_OWNED_OTHERS, .owner = info.st_uid};
    return false;
}

enum haul_err haul_tree_open(struct haul_tree *tree, const char *path, bool syncs,
                             struct haul_buf *message)
{
    struct haul_owned_found found;
    char text[HAUL_IO_ERROR_MAX];
    bool is_made = false;
    int error;

    *tree = (struct haul_tree){.fd = -1, .syncs = syncs};
    read_boot(tree->boot);
    if (open_directory(tree, path, &is_made, &found) && look_at_file_system(tree) && probe(tree) &&
        (!is_made || !syncs || sync_made(tree)))
        return HAUL_OK;
    error = errno;
    haul_buf_addf(message, "%s: nothing can be saved there: ", path);
    if (found.verdict)
        haul_owned_add_cause(message, &found);
    else
        haul_buf_add_str(message, haul_io_error_text(error, text));
    haul_tree_close(tree);
    return HAUL_ERR_USAGE;
}

void haul_tree_close(struct haul_tree *tree)
{
    if (tree->fd >= 0)
        close(tree->fd);
    tree->fd = -1;
}

/* ---- walking ---- */

static int enter_part(const struct haul_tree *tree, int fd, const char *part, bool make)
{
    int next = openat(fd, part, enter_flags), failed;

    if (next >= 0 || errno != ENOENT || !make)
        return next;
    HAUL_AGAIN(failed, mkdirat(fd, part, 0777));
    if (failed && errno != EEXIST)
        return -1;
    if (tree->syncs)
        HAUL_AGAIN(failed, fsync(fd));
    return tree->syncs && failed ? -1 : openat(fd, part, enter_flags);
}

static int walk(const struct haul_tree *tree, const char *name, bool make)
{
    int fd = fcntl(tree->fd, F_DUPFD_CLOEXEC, 0);
    const char *slash;

    for (; fd >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
        char part[PART_MAX + 1];
        size_t len = (size_t)(slash - name);
        int next = -1;

        errno = ENAMETOOLONG;
        if (len <= PART_MAX) {
            memcpy(part, name, len);
            part[len] = '\0';
            next = enter_part(tree, fd, part, make);
        }
        close_quietly(fd);
        fd = next;
    }
    return fd;
}

/* The whole way in one call. -1: walking tells why, or does better. */
static int jump(const struct haul_tree *tree, const char *name, size_t len)
{
    struct open_how how = {.flags = (uint64_t)enter_flags,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    char way[WAY_MAX + 1];

    if (!len || len > WAY_MAX)
        return -1;
    memcpy(way, name, len);
    way[len] = '\0';
    return (int)syscall(SYS_openat2, tree->fd, way, &how, sizeof how);
}

/* Whether no part of it is empty, "." or "..": then it leads nowhere but down. */
static bool is_beneath(const char *name)
{
    size_t len;

    do {
        len = strcspn(name, "/");
        if (!len || (*name == '.' && (len == 1 || (len == 2 && name[1] == '.'))))
            return false;
        name += len;
    } while (*name++);
    return true;
}

int haul_tree_enter(const struct haul_tree *tree, const char *name, bool make, const char **last)
{
    const char *slash = strrchr(name, '/');
    int fd;

    *last = slash ? slash + 1 : name;
    errno = EINVAL;
    if (!is_beneath(name))
        return -1;
    fd = slash ? jump(tree, name, (size_t)(slash - name)) : -1;
    return fd >= 0 ? fd : walk(tree, name, make);
}

/* Whether there is a regular file of that name. */
static bool look(const struct haul_tree *tree, const char *name, struct stat *info)
{
    const char *last;
    int fd = haul_tree_enter(tree, name, false, &last);
    bool is_file;

    if (fd < 0)
        return false;
    is_file = fstatat(fd, last, info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info->st_mode);
    close(fd);
    return is_file;
}

int64_t haul_tree_look(const struct haul_tree *tree, const char *name, int64_t *mtime_s)
{
    struct stat info;

    if (!look(tree, name, &info))
        return -1;
    *mtime_s = (int64_t)info.st_mtim.tv_sec;
    return (int64_t)info.st_size;
}

int64_t haul_tree_changed_ms(const struct haul_tree *tree, const char *name)
{
    struct stat info;

    if (!look(tree, name, &info))
        return INT64_MAX;
    return (int64_t)info.st_ctim.tv_sec * 1000 + info.st_ctim.tv_nsec / 1000000;
}

int64_t haul_tree_size(const struct haul_tree *tree, const char *name)
{
    int64_t mtime_s;

    return haul_tree_look(tree, name, &mtime_s);
}

int64_t haul_tree_identify(const struct haul_tree *tree, const char *name, struct haul_file_id *id)
{
    struct stat info;

    *id = (struct haul_file_id){0};
    if (!look(tree, name, &info))
        return -1;
    *id = (struct haul_file_id){.device = info.st_dev, .inode = info.st_ino};
    return (int64_t)info.st_size;
}

void haul_tree_remove(const struct haul_tree *tree, const char *name, const struct haul_file_id *id)
{
    struct stat info;
    const char *last;
    int fd = haul_tree_enter(tree, name, false, &last), failed = 0;

    if (fd < 0)
        return;
    if (fstatat(fd, last, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
        info.st_dev == id->device && info.st_ino == id->inode)
        HAUL_AGAIN(failed, unlinkat(fd, last, 0));
    if (!failed && tree->syncs)
        HAUL_AGAIN(failed, fsync(fd));
    (void)failed; /* then it stays, as if it were another one's */
    close(fd);
}

int64_t haul_tree_space(int fd)
{
    struct statvfs info;
    uint64_t unit;

    if (fstatvfs(fd, &info))
        return INT64_MAX;
    unit = info.f_frsize ? info.f_frsize : info.f_bsize;
    if (unit && info.f_bavail > INT64_MAX / unit)
        return INT64_MAX;
    return (int64_t)(info.f_bavail * unit);
}

enum haul_reason haul_tree_reason(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return HAUL_REASON_DISK_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
        return HAUL_REASON_PERMISSION;
    case ENAMETOOLONG:
        return HAUL_REASON_NAME_TOO_LONG;
    case EFBIG:
        return HAUL_REASON_TOO_LARGE;
    case EMFILE:
    case ENFILE:
        return HAUL_REASON_NO_RESOURCE;
    case ENOMEM:
        return HAUL_REASON_NO_MEMORY;
    default:
        return HAUL_REASON_FILE_ERROR;
    }
}
