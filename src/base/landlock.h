#ifndef HAUL_BASE_LANDLOCK_H
#define HAUL_BASE_LANDLOCK_H

#include <stdint.h>
#include <sys/syscall.h>

/*
 * What the kernel has of Landlock, up to version 7 of its interface (landlock(7), and
 * Documentation/userspace-api/landlock.rst of Linux). The C library has no functions for it, and
 * the <linux/landlock.h> of a distribution is as old as its kernel, while haul may run on a later
 * one. Numbers and layouts are the kernel's, and never change.
 */

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum { HAUL_LANDLOCK_CREATE_RULESET_VERSION = 1 };

enum haul_landlock_rule_type { HAUL_LANDLOCK_PATH_BENEATH = 1, HAUL_LANDLOCK_NET_PORT = 2 };

/* Of the file system; behind each the version that brought it, if it was not the first. */
enum haul_landlock_fs {
    HAUL_LANDLOCK_EXECUTE = 1 << 0,
    HAUL_LANDLOCK_WRITE_FILE = 1 << 1,
    HAUL_LANDLOCK_READ_FILE = 1 << 2,
    HAUL_LANDLOCK_READ_DIR = 1 << 3,
    HAUL_LANDLOCK_REMOVE_FILE = 1 << 5,
    HAUL_LANDLOCK_MAKE_DIR = 1 << 7,
    HAUL_LANDLOCK_MAKE_REG = 1 << 8,
    HAUL_LANDLOCK_FS_1 = (1 << 13) - 1, /* all of the first version */
    HAUL_LANDLOCK_REFER = 1 << 13,      /* 2: into another directory */
    HAUL_LANDLOCK_TRUNCATE = 1 << 14,   /* 3 */
    HAUL_LANDLOCK_IOCTL_DEV = 1 << 15   /* 5 */
};

enum haul_landlock_net { HAUL_LANDLOCK_BIND_TCP = 1 << 0 /* 4 */ };

enum haul_landlock_scope {
    HAUL_LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0, /* 6 */
    HAUL_LANDLOCK_SCOPE_SIGNAL = 1 << 1                /* 6 */
};

struct haul_landlock_ruleset_attr {
    uint64_t handled_access_fs;
    uint64_t handled_access_net; /* 4 */
    uint64_t scoped;             /* 6 */
};

struct haul_landlock_path_beneath_attr {
    uint64_t allowed_access;
    int32_t parent_fd;
} __attribute__((packed));

struct haul_landlock_net_port_attr {
    uint64_t allowed_access;
    uint64_t port;
};

#endif
