/* RTLD_NEXT */
/* With 64-bit offsets asked for, the header would give open() the name of open64(). */
#undef _FILE_OFFSET_BITS
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/*
 * Files that fail when a test says so: preloaded (LD_PRELOAD), it counts the calls that change a
 * regular file and does something else in the Nth. Variables of the environment:
 *
 *   FAULT=MODE:N       kill     the process is killed in front of the call
 *                      torn     half of a write is done, then it is killed; other calls as kill
 *                      after    the call is done, then it is killed
 *                      short    half of a write is done, which is what it returns
 *                      eintr    EINTR, once, nothing done
 *                      enospc   ENOSPC, this and every later call that needs space (and a sync)
 *                      eio      EIO, once, nothing done
 *   FAULT_PATH=TEXT    only files whose name holds TEXT count
 *   FAULT_COUNT=FILE   at the end, how many calls there were is written there
 *   FAULT_LOCKS=none   files cannot be locked (ENOLCK); that does not count as a call
 *
 * Sockets, pipes and terminals never count.
 */

enum mode { NONE, KILL, TORN, AFTER, SHORT, INTERRUPTED, FULL, BROKEN };

static const struct {
    const char *name;
    enum mode mode;
} modes[] = {{"kill", KILL},         {"torn", TORN},   {"after", AFTER}, {"short", SHORT},
             {"eintr", INTERRUPTED}, {"enospc", FULL}, {"eio", BROKEN}};

static enum mode mode;
static long nth;
static const char *wanted; /* FAULT_PATH, or NULL */
static bool has_no_locks;
static atomic_long calls;
static FILE *count_file; /* or NULL; opened first, for haul gives up such rights */

/*
 * What the C library has, as `real`. dlsym gives data pointers; POSIX says that it may be called.
 */
#define REAL(name, result, ...)                                                                    \
    result (*real)(__VA_ARGS__);                                                                   \
    void *found = dlsym(RTLD_NEXT, name);                                                          \
    memcpy(&real, &found, sizeof real)

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("FAULT");
    const char *colon = text ? strchr(text, ':') : NULL;
    const char *locks = getenv("FAULT_LOCKS"), *count = getenv("FAULT_COUNT");

    wanted = getenv("FAULT_PATH");
    count_file = count ? fopen(count, "we") : NULL;
    has_no_locks = locks && strcmp(locks, "none") == 0;
    if (!colon)
        return;
    nth = strtol(colon + 1, NULL, 10);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strlen(modes[i].name) == (size_t)(colon - text) &&
            !strncmp(modes[i].name, text, strlen(modes[i].name)))
            mode = modes[i].mode;
}

__attribute__((destructor)) static void end(void)
{
    mode = NONE;
    if (!count_file)
        return;
    fprintf(count_file, "%ld\n", atomic_load(&calls));
    fclose(count_file);
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static bool is_name_wanted(const char *name)
{
    return !wanted || strstr(name, wanted);
}

static bool is_file_wanted(int fd)
{
    char link[64], name[4096];
    struct stat info;
    ssize_t len;

    if (fstat(fd, &info) || !S_ISREG(info.st_mode))
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, name, sizeof name - 1);
    if (len < 0)
        return false;
    name[len] = '\0';
    return is_name_wanted(name);
}

/* Whether it is this call's turn. Counts it. */
static bool is_hit(void)
{
    long number = atomic_fetch_add(&calls, 1) + 1;

    return nth && (number == nth || (mode == FULL && number > nth));
}

/* What happens in front of a call that writes nothing; true: it fails, with errno. */
static bool fail_call(bool hit, bool needs_space)
{
    if (!hit)
        return false;
    if (mode == KILL || mode == TORN)
        die();
    if (mode == FULL && needs_space)
        errno = ENOSPC;
    else if (mode == BROKEN)
        errno = EIO;
    else if (mode == INTERRUPTED)
        errno = EINTR;
    else
        return false;
    return true;
}

static int settle(bool hit, int result)
{
    if (hit && mode == AFTER)
        die();
    return result;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    bool hit = is_file_wanted(fd) && is_hit();
    ssize_t written;

    REAL("write", ssize_t, int, const void *, size_t);
    if (hit && mode == TORN) {
        (void)!real(fd, bytes, len / 2);
        die();
    }
    if (hit && mode == SHORT && len > 1)
        return real(fd, bytes, len / 2);
    if (fail_call(hit, true))
        return -1;
    written = real(fd, bytes, len);
    (void)settle(hit, 0);
    return written;
}

static bool creates(int flags)
{
    return (flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE;
}

/* The open functions differ in their names only. */
#define DEFINE_OPEN(function)                                                                      \
    int function(const char *path, int flags, ...);                                                \
    int function(const char *path, int flags, ...)                                                 \
    {                                                                                              \
        bool hit = creates(flags) && is_name_wanted(path) && is_hit();                             \
        mode_t bits = 0;                                                                           \
        va_list args;                                                                              \
                                                                                                   \
        REAL(#function, int, const char *, int, ...);                                              \
        if (creates(flags)) {                                                                      \
            va_start(args, flags);                                                                 \
            bits = va_arg(args, mode_t);                                                           \
            va_end(args);                                                                          \
        }                                                                                          \
        if (fail_call(hit, true))                                                                  \
            return -1;                                                                             \
        return settle(hit, real(path, flags, bits));                                               \
    }
#undef open
#undef open64
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

#define DEFINE_SYNC(function)                                                                      \
    int function(int fd)                                                                           \
    {                                                                                              \
        bool hit = is_file_wanted(fd) && is_hit();                                                 \
                                                                                                   \
        REAL(#function, int, int);                                                                 \
        return fail_call(hit, true) ? -1 : settle(hit, real(fd));                                  \
    }
DEFINE_SYNC(fsync)
DEFINE_SYNC(fdatasync)

/* With 64-bit offsets, a program calls the second of each. */
#define DEFINE_TRUNCATE(function)                                                                  \
    int function(int fd, off_t size)                                                               \
    {                                                                                              \
        bool hit = is_file_wanted(fd) && is_hit();                                                 \
                                                                                                   \
        REAL(#function, int, int, off_t);                                                          \
        return fail_call(hit, false) ? -1 : settle(hit, real(fd, size));                           \
    }
DEFINE_TRUNCATE(ftruncate)
DEFINE_TRUNCATE(ftruncate64)

#define DEFINE_ALLOCATE(function)                                                                  \
    int function(int fd, int how, off_t offset, off_t len)                                         \
    {                                                                                              \
        bool hit = is_file_wanted(fd) && is_hit();                                                 \
                                                                                                   \
        REAL(#function, int, int, int, off_t, off_t);                                              \
        return fail_call(hit, true) ? -1 : settle(hit, real(fd, how, offset, len));                \
    }
DEFINE_ALLOCATE(fallocate)
DEFINE_ALLOCATE(fallocate64)

int futimens(int fd, const struct timespec times[2])
{
    bool hit = is_file_wanted(fd) && is_hit();

    REAL("futimens", int, int, const struct timespec *);
    return fail_call(hit, false) ? -1 : settle(hit, real(fd, times));
}

int flock(int fd, int how)
{
    REAL("flock", int, int, int);
    if (has_no_locks && is_file_wanted(fd)) {
        errno = ENOLCK;
        return -1;
    }
    return real(fd, how);
}

/* ---- names that are relative to a directory ---- */

static bool is_name_at_wanted(int dir_fd, const char *name)
{
    char link[64], path[8192];
    ssize_t len;

    if (dir_fd == AT_FDCWD || *name == '/')
        return is_name_wanted(name);
    snprintf(link, sizeof link, "/proc/self/fd/%d", dir_fd);
    len = readlink(link, path, sizeof path - 1);
    if (len < 0)
        return false;
    snprintf(path + len, sizeof path - (size_t)len, "/%s", name);
    return is_name_wanted(path);
}

#define DEFINE_OPENAT(function)                                                                    \
    int function(int dir_fd, const char *path, int flags, ...);                                    \
    int function(int dir_fd, const char *path, int flags, ...)                                     \
    {                                                                                              \
        bool hit = creates(flags) && is_name_at_wanted(dir_fd, path) && is_hit();                  \
        mode_t bits = 0;                                                                           \
        va_list args;                                                                              \
                                                                                                   \
        REAL(#function, int, int, const char *, int, ...);                                         \
        if (creates(flags)) {                                                                      \
            va_start(args, flags);                                                                 \
            bits = va_arg(args, mode_t);                                                           \
            va_end(args);                                                                          \
        }                                                                                          \
        if (fail_call(hit, true))                                                                  \
            return -1;                                                                             \
        return settle(hit, real(dir_fd, path, flags, bits));                                       \
    }
#undef openat
#undef openat64
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

int mkdirat(int dir_fd, const char *path, mode_t bits)
{
    bool hit = is_name_at_wanted(dir_fd, path) && is_hit();

    REAL("mkdirat", int, int, const char *, mode_t);
    return fail_call(hit, true) ? -1 : settle(hit, real(dir_fd, path, bits));
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    bool hit = is_name_at_wanted(to_fd, to) && is_hit();

    REAL("renameat", int, int, const char *, int, const char *);
    return fail_call(hit, true) ? -1 : settle(hit, real(from_fd, from, to_fd, to));
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    bool hit = is_name_at_wanted(to_fd, to) && is_hit();

    REAL("renameat2", int, int, const char *, int, const char *, unsigned);
    return fail_call(hit, true) ? -1 : settle(hit, real(from_fd, from, to_fd, to, flags));
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    bool hit = is_name_at_wanted(to_fd, to) && is_hit();

    REAL("linkat", int, int, const char *, int, const char *, int);
    return fail_call(hit, true) ? -1 : settle(hit, real(from_fd, from, to_fd, to, flags));
}

int unlinkat(int dir_fd, const char *path, int flags)
{
    bool hit = is_name_at_wanted(dir_fd, path) && is_hit();

    REAL("unlinkat", int, int, const char *, int);
    return fail_call(hit, false) ? -1 : settle(hit, real(dir_fd, path, flags));
}

int rename(const char *from, const char *to)
{
    bool hit = is_name_wanted(to) && is_hit();

    REAL("rename", int, const char *, const char *);
    return fail_call(hit, true) ? -1 : settle(hit, real(from, to));
}

int unlink(const char *path)
{
    bool hit = is_name_wanted(path) && is_hit();

    REAL("unlink", int, const char *);
    return fail_call(hit, false) ? -1 : settle(hit, real(path));
}
