#include "report/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/scratch.h"

enum {
    PENDING_MAX = 16384,      /* index entries that are sorted and written together */
    RUN_MAX = 1024,           /* index entries per pwrite(2) */
    INDEX_CACHE = 4096,       /* index entries read at a time */
    WRITE_BUFFER = 64 * 1024, /* bytes of data gathered for one pwrite(2) */
    BLOCK_SIZE = 16 * 1024,   /* bytes of data per block of the read cache */
    BLOCKS = 32,         /* rows jump to and fro by what the workers have in flight, not more */
    KEEP_SIZE = 1 << 20, /* empty files below that are not worth truncating */
};

/* One place in the index file. The file never leaves this process: native byte order. */
struct entry {
    uint64_t offset_plus_1; /* 0: no row; a hole reads as that */
    uint64_t len;           /* bytes */
};

struct pending {
    uint64_t seq;
    struct entry entry;
};

struct block {
    uint64_t number_plus_1; /* 0: empty */
    size_t valid;           /* bytes; the last block of the file grows */
    char bytes[BLOCK_SIZE];
};

struct haul_spill {
    int data_fd, index_fd; /* -1: not open */
    uint64_t count;        /* rows added and not taken */
    uint64_t data_len;     /* bytes of data, those in write_buffer included */
    uint64_t data_written; /* bytes of data in the file */

    size_t pending_count;
    uint64_t pending_lowest; /* seq; meaningless when there is none pending */
    uint64_t cache_first;    /* seq of cache[0]; meaningless unless cache_valid */
    bool cache_valid;

    struct pending pending[PENDING_MAX];
    struct entry run[RUN_MAX];
    struct entry cache[INDEX_CACHE];
    char write_buffer[WRITE_BUFFER];
    struct block block[BLOCKS];
};

/* --- files ------------------------------------------------------------------------------------ */

static enum haul_err write_at(int fd, const void *bytes, size_t len, uint64_t offset)
{
    const char *at = bytes;
    ssize_t written;

    while (len) {
        written = pwrite(fd, at, len, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written == 0)
            errno = EIO;
        if (written <= 0)
            return HAUL_ERR_IO;
        at += written;
        offset += (uint64_t)written;
        len -= (size_t)written;
    }
    return HAUL_OK;
}

/* Reads up to `len` bytes; fewer only at the end of the file. */
static enum haul_err read_at(int fd, void *bytes, size_t len, uint64_t offset, size_t *got)
{
    char *at = bytes;
    ssize_t n;

    *got = 0;
    while (*got < len) {
        n = pread(fd, at + *got, len - *got, (off_t)(offset + *got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return HAUL_ERR_IO;
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return HAUL_OK;
}

enum haul_err haul_spill_create(struct haul_spill **spill, const char *directory)
{
    struct haul_spill *made = calloc(1, sizeof *made);
    int saved;

    *spill = NULL;
    if (!made)
        return HAUL_ERR_NOMEM;
    made->index_fd = -1;
    made->data_fd = haul_scratch_open(directory);
    if (made->data_fd >= 0)
        made->index_fd = haul_scratch_open(directory);
    if (made->index_fd < 0) {
        saved = errno;
        haul_spill_free(made);
        errno = saved;
        return HAUL_ERR_SYSTEM;
    }
    *spill = made;
    return HAUL_OK;
}

void haul_spill_free(struct haul_spill *spill)
{
    if (!spill)
        return;
    if (spill->data_fd >= 0)
        close(spill->data_fd);
    if (spill->index_fd >= 0)
        close(spill->index_fd);
    free(spill);
}

uint64_t haul_spill_count(const struct haul_spill *spill)
{
    return spill->count;
}

/* --- index ------------------------------------------------------------------------------------ */

static int compare_pending(const void *a, const void *b)
{
    uint64_t left = ((const struct pending *)a)->seq, right = ((const struct pending *)b)->seq;

    return (left > right) - (left < right);
}

/* Writes one run of neighbours, beginning at `first`. Returns how many in *taken. */
static enum haul_err write_run(struct haul_spill *spill, size_t first, size_t *taken)
{
    const struct pending *pending = spill->pending + first;
    size_t left = spill->pending_count - first, n = 0;

    do {
        spill->run[n] = pending[n].entry;
        n++;
    } while (n < left && n < RUN_MAX && pending[n].seq == pending[n - 1].seq + 1);
    *taken = n;
    return write_at(spill->index_fd, spill->run, n * sizeof *spill->run,
                    pending->seq * sizeof *spill->run);
}

/* The cache may hold holes where there are rows now. */
static void patch_cache(struct haul_spill *spill)
{
    const struct pending *pending;

    if (!spill->cache_valid)
        return;
    for (size_t i = 0; i < spill->pending_count; i++) {
        pending = &spill->pending[i];
        if (pending->seq >= spill->cache_first && pending->seq - spill->cache_first < INDEX_CACHE)
            spill->cache[pending->seq - spill->cache_first] = pending->entry;
    }
}

static enum haul_err write_pending(struct haul_spill *spill)
{
    enum haul_err err = HAUL_OK;
    size_t taken = 0;

    qsort(spill->pending, spill->pending_count, sizeof *spill->pending, compare_pending);
    for (size_t i = 0; i < spill->pending_count && !err; i += taken)
        err = write_run(spill, i, &taken);
    patch_cache(spill);
    spill->pending_count = 0;
    return err;
}

static enum haul_err add_pending(struct haul_spill *spill, uint64_t seq, struct entry entry)
{
    if (spill->pending_count == 0 || seq < spill->pending_lowest)
        spill->pending_lowest = seq;
    spill->pending[spill->pending_count++] = (struct pending){seq, entry};
    return spill->pending_count == PENDING_MAX ? write_pending(spill) : HAUL_OK;
}

static enum haul_err load_cache(struct haul_spill *spill, uint64_t seq)
{
    enum haul_err err;
    size_t got;

    spill->cache_valid = false;
    err = read_at(spill->index_fd, spill->cache, sizeof spill->cache, seq * sizeof *spill->cache,
                  &got);
    if (err)
        return err;
    memset((char *)spill->cache + got, 0, sizeof spill->cache - got);
    spill->cache_first = seq;
    spill->cache_valid = true;
    return HAUL_OK;
}

/* Places below `seq` are no longer asked for, so if it is pending it is the lowest that is. */
static enum haul_err find_entry(struct haul_spill *spill, uint64_t seq, struct entry *entry)
{
    enum haul_err err = HAUL_OK;

    *entry = (struct entry){0, 0};
    if (spill->pending_count && seq >= spill->pending_lowest)
        err = write_pending(spill);
    if (!err && (!spill->cache_valid || seq < spill->cache_first ||
                 seq - spill->cache_first >= INDEX_CACHE))
        err = load_cache(spill, seq);
    if (!err)
        *entry = spill->cache[seq - spill->cache_first];
    return err;
}

/* --- data ------------------------------------------------------------------------------------- */

static enum haul_err write_data(struct haul_spill *spill)
{
    size_t buffered = (size_t)(spill->data_len - spill->data_written);
    enum haul_err err =
        write_at(spill->data_fd, spill->write_buffer, buffered, spill->data_written);

    if (!err)
        spill->data_written = spill->data_len;
    return err;
}

static enum haul_err append_data(struct haul_spill *spill, const char *bytes, size_t len)
{
    size_t buffered = (size_t)(spill->data_len - spill->data_written);
    enum haul_err err = HAUL_OK;

    if (len > WRITE_BUFFER - buffered) {
        err = write_data(spill);
        buffered = 0;
    }
    if (err)
        return err;
    if (len <= WRITE_BUFFER) {
        if (len)
            memcpy(spill->write_buffer + buffered, bytes, len);
    } else {
        err = write_at(spill->data_fd, bytes, len, spill->data_written);
        spill->data_written += len;
    }
    spill->data_len += len;
    return err;
}

enum haul_err haul_spill_add(struct haul_spill *spill, uint64_t seq, const char *bytes, size_t len)
{
    struct entry entry = {spill->data_len + 1, len};
    enum haul_err err;

    if (seq >= INT64_MAX / sizeof entry || len >= INT64_MAX - spill->data_len)
        return HAUL_ERR_LIMIT;
    err = append_data(spill, bytes, len);
    if (!err)
        err = add_pending(spill, seq, entry);
    if (!err)
        spill->count++;
    return err;
}

/* The block that holds byte `offset` of the file. */
static enum haul_err load_block(struct haul_spill *spill, uint64_t offset, struct block **found)
{
    uint64_t number = offset / BLOCK_SIZE;
    struct block *block = &spill->block[number % BLOCKS];
    enum haul_err err;

    *found = block;
    if (block->number_plus_1 == number + 1 && offset % BLOCK_SIZE < block->valid)
        return HAUL_OK;
    block->number_plus_1 = 0;
    err = read_at(spill->data_fd, block->bytes, BLOCK_SIZE, number * BLOCK_SIZE, &block->valid);
    if (!err && block->valid <= offset % BLOCK_SIZE) {
        errno = EIO;
        err = HAUL_ERR_IO;
    }
    if (!err)
        block->number_plus_1 = number + 1;
    return err;
}

static enum haul_err copy_from_blocks(struct haul_spill *spill, uint64_t offset, uint64_t len,
                                      struct haul_buf *row)
{
    struct block *block;
    enum haul_err err;
    size_t within, n;

    for (; len; offset += n, len -= n) {
        err = load_block(spill, offset, &block);
        if (err)
            return err;
        within = offset % BLOCK_SIZE;
        n = block->valid - within;
        if (n > len)
            n = (size_t)len;
        haul_buf_add(row, block->bytes + within, n);
    }
    return row->err;
}

/* A row lies either in the file or in the write buffer, never in both. */
static enum haul_err copy_row(struct haul_spill *spill, struct entry entry, struct haul_buf *row)
{
    uint64_t offset = entry.offset_plus_1 - 1;

    if (offset < spill->data_written)
        return copy_from_blocks(spill, offset, entry.len, row);
    haul_buf_add(row, spill->write_buffer + (offset - spill->data_written), (size_t)entry.len);
    return row->err;
}

/* Gives the disk back when nothing is left. Later rows begin at the front again. */
static enum haul_err reset(struct haul_spill *spill)
{
    if (ftruncate(spill->data_fd, 0) || ftruncate(spill->index_fd, 0))
        return HAUL_ERR_IO;
    spill->data_len = spill->data_written = 0;
    spill->cache_valid = false;
    for (size_t i = 0; i < BLOCKS; i++)
        spill->block[i].number_plus_1 = 0;
    return HAUL_OK;
}

enum haul_err haul_spill_take(struct haul_spill *spill, uint64_t seq, struct haul_buf *row,
                              bool *found)
{
    struct entry entry;
    enum haul_err err;

    *found = false;
    if (spill->count == 0)
        return HAUL_OK;
    err = find_entry(spill, seq, &entry);
    if (err || !entry.offset_plus_1)
        return err;
    err = copy_row(spill, entry, row);
    if (err)
        return err;
    *found = true;
    spill->count--;
    return spill->count == 0 && spill->data_len > KEEP_SIZE ? reset(spill) : HAUL_OK;
}
