#include "catalogue.h"

#include "catalogue_frames.h"

/*
 * Settings that change while answers are under way, the ends of a connection that are announced,
 * and frames that come slowly or in many pieces (RFC 9113; numbers in brackets are its sections).
 */

#define STALL NEEDS("ca,stall"), FAILED("stall")
#define ANSWER HEAD(FIVE), DATA_END("hello")
/* A setting before the head, in the body, and back behind the end. */
#define CHANGES(id, text, there, back)                                                             \
    {                                                                                              \
        H2("change-" id, text), TRUST,                                                             \
            FRAMES(SETTINGS(there), HEAD(FIVE), DATA("he"), SETTINGS(back), DATA("l"),             \
                   SETTINGS(there), DATA_END("lo"), SETTINGS(back)),                               \
            OK(5)                                                                                  \
    }
#define BAD(id, text, setting)                                                                     \
    {                                                                                              \
        H2("change-" id, text), SHARED,                                                            \
            FRAMES(HEAD(FIVE), DATA("he"), SETTINGS(setting), DATA_END("llo")), FAILED("protocol") \
    }

static const struct ts_fault faults[] = {
    /* ---- settings in flight (6.5) ---- */
    CHANGES("window", "windows of 0 and of 64 kB by turns", "\0\x04\0\0\0\0", "\0\x04\0\0\xff\xff"),
    CHANGES("window-most", "windows of 2^31-1 and of 0 by turns", "\0\x04\x7f\xff\xff\xff",
            "\0\x04\0\0\0\0"),
    CHANGES("streams", "one stream and a hundred by turns", "\0\x03\0\0\0\x01", "\0\x03\0\0\0\x64"),
    CHANGES("streams-none", "no streams, and a hundred again", "\0\x03\0\0\0\0",
            "\0\x03\0\0\0\x64"),
    CHANGES("streams-most", "2^32-1 streams and ten by turns", "\0\x03\xff\xff\xff\xff",
            "\0\x03\0\0\0\x0a"),
    CHANGES("frame", "frames of 16 kB and of 16 MB by turns", "\0\x05\0\xff\xff\xff",
            "\0\x05\0\0\x40\0"),
    CHANGES("table", "a table of no bytes, said again", "\0\x01\0\0\0\0", "\0\x01\0\0\0\0"),
    CHANGES("list", "lists of 1 MB and of 16 kB by turns", "\0\x06\0\x10\0\0", "\0\x06\0\0\x40\0"),
    CHANGES("all", "six settings at once", "\0\x03\0\0\0\x05\0\x04\0\0\x10\0\0\x05\0\0\x80\0",
            "\0\x03\0\0\0\x64\0\x04\0\0\xff\xff\0\x05\0\0\x40\0"),
    CHANGES("twice", "one setting twice in a frame: the last counts",
            "\0\x03\0\0\0\0\0\x03\0\0\0\5", "\0\x03\0\0\0\1\0\x03\0\0\0\x64"),
    {H2("change-table-raised", "a table of 4 kB, and no other request behind it"), SHARED,
     FRAMES(SETTINGS("\0\x01\0\0\x10\0"), ANSWER, GOAWAY(OURS, NO_ERROR)), CLOSE, OK(5)},
    {H2("change-streams-back", "no streams, and a hundred a moment later"), TRUST,
     FRAMES(SETTINGS("\0\x03\0\0\0\0"), ANSWER, PAUSE(30), SETTINGS("\0\x03\0\0\0\x64")), OK(5)},
    BAD("window-big", "a window of 2^31 in the body (6.5.2)", "\0\x04\x80\0\0\0"),
    BAD("frame-small", "frames of 16383 bytes in the body (6.5.2)", "\0\x05\0\0\x3f\xff"),
    BAD("frame-big", "frames of 2^24 bytes in the body (6.5.2)", "\0\x05\1\0\0\0"),
    BAD("push", "ENABLE_PUSH 1, which no server may say (6.5.2)", "\0\x02\0\0\0\1"),
    BAD("size", "SETTINGS of seven bytes in the body (6.5)", "\0\x04\0\0\0\0\0"),

    /* ---- GOAWAY (6.8) ---- */
    {H2("goaway-graceful", "GOAWAY 2^31-1, then one that names us, then the answer"), SHARED,
     FRAMES(GOAWAY(LAST_EVER, NO_ERROR), HEAD(FIVE), DATA("he"), GOAWAY(OURS, NO_ERROR),
            DATA_END("llo")),
     OK(5)},
    {H2("goaway-graceful-close", "the same, and closed"), SHARED,
     FRAMES(GOAWAY(LAST_EVER, NO_ERROR), HEAD(FIVE), DATA("he"), GOAWAY(OURS, NO_ERROR),
            DATA_END("llo")),
     CLOSE, OK(5)},
    {H2("goaway-twice", "the same GOAWAY twice"), SHARED,
     FRAMES(GOAWAY(OURS, NO_ERROR), HEAD(FIVE), GOAWAY(OURS, NO_ERROR), DATA_END("hello")), OK(5)},
    {H2("goaway-raised", "GOAWAY that names us, then one that names all"), SHARED,
     FRAMES(GOAWAY(OURS, NO_ERROR), HEAD(FIVE), GOAWAY(LAST_EVER, NO_ERROR), DATA_END("hello")),
     EITHER("protocol")},
    {H2("goaway-even", "GOAWAY that names a stream of the server"), SHARED,
     FRAMES(HEAD(FIVE), GOAWAY(EVEN, NO_ERROR), DATA_END("hello")), EITHER("protocol|reset")},
    {H2("goaway-debug", "GOAWAY with 10 kB of debug data"), SHARED,
     FRAMES(HEAD(FIVE),
            {FRAME(GOAWAY, 0, "\x7f\xff\xff\xff\0\0\0\0"), ON(CONNECTION), FILL("debug ", 1700)},
            DATA_END("hello")),
     OK(5)},
    {H2("goaway-error-whole", "GOAWAY with an error, but the answer comes whole"), SHARED,
     FRAMES(HEAD(FIVE), GOAWAY(OURS, INTERNAL_ERROR), DATA_END("hello")), CLOSE, EITHER("reset")},
    {H2("goaway-half", "GOAWAY behind the answer, and half-closed"), SHARED,
     FRAMES(ANSWER, GOAWAY(OURS, NO_ERROR)), .end = TS_END_HALF, OK(5)},
    {H2("goaway-stall", "GOAWAY that promises an answer, and silence"), NEEDS("ca,time,connection"),
     FRAMES(GOAWAY(OURS, NO_ERROR)), HANG, FAILED("stall|timeout")},

    /* ---- half-closed ---- */
    {H2("half-close", "half-closed behind an answer"), SHARED, FRAMES(ANSWER), .end = TS_END_HALF,
     OK(5)},
    {H2("half-close-in-body", "half-closed in the body"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello")), .end = TS_END_HALF, FAILED("truncated")},
    {H2("half-close-before-head", "half-closed instead of an answer"), SHARED, FRAMES(PING),
     .end = TS_END_HALF, FAILED("empty-reply|truncated")},
    {H2("notify-in-body", "close_notify in the body, left open"), SHARED,
     FRAMES(HEAD(OK_LINE), DATA("hello")), .end = TS_END_NOTIFY, FAILED("truncated")},

    /* ---- interim answers (8.1) ---- */
    {H2("interim-many", "ninety 103"), TRUST,
     FRAMES({FIELDS(HEADERS, WHOLE, ":status: 103\nlink: </x>"), .times = 90}, HEAD(FIVE),
            DATA_END("hello")),
     OK(5)},
    {H2("interim-too-many", "two hundred 103"), TRUST,
     FRAMES({FIELDS(HEADERS, WHOLE, ":status: 103\nlink: </x>"), .times = 200}, HEAD(FIVE),
            DATA_END("hello")),
     FAILED("too-many-headers")},
    {H2("interim-end", "103 with END_STREAM"), TRUST, FRAMES(HEAD_END(":status: 103")),
     FAILED("protocol")},
    {H2("interim-behind", "103 behind the final head"), TRUST,
     FRAMES(HEAD(FIVE), HEAD(":status: 103"), DATA_END("hello")), FAILED("protocol")},

    /* ---- slowly, and in pieces ---- */
    {H2("drip-head", "a head that comes byte by byte, and does not end"), .pace_ms = 20,
     FRAMES({FIELDS(HEADERS, 0, FIVE), .says = 16384}, {FRAME(DATA, 0, ""), FILL("x", 16000)}),
     STALL},
    {H2("drip-ping", "PINGs one after the other, byte by byte"), .pace_ms = 20,
     FRAMES({FRAME(PING, 0, "12345678"), ON(CONNECTION), .times = 500}), STALL},
    {H2("drip-empty", "empty DATA, byte by byte"), .pace_ms = 20,
     FRAMES(HEAD(FIVE), {FRAME(DATA, 0, ""), .times = 1000}), STALL},
    {H2("drip-interim", "103 one after the other, byte by byte"), .pace_ms = 20,
     FRAMES({FIELDS(HEADERS, WHOLE, ":status: 103\nlink: </style.css>; rel=preload"), .times = 90}),
     STALL},
    {H2("pieces-data", "10000 DATA frames of a byte, all byte by byte"), TRUST, .bytewise = true,
     FRAMES(HEAD(OK_LINE), {FRAME(DATA, 0, "x"), .times = 10000}, DATA_END("")), OK(10000)},
    {H2("pieces-head", "a head of 15 kB byte by byte"), TRUST, .bytewise = true,
     FRAMES({FRAME(HEADERS, WHOLE, "\x88\x00\x01x\x7f\x81\x73"), FILL("y", 14848)},
            DATA_END("hello")),
     OK(5)},
};

const struct ts_fault_table ts_faults_h2_wire = TABLE(faults);
