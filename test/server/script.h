/* A script: what the server does on a connection to answer one request.
 *
 * A handler writes the script, the connection plays it step by step. Bytes are
 * made only when the socket can take them (at most TS_SCRIPT_PIECE at a time), so
 * an answer without end costs no memory. Neighbouring data steps go out in
 * one write unless a flush, a pause or a change of pace stands between them.
 */
#ifndef TS_SCRIPT_H
#define TS_SCRIPT_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { TS_SCRIPT_PIECE = 64 * 1024 };

#define TS_FOREVER UINT64_MAX

/* What becomes of the connection behind the last byte of an answer. */
enum ts_end {
    TS_END_KEEP,   /* wait for the next request */
    TS_END_CLOSE,  /* end it in the orderly way (with close_notify on TLS) */
    TS_END_CUT,    /* end the TCP stream without close_notify */
    TS_END_RESET,  /* TCP RST, a moment later, so that the bytes before it arrive */
    TS_END_ABORT,  /* TCP RST right behind them */
    TS_END_HALF,   /* end the sending side only (with close_notify on TLS), and read on for ever */
    TS_END_NOTIFY, /* close_notify, and the TCP stream is left open */
    TS_END_HANG,   /* say nothing more; the request stays in progress */
    TS_END_COUNT
};

enum ts_step_kind {
    TS_STEP_BYTES,   /* send data */
    TS_STEP_REPEAT,  /* send data 'count' times, or for ever */
    TS_STEP_PATTERN, /* send 'count' bytes of the test pattern */
    TS_STEP_PACE,    /* from here: pieces of 'size' bytes, 'at' ms between them */
    TS_STEP_FLUSH,   /* the bytes so far are one write, the following another */
    TS_STEP_DELAY,   /* wait 'at' ms */
    TS_STEP_GATE,    /* wait until the gate of the request's hold=NAME is open; rooms.h */
    TS_STEP_DONE,    /* the request is answered as far as /stats is concerned */
    TS_STEP_REUSE,   /* do 'end' when another request comes on this connection */
    TS_STEP_AHEAD,  /* when another request comes on this connection: send data before its answer */
    TS_STEP_IDLE,   /* after 'at' idle ms: send data, then do 'end' */
    TS_STEP_RECORD, /* send TLS records that are made by hand; tls_forge.h */
    TS_STEP_RENEGOTIATE, /* ask for another handshake (TLS 1.2) */
    TS_STEP_END,         /* do 'end' */
    TS_STEP_COUNT
};

/* A TLS record that no library would send, or not here. */
struct ts_record {
    uint8_t type;     /* content type; 0 ends a list */
    const char *data; /* static */
    size_t size;
    uint64_t times;   /* 0: once; TS_FOREVER */
    unsigned missing; /* so many of its bytes are not sent */
};

struct ts_step {
    enum ts_step_kind kind;
    enum ts_end end;
    const char *data;               /* bytes that outlive the script, or NULL: in its own text */
    size_t offset;                  /* where in the script's own text */
    size_t size;                    /* bytes of data */
    uint64_t count;                 /* repetitions or pattern bytes still to send */
    uint64_t at;                    /* next byte of data, next number, pattern offset, or ms */
    size_t chunk;                   /* pattern: body bytes in each chunk, 0 = not chunked */
    unsigned version;               /* pattern: which one */
    const struct ts_record *record; /* static */
    bool numbered;                  /* repeat: each '#' becomes the number of the repetition */
};

struct ts_script {
    struct ts_step *steps;
    size_t count;
    size_t capacity;
    size_t at;          /* next step to play */
    struct ts_buf text; /* bytes that the script owns */
};

/* Makes the script empty; its memory is used again. */
void ts_script_clear(struct ts_script *script);

/* Frees its memory. */
void ts_script_done(struct ts_script *script);

/* Appends bytes, which are copied. */
void ts_script_add_bytes(struct ts_script *script, const char *data, size_t size);

/* Appends bytes that stay valid for as long as the program runs. */
void ts_script_add_static(struct ts_script *script, const char *data, size_t size);

/* Appends formatted text. */
void ts_script_add_text(struct ts_script *script, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends static bytes 'times' times (TS_FOREVER: until the peer closes). With
 * 'numbered', each '#' in them becomes the number of the repetition, from 0. */
void ts_script_add_repeat(struct ts_script *script, const char *data, size_t size, uint64_t times,
                          bool numbered);

/* Appends bytes, which are copied, 'times' times. */
void ts_script_add_again(struct ts_script *script, const char *data, size_t size, uint64_t times);

/* Nobody wants the rest: repetitions that are still to come and pauses are left out, so that what
 * is left is short, and whole. */
void ts_script_shorten(struct ts_script *script);

/* Appends bytes first..first+size-1 of a test pattern (see pattern.h), as chunks of
 * 'chunk' bytes if that is not 0. The last chunk is left to the caller. */
void ts_script_add_pattern(struct ts_script *script, uint64_t first, uint64_t size,
                           unsigned version, size_t chunk);

/* From here on writes are of 'size' bytes (0 = as large as they come), each begun
 * when the one before is finished and 'gap_ms' have passed. */
void ts_script_add_pace(struct ts_script *script, size_t size, uint64_t gap_ms);

/* The next bytes begin a new write. */
void ts_script_add_flush(struct ts_script *script);

/* Waits. The bytes before it are sent first. */
void ts_script_add_delay(struct ts_script *script, uint64_t delay_ms);

/* Waits in front of the gate. The bytes before it are sent first. */
void ts_script_add_gate(struct ts_script *script);

/* From here on the request no longer counts as in progress. */
void ts_script_add_done(struct ts_script *script);

/* The next request on this connection is not answered: 'end' is done instead. */
void ts_script_add_reuse(struct ts_script *script, enum ts_end end);

/* These static bytes come ahead of the answer to the next request on this connection, in one write
 * with it; not at all if that answer does not begin at once. */
void ts_script_add_ahead(struct ts_script *script, const char *data, size_t size);

/* If the connection is kept and idle for 'delay_ms': these static bytes are sent
 * unasked, then 'end' is done. */
void ts_script_add_idle(struct ts_script *script, uint64_t delay_ms, const char *data, size_t size,
                        enum ts_end end);

/* Appends TLS records; the list is static. */
void ts_script_add_records(struct ts_script *script, const struct ts_record *list);

/* Asks for another handshake. */
void ts_script_add_renegotiate(struct ts_script *script);

/* The last step. */
void ts_script_add_end(struct ts_script *script, enum ts_end end);

/* Whether the first thing that it does is to send bytes. */
bool ts_script_begins_with_bytes(const struct ts_script *script);

/* Appends the next bytes to 'out', up to about TS_SCRIPT_PIECE of them, and stops at a
 * step that is no data. Returns whether it appended any. */
bool ts_script_fill(struct ts_script *script, struct ts_buf *out);

/* Takes the next step, which is no data because ts_script_fill returned false.
 * Returns NULL at the end. */
const struct ts_step *ts_script_take(struct ts_script *script);

/* Puts the step that was taken last back, as it has 'done' of its repetitions behind it. */
void ts_script_put_back(struct ts_script *script, uint64_t done);

/* The bytes of a step. */
const char *ts_script_data(const struct ts_script *script, const struct ts_step *step);

#endif
