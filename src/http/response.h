#ifndef HAUL_HTTP_RESPONSE_H
#define HAUL_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/record.h"
#include "http/coding.h"

/*
 * What was seen of one response, judged line by line.
 *
 * An observation looks at every header line, and stops the transfer at the first that cannot be
 * trusted. It knows nothing of connections: it gets the lines, and the number of bytes of the body.
 *
 * The life of one: init once; then for each response begin, header_line as often as lines come,
 * body as often as body bytes come, and a verdict (verdict.h); done once. Between two responses it
 * keeps the memory of the longest Location, and nothing else.
 *
 * A response is one hop: redirects are followed by whoever owns the transfer, with a begin for
 * each.
 *
 * An observation belongs to one thread at a time. Nothing here blocks.
 */

/* Kept values, with their final NUL. A longer value counts as absent, unless said otherwise. */
enum {
    HAUL_RESPONSE_CODING_MAX = 128,    /* Content-Encoding, all fields; longer: bad-encoding */
    HAUL_RESPONSE_TYPE_MAX = 256,      /* Content-Type */
    HAUL_RESPONSE_TAG_MAX = 256,       /* ETag */
    HAUL_RESPONSE_DATE_MAX = 64,       /* Date, Last-Modified, Retry-After, (X-)RateLimit-Reset */
    HAUL_RESPONSE_LOCATION_MAX = 8192, /* bytes without NUL (RFC 9110, 4.1); longer: bad-redirect */
    HAUL_RESPONSE_COOKIE_MAX = 6144,   /* Set-Cookie: of a cookie and its attributes */
    HAUL_RESPONSE_COOKIES_MAX = 32768  /* all of them; those behind count as absent */
};

/* What the request was, as far as it decides which answers are possible. */
struct haul_request_facts {
    bool head;           /* HEAD, not GET */
    bool validator;      /* If-None-Match or If-Modified-Since was sent: 304 is possible */
    bool range;          /* "Range: bytes=START-" was sent: 206 is possible */
    bool cookies;        /* what Set-Cookie says is wanted */
    bool range_probe;    /* and it was "bytes=0-0", to learn the size; with range_start 0 */
    int64_t range_start; /* START, bytes; read only if `range` */
    int64_t range_total; /* what the whole body must measure, bytes; -1: not known */
    enum haul_coding_rule coding; /* which codings of the body are undone */
    unsigned packed; /* how its names say that the file is packed: bits, 1 << HAUL_CODING_GZIP and
                        so on; read only if `coding` is BY_FILE */
};

/* How much a server may send beside the body. 0 in any field stands for its default. */
struct haul_response_limits {
    int64_t header_bytes; /* all lines with their ends, 1xx and trailers too; default 524288 */
    int header_fields;    /* all fields, 1xx and trailers too; default 5000 */
    int interim;          /* 1xx responses; default 100 */
};

enum haul_response_state {
    HAUL_RESPONSE_STATUS_LINE, /* a status line must come: the first, or the next after a 1xx */
    HAUL_RESPONSE_FIELDS,      /* inside a header block */
    HAUL_RESPONSE_BODY         /* the final header block is complete; what follows are trailers */
};

/* The fields are for everybody to read and for response.c to write. */
struct haul_response {
    struct haul_request_facts request;  /* [const after begin] */
    struct haul_response_limits limits; /* [const after begin], defaults filled in */

    enum haul_response_state state;
    enum haul_reason reason;   /* the first thing that was wrong, or NONE; sticky */
    int interim;               /* 1xx responses seen */
    int64_t header_bytes;      /* all header bytes seen, limits apply */
    int fields_seen;           /* all fields seen, limits apply */
    struct haul_buf *verbatim; /* [owner's] gets the lines of the last header block as they came, or
                                  NULL; begin leaves it alone */
    int64_t wire_bytes;        /* body bytes given to haul_response_body: transfer coding undone,
                                content coding not */

    /* The current header block; voided when the next one begins. */
    int version;            /* 10, 11, 20, 30; 0: no status line yet */
    int status;             /* three digits as a number; 0: no status line yet */
    int fields;             /* fields of this block */
    int64_t content_length; /* -1: absent */
    bool chunked;
    bool range_seen;     /* a well-formed Content-Range "bytes FIRST-LAST/TOTAL" was there */
    bool range_bad;      /* a Content-Range was there that is malformed, or two that differ */
    int64_t range_first; /* read these three only if range_seen */
    int64_t range_last;
    int64_t range_total;      /* -1: "*" */
    bool says_close;          /* Connection names "close", or Transfer-Encoding "identity" */
    bool etag_seen;           /* there was one, kept or not */
    bool etag_ambiguous;      /* two that differ: none is kept */
    bool date_ambiguous;      /* the same for Last-Modified */
    bool location_seen;       /* `location` is this block's */
    struct haul_buf location; /* read it with haul_response_location */
    struct haul_buf cookies;  /* values of Set-Cookie, each with its NUL; if they are wanted */

    /* "" where absent; white space around is removed; not escaped, but without NUL, CR, LF */
    char content_encoding[HAUL_RESPONSE_CODING_MAX]; /* all fields, joined with ", " */
    char content_type[HAUL_RESPONSE_TYPE_MAX];       /* the last one, as curl reports it */
    char etag[HAUL_RESPONSE_TAG_MAX];
    char last_modified[HAUL_RESPONSE_DATE_MAX];
    char date[HAUL_RESPONSE_DATE_MAX];        /* the last one */
    char retry_after[HAUL_RESPONSE_DATE_MAX]; /* the last one */
    char
        rate_reset[HAUL_RESPONSE_DATE_MAX]; /* RateLimit-Reset or X-RateLimit-Reset; the last one */
};

/* Makes an observation that has allocated nothing; done frees what it keeps between responses. */
void haul_response_init(struct haul_response *res);
void haul_response_done(struct haul_response *res);

/*
 * Forgets the last response and gets ready for the next one. Both structs are copied; `limits` may
 * be NULL for all defaults. Allocates nothing.
 */
void haul_response_begin(struct haul_response *res, const struct haul_request_facts *request,
                         const struct haul_response_limits *limits);

/*
 * Takes one header line with its end, CRLF or a bare LF (RFC 9112, 2.2): a status line, a field,
 * the blank line, and after that any trailer. A field of HTTP/1 that goes on in the next line,
 * which then begins with a space or a tab (RFC 9112, 5.2), is one line, with both ends; trailers
 * may come as one or as two. `line` are `len` bytes, need no NUL, and stay the caller's.
 *
 * Returns NONE for "go on"; otherwise the transfer is to be aborted, and every later call returns
 * the same reason:
 *
 *   protocol           the first line is no status line of HTTP/1.0, 1.1, 2 or 3 (the last two as
 *                      wire/h2.h makes them up: "HTTP/2 200 "), or a blank line stands in its place
 *   bad-header         NUL, a CR that is not part of the line's end, no LF at the end, no colon, or
 *                      a fold or an odd name that is not taken: response_line.h says which are
 *   bad-length         Content-Length is anything but digits up to 2^63-1, or two of them differ.
 *                      Equal values, in one field ("5, 5") or in several, are one (RFC 9110, 8.6)
 *   bad-framing        Transfer-Encoding is anything but a single "chunked", with "identity",
 *                      which is no coding, before it or alone; chunked stands beside a
 *                      Content-Length (RFC 9112, 6.1), or in an answer that is not HTTP/1.1
 *   bad-encoding       the Content-Encoding fields are longer than is kept
 *   bad-redirect       two Locations that differ, or a Location longer than is kept
 *   too-many-headers   more fields, or more 1xx responses, than allowed
 *   headers-too-large  more bytes than allowed
 *   no-memory          a Location could not be kept
 *
 * and, with the blank line of the final block, when nothing of the body has been seen yet:
 *
 *   bad-status         101, a status below 100, 206 without range, 304 without validator. One
 *                      above 599 is of no class, and to be taken as if it were of the servers'
 *                      errors (RFC 9110, 15)
 *   bad-range          206 without exactly one well-formed Content-Range; one that starts
 *                      elsewhere, does not reach the end (or is more than the byte asked for), has
 *                      another total than expected, or contradicts Content-Length
 *
 * A 1xx response is checked for form and counted, and its fields mean nothing (RFC 9110, 15.2).
 * Trailers are counted, and not looked at.
 */
enum haul_reason haul_response_header_line(struct haul_response *res, const char *line, size_t len);

/*
 * Takes notice of trailers that somebody else has read (chunked.h): so many fields, of so many
 * bytes with their ends. Returns as above: too-many-headers, headers-too-large.
 */
enum haul_reason haul_response_trailers(struct haul_response *res, int64_t bytes, int fields);

/*
 * Takes notice of `len` more body bytes, transfer coding undone. Returns NONE for "go on", or,
 * sticky as above: protocol (body before the header block was complete: HTTP/0.9), bad-framing (a
 * response to HEAD, a 204 or a 304 has no body), bad-length or bad-range (more than was announced).
 */
enum haul_reason haul_response_body(struct haul_response *res, size_t len);

/* Whether the blank line of the final (not 1xx) header block was seen. */
bool haul_response_is_complete(const struct haul_response *res);

/* Whether this response cannot have a body, whatever its header says (RFC 9112, 6.3). */
bool haul_response_has_no_body(const struct haul_response *res);

/*
 * The codings of the body that are to be undone (coding.h), as haul_decoder_begin reads them; "" if
 * there is none: then what comes is the file, byte for byte, and what the header says of lengths
 * and ranges is said of the file. Belongs to `res`; for a complete response.
 */
const char *haul_response_coding(const struct haul_response *res);

/* Whether the body is coded, and one of its codings or all are the file's own or are kept. */
bool haul_response_keeps_coding(const struct haul_response *res);

/* The number of body bytes that its header announces, or -1. */
int64_t haul_response_expected_bytes(const struct haul_response *res);

/*
 * Whether the connection stays open behind this response, by what it says itself (RFC 9112, 9.3);
 * one of HTTP/1.0 does not, whatever it says. Read it when the response is complete.
 */
bool haul_response_keeps_open(const struct haul_response *res);

/*
 * Whether the status is 301, 302, 303, 307 or 308. Other 3xx are answers, not redirects: 300 names
 * no one place, 305 and 306 are obsolete.
 */
bool haul_response_has_redirect_status(const struct haul_response *res);

/*
 * Whether this response sends the client elsewhere: complete, nothing wrong, one of these statuses,
 * and a Location that is not empty. Without Location the status is the verdict's business.
 */
bool haul_response_is_redirect(const struct haul_response *res);

/* The Location as the server wrote it, or NULL. Belongs to `res`; valid until the next begin. */
const char *haul_response_location(const struct haul_response *res);

/*
 * The seconds that the server asks to wait, 0..HAUL_HTTP_DELAY_MAX_S, or -1 (date.h): Retry-After
 * of any response; else the rate limit's reset, if the status is 429 or 503. `now_s`: seconds since
 * 1970.
 */
int64_t haul_response_retry_after_s(const struct haul_response *res, int64_t now_s);

/*
 * The strong validator of a complete response (RFC 9110, 8.8.1): what a part of its body may be
 * continued by, as the value of If-Range (13.1.5). It is the ETag, if that is a strong one. Only
 * where there is none at all it is Last-Modified, if that lies a minute or more before the Date of
 * the response (8.8.2.2); without a Date it is `now_s`, seconds since 1970, that counts (6.6.1).
 *
 * Returns the field as the server wrote it, which is the response's, or NULL: there is none.
 */
const char *haul_response_strong_validator(const struct haul_response *res, int64_t now_s);

#endif
