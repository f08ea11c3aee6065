#ifndef HAUL_HTTP_FIELD_H
#define HAUL_HTTP_FIELD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Header fields of requests, as people write them for libcurl: "Name: value", "Name:" (do not send
 * it) or "Name;" (send it empty). Pure, any thread.
 */

/* How many bytes of a field the name has: those of a token (RFC 9110, 5.6.2), perhaps none. */
size_t haul_field_name_len(const char *text, size_t len);

/* NULL: it is one (RFC 9110, 5.6.2 and 5.5). Otherwise a static phrase that says what is wrong. */
const char *haul_field_check(const char *text);

/*
 * Whether it is one that haul itself answers for: what it asks for, and how the request and its
 * answer are framed, would not be what haul takes them for any more. In any case of letters. `text`
 * has passed haul_field_check.
 */
bool haul_field_is_reserved(const char *text);

/*
 * Whether it is one that a stranger may not set in a request which may carry the user's own
 * credentials, or comes from within his network: in any case of letters. `text` has passed
 * haul_field_check. Those are the fields that
 *
 *   - have the request end somewhere else than its URL says: Host above all, with which whoever
 *     shares a front end with the host gets what was meant for that; X-Forwarded-Host,
 *     X-Rewrite-URL;
 *   - make another method of it, and so perhaps a DELETE of a GET: X-HTTP-Method-Override;
 *   - say on whose behalf it comes: Forwarded, X-Forwarded-For, X-Real-IP, Via;
 *   - are for the next proxy, or for this connection only: Proxy-Authorization, Keep-Alive;
 *   - are what the metadata services of clouds ask for, because whoever can choose but a URL cannot
 *     send them: Metadata-Flavor, Metadata, X-aws-ec2-metadata-token.
 */
bool haul_field_is_steering(const char *text);

#endif
