#ifndef HAUL_INPUT_URL_READER_H
#define HAUL_INPUT_URL_READER_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/err.h"
#include "haul/record.h"
#include "input/text.h"

/*
 * The first half of url.h: finds what a text says, and brings it into its one ASCII form. One
 * thread at a time.
 */

enum { HAUL_URL_PORT_HTTP = 80, HAUL_URL_PORT_HTTPS = 443 };

/* What was found in a text. The spans are the text's, the reader's, or constant. */
struct haul_url_found {
    struct haul_span text;     /* what was read */
    struct haul_span userinfo; /* of the text; not there: it has no '@' */
    struct haul_span host;     /* as haul_url has it */
    struct haul_span path;     /* encoded, with the query, beginning with '/' */
    int port;
    bool is_https;
};

struct haul_url_reader {
    struct Curl_URL *curl; /* libcurl's CURLU */
    struct haul_buf plain; /* the URL that libcurl is asked about */
    struct haul_buf host;  /* decoded host name */
    struct haul_buf path;  /* path and query as libcurl gave them back */
};

/* HAUL_ERR_NOMEM: only haul_url_reader_done may follow. */
HAUL_MUST_USE enum haul_err haul_url_reader_init(struct haul_url_reader *reader);
void haul_url_reader_done(struct haul_url_reader *reader);

/*
 * Reads a text as a person may have written it (haul_url_parse says how); if `strict`, as RFC 3986
 * has it: with a scheme, and two slashes behind. NONE: `found` is filled, valid until the next call
 * and as long as the text; otherwise one of haul_url_parse's reasons.
 */
HAUL_MUST_USE enum haul_reason haul_url_read(struct haul_url_reader *reader, struct haul_span text,
                                             bool strict, struct haul_url_found *found);

#endif
