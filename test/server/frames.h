/* HTTP/2 frames (RFC 9113, sections 4 and 6), written down so that a table of faults can be
 * read: a list of them is one answer. Nothing is checked: most of them are wrong on purpose.
 */
#ifndef TS_FRAMES_H
#define TS_FRAMES_H

#include "script.h"

#include <stdbool.h>
#include <stdint.h>

enum ts_frame_type {
    TS_FRAME_DATA,
    TS_FRAME_HEADERS,
    TS_FRAME_PRIORITY,
    TS_FRAME_RST_STREAM,
    TS_FRAME_SETTINGS,
    TS_FRAME_PUSH_PROMISE,
    TS_FRAME_PING,
    TS_FRAME_GOAWAY,
    TS_FRAME_WINDOW_UPDATE,
    TS_FRAME_CONTINUATION
};

enum {
    TS_FRAME_HEAD_SIZE = 9,
    TS_FLAG_ACK = 0x01,
    TS_FLAG_END_STREAM = 0x01,
    TS_FLAG_END_HEADERS = 0x04,
    TS_FLAG_PADDED = 0x08,
    TS_FLAG_PRIORITY = 0x20
};

/* Which stream a frame is of, as seen from the request that it answers. */
enum ts_frame_stream {
    TS_STREAM_OURS,
    TS_STREAM_CONNECTION, /* 0 */
    TS_STREAM_NEXT,       /* of the client, but not opened yet: 1000 above ours */
    TS_STREAM_OVER,       /* one whose answer was whole; see ts_fault.asks_twice */
    TS_STREAM_EVEN,       /* 2: of the server, never promised */
    TS_STREAM_LAST_EVER   /* 2^31-1 */
};

/* What stands in a frame behind its head. */
enum ts_frame_body {
    TS_BODY_BYTES,      /* text, then fill 'fill_times' times */
    TS_BODY_FIELDS,     /* text are lines "name: value", which become plain HPACK literals */
    TS_BODY_GOAWAY,     /* a stream ('names'), then text */
    TS_BODY_PATTERN,    /* 'size' bytes of the test pattern */
    TS_BODY_GZIP,       /* 1000 bytes of the pattern as gzip, but for the last 'size' */
    TS_BODY_BOMB_HEAD,  /* the parts of a bomb; see pattern.h */
    TS_BODY_BOMB_BLOCK, /* in one frame: about 1 kB */
    TS_BODY_NOTHING,    /* no frame at all: only 'pause_ms' */
    TS_BODY_LAST        /* ends the list */
};

struct ts_frame {
    enum ts_frame_body body;
    uint8_t type;
    uint8_t flags;
    enum ts_frame_stream stream;
    enum ts_frame_stream names; /* goaway: the last stream that was served */
    const char *text;           /* NULL: nothing */
    size_t text_size;
    const char *fill;
    size_t fill_size;
    size_t fill_times;
    size_t size;
    uint32_t says;     /* not 0: the size that its head names, whatever its size is */
    uint64_t times;    /* 0: once; TS_FOREVER */
    uint64_t pause_ms; /* before it */
};

/* The streams that frames may be of. */
struct ts_streams {
    uint32_t ours;
    uint32_t over; /* 0: none */
};

/* Appends a frame's bytes. */
void ts_frame_add(struct ts_buf *out, const struct ts_frame *frame, struct ts_streams streams);

/* Appends the bytes, repetitions and pauses of a list, as the answer on a stream. */
void ts_frames_write(struct ts_script *script, const struct ts_frame *list,
                     struct ts_streams streams);

#endif
