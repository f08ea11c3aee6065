#include "fail_file.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>

static int failing[OPERATION_COUNT]; /* the errno with which it fails, 0: it works */
static int times[OPERATION_COUNT];   /* how often still; -1: always */
int calls[OPERATION_COUNT];
bool short_writes;

static bool fails(enum operation operation)
{
    calls[operation]++;
    if (!failing[operation] || !times[operation])
        return false;
    if (times[operation] > 0)
        times[operation]--;
    errno = failing[operation];
    return true;
}

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __real_pwrite64(int fd, const void *bytes, size_t len, off_t offset);
int __real_fsync(int fd);
int __real_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __real_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __real_mkdirat(int fd, const char *path, mode_t mode);
int __real_fallocate64(int fd, int mode, off_t offset, off_t len);
int __real_flock(int fd, int how);
long __real_syscall(long number, ...);
int __wrap_flock(int fd, int how);
long __wrap_syscall(long number, ...);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t offset);
int __wrap_fsync(int fd);
int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_mkdirat(int fd, const char *path, mode_t mode);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len);

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    struct stat info;

    if (fstat(fd, &info) || !S_ISREG(info.st_mode))
        return __real_write(fd, bytes, len);
    if (fails(WRITE))
        return -1;
    return __real_write(fd, bytes, short_writes && len > 1 ? len / 2 : len);
}

ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t offset)
{
    return fails(PWRITE)
               ? -1
               : __real_pwrite64(fd, bytes, short_writes && len > 1 ? len / 2 : len, offset);
}

int __wrap_fsync(int fd)
{
    return fails(FSYNC) ? -1 : __real_fsync(fd);
}

int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return fails(RENAME) ? -1 : __real_renameat(from_fd, from, to_fd, to);
}

int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    return fails(RENAME_NEW) ? -1 : __real_renameat2(from_fd, from, to_fd, to, flags);
}

int __wrap_mkdirat(int fd, const char *path, mode_t mode)
{
    return fails(MKDIR) ? -1 : __real_mkdirat(fd, path, mode);
}

int __wrap_flock(int fd, int how)
{
    return fails(FLOCK) ? -1 : __real_flock(fd, how);
}

/* The one that is called here takes four arguments. */
long __wrap_syscall(long number, ...)
{
    long arg[4];
    va_list args;

    va_start(args, number);
    for (size_t i = 0; i < 4; i++)
        arg[i] = va_arg(args, long);
    va_end(args);
    if (number == SYS_openat2 && fails(OPENAT2))
        return -1;
    return __real_syscall(number, arg[0], arg[1], arg[2], arg[3]);
}

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len)
{
    return fails(FALLOCATE) ? -1 : __real_fallocate64(fd, mode, offset, len);
}

void fail_file_reset(void)
{
    memset(failing, 0, sizeof failing);
    memset(calls, 0, sizeof calls);
    short_writes = false;
}

void let_fail(enum operation operation, int error, int how_often)
{
    failing[operation] = error;
    times[operation] = how_often;
}
