#ifndef HAUL_INPUT_UNPACK_H
#define HAUL_INPUT_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

#include "haul/err.h"

/*
 * A list that is compressed with gzip (RFC 1952), Zstandard (RFC 8878) or xz, read as it comes, in
 * pieces of any size. Several members, frames or streams one after the other are one text, as for
 * gzip(1), zstd(1) and xz(1); zeros behind the last one are fine, and so are zstd's skippable
 * frames. Memory is a window and one piece, whatever the text's length. One thread at a time.
 */
struct haul_unpack;

/* One way to compress (unpack_inside.h). Static; any thread. */
struct haul_coding;

enum {
    HAUL_UNPACK_MAGIC_MAX = 6, /* bytes that decide what a file is */
    /*
     * What a file may have its reader allocate for a window, whatever its header says: what zstd(1)
     * allows by default, and enough for every preset of xz(1).
     */
    HAUL_UNPACK_MEMORY_MAX = 128 << 20,
    /*
     * From so many bytes of text on, more than a coding's greatest ratio is an attack: no list of
     * URLs is so monotonous. Numbered URLs are packed 17 times by gzip(1), 163 times by zstd(1) and
     * 251 times by xz(1), zeros 1032 times and some thousand times.
     */
    HAUL_UNPACK_RATIO_FROM = 64 << 20,
    HAUL_UNPACK_RATIO_GZIP = 250,
    HAUL_UNPACK_RATIO_ZSTD = 2500,
    HAUL_UNPACK_RATIO_XZ = 2500
};

/*
 * What a file is, from the `len` bytes that it begins with: a coding, or NULL: none that is known
 * here. *is_open: more bytes may make it one, for these are the beginning of its magic number.
 */
const struct haul_coding *haul_unpack_detect(const char *bytes, size_t len, bool *is_open);

/* What people call the coding: "gzip". */
const char *haul_unpack_name(const struct haul_coding *coding);

/* Makes a reader; NULL: out of memory. To be freed; NULL is fine. */
struct haul_unpack *haul_unpack_create(const struct haul_coding *coding);
void haul_unpack_free(struct haul_unpack *unpack);

/* Gives the next bytes, the caller's until next has returned HAUL_ERR_END. */
void haul_unpack_feed(struct haul_unpack *unpack, const char *bytes, size_t len);

/*
 * Gives the next piece of text, valid until the next call. HAUL_OK; HAUL_ERR_END: more bytes are
 * needed; HAUL_ERR_SYNTAX: they are damaged, or are followed by something else; HAUL_ERR_LIMIT: see
 * HAUL_UNPACK_RATIO_FROM; HAUL_ERR_RANGE: see HAUL_UNPACK_MEMORY_MAX; HAUL_ERR_NOMEM. After the
 * last four the reader can only be freed.
 */
HAUL_MUST_USE enum haul_err haul_unpack_next(struct haul_unpack *unpack, const char **text,
                                             size_t *len);

/*
 * Once next has returned HAUL_ERR_SYNTAX, or the bytes have ended where they may not: whether what
 * is wrong is only that something else follows the end of the data, or what might begin more.
 */
bool haul_unpack_is_followed(const struct haul_unpack *unpack);

/* Whether the bytes may end here. */
bool haul_unpack_is_whole(const struct haul_unpack *unpack);

#endif
