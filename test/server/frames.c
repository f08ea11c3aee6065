#include "frames.h"

#include "pattern.h"

#include <string.h>

enum { CODED_SIZE = 1000, NEXT_STEP = 1000, LAST_EVER = 0x7fffffff };

static uint32_t stream_number(enum ts_frame_stream stream, struct ts_streams streams)
{
    switch (stream) {
    case TS_STREAM_OURS:
        return streams.ours;
    case TS_STREAM_CONNECTION:
        return 0;
    case TS_STREAM_NEXT:
        return streams.ours + NEXT_STEP;
    case TS_STREAM_OVER:
        return streams.over;
    case TS_STREAM_EVEN:
        return 2;
    case TS_STREAM_LAST_EVER:
        return LAST_EVER;
    }
    return streams.ours;
}

static void add_number(struct ts_buf *out, uint64_t number, unsigned bytes)
{
    while (bytes-- > 0)
        ts_buf_add(out, &(char){(char)(unsigned char)(number >> (8 * bytes) & 0xff)}, 1);
}

/* ---- header fields (RFC 7541) ---- */

/* An integer behind 'bits' bits that are already spoken for (5.1). */
static void add_prefixed(struct ts_buf *out, unsigned first, unsigned bits, size_t number)
{
    size_t most = ((size_t)1 << bits) - 1;
    if (number < most) {
        add_number(out, first | number, 1);
        return;
    }
    add_number(out, first | most, 1);
    for (number -= most; number >= 128; number /= 128)
        add_number(out, 128 | number % 128, 1);
    add_number(out, number, 1);
}

static void add_string(struct ts_buf *out, const char *data, size_t size)
{
    add_prefixed(out, 0, 7, size);
    ts_buf_add(out, data, size);
}

/* The static table has a few lines as a whole (appendix A). */
static unsigned find_whole_line(const char *line, size_t size)
{
    static const struct {
        const char *line;
        unsigned index;
    } known[] = {{":status: 200", 8},  {":status: 204", 9},  {":status: 206", 10},
                 {":status: 304", 11}, {":status: 404", 13}, {":status: 500", 14}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i].line) == size && memcmp(known[i].line, line, size) == 0)
            return known[i].index;
    }
    return 0;
}

/* A pseudo field's name begins with a colon of its own. Without a separator all of it is the
 * name. */
static size_t name_size(const char *line, size_t size)
{
    for (size_t i = 1; i + 1 < size; i++) {
        if (line[i] == ':' && line[i + 1] == ' ')
            return i;
    }
    return size;
}

static void add_line(struct ts_buf *out, const char *line, size_t size)
{
    unsigned index = find_whole_line(line, size);
    size_t name = name_size(line, size);
    size_t value = name + 2 < size ? name + 2 : size;
    if (index != 0) {
        add_prefixed(out, 0x80, 7, index);
        return;
    }
    add_prefixed(out, 0x00, 4, 0);
    add_string(out, line, name);
    add_string(out, line + value, size - value);
}

static void add_fields(struct ts_buf *out, const struct ts_frame *frame)
{
    const char *at = frame->text;
    const char *end = at + frame->text_size;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        add_line(out, at, (size_t)(stop - at));
        at = stop + (stop < end);
    }
}

/* ---- frames ---- */

static void add_gzip(struct ts_buf *out, size_t missing)
{
    struct ts_buf plain = {0};
    ts_pattern_add(&plain, 0, CODED_SIZE, 0);
    ts_gzip_add(out, plain.data, plain.size);
    ts_buf_done(&plain);
    out->size -= missing;
}

static void add_body(struct ts_buf *out, const struct ts_frame *frame, struct ts_streams streams)
{
    switch (frame->body) {
    case TS_BODY_FIELDS:
        add_fields(out, frame);
        break;
    case TS_BODY_GOAWAY:
        add_number(out, stream_number(frame->names, streams), 4);
        ts_buf_add(out, frame->text, frame->text_size);
        break;
    case TS_BODY_PATTERN:
        ts_pattern_add(out, 0, frame->size, 0);
        break;
    case TS_BODY_GZIP:
        add_gzip(out, frame->size);
        break;
    case TS_BODY_BOMB_HEAD:
        ts_bomb_add_head(out);
        break;
    case TS_BODY_BOMB_BLOCK:
        ts_bomb_add_block(out);
        break;
    case TS_BODY_BYTES:
    case TS_BODY_NOTHING:
    case TS_BODY_LAST:
        ts_buf_add(out, frame->text, frame->text_size);
        for (size_t i = 0; i < frame->fill_times; i++)
            ts_buf_add(out, frame->fill, frame->fill_size);
        break;
    }
}

void ts_frame_add(struct ts_buf *out, const struct ts_frame *frame, struct ts_streams streams)
{
    struct ts_buf body = {0};
    add_body(&body, frame, streams);
    add_number(out, frame->says != 0 ? frame->says : body.size, 3);
    add_number(out, frame->type, 1);
    add_number(out, frame->flags, 1);
    add_number(out, stream_number(frame->stream, streams), 4);
    ts_buf_add(out, body.data, body.size);
    ts_buf_done(&body);
}

static void write_one(struct ts_script *script, const struct ts_frame *frame,
                      struct ts_streams streams)
{
    struct ts_buf bytes = {0};
    if (frame->pause_ms > 0)
        ts_script_add_delay(script, frame->pause_ms);
    if (frame->body == TS_BODY_NOTHING)
        return;
    ts_frame_add(&bytes, frame, streams);
    if (frame->times > 1)
        ts_script_add_again(script, bytes.data, bytes.size, frame->times);
    else
        ts_script_add_bytes(script, bytes.data, bytes.size);
    ts_buf_done(&bytes);
}

void ts_frames_write(struct ts_script *script, const struct ts_frame *list,
                     struct ts_streams streams)
{
    for (const struct ts_frame *at = list; at->body != TS_BODY_LAST; at++)
        write_one(script, at, streams);
}
