/* memfd_create, fork's and the kernel's constants */
#undef _POSIX_C_SOURCE
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/callfilter.h"

/*
 * The filter of system calls: what is refused inside, and what is not. Each case tries the same
 * call in two children, for nobody leaves a filter: one with it and one without, where whatever
 * comes is another answer. So no try is refused for a reason of its own.
 */

static int file;       /* regular, of this user, open for reading and writing; its name is "file" */
static int daemons[2]; /* listen at the local sockets "stream" and "mail" */
static char top[64];

static struct sockaddr_un address_of(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    strcpy(address.sun_path, name);
    return address;
}

static int start_daemon(const char *name, int type)
{
    const struct sockaddr_un address = address_of(name);
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(bind(fd, (const void *)&address, sizeof address), 0);
    if (type == SOCK_STREAM)
        ck_assert_int_eq(listen(fd, 10), 0);
    return fd;
}

static void make_world(void)
{
    snprintf(top, sizeof top, "/tmp/haul-callfilter-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(chdir(top), 0);
    file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(file, 0);
    daemons[0] = start_daemon("stream", SOCK_STREAM);
    daemons[1] = start_daemon("mail", SOCK_DGRAM);
}

static void remove_world(void)
{
    char command[128];

    ck_assert_int_eq(close(file), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(close(daemons[i]), 0);
    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    ck_assert_int_eq(system(command), 0);
}

/* ---- tries: each returns 0 or more, or -1 with errno ---- */

#define TRY(name, call)                                                                            \
    static long name(void)                                                                         \
    {                                                                                              \
        return (call);                                                                             \
    }

static const struct timespec times[2];

TRY(try_chmod, syscall(SYS_fchmodat, AT_FDCWD, "file", 0644))
TRY(try_fchmod, fchmod(file, 0644))
TRY(try_chown, chown("file", getuid(), getgid()))
TRY(try_fchown, fchown(file, getuid(), getgid()))
TRY(try_fsetxattr, fsetxattr(file, "user.haul", "x", 1, 0))
TRY(try_fremovexattr, fremovexattr(file, "user.haul"))
TRY(try_utimes, utimensat(AT_FDCWD, "file", times, 0))
TRY(try_futimens, futimens(file, times))
TRY(try_mkfifo, mkfifo("fifo", 0600))
TRY(try_set_uid, open("new", O_WRONLY | O_CREAT | O_CLOEXEC, 04700))
TRY(try_set_gid, openat(AT_FDCWD, "new", O_WRONLY | O_CREAT | O_CLOEXEC, 02700))
TRY(try_set_uid_nameless, open(".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 04700))
TRY(try_create, open("new", O_WRONLY | O_CREAT | O_CLOEXEC, 0666))
TRY(try_create_nameless, open(".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600))
/* As openat(2) without O_CREAT, whose last argument nobody has set. */
TRY(try_open, syscall(SYS_openat, AT_FDCWD, "file", O_RDONLY | O_CLOEXEC, -1))
TRY(try_openat2, syscall(SYS_openat2, AT_FDCWD, "file", NULL, (size_t)0))

static long wait_for(pid_t child)
{
    int status;

    return child < 0 ? -1 : waitpid(child, &status, 0);
}

static long try_fork(void)
{
    pid_t child = fork();

    if (!child)
        _exit(0);
    return wait_for(child);
}

/* A name and arguments that are none: EFAULT says that they were looked at. */
TRY(try_execve, syscall(SYS_execve, NULL, NULL, NULL))
TRY(try_execveat, syscall(SYS_execveat, -1, NULL, NULL, NULL, 0))
TRY(try_clone3, syscall(SYS_clone3, NULL, (size_t)0))
TRY(try_ptrace, syscall(SYS_ptrace, PTRACE_DETACH, getppid(), NULL, NULL))
TRY(try_kill, kill(getppid(), 0))
TRY(try_kill_group, kill(0, 0))
TRY(try_tgkill, syscall(SYS_tgkill, getppid(), getppid(), 0))
TRY(try_kill_self, kill(getpid(), 0))
TRY(try_raise, raise(SIGCONT))
TRY(try_sigqueue, sigqueue(getppid(), 0, (union sigval){0}))
TRY(try_pidfd, syscall(SYS_pidfd_open, getppid(), 0))
TRY(try_limit_of_another, syscall(SYS_prlimit64, getppid(), RLIMIT_CORE, NULL, NULL))
TRY(try_own_limit, syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, NULL))
TRY(try_priority, setpriority(PRIO_PROCESS, 0, 19))
TRY(try_shared_memory, syscall(SYS_shmget, 0x6861756c, 0, 0))

/* One whose arguments are wrong has been looked at. */
TRY(try_unshare, unshare(-1))
TRY(try_setns, setns(-1, 0))
TRY(try_bpf, syscall(SYS_bpf, -1, NULL, 0))
TRY(try_keyctl, syscall(SYS_keyctl, -1, 0, 0, 0, 0))
TRY(try_io_uring, syscall(SYS_io_uring_register, -1, -1, NULL, 0))
TRY(try_new_call, syscall(452, -1, NULL, 0, -1))

TRY(try_listen, listen(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 1))
TRY(try_accept, accept(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), NULL, NULL))
TRY(try_tcp, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
TRY(try_udp, socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))
TRY(try_local, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
TRY(try_pair, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, (int[2]){0}))
TRY(try_routes, socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE))
TRY(try_devices, socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT))
TRY(try_no_family, socket(AF_UNSPEC, SOCK_STREAM, 0))
TRY(try_high_family, socket(1000, SOCK_STREAM, 0))
/* The kernel looks at 32 of the bits. */
TRY(try_local_in_disguise, syscall(SYS_socket, (1L << 40) | AF_UNIX, SOCK_STREAM, 0))

/* ---- ways to a daemon: of a socket that can be made, none leads there ---- */

static int half_of_pair(int type)
{
    int pair[2] = {-1, -1};

    return socketpair(AF_UNIX, type, 0, pair) ? -1 : pair[0];
}

static long try_connect(int fd, const char *name)
{
    const struct sockaddr_un address = address_of(name);

    return fd < 0 ? -1 : connect(fd, (const void *)&address, sizeof address);
}

static long try_send(int fd, const char *name)
{
    const struct sockaddr_un address = address_of(name);

    return fd < 0 ? -1 : sendto(fd, "x", 1, 0, (const void *)&address, sizeof address);
}

TRY(try_daemon, try_connect(socket(AF_UNIX, SOCK_STREAM, 0), "stream"))
TRY(try_mail, try_send(socket(AF_UNIX, SOCK_DGRAM, 0), "mail"))
TRY(try_mail_by_pair, try_send(half_of_pair(SOCK_DGRAM), "mail"))
TRY(try_connected_pair, try_connect(half_of_pair(SOCK_DGRAM), "mail"))
TRY(try_pair_with_flags,
    try_connect(half_of_pair(SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK), "mail"))
TRY(try_raw_pair, try_connect(half_of_pair(SOCK_RAW), "mail")) /* the kernel makes it SOCK_DGRAM */
TRY(try_pair_in_disguise, try_connect(syscall(SYS_socketpair, (1L << 40) | AF_UNIX,
                                              (1L << 40) | SOCK_DGRAM, 0, (int[2]){0})
                                          ? -1
                                          : 0,
                                      "mail"))
TRY(try_stream_pair_elsewhere, try_connect(half_of_pair(SOCK_STREAM), "stream"))
TRY(try_packet_pair_elsewhere, try_connect(half_of_pair(SOCK_SEQPACKET), "stream"))
TRY(try_packet_pair, half_of_pair(SOCK_SEQPACKET | SOCK_NONBLOCK))
TRY(try_tipc_pair, socketpair(AF_TIPC, SOCK_STREAM, 0, (int[2]){0}))

/* ---- signals by files, and what files are ---- */

static const struct f_owner_ex parent = {.type = F_OWNER_PID};

TRY(try_owner, fcntl(file, F_SETOWN, getppid()))
TRY(try_owner_in_disguise, syscall(SYS_fcntl, file, (1L << 40) | F_SETOWN, getppid()))
TRY(try_owner_of_kind, fcntl(file, F_SETOWN_EX, &parent))
TRY(try_signal_of_file, fcntl(file, F_SETSIG, SIGCONT))
TRY(try_notify, fcntl(open(".", O_RDONLY | O_CLOEXEC), F_NOTIFY, DN_CREATE))
TRY(try_lease, fcntl(file, F_SETLEASE, F_UNLCK))
TRY(try_lock, fcntl(file, F_SETLK, &(struct flock){.l_type = F_RDLCK}))
TRY(try_owner_by_ioctl, ioctl(socket(AF_INET, SOCK_DGRAM, 0), FIOSETOWN, &(int){getppid()}))
TRY(try_group_by_ioctl, ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSPGRP, &(int){getppid()}))
/* Of a descriptor that is none: EBADF says that it was looked at. */
TRY(try_flags, ioctl(-1, FS_IOC_SETFLAGS, &(int){0}))
TRY(try_flags_in_disguise, syscall(SYS_ioctl, -1, (1L << 40) | FS_IOC_SETFLAGS, &(int){0}))
TRY(try_short_flags, ioctl(-1, FS_IOC32_SETFLAGS, &(int){0}))
TRY(try_more_flags, ioctl(-1, FS_IOC_FSSETXATTR, NULL))
TRY(try_version, ioctl(-1, FS_IOC_SETVERSION, &(int){0}))
TRY(try_verity, ioctl(-1, FS_IOC_ENABLE_VERITY, NULL))
TRY(try_encryption, ioctl(-1, FS_IOC_SET_ENCRYPTION_POLICY, NULL))
TRY(try_freeze, ioctl(-1, FIFREEZE, NULL))
TRY(try_subvolume, ioctl(-1, BTRFS_IOC_SNAP_DESTROY, NULL))

TRY(try_typing, ioctl(-1, TIOCSTI, ""))
TRY(try_typing_in_disguise, syscall(SYS_ioctl, -1, (1L << 40) | TIOCSTI, ""))
TRY(try_asking, ioctl(-1, FIONREAD, NULL))
TRY(try_event, eventfd(0, EFD_CLOEXEC))
TRY(try_map, mprotect(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096,
                      PROT_READ | PROT_EXEC))

static void *run_nothing(void *arg)
{
    return arg;
}

static long try_thread(void)
{
    pthread_t thread;

    errno = pthread_create(&thread, NULL, run_nothing, NULL);
    return errno ? -1 : pthread_join(thread, NULL);
}

/* ---- with and without ---- */

enum { ALLOWED = 0 };

static const struct {
    const char *name;
    long (*call)(void);
    int inside;          /* errno, or ALLOWED: as outside */
    bool for_sanitizers; /* allowed in their builds */
} tries[] = {
    {"chmod", try_chmod, EPERM, false},
    {"fchmod", try_fchmod, EPERM, false},
    {"chown", try_chown, EPERM, false},
    {"fchown", try_fchown, EPERM, false},
    {"setxattr", try_fsetxattr, EPERM, false},
    {"removexattr", try_fremovexattr, EPERM, false},
    {"times by name", try_utimes, EPERM, false},
    {"times by descriptor", try_futimens, ALLOWED, false},
    {"mkfifo", try_mkfifo, EPERM, false},
    {"set-user-ID", try_set_uid, EPERM, false},
    {"set-group-ID", try_set_gid, EPERM, false},
    {"set-user-ID, nameless", try_set_uid_nameless, EPERM, false},
    {"create", try_create, ALLOWED, false},
    {"create, nameless", try_create_nameless, ALLOWED, false},
    {"open", try_open, ALLOWED, false},
    {"openat2", try_openat2, ENOSYS, false},
    {"fork", try_fork, EPERM, true},
    {"execve", try_execve, EPERM, false},
    {"execveat", try_execveat, EPERM, false},
    {"clone3", try_clone3, ENOSYS, false},
    {"ptrace", try_ptrace, EPERM, true},
    {"kill", try_kill, EPERM, false},
    {"kill a group", try_kill_group, EPERM, false},
    {"tgkill", try_tgkill, EPERM, false},
    {"kill oneself", try_kill_self, ALLOWED, false},
    {"raise", try_raise, ALLOWED, false},
    {"sigqueue", try_sigqueue, EPERM, false},
    {"pidfd", try_pidfd, EPERM, false},
    {"limit of another", try_limit_of_another, EPERM, false},
    {"own limit", try_own_limit, ALLOWED, false},
    {"priority", try_priority, EPERM, false},
    {"shared memory", try_shared_memory, EPERM, false},
    {"unshare", try_unshare, EPERM, false},
    {"setns", try_setns, EPERM, false},
    {"bpf", try_bpf, EPERM, false},
    {"keyctl", try_keyctl, EPERM, false},
    {"io_uring", try_io_uring, EPERM, false},
    {"call of later kernels", try_new_call, ENOSYS, false},
    {"listen", try_listen, EPERM, false},
    {"accept", try_accept, EPERM, false},
    {"TCP", try_tcp, ALLOWED, false},
    {"UDP", try_udp, ALLOWED, false},
    {"local", try_local, EPERM, false},
    {"pair", try_pair, ALLOWED, false},
    {"daemon", try_daemon, EPERM, false},
    {"mail", try_mail, EPERM, false},
    {"mail by a pair", try_mail_by_pair, EPERM, false},
    {"connected pair", try_connected_pair, EPERM, false},
    {"connected pair with flags", try_pair_with_flags, EPERM, false},
    {"raw pair", try_raw_pair, EPERM, false},
    {"pair in disguise", try_pair_in_disguise, EPERM, false},
    {"stream pair elsewhere", try_stream_pair_elsewhere, ALLOWED, false},
    {"packet pair elsewhere", try_packet_pair_elsewhere, ALLOWED, false},
    {"packet pair", try_packet_pair, ALLOWED, false},
    {"pair of another family", try_tipc_pair, EPERM, false},
    {"owner of a file", try_owner, EPERM, false},
    {"owner in disguise", try_owner_in_disguise, EPERM, false},
    {"owner of a kind", try_owner_of_kind, EPERM, false},
    {"signal of a file", try_signal_of_file, EPERM, false},
    {"notify", try_notify, EPERM, false},
    {"lease", try_lease, EPERM, false},
    {"lock", try_lock, ALLOWED, false},
    {"owner by ioctl", try_owner_by_ioctl, EPERM, false},
    {"group by ioctl", try_group_by_ioctl, EPERM, false},
    {"flags", try_flags, EPERM, false},
    {"flags in disguise", try_flags_in_disguise, EPERM, false},
    {"short flags", try_short_flags, EPERM, false},
    {"more flags", try_more_flags, EPERM, false},
    {"version", try_version, EPERM, false},
    {"verity", try_verity, EPERM, false},
    {"encryption", try_encryption, EPERM, false},
    {"freeze", try_freeze, EPERM, false},
    {"subvolume", try_subvolume, EPERM, false},
    {"routes", try_routes, ALLOWED, false},
    {"other netlink", try_devices, EPERM, false},
    {"no family", try_no_family, EPERM, false},
    {"high family", try_high_family, EPERM, false},
    {"local in disguise", try_local_in_disguise, EPERM, false},
    {"typing", try_typing, EPERM, false},
    {"typing in disguise", try_typing_in_disguise, EPERM, false},
    {"asking", try_asking, ALLOWED, false},
    {"event", try_event, ALLOWED, false},
    {"map", try_map, ALLOWED, false},
    {"thread", try_thread, ALLOWED, false},
};
enum { TRIES = sizeof tries / sizeof *tries };

static void enter(bool connects)
{
    struct haul_buf message;

    haul_buf_init(&message, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || haul_callfilter_enter(connects, &message))
        _exit(255);
    haul_buf_done(&message);
}

/* The errno of a call in a child, or 0. */
static int answer_of(long (*call)(void), bool filters, bool connects)
{
    int status;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (!child) {
        if (filters)
            enter(connects);
        _exit(call() < 0 ? errno : 0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "signal %d", WTERMSIG(status));
    ck_assert_int_ne(WEXITSTATUS(status), 255);
    return WEXITSTATUS(status);
}

static bool is_there(const char *name)
{
    if (!haul_callfilter_is_there())
        fprintf(stderr, "%s: SKIPPED, nothing was tested: no seccomp\n", name);
    return haul_callfilter_is_there();
}

START_TEST(inside_what_haul_never_does_is_refused)
{
    int outside, inside = tries[_i].inside;

    if (!is_there(__func__))
        return;
#ifdef HAUL_SANITIZED
    if (tries[_i].for_sanitizers)
        inside = ALLOWED;
#endif
    outside = answer_of(tries[_i].call, false, false);
    if (inside == ALLOWED)
        inside = outside;
    else if (strcmp(tries[_i].name, "keyctl") != 0 && tries[_i].call != try_new_call)
        ck_assert_msg(outside != inside, "%s: %d without the filter, too", tries[_i].name, outside);
    ck_assert_msg(answer_of(tries[_i].call, true, false) == inside, "%s: not %d (outside %d)",
                  tries[_i].name, inside, outside);
    (void)remove("fifo");
}
END_TEST

START_TEST(inside_local_sockets_are_made_where_they_are_needed)
{
    if (!is_there(__func__))
        return;
    ck_assert_int_eq(answer_of(try_local, true, true), 0);
    ck_assert_int_eq(answer_of(try_daemon, true, true), 0);
    ck_assert_int_eq(answer_of(try_mail_by_pair, true, true), 0);
    ck_assert_int_eq(answer_of(try_devices, true, true), EPERM);
}
END_TEST

/* Who can make no child any more cannot have one try it; sanitizers need children, and can. */
#ifdef HAUL_SANITIZED
static const enum haul_err err_of_second = HAUL_OK;
#else
static const enum haul_err err_of_second = HAUL_ERR_SYSTEM;
#endif

START_TEST(filter_is_entered_twice_only_by_who_has_children)
{
    struct haul_buf message;
    int status;
    pid_t child;

    if (!is_there(__func__))
        return;
    child = fork();
    ck_assert_int_ge(child, 0);
    if (!child) {
        enter(true);
        haul_buf_init(&message, 0);
        if (haul_callfilter_enter(false, &message) != err_of_second)
            _exit(255);
        haul_buf_done(&message);
        _exit(try_local() < 0 ? errno : 0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), err_of_second ? 0 : EPERM);
}
END_TEST

/* As of a service, or in a container. */
static void enter_that_of_another(void)
{
    struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const struct sock_fprog filter = {.len = 1, .filter = all};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0))
        _exit(255);
}

START_TEST(filter_is_entered_inside_of_another)
{
    int status;
    pid_t child;

    if (!is_there(__func__))
        return;
    child = fork();
    ck_assert_int_ge(child, 0);
    if (!child) {
        enter_that_of_another();
        enter(false);
        _exit(try_local() < 0 ? errno : 0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), EPERM);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("callfilter");
    TCase *tcase = tcase_create("inside");

    tcase_add_checked_fixture(tcase, make_world, remove_world);
    tcase_add_loop_test(tcase, inside_what_haul_never_does_is_refused, 0, TRIES);
    tcase_add_test(tcase, inside_local_sockets_are_made_where_they_are_needed);
    tcase_add_test(tcase, filter_is_entered_twice_only_by_who_has_children);
    tcase_add_test(tcase, filter_is_entered_inside_of_another);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(make_suite());
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
