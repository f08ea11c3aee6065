#include "base/buf.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 128 };
static const size_t default_max = (size_t)1 << 30;

void haul_buf_init(struct haul_buf *buf, size_t max)
{
    *buf = (struct haul_buf){.max = max ? max : default_max};
}

void haul_buf_done(struct haul_buf *buf)
{
    size_t max = buf->max;

    free(buf->data);
    haul_buf_init(buf, max);
}

void haul_buf_clear(struct haul_buf *buf)
{
    buf->len = 0;
    buf->err = HAUL_OK;
    if (buf->data)
        buf->data[0] = '\0';
}

static size_t next_capacity(const struct haul_buf *buf, size_t need)
{
    size_t cap = buf->cap ? buf->cap : FIRST_CAPACITY;

    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    return cap;
}

static bool make_room(struct haul_buf *buf, size_t len)
{
    size_t need, cap;
    char *data;

    if (buf->err)
        return false;
    if (len > buf->max - buf->len || len >= SIZE_MAX - buf->len) {
        buf->err = HAUL_ERR_LIMIT;
        return false;
    }
    need = buf->len + len + 1;
    if (need <= buf->cap)
        return true;
    cap = next_capacity(buf, need);
    data = realloc(buf->data, cap);
    if (!data) {
        buf->err = HAUL_ERR_NOMEM;
        return false;
    }
    buf->cap = cap;
    buf->data = data;
    buf->data[buf->len] = '\0'; /* a caller may reserve and then add nothing */
    return true;
}

char *haul_buf_reserve(struct haul_buf *buf, size_t len)
{
    return make_room(buf, len) ? buf->data + buf->len : NULL;
}

void haul_buf_grew(struct haul_buf *buf, size_t len)
{
    assert(buf->len + len < buf->cap);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

static bool has_room(const struct haul_buf *buf, size_t len)
{
    return len < buf->cap - buf->len && len <= buf->max - buf->len && !buf->err;
}

void haul_buf_add(struct haul_buf *buf, const void *bytes, size_t len)
{
    if (!has_room(buf, len) && !make_room(buf, len))
        return;
    if (len)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void haul_buf_add_str(struct haul_buf *buf, const char *text)
{
    haul_buf_add(buf, text, strlen(text));
}

void haul_buf_add_char(struct haul_buf *buf, char byte)
{
    if (!has_room(buf, 1) && !make_room(buf, 1))
        return;
    buf->data[buf->len++] = byte;
    buf->data[buf->len] = '\0';
}

/* Appended in one go, so that what does not fit leaves no lone sign. */
static void add_integer(struct haul_buf *buf, unsigned long long value, bool negative)
{
    char digits[24];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    if (negative)
        digits[--at] = '-';
    haul_buf_add(buf, digits + at, sizeof digits - at);
}

void haul_buf_add_u64(struct haul_buf *buf, unsigned long long value)
{
    add_integer(buf, value, false);
}

void haul_buf_add_i64(struct haul_buf *buf, long long value)
{
    unsigned long long magnitude = (unsigned long long)value;

    add_integer(buf, value < 0 ? 0ULL - magnitude : magnitude, value < 0);
}

void haul_buf_addf(struct haul_buf *buf, const char *format, ...)
{
    va_list args;
    char *to;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    to = haul_buf_reserve(buf, (size_t)len);
    if (!to)
        return;
    va_start(args, format);
    vsnprintf(to, (size_t)len + 1, format, args);
    va_end(args);
    haul_buf_grew(buf, (size_t)len);
}

void haul_buf_pad(struct haul_buf *buf, char byte, size_t count)
{
    char *to = haul_buf_reserve(buf, count);

    if (!to)
        return;
    memset(to, byte, count);
    haul_buf_grew(buf, count);
}

void haul_buf_consume(struct haul_buf *buf, size_t len)
{
    if (len >= buf->len) {
        buf->len = 0;
    } else {
        memmove(buf->data, buf->data + len, buf->len - len);
        buf->len -= len;
    }
    if (buf->data)
        buf->data[buf->len] = '\0';
}

void haul_buf_cut(struct haul_buf *buf, size_t len)
{
    buf->len = len;
    if (buf->data)
        buf->data[len] = '\0';
}

const char *haul_buf_str(const struct haul_buf *buf)
{
    return buf->data ? buf->data : "";
}
