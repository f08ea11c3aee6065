#ifndef HAUL_TEST_FAIL_FILE_H
#define HAUL_TEST_FAIL_FILE_H

#include <stdbool.h>

/*
 * File operations that fail when a test says so, and are counted.
 *
 * Needs -Wl,--wrap=write,--wrap=pwrite64,--wrap=fsync,--wrap=renameat,--wrap=renameat2,
 * --wrap=mkdirat,--wrap=fallocate64,--wrap=flock,--wrap=syscall at the link. For one thread.
 */
enum operation {
    WRITE,
    PWRITE,
    FSYNC,
    RENAME,
    RENAME_NEW,
    MKDIR,
    FALLOCATE,
    FLOCK,
    OPENAT2,
    OPERATION_COUNT
};

extern int calls[OPERATION_COUNT]; /* since the last reset, those that failed too */
extern bool short_writes;          /* a write takes half of what it is given */

/* All operations work, and none was called. */
void fail_file_reset(void);

/* The operation fails with this errno so often, or always (-1). `error` 0: it works. */
void let_fail(enum operation operation, int error, int how_often);

#endif
