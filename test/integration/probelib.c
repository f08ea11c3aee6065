/* RTLD_NEXT, gettid, and system calls by their numbers; and its read is no inline function */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

/*
 * Somebody who has taken over haul: preloaded (LD_PRELOAD), each of its threads tries once what no
 * thread of it should be able to do any more, when it next writes, connects or syncs after the
 * sandbox was entered. Variables of the environment:
 *
 *   PROBE=DIR        what is tried is tried in DIR, with the files "victim" and "secret" there
 *   PROBE_FILE=FILE  gets a line for each try: "write EACCES", or "write done"; and "ask done" when
 *                    haul asks for the version of the kernel's interface
 *   PROBE_ALWAYS=1   the sandbox is not waited for: the first connection will do. As a control
 *   PROBE_VERSION=N  what haul is told about the version of the kernel's interface; -1: none
 *   PROBE_REFUSE=1   and that the sandbox cannot be entered
 *   PROBE_FILTER=E   the errno that haul gets when it asks for a filter of system calls, to see
 *                    whether there are any (EINVAL) or to enter it (EPERM)
 */

static const char *directory;
static int told_fd = -1;
static atomic_bool is_inside;
static bool is_always, refuses;
static long version;
static int filter_error;
static pid_t process; /* that is to be taken over; its children try what it will do */

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

#define REAL(name, result, ...)                                                                    \
    result (*real)(__VA_ARGS__);                                                                   \
    void *found = dlsym(RTLD_NEXT, name);                                                          \
    memcpy(&real, &found, sizeof real)

static int real_connect(int fd, const struct sockaddr *address, socklen_t len)
{
    REAL("connect", int, int, const struct sockaddr *, socklen_t);
    return real(fd, address, len);
}

static ssize_t really_write(int fd, const void *bytes, size_t len)
{
    REAL("write", ssize_t, int, const void *, size_t);
    return real(fd, bytes, len);
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("PROBE_FILE"), *told = getenv("PROBE_VERSION"),
               *filter = getenv("PROBE_FILTER");

    process = getpid();
    directory = getenv("PROBE");
    is_always = getenv("PROBE_ALWAYS") != NULL;
    refuses = getenv("PROBE_REFUSE") != NULL;
    version = told ? strtol(told, NULL, 10) : 0;
    filter_error = filter ? (int)strtol(filter, NULL, 10) : 0;
    told_fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
}

/* ---- what is tried ---- */

static void tell(const char *what, bool is_done)
{
    char line[128];
    int error = errno;
    int len = snprintf(line, sizeof line, "%ld %s %s\n", (long)gettid(), what,
                       is_done           ? "done"
                       : error == EACCES ? "EACCES"
                       : error == EPERM  ? "EPERM"
                                         : strerror(error));

    if (really_write(told_fd, line, (size_t)len) < 0)
        abort();
}

static void path_of(char path[512], const char *name)
{
    (void)snprintf(path, 512, "%s/%s", directory, name);
}

static void try_open(const char *what, const char *name, int flags)
{
    char path[512];
    int fd;

    path_of(path, name);
    fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0600);
    tell(what, fd >= 0);
    if (fd >= 0)
        (void)close(fd);
}

static void try_names(void)
{
    char victim[512], other[512];

    path_of(victim, "victim");
    path_of(other, "other");
    tell("rename", rename(victim, other) == 0);
    tell("link", link(victim, other) == 0);
    tell("symlink", symlink(victim, other) == 0);
    tell("mkdir", mkdir(other, 0700) == 0);
    tell("mkfifo", mkfifo(other, 0600) == 0);
    tell("truncate", truncate(victim, 0) == 0);
    tell("unlink", unlink(victim) == 0);
}

/* What a file is, and not what is in it. */
static void try_attributes(void)
{
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    char victim[512];

    path_of(victim, "victim");
    tell("chmod", chmod(victim, 0600) == 0);
    tell("chown", chown(victim, getuid(), getgid()) == 0);
    tell("setxattr", setxattr(victim, "user.haul", "x", 1, 0) == 0 || errno == ENOTSUP);
    tell("times", utimensat(AT_FDCWD, victim, times, 0) == 0);
}

static void try_system(void)
{
    static const char *const places[][2] = {
        {"device", "/dev/ptmx"}, {"another", "/proc/1/stat"}, {"run", "/run"}};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int fd = open(places[i][1], O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

        tell(places[i][0], fd >= 0);
        if (fd >= 0)
            (void)close(fd);
    }
}

static void try_capability(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {{0}};
    long failed = syscall(SYS_capget, (long)&header, (long)sets, 0L, 0L, 0L, 0L);

    errno = EPERM;
    tell("capability", !failed && sets[0].effective & 1U << CAP_CHOWN);
}

/* What the whole process knows, for others of its user and for a core file. */
static void try_memory(void)
{
    struct rlimit limit = {.rlim_max = 1};
    int failed = getrlimit(RLIMIT_CORE, &limit), dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);

    errno = EPERM;
    tell("memory", dumpable != 0);
    errno = EPERM;
    tell("core", !failed && limit.rlim_max != 0);
}

/* To a socket that listens in the directory. */
static void try_local_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", directory);
    tell("local", fd >= 0 && real_connect(fd, (const void *)&address, sizeof address) == 0);
    if (fd >= 0)
        (void)close(fd);
}

/* To one for datagrams, from a pair of sockets. */
static void try_mail(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int pair[2] = {-1, -1}, failed = socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/mail", directory);
    tell("mail", !failed && real_connect(pair[0], (const void *)&address, sizeof address) == 0);
    if (failed)
        return;
    (void)close(pair[0]);
    (void)close(pair[1]);
}

/* What is open has the kernel signal somebody, and gets other flags. */
static void try_descriptor(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), flags = 0;

    tell("owner", fcntl(fd, F_SETOWN, getppid()) == 0);
    tell("signal", fcntl(fd, F_SETSIG, SIGKILL) == 0);
    (void)close(fd);
    tell("flags", (ioctl(told_fd, FS_IOC_GETFLAGS, &flags) == 0 &&
                   ioctl(told_fd, FS_IOC_SETFLAGS, &flags) == 0) ||
                      errno == ENOTTY);
}

static void try_sockets(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    tell("bind", bind(fd, (const struct sockaddr *)&any, sizeof any) == 0);
    (void)close(fd);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    tell("listen", listen(fd, 1) == 0);
    (void)close(fd);
    tell("kill", kill(getppid(), 0) == 0);
}

/* A copy of a program that has no name. Nothing is where its arguments should be, and the kernel
 * minds if it gets that far. */
static void try_nameless(void)
{
    char path[64];
    int program = open("/bin/true", O_RDONLY | O_CLOEXEC), copy = memfd_create("copy", MFD_CLOEXEC);
    ssize_t copied = sendfile(copy, program, NULL, 1 << 20);

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", copy);
    (void)syscall(SYS_execve, (long)path, 8L, 0L, 0L, 0L, 0L);
    tell("nameless", copied > 0 && errno == EFAULT);
    (void)close(copy);
    (void)close(program);
}

static void try_execute(void)
{
    static char name[] = "true";
    char *const argv[] = {name, NULL}, *const env[] = {NULL};
    pid_t child;
    int error = posix_spawn(&child, "/bin/true", NULL, NULL, argv, env);

    errno = error;
    tell("execute", error == 0);
    child = fork();
    if (!child)
        _exit(0);
    tell("fork", child > 0 && waitpid(child, NULL, 0) == child);
}

/* Once for each thread. */
static void probe(void)
{
    static _Thread_local bool has_tried;
    int error = errno;

    if (has_tried || !directory || told_fd < 0 || !atomic_load(&is_inside))
        return;
    has_tried = true;
    try_open("read", "secret", O_RDONLY);
    try_open("write", "victim", O_WRONLY);
    try_open("cut", "victim", O_WRONLY | O_TRUNC);
    try_open("create", "created", O_WRONLY | O_CREAT);
    try_open("list", ".", O_RDONLY | O_DIRECTORY);
    try_attributes();
    try_names();
    try_system();
    try_capability();
    try_memory();
    try_local_socket();
    try_mail();
    try_descriptor();
    try_sockets();
    try_nameless();
    try_execute();
    errno = error;
}

/* ---- when ---- */

/* All that a call may have is handed on; of those with fewer, the rest means nothing. */
long stand_in_for_calls(long number, long a, long b, long c, long d, long e,
                        long f) __asm__("syscall");

long stand_in_for_calls(long number, long a, long b, long c, long d, long e, long f)
{
    REAL("syscall", long, long, ...);
    if (number == SYS_landlock_create_ruleset && !a && told_fd >= 0)
        tell("ask", true);
    if (number == SYS_landlock_create_ruleset && !a && version) {
        errno = ENOSYS;
        return version;
    }
    if (number == SYS_landlock_restrict_self && refuses) {
        errno = EPERM;
        return -1;
    }
    return real(number, a, b, c, d, e, f);
}

int stand_in_for_prctl(int option, unsigned long a, unsigned long b, unsigned long c,
                       unsigned long d) __asm__("prctl");

int stand_in_for_prctl(int option, unsigned long a, unsigned long b, unsigned long c,
                       unsigned long d)
{
    int done;

    REAL("prctl", int, int, ...);
    if (option == PR_SET_SECCOMP && filter_error && (b != 0) == (filter_error == EPERM)) {
        errno = filter_error;
        return -1;
    }
    done = real(option, a, b, c, d);
    if (option == PR_SET_SECCOMP && b && !done && getpid() == process) /* the last to be given up */
        atomic_store(&is_inside, true);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    probe();
    return really_write(fd, bytes, len);
}

ssize_t read(int fd, void *bytes, size_t len)
{
    REAL("read", ssize_t, int, void *, size_t);
    probe();
    return real(fd, bytes, len);
}

int fdatasync(int fd)
{
    REAL("fdatasync", int, int);
    probe();
    return real(fd);
}

/* With GNU's extensions the header's address has a type that no definition can have. */
int stand_in(int fd, const struct sockaddr *address, socklen_t len) __asm__("connect");

int stand_in(int fd, const struct sockaddr *address, socklen_t len)
{
    if (is_always)
        atomic_store(&is_inside, true);
    probe();
    return real_connect(fd, address, len);
}
