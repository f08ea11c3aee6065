#include "pattern.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    PERIOD = 251 * 26,
    WINDOW_GZIP = 15 + 16,
    WINDOW_ZLIB = 15,
    WINDOW_RAW = -15,
    MEMORY_LEVEL = 8
};

static const char *period(void)
{
    static char bytes[PERIOD];
    static bool made;
    for (size_t i = 0; !made && i < PERIOD; i++)
        bytes[i] = (char)('a' + (char)((i + i / 251) % 26));
    made = true;
    return bytes;
}

/* The bytes repeat because i / 251 grows by 26 in one period. */
static size_t offset_of(uint64_t first, unsigned version)
{
    return (size_t)((first + (uint64_t)version % 13 * 251) % PERIOD);
}

void ts_pattern_add(struct ts_buf *out, uint64_t first, size_t size, unsigned version)
{
    (void)ts_buf_reserve(out, size);
    while (size > 0) {
        size_t offset = offset_of(first, version);
        size_t run = PERIOD - offset < size ? PERIOD - offset : size;
        ts_buf_add(out, period() + offset, run);
        first += run;
        size -= run;
    }
}

/* Runs one deflate over 'data'. Only a bug of ours can make it fail. */
static void deflate_all(struct ts_buf *out, const char *data, size_t size, int window, int flush)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, 6, Z_DEFLATED, window, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    size_t bound = deflateBound(&stream, size) + 64;
    char *room = ts_buf_reserve(out, bound);
    stream.next_in = (z_const Bytef *)(uintptr_t)data;
    stream.avail_in = (uInt)size;
    stream.next_out = (Bytef *)room;
    stream.avail_out = (uInt)bound;
    int result = deflate(&stream, flush);
    if (result != Z_OK && result != Z_STREAM_END)
        abort();
    out->size += bound - stream.avail_out;
    (void)deflateEnd(&stream);
}

void ts_gzip_add(struct ts_buf *out, const char *data, size_t size)
{
    deflate_all(out, data, size, WINDOW_GZIP, Z_FINISH);
}

void ts_zlib_add(struct ts_buf *out, const char *data, size_t size)
{
    deflate_all(out, data, size, WINDOW_ZLIB, Z_FINISH);
}

void ts_bomb_add_head(struct ts_buf *out)
{
    ts_buf_add(out, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", 10);
}

/* A full flush ends on a byte boundary and forgets the window, so that the block
 * can stand in the stream any number of times. */
void ts_bomb_add_block(struct ts_buf *out)
{
    char *zeros = ts_memory_take(1, TS_BOMB_BLOCK);
    deflate_all(out, zeros, TS_BOMB_BLOCK, WINDOW_RAW, Z_FULL_FLUSH);
    free(zeros);
}

static void add_little_endian(struct ts_buf *out, unsigned long value)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        ts_buf_add(out, &(char){(char)(unsigned char)(value >> shift & 0xff)}, 1);
}

void ts_bomb_add_end(struct ts_buf *out, unsigned blocks)
{
    char *zeros = ts_memory_take(1, TS_BOMB_BLOCK);
    unsigned long one = crc32(0, (const Bytef *)zeros, TS_BOMB_BLOCK);
    free(zeros);
    unsigned long all = crc32(0, NULL, 0);
    for (unsigned i = 0; i < blocks; i++)
        all = crc32_combine(all, one, TS_BOMB_BLOCK);
    ts_buf_add(out, "\x03\x00", 2); /* an empty last block */
    add_little_endian(out, all);
    add_little_endian(out, (unsigned long)blocks * TS_BOMB_BLOCK);
}
