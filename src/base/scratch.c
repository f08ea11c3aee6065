/* For O_TMPFILE and mkostemp: a file that never has a name, and is closed on exec from the start.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* NOLINT: the name that the C library gives */
#endif

#include "base/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

static int open_named_and_unlink(const char *directory)
{
    static const char name[] = "/haul-XXXXXX";
    size_t len = strlen(directory);
    char *path = malloc(len + sizeof name);
    int fd;

    if (!path)
        return -1;
    memcpy(path, directory, len);
    memcpy(path + len, name, sizeof name);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    free(path);
    return fd;
}

const char *haul_scratch_directory(void)
{
    const char *environment = getenv("TMPDIR");

    return environment && *environment ? environment : "/tmp";
}

/* Not every file system has O_TMPFILE (overlay and NFS do not); what it says then differs. */
int haul_scratch_open(const char *directory)
{
    int fd;

    if (!directory)
        directory = haul_scratch_directory();
    fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT))
        fd = open_named_and_unlink(directory);
    return fd;
}

int haul_scratch_open_beside(const char *path)
{
    char *directory = haul_io_directory_of(path);
    int fd = directory ? haul_scratch_open(directory) : -1;

    free(directory);
    return fd < 0 ? haul_scratch_open(NULL) : fd;
}
