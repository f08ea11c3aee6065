#ifndef HAUL_WIRE_H2_FIELD_H
#define HAUL_WIRE_H2_FIELD_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/record.h"
#include "http/response.h"

/*
 * The fields of an answer of HTTP/2, as far as its rules are not those of HTTP/1 (RFC 9113, 8.2 and
 * 8.3): they come one by one, and go to the response as the lines that libcurl would make of them.
 *
 * Field blocks are not interleaved (4.3), so that one of these serves all streams of a connection.
 * Pure; allocates for the longest line; one thread.
 */
struct haul_h2_block {
    struct haul_response *response; /* [owner's] judges, and is filled in */
    bool has_status;                /* ":status" was there */
    bool has_field;                 /* another one was there */
    bool is_trailer;                /* the final head came before this block */
    struct haul_buf line;           /* is kept from block to block */
};

void haul_h2_block_init(struct haul_h2_block *block);
void haul_h2_block_done(struct haul_h2_block *block);

/* A field block of an answer begins. `ends`: the frame has END_STREAM. NONE, or protocol: trailers
 * are the end of an answer (8.1). */
enum haul_reason haul_h2_block_begin(struct haul_h2_block *block, struct haul_response *response,
                                     bool ends);

/*
 * Takes the next field. NONE: go on. Otherwise the answer is malformed (8.1.1):
 *
 *   protocol    a field stands where the status should
 *   bad-status  the status comes twice, or is not three digits
 *   bad-header  another pseudo field, or the status behind a field or in trailers (8.3); a name
 *               that is no token of lower-case letters; NUL, CR or LF in a value (8.2.1; blanks
 *               around one are taken off: servers send them, and clients take them); a field that
 *               speaks of the connection (8.2.2)
 *   no-memory
 *
 * and all that haul_response_header_line says.
 */
enum haul_reason haul_h2_block_field(struct haul_h2_block *block, struct haul_span name,
                                     struct haul_span value);

/* The block is complete. NONE, or what the response says: protocol, if there was no status. */
enum haul_reason haul_h2_block_end(struct haul_h2_block *block);

/* Whether a field of this name (lower case) speaks of the connection and has no place in HTTP/2. */
bool haul_h2_is_connection_field(struct haul_span name);

#endif
