/* Reading the header fields of a request (HPACK, RFC 7541), as far as a server needs that says at
 * once that it has no table: what the client's first requests refer to in its own table is
 * unknown here, and is left out.
 */
#ifndef TS_HPACK_H
#define TS_HPACK_H

#include "buf.h"

#include <stdbool.h>

struct ts_hpack_request {
    struct ts_buf method; /* empty if it was not said in a way that is understood */
    struct ts_buf path;
    struct ts_buf authority;
    struct ts_buf authorization;
    struct ts_buf cookie;
};

void ts_hpack_done(struct ts_hpack_request *request);

/* Reads a whole block. Memory of an earlier one is used again. Returns false if it cannot be
 * read. */
bool ts_hpack_read(struct ts_hpack_request *request, const char *block, size_t size);

#endif
