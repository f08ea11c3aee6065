/* flock, getrandom */
#define _GNU_SOURCE
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
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

bool haul_temporary_is_ours(const struct stat *info)
{
    return S_ISREG(info->st_mode) && info->st_uid == geteuid() && info->st_nlink == 1;
}

uint64_t haul_temporary_number(void)
{
    struct timespec now = {0};
    uint64_t number;

    if (getrandom(&number, sizeof number, GRND_NONBLOCK) == (ssize_t)sizeof number)
        return number;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000007u + (uint64_t)now.tv_nsec;
}

int haul_temporary_open_stale(int dir_fd, const char *name, bool *is_locked)
{
    struct stat info;
    int fd;

    if (fstatat(dir_fd, name, &info, AT_SYMLINK_NOFOLLOW))
        return -1;
    if (!haul_temporary_is_ours(&info)) {
        errno = EEXIST;
        return -1;
    }
    fd = openat(dir_fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 &&
        !(fstat(fd, &info) == 0 && haul_temporary_is_ours(&info) &&
          haul_temporary_lock(fd, is_locked) && haul_temporary_is_at(dir_fd, name, fd))) {
        close(fd);
        errno = EEXIST;
        fd = -1;
    }
    return fd;
}

bool haul_temporary_keep(int fd)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 0}};

    return futimens(fd, times) == 0;
}

static bool is_kept(int fd)
{
    struct stat info;

    return fstat(fd, &info) == 0 && info.st_mtim.tv_sec == 0;
}

static void remove_stale(int dir_fd, const char *entry)
{
    bool is_locked = false;
    int fd = haul_temporary_open_stale(dir_fd, entry, &is_locked);

    if (fd < 0)
        return;
    if (is_locked && !is_kept(fd))
        (void)unlinkat(dir_fd, entry, 0);
    close(fd);
}

void haul_temporary_sweep(DIR *dir, haul_temporary_match *match, const void *arg)
{
    const struct dirent *entry;
    int left = HAUL_TEMPORARY_SWEEP;

    while (left && (entry = readdir(dir)) != NULL) {
        if (!match(entry->d_name, arg))
            continue;
        remove_stale(dirfd(dir), entry->d_name);
        left--;
    }
    closedir(dir);
}
