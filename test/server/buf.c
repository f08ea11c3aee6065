#include "buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_up(void)
{
    (void)fputs("haul-testserver: out of memory\n", stderr);
    abort();
}

void *ts_memory_take(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        give_up();
    return memory;
}

void *ts_memory_grow(void *old, size_t size)
{
    void *memory = realloc(old, size);
    if (memory == NULL)
        give_up();
    return memory;
}

char *ts_memory_copy(const char *data, size_t size)
{
    char *copy = ts_memory_take(size + 1, 1);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

void ts_buf_clear(struct ts_buf *buf)
{
    buf->size = 0;
}

void ts_buf_done(struct ts_buf *buf)
{
    free(buf->data);
    *buf = (struct ts_buf){0};
}

char *ts_buf_reserve(struct ts_buf *buf, size_t extra)
{
    size_t needed = buf->size + extra;
    if (needed > buf->capacity || buf->data == NULL) {
        size_t capacity = buf->capacity == 0 ? 256 : buf->capacity;
        while (capacity < needed)
            capacity *= 2;
        buf->data = ts_memory_grow(buf->data, capacity);
        buf->capacity = capacity;
    }
    return buf->data + buf->size;
}

void ts_buf_add(struct ts_buf *buf, const void *data, size_t size)
{
    if (size == 0)
        return;
    memcpy(ts_buf_reserve(buf, size), data, size);
    buf->size += size;
}

void ts_buf_add_text(struct ts_buf *buf, const char *text)
{
    ts_buf_add(buf, text, strlen(text));
}

void ts_buf_add_vformat(struct ts_buf *buf, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size <= 0)
        return;
    char *room = ts_buf_reserve(buf, (size_t)size + 1);
    (void)vsnprintf(room, (size_t)size + 1, format, arguments);
    buf->size += (size_t)size;
}

void ts_buf_add_format(struct ts_buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    ts_buf_add_vformat(buf, format, arguments);
    va_end(arguments);
}

void ts_buf_add_json(struct ts_buf *buf, const char *data, size_t size)
{
    ts_buf_add(buf, "\"", 1);
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)data[i];
        if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\')
            ts_buf_add_format(buf, "\\u%04x", (unsigned)byte);
        else
            ts_buf_add(buf, data + i, 1);
    }
    ts_buf_add(buf, "\"", 1);
}

void ts_buf_drop_front(struct ts_buf *buf, size_t size)
{
    if (size >= buf->size) {
        buf->size = 0;
        return;
    }
    memmove(buf->data, buf->data + size, buf->size - size);
    buf->size -= size;
}
