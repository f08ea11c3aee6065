#ifndef HAUL_HTTP_VERDICT_H
#define HAUL_HTTP_VERDICT_H

#include <stdbool.h>

#include "haul/config.h"
#include "haul/record.h"
#include "http/response.h"

/* How a transfer ended, told by whoever made it. The body's size is in the response. */
struct haul_transfer_end {
    enum haul_reason reason; /* what went wrong on the way: NONE if and only if the answer came to
                                an end and nobody cut it off */
    enum haul_reason decode; /* what haul_decoder_end said; NONE if no body was decoded */
    bool is_proved; /* by its length, its last chunk or the end of its stream: this is all of it */
};

struct haul_verdict {
    enum haul_outcome outcome; /* ok, failed or unchanged */
    enum haul_reason reason;   /* NONE if and only if not failed */
    bool verified;             /* ok or unchanged, and the end of the body was proved */
};

/*
 * Says what one response was worth, once its transfer is over. Pure; any thread.
 *
 * In this order:
 *   1. What was wrong in the response itself (res->reason) is the reason: nothing else that a
 *      malformed response says can be believed, its status included.
 *   2. No complete header block: what went wrong on the way; else empty-reply if there was no byte
 *      at all, else truncated.
 *   3. 304 (only to an own validator: response.h) is `unchanged`, whatever `accept` says, unless
 *      something went wrong on the way.
 *   4. A status outside `accept` fails, and whatever befell its body does not change that: "http"
 *      (HTTP_STATUS); 301, 302, 303, 307 and 308 without Location "bad-redirect". For a redirect
 *      what went wrong goes first, since that is where the transfer puts why it did not follow.
 *      A proper 206 is accepted where 200 is, for the range was haul's own idea.
 *   5. What went wrong on the way.
 *   6. Fewer body bytes than announced: truncated.
 *   7. The decoder's reason.
 *   8. `ok`. `verified` if something proves that the body is whole, or there can be no body. A body
 *      that only ends with the connection is not verified, nor is a range of unknown total.
 *
 * `accept` never makes 101 or an unasked 206 or 304 acceptable. 600 to 999 are of no class and fail
 * as a server's error does (RFC 9110, 15), unless it names them.
 */
struct haul_verdict haul_verdict(const struct haul_response *res,
                                 const struct haul_transfer_end *end,
                                 const struct haul_status_set *accept);

#endif
