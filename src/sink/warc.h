#ifndef HAUL_SINK_WARC_H
#define HAUL_SINK_WARC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/*
 * The text of web archives: WARC 1.1 (ISO 28500:2017, and iipc.github.io/warc-specifications).
 * Pure, but for the identifiers.
 *
 * A record is a head of named fields, a block of bytes, and two line ends. The block of a request
 * and of a response is HTTP: its head as it was on the wire, and behind it the body with its
 * content coding, as it was sent. What of that is changed, and why:
 *
 * - A transfer coding belongs to the connection, and is undone; "Transfer-Encoding" is called
 *   "X-Crawl-Transfer-Encoding" then, as in the archives of Common Crawl, so that no reader looks
 *   for chunks. So all come to the same payload, and to the same digest of it.
 * - The heads of HTTP/2 are not text on the wire. They are written as those of HTTP/1.1 would be,
 *   and WARC-Protocol says "h2".
 * - Of 1xx answers and of trailers nothing is kept.
 * - Values that may be secret are left out of requests (haul_warc_add_request).
 */

enum { HAUL_WARC_RANDOM = 16, HAUL_WARC_ID_MAX = 48, HAUL_WARC_DIGEST_MAX = 72 };

/* What the head of a record says. Strings without control characters; NULL: it does not say so. */
struct haul_warc_head {
    const char *type;           /* "response" */
    const char *id;             /* haul_warc_make_id */
    int64_t date_us;            /* when it was asked for; since 1970, UTC */
    const char *filename;       /* of a warcinfo */
    const char *target_uri;     /* that was asked for */
    const char *content_type;   /* of the block */
    const char *ip;             /* of the server */
    const char *protocol;       /* "h2" */
    const char *concurrent_to;  /* the id of the response to which it belongs */
    const char *payload_digest; /* "sha256:...", in hexadecimal; these two, too */
    const char *block_digest;
    const char *truncated;      /* why the block is cut: "length", "time", "disconnect" */
    const char *profile;        /* of a revisit */
    const char *refers_to;      /* ... and the record with the payload: its id, */
    const char *refers_to_uri;  /* its target */
    const char *refers_to_date; /* and its date, as it stands there */
    int64_t length;             /* bytes of the block */
};

#define HAUL_WARC_SAME_PAYLOAD "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
#define HAUL_WARC_BLOCK_END "\r\n\r\n" /* behind each block */

/* Appends the head of a record, with the empty line that ends it. */
void haul_warc_add_head(struct haul_buf *buf, const struct haul_warc_head *head);

/* Gets random bytes for so many identifiers. False: the system has none to give. Any thread. */
bool haul_warc_get_random(unsigned char *bytes, size_t ids);

/* Makes an identifier of HAUL_WARC_RANDOM such bytes: "<urn:uuid:...>" (RFC 4122, version 4). */
const char *haul_warc_make_id(const unsigned char *random, char id[HAUL_WARC_ID_MAX]);

/* "sha256:" and the digits. Gives `digest`. */
const char *haul_warc_digest(const char *hex, char digest[HAUL_WARC_DIGEST_MAX]);

/*
 * Appends a request's head, as haul_h1_write_request has written it. Of its fields, only those keep
 * their values that cannot be secret: Accept and the like. What else it was sent with, such as
 * Authorization, Cookie, or any field of the user's own, has the value "(withheld)".
 */
void haul_warc_add_request(struct haul_buf *buf, const char *head, size_t len);

/* Appends a response's head, lines with their ends as they came. */
void haul_warc_add_response(struct haul_buf *buf, const char *head, size_t len);

/*
 * Looks for a field in the head of a record that haul has written. Its value, inside of `head`;
 * at NULL: there is none.
 */
struct haul_span haul_warc_find(const char *head, size_t len, const char *name);

/* A hash of a digest as haul_warc_digest writes it; never 0. */
uint64_t haul_warc_tag(const char *digest);

#endif
