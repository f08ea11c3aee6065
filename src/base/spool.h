#ifndef HAUL_BASE_SPOOL_H
#define HAUL_BASE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes of which nobody knows yet how many they will be, kept until they are to be passed on whole:
 * in memory up to HAUL_SPOOL_HELD_MAX, and in a scratch file (scratch.h) if there are more. What is
 * whole is packed into a parcel, which may change hands from thread to thread.
 */

enum { HAUL_SPOOL_HELD_MAX = 32 << 10 };

/* Whole, and to be written as it is: the bytes in memory, and then all of the file. [owner] */
struct haul_parcel {
    struct haul_parcel *next;    /* of a list, or NULL */
    int fd;                      /* of the file, or -1: there is none */
    int64_t fd_size;             /* bytes in it */
    size_t len;                  /* bytes in memory */
    uint64_t tag;                /* what the one who made it says of it; 0 at first */
    bool is_raw;                 /* the same: its record is not packed yet (sink/packer.h) */
    struct haul_parcel *instead; /* what may be written in its place, or NULL */
    char bytes[];
};

/* Frees a list of parcels, and with them their files. NULL is fine. Any thread. */
void haul_parcel_free(struct haul_parcel *parcels);

/* Makes one of bytes that are in memory. NULL: out of memory. */
struct haul_parcel *haul_parcel_create(const void *bytes, size_t len);

/*
 * Appends all bytes of one parcel to the descriptor `to`. Blocks. Returns 0, or the errno of what
 * failed; then some of them may have been written. `patience` as for haul_io_write_until.
 */
struct haul_patience;
int haul_parcel_write(const struct haul_parcel *parcel, int to, struct haul_patience *patience);

/* One body after the other; init, add as often as bytes come, then pack or clear; done. [owner] */
struct haul_spool {
    const char *directory; /* [const] of the scratch file; NULL: the usual one */
    char *held;            /* bytes not in the file, or NULL */
    size_t held_len;
    int fd;          /* -1: none was needed so far */
    int64_t fd_size; /* bytes written to it */
};

/* `directory` must last as long as the spool. Allocates nothing. */
void haul_spool_init(struct haul_spool *spool, const char *directory);
void haul_spool_done(struct haul_spool *spool);

/* Adds bytes. Returns 0, or an errno, after which the spool is only to be cleared. May block. */
int haul_spool_add(struct haul_spool *spool, const void *bytes, size_t len);

/* So many bytes are in it. */
int64_t haul_spool_size(const struct haul_spool *spool);

/*
 * Makes a parcel of `before`, what is in the spool, and `after`; the spool is empty then. Returns
 * 0 with *out, the caller's; or an errno: *out is NULL, and the spool is only to be cleared.
 */
int haul_spool_pack(struct haul_spool *spool, const void *before, size_t before_len,
                    const void *after, size_t after_len, struct haul_parcel **out);

/* Forgets what is in it. Fine at any time. */
void haul_spool_clear(struct haul_spool *spool);

#endif
