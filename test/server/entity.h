/* Correct answers, with the options that every well-behaved resource understands.
 *
 *   delay=MS       wait before the head
 *   status=NNN     instead of the resource's own
 *   type=TEXT      Content-Type
 *   framing=HOW    length (as it is without), chunked, or close (the end is the end)
 *   write=N        writes of N bytes, each its own
 *   rate=N         about N body bytes in a second
 *   gzip=1         Content-Encoding: gzip
 *   etag=TEXT      ETag, put in quotes unless it has them
 *   lm=WHEN        Last-Modified: literal, or seconds since 1970
 *   header=LINE    one more header, literal
 *   close=1        Connection: close, and closed
 *   hold=NAME      chunked or close: the end, when the gate NAME is open
 *   cut=1          chunked: the connection ends in place of the last chunk
 */
#ifndef TS_ENTITY_H
#define TS_ENTITY_H

#include "conn.h"

#include <stdbool.h>
#include <stdint.h>

struct ts_entity {
    unsigned status;     /* 0 means 200 */
    const char *type;    /* NULL means text/plain */
    const char *headers; /* more header lines, each with its CRLF, or NULL */
    const char *body;    /* copied; NULL: the test pattern */
    uint64_t size;       /* of the body, bytes */
    uint64_t first;      /* pattern only: its first byte */
    unsigned version;    /* pattern only */
    const char *rest;    /* chunked only: copied; bytes behind the gate of hold=NAME; or NULL */
    size_t rest_size;
};

/* Writes the whole answer to the connection's request, head to end step. A HEAD request
 * gets the head only. */
void ts_entity_answer(struct ts_conn *conn, const struct ts_entity *entity);

/* The same with a body of text. */
void ts_entity_answer_text(struct ts_conn *conn, unsigned status, const char *text);

/* The usual reason phrase of a status, or "Unknown". */
const char *ts_entity_reason(unsigned status);

/* Appends "ETag: ..." and "Last-Modified: ..." lines as the options say. */
void ts_entity_add_validators(const struct ts_request *request, struct ts_buf *out);

/* Appends an HTTP date (RFC 9110, section 5.6.7) for seconds since 1970. */
void ts_entity_add_date(struct ts_buf *out, int64_t seconds);

/* Ends the script: kept if the client wants that, else closed. */
void ts_entity_add_end(struct ts_conn *conn, bool close);

#endif
