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

#endif
