#include "base/owned.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/again.h"

/* ---- the rule ---- */

/* It keeps nothing and gives nothing away, whoever's it is: in a container that is no root's it is
 * the host's. Its numbers are Linux's. */
static bool is_null_device(const struct stat *info)
{
    return S_ISCHR(info->st_mode) && major(info->st_rdev) == 1 && minor(info->st_rdev) == 3;
}

enum haul_owned haul_owned_judge(const struct stat *info, uid_t user, enum haul_owned_use use)
{
    bool is_stream = S_ISFIFO(info->st_mode) || S_ISCHR(info->st_mode);

    if (S_ISLNK(info->st_mode))
        return HAUL_OWNED_SYMLINK;
    if (!haul_owned_is_by(info, user) && !is_null_device(info))
        return HAUL_OWNED_OTHERS;
    if (!S_ISREG(info->st_mode))
        return is_stream && use == HAUL_OWNED_STREAM ? HAUL_OWNED_OK : HAUL_OWNED_KIND;
    return info->st_nlink > 1 ? HAUL_OWNED_LINKED : HAUL_OWNED_OK;
}

/* What belongs to others and may be used all the same is judged once more, as if it were this
 * user's. */
void haul_owned_look_at(const char *path, const struct stat *info, enum haul_owned_use use,
                        struct haul_owned_found *found)
{
    const uid_t user = geteuid();
    struct stat own = *info;

    *found = (struct haul_owned_found){.verdict = haul_owned_judge(info, user, use),
                                       .owner = info->st_uid};
    if (found->verdict != HAUL_OWNED_OTHERS || !haul_owned_may_use(path, info, found))
        return;
    own.st_uid = user;
    found->verdict = haul_owned_judge(&own, user, use);
}

int haul_owned_look(const char *path, enum haul_owned_use use, struct haul_owned_found *found)
{
    struct stat info;

    *found = (struct haul_owned_found){.verdict = HAUL_OWNED_OK};
    if (lstat(path, &info))
        return -1;
    haul_owned_look_at(path, &info, use, found);
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

static int open_what_is_there(const char *path, const struct haul_owned_how *how, int flags,
                              struct haul_owned_found *found)
{
    struct stat info;
    int fd;

    /* What may not be opened is told by whose it is, and a device may mind being opened. */
    if (lstat(path, &info))
        return -1;
    haul_owned_look_at(path, &info, how->use, found);
    if (found->verdict)
        return refuse(-1, found->verdict, found);
    HAUL_AGAIN(fd, open(path, flags));
    if (fd < 0 && errno == ELOOP)
        return refuse(-1, HAUL_OWNED_SYMLINK, found);
    if (fd < 0 || fstat(fd, &info))
        return fd;
    haul_owned_look_at(path, &info, how->use, found);
    return found->verdict ? refuse(fd, found->verdict, found) : fd;
}

int haul_owned_open(const char *path, const struct haul_owned_how *how,
                    struct haul_owned_found *found)
{
    const int flags = how->flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    int fd = -1, tries = 1000;

    *found = (struct haul_owned_found){.verdict = HAUL_OWNED_OK};
    if (!how->creates)
        return open_what_is_there(path, how, flags, found);
    /* It may go between the two, as a lock does that somebody gives up; and come again. */
    do {
        HAUL_AGAIN(fd, open(path, flags | O_CREAT | O_EXCL, how->mode));
        found->is_new = fd >= 0;
        if (found->is_new || errno != EEXIST)
            return fd;
        fd = open_what_is_there(path, how, flags, found);
    } while (fd < 0 && !found->verdict && errno == ENOENT && --tries);
    return fd;
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

/* What stands elsewhere, behind a link, is judged without regard to where. */
static void judge_target(const char *path, const struct stat *info, struct haul_owned_found *found)
{
    struct stat here;

    if (lstat(path, &here) == 0 && !S_ISLNK(here.st_mode)) {
        haul_owned_look_at(path, info, HAUL_OWNED_STREAM, found);
        return;
    }
    found->verdict = haul_owned_judge(info, geteuid(), HAUL_OWNED_STREAM);
    found->owner = info->st_uid;
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
        judge_target(path, &info, found);
    if (found->verdict)
        return refuse(-1, found->verdict, found);
    fd = open(path, flags | O_NONBLOCK);
    if (fd < 0 && errno == ENXIO && S_ISFIFO(info.st_mode))
        fd = open(path, flags); /* interrupted, it is not opened again */
    if (fd < 0 || make_blocking(fd, &info))
        return -1;
    if (!is_given)
        judge_target(path, &info, found);
    return found->verdict ? refuse(fd, found->verdict, found) : fd;
}
