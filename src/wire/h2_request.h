#ifndef HAUL_WIRE_H2_REQUEST_H
#define HAUL_WIRE_H2_REQUEST_H

#include <nghttp2/nghttp2.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "wire/exchange.h"

/*
 * The fields of a request of HTTP/2 (RFC 9113, 8.3.1), made in memory that is kept from one to the
 * next. Pure; one thread.
 */
struct haul_h2_request {
    nghttp2_nv *fields; /* `count` of them, the pseudo fields first */
    size_t count, room;
    int64_t bytes;        /* that they would have as lines, with the blank one */
    struct haul_buf text; /* names in lower case, and their values */
    struct haul_buf path;
};

void haul_h2_request_init(struct haul_h2_request *out);
void haul_h2_request_done(struct haul_h2_request *out);

/*
 * Writes those of `request`, whose strings must stay as long as `out` is read. Fields that speak of
 * the connection are left out (8.2.2). HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_h2_request_make(struct haul_h2_request *out,
                                                 const struct haul_request *request);

#endif
