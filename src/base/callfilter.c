/* CLONE_THREAD, __O_TMPFILE, S_ISUID */
#define _GNU_SOURCE
#include "base/callfilter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/again.h"
#include "base/child.h"
#include "base/io.h"

#ifdef HAUL_SANITIZED
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

enum {
    INT_BITS = 32,
    NUMBER_KNOWN = 451,  /* cachestat, the last call that haul knows */
    NUMBER_END = 512,    /* from here on no kernel has any, for years */
    NUMBER_SHARED = 424, /* pidfd_send_signal: from here on all machines count in the same way */
    TYPE_MASK = 0xf,     /* of sockets, without SOCK_CLOEXEC and SOCK_NONBLOCK */
    KIND_MASK = 0xff00   /* of an ioctl(2)'s number: whose it is */
};

/* Arguments of type int: what stands in the upper half of a register means nothing. */
static const scmp_datum_t int_mask = 0xffffffff;

/* Up to NUMBER_KNOWN. Names that this machine, or this libseccomp, does not know are left out. */
static const char *const never[] = {
    /* what files are */
    "chmod", "fchmod", "fchmodat", "chown", "chown32", "fchown", "fchown32", "lchown", "lchown32",
    "fchownat", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
    "utime", "utimes", "futimesat", "mknod", "mknodat", "open_by_handle_at",
    /* programs and other processes */
    "execve", "execveat", "fork", "vfork", "process_vm_writev", "process_madvise",
    "process_mrelease", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kcmp", "rt_sigqueueinfo",
    "rt_tgsigqueueinfo", "setpriority", "ioprio_set", "sched_setparam", "sched_setscheduler",
    "sched_setattr", "sched_setaffinity", "migrate_pages", "move_pages", "shmget", "shmat",
    "shmctl", "semget", "semop", "semctl", "semtimedop", "semtimedop_time64", "msgget", "msgsnd",
    "msgrcv", "msgctl", "mq_open", "mq_unlink", "perf_event_open",
    /* users */
    "setuid", "setuid32", "setgid", "setgid32", "setreuid", "setreuid32", "setregid", "setregid32",
    "setresuid", "setresuid32", "setresgid", "setresgid32", "setfsuid", "setfsuid32", "setfsgid",
    "setfsgid32", "setgroups", "setgroups32", "capset", "add_key", "request_key", "keyctl",
    /* sockets */
    "listen", "accept", "accept4",
    /* the machine */
    "mount", "umount", "umount2", "move_mount", "open_tree", "mount_setattr", "fsopen", "fsconfig",
    "fsmount", "fspick", "pivot_root", "chroot", "unshare", "setns", "bpf", "userfaultfd",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "fanotify_init", "fanotify_mark",
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
    "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "sethostname", "setdomainname",
    "settimeofday", "clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64",
    "adjtimex", "stime", "syslog", "iopl", "ioperm", "modify_ldt", "vm86", "vm86old", "personality",
    "vhangup", "lookup_dcookie", "nfsservctl", "sysfs", "uselib", "_sysctl"};

/* What a tracer is, which finds leaks at the end. */
static const char *const never_but_for_sanitizers[] = {"ptrace", "process_vm_readv"};

/* ---- rules ---- */

/* A filter that is being made. Errors are sticky: a number below 0, an errno. */
struct maker {
    scmp_filter_ctx filter;
    pid_t process; /* that is to enter it */
    int error;
};

static void refuse_if(struct maker *m, int error, const char *name, unsigned count,
                      const struct scmp_arg_cmp *arguments)
{
    int call = seccomp_syscall_resolve_name(name);

    if (!m->error && call != __NR_SCMP_ERROR)
        m->error = seccomp_rule_add_array(m->filter, SCMP_ACT_ERRNO((uint32_t)error), call, count,
                                          arguments);
}

static void refuse(struct maker *m, int error, const char *name)
{
    refuse_if(m, error, name, 0, NULL);
}

static void refuse_all(struct maker *m, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        refuse(m, EPERM, names[i]);
}

/* An argument of type int that has these bits of `mask`. */
static struct scmp_arg_cmp bits(unsigned argument, scmp_datum_t mask, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){
        .arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

static struct scmp_arg_cmp compare(unsigned argument, enum scmp_compare operation,
                                   scmp_datum_t value)
{
    return (struct scmp_arg_cmp){.arg = argument, .op = operation, .datum_a = value};
}

static void refuse_bits(struct maker *m, const char *name, unsigned argument, scmp_datum_t mask,
                        scmp_datum_t value)
{
    const struct scmp_arg_cmp is_so = bits(argument, mask, value);

    refuse_if(m, EPERM, name, 1, &is_so);
}

static void refuse_unless(struct maker *m, const char *name, unsigned argument, scmp_datum_t value)
{
    const struct scmp_arg_cmp is_other = compare(argument, SCMP_CMP_NE, value);

    refuse_if(m, EPERM, name, 1, &is_other);
}

/* ---- what is refused ---- */

static void refuse_new_calls(struct maker *m)
{
    int shift = seccomp_syscall_resolve_name("pidfd_send_signal") - NUMBER_SHARED;

    for (int number = NUMBER_KNOWN + 1; number < NUMBER_END && !m->error; number++)
        m->error =
            seccomp_rule_add_array(m->filter, SCMP_ACT_ERRNO(ENOSYS), number + shift, 0, NULL);
    refuse(m, ENOSYS, "clone3");
    refuse(m, ENOSYS, "openat2");
}

/* A file that is made and runs as its owner, root, whoever starts it. `flags`, then the mode. */
static void refuse_set_ids(struct maker *m, const char *name, unsigned flags)
{
    static const scmp_datum_t makes[] = {O_CREAT, O_TMPFILE & ~O_DIRECTORY},
                              ids[] = {S_ISUID, S_ISGID};

    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2; j++) {
            const struct scmp_arg_cmp both[] = {bits(flags, makes[i], makes[i]),
                                                bits(flags + 1, ids[j], ids[j])};

            refuse_if(m, EPERM, name, 2, both);
        }
}

static void refuse_for_files(struct maker *m)
{
    refuse_set_ids(m, "open", 1);
    refuse_set_ids(m, "openat", 2);
    refuse_bits(m, "creat", 1, S_ISUID, S_ISUID);
    refuse_bits(m, "creat", 1, S_ISGID, S_ISGID);
    /* futimens(3) has no path. */
    refuse_unless(m, "utimensat", 1, 0);
    refuse_unless(m, "utimensat_time64", 1, 0);
}

static void refuse_for_processes(struct maker *m)
{
#if defined(__s390__)
    const unsigned flags = 1;
#else
    const unsigned flags = 0;
#endif
    const scmp_datum_t self = (scmp_datum_t)m->process;

    if (!is_sanitized) {
        refuse_all(m, never_but_for_sanitizers,
                   sizeof never_but_for_sanitizers / sizeof *never_but_for_sanitizers);
        refuse_bits(m, "clone", flags, CLONE_THREAD, 0);
    }
    refuse_unless(m, "kill", 0, self);
    refuse_unless(m, "tgkill", 0, self);
#ifdef __GLIBC__
    refuse(m, EPERM, "tkill"); /* with other C libraries, threads signal one another by it */
#endif
    refuse_unless(m, "prlimit64", 0, 0);
}

static void refuse_for_sockets(struct maker *m, bool connects)
{
    const struct scmp_arg_cmp is_beyond = compare(0, SCMP_CMP_GT, AF_NETLINK),
                              is_other_netlink[] = {bits(0, int_mask, AF_NETLINK),
                                                    compare(2, SCMP_CMP_NE, 0)};

    for (int family = 0; family < AF_NETLINK; family++)
        if (family != AF_INET && family != AF_INET6 && !(family == AF_UNIX && connects))
            refuse_bits(m, "socket", 0, int_mask, (scmp_datum_t)family);
    refuse_if(m, EPERM, "socket", 1, &is_beyond);
    refuse_if(m, EPERM, "socket", 2, is_other_netlink);
}

/*
 * A socket of a pair that is for datagrams can be connected to any name, or send there, and raw
 * ones are such; of the others none can, for they are connected. The kernel takes 4 bits for the
 * type. Of further families that have pairs nobody needs any.
 */
static void refuse_pairs(struct maker *m)
{
    const struct scmp_arg_cmp is_beyond = compare(0, SCMP_CMP_GT, AF_UNIX);

    for (scmp_datum_t type = 0; type <= TYPE_MASK; type++)
        if (type != SOCK_STREAM && type != SOCK_SEQPACKET)
            refuse_bits(m, "socketpair", 1, TYPE_MASK, type);
    refuse_if(m, EPERM, "socketpair", 1, &is_beyond);
}

/* What is done to an open file or device, and neither reads nor writes it. */
static void refuse_commands(struct maker *m)
{
    static const scmp_datum_t commands[] = {F_SETOWN, F_SETOWN_EX, F_SETSIG, F_NOTIFY, F_SETLEASE},
                              signals[] = {FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX},
                              kinds[] = {'X', 'f', 'v', 0x94}; /* file systems': flags, versions */

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        refuse_bits(m, "fcntl", 1, int_mask, commands[i]);
        refuse_bits(m, "fcntl64", 1, int_mask, commands[i]);
    }
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        refuse_bits(m, "ioctl", 1, int_mask, signals[i]);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        refuse_bits(m, "ioctl", 1, KIND_MASK, kinds[i] << 8);
}

static void refuse_everything(struct maker *m, bool connects)
{
    m->error = seccomp_attr_set(m->filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
    if (!m->error)
        m->error = seccomp_attr_set(m->filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree */
    refuse_all(m, never, sizeof never / sizeof *never);
    refuse_new_calls(m);
    refuse_for_files(m);
    refuse_for_processes(m);
    refuse_for_sockets(m, connects);
    if (!connects)
        refuse_pairs(m);
    refuse_commands(m);
}

/* ---- making it ---- */

struct wish {
    bool connects;
    pid_t process;
};

/* The kernel takes none that is longer. */
struct program {
    struct sock_filter instruction[BPF_MAXINSNS];
};

/* By prctl(2), which is older, and which the filters that others set for us know. `size`: bytes.
 * Returns 0, or an errno. */
static int load(struct program *program, size_t size)
{
    const struct sock_fprog filter = {.len = (unsigned short)(size / sizeof *program->instruction),
                                      .filter = program->instruction};

    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) ? errno : 0;
}

/* Takes its bytes through a pipe, which has room for the longest. How many, or -1 with errno. */
static ssize_t export(scmp_filter_ctx filter, struct program *program)
{
    int way[2], error;
    ssize_t got;

    if (pipe(way))
        return -1;
    error = -seccomp_export_bpf(filter, way[1]);
    close(way[1]);
    HAUL_AGAIN(got, read(way[0], program, sizeof *program));
    close(way[0]);
    errno = error ? error : errno;
    return error ? -1 : got;
}

/*
 * libseccomp is not made for memory that runs out: it is killed, turns in a circle, or makes a
 * filter that refuses everything, and says that all is well. So a child has it make the filter, and
 * goes first: what it can still say from inside, and that the first rule holds, is believed. It
 * says nothing if not, or only an errno.
 */
static void make(int told, void *arg)
{
    const struct wish *wish = arg;
    struct maker m = {.process = wish->process};
    struct program program;
    ssize_t size = -1;
    int error = ENOMEM;

    (void)seccomp_api_set(1); /* or it asks the kernel by seccomp(2) what that can do */
    m.filter = seccomp_init(SCMP_ACT_ALLOW);
    if (m.filter) {
        refuse_everything(&m, wish->connects);
        error = -m.error;
    }
    if (!error) {
        size = export(m.filter, &program);
        error = size < 0 ? errno : load(&program, (size_t)size);
    }
    if (error)
        (void)!write(told, &error, sizeof error);
    else if (chmod("", 0) && errno == EPERM)
        (void)!write(told, &program, (size_t)size);
}

/* ---- ---- */

bool haul_callfilter_is_there(void)
{
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == 0 || errno == EFAULT;
}

enum haul_err haul_callfilter_enter(bool connects, struct haul_buf *message)
{
    struct wish wish = {.connects = connects, .process = getpid()};
    char text[HAUL_IO_ERROR_MAX];
    struct program program;
    ssize_t got = haul_child_ask(make, &wish, &program, sizeof program);
    int error = errno;

    if (!got) {
        haul_buf_add_str(message, "whoever makes a filter of system calls is killed");
        return HAUL_ERR_SYSTEM;
    }
    if (got == (ssize_t)sizeof error)
        memcpy(&error, &program, sizeof error);
    else if (got > 0)
        error = load(&program, (size_t)got);
    if (!error || error == ENOMEM)
        return error ? HAUL_ERR_NOMEM : HAUL_OK;
    haul_buf_addf(message, "system calls cannot be filtered: %s", haul_io_error_text(error, text));
    return HAUL_ERR_SYSTEM;
}
