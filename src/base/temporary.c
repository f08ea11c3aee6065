/* flock */
#define _GNU_SOURCE
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/again.h"

bool haul_temporary_lock(int fd, bool *is_locked)
{
    int failed;

    HAUL_AGAIN(failed, flock(fd, LOCK_EX | LOCK_NB));
    *is_locked = !failed;
    return !failed || errno != EWOULDBLOCK;
}

bool haul_temporary_claim(int fd, bool *is_locked, struct stat *info)
{
    return haul_temporary_lock(fd, is_locked) && fstat(fd, info) == 0 && info->st_nlink;
}

bool haul_temporary_is_at(int dir_fd, const char *name, int fd)
{
    struct stat there, here;

    return fstatat(dir_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &here) == 0 &&
           there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

bool haul_temporary_is_ours(int fd)
{
    struct stat info;

    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
           info.st_nlink == 1;
}

int haul_temporary_open_stale(int dir_fd, const char *name, bool *is_locked)
{
    int fd = openat(dir_fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && !(haul_temporary_is_ours(fd) && haul_temporary_lock(fd, is_locked) &&
                     haul_temporary_is_at(dir_fd, name, fd))) {
        close(fd);
        errno = EEXIST;
        fd = -1;
    }
    return fd;
}
