/* memfd_create */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "largest.h"
#include "sink/members.h"
#include "sink/tar.h"

/*
 * A file of any bytes is read as an archive to its end or to a fault. What is kept of it is whole:
 * cut to that, it is read again with the same members and no fault. No size that a header only
 * claims is allocated.
 *
 * The first byte chooses what the others lack to come far enough: with 1 the beginning of haul's
 * archives stands in front of them, with 2 each header has the right checksum, and with 4 so many
 * zeros follow that most claims come true.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HAS_BEGIN = 1, HAS_SUMS = 2, HAS_ZEROS = 4, ZEROS = 3 << 20, SUM_AT = 148, SUM_LEN = 8 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* POSIX.1-2017, pax, ustar: the sum of all bytes, with blanks where it stands itself. */
static void set_sum(unsigned char *block)
{
    unsigned sum = 0;

    memset(block + SUM_AT, ' ', SUM_LEN);
    for (size_t i = 0; i < HAUL_TAR_BLOCK; i++)
        sum += block[i];
    for (size_t i = 6; i-- > 0; sum /= 8)
        block[SUM_AT + i] = (unsigned char)('0' + sum % 8);
    block[SUM_AT + 6] = '\0';
}

static void set_sums(struct haul_buf *file)
{
    for (size_t at = 0; at + HAUL_TAR_BLOCK <= file->len; at += HAUL_TAR_BLOCK)
        if (memcmp(file->data + at + 257, "ustar", 5) == 0)
            set_sum((unsigned char *)file->data + at);
}

static int64_t make_file(int fd, uint8_t choice, const uint8_t *data, size_t size)
{
    struct haul_buf file;
    int64_t len;

    haul_buf_init(&file, 0);
    if (choice & HAS_BEGIN)
        haul_tar_add_begin(&file);
    haul_buf_add(&file, data, size);
    if (choice & HAS_SUMS)
        set_sums(&file);
    len = (int64_t)file.len + (choice & HAS_ZEROS ? ZEROS : 0);
    require(!file.err && write(fd, haul_buf_str(&file), file.len) == (ssize_t)file.len);
    require(ftruncate(fd, (off_t)len) == 0);
    haul_buf_done(&file);
    return len;
}

static struct haul_members_stats read_file(int fd, int64_t size)
{
    struct haul_members_stats stats;
    struct haul_members *members;
    int64_t at;

    fuzz_largest_reset();
    require(haul_members_read(fd, size, &stats, &members) == HAUL_OK);
    require(fuzz_largest <= 2 * HAUL_TAR_EXTENDED_MAX);
    require(!haul_members_find(members, "a", 1, &at) || (at > 0 && at < stats.keep));
    haul_members_free(members);
    require(stats.keep >= 0 && stats.keep <= size && stats.keep % HAUL_TAR_BLOCK == 0);
    require(stats.count <= (uint64_t)stats.keep / HAUL_TAR_BLOCK);
    return stats;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_members_stats stats, again;
    int64_t len;
    int fd;

    if (size < 1)
        return 0;
    fd = memfd_create("archive", MFD_CLOEXEC);
    require(fd >= 0);
    len = make_file(fd, data[0], data + 1, size - 1);
    stats = read_file(fd, len);
    require(stats.state != HAUL_MEMBERS_FOREIGN || (!stats.keep && len));
    require(stats.state == HAUL_MEMBERS_WHOLE || stats.keep < len);
    require(ftruncate(fd, (off_t)stats.keep) == 0);
    again = read_file(fd, stats.keep);
    require(again.state == HAUL_MEMBERS_WHOLE && again.keep == stats.keep &&
            again.count == stats.count);
    close(fd);
    return 0;
}
