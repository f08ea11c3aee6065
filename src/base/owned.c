/* F_OFD_SETLK, flock */
#define _GNU_SOURCE
#include "base/owned.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/again.h"
#include "base/message.h"

/* ---- the rule ---- */

bool haul_owned_is_by(const struct stat *info, uid_t user)
{
    return info->st_uid == user || info->st_uid == 0;
}

enum haul_owned haul_owned_judge(const struct stat *info, uid_t user, enum haul_owned_use use)
{
    bool is_stream = S_ISFIFO(info->st_mode) || S_ISCHR(info->st_mode);

    if (S_ISLNK(info->st_mode))
        return HAUL_OWNED_SYMLINK;
    if (!haul_owned_is_by(info, user))
        return HAUL_OWNED_OTHERS;
    if (!S_ISREG(info->st_mode))
        return is_stream && use == HAUL_OWNED_STREAM ? HAUL_OWNED_OK : HAUL_OWNED_KIND;
    return info->st_nlink > 1 ? HAUL_OWNED_LINKED : HAUL_OWNED_OK;
}

static void judge(const struct stat *info, enum haul_owned_use use, struct haul_owned_found *found)
{
    found->verdict = haul_owned_judge(info, geteuid(), use);
    found->owner = info->st_uid;
}

static const char is_link[] = "a symbolic link is not written through";
static const char is_other_kind[] = "not a regular file";
static const char is_exposed[] = "anybody may write to it (chmod o-w helps)";
static const char is_hard_link[] =
    "it has another name as well (a hard link), and what is written here would be written there, "
    "too: put a copy in its place, or use another name";

void haul_owned_add_cause(struct haul_buf *message, const struct haul_owned_found *found)
{
    switch (found->verdict) {
    case HAUL_OWNED_SYMLINK:
        haul_buf_add_str(message, is_link);
        break;
    case HAUL_OWNED_KIND:
        haul_buf_add_str(message, is_other_kind);
        break;
    case HAUL_OWNED_LINKED:
        haul_buf_add_str(message, is_hard_link);
        break;
    case HAUL_OWNED_EXPOSED:
        haul_buf_add_str(message, is_exposed);
        break;
    case HAUL_OWNED_OTHERS:
        haul_buf_addf(message,
                      "it belongs to another user (uid %lu): run haul as that user, take it over "
                      "(chown), or use another name",
                      (unsigned long)found->owner);
        break;
    default:
        break;
    }
}

int haul_owned_look(const char *path, enum haul_owned_use use, struct haul_owned_found *found)
{
    struct stat info;

    *found = (struct haul_owned_found){.verdict = HAUL_OWNED_OK};
    if (lstat(path, &info))
        return -1;
    judge(&info, use, found);
    return 0;
}

/* ---- opening ---- */

static int refuse(int fd, enum haul_owned verdict, struct haul_owned_found *found)
{
    if (fd >= 0)
        close(fd);
    found->verdict = verdict;
    errno = EPERM;
    return -1;
}

int haul_owned_open(const char *path, const struct haul_owned_how *how,
                    struct haul_owned_found *found)
{
    const int flags = how->flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    struct stat info;
    int fd = -1;

    *found = (struct haul_owned_found){.verdict = HAUL_OWNED_OK};
    if (how->creates)
        HAUL_AGAIN(fd, open(path, flags | O_CREAT | O_EXCL, how->mode));
    found->is_new = fd >= 0;
    if (found->is_new || (how->creates && errno != EEXIST))
        return fd;
    /* What may not be opened is told by whose it is, and a device may mind being opened. */
    if (lstat(path, &info))
        return -1;
    judge(&info, how->use, found);
    if (found->verdict)
        return refuse(-1, found->verdict, found);
    HAUL_AGAIN(fd, open(path, flags));
    if (fd < 0 && errno == ELOOP)
        return refuse(-1, HAUL_OWNED_SYMLINK, found);
    if (fd < 0 || fstat(fd, &info))
        return fd;
    judge(&info, how->use, found);
    return found->verdict ? refuse(fd, found->verdict, found) : fd;
}

static bool is_number(const char *text)
{
    return *text && !text[strspn(text, "0123456789")];
}

bool haul_owned_is_descriptor(const char *path)
{
    static const char by_number[] = "/dev/fd/", of_process[] = "/proc/self/fd/";

    if (!strncmp(path, by_number, sizeof by_number - 1))
        return is_number(path + sizeof by_number - 1);
    if (!strncmp(path, of_process, sizeof of_process - 1))
        return is_number(path + sizeof of_process - 1);
    return !strcmp(path, "/dev/stdin") || !strcmp(path, "/dev/stdout") ||
           !strcmp(path, "/dev/stderr");
}

bool haul_owned_is_input(const char *path, const struct stat *info)
{
    return S_ISREG(info->st_mode) || S_ISCHR(info->st_mode) || haul_owned_is_descriptor(path);
}

/* Its status, too. On failure it is closed. */
static int make_blocking(int fd, struct stat *info)
{
    int flags = fcntl(fd, F_GETFL), error;

    if (flags >= 0 && !fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) && !fstat(fd, info))
        return 0;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

int haul_owned_open_input(const char *path, struct stat *info, struct haul_owned_found *found)
{
    int fd;

    *found = (struct haul_owned_found){.verdict = HAUL_OWNED_OK};
    /* To open a FIFO, even for a moment, ends it for whoever writes to it. */
    if (stat(path, info) == 0 && !S_ISDIR(info->st_mode) && !haul_owned_is_input(path, info))
        return refuse(-1, HAUL_OWNED_KIND, found);
    HAUL_AGAIN(fd, open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (fd < 0)
        return -1;
    if (make_blocking(fd, info))
        return -1;
    if (S_ISDIR(info->st_mode) || haul_owned_is_input(path, info))
        return fd; /* reading a directory fails with the right words */
    return refuse(fd, HAUL_OWNED_KIND, found);
}

int haul_owned_open_stream(const char *path, struct haul_owned_found *found)
{
    const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY;
    const bool is_given = haul_owned_is_descriptor(path);
    struct stat info;
    int fd;

    *found = (struct haul_owned_found){.verdict = HAUL_OWNED_OK};
    if (stat(path, &info))
        return -1;
    if (!is_given)
        judge(&info, HAUL_OWNED_STREAM, found);
    if (found->verdict)
        return refuse(-1, found->verdict, found);
    fd = open(path, flags | O_NONBLOCK);
    if (fd < 0 && errno == ENXIO && S_ISFIFO(info.st_mode))
        fd = open(path, flags); /* interrupted, it is not opened again */
    if (fd < 0 || make_blocking(fd, &info))
        return -1;
    if (!is_given)
        judge(&info, HAUL_OWNED_STREAM, found);
    return found->verdict ? refuse(fd, found->verdict, found) : fd;
}

/* ---- where it stands ---- */

bool haul_owned_may_follow(const char *path, struct haul_owned_found *found)
{
    size_t len = strlen(path);
    char *name;
    struct stat info;
    bool may = true;

    *found = (struct haul_owned_found){.verdict = HAUL_OWNED_OK};
    while (len > 1 && path[len - 1] == '/')
        len--;
    name = strndup(path, len);
    if (name && lstat(name, &info) == 0 && S_ISLNK(info.st_mode))
        may = haul_owned_is_by(&info, geteuid());
    else if (!name)
        may = false;
    if (!may && name)
        *found = (struct haul_owned_found){.verdict = HAUL_OWNED_OTHERS, .owner = info.st_uid};
    free(name);
    return may;
}

/* The status of the directory in which the last part of a path stands. */
static int stat_directory(const char *path, struct stat *info)
{
    const char *end = path + strlen(path);
    char *name;
    int failed;

    while (end > path + 1 && end[-1] == '/')
        end--;
    while (end > path && end[-1] != '/')
        end--;
    name = end > path ? strndup(path, (size_t)(end - path)) : strdup(".");
    failed = name ? stat(name, info) : -1;
    free(name);
    return failed;
}

bool haul_owned_may_replace(const char *path, const struct stat *info)
{
    uid_t user = geteuid();
    struct stat directory;

    return user == 0 || info->st_uid == user || stat_directory(path, &directory) ||
           !(directory.st_mode & S_ISVTX) || directory.st_uid == user;
}

enum haul_owned_directory haul_owned_directory_of(const char *path)
{
    struct stat info;

    if (stat_directory(path, &info) || !(info.st_mode & S_IWOTH))
        return HAUL_OWNED_DIRECTORY_CLOSED;
    return info.st_mode & S_ISVTX ? HAUL_OWNED_DIRECTORY_SHARED : HAUL_OWNED_DIRECTORY_OPEN;
}

const char haul_owned_replaceable[] =
    "anybody can replace this file, for anybody may write to its directory (chmod o-w, or +t, for "
    "that helps)";

void haul_owned_add_warning(struct haul_buf *message, const char *path)
{
    if (haul_owned_directory_of(path) != HAUL_OWNED_DIRECTORY_OPEN)
        return;
    haul_message_next(message);
    haul_buf_addf(message, "%s: %s", path, haul_owned_replaceable);
}

/* ---- locks ---- */

const char haul_owned_passed[] =
    "somebody who may only read it holds a lock on it, which is no other run and is passed by "
    "(chmod go-r keeps it away)";

/* One byte that no file has, so that what other programs lock does not matter. */
static struct flock far_byte(short type)
{
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)1 << 62, .l_len = 1};
}

/* Whether somebody who may write to the file has the far byte; *holder: which process, or 0. */
static bool has_writer(int fd, long *holder)
{
    struct flock far = far_byte(F_RDLCK);
    struct flock first = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1};

    if (fcntl(fd, F_OFD_GETLK, &far) == 0 && far.l_type == F_UNLCK)
        return false;
    if (fcntl(fd, F_GETLK, &first) == 0 && first.l_type != F_UNLCK && first.l_pid > 0)
        *holder = (long)first.l_pid;
    return true;
}

/*
 * The far byte decides between runs, and comes first: of two that begin at once one has it. Earlier
 * versions of haul lock all bytes of journals. The lock on the first byte only says who it is; it
 * would be given up if anything in the process closed that file.
 */
enum haul_owned_lock haul_owned_lock(int fd, long *holder)
{
    struct flock far = far_byte(F_WRLCK);
    struct flock first = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    bool has_far = fcntl(fd, F_OFD_SETLK, &far) == 0;
    bool is_known = has_far || errno == EAGAIN || errno == EACCES;
    int failed;

    *holder = 0;
    if (is_known && !has_far && has_writer(fd, holder))
        return HAUL_OWNED_LOCK_BUSY;
    HAUL_AGAIN(failed, flock(fd, LOCK_EX | LOCK_NB));
    if (failed && errno != EWOULDBLOCK)
        return HAUL_OWNED_LOCK_FAILED;
    if (failed && !is_known)
        return HAUL_OWNED_LOCK_BUSY;
    (void)fcntl(fd, F_SETLK, &first);
    return failed ? HAUL_OWNED_LOCK_PASSED : HAUL_OWNED_LOCK_TAKEN;
}
