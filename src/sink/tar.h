#ifndef HAUL_SINK_TAR_H
#define HAUL_SINK_TAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The format of tar archives (POSIX.1-2017, pax: ustar and pax interchange format). Pure.
 *
 * A member is a header block, the bytes, and zeros up to a whole block. What its header has no room
 * for stands in a second one in front of it, the extended header ("x"), with records in UTF-8: a
 * name that is longer than the fields or not ASCII ("path"), a size of 8 GiB and more ("size"), a
 * time before 1970 or after 2242 ("mtime"). Then the header itself has what fits: old readers
 * extract it under a name that is cut. Two blocks of zeros are the end of the archive; it is filled
 * up to a whole record of 20 blocks, as GNU tar does.
 *
 * Members are regular files that everybody may read (0644) and nobody owns (0).
 */
enum {
    HAUL_TAR_BLOCK = 512,
    HAUL_TAR_RECORD = 20 * HAUL_TAR_BLOCK,
    HAUL_TAR_EXTENDED_MAX = 1 << 20 /* bytes of an extended header that are read */
};

/*
 * An archive of haul's begins with a global extended header that says so, the same for all of them:
 * so it is known for one even where only a part of it was written. Appends it.
 */
enum { HAUL_TAR_BEGIN = 2 * HAUL_TAR_BLOCK };
void haul_tar_add_begin(struct haul_buf *buf);

/* What stands in front of a member's bytes. */
struct haul_tar_head {
    const char *name; /* a relative path, as sink/name.h makes it */
    int64_t size;     /* bytes, at least 0 */
    int64_t mtime_s;  /* seconds since 1970 */
};

/* Appends the headers of a member. */
void haul_tar_add_head(struct haul_buf *buf, const struct haul_tar_head *head);

/* How many zeros follow on a member of that size. */
unsigned haul_tar_padding(int64_t size);

/* Appends the end of an archive that has so many bytes without it. */
void haul_tar_add_end(struct haul_buf *buf, int64_t size);

/* ---- reading, for archives that are gone on with ---- */

enum haul_tar_kind {
    HAUL_TAR_FILE,     /* a regular file */
    HAUL_TAR_EXTENDED, /* the bytes are records for the member that follows */
    HAUL_TAR_OTHER,    /* something that has a header and bytes */
    HAUL_TAR_ZEROS,    /* no header: a block of zeros */
    HAUL_TAR_DAMAGED   /* no header: anything */
};

enum { HAUL_TAR_NAME_MAX = 100 + 1 + 155 };

struct haul_tar_block {
    enum haul_tar_kind kind;
    int64_t size;                     /* of what follows, without the zeros behind it */
    char name[HAUL_TAR_NAME_MAX + 1]; /* as the fields have it */
};

/* Reads a header block: magic, checksum and size must be sound. */
void haul_tar_read_block(const unsigned char block[HAUL_TAR_BLOCK], struct haul_tar_block *out);

/*
 * Reads the records of an extended header, `len` bytes. A "path" goes to `name`, which is emptied
 * first, and a "size" to *size, which is -1 without one. False: they are not well-formed.
 */
bool haul_tar_read_extended(const char *bytes, size_t len, struct haul_buf *name, int64_t *size);

#endif
