#include "catalogue.h"

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
#define TRUST_BLURRED NEEDS("ca,blurred")
/* The whole connection may be lost. */
#define SHARED NEEDS("ca,connection")

/* Families. */
#define STATUS(id, text, value)                                                                    \
    H2("status-" id, text), TRUST,                                                                 \
        FRAMES(HEAD(":status: " value "\ncontent-length: 5"), DATA_END("hello"))
#define LENGTH(id, text, lines)                                                                    \
    H2("length-" id, text), TRUST, FRAMES(HEAD(OK_LINE "\n" lines), DATA_END("hello"))
#define FIELD(id, text, lines)                                                                     \
    H2("field-" id, text), TRUST, FRAMES(HEAD(FIVE "\n" lines), DATA_END("hello"))
/* A reset of the stream at each place, with one code. 'unsized': what is needed where there is no
 * length. */
#define RESETS(id, code, words, unsized)                                                           \
    {H2("rst-" id "-before-head", "RST_STREAM " id " instead of an answer"), TRUST,                \
     FRAMES(RST(code)), FAILED(words)},                                                            \
        {H2("rst-" id "-after-head", "RST_STREAM " id " behind the head"), TRUST,                  \
         FRAMES(HEAD(FIVE), RST(code)), FAILED(words)},                                            \
        {H2("rst-" id "-after-head-unsized", "RST_STREAM " id " behind a head without length"),    \
         NEEDS(unsized), FRAMES(HEAD(OK_LINE), RST(code)), FAILED(words)},                         \
        {H2("rst-" id "-in-body", "RST_STREAM " id " in the body"), TRUST,                         \
         FRAMES(HEAD(FIVE), DATA("he"), RST(code)), FAILED(words)},                                \
        {H2("rst-" id "-in-body-unsized", "RST_STREAM " id " in a body without length"),           \
         NEEDS(unsized), FRAMES(HEAD(OK_LINE), DATA("hello"), RST(code)), FAILED(words)},          \
        {H2("rst-" id "-late", "RST_STREAM " id " in the body, a moment later"), TRUST,            \
         FRAMES(HEAD(FIVE), DATA("hell"), PAUSE(30), RST(code)), FAILED(words)},                   \
        {H2("rst-" id "-late-unsized", "RST_STREAM " id " in the body, later, without length"),    \
         NEEDS(unsized), FRAMES(HEAD(OK_LINE), DATA("hello"), PAUSE(30), RST(code)),               \
         FAILED(words)},                                                                           \
        {H2("rst-" id "-close", "RST_STREAM " id " in the body, and closed"),                      \
         NEEDS(unsized ",connection"), FRAMES(HEAD(OK_LINE), DATA("hello"), PAUSE(30), RST(code)), \
         CLOSE, FAILED(words)},                                                                    \
        {H2("rst-" id "-before-end", "RST_STREAM " id " behind all bytes, but before the end"),    \
         TRUST, FRAMES(HEAD(FIVE), DATA("hello"), RST(code)), EITHER(words)},                      \
    {                                                                                              \
        H2("rst-" id "-after-end", "RST_STREAM " id " behind a whole answer"), TRUST,              \
            FRAMES(HEAD(FIVE), DATA_END("hello"), RST(code)), OK(5)                                \
    }
/* The end of the connection at each place. */
#define ENDS(id, text, how, reasons)                                                               \
    {H2(id "-before-head", text " instead of an answer"), SHARED, FRAMES(PING), how,               \
     FAILED(reasons "|empty-reply")},                                                              \
        {H2(id "-in-head", text " between HEADERS and CONTINUATION"), SHARED,                      \
         FRAMES(PART(HEADERS, 0, FIVE)), how, FAILED(reasons "|empty-reply")},                     \
        {H2(id "-in-frame", text " in a frame of the head"), SHARED,                               \
         FRAMES({FIELDS(HEADERS, WHOLE, FIVE), .says = 100}), how,                                 \
         FAILED(reasons "|empty-reply")},                                                          \
        {H2(id "-after-head", text " behind the head"), SHARED, FRAMES(HEAD(FIVE)), how,           \
         FAILED(reasons)},                                                                         \
        {H2(id "-after-head-unsized", text " behind a head without length"), SHARED,               \
         FRAMES(HEAD(OK_LINE)), how, FAILED(reasons)},                                             \
        {H2(id "-in-body", text " in the body"), SHARED, FRAMES(HEAD(FIVE), DATA("he")), how,      \
         FAILED(reasons)},                                                                         \
        {H2(id "-in-body-unsized", text " in a body without length"), SHARED,                      \
         FRAMES(HEAD(OK_LINE), DATA("hello")), how, FAILED(reasons)},                              \
        {H2(id "-in-data", text " in a DATA frame"), SHARED,                                       \
         FRAMES(HEAD(FIVE), {FRAME(DATA, END, "hell"), .says = 5}), how, FAILED(reasons)},         \
        {H2(id "-in-data-unsized", text " in a DATA frame, without length"), SHARED,               \
         FRAMES(HEAD(OK_LINE), {FRAME(DATA, END, "hell"), .says = 5}), how, FAILED(reasons)},      \
        {H2(id "-before-end", text " behind all bytes, but before END_STREAM"), SHARED,            \
         FRAMES(HEAD(FIVE), DATA("hello")), how, EITHER(reasons)},                                 \
        {H2(id "-before-trailers", text " where trailers have begun"), SHARED,                     \
         FRAMES(HEAD(OK_LINE), DATA("hello"), PART(HEADERS, END, "x: y")), how, FAILED(reasons)},  \
    {                                                                                              \
        H2(id "-after-end", text " behind a whole answer"), SHARED,                                \
            FRAMES(HEAD(FIVE), DATA_END("hello")), how, OK(5)                                      \
    }

const struct ts_fault ts_catalogue_h2[] = {
    /* ---- nothing wrong ---- */
    {H2("fine", "a good answer"), TRUST, FRAMES(HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("fine-unsized", "a good answer without length"), TRUST_BLURRED,
     FRAMES(HEAD(OK_LINE), DATA_END("hello")), OK(5)},
    {H2("fine-late-end", "the end in an empty frame of its own"), TRUST_BLURRED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), DATA_END("")), OK(5)},
    {H2("fine-later-end", "the end in an empty frame, a moment later"), TRUST,
     FRAMES(HEAD(FIVE), DATA("hello"), PAUSE(30), DATA_END("")), OK(5)},
    {H2("fine-empty", "no body"), TRUST_BLURRED, FRAMES(HEAD_END(OK_LINE)), OK(0)},
    {H2("fine-empty-sized", "length 0"), TRUST, FRAMES(HEAD_END(OK_LINE "\ncontent-length: 0")),
     OK(0)},
    {H2("fine-204", "204"), TRUST, FRAMES(HEAD_END(":status: 204")), OK(0)},
    {H2("fine-pieces", "byte after byte, and empty frames between them"), TRUST,
     FRAMES(HEAD(FIVE), DATA("h"), DATA(""), DATA("e"), DATA("l"), DATA(""), DATA("l"),
            DATA_END("o")),
     OK(5)},
    {H2("fine-padded", "all frames padded"), TRUST_BLURRED,
     FRAMES({FRAME(HEADERS, WHOLE | TS_FLAG_PADDED, "\x03\x88\0\0\0")},
            {FRAME(DATA, TS_FLAG_PADDED, "\x05hello\0\0\0\0\0")},
            {FRAME(DATA, END | TS_FLAG_PADDED, "\x02\0\0")}),
     OK(5)},
    {H2("fine-priority", "HEADERS with a priority, and a PRIORITY frame"), TRUST_BLURRED,
     FRAMES({FRAME(PRIORITY, 0, "\0\0\0\0\x10")},
            {FRAME(HEADERS, WHOLE | TS_FLAG_PRIORITY, "\0\0\0\0\x10\x88")}, DATA_END("hello")),
     OK(5)},
    /* nghttp2 1.52 counts reads for frames: it takes one that comes in many pieces for a flood. */
    {H2("fine-continuation", "a head in three frames"), TRUST,
     FRAMES(PART(HEADERS, 0, OK_LINE), PART(CONTINUATION, 0, "content-length: 5"),
            PART(CONTINUATION, WHOLE, "x: y"), DATA_END("hello")),
     EITHER("reset")},
    {H2("fine-interim", "103, then the answer"), TRUST,
     FRAMES(HEAD(":status: 103\nlink: </x>"), HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("fine-interim-ten", "ten times 100, then the answer"), TRUST,
     FRAMES({FIELDS(HEADERS, WHOLE, ":status: 100"), .times = 10}, HEAD(FIVE), DATA_END("hello")),
     OK(5)},
    {H2("fine-trailers", "trailers"), TRUST_BLURRED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), HEAD_END("x-sum: 5d41")), OK(5)},
    {H2("fine-trailers-sized", "trailers, and a length"), TRUST,
     FRAMES(HEAD(FIVE), DATA("hello"), HEAD_END("x-sum: 5d41")), OK(5)},
    {H2("fine-dynamic", "a field that is kept in the table, and named from it"), TRUST_BLURRED,
     FRAMES(BLOCK("\x88\x40\x01x\x01y\xbe\xbe"), DATA_END("hello")), OK(5)},
    {H2("fine-unknown-frames", "frames of unknown types (4.1)"), TRUST,
     FRAMES({.type = 0xfa, .text = "hello", .text_size = 5}, HEAD(FIVE),
            {.type = 0xfb, .stream = TS_STREAM_CONNECTION}, DATA_END("hello")),
     OK(5)},
    {H2("fine-settings", "other settings, known and unknown ones, in the middle"), TRUST,
     FRAMES(HEAD(FIVE), SETTINGS("\0\x05\0\x00\x80\0\xff\x77\0\0\0\x01"), DATA_END("hello")),
     OK(5)},
    {H2("fine-ping", "PINGs between all frames"), TRUST,
     FRAMES(PING, HEAD(FIVE), PING, DATA("he"), PING, DATA_END("llo"), PING), OK(5)},
    {H2("fine-large", "30 kB in frames of 10 kB"), TRUST,
     FRAMES(HEAD(OK_LINE "\ncontent-length: 30000"),
            {FRAME(DATA, 0, ""), .body = TS_BODY_PATTERN, .size = 10000, .times = 3}, DATA_END("")),
     OK(30000)},
    {H2("fine-bytewise", "all of it byte by byte"), TRUST, .pace_ms = 2,
     FRAMES(HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("fine-pause", "half a second in the middle"), TRUST,
     FRAMES(HEAD(FIVE), DATA("he"), PAUSE(500), DATA_END("llo")), OK(5)},

    /* ---- the length and the frames disagree (8.1.1) ---- */
    {H2("length-longer", "DATA is longer than its length"), TRUST,
     FRAMES(HEAD(FIVE), DATA_END("hello, world")), EITHER("bad-length|protocol|truncated")},
    {H2("length-longer-frames", "one frame too many"), TRUST,
     FRAMES(HEAD(FIVE), DATA("hello"), DATA_END("x")), EITHER("bad-length|protocol|truncated")},
    {H2("length-shorter", "the end comes too early"), TRUST, FRAMES(HEAD(FIVE), DATA_END("hell")),
     FAILED("truncated|protocol")},
    {H2("length-shorter-late", "the end comes too early, in a frame of its own"), TRUST,
     FRAMES(HEAD(FIVE), DATA("hell"), PAUSE(30), DATA_END("")), FAILED("truncated|protocol")},
    {H2("length-no-body", "the end with the head, and a length"), TRUST, FRAMES(HEAD_END(FIVE)),
     FAILED("truncated|protocol")},
    {H2("length-shorter-trailers", "trailers come too early"), TRUST,
     FRAMES(HEAD(FIVE), DATA("hell"), HEAD_END("x: y")), FAILED("truncated|protocol")},
    {H2("length-zero-body", "length 0 and a body"), TRUST,
     FRAMES(HEAD(OK_LINE "\ncontent-length: 0"), DATA_END("hello")), FAILED("bad-length|protocol")},
    {LENGTH("two", "two lengths that differ", "content-length: 5\ncontent-length: 6"),
     FAILED("bad-length|bad-header|protocol")},
    {LENGTH("two-6-5", "the same in the other order", "content-length: 6\ncontent-length: 5"),
     FAILED("bad-length|bad-header|protocol")},
    {LENGTH("two-same", "the same length twice", "content-length: 5\ncontent-length: 5"),
     EITHER("bad-length|bad-header|protocol")},
    {LENGTH("list", "5, 6", "content-length: 5, 6"), FAILED("bad-length|bad-header|protocol")},
    {LENGTH("letters", "5abc", "content-length: 5abc"), FAILED("bad-length|bad-header|protocol")},
    {LENGTH("minus", "-5", "content-length: -5"), FAILED("bad-length|bad-header|protocol")},
    {LENGTH("plus", "+5", "content-length: +5"), FAILED("bad-length|bad-header|protocol")},
    {LENGTH("empty", "empty", "content-length: "), FAILED("bad-length|bad-header|protocol")},
    {LENGTH("two-64-5", "2^64 + 5", "content-length: 18446744073709551621"),
     FAILED("bad-length|bad-header|protocol")},
    {LENGTH("two-63", "2^63", "content-length: 9223372036854775808"),
     FAILED("bad-length|bad-header|protocol")},

    /* ---- RST_STREAM (6.4): no end of an answer, whatever its code is ---- */
    RESETS("no-error", NO_ERROR, "reset|truncated|empty-reply", "ca,blurred"),
    RESETS("protocol-error", PROTOCOL_ERROR, "protocol|truncated", "ca"),
    RESETS("internal-error", INTERNAL_ERROR, "reset|truncated", "ca"),
    RESETS("cancel", CANCEL, "reset|truncated", "ca"),
    RESETS("refused", REFUSED_STREAM, "reset|truncated|empty-reply", "ca,connection"),
    RESETS("calm", ENHANCE_YOUR_CALM, "reset|truncated", "ca"),
    {H2("rst-http-1.1", "HTTP_1_1_REQUIRED, then a good answer over that"), SHARED,
     FRAMES(RST(HTTP_1_1_REQUIRED)), SEND(GOOD_1_1), CLOSE_1_1, OK(5)},
    {H2("rst-http-1.1-body", "HTTP_1_1_REQUIRED in the body, then a good answer over that"), SHARED,
     FRAMES(HEAD(FIVE), DATA("he"), RST(HTTP_1_1_REQUIRED)), SEND(GOOD_1_1), CLOSE_1_1,
     EITHER("reset")},
    {H2("rst-http-1.1-swap", "HTTP_1_1_REQUIRED later in the body, then another answer"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), PAUSE(30), RST(HTTP_1_1_REQUIRED)),
     SEND("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n" ONLY_1_1 "evil"), CLOSE_1_1,
     FAILED("reset|truncated|http-404")},
    {H2("rst-http-1.1-after-end", "HTTP_1_1_REQUIRED behind a whole answer"), SHARED,
     FRAMES(HEAD(FIVE), DATA_END("hello"), RST(HTTP_1_1_REQUIRED)), OK(5)},
    {H2("rst-refused-swap", "refused behind the head, then another answer"), SHARED,
     ONCE(HEAD(OK_LINE), PAUSE(30), RST(REFUSED_STREAM)),
     FRAMES(HEAD(":status: 404\ncontent-length: 4"), DATA_END("evil")),
     FAILED("reset|truncated|http-404")},
    {H2("rst-unknown", "RST_STREAM with a code that nobody knows"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA("hello"), RST("\xee")), FAILED("reset|truncated")},
    {H2("rst-refused-once", "refused once, then a good answer"), ONCE(RST(REFUSED_STREAM)),
     FRAMES(HEAD(FIVE), DATA_END("hello")), NEEDS("ca,retries,connection"), OK(5)},
    {H2("rst-cancel-once", "cancelled once, then a good answer"), ONCE(RST(CANCEL)),
     FRAMES(HEAD(FIVE), DATA_END("hello")), NEEDS("ca,retries"), OK(5)},
    {H2("rst-no-error-once", "cut with NO_ERROR once, then a good answer"),
     ONCE(HEAD(FIVE), DATA("he"), RST(NO_ERROR)), FRAMES(HEAD(FIVE), DATA_END("hello")),
     NEEDS("ca,retries"), OK(5)},
    {H2("rst-short", "RST_STREAM of three bytes (6.4)"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), {FRAME(RST_STREAM, 0, "\0\0\0")}),
     FAILED("protocol|reset|truncated")},
    {H2("rst-connection", "RST_STREAM of stream 0 (6.4)"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), {FRAME(RST_STREAM, 0, "\0\0\0\0"), ON(CONNECTION)}),
     FAILED("protocol|reset|truncated")},
    {H2("rst-idle", "RST_STREAM of a stream that was never opened (5.1)"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), {FRAME(RST_STREAM, 0, "\0\0\0\0"), ON(NEXT)}),
     FAILED("protocol|reset|truncated")},

    /* ---- GOAWAY (6.8) ---- */
    {H2("goaway-before", "GOAWAY that promises an answer, and the answer"), SHARED,
     FRAMES(GOAWAY(OURS, NO_ERROR), HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("goaway-ever", "GOAWAY 2^31-1 before the answer"), SHARED,
     FRAMES(GOAWAY(LAST_EVER, NO_ERROR), HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("goaway-in-body", "GOAWAY in the body"), SHARED,
     FRAMES(HEAD(FIVE), DATA("he"), GOAWAY(OURS, NO_ERROR), DATA_END("llo")), OK(5)},
    {H2("goaway-in-body-unsized", "GOAWAY in a body without length"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("he"), GOAWAY(OURS, NO_ERROR), PAUSE(30), DATA_END("llo")),
     EITHER("truncated")},
    {H2("goaway-after", "GOAWAY behind the answer"), SHARED,
     FRAMES(HEAD(FIVE), DATA_END("hello"), GOAWAY(OURS, NO_ERROR)), OK(5)},
    {H2("goaway-after-close", "GOAWAY behind the answer, and closed"), SHARED,
     FRAMES(HEAD(FIVE), DATA_END("hello"), GOAWAY(OURS, NO_ERROR)), CLOSE, OK(5)},
    {H2("goaway-later", "GOAWAY on the idle connection, and closed"), SHARED,
     FRAMES(HEAD(FIVE), DATA_END("hello")), .idle_ms = 20,
     .idle = TEXT("\0\0\x08\x07\0\0\0\0\0\x7f\xff\xff\xff\0\0\0\0"), .idle_end = TS_END_CLOSE,
     OK(5)},
    {H2("goaway-instead", "GOAWAY says that the request was not served"), SHARED,
     FRAMES(GOAWAY(CONNECTION, NO_ERROR)), CLOSE, FAILED("reset|empty-reply|protocol")},
    {H2("goaway-instead-open", "the same, and silence"), NEEDS("ca,time,connection"),
     FRAMES(GOAWAY(CONNECTION, NO_ERROR)), HANG,
     FAILED("reset|empty-reply|protocol|stall|timeout")},
    {H2("goaway-once", "GOAWAY says once that the request was not served"),
     NEEDS("ca,retries,connection"), ONCE(GOAWAY(CONNECTION, NO_ERROR)), .end_once = TS_END_CLOSE,
     FRAMES(HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("goaway-below", "GOAWAY says in the body that it was not served"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), GOAWAY(CONNECTION, NO_ERROR)), CLOSE,
     FAILED("reset|truncated|protocol")},
    {H2("goaway-cut-unsized", "GOAWAY in a body without length, and closed"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), GOAWAY(OURS, NO_ERROR)), CLOSE,
     FAILED("reset|truncated|protocol")},
    {H2("goaway-cut", "GOAWAY in the body, and closed"), SHARED,
     FRAMES(HEAD(FIVE), DATA("he"), GOAWAY(OURS, NO_ERROR)), CLOSE,
     FAILED("reset|truncated|protocol")},
    {H2("goaway-error", "GOAWAY with an error in the body, and closed"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), GOAWAY(OURS, PROTOCOL_ERROR)), CLOSE,
     FAILED("reset|truncated|protocol")},
    {H2("goaway-calm", "GOAWAY ENHANCE_YOUR_CALM instead of an answer"), SHARED,
     FRAMES(GOAWAY(CONNECTION, ENHANCE_YOUR_CALM)), CLOSE, FAILED("reset|empty-reply|protocol")},
    {H2("goaway-short", "GOAWAY of four bytes (6.8)"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), {FRAME(GOAWAY, 0, "\0\0\0\0"), ON(CONNECTION)}),
     FAILED("reset|truncated|protocol")},
    {H2("goaway-on-stream", "GOAWAY on our stream (6.8)"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), {FRAME(GOAWAY, 0, "\0\0\0\0\0\0\0\0")}),
     FAILED("reset|truncated|protocol")},

    /* ---- the end of the connection ---- */
    ENDS("close", "closed with close_notify", CLOSE, "truncated|reset"),
    ENDS("cut", "closed without close_notify", CUT, "truncated|reset|tls"),
    /* Beside others, libcurl may read the end for another stream. */
    ENDS("reset", "reset", RESET, "reset|truncated"),

    /* ---- silence ---- */
    {H2("stall-before-head", "silence instead of an answer"), TRUST_TIME, FRAMES(PING),
     FAILED("stall|timeout")},
    {H2("stall-in-head", "silence between HEADERS and CONTINUATION"), NEEDS("ca,time,connection"),
     FRAMES(PART(HEADERS, 0, FIVE)), HANG, FAILED("stall|timeout")},
    {H2("stall-after-head", "silence behind the head"), TRUST_TIME, FRAMES(HEAD(FIVE)),
     FAILED("stall|timeout")},
    {H2("stall-in-body", "silence in the body"), TRUST_TIME, FRAMES(HEAD(FIVE), DATA("he")),
     FAILED("stall|timeout")},
    {H2("stall-in-frame", "silence in a frame"), NEEDS("ca,time,connection"),
     FRAMES(HEAD(FIVE), {FRAME(DATA, END, "hell"), .says = 5}), HANG, FAILED("stall|timeout")},
    {H2("stall-unsized", "silence where only the end is missing, without length"), TRUST_TIME,
     FRAMES(HEAD(OK_LINE), DATA("hello")), FAILED("stall|timeout")},
    {H2("stall-before-end", "silence where only the end is missing"), TRUST_TIME,
     FRAMES(HEAD(FIVE), DATA("hello")), EITHER("stall|timeout")},
    {H2("stall-connection", "the connection says nothing any more"), NEEDS("ca,time,connection"),
     FRAMES(HEAD(FIVE), DATA("he")), HANG, FAILED("stall|timeout")},
    {H2("drip", "a byte each 20 ms, without end"), NEEDS("ca,deadline,connection"), .pace_ms = 20,
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, 0, "x"), FOREVER}), FAILED("timeout|stall")},

    /* ---- without end ---- */
    {H2("endless-body", "a body without end"), NEEDS("ca,maxsize"),
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, 0, ""), .body = TS_BODY_PATTERN, .size = 10000, FOREVER}),
     FAILED("too-large|reset|protocol")},
    {H2("endless-empty", "empty DATA frames without end"), NEEDS("ca,deadline,connection"),
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, 0, ""), FOREVER}), FAILED("timeout|stall|protocol|reset")},
    {H2("endless-padding", "DATA frames of padding only, without end"),
     NEEDS("ca,deadline,connection"),
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, TS_FLAG_PADDED, "\xff"), FILL("\0", 255), FOREVER}),
     FAILED("timeout|stall|protocol|reset")},
    {H2("endless-interim", "100 without end"), NEEDS("ca,connection"),
     FRAMES({FIELDS(HEADERS, WHOLE, ":status: 100"), FOREVER}),
     FAILED("too-many-headers|headers-too-large|protocol|reset")},
    {H2("endless-continuation", "CONTINUATION without end"), NEEDS("ca,deadline,connection"),
     FRAMES(PART(HEADERS, 0, OK_LINE), {FIELDS(CONTINUATION, 0, "x: y"), FOREVER}),
     FAILED("too-many-headers|headers-too-large|protocol|reset")},
    {H2("endless-continuation-empty", "empty CONTINUATION without end"),
     NEEDS("ca,deadline,connection"),
     FRAMES(PART(HEADERS, 0, OK_LINE), {FRAME(CONTINUATION, 0, ""), FOREVER}),
     FAILED("too-many-headers|headers-too-large|protocol|reset")},
    {H2("endless-ping", "PING without end"), NEEDS("ca,deadline,connection"),
     FRAMES({FRAME(PING, 0, "12345678"), ON(CONNECTION), FOREVER}),
     FAILED("timeout|stall|protocol|reset|internal")},
    {H2("endless-ping-ack", "answers to PINGs that nobody sent, without end"),
     NEEDS("ca,deadline,connection"),
     FRAMES({FRAME(PING, TS_FLAG_ACK, "12345678"), ON(CONNECTION), FOREVER}),
     FAILED("timeout|stall|protocol|reset")},
    {H2("endless-settings", "SETTINGS without end"), NEEDS("ca,deadline,connection"),
     FRAMES({FRAME(SETTINGS, 0, "\0\x04\0\0\xff\xff"), ON(CONNECTION), FOREVER}),
     FAILED("timeout|stall|protocol|reset|internal")},
    {H2("endless-window", "WINDOW_UPDATE of the connection without end, then overflow"),
     NEEDS("ca,deadline,connection"),
     FRAMES({FRAME(WINDOW_UPDATE, 0, "\0\0\0\x01"), ON(CONNECTION), FOREVER}),
     FAILED("timeout|stall|protocol|reset")},
    {H2("endless-priority", "PRIORITY without end"), NEEDS("ca,deadline,connection"),
     FRAMES({FRAME(PRIORITY, 0, "\0\0\0\0\x10"), FOREVER}), FAILED("timeout|stall|protocol|reset")},
    {H2("endless-unknown", "frames of an unknown type without end"),
     NEEDS("ca,deadline,connection"),
     FRAMES({.type = 0xfa, .text = "hello", .text_size = 5, FOREVER}),
     FAILED("timeout|stall|protocol|reset")},
    {H2("endless-rst", "RST_STREAM of a stream that is over, without end"),
     NEEDS("ca,deadline,connection"), FRAMES({FRAME(RST_STREAM, 0, "\0\0\0\x08"), FOREVER}),
     FAILED("timeout|stall|protocol|reset|empty-reply")},

    /* ---- frames (4.2, 5.1, 6) ---- */
    {H2("frame-large", "a frame of 16385 bytes (4.2)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, END, ""), FILL("hello", 3277)}),
     FAILED("protocol|reset|truncated")},
    {H2("frame-huge", "a frame of 16 MB (4.2)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, END, "hello"), .says = 0xffffff}),
     FAILED("protocol|reset|truncated")},
    {H2("frame-huge-head", "a HEADERS frame of 16 MB (4.2)"), SHARED,
     FRAMES({FIELDS(HEADERS, WHOLE, FIVE), .says = 0xffffff}),
     FAILED("protocol|reset|truncated|empty-reply")},
    {H2("frame-huge-unknown", "a frame of an unknown type of 16 MB (4.2)"), SHARED,
     FRAMES({.type = 0xfa, .says = 0xffffff}, HEAD(FIVE), DATA_END("hello")),
     FAILED("protocol|reset|truncated|empty-reply")},
    {H2("padding-all", "padding as long as the frame (6.1)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, END | TS_FLAG_PADDED, "\x06hello")}),
     FAILED("protocol|reset|truncated")},
    {H2("padding-long", "padding longer than the frame (6.1)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, END | TS_FLAG_PADDED, "\xffhello")}),
     FAILED("protocol|reset|truncated")},
    {H2("padding-head", "padding longer than HEADERS (6.2)"), SHARED,
     FRAMES({FRAME(HEADERS, WHOLE | TS_FLAG_PADDED, "\xff\x88")}, DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("padding-empty", "a padded frame of no bytes (6.1)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, END | TS_FLAG_PADDED, "")}),
     FAILED("protocol|reset|truncated")},
    {H2("data-connection", "DATA on stream 0 (6.1)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, 0, "evil"), ON(CONNECTION)}, DATA_END("hello")),
     FAILED("protocol|reset|truncated")},
    {H2("data-next", "DATA on a stream that was never opened (5.1)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, 0, "evil"), ON(NEXT)}, DATA_END("hello")),
     FAILED("protocol|reset|truncated")},
    {H2("data-even", "DATA on a stream that was never promised (5.1)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, 0, "evil"), ON(EVEN)}, DATA_END("hello")),
     FAILED("protocol|reset|truncated")},
    {H2("data-first", "DATA before the head (8.1)"), SHARED,
     FRAMES(DATA("hello"), HEAD(FIVE), DATA_END("hello")),
     FAILED("protocol|reset|truncated|empty-reply")},
    {H2("data-behind", "DATA behind the end (5.1)"), SHARED,
     FRAMES(HEAD(FIVE), DATA_END("hello"), DATA_END("evil")), OK(5)},
    {H2("data-in-head", "DATA between HEADERS and CONTINUATION (6.2)"), SHARED,
     FRAMES(PART(HEADERS, 0, OK_LINE), DATA("hello"), PART(CONTINUATION, WHOLE, "x: y")),
     FAILED("protocol|reset|empty-reply")},
    {H2("headers-connection", "HEADERS on stream 0 (6.2)"), SHARED,
     FRAMES({FIELDS(HEADERS, WHOLE, FIVE), ON(CONNECTION)}, HEAD(FIVE), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("headers-next", "HEADERS on a stream that was never opened (5.1)"), SHARED,
     FRAMES({FIELDS(HEADERS, WHOLE, FIVE), ON(NEXT)}, HEAD(FIVE), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("headers-even", "HEADERS on a stream that was never promised (5.1)"), SHARED,
     FRAMES({FIELDS(HEADERS, WHOLE, FIVE), ON(EVEN)}, HEAD(FIVE), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("headers-behind", "a second answer behind the end (5.1)"), SHARED,
     FRAMES(HEAD(FIVE), DATA_END("hello"), HEAD(OK_LINE "\ncontent-length: 4"), DATA_END("evil")),
     OK(5)},
    {H2("headers-two", "a second head in the body"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA("he"), HEAD(OK_LINE), DATA_END("llo")),
     FAILED("protocol|reset|truncated")},
    {H2("continuation-alone", "CONTINUATION without HEADERS (6.10)"), SHARED,
     FRAMES(PART(CONTINUATION, WHOLE, FIVE), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("continuation-other", "CONTINUATION of another stream (6.10)"), SHARED,
     FRAMES(PART(HEADERS, 0, OK_LINE), {FIELDS(CONTINUATION, WHOLE, "content-length: 5"), ON(NEXT)},
            DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("push", "PUSH_PROMISE, though none are wanted (8.4)"), SHARED,
     FRAMES({FRAME(PUSH_PROMISE, WHOLE, "\0\0\0\x02\x82\x84\x87\x41\x01x")}, HEAD(FIVE),
            DATA_END("hello")),
     EITHER("protocol|reset|empty-reply")},
    {H2("push-answer", "a pushed answer before ours"), SHARED,
     FRAMES({FRAME(PUSH_PROMISE, WHOLE, "\0\0\0\x02\x82\x84\x87\x41\x01x")},
            {FIELDS(HEADERS, WHOLE, OK_LINE), ON(EVEN)}, {FRAME(DATA, END, "evil"), ON(EVEN)},
            HEAD(OK_LINE), DATA_END("hello")),
     EITHER("protocol|reset|empty-reply")},
    {H2("push-odd", "PUSH_PROMISE of a stream of the client (6.6)"), SHARED,
     FRAMES({FRAME(PUSH_PROMISE, WHOLE, "\0\0\x01\x01\x82\x84\x87")}, HEAD(FIVE),
            DATA_END("hello")),
     EITHER("protocol|reset|empty-reply")},
    {H2("window-connection", "WINDOW_UPDATE beyond 2^31-1 (6.9.1)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(WINDOW_UPDATE, 0, "\x7f\xff\xff\xff"), ON(CONNECTION)},
            DATA_END("hello")),
     FAILED("protocol|reset|truncated")},
    {H2("window-stream", "WINDOW_UPDATE of the stream beyond 2^31-1 (6.9.1)"), TRUST,
     FRAMES(HEAD(OK_LINE), {FRAME(WINDOW_UPDATE, 0, "\x7f\xff\xff\xff")}, DATA_END("hello")),
     EITHER("protocol|reset|truncated")},
    {H2("window-zero", "WINDOW_UPDATE of 0 (6.9)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(WINDOW_UPDATE, 0, "\0\0\0\0"), ON(CONNECTION)},
            DATA_END("hello")),
     FAILED("protocol|reset|truncated")},
    {H2("ping-short", "PING of seven bytes (6.7)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(PING, 0, "1234567"), ON(CONNECTION)}, DATA_END("hello")),
     FAILED("protocol|reset|truncated")},
    {H2("ping-on-stream", "PING on our stream (6.7)"), SHARED,
     FRAMES(HEAD(OK_LINE), {FRAME(PING, 0, "12345678")}, DATA_END("hello")),
     FAILED("protocol|reset|truncated")},
    {H2("settings-window-0", "SETTINGS: a window of 0, which is ours to send into"), TRUST,
     FRAMES(SETTINGS("\0\x04\0\0\0\0"), HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("settings-window-big", "SETTINGS: a window of 2^31 (6.5.2)"), SHARED,
     FRAMES(SETTINGS("\0\x04\x80\0\0\0"), HEAD(OK_LINE), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("settings-frame-small", "SETTINGS: frames of at most 1 byte (6.5.2)"), SHARED,
     FRAMES(SETTINGS("\0\x05\0\0\0\x01"), HEAD(OK_LINE), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("settings-push-2", "SETTINGS: ENABLE_PUSH 2 (6.5.2)"), SHARED,
     FRAMES(SETTINGS("\0\x02\0\0\0\x02"), HEAD(OK_LINE), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("settings-streams-0", "SETTINGS: no streams at all"), NEEDS("ca,time,connection,lasting"),
     FRAMES(SETTINGS("\0\x03\0\0\0\0"), HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("settings-size", "SETTINGS of five bytes (6.5)"), SHARED,
     FRAMES(SETTINGS("\0\x04\0\0\0"), HEAD(OK_LINE), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("settings-on-stream", "SETTINGS on our stream (6.5)"), SHARED,
     FRAMES({FRAME(SETTINGS, 0, "")}, HEAD(OK_LINE), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("settings-ack-long", "an acknowledgement with a payload (6.5)"), SHARED,
     FRAMES({FRAME(SETTINGS, TS_FLAG_ACK, "\0\x04\0\0\0\0"), ON(CONNECTION)}, HEAD(OK_LINE),
            DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("priority-self", "HEADERS that depend on themselves"), SHARED,
     FRAMES({FRAME(PRIORITY, 0, "\0\0\0\0")}, HEAD(OK_LINE), DATA_END("hello")),
     EITHER("protocol|reset|empty-reply")},
    {H2("http1", "HTTP/1.1 where h2 was agreed on"), SHARED,
     FRAMES({.type = 0xfa, .says = 0x485454}, HEAD(FIVE)), CLOSE,
     FAILED("protocol|reset|empty-reply|truncated")},

    /* ---- fields (8.2, 8.3) ---- */
    {FIELD("upper", "an upper-case name (8.2)", "X-Evil: y"), FAILED("protocol|reset|bad-header")},
    {FIELD("connection", "Connection (8.2.2)", "connection: close"),
     FAILED("protocol|reset|bad-header|bad-framing")},
    {FIELD("keep-alive", "Keep-Alive (8.2.2)", "keep-alive: timeout=5"),
     FAILED("protocol|reset|bad-header|bad-framing")},
    {FIELD("upgrade", "Upgrade (8.2.2)", "upgrade: h2c"),
     FAILED("protocol|reset|bad-header|bad-framing")},
    {FIELD("coding", "Transfer-Encoding (8.2.2)", "transfer-encoding: chunked"),
     FAILED("protocol|reset|bad-header|bad-framing")},
    {FIELD("coding-gzip", "Transfer-Encoding: gzip (8.2.2)", "transfer-encoding: gzip"),
     FAILED("protocol|reset|bad-header|bad-framing")},
    {FIELD("nul", "NUL in a value (8.2.1)", "x: a\0b"), FAILED("protocol|reset|bad-header")},
    {FIELD("cr", "CR in a value (8.2.1)", "x: a\rb"), FAILED("protocol|reset|bad-header")},
    {H2("field-lf", "LF in a value: a field in a field (8.2.1)"), TRUST,
     FRAMES(BLOCK("\x88\x00\x01x\x08"
                  "a\r\nb: cd"),
            DATA_END("hello")),
     FAILED("protocol|reset|bad-header")},
    {H2("field-lf-length", "LF in a value: a length in a field (8.2.1)"), TRUST,
     FRAMES(BLOCK("\x88\x00\x01x\x14"
                  "a\ncontent-length: 5 "),
            DATA_END("hello")),
     FAILED("protocol|reset|bad-header")},
    {FIELD("name-blank", "a blank in a name (8.2.1)", "a b: y"),
     FAILED("protocol|reset|bad-header")},
    {FIELD("name-colon", "a colon in a name (8.2.1)", "a:b: y"),
     FAILED("protocol|reset|bad-header")},
    {H2("field-name-empty", "an empty name (8.2)"), TRUST,
     FRAMES(BLOCK("\x88\x00\x00\x01y"), DATA_END("hello")), FAILED("protocol|reset|bad-header")},
    {FIELD("value-blank", "blanks around a value (8.2.1)", "x:  y "),
     EITHER("protocol|reset|bad-header")},
    {FIELD("escape", "ESC in a value", "x: \x1b[31m"), EITHER("protocol|reset|bad-header")},
    {H2("field-big", "a field of 10 kB"), TRUST_BLURRED,
     FRAMES({FRAME(HEADERS, WHOLE, "\x88\x00\x01x\x7f\x91\x4d"), FILL("y", 10000)},
            DATA_END("hello")),
     OK(5)},
    {H2("field-huge", "a field of 70 kB in CONTINUATIONs"), SHARED,
     FRAMES({FRAME(HEADERS, 0, "\x88\x00\x01x\x7f\xf1\xa1\x04"), FILL("y", 16000)},
            {FRAME(CONTINUATION, 0, ""), FILL("y", 16000), .times = 3},
            {FRAME(CONTINUATION, WHOLE, ""), FILL("y", 6000)}, DATA_END("hello")),
     FAILED("protocol|reset|headers-too-large|empty-reply")},
    {H2("fields-many", "6000 fields"), SHARED,
     FRAMES({FRAME(HEADERS, WHOLE, "\x88\x40\x01x\x01y"), FILL("\xbe", 6000)}, DATA_END("hello")),
     FAILED("too-many-headers|headers-too-large|protocol|reset")},
    {H2("fields-table", "15000 times one of 3 kB, out of the table"), SHARED,
     FRAMES({FRAME(HEADERS, 0, "\x88\x40\x01x\x7f\xb9\x16"), FILL("y", 3000)},
            {FRAME(CONTINUATION, WHOLE, ""), FILL("\xbe", 15000)}, DATA_END("hello")),
     FAILED("too-many-headers|headers-too-large|protocol|reset")},

    /* ---- the status (8.3.2) ---- */
    {STATUS("99", "99", "99"), FAILED("protocol|reset|bad-status")},
    {STATUS("1000", "1000", "1000"), FAILED("protocol|reset|bad-status")},
    {STATUS("letters", "abc", "abc"), FAILED("protocol|reset|bad-status")},
    {STATUS("half", "20x", "20x"), FAILED("protocol|reset|bad-status")},
    {STATUS("empty", "empty", ""), FAILED("protocol|reset|bad-status")},
    {STATUS("minus", "-200", "-200"), FAILED("protocol|reset|bad-status")},
    {STATUS("blank", "' 200'", " 200"), FAILED("protocol|reset|bad-status")},
    {STATUS("phrase", "'200 OK'", "200 OK"), FAILED("protocol|reset|bad-status")},
    {STATUS("000", "000", "000"), FAILED("protocol|reset|bad-status")},
    {STATUS("600", "600", "600"), FAILED("protocol|reset|bad-status")},
    {STATUS("999", "999", "999"), FAILED("protocol|reset|bad-status")},
    {STATUS("206", "206 that nobody asked for", "206"), FAILED("bad-status|bad-range")},
    {STATUS("404", "404", "404"), FAILED("http-404")},
    {H2("status-404-rst", "404 and RST_STREAM"), TRUST,
     FRAMES(HEAD(":status: 404"), DATA("he"), RST(CANCEL)), FAILED("http-404|reset|truncated")},
    {STATUS("503", "503", "503"), FAILED("http-503")},
    {H2("status-101", "101 (8.6)"), TRUST, FRAMES(HEAD(":status: 101"), DATA_END("hello")),
     FAILED("protocol|reset|bad-status")},
    {H2("status-101-first", "101, then an answer (8.6)"), TRUST,
     FRAMES(HEAD(":status: 101"), HEAD(FIVE), DATA_END("hello")),
     FAILED("protocol|reset|bad-status")},
    {H2("status-100-only", "100 and nothing else"), TRUST, FRAMES(HEAD_END(":status: 100")),
     FAILED("protocol|reset|truncated|empty-reply")},
    {H2("status-100-data", "100, then DATA"), TRUST,
     FRAMES(HEAD(":status: 100"), DATA_END("hello")),
     FAILED("protocol|reset|truncated|empty-reply")},
    {H2("status-missing", "no status"), TRUST, FRAMES(HEAD("content-length: 5"), DATA_END("hello")),
     FAILED("protocol|reset|bad-status")},
    {H2("status-missing-empty", "no field at all"), TRUST, FRAMES(HEAD(""), DATA_END("hello")),
     FAILED("protocol|reset|bad-status|truncated")},
    {H2("status-two", "two that differ"), TRUST,
     FRAMES(HEAD(OK_LINE "\n:status: 404\ncontent-length: 5"), DATA_END("hello")),
     FAILED("protocol|reset|bad-status")},
    {H2("status-two-same", "two of the same"), TRUST,
     FRAMES(HEAD(OK_LINE "\n" FIVE), DATA_END("hello")), FAILED("protocol|reset|bad-status")},
    {H2("status-behind", "the status behind a field (8.3)"), TRUST,
     FRAMES(HEAD("content-length: 5\n" OK_LINE), DATA_END("hello")),
     FAILED("protocol|reset|bad-header")},
    {H2("pseudo-behind", "another pseudo field behind a field (8.3)"), TRUST,
     FRAMES(HEAD(FIVE "\n:path: /x"), DATA_END("hello")), FAILED("protocol|reset|bad-header")},
    {H2("pseudo-request", "a pseudo field of requests (8.3)"), TRUST,
     FRAMES(HEAD(OK_LINE "\n:path: /x\ncontent-length: 5"), DATA_END("hello")),
     FAILED("protocol|reset|bad-header")},
    {H2("pseudo-unknown", "a pseudo field that nobody knows (8.3)"), TRUST,
     FRAMES(HEAD(OK_LINE "\n:x: y\ncontent-length: 5"), DATA_END("hello")),
     FAILED("protocol|reset|bad-header")},

    /* ---- answers that have no body ---- */
    {H2("body-204", "204 with DATA"), TRUST, FRAMES(HEAD(":status: 204"), DATA_END("hello")),
     FAILED("protocol|reset|bad-framing")},
    {H2("body-204-length", "204 with a length and DATA"), TRUST,
     FRAMES(HEAD(":status: 204\ncontent-length: 5"), DATA_END("hello")),
     FAILED("protocol|reset|bad-framing")},
    {H2("body-304", "304 with DATA, though nobody asked for it"), TRUST,
     FRAMES(HEAD(":status: 304"), DATA_END("hello")),
     FAILED("protocol|reset|bad-framing|bad-status")},
    {H2("body-head", "DATA after HEAD"), NEEDS("head,ca"), FRAMES(HEAD(FIVE), DATA_END("hello")),
     EITHER("protocol|reset|bad-framing")},
    {H2("body-head-fine", "HEAD, rightly answered"), NEEDS("head,ca"), FRAMES(HEAD_END(FIVE)),
     OK(-1)},
    {H2("body-head-open", "HEAD, and no end of the stream"), NEEDS("head,ca,time"),
     FRAMES(HEAD(FIVE)), EITHER("stall|timeout")},

    /* ---- trailers (8.1) ---- */
    {H2("trailers-open", "trailers without END_STREAM"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA("hello"), HEAD("x: y"), DATA_END("evil")),
     FAILED("protocol|reset|truncated")},
    {H2("trailers-pseudo", "a status in the trailers"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA("hello"), HEAD_END(OK_LINE)), FAILED("protocol|reset|bad-header")},
    {H2("trailers-length", "a length in the trailers"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA("hello"), HEAD_END("content-length: 7")),
     EITHER("protocol|reset|bad-length")},
    {H2("trailers-connection", "Connection in the trailers (8.2.2)"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA("hello"), HEAD_END("connection: close")),
     FAILED("protocol|reset|bad-header")},
    {H2("trailers-upper", "an upper-case name in the trailers (8.2)"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA("hello"), HEAD_END("X: y")), FAILED("protocol|reset|bad-header")},
    {H2("trailers-two", "trailers twice"), NEEDS("ca,connection,blurred"),
     FRAMES(HEAD(OK_LINE), DATA("hello"), HEAD_END("x: y"), HEAD_END("x: z")), OK(5)},
    {H2("trailers-endless", "trailers without end"), NEEDS("ca,deadline,connection"),
     FRAMES(HEAD(OK_LINE), DATA("hello"), PART(HEADERS, END, "x: y"),
            {FIELDS(CONTINUATION, 0, "x: y"), FOREVER}),
     FAILED("too-many-headers|headers-too-large|protocol|reset")},
    {H2("trailers-many", "6000 trailers"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA("hello"),
            {FRAME(HEADERS, WHOLE | END, "\x40\x01x\x01y"), FILL("\xbe", 6000)}),
     FAILED("too-many-headers|headers-too-large|protocol|reset")},
    {H2("trailers-stall", "trailers that do not come"), TRUST_TIME,
     FRAMES(HEAD(OK_LINE "\ntrailer: x"), DATA("hello")), FAILED("stall|timeout")},

    /* ---- HPACK (RFC 7541; 4.3) ---- */
    {H2("hpack-garbage", "a head of garbage"), SHARED,
     FRAMES({FRAME(HEADERS, WHOLE, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")}, DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("hpack-index-0", "index 0"), SHARED, FRAMES(BLOCK("\x88\x80"), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply|truncated")},
    {H2("hpack-index", "an index behind the end of the table"), SHARED,
     FRAMES(BLOCK("\x88\xfe"), DATA_END("hello")), FAILED("protocol|reset|empty-reply|truncated")},
    {H2("hpack-table", "a table of 4 GB"), SHARED,
     FRAMES(BLOCK("\x3f\xe1\xff\xff\xff\x0f\x88"), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply")},
    {H2("hpack-table-late", "a new size of the table behind a field (RFC 7541, 4.2)"), SHARED,
     FRAMES(BLOCK("\x88\x20"), DATA_END("hello")), FAILED("protocol|reset|empty-reply|truncated")},
    {H2("hpack-string", "a string that is longer than the block"), SHARED,
     FRAMES(BLOCK("\x88\x00\x01x\x7e"
                  "abc"),
            DATA_END("hello")),
     FAILED("protocol|reset|empty-reply|truncated")},
    {H2("hpack-string-huge", "a string of 2 GB"), SHARED,
     FRAMES(BLOCK("\x88\x00\x01x\x7f\x80\xff\xff\xff\x07"
                  "abc"),
            DATA_END("hello")),
     FAILED("protocol|reset|empty-reply|truncated")},
    {H2("hpack-huffman", "a Huffman string with an end inside (RFC 7541, 5.2)"), SHARED,
     FRAMES(BLOCK("\x88\x00\x01x\x84\xff\xff\xff\xff"), DATA_END("hello")),
     FAILED("protocol|reset|empty-reply|truncated")},
    {H2("hpack-trailers", "garbage instead of trailers"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"),
            {FRAME(HEADERS, WHOLE | END, "\xff\xff\xff\xff\xff\xff")}),
     FAILED("protocol|reset|truncated")},

    /* ---- codings ---- */
    {H2("gzip", "gzip"), NEEDS("ca,compressed,blurred"),
     FRAMES(HEAD(GZIP), {FRAME(DATA, END, ""), .body = TS_BODY_GZIP}), OK(1000)},
    {H2("gzip-cut", "gzip that ends too early, rightly framed"), NEEDS("ca,compressed"),
     FRAMES(HEAD(GZIP), {FRAME(DATA, END, ""), .body = TS_BODY_GZIP, .size = 20}),
     FAILED("bad-encoding|truncated")},
    {H2("gzip-rst", "gzip, whole, and RST_STREAM before the end"), NEEDS("ca,compressed,blurred"),
     FRAMES(HEAD(GZIP), {FRAME(DATA, 0, ""), .body = TS_BODY_GZIP}, PAUSE(30), RST(NO_ERROR)),
     FAILED("reset|truncated")},
    {H2("gzip-empty", "called gzip, and nothing"), NEEDS("ca,compressed"), FRAMES(HEAD_END(GZIP)),
     EITHER("bad-encoding")},
    {H2("gzip-plain", "called gzip, but plain"), NEEDS("ca,compressed"),
     FRAMES(HEAD(GZIP), DATA_END("hello")), FAILED("bad-encoding")},
    {H2("gzip-bomb", "a compression bomb without end"), NEEDS("ca,compressed,maxsize"),
     FRAMES(HEAD(GZIP), {FRAME(DATA, 0, ""), .body = TS_BODY_BOMB_HEAD},
            {FRAME(DATA, 0, ""), .body = TS_BODY_BOMB_BLOCK, FOREVER}),
     FAILED("too-large")},

    /* ---- redirects ---- */
    {H2("redirect", "302 to a good answer on the same connection"), NEEDS("ca,redirects"),
     FRAMES(HEAD_END(":status: 302\nlocation: /size?n=5")), OK(5)},
    {H2("redirect-body", "302 with a body"), NEEDS("ca,redirects"),
     FRAMES(HEAD(":status: 302\nlocation: /size?n=5"), DATA_END("moved")), OK(5)},
    {H2("redirect-rst", "302, and RST_STREAM in its body"), NEEDS("ca,redirects"),
     FRAMES(HEAD(":status: 302\nlocation: /size?n=5"), DATA("mo"), RST(CANCEL)),
     EITHER("reset|truncated")},
    {H2("redirect-goaway", "302, then GOAWAY"), NEEDS("ca,redirects,connection"),
     FRAMES(HEAD_END(":status: 302\nlocation: /size?n=5"), GOAWAY(OURS, NO_ERROR)), CLOSE, OK(5)},
    {H2("redirect-self", "302 to itself"), NEEDS("ca,redirects"),
     FRAMES(HEAD_END(":status: 302\nlocation: ?")), FAILED("redirects|bad-redirect")},
};

const size_t ts_catalogue_h2_count = sizeof(ts_catalogue_h2) / sizeof(ts_catalogue_h2[0]);
