#ifndef HAUL_TEST_PACKED_FILES_H
#define HAUL_TEST_PACKED_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Packed files, and what they are called on their way: every Content-Encoding with every name and
 * type, and what haul ought to make of it. The rule is told here once more, by a table instead of
 * by code: what belongs to what.
 */

struct packed_bytes {
    uint8_t at[512];
    size_t len;
};

/* What stands in Content-Encoding, and the body that stands behind it. */
struct packed_coding {
    const char *label;                           /* "" for none */
    const char *own;                             /* the way of packing that comes first, or "" */
    const struct packed_bytes *raw;              /* as it is sent */
    const struct packed_bytes *without_transfer; /* if the first coding is the file's own */
    const struct packed_bytes *plain;            /* all of it undone; NULL: haul cannot do that */
};

/* A name or a type, and the way of packing that it says; or "". */
struct packed_word {
    const char *text, *own;
};

enum { PACKED_CODINGS = 10, PACKED_NAMES = 8, PACKED_TYPES = 6 };
enum { PACKED_FILES = PACKED_CODINGS * PACKED_NAMES * PACKED_TYPES };
extern struct packed_coding packed_codings[PACKED_CODINGS];
extern const struct packed_word packed_names[PACKED_NAMES], packed_types[PACKED_TYPES];

/* The bytes that the codings above are about. */
extern struct packed_bytes packed_plain, packed_gzip, packed_twice;

/* Packs everything. Before anything else here. */
void packed_prepare(void);

/* The same for other bytes. */
void packed_with_gzip(const struct packed_bytes *from, struct packed_bytes *to);

/* One of all combinations, 0 .. PACKED_FILES - 1. */
struct packed_file {
    const struct packed_coding *coding;
    const struct packed_word *name, *type;
    bool is_own; /* its first coding is its own */
};
struct packed_file packed_file(int index);

/* The path at which the test server has that file (behind the authority); `tail` is added. */
const char *packed_path(const struct packed_file *file, const char *tail);
const char *packed_path_of(const char *name, const struct packed_bytes *bytes, const char *tail);

/* "sha-256=HEX" */
const char *packed_checksum(const struct packed_bytes *bytes);

/* Whether a file has just those bytes. */
bool packed_is_in(const char *path, const struct packed_bytes *bytes);

#endif
