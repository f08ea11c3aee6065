/* Words that the faults of HTTP/2 are written in, beyond those of catalogue_words.h. */
#ifndef TS_CATALOGUE_FRAMES_H
#define TS_CATALOGUE_FRAMES_H

#include "catalogue_words.h"

/* What a careful client says about them is in RFC 9113; numbers in brackets are its sections. */

/* Frames. The streams are the request's own unless said otherwise. */
#define FRAME(kind, bits, literal)                                                                 \
    .type = TS_FRAME_##kind, .flags = (bits), .text = (literal), .text_size = sizeof(literal) - 1
#define ON(which) .stream = TS_STREAM_##which
#define FILL(literal, count)                                                                       \
    .fill = (literal), .fill_size = sizeof(literal) - 1, .fill_times = (count)
#define FOREVER .times = TS_FOREVER
#define END TS_FLAG_END_STREAM
#define WHOLE TS_FLAG_END_HEADERS
#define FIELDS(kind, bits, lines) FRAME(kind, bits, lines), .body = TS_BODY_FIELDS

#define HEAD(lines)                                                                                \
    {                                                                                              \
        FIELDS(HEADERS, WHOLE, lines)                                                              \
    }
#define HEAD_END(lines)                                                                            \
    {                                                                                              \
        FIELDS(HEADERS, WHOLE | END, lines)                                                        \
    }
#define PART(kind, bits, lines)                                                                    \
    {                                                                                              \
        FIELDS(kind, bits, lines)                                                                  \
    }
#define BLOCK(literal)                                                                             \
    {                                                                                              \
        FRAME(HEADERS, WHOLE, literal)                                                             \
    }
#define DATA(literal)                                                                              \
    {                                                                                              \
        FRAME(DATA, 0, literal)                                                                    \
    }
#define DATA_END(literal)                                                                          \
    {                                                                                              \
        FRAME(DATA, END, literal)                                                                  \
    }
#define RST(code)                                                                                  \
    {                                                                                              \
        FRAME(RST_STREAM, 0, "\0\0\0" code)                                                        \
    }
#define GOAWAY(last, code)                                                                         \
    {                                                                                              \
        FRAME(GOAWAY, 0, "\0\0\0" code), ON(CONNECTION), .body = TS_BODY_GOAWAY,                   \
                                                         .names = TS_STREAM_##last                 \
    }
#define SETTINGS(literal)                                                                          \
    {                                                                                              \
        FRAME(SETTINGS, 0, literal), ON(CONNECTION)                                                \
    }
#define PING                                                                                       \
    {                                                                                              \
        FRAME(PING, 0, "\0\0\0\0\0\0\0\0"), ON(CONNECTION)                                         \
    }
#define PAUSE(ms)                                                                                  \
    {                                                                                              \
        .body = TS_BODY_NOTHING, .pause_ms = (ms)                                                  \
    }
#define LIST(...)                                                                                  \
    (const struct ts_frame[])                                                                      \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            .body = TS_BODY_LAST                                                                   \
        }                                                                                          \
    }
#define FRAMES(...) .frames = LIST(__VA_ARGS__)
#define ONCE(...) .frames_once = LIST(__VA_ARGS__)
#define SECOND(...) .frames_second = LIST(__VA_ARGS__)

/* Error codes (7). */
#define NO_ERROR "\x00"
#define PROTOCOL_ERROR "\x01"
#define INTERNAL_ERROR "\x02"
#define FLOW_CONTROL_ERROR "\x03"
#define REFUSED_STREAM "\x07"
#define CANCEL "\x08"
#define ENHANCE_YOUR_CALM "\x0b"
#define HTTP_1_1_REQUIRED "\x0d"

/* Pieces of answers. */
/* Closed behind it, so that no other request goes that way. */
#define ONLY_1_1 "Connection: close\r\n\r\n"
#define GOOD_1_1 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" ONLY_1_1 "hello"
#define OK_LINE ":status: 200"
#define FIVE OK_LINE "\ncontent-length: 5"
#define GZIP OK_LINE "\ncontent-encoding: gzip"

/* Fields of an entry. */
#define H2(id, text) FAULT("h2-" id, text), .scheme = "https", .listener = "h2"
#define TRUST NEEDS("ca")
#define CLOSE_1_1 .end_1_1 = TS_END_CLOSE
#define TRUST_TIME NEEDS("ca,time")
/* The whole connection may be lost. */
#define SHARED NEEDS("ca,connection")

#endif
