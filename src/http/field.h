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
 * haul_field_check. A name counts as another one that a program behind CGI cannot tell from it, as
 * X_Forwarded_For and X-Forwarded-For are HTTP_X_FORWARDED_FOR there. The fields are those that
 *
 *   - have the request end somewhere else than its URL says: Host above all, with which whoever
 *     shares a front end with the host gets what was meant for that; X-Forwarded-Host,
 *     X-Rewrite-URL;
 *   - make another method of it, and so perhaps a DELETE of a GET: X-HTTP-Method-Override;
 *   - say on whose behalf it comes: Forwarded, X-Forwarded-For, X-Real-IP, Via;
 *   - have a program of the server's go through a proxy of the stranger's: Proxy, which is
 *     HTTP_PROXY there (CVE-2016-5385);
 *   - are between a server and the program behind it: X-Accel-Mapping, X-Sendfile-Type (which
 *     files are sent), X-Middleware-Subrequest (which checks are left out);
 *   - are for the next proxy, or for this connection only: Proxy-Authorization, Keep-Alive;
 *   - are what the metadata services of clouds ask for, because whoever can choose but a URL cannot
 *     send them: Metadata-Flavor, Metadata, X-aws-ec2-metadata-token;
 *   - haul_field_is_reserved knows, in another spelling: Transfer_Encoding.
 */
bool haul_field_is_steering(const char *text);

#endif
