#include "input/unpack.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

enum { WINDOW_BITS_GZIP = 15 + 16 }; /* zlib.h, inflateInit2: gzip and nothing else */

enum state {
    FIRST,   /* no byte was seen */
    SECOND,  /* the first of the two magic bytes was */
    PLAIN,   /* not packed */
    INSIDE,  /* of a member */
    BETWEEN, /* a member has ended; another one or padding may follow */
    BROKEN
};

static const unsigned char magic[] = {0x1f, 0x8b};

struct haul_unpack {
    enum state state;
    bool finished;
    const unsigned char *at, *end; /* fed and not yet looked at; the feeder's */
    const char *message;
    z_stream stream;
    bool has_stream;
    unsigned char made[HAUL_UNPACK_PIECE];
};

enum haul_err haul_unpack_create(struct haul_unpack **out)
{
    *out = malloc(sizeof **out);
    if (!*out)
        return HAUL_ERR_NOMEM;
    (*out)->state = FIRST;
    (*out)->finished = (*out)->has_stream = false;
    (*out)->at = (*out)->end = NULL;
    (*out)->message = "";
    return HAUL_OK;
}

void haul_unpack_free(struct haul_unpack *unpack)
{
    if (unpack && unpack->has_stream)
        inflateEnd(&unpack->stream);
    free(unpack);
}

void haul_unpack_feed(struct haul_unpack *unpack, const char *bytes, size_t len)
{
    assert(unpack->at == unpack->end && !unpack->finished);
    unpack->at = (const unsigned char *)bytes;
    unpack->end = unpack->at + len;
}

void haul_unpack_finish(struct haul_unpack *unpack)
{
    assert(unpack->at == unpack->end);
    unpack->finished = true;
}

const char *haul_unpack_message(const struct haul_unpack *unpack)
{
    return unpack->message;
}

static enum haul_err fail(struct haul_unpack *unpack, const char *message)
{
    unpack->state = BROKEN;
    unpack->message = message;
    return HAUL_ERR_SYNTAX;
}

/* Begins a member whose first magic byte was taken from the input: zlib is to see it, too. */
static enum haul_err begin_member(struct haul_unpack *unpack)
{
    z_stream *stream = &unpack->stream;
    unsigned char first = magic[0];
    int code;

    if (!unpack->has_stream) {
        *stream = (z_stream){.next_in = Z_NULL};
        if (inflateInit2(stream, WINDOW_BITS_GZIP) != Z_OK)
            return HAUL_ERR_NOMEM;
        unpack->has_stream = true;
    } else if (inflateReset(stream) != Z_OK) {
        return HAUL_ERR_NOMEM;
    }
    stream->next_in = &first;
    stream->avail_in = 1;
    stream->next_out = unpack->made;
    stream->avail_out = sizeof unpack->made;
    code = inflate(stream, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_BUF_ERROR)
        return HAUL_ERR_NOMEM;
    unpack->state = INSIDE;
    return HAUL_OK;
}

/* HAUL_OK: a piece was made. END: more is needed, or the state has changed. */
static enum haul_err inflate_some(struct haul_unpack *unpack, const char **bytes, size_t *len)
{
    z_stream *stream = &unpack->stream;
    int code;

    /* zlib promises not to write to what it reads, but says so only where it is built to. */
    stream->next_in = (unsigned char *)(uintptr_t)unpack->at;
    stream->avail_in = (uInt)(unpack->end - unpack->at);
    stream->next_out = unpack->made;
    stream->avail_out = sizeof unpack->made;
    code = inflate(stream, Z_NO_FLUSH);
    unpack->at = unpack->end - stream->avail_in;
    if (code == Z_MEM_ERROR)
        return HAUL_ERR_NOMEM;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return fail(unpack, "damaged gzip");
    if (code == Z_STREAM_END)
        unpack->state = BETWEEN;
    *bytes = (const char *)unpack->made;
    *len = sizeof unpack->made - stream->avail_out;
    return *len ? HAUL_OK : HAUL_ERR_END;
}

static enum haul_err give(struct haul_unpack *unpack, const char **bytes, size_t *len)
{
    *bytes = (const char *)unpack->at;
    *len = (size_t)(unpack->end - unpack->at);
    unpack->at = unpack->end;
    return *len ? HAUL_OK : HAUL_ERR_END;
}

/* One byte of what stands before, between or behind members. OK: a byte was found to be content. */
static enum haul_err look_at_byte(struct haul_unpack *unpack, const char **bytes, size_t *len)
{
    unsigned char byte = *unpack->at;

    if (unpack->state == SECOND && byte == magic[1])
        return begin_member(unpack) ? HAUL_ERR_NOMEM : HAUL_ERR_END;
    if (unpack->state == SECOND) {
        unpack->state = PLAIN;
        *bytes = (const char *)magic;
        *len = 1;
        return HAUL_OK;
    }
    if (byte == magic[0]) {
        unpack->at++;
        if (unpack->state == FIRST)
            unpack->state = SECOND;
        else if (begin_member(unpack))
            return HAUL_ERR_NOMEM;
        return HAUL_ERR_END;
    }
    if (unpack->state == FIRST)
        unpack->state = PLAIN;
    else if (byte)
        return fail(unpack, "something else follows the end of the gzip data");
    else
        unpack->at++;
    return HAUL_ERR_END;
}

static enum haul_err conclude(struct haul_unpack *unpack, const char **bytes, size_t *len)
{
    if (unpack->state == SECOND) {
        unpack->state = PLAIN;
        *bytes = (const char *)magic;
        *len = 1;
        return HAUL_OK;
    }
    return unpack->state == INSIDE ? fail(unpack, "the gzip data end too early") : HAUL_ERR_END;
}

enum haul_err haul_unpack_next(struct haul_unpack *unpack, const char **bytes, size_t *len)
{
    enum haul_err err = HAUL_ERR_END;

    if (unpack->state == BROKEN)
        return HAUL_ERR_SYNTAX;
    do {
        const unsigned char *before = unpack->at;
        enum state state = unpack->state;

        if (unpack->state == INSIDE)
            err = inflate_some(unpack, bytes, len);
        else if (unpack->at == unpack->end)
            break;
        else if (unpack->state == PLAIN)
            return give(unpack, bytes, len);
        else
            err = look_at_byte(unpack, bytes, len);
        if (unpack->at == before && unpack->state == state)
            break;
    } while (err == HAUL_ERR_END);
    return err == HAUL_ERR_END && unpack->finished ? conclude(unpack, bytes, len) : err;
}
