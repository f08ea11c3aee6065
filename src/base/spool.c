#include "base/spool.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/again.h"
#include "base/io.h"
#include "base/scratch.h"

enum { COPY_BYTES = 64 << 10 };

/* ---- parcels ---- */

static struct haul_parcel *create_parcel(size_t len)
{
    struct haul_parcel *parcel =
        len <= SIZE_MAX - sizeof *parcel ? malloc(sizeof *parcel + len) : NULL;

    if (parcel)
        *parcel = (struct haul_parcel){.fd = -1, .len = len};
    return parcel;
}

struct haul_parcel *haul_parcel_create(const void *bytes, size_t len)
{
    struct haul_parcel *parcel = create_parcel(len);

    if (parcel && len)
        memcpy(parcel->bytes, bytes, len);
    return parcel;
}

void haul_parcel_free(struct haul_parcel *parcels)
{
    while (parcels) {
        struct haul_parcel *parcel = parcels;

        parcels = parcel->next;
        if (parcel->fd >= 0)
            close(parcel->fd);
        haul_parcel_free(parcel->instead);
        free(parcel);
    }
}

/* A file that is shorter than it was is an error: whoever is told a size is to get as much. */
static int copy_file(const struct haul_parcel *parcel, int to, struct haul_patience *patience)
{
    char bytes[COPY_BYTES];
    int error = 0;

    for (int64_t at = 0; at < parcel->fd_size && !error;) {
        int64_t left = parcel->fd_size - at;
        size_t some = left < COPY_BYTES ? (size_t)left : COPY_BYTES;
        ssize_t got;

        HAUL_AGAIN(got, pread(parcel->fd, bytes, some, (off_t)at));
        if (got <= 0)
            return got < 0 ? errno : EIO;
        error = haul_io_write_until(to, bytes, (size_t)got, patience);
        at += got;
    }
    return error;
}

int haul_parcel_write(const struct haul_parcel *parcel, int to, struct haul_patience *patience)
{
    int error = haul_io_write_until(to, parcel->bytes, parcel->len, patience);

    return error || parcel->fd < 0 ? error : copy_file(parcel, to, patience);
}

/* ---- the spool ---- */

void haul_spool_init(struct haul_spool *spool, const char *directory)
{
    *spool = (struct haul_spool){.directory = directory, .fd = -1};
}

void haul_spool_done(struct haul_spool *spool)
{
    haul_spool_clear(spool);
    free(spool->held);
    spool->held = NULL;
}

void haul_spool_clear(struct haul_spool *spool)
{
    if (spool->fd >= 0)
        close(spool->fd);
    spool->fd = -1;
    spool->fd_size = 0;
    spool->held_len = 0;
}

int64_t haul_spool_size(const struct haul_spool *spool)
{
    return spool->fd_size + (int64_t)spool->held_len;
}

/* Moves what is held to the file, which is made first if there is none. */
static int spill(struct haul_spool *spool)
{
    int error;

    if (spool->fd < 0)
        spool->fd = haul_scratch_open(spool->directory);
    if (spool->fd < 0)
        return errno;
    error = haul_io_write_all(spool->fd, spool->held, spool->held_len, NULL);
    if (error)
        return error;
    spool->fd_size += (int64_t)spool->held_len;
    spool->held_len = 0;
    return 0;
}

int haul_spool_add(struct haul_spool *spool, const void *bytes, size_t len)
{
    const char *at = bytes;

    if (len && !spool->held && !(spool->held = malloc(HAUL_SPOOL_HELD_MAX)))
        return ENOMEM;
    while (len) {
        size_t room = HAUL_SPOOL_HELD_MAX - spool->held_len, some = len < room ? len : room;
        int error;

        memcpy(spool->held + spool->held_len, at, some);
        spool->held_len += some;
        at += some;
        len -= some;
        error = len ? spill(spool) : 0;
        if (error)
            return error;
    }
    return 0;
}

static char *put(char *at, const void *bytes, size_t len)
{
    if (len)
        memcpy(at, bytes, len);
    return at + len;
}

int haul_spool_pack(struct haul_spool *spool, const void *before, size_t before_len,
                    const void *after, size_t after_len, struct haul_parcel **out)
{
    bool in_file = spool->fd >= 0;
    size_t in_memory = before_len + (in_file ? 0 : spool->held_len + after_len);
    struct haul_parcel *parcel = create_parcel(in_memory);
    int error = parcel ? 0 : ENOMEM;
    char *at = parcel ? put(parcel->bytes, before, before_len) : NULL;

    *out = NULL;
    if (!error && in_file)
        error = haul_spool_add(spool, after, after_len);
    if (!error && in_file)
        error = spill(spool);
    if (error) {
        haul_parcel_free(parcel);
        return error;
    }
    if (in_file) {
        parcel->fd = spool->fd;
        parcel->fd_size = spool->fd_size;
        spool->fd = -1;
    } else {
        at = put(at, spool->held, spool->held_len);
        (void)put(at, after, after_len);
    }
    haul_spool_clear(spool);
    *out = parcel;
    return 0;
}
