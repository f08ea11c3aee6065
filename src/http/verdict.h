#ifndef HAUL_HTTP_VERDICT_H
#define HAUL_HTTP_VERDICT_H

#include <stdbool.h>

#include "haul/config.h"
#include "haul/record.h"
#include "http/response.h"

/* How a transfer ended, told by whoever made it. The body's size is in the response. */
struct haul_transfer_end {
    enum haul_reason reason; /* libcurl's code as a reason: NONE if and only if it said CURLE_OK and
                                nobody aborted the transfer */
    enum haul_reason decode; /* what haul_decoder_end said; NONE if no body was decoded */
    bool http2;   /* the connection spoke HTTP/2 or 3: the end of a stream is explicit. Not
                   simply CURLINFO_HTTP_VERSION: that believes the status line, also on a
                   plain connection, where libcurl never speaks HTTP/2 unless told to */
    bool blurred; /* with http2: the stream may as well have been reset with NO_ERROR, which ends
                     no answer (RFC 9113, 6.4 and 8.1), and libcurl would have said the same */
};

struct haul_verdict {
    enum haul_outcome outcome; /* ok, failed or unchanged */
    enum haul_reason reason;   /* NONE if and only if not failed */
    bool verified;             /* ok or unchanged, and the end of the body was proved */
};

/*
 * Says what one response was worth, once its transfer is over. Pure; any thread.
 *
 * libcurl's word is needed for a good verdict and is not enough for one. In this order:
 *   1. What was wrong in the response itself (res->reason) is the reason: nothing else that a
 *      malformed response says can be believed, its status included.
 *   2. No complete header block: libcurl's reason; else empty-reply if there was no byte at all,
 *      else truncated. In the middle of a block no-memory becomes headers-too-large, for that is
 *      how libcurl refuses a line above its own limit (100 KB).
 *   3. 304 (only to an own validator: response.h) is `unchanged`, whatever `accept` says, unless
 *      libcurl had an error.
 *   4. A status outside `accept` fails, and whatever befell its body does not change that: "http"
 *      (HTTP_STATUS); 301, 302, 303, 307 and 308 without Location "bad-redirect". For a redirect
 *      libcurl's reason goes first, since that is where the engine puts why it did not follow.
 *      A proper 206 is accepted where 200 is, for the range was haul's own idea.
 *   5. libcurl's reason.
 *   6. Fewer body bytes than announced: truncated; an HTTP/2 status line on another connection:
 *      protocol.
 *   7. The decoder's reason.
 *   8. `ok`. `verified` if something proves that the body is whole: its length, libcurl's word for
 *      the last chunk, the end of an HTTP/2 stream that is not blurred, or that there can be no
 *      body. A body that only ends with the connection is not verified, nor is a range of unknown
 *      total.
 *
 * `accept` never makes 101, an unasked 206 or 304, or an unknown class acceptable.
 */
struct haul_verdict haul_verdict(const struct haul_response *res,
                                 const struct haul_transfer_end *end,
                                 const struct haul_status_set *accept);

#endif
