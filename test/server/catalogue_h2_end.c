#include "catalogue.h"

#include "catalogue_frames.h"

/* Families: many entries of one form. */
#define LENGTH(id, text, lines)                                                                    \
    H2("length-" id, text), TRUST, FRAMES(HEAD(OK_LINE "\n" lines), DATA_END("hello"))
/* A reset of the stream at each place, with one code: before END_STREAM it is no end of an answer,
 * whatever its code is and however many bytes have come (8.1). */
#define RESETS(id, code, word)                                                                     \
    {H2("rst-" id "-before-head", "RST_STREAM " id " instead of an answer"), TRUST,                \
     FRAMES(RST(code)), FAILED(word)},                                                             \
        {H2("rst-" id "-after-head", "RST_STREAM " id " behind the head"), TRUST,                  \
         FRAMES(HEAD(FIVE), RST(code)), FAILED(word)},                                             \
        {H2("rst-" id "-after-head-unsized", "RST_STREAM " id " behind a head without length"),    \
         TRUST, FRAMES(HEAD(OK_LINE), RST(code)), FAILED(word)},                                   \
        {H2("rst-" id "-in-body", "RST_STREAM " id " in the body"), TRUST,                         \
         FRAMES(HEAD(FIVE), DATA("he"), RST(code)), FAILED(word)},                                 \
        {H2("rst-" id "-in-body-unsized", "RST_STREAM " id " in a body without length"), TRUST,    \
         FRAMES(HEAD(OK_LINE), DATA("hello"), RST(code)), FAILED(word)},                           \
        {H2("rst-" id "-late", "RST_STREAM " id " in the body, a moment later"), TRUST,            \
         FRAMES(HEAD(FIVE), DATA("hell"), PAUSE(30), RST(code)), FAILED(word)},                    \
        {H2("rst-" id "-late-unsized", "RST_STREAM " id " in the body, later, without length"),    \
         TRUST, FRAMES(HEAD(OK_LINE), DATA("hello"), PAUSE(30), RST(code)), FAILED(word)},         \
        {H2("rst-" id "-close", "RST_STREAM " id " in the body, and closed"), SHARED,              \
         FRAMES(HEAD(OK_LINE), DATA("hello"), PAUSE(30), RST(code)), CLOSE, FAILED(word)},         \
        {H2("rst-" id "-before-end", "RST_STREAM " id " behind all bytes, but before the end"),    \
         TRUST, FRAMES(HEAD(FIVE), DATA("hello"), RST(code)), FAILED(word)},                       \
    {                                                                                              \
        H2("rst-" id "-after-end", "RST_STREAM " id " behind a whole answer"), TRUST,              \
            FRAMES(HEAD(FIVE), DATA_END("hello"), RST(code)), OK(5)                                \
    }
/* Asked for over a connection that was used, which tells nothing of the request when it ends. */
#define USED(id, text) H2("used-" id, text), NEEDS("ca,redirects,connection"), .asks_twice = true
/* The end of the connection at each place. */
#define ENDS(id, text, how, word, before)                                                          \
    {H2(id "-before-head", text " instead of an answer"), SHARED, FRAMES(PING), how,               \
     FAILED(before)},                                                                              \
        {H2(id "-in-head", text " between HEADERS and CONTINUATION"), SHARED,                      \
         FRAMES(PART(HEADERS, 0, FIVE)), how, FAILED(before)},                                     \
        {H2(id "-in-frame", text " in a frame of the head"), SHARED,                               \
         FRAMES({FIELDS(HEADERS, WHOLE, FIVE), .says = 100}), how, FAILED(before)},                \
        {H2(id "-after-head", text " behind the head"), SHARED, FRAMES(HEAD(FIVE)), how,           \
         FAILED(word)},                                                                            \
        {H2(id "-after-head-unsized", text " behind a head without length"), SHARED,               \
         FRAMES(HEAD(OK_LINE)), how, FAILED(word)},                                                \
        {H2(id "-in-body", text " in the body"), SHARED, FRAMES(HEAD(FIVE), DATA("he")), how,      \
         FAILED(word)},                                                                            \
        {H2(id "-in-body-unsized", text " in a body without length"), SHARED,                      \
         FRAMES(HEAD(OK_LINE), DATA("hello")), how, FAILED(word)},                                 \
        {H2(id "-in-data", text " in a DATA frame"), SHARED,                                       \
         FRAMES(HEAD(FIVE), {FRAME(DATA, END, "hell"), .says = 5}), how, FAILED(word)},            \
        {H2(id "-in-data-unsized", text " in a DATA frame, without length"), SHARED,               \
         FRAMES(HEAD(OK_LINE), {FRAME(DATA, END, "hell"), .says = 5}), how, FAILED(word)},         \
        {H2(id "-before-end", text " behind all bytes, but before END_STREAM"), SHARED,            \
         FRAMES(HEAD(FIVE), DATA("hello")), how, FAILED(word)},                                    \
        {H2(id "-before-trailers", text " where trailers have begun"), SHARED,                     \
         FRAMES(HEAD(OK_LINE), DATA("hello"), PART(HEADERS, END, "x: y")), how, FAILED(word)},     \
    {                                                                                              \
        H2(id "-after-end", text " behind a whole answer"), SHARED,                                \
            FRAMES(HEAD(FIVE), DATA_END("hello")), how, OK(5)                                      \
    }

static const struct ts_fault faults[] = {
    /* ---- nothing wrong ---- */
    {H2("fine", "a good answer"), TRUST, FRAMES(HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("fine-unsized", "a good answer without length"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA_END("hello")), OK(5)},
    {H2("fine-late-end", "the end in an empty frame of its own"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA("hello"), DATA_END("")), OK(5)},
    {H2("fine-later-end", "the end in an empty frame, a moment later"), TRUST,
     FRAMES(HEAD(FIVE), DATA("hello"), PAUSE(30), DATA_END("")), OK(5)},
    {H2("fine-empty", "no body"), TRUST, FRAMES(HEAD_END(OK_LINE)), OK(0)},
    {H2("fine-empty-sized", "length 0"), TRUST, FRAMES(HEAD_END(OK_LINE "\ncontent-length: 0")),
     OK(0)},
    {H2("fine-204", "204"), TRUST, FRAMES(HEAD_END(":status: 204")), OK(0)},
    {H2("fine-pieces", "byte after byte, and empty frames between them"), TRUST,
     FRAMES(HEAD(FIVE), DATA("h"), DATA(""), DATA("e"), DATA("l"), DATA(""), DATA("l"),
            DATA_END("o")),
     OK(5)},
    {H2("fine-padded", "all frames padded"), TRUST,
     FRAMES({FRAME(HEADERS, WHOLE | TS_FLAG_PADDED, "\x03\x88\0\0\0")},
            {FRAME(DATA, TS_FLAG_PADDED, "\x05hello\0\0\0\0\0")},
            {FRAME(DATA, END | TS_FLAG_PADDED, "\x02\0\0")}),
     OK(5)},
    {H2("fine-priority", "HEADERS with a priority, and a PRIORITY frame"), TRUST,
     FRAMES({FRAME(PRIORITY, 0, "\0\0\0\0\x10")},
            {FRAME(HEADERS, WHOLE | TS_FLAG_PRIORITY, "\0\0\0\0\x10\x88")}, DATA_END("hello")),
     OK(5)},
    /* nghttp2 1.52 counts reads for frames: it takes one that comes in many pieces for a flood. */
    {H2("fine-continuation", "a head in three frames"), TRUST,
     FRAMES(PART(HEADERS, 0, OK_LINE), PART(CONTINUATION, 0, "content-length: 5"),
            PART(CONTINUATION, WHOLE, "x: y"), DATA_END("hello")),
     OK(5)},
    {H2("fine-interim", "103, then the answer"), TRUST,
     FRAMES(HEAD(":status: 103\nlink: </x>"), HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("fine-interim-ten", "ten times 100, then the answer"), TRUST,
     FRAMES({FIELDS(HEADERS, WHOLE, ":status: 100"), .times = 10}, HEAD(FIVE), DATA_END("hello")),
     OK(5)},
    {H2("fine-trailers", "trailers"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA("hello"), HEAD_END("x-sum: 5d41")), OK(5)},
    {H2("fine-trailers-sized", "trailers, and a length"), TRUST,
     FRAMES(HEAD(FIVE), DATA("hello"), HEAD_END("x-sum: 5d41")), OK(5)},
    {H2("fine-dynamic", "a field that is kept in the table, and named from it"), TRUST,
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
     FRAMES(HEAD(FIVE), DATA_END("hello, world")), FAILED("bad-length|protocol")},
    {H2("length-longer-frames", "one frame too many"), TRUST,
     FRAMES(HEAD(FIVE), DATA("hello"), DATA_END("x")), FAILED("bad-length|protocol")},
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
    RESETS("no-error", NO_ERROR, "reset"),
    RESETS("protocol-error", PROTOCOL_ERROR, "protocol"),
    RESETS("internal-error", INTERNAL_ERROR, "reset"),
    RESETS("cancel", CANCEL, "reset"),
    RESETS("refused", REFUSED_STREAM, "reset"),
    RESETS("calm", ENHANCE_YOUR_CALM, "reset"),
    {H2("rst-http-1.1", "HTTP_1_1_REQUIRED, then a good answer over that"), SHARED,
     FRAMES(RST(HTTP_1_1_REQUIRED)), SEND(GOOD_1_1), CLOSE_1_1, OK(5)},
    {H2("rst-http-1.1-refused", "refused once, then HTTP_1_1_REQUIRED, then a good answer"), SHARED,
     ONCE(RST(REFUSED_STREAM)), FRAMES(RST(HTTP_1_1_REQUIRED)), SEND(GOOD_1_1), CLOSE_1_1, OK(5)},
    {H2("rst-http-1.1-body", "HTTP_1_1_REQUIRED in the body, then a good answer over that"), SHARED,
     FRAMES(HEAD(FIVE), DATA("he"), RST(HTTP_1_1_REQUIRED)), SEND(GOOD_1_1), CLOSE_1_1,
     EITHER("reset")},
    {H2("rst-http-1.1-swap", "HTTP_1_1_REQUIRED later in the body, then another answer"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), PAUSE(30), RST(HTTP_1_1_REQUIRED)),
     SEND("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n" ONLY_1_1 "evil"), CLOSE_1_1,
     FAILED("reset|http-404")},
    {H2("rst-http-1.1-after-end", "HTTP_1_1_REQUIRED behind a whole answer"), SHARED,
     FRAMES(HEAD(FIVE), DATA_END("hello"), RST(HTTP_1_1_REQUIRED)), OK(5)},
    {H2("rst-refused-swap", "refused behind the head, then another answer"), SHARED,
     ONCE(HEAD(OK_LINE), PAUSE(30), RST(REFUSED_STREAM)),
     FRAMES(HEAD(":status: 404\ncontent-length: 4"), DATA_END("evil")), FAILED("reset|http-404")},
    {H2("rst-unknown", "RST_STREAM with a code that nobody knows"), TRUST,
     FRAMES(HEAD(OK_LINE), DATA("hello"), RST("\xee")), FAILED("reset")},
    {H2("rst-refused-once", "refused once, then a good answer"), ONCE(RST(REFUSED_STREAM)),
     FRAMES(HEAD(FIVE), DATA_END("hello")), NEEDS("ca,retries,connection"), OK(5)},
    {H2("rst-cancel-once", "cancelled once, then a good answer"), ONCE(RST(CANCEL)),
     FRAMES(HEAD(FIVE), DATA_END("hello")), NEEDS("ca,retries"), OK(5)},
    {H2("rst-no-error-once", "cut with NO_ERROR once, then a good answer"),
     ONCE(HEAD(FIVE), DATA("he"), RST(NO_ERROR)), FRAMES(HEAD(FIVE), DATA_END("hello")),
     NEEDS("ca,retries"), OK(5)},
    {H2("rst-short", "RST_STREAM of three bytes (6.4)"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), {FRAME(RST_STREAM, 0, "\0\0\0")}), FAILED("protocol")},
    {H2("rst-connection", "RST_STREAM of stream 0 (6.4)"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), {FRAME(RST_STREAM, 0, "\0\0\0\0"), ON(CONNECTION)}),
     FAILED("protocol")},
    {H2("rst-idle", "RST_STREAM of a stream that was never opened (5.1)"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), {FRAME(RST_STREAM, 0, "\0\0\0\0"), ON(NEXT)}),
     FAILED("protocol")},

    /* ---- GOAWAY (6.8) ---- */
    {H2("goaway-before", "GOAWAY that promises an answer, and the answer"), SHARED,
     FRAMES(GOAWAY(OURS, NO_ERROR), HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("goaway-ever", "GOAWAY 2^31-1 before the answer"), SHARED,
     FRAMES(GOAWAY(LAST_EVER, NO_ERROR), HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("goaway-in-body", "GOAWAY in the body"), SHARED,
     FRAMES(HEAD(FIVE), DATA("he"), GOAWAY(OURS, NO_ERROR), DATA_END("llo")), OK(5)},
    {H2("goaway-in-body-unsized", "GOAWAY in a body without length"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("he"), GOAWAY(OURS, NO_ERROR), PAUSE(30), DATA_END("llo")), OK(5)},
    {H2("goaway-after", "GOAWAY behind the answer"), SHARED,
     FRAMES(HEAD(FIVE), DATA_END("hello"), GOAWAY(OURS, NO_ERROR)), OK(5)},
    {H2("goaway-after-close", "GOAWAY behind the answer, and closed"), SHARED,
     FRAMES(HEAD(FIVE), DATA_END("hello"), GOAWAY(OURS, NO_ERROR)), CLOSE, OK(5)},
    {H2("goaway-later", "GOAWAY on the idle connection, and closed"), SHARED,
     FRAMES(HEAD(FIVE), DATA_END("hello")), .idle_ms = 20,
     .idle = TEXT("\0\0\x08\x07\0\0\0\0\0\x7f\xff\xff\xff\0\0\0\0"), .idle_end = TS_END_CLOSE,
     OK(5)},
    {H2("goaway-instead", "GOAWAY says that the request was not served"), SHARED,
     FRAMES(GOAWAY(CONNECTION, NO_ERROR)), CLOSE, FAILED("reset")},
    {H2("goaway-instead-open", "the same, and silence"), NEEDS("ca,time,connection"),
     FRAMES(GOAWAY(CONNECTION, NO_ERROR)), HANG, FAILED("reset")},
    {H2("goaway-once", "GOAWAY says once that the request was not served"),
     NEEDS("ca,retries,connection"), ONCE(GOAWAY(CONNECTION, NO_ERROR)), .end_once = TS_END_CLOSE,
     FRAMES(HEAD(FIVE), DATA_END("hello")), OK(5)},
    {H2("goaway-below", "GOAWAY says in the body that it was not served"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), GOAWAY(CONNECTION, NO_ERROR)), CLOSE, FAILED("reset")},
    {H2("goaway-cut-unsized", "GOAWAY in a body without length, and closed"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), GOAWAY(OURS, NO_ERROR)), CLOSE, FAILED("truncated")},
    {H2("goaway-cut", "GOAWAY in the body, and closed"), SHARED,
     FRAMES(HEAD(FIVE), DATA("he"), GOAWAY(OURS, NO_ERROR)), CLOSE, FAILED("truncated")},
    {H2("goaway-error", "GOAWAY with an error in the body, and closed"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), GOAWAY(OURS, PROTOCOL_ERROR)), CLOSE,
     FAILED("reset|truncated")},
    {H2("goaway-calm", "GOAWAY ENHANCE_YOUR_CALM instead of an answer"), SHARED,
     FRAMES(GOAWAY(CONNECTION, ENHANCE_YOUR_CALM)), CLOSE, FAILED("reset")},
    {H2("goaway-short", "GOAWAY of four bytes (6.8)"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), {FRAME(GOAWAY, 0, "\0\0\0\0"), ON(CONNECTION)}),
     FAILED("protocol")},
    {H2("goaway-on-stream", "GOAWAY on our stream (6.8)"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello"), {FRAME(GOAWAY, 0, "\0\0\0\0\0\0\0\0")}),
     FAILED("protocol")},

    /* ---- not served (8.7), whatever has happened to the connection before ---- */
    {USED("reset", "the used connection is reset, the next request refused, then a good answer"),
     ONCE(PING), .end_once = TS_END_RESET, SECOND(RST(REFUSED_STREAM)),
     FRAMES(HEAD(FIVE), DATA_END("hello")), OK(5)},
    {USED("close", "the used connection is closed, the next request refused, then a good answer"),
     ONCE(PING), .end_once = TS_END_CLOSE, SECOND(RST(REFUSED_STREAM)),
     FRAMES(HEAD(FIVE), DATA_END("hello")), OK(5)},
    {USED("goaway", "GOAWAY on the used connection, the next one refused, then a good answer"),
     ONCE(GOAWAY(CONNECTION, NO_ERROR)), .end_once = TS_END_CLOSE, SECOND(RST(REFUSED_STREAM)),
     FRAMES(HEAD(FIVE), DATA_END("hello")), OK(5)},
    {USED("refused", "refused on the used connection, and on the next, then a good answer"),
     ONCE(RST(REFUSED_STREAM)), SECOND(RST(REFUSED_STREAM)), FRAMES(HEAD(FIVE), DATA_END("hello")),
     OK(5)},
    {USED("reset-goaway", "the used connection is reset, GOAWAY on the next, then a good answer"),
     ONCE(PING), .end_once = TS_END_RESET, SECOND(GOAWAY(CONNECTION, NO_ERROR)),
     FRAMES(HEAD(FIVE), DATA_END("hello")), OK(5)},
    {USED("http-1.1", "reset, then refused, then HTTP_1_1_REQUIRED, then a good answer over that"),
     ONCE(PING), .end_once = TS_END_RESET, SECOND(RST(REFUSED_STREAM)),
     FRAMES(RST(HTTP_1_1_REQUIRED)), SEND(GOOD_1_1), CLOSE_1_1, OK(5)},

    /* ---- the end of the connection ---- */
    ENDS("close", "closed with close_notify", CLOSE, "truncated", "empty-reply|truncated"),
    ENDS("cut", "closed without close_notify", CUT, "truncated", "empty-reply|truncated"),
    ENDS("reset", "reset", RESET, "reset", "reset"),

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
     FRAMES(HEAD(FIVE), DATA("hello")), FAILED("stall|timeout")},
    {H2("stall-connection", "the connection says nothing any more"), NEEDS("ca,time,connection"),
     FRAMES(HEAD(FIVE), DATA("he")), HANG, FAILED("stall|timeout")},
    {H2("drip", "a byte each 20 ms, without end"), NEEDS("ca,deadline,connection"), .pace_ms = 20,
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, 0, "x"), FOREVER}), FAILED("timeout|stall")},

    /* ---- without end ---- */
    {H2("endless-body", "a body without end"), NEEDS("ca,maxsize"),
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, 0, ""), .body = TS_BODY_PATTERN, .size = 10000, FOREVER}),
     FAILED("too-large")},
    {H2("endless-empty", "empty DATA frames without end"), NEEDS("ca,deadline,connection"),
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, 0, ""), FOREVER}), FAILED("flood")},
    {H2("endless-padding", "DATA frames of padding only, without end"),
     NEEDS("ca,deadline,connection"),
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, TS_FLAG_PADDED, "\xff"), FILL("\0", 255), FOREVER}),
     FAILED("flood")},
    {H2("endless-interim", "100 without end"), NEEDS("ca,connection"),
     FRAMES({FIELDS(HEADERS, WHOLE, ":status: 100"), FOREVER}), FAILED("too-many-headers")},
    {H2("endless-continuation", "CONTINUATION without end"), NEEDS("ca,deadline,connection"),
     FRAMES(PART(HEADERS, 0, OK_LINE), {FIELDS(CONTINUATION, 0, "x: y"), FOREVER}),
     FAILED("flood|headers-too-large|too-many-headers|protocol")},
    {H2("endless-continuation-empty", "empty CONTINUATION without end"),
     NEEDS("ca,deadline,connection"),
     FRAMES(PART(HEADERS, 0, OK_LINE), {FRAME(CONTINUATION, 0, ""), FOREVER}),
     FAILED("flood|headers-too-large|too-many-headers|protocol")},
    {H2("endless-ping", "PING without end"), NEEDS("ca,deadline,connection"),
     FRAMES({FRAME(PING, 0, "12345678"), ON(CONNECTION), FOREVER}), FAILED("flood")},
    {H2("endless-ping-ack", "answers to PINGs that nobody sent, without end"),
     NEEDS("ca,deadline,connection"),
     FRAMES({FRAME(PING, TS_FLAG_ACK, "12345678"), ON(CONNECTION), FOREVER}), FAILED("flood")},
    {H2("endless-settings", "SETTINGS without end"), NEEDS("ca,deadline,connection"),
     FRAMES({FRAME(SETTINGS, 0, "\0\x04\0\0\xff\xff"), ON(CONNECTION), FOREVER}), FAILED("flood")},
    {H2("endless-window", "WINDOW_UPDATE of the connection without end, then overflow"),
     NEEDS("ca,deadline,connection"),
     FRAMES({FRAME(WINDOW_UPDATE, 0, "\0\0\0\x01"), ON(CONNECTION), FOREVER}), FAILED("flood")},
    {H2("endless-priority", "PRIORITY without end"), NEEDS("ca,deadline,connection"),
     FRAMES({FRAME(PRIORITY, 0, "\0\0\0\0\x10"), FOREVER}), FAILED("flood")},
    {H2("endless-unknown", "frames of an unknown type without end"),
     NEEDS("ca,deadline,connection"),
     FRAMES({.type = 0xfa, .text = "hello", .text_size = 5, FOREVER}), FAILED("flood")},
    {H2("endless-rst", "RST_STREAM of a stream that is over, without end"),
     NEEDS("ca,deadline,connection"), FRAMES({FRAME(RST_STREAM, 0, "\0\0\0\x08"), FOREVER}),
     FAILED("reset")},
};

const struct ts_fault_table ts_faults_h2_end = TABLE(faults);
