/* Reading a request head (RFC 9112, section 3).
 *
 * The parser is lenient: what haul sends is checked by the tests through /log,
 * not by refusing it here. Only a head that cannot be understood is an error.
 */
#ifndef TS_REQUEST_H
#define TS_REQUEST_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TS_HEAD_MAX = 128 * 1024, /* a longer request head is refused */
    TS_HEADERS_MAX = 512      /* headers beyond this are not parsed */
};

/* Bytes inside the request head. Valid as long as the head is. */
struct ts_text {
    const char *data;
    size_t size;
};

struct ts_header {
    struct ts_text name;
    struct ts_text value; /* without surrounding blanks */
};

struct ts_request {
    struct ts_buf head; /* the raw head with its blank line, and a NUL behind it */
    struct ts_text method;
    struct ts_text target; /* path and query, as they came */
    struct ts_text path;   /* not percent-decoded */
    struct ts_text query;  /* without '?', may be empty */
    struct ts_header *headers;
    size_t header_count;
    bool is_head;    /* the method is HEAD */
    bool is_old;     /* HTTP/1.0: wants to be told that the connection is kept */
    bool keep_alive; /* the client may use the connection again */
};

/* Returns the size of the first complete head in 'data', blank line included,
 * or 0 if it is not complete yet. */
size_t ts_request_head_size(const char *data, size_t size);

/* Parses a complete head. Copies it, so 'data' may change afterwards. Memory of
 * an earlier request in 'request' is used again. Returns false when the request
 * line is none. */
bool ts_request_parse(struct ts_request *request, const char *data, size_t size);

/* Frees what the request holds. */
void ts_request_done(struct ts_request *request);

/* Returns the value of the first header of that name (any case), or an empty
 * text with data NULL. */
struct ts_text ts_request_header(const struct ts_request *request, const char *name);

/* Finds an option of the query. On success stores its percent-decoded value in
 * 'value' (cut to fit, always ended with a NUL), its length in *value_size if that
 * is not NULL, and returns true. */
bool ts_request_option(const struct ts_request *request, const char *name, char *value, size_t room,
                       size_t *value_size);

/* Returns an option as a number, or 'otherwise' when it is missing or no number. */
uint64_t ts_request_number(const struct ts_request *request, const char *name, uint64_t otherwise);

/* Is this text exactly that string? */
bool ts_text_is(struct ts_text text, const char *string);

/* Does this text begin with that string? */
bool ts_text_begins(struct ts_text text, const char *string);

#endif
