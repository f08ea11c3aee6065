#ifndef HAUL_WIRE_H2_INSIDE_H
#define HAUL_WIRE_H2_INSIDE_H

#include <nghttp2/nghttp2.h>

#include "base/buf.h"
#include "wire/h2.h"
#include "wire/h2_field.h"
#include "wire/h2_request.h"

/*
 * Received bytes go to nghttp2 frame by frame, for three reasons: each frame is counted, whether
 * nghttp2 tells of it or not; what nghttp2 has to say about a frame is taken from it at once, so
 * that it is known when it gives up the connection (it says so to the peer only, with GOAWAY); and
 * the head of a frame never comes to it in pieces, which some versions count as several frames.
 *
 * nghttp2's own rules for messages are off: they differ from version to version, and they leave no
 * trace of what was wrong. See h2_field.h and h2_answer.c.
 */
enum { HAUL_H2_FRAME_HEAD = 9 /* bytes (RFC 9113, 4.1) */ };

/* libcurl's codes, by libcurl's names: CURLE_ and so on. */
enum {
    HAUL_H2_WEIRD_SERVER_REPLY = 8,
    HAUL_H2_HTTP2 = 16,
    HAUL_H2_PARTIAL_FILE = 18,
    HAUL_H2_WRITE_ERROR = 23,
    HAUL_H2_OUT_OF_MEMORY = 27,
    HAUL_H2_FILESIZE_EXCEEDED = 63,
    HAUL_H2_HTTP2_STREAM = 92
};

struct haul_h2 {
    nghttp2_session *session;
    haul_h2_ended *ended; /* [const after create] */
    void *arg;            /* [const after create] */
    struct haul_exchange *first;
    int active;         /* exchanges in the list */
    int64_t now_us;     /* of the last receive or begin */
    bool is_going_away; /* GOAWAY came */

    /* why the session has failed, or NONE */
    enum haul_reason reason;
    int exitcode;
    char message[128];

    /* the frame that is being received */
    unsigned char head[HAUL_H2_FRAME_HEAD];
    size_t head_len;     /* bytes of `head` that came */
    size_t payload_left; /* bytes of it that are still to come */

    int idle_frames; /* received since one that brought something */
    int owed_frames; /* that the server made us send since the last pull */

    struct haul_h2_block block;
    struct haul_h2_request request;
    struct haul_buf out; /* to be sent */
    bool was_pulled;     /* `out` was given away */
};

/* Puts an exchange into the list, or takes it out; then no callback speaks of it any more. */
void haul_h2_link(struct haul_h2 *h2, struct haul_exchange *exchange);
void haul_h2_unlink(struct haul_h2 *h2, struct haul_exchange *exchange);

/* Ends an exchange as failed; `message` may be its own. */
void haul_h2_finish_failed(struct haul_h2 *h2, struct haul_exchange *exchange,
                           enum haul_reason reason, int exitcode, const char *message);

/* Resets a stream. */
void haul_h2_reset(struct haul_h2 *h2, int32_t stream, uint32_t code);

/* The session has failed; the first reason stays. give_up: and the server is to be told, by GOAWAY
 * with `code`. fail_with: by an error of nghttp2's. */
void haul_h2_fail(struct haul_h2 *h2, enum haul_reason reason, const char *message);
void haul_h2_give_up(struct haul_h2 *h2, enum haul_reason reason, uint32_t code,
                     const char *message);
void haul_h2_fail_with(struct haul_h2 *h2, ptrdiff_t code);

/* What nghttp2 calls, with the session as user data; the caller's to delete. NULL: no memory. */
nghttp2_session_callbacks *haul_h2_make_callbacks(void);

#endif
