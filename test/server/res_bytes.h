/* What /bytes/... answers with, over HTTP/1.1 and HTTP/2 alike.
 *
 *   hex=HEX       the body, in hexadecimal digits (lower case)
 *   coding=TEXT   Content-Encoding, literal; the body is sent as it is all the same
 *   packs=1       for a client that accepts gzip, the body is packed with that, and the last of its
 *                 codings is gzip
 *   rest=HEX      HTTP/1.1 only, with hold=NAME and framing=chunked: the end of the body, which
 *                 comes when the gate is open
 *   once=1        HTTP/1.1 only: asked once more, it closes the connection without an answer
 */
#ifndef TS_RES_BYTES_H
#define TS_RES_BYTES_H

#include "buf.h"
#include "request.h"

struct ts_bytes {
    struct ts_buf body; /* free it with ts_buf_done */
    char coding[128];   /* "" for none */
};

void ts_bytes_read(const struct ts_request *request, struct ts_bytes *bytes);

#endif
