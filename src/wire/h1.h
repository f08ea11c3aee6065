#ifndef HAUL_WIRE_H1_H
#define HAUL_WIRE_H1_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "haul/record.h"
#include "http/chunked.h"
#include "http/response.h"

/*
 * One answer of HTTP/1 (RFC 9112): bytes in pieces of any size become events. Its lines are judged
 * by the response (http/response.h), its chunks by http/chunked.h; here is what these two do not
 * know: where a line that is folded ends, and the head, how long the body is, and what the end of
 * the connection means.
 *
 * However the bytes are cut, the events are the same, but for the pieces of the body. Time is in
 * proportion to the bytes. Pure; allocates only for a line that comes in pieces; one thread.
 */
enum haul_h1_event {
    HAUL_H1_MORE,  /* all bytes were read; further ones are needed */
    HAUL_H1_HEAD,  /* the final head is complete. Once, and before the body */
    HAUL_H1_BODY,  /* the next bytes of the body */
    HAUL_H1_END,   /* the answer is complete, by its length or its last chunk; what follows is not
                      of it and was not read. Again and again, if asked */
    HAUL_H1_FAILED /* no answer that can be believed, now and ever after: `reason` */
};

enum haul_h1_state {
    HAUL_H1_IN_HEAD,
    HAUL_H1_IN_BODY,
    HAUL_H1_IN_CHUNKS,
    HAUL_H1_UNTIL_CLOSE,
    HAUL_H1_DONE,
    HAUL_H1_BROKEN
};

/* The fields are for h1.c; but `reason` and `chunked` may be read. */
struct haul_h1 {
    struct haul_response *response; /* [owner's] judges, and is filled in */
    enum haul_h1_state state;
    enum haul_reason reason; /* of FAILED */
    int64_t left;            /* bytes of the body that are still to come, IN_BODY */
    struct haul_chunked chunked;
    struct haul_buf line; /* the beginning of a line whose end has not come, or is not known: the
                             first byte of the next one tells whether it goes on there */
    bool has_begun;       /* a byte of the answer was seen */
};

/* Makes one that has allocated nothing; done frees what it keeps between answers. */
void haul_h1_init(struct haul_h1 *h1);
void haul_h1_done(struct haul_h1 *h1);

/* Gets ready for the answer that `response`, which has been begun, is to judge. */
void haul_h1_begin(struct haul_h1 *h1, struct haul_response *response);

/*
 * Reads from *at to the next event, or to `end`. *at stands behind what was read. `body` and
 * `body_len` are written for BODY: the bytes are in those read, and there is at least one.
 *
 * FAILED has the reasons of haul_response_header_line and haul_chunked_next; headers-too-large for
 * a line, however it comes, that is longer than the response's limit leaves room for (no more of it
 * is kept than that); protocol as soon as the first bytes cannot become a status line; no-memory.
 */
enum haul_h1_event haul_h1_next(struct haul_h1 *h1, const char **at, const char *end,
                                const char **body, size_t *body_len);

/*
 * The connection has ended in good order. END: that was the end of the body (of an answer without
 * length that is whole so far). FAILED: `reason` is empty-reply (no byte came) or truncated.
 */
enum haul_h1_event haul_h1_close(struct haul_h1 *h1);

/* Whether the body has no other end than the connection's: then END came of haul_h1_close. */
bool haul_h1_ends_with_close(const struct haul_h1 *h1);

/* Appends the request's head to `out`: the request line, in absolute form (RFC 9112, 3.2.2) where
 * `absolute`, Host, `extra` ("Name: value\r\n" lines, or NULL), its fields, and the blank line. */
struct haul_request;
void haul_h1_write_request(const struct haul_request *request, bool absolute, const char *extra,
                           struct haul_buf *out);

#endif
