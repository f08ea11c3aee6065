#ifndef HAUL_HTTP_RESPONSE_LINE_H
#define HAUL_HTTP_RESPONSE_LINE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

/*
 * How a line of a response's header becomes a field, for http/response.c: what servers write that
 * the grammar does not have, and how much of it can be believed.
 *
 *   folded        A field that goes on in the next line is one line with a blank in place of the
 *                 break: a user agent MUST read it so (RFC 9112, 5.2). A line of blanks goes on,
 *                 too. The first line of a field has its colon.
 *   blank         White space before the colon is not part of the name: a proxy MUST take it away
 *                 (RFC 9112, 5.1), and Chromium does (net/http/http_util.cc, HeadersIterator).
 *   other names   A name that is empty, or no token for another reason, is nobody's: the field is
 *                 passed over, as by Chromium, Firefox (netwerk/protocol/http,
 *                 nsHttpHeaderArray::ParseHeaderLine) and curl (lib/http.c).
 *
 * What is refused all the same:
 *
 *   - a line without a colon, as curl does ("Header without colon"): where a server has forgotten
 *     the blank line, this is how the body begins, and where it is passed over a part of the body
 *     is lost. So are a line that begins as a page or JSON does, and a status line, which would be
 *     another head's;
 *   - white space before the first field: a client may reject it (RFC 9112, 2.2);
 *   - whatever decides where the body ends (Content-Length, Transfer-Encoding, and Content-Range,
 *     whose length stands in for a missing one), if it is folded or its name is odd. Of two who
 *     read such a field, one takes it and the other does not (Chromium takes "Content-Length :",
 *     Firefox and curl do not), and between them an answer has two ends: what is body to one is
 *     the next answer to the other (RFC 9112, 11.2). That goes for every name that is one of
 *     these but for bytes that are no letters, with whatever before and behind it; and for the
 *     beginning of a line that is folded, which is a field of its own to whoever knows no folds.
 *
 * Time is in proportion to the bytes. Pure, any thread.
 */
enum haul_response_line {
    HAUL_RESPONSE_LINE_FIELD,       /* it has a name, and a value */
    HAUL_RESPONSE_LINE_PASSED_OVER, /* its name is nobody's */
    HAUL_RESPONSE_LINE_REFUSED
};

/*
 * Takes off the line's end, CRLF or a bare LF. False: it has none, or there are NUL, CR or LF
 * before that (RFC 9110, 5.5 calls them dangerous).
 */
bool haul_response_line_unwrap(struct haul_span *line);

/* Whether there is a line's end inside this line, which has its end. */
bool haul_response_line_is_folded(struct haul_span line);

/*
 * Appends to `whole` what a folded line, with its ends, is in one: a break, with the white space
 * and the lines of nothing else around it, is a blank. False: it is refused, as above, or
 * (whole->err) there was no memory.
 */
bool haul_response_line_unfold(struct haul_span line, struct haul_buf *whole);

/*
 * Cuts a line without its end, unfolded if it `was_folded`, into the field's name and its value,
 * without white space around them; both are written for FIELD. `is_strict` stands for the grammar
 * of RFC 9110, 5.1 alone: that of HTTP/2, where there has never been another (RFC 9113, 8.2.1).
 */
enum haul_response_line haul_response_line_split(struct haul_span line, bool was_folded,
                                                 bool is_strict, struct haul_span *name,
                                                 struct haul_span *value);

#endif
