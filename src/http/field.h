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
 * Whether it is one that a stranger may set in a request which may carry the user's own
 * credentials, or comes from within his network: in any case of letters, but letter by letter.
 * `text` has passed haul_field_check.
 *
 * Such a field says what is wanted, or who asks and how he proves it. Those that say anything else
 * are countless, and each server and proxy has its own: where the request ends (Host,
 * X-Forwarded-Host, X-Original-URL), as which method (X-HTTP-Method-Override), on whose behalf it
 * comes without a proof (X-Forwarded-For, Remote-User, X-SSL-Client-Verify), through which proxy a
 * program goes on (Proxy, CVE-2016-5385), which files are sent (X-Sendfile-Type), or that whoever
 * asks the metadata service of a cloud could choose more than a URL (Metadata-Flavor). So it is the
 * harmless ones that are listed. A program behind CGI (RFC 3875, 4.1.18) does not tell '-' from '_'
 * and the like, and what is spelled so is not listed.
 */
bool haul_field_is_harmless(const char *text);

#endif
