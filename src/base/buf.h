#ifndef HAUL_BASE_BUF_H
#define HAUL_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "haul/err.h"

/*
 * A byte buffer that grows up to a stated maximum.
 *
 * Errors are sticky: the first append that cannot be done sets `err` and every later append does
 * nothing, so that a caller may write a whole row and look once at the end. The bytes appended so
 * far stay valid. A buffer belongs to one thread at a time. All zero with haul_buf_init is a valid,
 * empty buffer that has allocated nothing.
 */
struct haul_buf {
    char *data;        /* the bytes, NUL-terminated whenever len > 0 or cap > 0; or NULL */
    size_t len;        /* bytes in use, the final NUL not counted */
    size_t cap;        /* bytes allocated */
    size_t max;        /* len never exceeds this; bytes */
    enum haul_err err; /* HAUL_OK, HAUL_ERR_NOMEM or HAUL_ERR_LIMIT; sticky */
};

/* Makes an empty buffer whose content never exceeds `max` bytes (0: 1 GiB). Allocates nothing. */
void haul_buf_init(struct haul_buf *buf, size_t max);

/* Frees the bytes; the buffer is empty and usable again, with the same maximum. */
void haul_buf_done(struct haul_buf *buf);

/* Forgets the content and the error, keeps the memory. */
void haul_buf_clear(struct haul_buf *buf);

/* Appends. `bytes` may hold NULs and must not point into the buffer itself. */
void haul_buf_add(struct haul_buf *buf, const void *bytes, size_t len);
void haul_buf_add_str(struct haul_buf *buf, const char *text);
void haul_buf_add_char(struct haul_buf *buf, char byte);
void haul_buf_add_u64(struct haul_buf *buf, unsigned long long value);
void haul_buf_add_i64(struct haul_buf *buf, long long value);
void haul_buf_addf(struct haul_buf *buf, const char *format, ...) HAUL_PRINTF(2, 3);

/* Appends `count` times the same byte: padding. */
void haul_buf_pad(struct haul_buf *buf, char byte, size_t count);

/*
 * Makes room for `len` more bytes and returns where they go, or NULL with `err` set. The caller
 * writes at most `len` bytes there and then adds what it wrote to `buf->len` with haul_buf_grew.
 */
char *haul_buf_reserve(struct haul_buf *buf, size_t len);
void haul_buf_grew(struct haul_buf *buf, size_t len);

/* Drops the first `len` bytes (all of them if there are fewer). */
void haul_buf_consume(struct haul_buf *buf, size_t len);

/* Drops all but the first `len` bytes, of which there are as many. */
void haul_buf_cut(struct haul_buf *buf, size_t len);

/* The content as a C string; "" for a buffer that has nothing. Valid until the next change. */
const char *haul_buf_str(const struct haul_buf *buf);

#endif
