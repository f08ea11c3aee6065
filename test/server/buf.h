/* A growable run of bytes.
 *
 * The test server is a tool of the tests: when memory runs out it says so and
 * aborts, so none of these functions can fail. The product does not use them.
 */
#ifndef TS_BUF_H
#define TS_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct ts_buf {
    char *data;      /* NULL while nothing was ever stored */
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
};

/* calloc that aborts instead of returning NULL. The caller frees. */
void *ts_memory_take(size_t count, size_t size);

/* realloc that aborts instead of returning NULL. The caller frees the result;
 * the old pointer is gone. */
void *ts_memory_grow(void *old, size_t size);

/* Copies a counted string and ends it with a NUL. The caller frees. */
char *ts_memory_copy(const char *data, size_t size);

/* Makes the buffer empty and keeps its memory for the next use. */
void ts_buf_clear(struct ts_buf *buf);

/* Frees the memory; the buffer may be used again afterwards. */
void ts_buf_done(struct ts_buf *buf);

/* Makes room for 'extra' more bytes and returns where they begin. The caller
 * writes there and adds what it wrote to buf->size. */
char *ts_buf_reserve(struct ts_buf *buf, size_t extra);

/* Appends 'size' bytes. 'data' may be NULL when 'size' is 0. */
void ts_buf_add(struct ts_buf *buf, const void *data, size_t size);

/* Appends a NUL-terminated text, without its NUL. */
void ts_buf_add_text(struct ts_buf *buf, const char *text);

/* Appends formatted text. */
void ts_buf_add_format(struct ts_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for a wrapper that has its arguments as a va_list. */
void ts_buf_add_vformat(struct ts_buf *buf, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Appends a JSON string with its quotes. Bytes outside printable ASCII become
 * \u00NN, one escape for each byte: the reader gets every byte back. */
void ts_buf_add_json(struct ts_buf *buf, const char *data, size_t size);

/* Takes the first 'size' bytes away and moves the rest to the front. */
void ts_buf_drop_front(struct ts_buf *buf, size_t size);

#endif
