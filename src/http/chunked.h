#ifndef HAUL_HTTP_CHUNKED_H
#define HAUL_HTTP_CHUNKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/record.h"

/*
 * The chunked transfer coding (RFC 9112, 7.1), undone strictly.
 *
 * Many a client takes "5z", "5.0" and "0x5" for sizes, a chunk whose CR is part of its data for
 * whole, and a chunk extension of any length for normal. What it takes for the end of a body may
 * not be one.
 *
 * A size is 1 to 16 hexadecimal digits beyond leading zeros (at most 64 digits in all) and less
 * than 2^63; blanks may follow it, and then only ';' and an extension, which means nothing and may
 * be HAUL_CHUNKED_LINE_MAX bytes long. Lines end with CRLF or a bare LF, and data as the size line
 * before it. Trailers are counted and not used: names that are none do no harm there, and a folded
 * one (RFC 9112, 5.2) counts as so many as it has lines.
 *
 * Pure, no allocation; one thread at a time.
 */
enum {
    HAUL_CHUNKED_LINE_MAX = 16384, /* bytes of a size line */
    HAUL_CHUNKED_DIGITS_MAX = 64
};

enum haul_chunked_state {
    /* the three of a size line come first */
    HAUL_CHUNKED_SIZE,      /* in the digits of a size */
    HAUL_CHUNKED_SIZE_END,  /* behind them: blanks, ';' or the line's end */
    HAUL_CHUNKED_EXTENSION, /* behind a ';' */
    HAUL_CHUNKED_SIZE_LF,   /* behind the line's CR */
    HAUL_CHUNKED_DATA,
    HAUL_CHUNKED_DATA_CR, /* behind the data */
    HAUL_CHUNKED_DATA_LF,
    HAUL_CHUNKED_TRAILER, /* at the start of a line behind the last chunk, or in it */
    HAUL_CHUNKED_TRAILER_LF,
    HAUL_CHUNKED_DONE
};

struct haul_chunked {
    enum haul_chunked_state state;
    uint64_t left;         /* bytes of the chunk that are still to come */
    size_t line_bytes;     /* of the line so far */
    int digits;            /* of the size so far */
    bool bare_lf;          /* the size line ended without CR: then so may the data */
    bool has_colon;        /* of the trailer line so far, or of the one that it goes on with */
    int64_t trailer_bytes; /* all trailer fields with their ends */
    int trailer_fields;
    int64_t trailer_bytes_max; /* [const after begin], as the next */
    int trailer_fields_max;
    enum haul_reason reason; /* what was wrong, or NONE; sticky */
};

/*
 * Gets ready for a body behind which at most so many trailer fields, of so many bytes with their
 * line ends, may come.
 */
void haul_chunked_begin(struct haul_chunked *chunked, int64_t trailer_bytes_max,
                        int trailer_fields_max);

/*
 * Reads from *at up to the end of the next piece of the body, or to `end`. NONE: *body are *len
 * bytes of it (none if *at has reached `end`, or the body is complete), and *at stands behind what
 * was read. What follows a complete body is left unread. Otherwise the reason why the framing
 * cannot be believed, now and ever after: bad-framing, bad-header (a trailer), too-many-headers,
 * headers-too-large.
 */
enum haul_reason haul_chunked_next(struct haul_chunked *chunked, const char **at, const char *end,
                                   const char **body, size_t *len);

/* Whether the last chunk and the blank line behind its trailers were seen. */
bool haul_chunked_is_done(const struct haul_chunked *chunked);

#endif
