#define ZLIB_CONST /* next_in points to const */

#include "input/gunzip.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

enum { PIECE_SIZE = 65536, GZIP_ONLY = 16 };

struct haul_gunzip {
    z_stream stream;
    uint64_t compressed, text; /* bytes so far */
    bool is_between;           /* before the first byte of a member */
    bool has_member;
    unsigned char piece[PIECE_SIZE];
};

bool haul_gunzip_is_magic(const char *bytes)
{
    return bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

struct haul_gunzip *haul_gunzip_create(void)
{
    struct haul_gunzip *gunzip = calloc(1, sizeof *gunzip);

    if (!gunzip)
        return NULL;
    gunzip->is_between = true;
    if (inflateInit2(&gunzip->stream, GZIP_ONLY + MAX_WBITS) == Z_OK)
        return gunzip;
    free(gunzip);
    return NULL;
}

void haul_gunzip_free(struct haul_gunzip *gunzip)
{
    if (!gunzip)
        return;
    inflateEnd(&gunzip->stream);
    free(gunzip);
}

void haul_gunzip_feed(struct haul_gunzip *gunzip, const char *bytes, size_t len)
{
    gunzip->stream.next_in = (const Bytef *)bytes;
    gunzip->stream.avail_in = (uInt)len;
    gunzip->compressed += len;
}

bool haul_gunzip_is_whole(const struct haul_gunzip *gunzip)
{
    return gunzip->is_between && gunzip->has_member;
}

/* tar and others fill up their last block. */
static void skip_zeros(struct haul_gunzip *gunzip)
{
    z_stream *stream = &gunzip->stream;

    while (gunzip->is_between && gunzip->has_member && stream->avail_in && !*stream->next_in) {
        stream->next_in++;
        stream->avail_in--;
    }
}

enum haul_err haul_gunzip_next(struct haul_gunzip *gunzip, const char **text, size_t *len)
{
    z_stream *stream = &gunzip->stream;

    *text = (const char *)gunzip->piece;
    *len = 0;
    while (*len == 0) {
        int code;

        skip_zeros(gunzip);
        stream->next_out = gunzip->piece;
        stream->avail_out = PIECE_SIZE;
        gunzip->is_between = gunzip->is_between && !stream->avail_in;
        code = gunzip->is_between ? Z_BUF_ERROR : inflate(stream, Z_NO_FLUSH);
        *len = PIECE_SIZE - stream->avail_out;
        if (code == Z_MEM_ERROR)
            return HAUL_ERR_NOMEM;
        if (code == Z_STREAM_END) {
            gunzip->is_between = gunzip->has_member = true;
            inflateReset(stream);
        } else if (code == Z_BUF_ERROR && !*len) {
            return HAUL_ERR_END;
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return HAUL_ERR_SYNTAX;
        }
    }
    gunzip->text += *len;
    if (gunzip->text > HAUL_GUNZIP_RATIO_FROM &&
        gunzip->text / HAUL_GUNZIP_RATIO_MAX > gunzip->compressed)
        return HAUL_ERR_LIMIT;
    return HAUL_OK;
}
