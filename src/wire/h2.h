#ifndef HAUL_WIRE_H2_H
#define HAUL_WIRE_H2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/exchange.h"

/*
 * A connection of HTTP/2 (RFC 9113), the client's side, on nghttp2: bytes in pieces of any size
 * become events of the exchanges that share it; requests and what the protocol asks for become
 * bytes. It knows no descriptor and no clock of its own.
 *
 * nghttp2 knows frames, streams, windows and HPACK. What an answer may look like is judged here, so
 * that the verdict does not depend on nghttp2's version: the rules for fields (h2_field.h), lengths
 * and trailers. END_STREAM is the only good end of an answer; a reset is none whatever its code. A
 * peer that sends frames that bring nothing (SETTINGS, PING, empty DATA, CONTINUATION, PRIORITY,
 * WINDOW_UPDATE, whatever is for streams that are over, unknown types) is left after
 * HAUL_H2_IDLE_FRAMES_MAX of them in a row, and so is one that makes haul say as many things and
 * does not read them.
 *
 * However the bytes are cut, the events are the same, but for the pieces of the body.
 *
 * An exchange that is under way is in a list of the session's: its `next`, `prev` and `stream` are
 * the session's until it is over. Its deadline is told of what comes. One thread.
 */
struct haul_h2;

enum {
    HAUL_H2_IDLE_FRAMES_MAX = 10000, /* since the last field block or byte of a body */
    HAUL_H2_STREAMS_MAX = 256        /* at a time, whatever the server allows */
};

/* An exchange is over: its `end`, `reason`, `exitcode`, `message` and so on are written. It may be
 * given to another connection from within, but not to this one. */
typedef void haul_h2_ended(void *arg, struct haul_exchange *exchange);

/* Makes a session, with the client's preface and SETTINGS ready to be sent. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_h2_create(haul_h2_ended *ended, void *arg, struct haul_h2 **out);

/* Frees it; no exchange may be under way (haul_h2_close). NULL is fine. */
void haul_h2_free(struct haul_h2 *h2);

/* How many exchanges are under way; how many more may be begun now: 0 once the connection is to
 * end (GOAWAY, a failure, or its numbers are used up: haul_h2_is_over). */
int haul_h2_active(const struct haul_h2 *h2);
int haul_h2_room(const struct haul_h2 *h2);
bool haul_h2_is_over(const struct haul_h2 *h2);

/* Begins an exchange at `now_us` (`sent_us`): its head is ready to be sent. There is room. Writes
 * `request_bytes`, `http_version` and `stream`. False: no memory, it is not begun. */
HAUL_MUST_USE bool haul_h2_begin(struct haul_h2 *h2, struct haul_exchange *exchange,
                                 int64_t now_us);

/* Ends an exchange without a word: its stream is reset (CANCEL), and nothing of it is called any
 * more. Not from within its own events. */
void haul_h2_cancel(struct haul_h2 *h2, struct haul_exchange *exchange);

/*
 * Takes bytes that were received. `now_us`: monotonic, for the exchanges' moments. False: the
 * session has failed, or is at its end (GOAWAY came, and nothing is under way any more): what
 * haul_h2_pull still has is to be sent, then haul_h2_close. Events and `ended` are called from
 * within.
 */
HAUL_MUST_USE bool haul_h2_receive(struct haul_h2 *h2, const char *bytes, size_t len,
                                   int64_t now_us);

/* All that is to be sent now, valid until the next call of anything here; 0: nothing; -1: no
 * memory, the session has failed. To be called when all that came of it before has been sent.
 * `ended` may be called from within: of an exchange that cannot be sent any more. */
ptrdiff_t haul_h2_pull(struct haul_h2 *h2, const char **bytes);

/*
 * The connection is at its end: ends all exchanges that are under way. `reason`, `exitcode` and
 * `message` are what ended it; where the session itself has failed (haul_h2_receive), what that was
 * goes before. An exchange whose answer had begun, and that ended in good order (`reason`
 * empty-reply), is truncated.
 */
void haul_h2_close(struct haul_h2 *h2, enum haul_reason reason, int exitcode, const char *message);

#endif
